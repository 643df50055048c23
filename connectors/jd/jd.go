// Package jd reads shops on JD through its open platform: orders with their lines and parcels.
package jd

import (
	_ "embed"
	"encoding/json"
	"net/http"
	"strings"
	"time"

	"crmhub/connectors"
	"crmhub/connectors/restapi"
	"crmhub/connectors/sorted"
	"crmhub/fault"
)

//go:embed jd.yaml
var description []byte

// Connector makes sources that are shops on JD.
type Connector struct{}

var _ connectors.Connector = Connector{}

// Spec returns what the connector tells of itself.
func (Connector) Spec() connectors.Spec {
	return connectors.Spec{
		Name:     "jd",
		Title:    fault.Text{"JD (open platform)", "京东（宙斯开放平台）"},
		Category: connectors.Ecommerce,
		Doc: fault.Text{
			"Reads the orders of a shop (POP) with lines and waybill by the date of change (jingdong.pop.order.search), in windows of a day and from the last page of each to the first, so that an order which changes while it is read moves nothing out of sight. Times are China Standard Time. app_key and app_secret are those of an application at jos.jd.com, access_token is the shop's authorisation. Orders are asked for in the states that the setting states names.",
			"按修改时间读取店铺（POP）订单，含明细与运单（jingdong.pop.order.search），每个窗口一天，并从最后一页向前翻页，因此读取期间发生变化的订单不会造成漏单。时间为北京时间。app_key 与 app_secret 属于 jos.jd.com 上的应用，access_token 为店铺授权。查询的订单状态由 settings 中的 states 指定。",
		},
		Limits: fault.Text{
			"Orders that did not change for three months, and those in states that states does not name. Who bought: names, phones and addresses come encrypted unless the application may decrypt them; what is encrypted is not taken for a name or a phone, and the buyer is known by open_id_buyer. Refunds and after-sales services are not read. Nothing is ever deleted, a cancelled order has its state. Access tokens expire and are renewed by the shop.",
			"三个月内没有变化的订单，以及 states 未列出状态的订单。买家是谁：除非应用有解密权限，姓名、电话和地址为密文；密文不会被当作姓名或电话，买家以 open_id_buyer 识别。不读取退款和售后服务单。没有删除，取消的订单有相应状态。access_token 会过期，需店铺重新授权。",
		},
		Params: append([]connectors.Param{
			{Name: "app_key", Type: connectors.String, Required: true, Doc: fault.Text{"The application's key.", "应用的 AppKey。"}},
			{Name: "app_secret", Type: connectors.Secret, Required: true, Doc: fault.Text{
				"The application's secret, which requests are signed with; a reference such as ${env:NAME}.", "应用的 AppSecret，用于签名；请使用引用，例如 ${env:NAME}。",
			}},
			{Name: "access_token", Type: connectors.Secret, Required: true, Doc: fault.Text{
				"The shop's access token; a reference such as ${env:NAME}.", "店铺授权得到的 access_token；请使用引用，例如 ${env:NAME}。",
			}},
		}, restapi.ParamsNamed("url", "settings", "ca_file", "rate", "timeout", "retries", "retry_wait")...),
		Modes: []connectors.Mode{connectors.Full, connectors.Incremental},
		Streams: []connectors.StreamSpec{
			{Name: "orders", Key: []string{"orderId"}, Cursor: "modified", Mapping: "jd_order", Doc: fault.Text{"orders with lines and waybill", "订单，含明细与运单"}},
		},
		Tested: []connectors.Note{
			{"a stand-in that follows JD's documents; signatures equal to those of topsdk 1.0.13 (the same algorithm), with which the stand-in is read too. No shop of JD's: that takes its authorisation, and no client of JD's can be had", "按京东文档编写的模拟服务；签名与 topsdk 1.0.13（算法相同）一致，该客户端也能读取模拟服务；未用京东的真实店铺（需其授权），也没有可得的京东客户端"},
		},
	}
}

// china is the platform's time; it has had no summer time since 1991.
var china = time.FixedZone("Asia/Shanghai", 8*3600)

// system are the parameters of the platform; all others are the method's own.
var system = map[string]bool{"method": true, "app_key": true, "access_token": true, "timestamp": true, "v": true, "sign": true, packed: true}

// packed is the parameter that holds the method's own, as JSON.
const packed = "360buy_param_json"

// Open checks the configuration; it connects to nothing.
func (Connector) Open(cfg connectors.Config) (connectors.Source, error) {
	p := cfg.Params
	return restapi.OpenDescribed(cfg, "jd", description, restapi.Hooks{
		Sign: func(r *http.Request, _ []byte, now time.Time) error {
			q := r.URL.Query()
			own := map[string]string{}
			for name := range q {
				if !system[name] {
					own[name] = q.Get(name)
					q.Del(name)
				}
			}
			if !q.Has(packed) { // a request that is made again has it already
				text, err := json.Marshal(own)
				if err != nil {
					return err
				}
				q.Set(packed, string(text))
			}
			for name, v := range map[string]string{
				"app_key": p.Text("app_key"), "access_token": p.Text("access_token"), "v": "2.0", "timestamp": now.In(china).Format(time.DateTime),
			} {
				q.Set(name, v)
			}
			q.Set("sign", sorted.Sign(sorted.MD5, p.Text("app_secret"), q))
			r.URL.RawQuery = strings.ReplaceAll(q.Encode(), "+", "%20")
			return nil
		},
	})
}
