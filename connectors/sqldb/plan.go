package sqldb

import (
	"context"
	"regexp"
	"slices"
	"strings"

	"crmhub/connectors"
	"crmhub/fault"
)

// plan finds out what a request reads: the columns, the order, the cursor.
func (s *source) plan(ctx context.Context, l link, r connectors.Request) (*plan, error) {
	p := &plan{d: s.d, cursor: -1, deleted: -1}
	var t table
	var err error
	v, isView := s.view(r)
	switch {
	case isView:
		r = v.defaults(r)
		err = s.planView(ctx, l, r, v, p)
	case strings.TrimSpace(r.Query) != "":
		err = s.planQuery(ctx, l, r, p)
	default:
		t, err = s.planTable(ctx, l, r, p)
	}
	if err != nil {
		return nil, err
	}
	if err := s.d.describe(ctx, l, p.columns); err != nil {
		return nil, s.explain(ctx, err, s.place(r.Stream))
	}
	p.shown = len(p.columns)
	key := r.Key
	if len(key) == 0 {
		key = t.key()
	}
	if p.key, err = s.indexes(p, r.Stream, key); err != nil {
		return nil, err
	}
	if err := s.planOrder(p, t, r.Stream); err != nil {
		return nil, err
	}
	if isView {
		p.unique = true
		if p.order, err = s.indexes(p, r.Stream, v.Key); err != nil {
			return nil, err
		}
	}
	if r.Mode == connectors.Incremental {
		name := r.Cursor
		if name == "" {
			name = likelyCursor(names(p.columns[:p.shown]))
		}
		if name == "" {
			return nil, fault.New("E2211", s.place(r.Stream), "stream", r.Stream)
		}
		if p.cursor, err = s.index(p, r.Stream, name); err != nil {
			return nil, err
		}
	}
	if r.Deleted != "" {
		if p.deleted, err = s.index(p, r.Stream, r.Deleted); err != nil {
			return nil, err
		}
	}
	s.print(p, t, r)
	return p, nil
}

func (s *source) place(stream string) string { return s.cfg.Name + "/" + stream }

// locking finds queries that would lock what they read, even inside a
// read-only transaction.
var locking = regexp.MustCompile(`(?i)\bfor\s+(update|share)\b|\block\s+in\s+share\s+mode\b`)

// planQuery takes the pipeline's own query, as a table of its own: so that
// key and cursor may be any of its columns, it is put in brackets.
func (s *source) planQuery(ctx context.Context, l link, r connectors.Request, p *plan) error {
	query := strings.TrimRight(strings.TrimSpace(r.Query), "; \t\r\n")
	if locking.MatchString(query) {
		return s.fault(trouble{what: badQuery}, s.place(r.Stream))
	}
	// The line end keeps a comment at the end of the query from swallowing the bracket.
	p.from = "(" + query + "\n) AS " + alias
	cols, err := s.columns(ctx, l, "SELECT * FROM "+p.from+" LIMIT 0")
	if err != nil {
		return s.explain(ctx, err, s.place(r.Stream))
	}
	seen := map[string]bool{}
	for _, c := range cols {
		if seen[c.name] {
			return fault.New("E2210", s.place(r.Stream), "address", s.d.address(), "state", "-")
		}
		seen[c.name] = true
	}
	p.columns = cols
	if _, mysql := s.d.(*mysqlDialect); mysql {
		out, err := list(ctx, l, mysqlTables+" AND engine IN ('MyISAM', 'Aria') LIMIT 1", textValue(s.d.(*mysqlDialect).cfg.DBName))
		if err != nil {
			return s.explain(ctx, err, s.place(r.Stream))
		}
		p.buffered = len(out) > 0
	}
	return nil
}

func (s *source) planTable(ctx context.Context, l link, r connectors.Request, p *plan) (table, error) {
	t, err := s.table(ctx, l, r.Stream)
	if err != nil {
		return t, err
	}
	p.from = s.d.quote(t.schema) + "." + s.d.quote(t.name) + " AS " + alias
	p.buffered = t.locking
	list := make([]string, len(t.columns))
	for i, c := range t.columns {
		list[i] = alias + "." + s.d.quote(c.name)
	}
	if len(list) == 0 {
		list = []string{"*"}
	}
	cols, err := s.columns(ctx, l, "SELECT "+strings.Join(list, ", ")+" FROM "+p.from+" LIMIT 0")
	if err != nil {
		return t, s.explain(ctx, err, s.place(r.Stream))
	}
	for i := range cols {
		if i >= len(t.columns) {
			break
		}
		known := t.columns[i]
		cols[i].null = known.null
		if known.kind != kindText {
			cols[i].kind = known.kind
		}
		if cols[i].typ == "" {
			cols[i].typ = known.typ
		}
	}
	p.columns = cols
	return t, nil
}

// table finds a table by its name, in the connection's schema, or as
// schema.table in another.
func (s *source) table(ctx context.Context, l link, name string) (table, error) {
	schema, err := s.schema(ctx, l)
	if err != nil {
		return table{}, err
	}
	tries := [][2]string{{schema, name}}
	if other, rest, ok := strings.Cut(name, "."); ok {
		tries = append(tries, [2]string{other, rest})
	}
	for _, try := range tries {
		ts, err := s.d.tables(ctx, l, try[0], try[1])
		if err != nil {
			return table{}, s.explain(ctx, err, s.place(name))
		}
		if i := slices.IndexFunc(ts, func(t table) bool { return t.name == try[1] }); i >= 0 {
			return ts[i], nil
		}
		if len(ts) > 0 { // a server that does not tell capitals apart
			return ts[0], nil
		}
	}
	all, err := s.d.tables(ctx, l, schema, "")
	if err != nil {
		return table{}, s.explain(ctx, err, s.place(name))
	}
	var known []string
	for _, t := range all {
		known = append(known, t.name)
	}
	return table{}, fault.New("E2205", s.cfg.Name, "table", name, "nearest", nearest(name, known))
}

// nearest is fault.Nearest that does not mind capitals.
func nearest(word string, known []string) string {
	for _, k := range known {
		if strings.EqualFold(k, word) {
			return k
		}
	}
	return fault.Nearest(word, known)
}

// columns runs a statement that gives no rows and returns its columns.
func (s *source) columns(ctx context.Context, l link, statement string) ([]column, error) {
	rs, err := l.query(ctx, statement)
	if err != nil {
		return nil, err
	}
	cols := rs.columns()
	b := newBuilder(cols, len(cols), s.zone, nil)
	if err := rs.next(b); !isEOF(err) {
		if err == nil {
			err = rs.close()
		}
		return nil, err
	}
	return cols, rs.close()
}

func (s *source) index(p *plan, stream, name string) (int, error) {
	known := names(p.columns[:p.shown])
	if i := slices.Index(known, name); i >= 0 {
		return i, nil
	}
	return 0, fault.New("E2206", s.place(stream), "stream", stream, "column", name, "nearest", nearest(name, known))
}

func (s *source) indexes(p *plan, stream string, names []string) ([]int, error) {
	var out []int
	for _, n := range names {
		i, err := s.index(p, stream, n)
		if err != nil {
			return nil, err
		}
		out = append(out, i)
	}
	return out, nil
}

// planOrder chooses the order of reading: the table's own key, which an index
// serves and which tells rows apart; else the pipeline's key, which may not.
func (s *source) planOrder(p *plan, t table, stream string) error {
	if t.rowid != "" {
		p.columns = append(p.columns, column{name: t.rowid, kind: kindNumber})
		p.hidden = t.rowid
		p.order, p.unique, p.paged = []int{p.shown}, true, true
		return nil
	}
	if own := t.key(); len(own) > 0 {
		order, err := s.indexes(p, stream, own)
		p.order, p.unique, p.paged = order, true, true
		return err
	}
	p.order = p.key
	return nil
}

// print computes the fingerprint that a position must have to fit. Where the
// order is SQLite's rowid, a vacuum may number the rows anew.
func (s *source) print(p *plan, t table, r connectors.Request) {
	parts := []string{s.d.name(), p.from, s.fix, "order"}
	for _, i := range p.order {
		parts = append(parts, p.columns[i].name)
	}
	if p.hidden != "" {
		parts = append(parts, t.schemaVersion)
	}
	if p.cursor >= 0 {
		parts = append(parts, "cursor", p.columns[p.cursor].name)
	}
	parts = append(parts, "key")
	for _, i := range p.key {
		parts = append(parts, p.columns[i].name)
	}
	p.print = fingerprint(parts...)
}

// likelyCursors are names, without underscores and in small letters, of
// columns that grow with each change; the surest first.
var likelyCursors = []string{
	"updatedat", "modifiedat", "modifiedtime", "updatetime", "modifytime", "gmtmodified", "writedate", "lastmodified",
	"lastmodifieddate", "lastmodifiedat", "lastmodifiedtime", "systemmodstamp", "datemodified", "modifieddate", "dateupdated",
	"updateddate", "updatedate", "modifydate", "updatedtime", "updatedon", "modifiedon", "lastupdated", "lastupdatedat",
	"lastupdate", "lastupdatetime", "changedat", "lastchanged", "lastchange", "postmodifiedgmt", "postmodified", "datemodifiedgmt",
	"updated", "modified", "更新时间", "修改时间", "最后更新时间", "最后修改时间", "更新日期", "修改日期",
}

// likelyCursor returns the column that most likely grows with each change, or "".
func likelyCursor(columns []string) string {
	for _, want := range likelyCursors {
		for _, c := range columns {
			if strings.ToLower(strings.ReplaceAll(c, "_", "")) == want {
				return c
			}
		}
	}
	return ""
}
