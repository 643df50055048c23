// Package tryton reads Tryton over its JSON-RPC: parties with their addresses and contacts, sales with their lines, whole or by what changed.
package tryton

import (
	"context"
	"encoding/json"
	"net/url"
	"strings"
	"time"

	"crmhub/connectors"
	"crmhub/connectors/wire"
	"crmhub/fault"
)

// Connector makes sources that are Tryton databases.
type Connector struct{}

var _ connectors.Connector = Connector{}

// Spec returns what the connector tells of itself.
func (Connector) Spec() connectors.Spec {
	return connectors.Spec{
		Name:     "tryton",
		Title:    fault.Text{"Tryton ERP", "Tryton ERP 系统"},
		Category: connectors.ERP,
		Doc: fault.Text{
			"Reads parties and sales in the order of their ids. A party comes with its addresses, contact mechanisms and identifiers, a sale with its lines and addresses, so that a change in any of them is a change of the whole (changed_at). An incremental read takes what was created or written since the last; give it an overlap, for transactions that began before and ended after. A party that was archived (active: false) is reported as gone.",
			"按 id 顺序读取往来方（party）与销售单。往来方附带其地址、联系方式和标识，销售单附带明细行和地址，其中任何一项变化都视为整体变化（changed_at）。增量读取取得上次之后新建或修改的内容；请设置重叠时间，以覆盖跨越读取时刻的事务。已归档（active: false）的往来方视为已删除。",
		},
		Params: []connectors.Param{
			{Name: "url", Type: connectors.String, Required: true, Doc: fault.Text{"The server, as https://erp.example.cn or with a port.", "服务器地址，如 https://erp.example.cn，可带端口。"}},
			{Name: "database", Type: connectors.String, Required: true, Doc: fault.Text{"The database.", "数据库名称。"}},
			{Name: "user", Type: connectors.String, Required: true, Doc: fault.Text{"A user who may read parties and sales.", "可读取往来方和销售单的用户。"}},
			{Name: "password", Type: connectors.Secret, Required: true, Doc: fault.Text{
				"The user's password; a reference such as ${env:TRYTON_PASSWORD}.", "该用户的密码；请使用引用，例如 ${env:TRYTON_PASSWORD}。",
			}},
			{Name: "page_size", Type: connectors.Int, Default: int64(200), Doc: fault.Text{"How many records one question asks for.", "每次请求的记录数。"}},
			{Name: "timeout", Type: connectors.Duration, Default: 2 * time.Minute, Doc: fault.Text{"How long one answer may take.", "单次应答的最长时间。"}},
		},
		Modes: []connectors.Mode{connectors.Full, connectors.Incremental},
		Streams: []connectors.StreamSpec{
			{Name: "parties", Key: []string{"id"}, Cursor: "write_date", Mapping: "tryton_party.blobl", Doc: fault.Text{"Parties with addresses, contact mechanisms and identifiers.", "往来方及其地址、联系方式和标识。"}},
			{Name: "sales", Key: []string{"id"}, Cursor: "write_date", Mapping: "tryton_sale.blobl", Doc: fault.Text{"Sales with lines and addresses.", "销售单及其明细行和地址。"}},
		},
		Tested: []connectors.Note{{"Tryton 6.0 (Debian), SQLite", "Tryton 6.0（Debian），SQLite"}, {"Tryton 8.2, SQLite", "Tryton 8.2，SQLite"}},
		Limits: fault.Text{
			"Records that were deleted: Tryton keeps no trace of them, and `deletes: sweep` finds them. An address, contact, identifier or line that was deleted from its record shows only in how many there are: where there are fewer, the incremental read takes the whole stream. Records of other companies than the user's. Fields of other modules.",
			"已删除的记录：Tryton 不保留痕迹，由 `deletes: sweep` 发现。从记录中删除的地址、联系方式、标识或明细行只能从数量上看出：数量减少时，增量读取会读取整个数据流。不属于该用户公司的记录。其他模块的字段。",
		},
	}
}

// Open checks the configuration; it connects to nothing.
func (Connector) Open(cfg connectors.Config) (connectors.Source, error) {
	u, err := wire.Address(cfg.Name, cfg.Params.Text("url"))
	if err != nil {
		return nil, err
	}
	size := cfg.Params.Number("page_size")
	if size < 1 || size > 10_000 {
		return nil, fault.New("E2003", cfg.Name, "connector", "tryton", "name", "page_size", "want", "1 to 10000")
	}
	db := cfg.Params.Text("database")
	if strings.ContainsAny(db, "/?#") {
		return nil, fault.New("E2003", cfg.Name, "connector", "tryton", "name", "database", "want", "a name")
	}
	return &source{cfg: cfg, url: u, db: db, size: int(size), web: wire.New(cfg.Name, cfg.Params.Span("timeout"), nil)}, nil
}

// source is one database.
type source struct {
	cfg  connectors.Config
	url  *url.URL
	db   string
	size int
	web  *wire.Web
}

// Close gives idle connections back.
func (s *source) Close() error {
	s.web.Close()
	return nil
}

func (s *source) place(stream string) string { return s.cfg.Name + "/" + stream }

// Check logs in and reads a party.
func (s *source) Check(ctx context.Context) error {
	se, err := s.login(ctx, s.cfg.Name)
	if err != nil {
		return err
	}
	_, err = se.search(ctx, "party.party", domain{}, 1, []string{"name"})
	return err
}

// Discover lists the streams whose models the database has.
func (s *source) Discover(ctx context.Context) ([]connectors.Stream, error) {
	se, err := s.login(ctx, s.cfg.Name)
	if err != nil {
		return nil, err
	}
	var out []connectors.Stream
	for _, st := range streams {
		var n json.Number
		d := domain{[]any{"id", ">", 0}}
		if hasActive(st.model) {
			d = append(d, archived)
		}
		if err := se.call(ctx, "model."+st.model+".search_count", []any{d}, &n); err != nil {
			if f := fault.Of(err); f != nil && f.Code == "E2322" && st.optional {
				continue // the module is not activated
			}
			return nil, err
		}
		rows, err := n.Int64()
		if err != nil {
			return nil, fault.New("E2311", s.place(st.name), "address", s.url.Host).Because(err)
		}
		one := connectors.Stream{Name: st.name, Key: []string{"id"}, Cursor: "write_date", Rows: rows}
		for _, f := range st.fields {
			one.Columns = append(one.Columns, connectors.Column{Name: column(f), Null: true})
		}
		for _, p := range st.parts {
			if !p.refers {
				one.Columns = append(one.Columns, connectors.Column{Name: p.name, Type: "list", Null: true})
			}
		}
		one.Columns = append(one.Columns, connectors.Column{Name: changedAt, Type: "RFC 3339"})
		out = append(out, one)
	}
	return out, nil
}
