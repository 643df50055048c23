// Package karrio reads shipments, trackers and orders of a Karrio server, which speaks to the carriers.
package karrio

import (
	_ "embed"
	"time"

	"crmhub/connectors"
	"crmhub/connectors/restapi"
	"crmhub/fault"
)

//go:embed karrio.yaml
var description []byte

// Connector makes sources that are Karrio servers.
type Connector struct{}

var _ connectors.Connector = Connector{}

// Spec returns what the connector tells of itself.
func (Connector) Spec() connectors.Spec {
	return connectors.Spec{
		Name:     "karrio",
		Title:    fault.Text{"Karrio (shipping)", "Karrio（物流）"},
		Category: connectors.Logistics,
		Doc: fault.Text{
			"Reads shipments, the trackers of parcels with their events, and the orders that Karrio was given to ship. Karrio keeps no date of change in its lists: an incremental read takes what was made since the last one or within recheck before it, what has no final status however old it is, and every full_every the whole list. url is the server's address without v1; token is an API key.",
			"读取货件、包裹跟踪（含事件）以及交给 Karrio 发货的订单。Karrio 的列表不含修改时间：增量读取包括：上次之后以及此前 recheck 时间内新建的记录、尚未到最终状态的记录（无论新旧），并每隔 full_every 读取完整列表。url 为不含 v1 的服务器地址；token 为 API 密钥。",
		},
		Limits: fault.Text{
			"A record that is older than recheck is seen to become delivered, cancelled or returned, or to change after that, by the read of the whole list only. Deleted and archived records vanish: only a sweep sees them, and takes archived ones for deleted. Webhooks are not listened to; who uses them elsewhere should know that Karrio sends their secret in clear (header X-Event-Id) and signs nothing. A parcel that Karrio shipped itself is both a shipment and a tracker, with one tracking number. Times of events have no zone: the connection's is taken. Labels are not fetched.",
			"早于 recheck 的记录变为已送达、已取消、已退回，以及其后的变更，只有读取完整列表时才能看到。已删除和已归档的记录会消失：只有清扫能发现，且归档视同删除。不接收 webhook；若在别处使用，请注意 Karrio 以明文发送其密钥（X-Event-Id 头），且不签名。由 Karrio 发出的包裹既是货件也是跟踪，单号相同。事件时间不含时区：按连接的时区读取。不下载面单。",
		},
		Params: append(
			restapi.Params(),
			connectors.Param{Name: "recheck", Type: connectors.Duration, Default: 7 * 24 * time.Hour, Doc: fault.Text{
				"How far back an incremental read takes records again, whatever their status.", "增量读取向前重读多长时间内新建的记录，无论其状态。",
			}},
			connectors.Param{Name: "full_every", Type: connectors.Duration, Default: 24 * time.Hour, Doc: fault.Text{
				"How often an incremental read takes the whole list.", "增量读取每隔多久读取一次完整列表。",
			}},
		),
		Modes: []connectors.Mode{connectors.Full, connectors.Incremental},
		Streams: []connectors.StreamSpec{
			{Name: "shipments", Doc: fault.Text{"shipments with sender, recipient, parcels and rates", "货件及其寄件人、收件人、包裹与运费"}, Key: []string{"id"}, Cursor: "created_at", Mapping: "karrio_shipment"},
			{Name: "trackers", Doc: fault.Text{"trackers of parcels with their events", "包裹跟踪及其事件"}, Key: []string{"id"}, Mapping: "karrio_tracker"},
			{Name: "orders", Doc: fault.Text{"orders that were given to Karrio, with lines and shipments; those of a shop that is read too stand there twice", "交给 Karrio 的订单，含明细与货件；若同时读取其来源网店，则会出现两次"}, Key: []string{"id"}, Cursor: "created_at", Mapping: "karrio_order"},
		},
		Tested: []connectors.Note{{"Karrio 2026.1"}},
	}
}

// Open checks the configuration; it connects to nothing.
func (Connector) Open(cfg connectors.Config) (connectors.Source, error) {
	for _, name := range []string{"url", "token"} {
		if cfg.Params.Text(name) == "" {
			return nil, fault.New("E2002", cfg.Name, "connector", "karrio", "name", name)
		}
	}
	for _, name := range []string{"recheck", "full_every"} {
		if cfg.Params.Span(name) <= 0 {
			return nil, fault.New("E2003", cfg.Name, "connector", "karrio", "name", name, "want", "more than 0, such as 24h")
		}
	}
	api, err := restapi.Parse("karrio.yaml", description)
	if err != nil {
		return nil, err
	}
	for _, st := range api.Streams {
		st.Cursor.Overlap, st.FullEvery = cfg.Params.Span("recheck"), cfg.Params.Span("full_every")
	}
	o, err := restapi.OptionsOf(cfg, "karrio")
	if err != nil {
		return nil, err
	}
	return restapi.Open(cfg, api, o)
}
