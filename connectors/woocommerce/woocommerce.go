// Package woocommerce reads shops on WooCommerce through its REST API: customers and orders, with payments and refunds.
package woocommerce

import (
	_ "embed"

	"crmhub/connectors"
	"crmhub/connectors/restapi"
	"crmhub/fault"
)

//go:embed woocommerce.yaml
var description []byte

// Connector makes sources that are WooCommerce shops.
type Connector struct{}

var _ connectors.Connector = Connector{}

// Spec returns what the connector tells of itself.
func (Connector) Spec() connectors.Spec {
	return connectors.Spec{
		Name:     "woocommerce",
		Title:    fault.Text{"WooCommerce (shop)", "WooCommerce（网店）"},
		Category: connectors.Ecommerce,
		Doc: fault.Text{
			"Reads customers, and orders with lines and refunds, in the order of change. url is the shop's address without wp-json, with https; username is the consumer key (ck_…), password the consumer secret (cs_…) of a REST API key that may read.",
			"读取客户，并按修改顺序读取订单（含明细与退款）。url 为不含 wp-json 的网店地址，须为 https;username 为消费者密钥（ck_…），password 为消费者私钥（cs_…），该 REST API 密钥须有读取权限。",
		},
		Limits: fault.Text{
			"Customers can't be asked for changes: each read is a full one, and deletes need a sweep. Orders in the trash are reported as deleted; those that were deleted for good vanish, which a sweep sees. Shops without https, which need OAuth 1.0a, are not read. Very old shops don't know modified_after and give everything each time: nothing is lost, but nothing is saved. Shipments are in plugins only.",
			"客户不能按变更查询：每次都是全量读取，删除需用 sweep。回收站中的订单报告为已删除；被永久删除的会消失，需用 sweep 发现。不读取没有 https 的网店（需要 OAuth 1.0a）。很旧的网店不认识 modified_after，每次返回全部：不会丢失，但也不会更快。发货信息只存在于插件中。",
		},
		Params: restapi.Params(),
		Modes:  []connectors.Mode{connectors.Full, connectors.Incremental},
		Streams: []connectors.StreamSpec{
			{Name: "customers", Doc: fault.Text{"customers of every role", "所有角色的客户"}, Key: []string{"id"}, Mapping: "woocommerce_customer"},
			{Name: "orders", Doc: fault.Text{"orders with lines and refunds; guests are customers of their order", "订单，含明细与退款；游客作为其订单的客户"}, Key: []string{"id"}, Cursor: "date_modified_gmt", Mapping: "woocommerce_order"},
		},
		Tested: []connectors.Note{
			{"a shop of our own that follows WooCommerce's documents and the habits of WooCommerce 7.9 (dates, totals, parameters that are ignored), which WooCommerce's own client WooCommerce 3.0.0 for Python reads alike; no WordPress", "按 WooCommerce 文档及 7.9 版的习惯（日期、总数、被忽略的参数）自建的模拟店铺，其官方 Python 客户端 WooCommerce 3.0.0 读取结果相同；未用 WordPress"},
		},
	}
}

// Open checks the configuration; it connects to nothing.
func (Connector) Open(cfg connectors.Config) (connectors.Source, error) {
	for _, name := range []string{"url", "username", "password"} {
		if cfg.Params.Text(name) == "" {
			return nil, fault.New("E2002", cfg.Name, "connector", "woocommerce", "name", name)
		}
	}
	return restapi.OpenDescribed(cfg, "woocommerce", description, restapi.Hooks{})
}
