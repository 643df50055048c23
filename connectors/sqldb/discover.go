package sqldb

import (
	"context"
	"fmt"
	"path"
	"slices"
	"strings"
	"time"

	"crmhub/connectors"
	"crmhub/fault"
)

const (
	// exactRows is the estimate up to which rows are counted one by one.
	exactRows = 2_000_000
	// sampleRows is how many rows are looked at from either end of a table.
	sampleRows = 1000
)

// Discover lists the tables and views of the schema. Rows of large tables are
// the database's estimate, as a note says.
func (s *source) Discover(ctx context.Context) ([]connectors.Stream, error) {
	l, err := s.connect(ctx)
	if err != nil {
		return nil, err
	}
	defer s.leave(l)
	if s.preset != nil {
		return s.discoverViews(ctx, l)
	}
	schema, err := s.schema(ctx, l)
	if err != nil {
		return nil, err
	}
	ts, err := s.d.tables(ctx, l, schema, "")
	if err != nil {
		return nil, s.explain(ctx, err, s.cfg.Name)
	}
	var out []connectors.Stream
	for _, t := range ts {
		if !s.wanted(t.name) {
			continue
		}
		st, err := s.stream(ctx, l, t)
		if err != nil {
			return nil, err
		}
		out = append(out, st)
	}
	return out, nil
}

func (s *source) wanted(name string) bool {
	patterns := s.cfg.Params.List("tables")
	return len(patterns) == 0 || slices.ContainsFunc(patterns, func(p string) bool {
		ok, err := path.Match(p, name)
		return ok && err == nil
	})
}

func (s *source) stream(ctx context.Context, l link, t table) (connectors.Stream, error) {
	st := connectors.Stream{Name: t.name, Key: t.key(), Cursor: likelyCursor(names(t.columns)), Rows: -1, Notes: t.notes}
	charsets := map[string][]string{}
	for _, c := range t.columns {
		st.Columns = append(st.Columns, connectors.Column{Name: c.name, Type: c.typ, Null: c.null})
		if c.charset != "" && !strings.HasPrefix(c.charset, "utf8") && c.charset != "ascii" {
			charsets[c.charset] = append(charsets[c.charset], c.name)
		}
	}
	if t.view {
		st.Notes = append(st.Notes, connectors.Note{"view", "视图"})
	}
	if len(st.Key) == 0 {
		st.Notes = append(st.Notes, connectors.Note{"no primary key, and no unique key without NULLs: name the key in the pipeline", "没有主键，也没有不含 NULL 的唯一键：请在管道中指定键"})
	}
	for charset, cols := range charsets {
		st.Notes = append(st.Notes, connectors.Note{"character set " + charset + ": " + strings.Join(cols, ", "), "字符集 " + charset + "：" + strings.Join(cols, ", ")})
	}
	slices.SortFunc(st.Notes, func(a, b connectors.Note) int { return strings.Compare(a[fault.English], b[fault.English]) })
	return st, s.noted(ctx, l, s.look(ctx, l, t, &st), &st)
}

// noted turns an error of looking at a stream into a note of it, but for those
// that end the connection.
func (s *source) noted(ctx context.Context, l link, err error, st *connectors.Stream) error {
	if err == nil {
		return nil
	}
	if ctx.Err() != nil {
		return ctx.Err()
	}
	trouble := s.d.explain(err)
	if trouble.what == lost || trouble.what == away {
		return s.fault(trouble, s.cfg.Name).Because(err)
	}
	if err := s.d.relax(ctx, l); err != nil {
		return s.explain(ctx, err, s.cfg.Name)
	}
	if trouble.what == ended {
		st.Notes = append(st.Notes, connectors.Note{"not counted: counting takes more than two seconds", "未计数：计数需两秒以上"})
	} else {
		st.Notes = append(st.Notes, connectors.Note{"can't be read by this user (database error " + trouble.state + ")", "该用户无权读取（数据库错误 " + trouble.state + "）"})
	}
	return nil
}

// look reads from the table: its rows' number and a sample of its text.
func (s *source) look(ctx context.Context, l link, t table, st *connectors.Stream) error {
	if err := s.d.hurry(ctx, l); err != nil {
		return err
	}
	from := s.d.quote(t.schema) + "." + s.d.quote(t.name)
	if t.estimate > exactRows {
		st.Rows = t.estimate
		st.Notes = append(st.Notes, connectors.Note{"rows as the database estimates them", "行数为数据库的估计"})
	} else {
		out, err := list(ctx, l, "SELECT count(*) AS n FROM "+from)
		if err != nil {
			return err
		}
		for _, r := range out {
			st.Rows, _ = number(r, "n")
		}
	}
	if s.fix == fixOff || st.Rows == 0 {
		return nil
	}
	p, err := s.plan(ctx, l, connectors.Request{Stream: t.name})
	if err != nil {
		return err
	}
	found, err := s.detect(ctx, l, p)
	if err != nil {
		return err
	}
	s.tell(found, st)
	return nil
}

// tell notes which columns are encoded twice.
func (s *source) tell(found []finding, st *connectors.Stream) {
	for _, f := range found {
		c := f.confidence()
		say := connectors.Note{"it is repaired", "已予修复"}
		switch {
		case s.fix != fixAuto && s.fix != fixUTF8:
			say = connectors.Note{"fix_encoding says otherwise", "fix_encoding 另有规定"}
		case c < enough && s.fix == fixAuto:
			say = connectors.Note{"set fix_encoding: latin1-utf8 to repair it", "如需修复，请设置 fix_encoding: latin1-utf8"}
		default:
			if st.Encoding == "" || c < st.Confidence {
				st.Confidence = c
			}
			st.Encoding = fixUTF8
		}
		st.Notes = append(st.Notes, connectors.Note{
			fmt.Sprintf("column %s holds UTF-8 that was stored as latin1 (%d of %d values beyond ASCII, confidence %.2f): %s", f.column, f.twice, f.twice+f.once, c, say[fault.English]),
			fmt.Sprintf("列 %s 含按 latin1 存入的 UTF-8（%d/%d 个非 ASCII 值，把握 %.2f）：%s", f.column, f.twice, f.twice+f.once, c, say[fault.Chinese]),
		})
	}
}

// finding is what speaks for one column being encoded twice.
type finding struct {
	column string
	evidence
}

// detect looks at rows from both ends of the order for text that is encoded twice.
func (s *source) detect(ctx context.Context, l link, p *plan) ([]finding, error) {
	found := make([]finding, p.shown)
	texts := 0
	for i := range found {
		found[i].column = p.columns[i].name
		if p.columns[i].kind == kindText {
			texts++
		}
	}
	if texts == 0 {
		return nil, nil
	}
	b := newBuilder(p.columns, p.shown, s.zone, s.charset)
	n, err := s.sample(ctx, l, p, b, false, found)
	if err == nil && n == sampleRows && len(p.order) > 0 {
		_, err = s.sample(ctx, l, p, b, true, found)
	}
	if err != nil {
		return nil, err
	}
	return slices.DeleteFunc(found, func(f finding) bool { return f.twice == 0 }), nil
}

func (s *source) sample(ctx context.Context, l link, p *plan, b *builder, descending bool, found []finding) (n int, err error) {
	rs, err := l.query(ctx, p.statement(clause{order: p.order, descending: descending, limit: sampleRows}))
	if err != nil {
		return 0, err
	}
	for {
		if err = rs.next(b); err != nil {
			break
		}
		n++
		for i := range found {
			if c := b.cells[i]; p.columns[i].kind == kindText && c.form == formText {
				found[i].add(b.buf[c.start:c.end])
			}
		}
	}
	if closeErr := rs.close(); isEOF(err) {
		err = closeErr
	}
	return n, err
}

// zoneOf returns the zone that a cursor's raw text is written in.
func (s *source) zoneOf(c column) *time.Location {
	if c.kind == kindInstant {
		return time.UTC
	}
	return s.zone
}
