// Package odoo reads Odoo, Online, on odoo.sh or one's own: partners with their addresses, sales orders, payments, deliveries and messages.
package odoo

import (
	"context"
	"log/slog"
	"strings"

	"crmhub/connectors"
	"crmhub/connectors/restapi"
	"crmhub/fault"
)

// Connector makes sources that are Odoo databases.
type Connector struct{}

var _ connectors.Connector = Connector{}

// Spec returns what the connector tells of itself.
func (Connector) Spec() connectors.Spec {
	key := []string{"id"}
	stream := func(name, mapping, english, chinese string) connectors.StreamSpec {
		return connectors.StreamSpec{Name: name, Doc: fault.Text{english, chinese}, Key: key, Cursor: cursor, Mapping: mapping}
	}
	return connectors.Spec{
		Name:     "odoo",
		Title:    fault.Text{"Odoo", "Odoo"},
		Category: connectors.ERP,
		Doc: fault.Text{
			"Reads Odoo 19 and newer through JSON-2, and 18 and older (from 10 on) through JSON-RPC or, where that is closed, XML-RPC; which of them is found out. Records come in the order of their ids, each with what belongs to it: a partner with its addresses (child contacts of the types invoice, delivery and other), an order with its lines. An incremental read takes what was written since, by write_date and id, in the record or in what belongs to it; give it an overlap, for transactions that began before and ended after. Archived partners are read too (active_test: false) and are reported as gone, unless archived says that they are kept. Only fields that the database has and the user may read are asked for; fields names others beside them. References are objects of id and name, times RFC 3339 in UTC, false in a field without a value is null.",
			"Odoo 19 及更新版本通过 JSON-2 读取，18 及更早版本（10 起）通过 JSON-RPC 读取，若其被关闭则通过 XML-RPC；使用哪一种会自动判断。记录按 id 顺序读取，并附带其所属内容：伙伴附带其地址（类型为 invoice、delivery 和 other 的下级联系人），订单附带明细行。增量读取按 write_date 与 id 取得此后写入的内容，包括记录自身及其所属内容的变化；请设置重叠时间，以覆盖跨越读取时刻的事务。已归档的伙伴也会读取（active_test: false），并报告为已删除，除非 archived 指定保留。只请求数据库中存在且该用户可读的字段；fields 可另外指定字段。引用为含 id 与 name 的对象，时间为 UTC 的 RFC 3339，没有值的字段中的 false 读作 null。",
		},
		Limits: fault.Text{
			"Deleted records (unlink): Odoo keeps no trace of them, `deletes: sweep` finds them. An order line, an address or a payment's invoice that was deleted alone, where its record was not written with it: a full read finds that. Records of companies that the user does not belong to. write_date is the beginning of a transaction: one that runs longer than the overlap is missed until the record changes again. Notifications that Odoo writes itself are no messages. Prices are those of the order, not of its invoice; attachments are named, not loaded.",
			"已删除（unlink）的记录：Odoo 不留痕迹，由 `deletes: sweep` 发现。单独删除而未写入所属记录的订单行、地址或付款的发票：由全量读取发现。不属于该用户所在公司的记录。write_date 是事务开始的时刻：运行时间超过重叠时间的事务会被漏读，直到该记录再次变化。Odoo 自己写的通知不作为消息。价格取自订单，而非发票；附件只给出名称，不下载内容。",
		},
		Params: append([]connectors.Param{
			{Name: "url", Type: connectors.String, Required: true, Doc: fault.Text{"The server, as https://firm.odoo.com or with a port.", "服务器地址，如 https://firm.odoo.com，可带端口。"}},
			{Name: "database", Type: connectors.String, Doc: fault.Text{
				"The database. Needed for 18 and older, and where one server has several.", "数据库名称。18 及更早版本以及一台服务器有多个数据库时必填。",
			}},
			{Name: "username", Type: connectors.String, Doc: fault.Text{"The user's login. Needed for 18 and older.", "用户登录名。18 及更早版本必填。"}},
			{Name: "api_key", Type: connectors.Secret, Required: true, Doc: fault.Text{
				"An API key of the user (Preferences, Account Security); 18 and older take the password here too. A reference such as ${env:ODOO_KEY}.",
				"该用户的 API 密钥（首选项，账户安全）；18 及更早版本也可填写密码。请使用引用，例如 ${env:ODOO_KEY}。",
			}},
			{Name: "protocol", Type: connectors.String, Default: auto, Enum: []string{auto, json2, jsonRPC, xmlRPC}, Doc: fault.Text{
				"How to speak to the server; auto asks for its version.", "与服务器通信的方式；auto 会查询其版本。",
			}},
			{Name: "archived", Type: connectors.String, Default: gone, Enum: []string{gone, kept}, Doc: fault.Text{
				"What becomes of archived partners (active: false): gone or kept.", "已归档伙伴（active: false）的处理：gone 表示视为已删除，kept 表示保留。",
			}},
			{Name: "fields", Type: connectors.Strings, Doc: fault.Text{
				"Further fields, each as stream.field: partners.x_wechat.", "另外读取的字段，每项写作 数据流.字段：partners.x_wechat。",
			}},
			{Name: "page_size", Type: connectors.Int, Default: int64(200), Doc: fault.Text{"How many records one question asks for.", "每次请求的记录数。"}},
		}, restapi.ParamsNamed("ca_file", "rate", "timeout", "retries", "retry_wait")...),
		Modes: []connectors.Mode{connectors.Full, connectors.Incremental},
		Streams: []connectors.StreamSpec{
			stream("partners", "odoo_partner", "people and companies (res.partner), with their addresses", "个人与公司（res.partner），含地址"),
			stream("orders", "odoo_order", "quotations and sales orders (sale.order), with their lines", "报价单与销售订单（sale.order），含明细行"),
			stream("payments", "odoo_payment", "payments (account.payment), with the orders behind them", "付款（account.payment），含其对应的订单"),
			stream("pickings", "odoo_picking", "deliveries (stock.picking of the type outgoing)", "发货单（类型为 outgoing 的 stock.picking）"),
			stream("messages", "odoo_message", "e-mails, comments and notes (mail.message), with the partner they are about", "邮件、评论与备注（mail.message），含其相关的伙伴"),
		},
		Tested: []connectors.Note{
			{"a stand-in of our own that follows Odoo's documents and its controllers for JSON-2, JSON-RPC and XML-RPC; it is read by odoo-client-lib 2.0, OdooRPC 0.10 and Python's xmlrpc.client too; no server of Odoo's", "按 Odoo 文档及其 JSON-2、JSON-RPC、XML-RPC 控制器自建的模拟服务；odoo-client-lib 2.0、OdooRPC 0.10 和 Python 的 xmlrpc.client 也能读取；未用 Odoo 的真实服务器"},
		},
	}
}

// The words of the parameters.
const (
	auto    = "auto"
	json2   = "json2"
	jsonRPC = "jsonrpc"
	xmlRPC  = "xmlrpc"
	gone    = "gone"
	kept    = "kept"
)

// Open checks the configuration; it connects to nothing.
func (Connector) Open(cfg connectors.Config) (connectors.Source, error) {
	wrong := func(name, want string) error {
		return fault.New("E2003", cfg.Name, "connector", "odoo", "name", name, "want", want)
	}
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	size := cfg.Params.Number("page_size")
	if size < 1 || size > 10_000 {
		return nil, wrong("page_size", "1 to 10000")
	}
	protocol := cfg.Params.Text("protocol")
	if protocol == jsonRPC || protocol == xmlRPC {
		for _, name := range []string{"database", "username"} {
			if cfg.Params.Text(name) == "" {
				return nil, fault.New("E2002", cfg.Name, "connector", "odoo", "name", name)
			}
		}
	}
	more := map[string][]string{}
	for _, f := range cfg.Params.List("fields") {
		name, field, ok := strings.Cut(f, ".")
		if _, found := find(name); !ok || !found || field == "" {
			return nil, wrong("fields", "stream.field, with a stream of "+known())
		}
		more[name] = append(more[name], field)
	}
	o, err := restapi.OptionsOf(cfg, "odoo")
	if err != nil {
		return nil, err
	}
	web, err := restapi.NewCaller(cfg, restapi.Described(restapi.API{Title: "Odoo"}), o)
	if err != nil {
		return nil, err
	}
	return &source{cfg: cfg, web: web, size: int(size), more: more}, nil
}

// source is one database.
type source struct {
	cfg  connectors.Config
	web  *restapi.Caller
	size int
	// more are the further fields, by stream.
	more map[string][]string
}

// Close gives idle connections back.
func (s *source) Close() error { return s.web.Close() }

func (s *source) place(stream string) string { return s.cfg.Name + "/" + stream }

// Check logs in and asks for a partner.
func (s *source) Check(ctx context.Context) error {
	se, err := s.login(ctx, s.cfg.Name, true)
	if err != nil {
		return err
	}
	_, err = se.search(ctx, question{model: "res.partner", domain: domain{}, fields: []string{"id"}, limit: 1})
	return err
}

// Discover lists the streams whose models the database has and the user may read.
func (s *source) Discover(ctx context.Context) ([]connectors.Stream, error) {
	se, err := s.login(ctx, s.cfg.Name, false)
	if err != nil {
		return nil, err
	}
	var out []connectors.Stream
	for _, st := range streams {
		se.place = s.place(st.name)
		rows, err := se.count(ctx, st.model, st.domain)
		if absent(err) && st.name != "partners" {
			continue // its app is not installed, or closed to this user
		}
		if err != nil {
			return nil, err
		}
		types, err := se.fields(ctx, st.model, append(st.fields, s.more[st.name]...))
		if err != nil {
			return nil, err
		}
		one := connectors.Stream{Name: st.name, Key: []string{"id"}, Cursor: cursor, Rows: rows}
		for _, f := range sorted(types) {
			one.Columns = append(one.Columns, connectors.Column{Name: f, Type: types[f], Null: f != "id"})
		}
		for _, p := range st.parts {
			one.Columns = append(one.Columns, connectors.Column{Name: p.name, Type: "list", Null: true})
		}
		one.Columns = append(one.Columns, connectors.Column{Name: changedAt, Type: "datetime"})
		out = append(out, one)
	}
	return out, nil
}
