package store

import (
	"context"
	"fmt"
	"slices"
	"strings"
)

func (c *sqliteConn) transact(ctx context.Context, begin string, f func(session) error) (err error) {
	if err := ctx.Err(); err != nil {
		return err
	}
	if err := c.script(ctx, begin); err != nil {
		return err
	}
	done := false
	defer func() {
		if done {
			return
		}
		// The rollback must happen though the context may have ended. SQLite
		// itself rolled back on some errors; then there is nothing to do.
		if e := c.script(context.WithoutCancel(ctx), "ROLLBACK"); e != nil && err == nil {
			err = e
		}
	}()
	if err := f(c); err != nil {
		return err
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	if err := c.script(context.WithoutCancel(ctx), "COMMIT"); err != nil {
		return err
	}
	done = true
	return nil
}

func (c *sqliteConn) script(ctx context.Context, sql string) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	return c.run(sql)
}

// prepare returns the statement of that text, made once. A statement that a
// row function uses again while its rows are read gets a second life of its own.
func (c *sqliteConn) prepare(sql string) (*sqliteStmt, func(), error) {
	s, ok := c.stmts[sql]
	if ok && !s.busy {
		s.busy = true
		return s, func() { s.reset(); s.busy = false }, nil
	}
	fresh, err := c.compile(sql)
	if err != nil {
		return nil, nil, err
	}
	if ok {
		return fresh, fresh.close, nil
	}
	c.stmts[sql] = fresh
	fresh.busy = true
	return fresh, func() { fresh.reset(); fresh.busy = false }, nil
}

func (c *sqliteConn) exec(ctx context.Context, sql string, args []any) (int64, error) {
	if err := ctx.Err(); err != nil {
		return 0, err
	}
	s, release, err := c.prepare(sql)
	if err != nil {
		return 0, err
	}
	defer release()
	if err := s.bind(args); err != nil {
		return 0, err
	}
	for more := true; more; {
		if more, err = s.step(); err != nil {
			return 0, err
		}
	}
	return c.changed(), nil
}

func (c *sqliteConn) do(ctx context.Context, sql string, args []any) error {
	_, err := c.exec(ctx, sql, args)
	return err
}

func (c *sqliteConn) doIn(ctx context.Context, sql string, keys keySet, args []any) error {
	return c.in(ctx, sql, keys, args, func(Row) error { return nil })
}

func (c *sqliteConn) query(ctx context.Context, sql string, args []any, row func(Row) error) error {
	s, release, err := c.prepare(sql)
	if err != nil {
		return err
	}
	defer release()
	if err := s.bind(args); err != nil {
		return err
	}
	return s.rows(ctx, row)
}

// rows hands out the rows of a statement that has its arguments.
func (s *sqliteStmt) rows(ctx context.Context, row func(Row) error) error {
	r := Row{lite: s}
	for i := 0; ; i++ {
		if i%256 == 0 && ctx.Err() != nil {
			return ctx.Err()
		}
		if more, err := s.step(); err != nil || !more {
			return err
		}
		if err := row(r); err != nil {
			return err
		}
	}
}

// inChunk is how many keys one IN list holds.
const inChunk = 128

func (c *sqliteConn) in(ctx context.Context, sql string, keys keySet, args []any, row func(Row) error) error {
	var list strings.Builder
	list.WriteString("IN (")
	for i := range inChunk {
		if i > 0 {
			list.WriteByte(',')
		}
		fmt.Fprintf(&list, "$%d", len(args)+i+1)
	}
	list.WriteByte(')')
	s, release, err := c.prepare(strings.Replace(sql, "IN ($keys)", list.String(), 1))
	if err != nil {
		return err
	}
	defer release()
	all := make([]any, len(args)+inChunk)
	copy(all, args)
	for at := 0; at < keys.len(); at += inChunk {
		for i := range inChunk {
			// The last list is filled up with a key that stands in it already.
			all[len(args)+i] = keys.at(min(at+i, keys.len()-1))
		}
		if err := s.bind(all); err != nil {
			return err
		}
		if err := s.rows(ctx, row); err != nil {
			return err
		}
		s.reset()
	}
	return nil
}

func (c *sqliteConn) each(ctx context.Context, sql string, keys [][]byte, args []any, row func(i int, r Row) error) error {
	s, release, err := c.prepare(strings.ReplaceAll(sql, "$key", fmt.Sprintf("$%d", len(args)+1)))
	if err != nil {
		return err
	}
	defer release()
	all := append(slices.Clone(args), nil)
	for i, k := range keys {
		all[len(args)] = k
		if err := s.bind(all); err != nil {
			return err
		}
		if err := s.rows(ctx, func(r Row) error { return row(i, r) }); err != nil {
			return err
		}
		s.reset()
	}
	return nil
}

func (c *sqliteConn) bulk(ctx context.Context, b bulk, n int, row func(i int, v []any)) (total int64, err error) {
	s, release, err := c.prepare(b.sqlite())
	if err != nil {
		return 0, err
	}
	defer release()
	args := make([]any, len(b.columns))
	for i := range n {
		if i%1024 == 0 && ctx.Err() != nil {
			return total, ctx.Err()
		}
		row(i, args)
		if err := s.bind(args); err != nil {
			return total, err
		}
		if _, err := s.step(); err != nil {
			return total, err
		}
		total += c.changed()
		s.reset()
	}
	return total, nil
}

// sqlite returns the statement for one row.
func (b bulk) sqlite() string {
	key := mustTable(b.table).Key
	marks := make([]string, len(b.columns))
	for i := range marks {
		marks[i] = fmt.Sprintf("$%d", i+1)
	}
	pairs := func(from, to int, sep string) string {
		var all []string
		for i := from; i < to; i++ {
			all = append(all, b.columns[i]+" = "+marks[i])
		}
		return strings.Join(all, sep)
	}
	switch b.verb {
	case change:
		return "UPDATE " + b.table + " SET " + pairs(len(key), len(b.columns), ", ") + " WHERE " + pairs(0, len(key), " AND ")
	case remove:
		return "DELETE FROM " + b.table + " WHERE " + pairs(0, len(key), " AND ")
	}
	return "INSERT INTO " + b.table + " (" + strings.Join(b.columns, ", ") + ") VALUES (" + strings.Join(marks, ", ") + ")" + b.conflict()
}
