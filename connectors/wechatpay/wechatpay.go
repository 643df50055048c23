// Package wechatpay reads WeChat Pay's daily statements: the signed question for an address and a hash, the archive behind it, its rows.
package wechatpay

import (
	"context"
	"crypto/rsa"
	"net/url"
	"time"

	"crmhub/connectors"
	"crmhub/connectors/bill"
	"crmhub/connectors/wire"
	"crmhub/fault"
)

// Connector makes sources that are a merchant's statements at WeChat Pay.
type Connector struct{}

var _ connectors.Connector = Connector{}

// keptDays is how long WeChat Pay keeps statements: three months.
const keptDays = 89

// Spec returns what the connector tells of itself.
func (Connector) Spec() connectors.Spec {
	return connectors.Spec{
		Name:     "wechatpay",
		Title:    fault.Text{"WeChat Pay statements", "微信支付账单"},
		Category: connectors.Payment,
		Doc: fault.Text{
			"Downloads the statement of each day (API v3, WECHATPAY2-SHA256-RSA2048), verifies its hash and reads its rows, day after day. Columns have WeChat Pay's own Chinese names, cells come without their backtick; the sums at the end are no rows, and must agree with the rows; times get their zone (+08:00). A day's statement is there at 10:00 of the next (China Standard Time); an empty day is asked for again for three days. Statements never change, so there are no deletes.",
			"按天下载账单（API v3,WECHATPAY2-SHA256-RSA2048 签名），校验哈希并逐日读取各行。列名为微信支付原有中文列名，单元格去除反引号；末尾的汇总不是数据行，且必须与明细一致。某日账单于次日 10:00（北京时间）可用；空白日在三天内会再次查询。账单不会改变，因此没有删除。",
		},
		Params: append([]connectors.Param{
			{Name: "mchid", Type: connectors.String, Required: true, Doc: fault.Text{"The merchant's number.", "商户号。"}},
			{Name: "serial_no", Type: connectors.String, Required: true, Doc: fault.Text{"The serial number of the merchant's API certificate.", "商户 API 证书序列号。"}},
			{Name: "private_key", Type: connectors.Secret, Required: true, Doc: fault.Text{
				"The private key of that certificate (apiclient_key.pem); a reference such as ${file:apiclient_key.pem}.", "该证书的私钥（apiclient_key.pem）；请使用引用，例如 ${file:apiclient_key.pem}。",
			}},
			{Name: "platform_key", Type: connectors.String, Doc: fault.Text{
				"WeChat Pay's public key or platform certificate, which its answers are verified with. Without it TLS alone vouches for them.", "微信支付公钥或平台证书，用于验证应答签名。未提供时仅由 TLS 保证。",
			}},
			{Name: "since", Type: connectors.String, Doc: fault.Text{
				"The first day to read, as 2026-01-31; no more than three months back. Default: as far as there is.", "起始日期，如 2026-01-31，最多三个月前。默认为最早可用日期。",
			}},
			{Name: "sub_mchid", Type: connectors.String, Doc: fault.Text{"The sub-merchant, for a service provider.", "服务商模式下的子商户号。"}},
		}, wire.Params("https://api.mch.weixin.qq.com", fault.Text{"The API's address.", "接口地址。"})...),
		Modes: []connectors.Mode{connectors.Full, connectors.Incremental},
		Streams: []connectors.StreamSpec{
			{Name: "trade", Key: []string{"微信订单号", "微信退款单号"}, Cursor: "day", Mapping: "wechat_pay_bill.blobl", Doc: fault.Text{"Payments and refunds (交易账单).", "支付与退款（交易账单）。"}},
			{Name: "fundflow", Key: []string{"资金流水单号"}, Cursor: "day", Doc: fault.Text{"The ledger of the basic account (资金账单).", "基本账户资金流水（资金账单）。"}},
		},
		Tested: []connectors.Note{
			{"a stand-in that follows the documents", "按文档编写的模拟服务"},
			{"wechatpayv3 2.0.4, which reads the stand-in alike and signs the same", "wechatpayv3 2.0.4（读取模拟服务的结果相同，签名一致）"},
		},
		Limits: fault.Text{
			"It was not run against WeChat Pay itself: that takes a merchant's account. Days more than three months ago: load their files with the connector file. Today's payments: a statement is of a day that is over. Orders that were not paid.",
			"未与微信支付真实环境联调（需要商户账号）。三个月以前的日期：请用 file 连接器导入账单文件。看不到当天的交易：账单只包含已结束的日期。看不到未支付的订单。",
		},
	}
}

// china is WeChat Pay's time; it has had no summer time since 1991.
var china = time.FixedZone("Asia/Shanghai", 8*3600)

// Open checks the configuration; it connects to nothing.
func (Connector) Open(cfg connectors.Config) (connectors.Source, error) {
	p := cfg.Params
	s := &source{cfg: cfg}
	var err error
	if s.private, err = bill.PrivateKey(cfg.Name, "private_key", p.Text("private_key")); err != nil {
		return nil, err
	}
	if key := p.Text("platform_key"); key != "" {
		if s.public, err = bill.PublicKey(cfg.Name, "platform_key", key); err != nil {
			return nil, err
		}
	}
	if s.since, err = bill.Since(cfg, "wechatpay"); err != nil {
		return nil, err
	}
	if s.cfg.Now == nil {
		s.cfg.Now = time.Now
	}
	s.web, s.url, err = wire.Open(cfg, "wechatpay", s.sign)
	return s, err
}

// source is one merchant's statements.
type source struct {
	cfg     connectors.Config
	private *rsa.PrivateKey
	public  *rsa.PublicKey // nil where answers are not verified
	url     *url.URL
	since   time.Time
	web     *wire.Web
}

var _ bill.Provider = (*source)(nil)

// Close gives idle connections back.
func (s *source) Close() error {
	s.web.Close()
	return nil
}

func (s *source) place(stream string) string { return s.cfg.Name + "/" + stream }

// Check asks for a statement of two days ago; a day without one will do.
func (s *source) Check(ctx context.Context) error {
	_, err := s.announced(ctx, "trade", s.cfg.Now().In(china).AddDate(0, 0, -2))
	if err == bill.ErrNone {
		return nil
	}
	return err
}

// Discover lists the streams. How many rows they have only reading tells.
func (s *source) Discover(ctx context.Context) ([]connectors.Stream, error) {
	return bill.Discover(ctx, Connector{}.Spec())
}

// Read reads the statements, day after day.
func (s *source) Read(ctx context.Context, r connectors.Request, emit connectors.Emit) error {
	if err := connectors.Asked(s.cfg, Connector{}.Spec(), r); err != nil {
		return err
	}
	b := &bill.Reader{
		Provider: s, Name: s.cfg.Name, Account: s.cfg.Params.Text("mchid") + "/" + s.cfg.Params.Text("sub_mchid"), Since: s.since, Oldest: keptDays,
		Ready: 34 * time.Hour, Zone: china, Now: s.cfg.Now, Log: s.cfg.Log,
	}
	return b.Read(ctx, r, emit)
}

// Key is the number of the refund where the row is one, else that of the payment.
func (s *source) Key(stream string, cells map[string]any) string {
	name := "微信订单号"
	if stream == "fundflow" {
		name = "资金流水单号"
	}
	k, _ := cells[name].(string)
	if refund, _ := cells["微信退款单号"].(string); stream == "trade" && refund != "" && refund != "0" {
		k = refund
	}
	return k
}
