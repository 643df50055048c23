// Package shopify reads shops on Shopify through the GraphQL Admin API: customers and orders, with payments and shipments.
package shopify

import (
	_ "embed"

	"crmhub/connectors"
	"crmhub/connectors/restapi"
	"crmhub/fault"
)

//go:embed shopify.yaml
var description []byte

// Connector makes sources that are Shopify shops.
type Connector struct{}

var _ connectors.Connector = Connector{}

// Spec returns what the connector tells of itself.
func (Connector) Spec() connectors.Spec {
	return connectors.Spec{
		Name:     "shopify",
		Title:    fault.Text{"Shopify (shop)", "Shopify（网店）"},
		Category: connectors.Ecommerce,
		Doc: fault.Text{
			"Reads customers with their addresses and consents, and orders with lines, transactions and fulfilments, in the order of change. The first read of a stream, and every full one, is a bulk operation: Shopify writes everything into a file, which is then read; a read that was broken off goes on with the same file, while Shopify keeps it (seven days). The budget of points that each answer tells is kept: reading waits before it is used up. url is https://SHOP.myshopify.com; token is the Admin API access token of an app with read_customers and read_orders.",
			"按修改顺序读取客户（含地址与营销许可）和订单（含明细、交易与发货）。各数据流的首次读取及每次全量读取使用批量操作：由 Shopify 将全部内容写入文件后读取；中断的读取会继续使用同一文件，只要 Shopify 仍保留它（七天）。遵守每次应答给出的点数额度：在用完之前等待。url 为 https://店铺.myshopify.com;token 为具有 read_customers 和 read_orders 权限的应用的 Admin API 访问令牌。",
		},
		Limits: fault.Text{
			"Deleted customers and orders vanish: only a sweep sees them. Orders older than 60 days need the scope read_all_orders; without it Shopify does not show them, and says nothing. Of one order 20 transactions and 10 fulfilments are read, and page by page 50 lines. An app has one bulk operation at a time: where another one is running, the read ends with an error that says to run it again. Timeline comments are not in the API.",
			"已删除的客户和订单会消失，只有 sweep 能发现。60 天以前的订单需要 read_all_orders 权限；没有该权限时 Shopify 不显示也不提示。每个订单最多读取 20 笔交易和 10 次发货，逐页读取时最多 50 行明细。每个应用同一时间只能有一个批量操作：若另一个正在运行，读取以错误结束并提示重新运行。时间线评论不在接口中。",
		},
		Params: append([]connectors.Param{
			{Name: "bulk", Type: connectors.Bool, Default: true, Doc: fault.Text{
				"The first read of each stream, and full ones, by a bulk operation. false: page by page, within the budget of points.", "各数据流的首次读取及全量读取使用批量操作。false 表示在点数额度内逐页读取。",
			}},
		}, restapi.Params()...),
		Modes: []connectors.Mode{connectors.Full, connectors.Incremental},
		Streams: []connectors.StreamSpec{
			{Name: "customers", Doc: fault.Text{"customers with addresses and consents", "客户，含地址与营销许可"}, Key: []string{"id"}, Cursor: "updatedAt", Mapping: "shopify_customer"},
			{Name: "orders", Doc: fault.Text{"orders with lines, transactions and fulfilments", "订单，含明细、交易与发货"}, Key: []string{"id"}, Cursor: "updatedAt", Mapping: "shopify_order"},
		},
		Tested: []connectors.Note{
			{"a shop of our own that follows Shopify's documents (paging, budget of points, THROTTLED in HTTP 200, bulk operations with files on another host); it is read by ShopifyAPI 12.7 too; no shop of Shopify's", "按 Shopify 文档自建的模拟店铺（分页、点数预算、HTTP 200 中的 THROTTLED、文件位于其他主机的批量操作）；ShopifyAPI 12.7 也能读取；未用 Shopify 的真实店铺"},
		},
	}
}

// Open checks the configuration; it connects to nothing.
func (Connector) Open(cfg connectors.Config) (connectors.Source, error) { return open(cfg) }
