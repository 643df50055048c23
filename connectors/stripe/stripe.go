// Package stripe reads Stripe accounts: customers, charges, refunds and invoices.
package stripe

import (
	_ "embed"

	"crmhub/connectors"
	"crmhub/connectors/restapi"
	"crmhub/fault"
)

//go:embed stripe.yaml
var description []byte

// Connector makes sources that are Stripe accounts.
type Connector struct{}

var _ connectors.Connector = Connector{}

// Spec returns what the connector tells of itself.
func (Connector) Spec() connectors.Spec {
	stream := func(name, english, chinese, mapping string) connectors.StreamSpec {
		return connectors.StreamSpec{Name: name, Doc: fault.Text{english, chinese}, Key: []string{"id"}, Cursor: "events", Mapping: mapping}
	}
	return connectors.Spec{
		Name:     "stripe",
		Title:    fault.Text{"Stripe", "Stripe"},
		Category: connectors.Payment,
		Doc: fault.Text{
			"Reads customers, charges, refunds and invoices. The lists of Stripe can't be asked for changes: after the first read the account's event log says which objects changed or were deleted, and each of these is fetched once, as it is now. token is a secret or restricted key that may read these objects and events.",
			"读取客户、收款、退款和账单。Stripe 的列表不能按变更查询：首次读取之后，由账户的事件日志得知哪些对象有变更或被删除，并逐个取得其当前状态。token 为有权读取这些对象和事件的密钥或受限密钥。",
		},
		Limits: fault.Text{
			"Stripe keeps events for 30 days: after a pause of 29 days the next read is a whole one, by itself, which does not see what was deleted in between (a sweep does). Connected accounts are not read. Amounts are whole minor units; the mappings know the currencies without decimals.",
			"Stripe 仅保留 30 天的事件：间隔超过 29 天后，下一次读取会自动变为全量读取，其间的删除无法得知（sweep 可以）。不读取关联账户（Connect）。金额为最小货币单位的整数；映射了解没有小数的货币。",
		},
		Params: restapi.Params(),
		Modes:  []connectors.Mode{connectors.Full, connectors.Incremental},
		Streams: []connectors.StreamSpec{
			stream("customers", "customers with address, shipping and metadata", "客户，含地址、收货信息和元数据", "stripe_customer"),
			stream("charges", "charges with the fee of their balance transaction", "收款，含结算交易中的手续费", "stripe_charge"),
			stream("refunds", "refunds", "退款", "stripe_refund"),
			stream("invoices", "invoices with the first lines", "账单及其前几行明细", "stripe_invoice"),
		},
		Tested: []connectors.Note{
			{"stripe-mock 0.203 (requests, shapes)", "stripe-mock 0.203（请求与数据形状）"},
			{"an account of our own that follows Stripe's documents (paging, events, deletes), which Stripe's own client stripe 16.1.0 for Python reads alike", "按 Stripe 文档自建的模拟账户（分页、事件、删除），其官方 Python 客户端 stripe 16.1.0 读取结果相同"},
		},
	}
}

// Open checks the configuration; it connects to nothing.
func (Connector) Open(cfg connectors.Config) (connectors.Source, error) {
	if cfg.Params.Text("token") == "" {
		return nil, fault.New("E2002", cfg.Name, "connector", "stripe", "name", "token")
	}
	return restapi.OpenDescribed(cfg, "stripe", description, restapi.Hooks{})
}
