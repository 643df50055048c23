// Package taobao reads shops on Taobao and Tmall through the Taobao Open Platform: trades and refunds.
package taobao

import (
	_ "embed"
	"net/http"
	"strings"
	"time"

	"crmhub/connectors"
	"crmhub/connectors/restapi"
	"crmhub/connectors/sorted"
	"crmhub/fault"
)

//go:embed taobao.yaml
var description []byte

// Connector makes sources that are shops on Taobao and Tmall.
type Connector struct{}

var _ connectors.Connector = Connector{}

// Spec returns what the connector tells of itself.
func (Connector) Spec() connectors.Spec {
	methods := []string{string(sorted.MD5), string(sorted.HMACMD5), string(sorted.HMACSHA256)}
	return connectors.Spec{
		Name:     "taobao",
		Title:    fault.Text{"Taobao and Tmall (TOP)", "淘宝与天猫（开放平台 TOP）"},
		Category: connectors.Ecommerce,
		Doc: fault.Text{
			"Reads the trades that a seller has sold, with lines, payment and shipment, and refunds, by the date of change, in windows of less than a day and from the last page of each to the first, so that a trade which changes while it is read moves nothing out of sight. The list tells which trades changed; each is then asked for by itself (taobao.trade.fullinfo.get). Times are China Standard Time. app_key and app_secret are those of an application at open.taobao.com, session is the seller's authorisation.",
			"按修改时间读取卖家已卖出的交易（含明细、付款与发货）以及退款，每个窗口不超过一天，并从最后一页向前翻页，因此读取期间发生变化的交易不会造成漏单。列表只用于得知哪些交易有变化，随后逐笔取得详情（taobao.trade.fullinfo.get）。时间为北京时间。app_key 与 app_secret 属于 open.taobao.com 上的应用，session 为卖家授权。",
		},
		Limits: fault.Text{
			"Trades that did not change for three months: TOP does not show them, so begin early. Who bought: names, phones and addresses come encrypted or half hidden (OAID) unless the application may decrypt them; what is hidden is not taken for a name or a phone, and the buyer is known by open_uid and nick. Nothing is ever deleted, a closed trade has its status. Sessions expire and are renewed by the seller. Fields that TOP adds.",
			"三个月内没有变化的交易：TOP 不再提供，请尽早开始同步。买家是谁：除非应用有解密权限，姓名、电话和地址为密文或脱敏（OAID）；脱敏内容不会被当作姓名或电话，买家以 open_uid 和昵称识别。没有删除，关闭的交易有相应状态。session 会过期，需卖家重新授权。不读取 TOP 新增的字段。",
		},
		Params: append([]connectors.Param{
			{Name: "app_key", Type: connectors.String, Required: true, Doc: fault.Text{"The application's AppKey.", "应用的 AppKey。"}},
			{Name: "app_secret", Type: connectors.Secret, Required: true, Doc: fault.Text{
				"The application's AppSecret, which requests are signed with; a reference such as ${env:NAME}.", "应用的 AppSecret，用于签名；请使用引用，例如 ${env:NAME}。",
			}},
			{Name: "session", Type: connectors.Secret, Required: true, Doc: fault.Text{
				"The seller's session key; a reference such as ${env:NAME}.", "卖家授权得到的 SessionKey；请使用引用，例如 ${env:NAME}。",
			}},
			{Name: "sign_method", Type: connectors.String, Default: string(sorted.HMACSHA256), Enum: methods, Doc: fault.Text{
				"How requests are signed.", "请求的签名方式。",
			}},
		}, restapi.ParamsNamed("url", "ca_file", "rate", "timeout", "retries", "retry_wait")...),
		Modes: []connectors.Mode{connectors.Full, connectors.Incremental},
		Streams: []connectors.StreamSpec{
			{Name: "trades", Key: []string{"tid"}, Cursor: "modified", Mapping: "taobao_trade", Doc: fault.Text{"trades with lines, payment and shipment", "交易，含明细、付款与发货"}},
			{Name: "refunds", Key: []string{"refund_id"}, Cursor: "modified", Mapping: "taobao_refund", Doc: fault.Text{"refunds", "退款"}},
		},
		Tested: []connectors.Note{
			{"a stand-in that follows TOP's documents, which the client topsdk 1.0.13 reads alike; signatures equal to topsdk's. No shop of Taobao's: that takes a seller's authorisation", "按 TOP 文档编写的模拟服务，客户端 topsdk 1.0.13 读取结果相同，签名一致；未用淘宝的真实店铺（需卖家授权）"},
		},
	}
}

// china is the platform's time; it has had no summer time since 1991.
var china = time.FixedZone("Asia/Shanghai", 8*3600)

// Open checks the configuration; it connects to nothing.
func (Connector) Open(cfg connectors.Config) (connectors.Source, error) {
	p := cfg.Params
	method := sorted.Method(p.Text("sign_method"))
	return restapi.OpenDescribed(cfg, "taobao", description, restapi.Hooks{
		Sign: func(r *http.Request, _ []byte, now time.Time) error {
			q := r.URL.Query()
			for name, v := range map[string]string{
				"app_key": p.Text("app_key"), "session": p.Text("session"), "format": "json", "v": "2.0", "sign_method": string(method),
				"timestamp": now.In(china).Format(time.DateTime),
			} {
				q.Set(name, v)
			}
			q.Set("sign", sorted.Sign(method, p.Text("app_secret"), q))
			r.URL.RawQuery = strings.ReplaceAll(q.Encode(), "+", "%20")
			return nil
		},
	})
}
