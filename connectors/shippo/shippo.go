// Package shippo reads Shippo accounts: shipments with their recipients, labels with the state of their parcels, and orders.
package shippo

import (
	_ "embed"
	"time"

	"crmhub/connectors"
	"crmhub/connectors/restapi"
	"crmhub/fault"
)

//go:embed shippo.yaml
var description []byte

// Connector makes sources that are Shippo accounts.
type Connector struct{}

var _ connectors.Connector = Connector{}

// Spec returns what the connector tells of itself.
func (Connector) Spec() connectors.Spec {
	stream := func(name, cursor, mapping, english, chinese string) connectors.StreamSpec {
		return connectors.StreamSpec{Name: name, Key: []string{"object_id"}, Cursor: cursor, Mapping: mapping, Doc: fault.Text{english, chinese}}
	}
	return connectors.Spec{
		Name:     "shippo",
		Title:    fault.Text{"Shippo", "Shippo"},
		Category: connectors.Logistics,
		Doc: fault.Text{
			"Reads shipments (by the date at which they were made, in windows of at most 90 days), transactions, which are the labels that were bought, each with its rate, and orders. Shippo can't be asked for changes: after the first read, labels and orders of the last 45 days are looked at again, and everything once a month. token is an API token (shippo_live_… or shippo_test_…).",
			"读取货运（按创建时间，每个窗口不超过 90 天）、交易（即已购面单，各含其费率）以及订单。Shippo 不能按变更查询：首次读取之后，会重新查看最近 45 天的面单和订单，并每月重新读取全部。token 为 API 令牌（shippo_live_… 或 shippo_test_…）。",
		},
		Limits: fault.Text{
			"A parcel that changes its state more than 45 days after its label was bought is seen once a month. The single events of a journey are not read, only its state. Shipments older than since (a year, by default). Shippo deletes nothing that it shows here. Returns and batches are not read.",
			"面单购买 45 天之后才变化的状态每月读取一次。不读取运输途中的各个事件，只读取状态。早于 since（默认一年）的货运看不到。Shippo 不会删除此处显示的内容。不读取退货和批次。",
		},
		Params: append([]connectors.Param{
			{Name: "since", Type: connectors.String, Doc: fault.Text{
				"The first day of shipments to read, as 2026-01-31. Default: a year back.", "读取货运的起始日期，如 2026-01-31。默认为一年前。",
			}},
		}, restapi.ParamsNamed("url", "token", "settings", "ca_file", "rate", "timeout", "retries", "retry_wait")...),
		Modes: []connectors.Mode{connectors.Full, connectors.Incremental},
		Streams: []connectors.StreamSpec{
			stream("shipments", "object_created", "shippo_shipment", "shipments, whose recipients are customers", "货运，其收件人为客户"),
			stream("transactions", "object_created", "shippo_transaction", "labels that were bought, with carrier, service and state", "已购面单，含承运商、服务和状态"),
			stream("orders", "placed_at", "shippo_order", "orders with their lines and recipients", "订单，含明细与收件人"),
		},
		Tested: []connectors.Note{
			{"Prism 5.16 on Shippo's public API description (requests, shapes)", "依 Shippo 公开接口描述运行的 Prism 5.16（请求与数据形状）"},
			{"an account of our own that follows the documents (pages, windows), which Shippo's own client shippo 3.9.0 for Python reads alike; no account of Shippo's", "按文档自建的模拟账户（分页、时间窗），其官方 Python 客户端 shippo 3.9.0 读取结果相同；未用 Shippo 的真实账户"},
		},
	}
}

// Open checks the configuration; it connects to nothing.
func (Connector) Open(cfg connectors.Config) (connectors.Source, error) {
	if cfg.Params.Text("token") == "" {
		return nil, fault.New("E2002", cfg.Name, "connector", "shippo", "name", "token")
	}
	api, err := restapi.Parse("shippo.yaml", description)
	if err != nil {
		return nil, err
	}
	if since := cfg.Params.Text("since"); since != "" {
		if _, err := time.Parse(time.DateOnly, since); err != nil {
			return nil, fault.New("E2003", cfg.Name, "connector", "shippo", "name", "since", "want", "a day such as 2026-01-31")
		}
		api.Streams["shipments"].Cursor.Start = since
	}
	o, err := restapi.OptionsOf(cfg, "shippo")
	if err != nil {
		return nil, err
	}
	return restapi.Open(cfg, api, o)
}
