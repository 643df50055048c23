// Package erpnext reads ERPNext through the REST API of Frappe: customers with their addresses, contacts, orders, payments, deliveries and communications.
package erpnext

import (
	"context"
	"log/slog"
	"maps"
	"slices"
	"time"

	"crmhub/connectors"
	"crmhub/connectors/restapi"
	"crmhub/fault"
)

// Connector makes sources that are sites of ERPNext.
type Connector struct{}

var _ connectors.Connector = Connector{}

// Spec returns what the connector tells of itself.
func (Connector) Spec() connectors.Spec {
	key := []string{"name"}
	stream := func(name, mapping, english, chinese string) connectors.StreamSpec {
		return connectors.StreamSpec{Name: name, Doc: fault.Text{english, chinese}, Key: key, Cursor: cursor, Mapping: mapping}
	}
	return connectors.Spec{
		Name:     "erpnext",
		Title:    fault.Text{"ERPNext (Frappe)", "ERPNext(Frappe)"},
		Category: connectors.ERP,
		Doc: fault.Text{
			"Reads ERPNext 13 and newer in the order of names. Documents with tables in them (orders, invoices, payments, deliveries, contacts) are fetched one by one, with their tables; customers come with their addresses. An incremental read takes what was modified since, and customers whose address was; give it an overlap, for transactions that began before and ended after. What was deleted is read from Deleted Document, where the user may read it (role System Manager). modified is in the zone of the site's System Settings, which the site is asked for; changed_at is the same in UTC. Drafts and cancelled documents are read too: docstatus says which they are. A site's limit of server time is kept to: reading waits where nothing is left of it.",
			"按名称顺序读取 ERPNext 13 及更新版本。含子表的单据（订单、发票、付款、发货、联系人）逐一读取，包含其子表；客户附带其地址。增量读取取得此后修改的内容，以及地址有变化的客户；请设置重叠时间，以覆盖跨越读取时刻的事务。已删除的内容从 Deleted Document 读取，前提是该用户可读（角色 System Manager）。modified 使用站点系统设置中的时区，连接器会向站点查询；changed_at 为对应的 UTC 时间。草稿与已取消的单据也会读取，由 docstatus 区分。遵守站点的服务器时间限额：用完时等待。",
		},
		Limits: fault.Text{
			"Documents that were renamed or merged, which leaves no trace under the old name, and deletions that bypass Deleted Document (for good, by SQL, or where the user may not read it): `deletes: sweep` finds both. An address that was taken from a customer, or deleted: a full read finds that. What user permissions hide. A transaction that runs longer than the overlap. Attachments are not read.",
			"被重命名或合并的单据（旧名称下不留痕迹），以及绕过 Deleted Document 的删除（永久删除、SQL 删除，或用户无权读取）：由 `deletes: sweep` 发现。从客户处移除或删除的地址：由全量读取发现。被用户权限隐藏的内容。运行时间超过重叠时间的事务。不读取附件。",
		},
		Params: append([]connectors.Param{
			{Name: "url", Type: connectors.String, Required: true, Doc: fault.Text{"The site, as https://erp.example.cn.", "站点地址，如 https://erp.example.cn。"}},
			{Name: "api_key", Type: connectors.Secret, Required: true, Doc: fault.Text{
				"The API key of a user who may read (User, API Access). A reference such as ${env:ERPNEXT_KEY}.", "具有读取权限的用户的 API Key（用户，API 访问）。请使用引用，例如 ${env:ERPNEXT_KEY}。",
			}},
			{Name: "api_secret", Type: connectors.Secret, Required: true, Doc: fault.Text{
				"The API secret that was shown with it. A reference such as ${env:ERPNEXT_SECRET}.", "与其一同生成的 API Secret。请使用引用，例如 ${env:ERPNEXT_SECRET}。",
			}},
			{Name: "zone", Type: connectors.String, Doc: fault.Text{
				"The site's time zone, as Asia/Shanghai. Default: what the site says.", "站点的时区，如 Asia/Shanghai。默认取站点自身的设置。",
			}},
			{Name: "page_size", Type: connectors.Int, Default: int64(200), Doc: fault.Text{"How many documents one question lists.", "每次请求列出的单据数。"}},
		}, restapi.ParamsNamed("ca_file", "rate", "timeout", "retries", "retry_wait")...),
		Modes: []connectors.Mode{connectors.Full, connectors.Incremental},
		Streams: []connectors.StreamSpec{
			stream("customers", "erpnext_customer", "customers, with their addresses (Customer, Address)", "客户，含地址（Customer、Address）"),
			stream("contacts", "erpnext_contact", "contacts of customers and others (Contact)", "客户及其他各方的联系人（Contact）"),
			stream("orders", "erpnext_order", "sales orders with their items (Sales Order)", "销售订单，含明细（Sales Order）"),
			stream("invoices", "erpnext_order", "sales invoices with their items (Sales Invoice), for firms that write no orders", "销售发票，含明细（Sales Invoice），适用于不录订单的企业"),
			stream("payments", "erpnext_payment", "payments with the orders and invoices that they are for (Payment Entry)", "付款，含其对应的订单和发票（Payment Entry）"),
			stream("deliveries", "erpnext_delivery", "delivery notes (Delivery Note)", "送货单（Delivery Note）"),
			stream("communications", "erpnext_communication", "e-mails, calls and chats (Communication)", "邮件、通话与聊天（Communication）"),
		},
		Tested: []connectors.Note{
			{"a stand-in of our own that follows Frappe's documents and its code (lists, child tables, permissions, Deleted Document, the limit of server time); it is read by frappe-client too; no site of ERPNext", "按 Frappe 文档及其代码自建的模拟服务（列表、子表、权限、Deleted Document、服务器时间限制）；frappe-client 也能读取；未用 ERPNext 的真实站点"},
		},
	}
}

// Open checks the configuration; it connects to nothing.
func (Connector) Open(cfg connectors.Config) (connectors.Source, error) {
	wrong := func(name, want string) error {
		return fault.New("E2003", cfg.Name, "connector", "erpnext", "name", name, "want", want)
	}
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	size := cfg.Params.Number("page_size")
	if size < 1 || size > 1000 {
		return nil, wrong("page_size", "1 to 1000")
	}
	s := &source{cfg: cfg, size: int(size)}
	if zone := cfg.Params.Text("zone"); zone != "" {
		var err error
		if s.zone, err = time.LoadLocation(zone); err != nil {
			return nil, wrong("zone", "a name such as Asia/Shanghai")
		}
	}
	o, err := restapi.OptionsOf(cfg, "erpnext")
	if err != nil {
		return nil, err
	}
	o.Secrets.Token = cfg.Params.Text("api_key") + ":" + cfg.Params.Text("api_secret")
	s.web, err = restapi.NewCaller(cfg, restapi.Described(restapi.API{
		Title: "ERPNext",
		Auth:  restapi.Auth{Type: restapi.AuthHeader, Name: "Authorization", Prefix: "token "},
		// Both are told in microseconds of the server's time and in seconds.
		Throttle: restapi.Throttle{Remaining: "X-RateLimit-Remaining", Reset: "X-RateLimit-Reset"},
	}), o)
	if err != nil {
		return nil, err
	}
	return s, nil
}

// source is one site.
type source struct {
	cfg  connectors.Config
	web  *restapi.Caller
	size int
	// zone is the site's; nil before it was asked for.
	zone *time.Location
}

// Close gives idle connections back.
func (s *source) Close() error { return s.web.Close() }

func (s *source) place(stream string) string { return s.cfg.Name + "/" + stream }

// Check asks for the zone and for one customer.
func (s *source) Check(ctx context.Context) error {
	site := &session{s: s, place: s.cfg.Name, once: true}
	if err := site.knowZone(ctx); err != nil {
		return err
	}
	_, err := site.list(ctx, question{doctype: "Customer", fields: []string{"name"}, limit: 1})
	return err
}

// looked is how many documents tell a stream's columns.
const looked = 20

// Discover lists the streams with the columns of their first documents. One
// that this user may not read is listed with a note.
func (s *source) Discover(ctx context.Context) ([]connectors.Stream, error) {
	var out []connectors.Stream
	for _, st := range streams {
		one := connectors.Stream{Name: st.name, Key: []string{"name"}, Cursor: cursor, Rows: -1}
		types := map[string]string{}
		err := s.Read(ctx, connectors.Request{Stream: st.name, Mode: connectors.Full, Limit: looked}, func(_ context.Context, b connectors.Batch) error {
			for _, r := range b.Rows {
				for name, v := range r.Data {
					if t := restapi.TypeOf(v); types[name] == "" {
						types[name] = t
					}
				}
			}
			return nil
		})
		switch f := fault.Of(err); {
		case f != nil && (f.Code == "E2304" || f.Code == "E2305"):
			one.Notes = append(one.Notes, connectors.Note{"this key may not read it (" + string(f.Code) + ")", "该密钥无权读取（" + string(f.Code) + "）"})
		case err != nil:
			return nil, err
		default:
			site := &session{s: s, place: s.place(st.name)}
			if one.Rows, err = site.count(ctx, st); err != nil {
				return nil, err
			}
		}
		for _, name := range slices.Sorted(maps.Keys(types)) {
			one.Columns = append(one.Columns, connectors.Column{Name: name, Type: types[name], Null: name != "name"})
		}
		out = append(out, one)
	}
	return out, nil
}
