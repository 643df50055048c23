// Package vendure reads shops on Vendure through its Admin API (GraphQL).
package vendure

import (
	_ "embed"

	"crmhub/connectors"
	"crmhub/connectors/restapi"
	"crmhub/fault"
)

//go:embed vendure.yaml
var description []byte

// Connector makes sources that are Vendure shops.
type Connector struct{}

var _ connectors.Connector = Connector{}

// Spec returns what the connector tells of itself.
func (Connector) Spec() connectors.Spec {
	return connectors.Spec{
		Name:     "vendure",
		Title:    fault.Text{"Vendure (shop)", "Vendure（网店）"},
		Category: connectors.Ecommerce,
		Doc: fault.Text{
			"Reads customers with their addresses, and orders with lines, payments, refunds and fulfilments, of a shop's Admin API. url is the shop's address without admin-api; username and password are those of an administrator who may read customers and orders.",
			"通过网店的 Admin API 读取客户（含地址）和订单（含明细、付款、退款与发货）。url 为不含 admin-api 的网店地址；username 与 password 属于有权读取客户和订单的管理员。",
		},
		Limits: fault.Text{
			"A deleted customer or order vanishes from the lists: only a sweep sees it. Editing an address does not move its customer's updatedAt: a full read now and then sees it. Orders are read while customers still fill their carts; the mapping leaves carts out.",
			"已删除的客户或订单会从列表中消失，只有清扫能发现。修改地址不会更新客户的 updatedAt，需要定期全量读取。购物车也在订单列表中，映射会略去它们。",
		},
		Params: restapi.Params(),
		Modes:  []connectors.Mode{connectors.Full, connectors.Incremental},
		Streams: []connectors.StreamSpec{
			{Name: "customers", Doc: fault.Text{"customers with their addresses", "客户及其地址"}, Key: []string{"id"}, Cursor: "updatedAt", Mapping: "vendure_customer"},
			{Name: "orders", Doc: fault.Text{"orders with lines, payments and fulfilments", "订单及其明细、付款与发货"}, Key: []string{"id"}, Cursor: "updatedAt", Mapping: "vendure_order"},
		},
		Tested: []connectors.Note{{"Vendure 3.6"}},
	}
}

// Open checks the configuration; it connects to nothing.
func (Connector) Open(cfg connectors.Config) (connectors.Source, error) {
	if cfg.Params.Text("url") == "" {
		return nil, fault.New("E2002", cfg.Name, "connector", "vendure", "name", "url")
	}
	return restapi.OpenDescribed(cfg, "vendure", description, restapi.Hooks{})
}
