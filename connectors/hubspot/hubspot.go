// Package hubspot reads HubSpot CRM: contacts, companies and deals, with what was archived and merged.
package hubspot

import (
	_ "embed"
	"errors"
	"strings"

	"crmhub/connectors"
	"crmhub/connectors/restapi"
	"crmhub/fault"
)

//go:embed hubspot.yaml
var description []byte

// Connector makes sources that are HubSpot accounts.
type Connector struct{}

var _ connectors.Connector = Connector{}

// Spec returns what the connector tells of itself.
func (Connector) Spec() connectors.Spec {
	stream := func(name, english, chinese, cursor, mapping string) connectors.StreamSpec {
		return connectors.StreamSpec{Name: name, Doc: fault.Text{english, chinese}, Key: []string{"id"}, Cursor: cursor, Mapping: mapping}
	}
	return connectors.Spec{
		Name:     "hubspot",
		Title:    fault.Text{"HubSpot", "HubSpot"},
		Category: connectors.CRM,
		Doc: fault.Text{
			"Reads contacts, companies and deals. The first read takes the lists, later ones the search by date of change, past its limit of 10,000 results; deals are fetched one by one, since the search knows no associations. Archived records, and those that were merged into another, are reported as deleted. token is that of a private app that may read these objects.",
			"读取联系人、公司和交易。首次读取使用列表，之后按修改时间检索，并可越过 10,000 条结果的上限；由于检索不含关联关系，交易逐个取得。已归档的记录以及被合并的记录报告为已删除。token 为有权读取这些对象的私有应用的令牌。",
		},
		Limits: fault.Text{
			"Properties that the connection does not name: discover lists them all. Records that were purged (GDPR delete) leave no trace: a sweep sees them. The search lags behind by seconds to minutes; the overlap of five minutes covers it. A change of an association alone does not move a deal's date. More than 10,000 records changed in one millisecond can't be read by search (E2315); a full read can.",
			"连接未列出的属性：discover 会列出全部属性。被彻底清除（GDPR）的记录不留痕迹，需用 sweep 发现。检索会滞后数秒到数分钟，五分钟的重叠可覆盖。仅修改关联关系不会更新交易的修改时间。同一毫秒内修改超过 10,000 条时无法通过检索读取（E2315），可用全量读取。",
		},
		Params: append([]connectors.Param{
			{Name: "properties", Type: connectors.Strings, Doc: fault.Text{
				"Further properties to read, your own or HubSpot's, each as contacts.NAME, companies.NAME or deals.NAME. They stand in the rows as properties.NAME; a mapping of your own takes them. A change of this list reads everything once more.",
				"另外要读取的属性（自定义或 HubSpot 内置），写作 contacts.名称、companies.名称 或 deals.名称。它们以 properties.名称 出现在行中，由您自己的映射使用。修改此列表会重新读取全部。",
			}},
			{Name: "currency", Type: connectors.String, Doc: fault.Text{
				"The account's currency (ISO 4217), where it has one only: HubSpot then doesn't tell it, and amounts without a currency are left out.", "账户的货币（ISO 4217）；仅使用一种货币时填写：此时 HubSpot 不提供货币，而没有货币的金额会被略去。",
			}},
		}, restapi.Params()...),
		Modes: []connectors.Mode{connectors.Full, connectors.Incremental},
		Streams: []connectors.StreamSpec{
			stream("contacts", "contacts", "联系人", "properties.lastmodifieddate", "hubspot_contact"),
			stream("companies", "companies", "公司", "properties.hs_lastmodifieddate", "hubspot_company"),
			stream("deals", "deals with the contacts and companies that they belong to", "交易及其关联的联系人和公司", "properties.hs_lastmodifieddate", "hubspot_deal"),
		},
		Tested: []connectors.Note{
			{"an account of our own that follows HubSpot's documents (lists, search with its limit, archived, merged, rate limits), which HubSpot's own client hubspot-api-client 12.0.0 reads alike; no account of HubSpot's", "按 HubSpot 文档自建的模拟账户（列表、有上限的搜索、归档、合并、限流），其官方客户端 hubspot-api-client 12.0.0 读取结果相同；未用 HubSpot 的真实账户"},
		},
	}
}

// Open checks the configuration; it connects to nothing.
func (Connector) Open(cfg connectors.Config) (connectors.Source, error) {
	if cfg.Params.Text("token") == "" {
		return nil, fault.New("E2002", cfg.Name, "connector", "hubspot", "name", "token")
	}
	api, err := restapi.Parse("hubspot.yaml", description)
	if err != nil {
		return nil, err
	}
	if err := extend(cfg, api); err != nil {
		return nil, err
	}
	o, err := restapi.OptionsOf(cfg, "hubspot")
	if err != nil {
		return nil, err
	}
	currency := cfg.Params.Text("currency")
	o.Hooks.Expand = func(stream string, r restapi.Row) []restapi.Row {
		if p, ok := r.Data["properties"].(map[string]any); ok && stream == "deals" && currency != "" && text(p["deal_currency_code"]) == "" {
			p["deal_currency_code"] = currency
		}
		return losers(r)
	}
	src, err := restapi.Open(cfg, api, o)
	if err != nil {
		return nil, err
	}
	web, err := restapi.NewCaller(cfg, api, o)
	if err != nil {
		return nil, errors.Join(err, src.Close())
	}
	return &source{Source: src, web: web, cfg: cfg}, nil
}

func text(v any) string { s, _ := v.(string); return s }

// losers reports the records that were merged into one as gone: their ids
// stand in the winner, and nowhere else.
func losers(r restapi.Row) []restapi.Row {
	rows := []restapi.Row{r}
	properties, ok := r.Data["properties"].(map[string]any)
	if !ok {
		return rows
	}
	for _, id := range strings.Split(text(properties["hs_merged_object_ids"]), ";") {
		if id = strings.TrimSpace(id); id != "" && id != r.Key {
			rows = append(rows, restapi.Row{Key: id, Data: map[string]any{"id": id}, Deleted: true})
		}
	}
	return rows
}
