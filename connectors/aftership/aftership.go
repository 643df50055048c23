// Package aftership reads AfterShip accounts: the trackings of parcels at any carrier, with their checkpoints.
package aftership

import (
	_ "embed"

	"crmhub/connectors"
	"crmhub/connectors/restapi"
	"crmhub/fault"
)

//go:embed aftership.yaml
var description []byte

// Connector makes sources that are AfterShip accounts.
type Connector struct{}

var _ connectors.Connector = Connector{}

// Spec returns what the connector tells of itself.
func (Connector) Spec() connectors.Spec {
	return connectors.Spec{
		Name:     "aftership",
		Title:    fault.Text{"AfterShip", "AfterShip"},
		Category: connectors.Logistics,
		Doc: fault.Text{
			"Reads the trackings of an account with their checkpoints, order and customer, page by page with the server's own cursor; later reads ask for what was updated since. AfterShip has at times answered that question wrongly, so the whole list is read again once a week (120 days of it). The limit of requests is that of the answers' headers. token is an API key with the right to read trackings; the API's version is the setting version.",
			"读取账户的全部跟踪记录，含轨迹、订单和客户，使用服务器自己的分页游标；之后的读取只查询有更新的记录。AfterShip 曾对该查询返回不准确的结果，因此每周重新读取一次完整列表（120 天）。请求频率遵循应答头。token 为有权读取跟踪记录的 API 密钥；接口版本由 settings 中的 version 指定。",
		},
		Limits: fault.Text{
			"AfterShip keeps trackings for 120 days: what is older, and what was deleted, is not shown (a sweep would delete what has merely grown old, so do without one). Checkpoints have the zone that the carrier gave, some have none. Costs and labels are not part of a tracking.",
			"AfterShip 只保留 120 天的跟踪记录：更早的以及被删除的都看不到（sweep 会把仅仅是过期的记录当作删除，请勿使用）。轨迹的时区取决于承运商，有些没有时区。跟踪记录不含费用和面单。",
		},
		Params: restapi.ParamsNamed("url", "token", "settings", "ca_file", "rate", "timeout", "retries", "retry_wait"),
		Modes:  []connectors.Mode{connectors.Full, connectors.Incremental},
		Streams: []connectors.StreamSpec{
			{Name: "trackings", Key: []string{"id"}, Cursor: "updated_at", Mapping: "aftership_tracking", Doc: fault.Text{"trackings with their checkpoints", "跟踪记录，含轨迹"}},
		},
		Tested: []connectors.Note{
			{"an account of our own that follows AfterShip's documents (cursor, limits in headers), which AfterShip's own client @aftership/tracking-sdk 17.0.0 reads alike; no account of AfterShip's", "按 AfterShip 文档自建的模拟账户（游标、响应头中的限额），其官方客户端 @aftership/tracking-sdk 17.0.0 读取结果相同；未用 AfterShip 的真实账户"},
		},
	}
}

// Open checks the configuration; it connects to nothing.
func (Connector) Open(cfg connectors.Config) (connectors.Source, error) {
	if cfg.Params.Text("token") == "" {
		return nil, fault.New("E2002", cfg.Name, "connector", "aftership", "name", "token")
	}
	return restapi.OpenDescribed(cfg, "aftership", description, restapi.Hooks{})
}
