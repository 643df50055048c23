// Package magento reads shops on Adobe Commerce and Magento Open Source through their REST API: customers, orders, invoices, refunds, transactions and shipments.
package magento

import (
	_ "embed"

	"crmhub/connectors"
	"crmhub/connectors/restapi"
	"crmhub/fault"
)

//go:embed magento.yaml
var description []byte

// Connector makes sources that are Magento shops.
type Connector struct{}

var _ connectors.Connector = Connector{}

// Spec returns what the connector tells of itself.
func (Connector) Spec() connectors.Spec {
	secret := func(name, english, chinese string) connectors.Param {
		return connectors.Param{Name: name, Type: connectors.Secret, Doc: fault.Text{english + " A reference such as ${env:NAME}.", chinese + "请使用引用，例如 ${env:NAME}。"}}
	}
	stream := func(name, key, cursor, mapping, english, chinese string) connectors.StreamSpec {
		return connectors.StreamSpec{Name: name, Doc: fault.Text{english, chinese}, Key: []string{key}, Cursor: cursor, Mapping: mapping}
	}
	params := append(restapi.ParamsNamed("url", "token"),
		secret("consumer_key", "The integration's consumer key, for OAuth 1.0a in place of token.", "集成的 Consumer Key，用于 OAuth 1.0a，代替 token。"),
		secret("consumer_secret", "The integration's consumer secret.", "集成的 Consumer Secret。"),
		secret("access_token", "The integration's access token.", "集成的 Access Token。"),
		secret("access_token_secret", "The integration's access token secret.", "集成的 Access Token Secret。"),
		connectors.Param{Name: "signature", Type: connectors.String, Default: sha256Name, Enum: []string{sha256Name, sha1Name}, Doc: fault.Text{
			"The signature of OAuth 1.0a; HMAC-SHA1 for Magento before 2.4.", "OAuth 1.0a 的签名方法；2.4 之前的 Magento 使用 HMAC-SHA1。",
		}},
	)
	return connectors.Spec{
		Name:     "magento",
		Title:    fault.Text{"Magento, Adobe Commerce (shop)", "Magento、Adobe Commerce（网店）"},
		Category: connectors.Ecommerce,
		Doc: fault.Text{
			"Reads customers, orders with lines and comments, invoices, credit memos, transactions and shipments in the order of their ids, page by page behind the last id: no page number is used, so that nothing is passed over while orders change, and the last page is not given again for ever. Invoices, credit memos, transactions and shipments, which name only their order, come with its number and customer (order). url is the shop's address without rest/. token is the access token of an integration that may read customers and sales; since 2.4.4 the shop must allow it as a bearer token (Stores, Configuration, Services, OAuth). Where it does not, the four values of the integration sign each request by OAuth 1.0a. The setting store names a store view; all is every one.",
			"按 id 顺序读取客户、订单（含明细与备注）、发票、贷项凭证、交易与发货，每页从上一页最后的 id 之后开始：不使用页码，因此订单变化时不会漏读，也不会反复得到最后一页。发票、贷项凭证、交易与发货只记录所属订单，读取时附带该订单的编号与客户（order）。url 为不含 rest/ 的网店地址。token 为可读取客户与销售的集成的 Access Token；自 2.4.4 起网店须允许将其作为 bearer 令牌使用（Stores、Configuration、Services、OAuth）。若不允许，则用集成的四个值按 OAuth 1.0a 为每个请求签名。设置 store 指定商店视图，all 表示全部。",
		},
		Limits: fault.Text{
			"Deleted customers and orders vanish: only a sweep sees them. A customer's address that changes alone may not move updated_at, and is seen by a full read then. Transactions can't be asked for changes: those that are new are read, and a transaction that is closed later stays open here; they have no amounts, which invoices and credit memos have. Carts that were not ordered, and reviews, are not read.",
			"已删除的客户和订单会消失，只有 sweep 能发现。仅客户地址变化时 updated_at 可能不变，此时由全量读取发现。交易不能按变更查询：只读取新的交易，之后关闭的交易在此处仍为打开；交易没有金额，金额在发票与贷项凭证中。不读取未下单的购物车与评论。",
		},
		Params: append(params, restapi.ParamsNamed("settings", "ca_file", "rate", "timeout", "retries", "retry_wait")...),
		Modes:  []connectors.Mode{connectors.Full, connectors.Incremental},
		Streams: []connectors.StreamSpec{
			stream("customers", "id", "updated_at", "magento_customer", "customers with addresses", "客户，含地址"),
			stream("orders", "entity_id", "updated_at", "magento_order", "orders with lines and comments; guests are customers of their order", "订单，含明细与备注；游客作为其订单的客户"),
			stream("invoices", "entity_id", "updated_at", "magento_invoice", "invoices: what was paid, in parts too", "发票：已付金额，包括部分付款"),
			stream("credit_memos", "entity_id", "updated_at", "magento_credit_memo", "credit memos: what was paid back", "贷项凭证：已退金额"),
			stream("transactions", "transaction_id", "created_at", "magento_transaction", "transactions with payment providers, without amounts", "与支付服务商的交易，不含金额"),
			stream("shipments", "entity_id", "updated_at", "magento_shipment", "shipments with their tracks", "发货，含物流单号"),
		},
		Tested: []connectors.Note{
			{"a shop of our own that follows Adobe's documents (search criteria, UTC times, the last page given again, OAuth 1.0a); it is read by pymagento 2.14 and, signed, by requests-oauthlib 2.0 too; no Magento", "按 Adobe 文档自建的模拟店铺（查询条件、UTC 时间、末页重复、OAuth 1.0a）；pymagento 2.14 以及带签名的 requests-oauthlib 2.0 也能读取；未用真实的 Magento"},
		},
	}
}

// Open checks the configuration; it connects to nothing.
func (Connector) Open(cfg connectors.Config) (connectors.Source, error) {
	missing := func(name string) error {
		return fault.New("E2002", cfg.Name, "connector", "magento", "name", name)
	}
	p := cfg.Params
	if p.Text("url") == "" {
		return nil, missing("url")
	}
	api, err := restapi.Parse("magento.yaml", description)
	if err != nil {
		return nil, err
	}
	o, err := restapi.OptionsOf(cfg, "magento")
	if err != nil {
		return nil, err
	}
	if p.Text("consumer_key") == "" {
		if p.Text("token") == "" {
			return nil, missing("token")
		}
		return open(cfg, api, o)
	}
	for _, name := range []string{"consumer_secret", "access_token", "access_token_secret"} {
		if p.Text(name) == "" {
			return nil, missing(name)
		}
	}
	api.Auth = restapi.Auth{Type: restapi.AuthNone}
	signer := oauth{
		consumer: p.Text("consumer_key"), consumerSecret: p.Text("consumer_secret"), token: p.Text("access_token"), tokenSecret: p.Text("access_token_secret"),
		method: p.Text("signature"),
	}
	o.Hooks.Sign = signer.sign
	return open(cfg, api, o)
}
