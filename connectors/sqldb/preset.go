package sqldb

import (
	"context"
	"regexp"
	"slices"
	"strings"
	"time"

	"crmhub/connectors"
	"crmhub/fault"
)

// Preset is the database of a known system: its streams are views over the
// tables of that system, so that nobody has to write SQL. It is a connector;
// MySQL and MariaDB are what such systems run on. A stream that is no view is
// the table of that name.
type Preset struct {
	// About is the connector's Spec without Params, Modes, Query and Streams.
	About connectors.Spec
	// UTC says that the system keeps its times in UTC, whatever the
	// connection's zone.
	UTC bool
	// OwnCurrency says that the database does not name the currency that the
	// system counts in: the connection does (parameter currency), and every row
	// has it as own_currency.
	OwnCurrency bool
	Views       []View
}

// View is a stream of a preset: a table, what stands beside it in others, and
// what is computed. Columns are taken as the catalogue lists them, so that
// custom fields and other versions of the system read as they are. Of columns
// of one name the first is taken.
type View struct {
	connectors.StreamSpec
	// Table is the main table, d in all expressions; Key is a key of it.
	Table string
	Joins []Join
	Added []Added
	// Where is a condition on d; empty takes every row.
	Where string
	// Deleted is the column whose truth marks a row as gone.
	Deleted string
}

// Join is a table that has at most one row for each of d.
type Join struct {
	Table, As string
	// On is the condition, in SQL.
	On string
	// Columns are those taken, "name" or "name other_name"; nil is all of them.
	Columns []string
	// Optional says that the system may lack the table.
	Optional bool
}

// Added is a computed column.
type Added struct {
	Name string
	// SQL is its expression for MySQL and MariaDB.
	SQL string
	// Needs are tables, or table.column, without which it falls away.
	Needs []string
}

var _ connectors.Connector = Preset{}

// isoCurrency is also what keeps the parameter from being anything else in SQL.
var isoCurrency = regexp.MustCompile(`^[A-Z]{3}$`)

// presetParams are the parameters of sqldb that make sense where the tables are known.
var presetParams = []string{"url", "password", "charset", "fix_encoding", "timeout"}

// Spec returns what the connector tells of itself.
func (p Preset) Spec() connectors.Spec {
	spec, own := p.About, Connector{}.Spec()
	for _, param := range own.Params {
		if slices.Contains(presetParams, param.Name) {
			spec.Params = append(spec.Params, param)
		}
	}
	if p.OwnCurrency {
		spec.Params = append(spec.Params, connectors.Param{Name: "currency", Type: connectors.String, Doc: fault.Text{
			"The system's own currency (ISO 4217), which its database does not name; without it such amounts have no currency.", "系统本位币（ISO 4217），数据库中没有记录；未设置时此类金额没有币种。",
		}})
	}
	spec.Modes, spec.Query = own.Modes, own.Query
	for _, v := range p.Views {
		spec.Streams = append(spec.Streams, v.StreamSpec)
	}
	return spec
}

// Open checks the configuration; it connects to nothing.
func (p Preset) Open(cfg connectors.Config) (connectors.Source, error) {
	if p.UTC {
		cfg.Zone = time.UTC
	}
	src, err := Connector{}.Open(cfg)
	if err != nil {
		return nil, err
	}
	if c := cfg.Params.Text("currency"); c != "" && !isoCurrency.MatchString(c) {
		return nil, fault.New("E2003", cfg.Name, "connector", p.About.Name, "name", "currency", "want", "three capital letters such as CNY")
	}
	s := src.(*source)
	if _, ok := s.d.(*mysqlDialect); !ok {
		return nil, fault.New("E2222", cfg.Name, "scheme", s.d.name(), "nearest", "mysql, mariadb")
	}
	s.preset = &p
	return s, nil
}

// view returns the view that a request reads.
func (s *source) view(r connectors.Request) (View, bool) {
	if s.preset == nil || strings.TrimSpace(r.Query) != "" {
		return View{}, false
	}
	i := slices.IndexFunc(s.preset.Views, func(v View) bool { return v.Name == r.Stream })
	if i < 0 {
		return View{}, false
	}
	return s.preset.Views[i], true
}

// defaults fills what the request leaves to the view.
func (v View) defaults(r connectors.Request) connectors.Request {
	if len(r.Key) == 0 {
		r.Key = v.Key
	}
	if r.Cursor == "" {
		r.Cursor = v.Cursor
	}
	if r.Deleted == "" {
		r.Deleted = v.Deleted
	}
	return r
}

// catalogue returns the tables that the views name, of those that there are.
func (s *source) catalogue(ctx context.Context, l link, views ...View) (map[string]table, error) {
	schema, err := s.schema(ctx, l)
	if err != nil {
		return nil, err
	}
	out := map[string]table{}
	for _, v := range views {
		names := []string{v.Table}
		for _, j := range v.Joins {
			names = append(names, j.Table)
		}
		for _, a := range v.Added {
			for _, need := range a.Needs {
				name, _, _ := strings.Cut(need, ".")
				names = append(names, name)
			}
		}
		for _, name := range names {
			if _, known := out[name]; known {
				continue
			}
			ts, err := s.d.tables(ctx, l, schema, name)
			if err != nil {
				return nil, s.explain(ctx, err, s.cfg.Name)
			}
			if len(ts) > 0 {
				out[name] = ts[0]
			}
		}
	}
	return out, nil
}

// planView plans the read of a view.
func (s *source) planView(ctx context.Context, l link, r connectors.Request, v View, p *plan) error {
	have, err := s.catalogue(ctx, l, v)
	if err != nil {
		return err
	}
	query, err := s.viewQuery(v, have)
	if err != nil {
		return err
	}
	r.Query = query
	return s.planQuery(ctx, l, r, p)
}

// viewQuery writes a view as a query of the tables that there are.
func (s *source) viewQuery(v View, have map[string]table) (string, error) {
	missing := func(table string) error {
		return fault.New("E2228", s.place(v.Name), "system", s.preset.About.Title[fault.English], "system_zh", s.preset.About.Title[fault.Chinese], "table", table)
	}
	base, ok := have[v.Table]
	if !ok {
		return "", missing(v.Table)
	}
	var list []string
	seen := map[string]bool{}
	add := func(expr, name string) {
		if low := strings.ToLower(name); !seen[low] {
			seen[low] = true
			list = append(list, expr+" AS "+s.d.quote(name))
		}
	}
	// What is computed goes first: it may stand for a column of the table.
	for _, a := range v.Added {
		if !slices.ContainsFunc(a.Needs, func(need string) bool { return !has(have, need) }) {
			add(a.SQL, a.Name)
		}
	}
	if c := s.cfg.Params.Text("currency"); s.preset.OwnCurrency && c != "" {
		add("'"+c+"'", "own_currency")
	}
	for _, c := range base.columns {
		add("d."+s.d.quote(c.name), c.name)
	}
	from := s.d.quote(base.name) + " AS d"
	for _, j := range v.Joins {
		t, ok := have[j.Table]
		if !ok {
			if j.Optional {
				continue
			}
			return "", missing(j.Table)
		}
		from += "\nLEFT JOIN " + s.d.quote(t.name) + " AS " + j.As + " ON " + j.On
		if j.Columns == nil {
			for _, c := range t.columns {
				add(j.As+"."+s.d.quote(c.name), c.name)
			}
		}
		for _, c := range j.Columns {
			name, as, renamed := strings.Cut(c, " ")
			if !renamed {
				as = name
			}
			if has(have, j.Table+"."+name) {
				add(j.As+"."+s.d.quote(name), as)
			}
		}
	}
	query := "SELECT " + strings.Join(list, ",\n") + "\nFROM " + from
	if v.Where != "" {
		query += "\nWHERE " + v.Where
	}
	return query, nil
}

// has tells whether there is a table, or a column of it (table.column).
func has(have map[string]table, need string) bool {
	name, col, ofColumn := strings.Cut(need, ".")
	t, ok := have[name]
	return ok && (!ofColumn || slices.ContainsFunc(t.columns, func(c column) bool { return strings.EqualFold(c.name, col) }))
}

// checkPreset holds that the database is that of the system: the first view's
// tables are there.
func (s *source) checkPreset(ctx context.Context, l link) error {
	v := s.preset.Views[0]
	have, err := s.catalogue(ctx, l, v)
	if err != nil {
		return err
	}
	_, err = s.viewQuery(v, have)
	return err
}

// discoverViews lists the views whose tables there are.
func (s *source) discoverViews(ctx context.Context, l link) ([]connectors.Stream, error) {
	have, err := s.catalogue(ctx, l, s.preset.Views...)
	if err != nil {
		return nil, err
	}
	var out []connectors.Stream
	for _, v := range s.preset.Views {
		if _, err := s.viewQuery(v, have); err != nil {
			continue // this version of the system, or this user, has no such tables
		}
		p, err := s.plan(ctx, l, connectors.Request{Stream: v.Name})
		if err != nil {
			return nil, err
		}
		st := connectors.Stream{Name: v.Name, Key: v.Key, Cursor: v.Cursor, Rows: -1}
		for _, c := range p.columns[:p.shown] {
			st.Columns = append(st.Columns, connectors.Column{Name: c.name, Type: c.typ, Null: c.null})
		}
		if v.Deleted != "" {
			st.Notes = append(st.Notes, connectors.Note{"rows whose " + v.Deleted + " is set are gone", v.Deleted + " 已设置的行视为已删除"})
		}
		if v.Mapping != "" {
			st.Notes = append(st.Notes, connectors.Note{"mapping: " + v.Mapping, "映射：" + v.Mapping})
		}
		if err := s.noted(ctx, l, s.lookAtView(ctx, l, p, &st), &st); err != nil {
			return nil, err
		}
		out = append(out, st)
	}
	return out, nil
}

func (s *source) lookAtView(ctx context.Context, l link, p *plan, st *connectors.Stream) error {
	if err := s.d.hurry(ctx, l); err != nil {
		return err
	}
	counted, err := list(ctx, l, "SELECT count(*) AS n FROM "+p.from)
	if err != nil {
		return err
	}
	for _, r := range counted {
		st.Rows, _ = number(r, "n")
	}
	if s.fix == fixOff || st.Rows == 0 {
		return nil
	}
	found, err := s.detect(ctx, l, p)
	if err != nil {
		return err
	}
	s.tell(found, st)
	return nil
}
