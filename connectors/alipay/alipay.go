// Package alipay reads Alipay's daily statements: the signed question for an address, the archive behind it, its rows.
package alipay

import (
	"context"
	"crypto/rsa"
	"net/http"
	"net/url"
	"strings"
	"time"

	"crmhub/connectors"
	"crmhub/connectors/bill"
	"crmhub/connectors/wire"
	"crmhub/fault"
)

// Connector makes sources that are a merchant's statements at Alipay.
type Connector struct{}

var _ connectors.Connector = Connector{}

const gateway = "https://openapi.alipay.com/gateway.do"

// keptDays is how far back the source goes where since names no day. Alipay
// itself keeps statements since 2016.
const keptDays = 365

// Spec returns what the connector tells of itself.
func (Connector) Spec() connectors.Spec {
	return connectors.Spec{
		Name:     "alipay",
		Title:    fault.Text{"Alipay statements", "支付宝账单"},
		Category: connectors.Payment,
		Doc: fault.Text{
			"Downloads the statement of each day (alipay.data.dataservice.bill.downloadurl.query, RSA2) and reads its rows, day after day. Columns have Alipay's own Chinese names; comment and sum lines are no rows, and the sums must agree with the rows; times get their zone (+08:00). A day's statement is there at 10:00 of the next (China Standard Time); an empty day is asked for again for three days. Statements never change, so there are no deletes.",
			"按天下载账单（alipay.data.dataservice.bill.downloadurl.query,RSA2 签名）并逐日读取各行。列名为支付宝原有中文列名；注释行和汇总行不是数据行，且汇总必须与明细一致；时间补上时区（+08:00）。某日账单于次日 10:00（北京时间）可用；空白日在三天内会再次查询。账单不会改变，因此没有删除。",
		},
		Params: append([]connectors.Param{
			{Name: "app_id", Type: connectors.String, Required: true, Doc: fault.Text{"The application's id.", "应用的 APPID。"}},
			{Name: "private_key", Type: connectors.Secret, Required: true, Doc: fault.Text{
				"The application's private key (PEM or bare base64); a reference such as ${file:app_private_key.pem}.", "应用私钥（PEM 或纯 base64）；请使用引用，例如 ${file:app_private_key.pem}。",
			}},
			{Name: "alipay_public_key", Type: connectors.String, Required: true, Doc: fault.Text{
				"Alipay's public key (not the application's), which its answers are verified with.", "支付宝公钥（不是应用公钥），用于验证应答签名。",
			}},
			{Name: "since", Type: connectors.String, Doc: fault.Text{
				"The first day to read, as 2026-01-31. Default: a year back.", "起始日期，如 2026-01-31。默认为一年前。",
			}},
			{Name: "app_auth_token", Type: connectors.Secret, Doc: fault.Text{
				"The merchant's authorisation, where a service provider's application asks.", "服务商应用代商户查询时的授权令牌。",
			}},
		}, wire.Params(gateway, fault.Text{"The gateway; another one for the sandbox.", "网关地址；沙箱环境请改为对应地址。"})...),
		Modes: []connectors.Mode{connectors.Full, connectors.Incremental},
		Streams: []connectors.StreamSpec{
			{Name: "trade", Key: []string{"支付宝交易号", "退款批次号/请求号"}, Cursor: "day", Mapping: "alipay_bill.blobl", Doc: fault.Text{"Payments and refunds (业务明细).", "交易与退款（业务明细）。"}},
			{Name: "signcustomer", Key: []string{"账务流水号"}, Cursor: "day", Doc: fault.Text{"The ledger of the account (账务明细).", "账户流水（账务明细）。"}},
		},
		Tested: []connectors.Note{
			{"a stand-in that follows the documents", "按文档编写的模拟服务"},
			{"python-alipay-sdk 3.4.0, which reads the stand-in alike and signs the same", "python-alipay-sdk 3.4.0（读取模拟服务的结果相同，签名一致）"},
		},
		Limits: fault.Text{
			"It was not run against Alipay itself: that takes a merchant's account. Applications in certificate mode (app_cert_sn) are not supported. Today's payments: a statement is of a day that is over. Who paid: the statement names the buyer's account half hidden.",
			"未与支付宝真实环境联调（需要商户账号）。不支持公钥证书模式（app_cert_sn）。看不到当天的交易：账单只包含已结束的日期。付款人：账单中的买家账户已脱敏。",
		},
	}
}

// china is Alipay's time; it has had no summer time since 1991.
var china = time.FixedZone("Asia/Shanghai", 8*3600)

// Open checks the configuration; it connects to nothing.
func (Connector) Open(cfg connectors.Config) (connectors.Source, error) {
	p := cfg.Params
	s := &source{cfg: cfg, app: p.Text("app_id")}
	var err error
	if s.private, err = bill.PrivateKey(cfg.Name, "private_key", p.Text("private_key")); err != nil {
		return nil, err
	}
	if s.public, err = bill.PublicKey(cfg.Name, "alipay_public_key", p.Text("alipay_public_key")); err != nil {
		return nil, err
	}
	if s.since, err = bill.Since(cfg, "alipay"); err != nil {
		return nil, err
	}
	if s.cfg.Now == nil {
		s.cfg.Now = time.Now
	}
	s.web, s.url, err = wire.Open(cfg, "alipay", nil)
	return s, err
}

// source is one application's statements.
type source struct {
	cfg     connectors.Config
	app     string
	private *rsa.PrivateKey
	public  *rsa.PublicKey
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

// streams are the names of the statements and the words in their files' names.
var streams = map[string]string{"trade": "业务明细", "signcustomer": "账务明细"}

// Check asks for a statement of two days ago; a day without one will do.
func (s *source) Check(ctx context.Context) error {
	_, err := s.address(ctx, "trade", s.cfg.Now().In(china).AddDate(0, 0, -2))
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
	oldest := keptDays
	if !s.since.IsZero() {
		oldest = int(s.cfg.Now().Sub(s.since)/(24*time.Hour)) + 2
	}
	b := &bill.Reader{
		Provider: s, Name: s.cfg.Name, Account: s.app, Since: s.since, Oldest: oldest, Ready: 34 * time.Hour, Zone: china, Now: s.cfg.Now, Log: s.cfg.Log,
	}
	return b.Read(ctx, r, emit)
}

// Key is the trade's number, with that of the refund where it is one.
func (s *source) Key(stream string, cells map[string]any) string {
	if stream == "signcustomer" {
		k, _ := cells["账务流水号"].(string)
		return k
	}
	k, _ := cells["支付宝交易号"].(string)
	if refund, _ := cells["退款批次号/请求号"].(string); refund != "" && k != "" {
		k += "-" + refund
	}
	return k
}

// form is a signed question.
func (s *source) form(stream string, day time.Time) (url.Values, error) {
	v := url.Values{
		"app_id": {s.app}, "method": {"alipay.data.dataservice.bill.downloadurl.query"}, "format": {"JSON"}, "charset": {"utf-8"},
		"sign_type": {"RSA2"}, "timestamp": {s.cfg.Now().In(china).Format(time.DateTime)}, "version": {"1.0"},
		"biz_content": {`{"bill_type":"` + stream + `","bill_date":"` + day.Format(time.DateOnly) + `"}`},
	}
	if token := s.cfg.Params.Text("app_auth_token"); token != "" {
		v.Set("app_auth_token", token)
	}
	sign, err := bill.Sign(s.private, Signed(v))
	v.Set("sign", sign)
	return v, err
}

// request is a POST of a form.
func (s *source) request(v url.Values) (*http.Request, error) {
	at := *s.url
	at.RawQuery = "charset=utf-8"
	r, err := http.NewRequest(http.MethodPost, at.String(), strings.NewReader(v.Encode()))
	if err == nil {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded;charset=utf-8")
	}
	return r, err
}
