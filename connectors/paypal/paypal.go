// Package paypal reads PayPal accounts: the transactions that the Transaction Search API tells, with payer, cart and shipping.
package paypal

import (
	_ "embed"
	"time"

	"crmhub/connectors"
	"crmhub/connectors/restapi"
	"crmhub/fault"
)

//go:embed paypal.yaml
var description []byte

// Connector makes sources that are PayPal accounts.
type Connector struct{}

var _ connectors.Connector = Connector{}

// Spec returns what the connector tells of itself.
func (Connector) Spec() connectors.Spec {
	return connectors.Spec{
		Name:     "paypal",
		Title:    fault.Text{"PayPal", "PayPal"},
		Category: connectors.Payment,
		Doc: fault.Text{
			"Reads the account's transactions (payments, refunds, fees, conversions, transfers) with payer, cart and shipping, by the date at which they were initiated, in windows of at most 31 days; a window that holds more than 10,000 is halved. Where PayPal has made less searchable than was asked for, reading goes on from there the next time. Each incremental read looks again at the last three days, since transactions appear up to three hours late and change their status. client_id and client_secret are those of an app with the permission Transaction Search; url is https://api-m.sandbox.paypal.com for the sandbox.",
			"按发起日期读取账户的交易（付款、退款、手续费、兑换、转账），含付款人、购物车和收货信息，每次查询不超过 31 天；超过 10,000 条的窗口会被减半。当 PayPal 可查询的数据少于所请求的范围时，下次从该处继续。由于交易最多迟到三小时且状态会变，每次增量读取都会重新查看最近三天。client_id 与 client_secret 属于拥有 Transaction Search 权限的应用；沙箱的 url 为 https://api-m.sandbox.paypal.com。",
		},
		Limits: fault.Text{
			"PayPal can't be asked for changes: a payment that was pending for longer than the overlap (3 days) keeps its status here; overlap: 31d in the pipeline looks back farther. Nothing is ever deleted: a reversal is a transaction of its own. Transactions older than three years. A permission that was just given may take nine hours (E2304 until then). Orders that were never paid.",
			"PayPal 不能按变更查询：待处理时间超过重叠期（3 天）的付款在此保持原状态；可在管道中设置 overlap: 31d 以回看更久。没有删除：撤销是一笔单独的交易。看不到三年以前的交易。刚授予的权限最多九小时后生效（此前为 E2304）。看不到从未付款的订单。",
		},
		Params: append([]connectors.Param{
			{Name: "since", Type: connectors.String, Doc: fault.Text{
				"The first day to read, as 2026-01-31. Default: three years back.", "起始日期，如 2026-01-31。默认为三年前。",
			}},
		}, restapi.Params()...),
		Modes: []connectors.Mode{connectors.Full, connectors.Incremental},
		Streams: []connectors.StreamSpec{
			{
				Name: "transactions", Doc: fault.Text{"transactions with payer, cart and shipping", "交易，含付款人、购物车和收货信息"},
				Key:    []string{"transaction_info.transaction_id", "transaction_info.transaction_event_code"},
				Cursor: "transaction_info.transaction_initiation_date", Mapping: "paypal_transaction",
			},
		},
		Tested: []connectors.Note{
			{"an account of our own that follows PayPal's documents (windows, limits, late rows), which PayPal's own client paypal-server-sdk 2.4.0 reads alike; no account of PayPal's", "按 PayPal 文档自建的模拟账户（时间窗、上限、迟到的行），其官方客户端 paypal-server-sdk 2.4.0 读取结果相同；未用 PayPal 的真实账户"},
		},
	}
}

// Open checks the configuration; it connects to nothing.
func (Connector) Open(cfg connectors.Config) (connectors.Source, error) {
	for _, name := range []string{"client_id", "client_secret"} {
		if cfg.Params.Text(name) == "" {
			return nil, fault.New("E2002", cfg.Name, "connector", "paypal", "name", name)
		}
	}
	api, err := restapi.Parse("paypal.yaml", description)
	if err != nil {
		return nil, err
	}
	if since := cfg.Params.Text("since"); since != "" {
		now := time.Now
		if cfg.Now != nil {
			now = cfg.Now
		}
		// PayPal refuses to be asked for what it has forgotten.
		if day, err := time.Parse(time.DateOnly, since); err != nil || day.Before(now().AddDate(-3, 0, 2)) {
			return nil, fault.New("E2003", cfg.Name, "connector", "paypal", "name", "since", "want", "a day of the last three years, such as 2026-01-31")
		}
		api.Streams["transactions"].Cursor.Start = since
	}
	o, err := restapi.OptionsOf(cfg, "paypal")
	if err != nil {
		return nil, err
	}
	return restapi.Open(cfg, api, o)
}
