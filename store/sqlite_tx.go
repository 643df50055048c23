package store

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
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
	_, err := c.conn.(driver.ExecerContext).ExecContext(ctx, sql, nil)
	return err
}

// prepare returns the statement of that text, made once. A statement that a
// row function uses again while its rows are read gets a second life of its own.
func (c *sqliteConn) prepare(sql string) (*sqliteStmt, func() error, error) {
	s, ok := c.stmts[sql]
	if ok && !s.busy {
		s.busy = true
		return s, func() error { s.busy = false; return nil }, nil
	}
	text, order := anonymous(sql)
	st, err := c.conn.(driver.ConnPrepareContext).PrepareContext(context.Background(), text)
	if err != nil {
		return nil, nil, fmt.Errorf("prepare %.60q: %w", sql, err)
	}
	fresh := &sqliteStmt{stmt: st, order: order, busy: true}
	if ok {
		return fresh, st.Close, nil
	}
	c.stmts[sql] = fresh
	return fresh, func() error { fresh.busy = false; return nil }, nil
}

// anonymous turns $1 into ?, which the driver binds far faster, and returns
// which argument each ? stands for.
func anonymous(sql string) (string, []int) {
	var b strings.Builder
	var order []int
	for i := 0; i < len(sql); i++ {
		if sql[i] != '$' || i+1 == len(sql) || sql[i+1] < '0' || sql[i+1] > '9' {
			b.WriteByte(sql[i])
			continue
		}
		n := 0
		for i+1 < len(sql) && sql[i+1] >= '0' && sql[i+1] <= '9' {
			n = 10*n + int(sql[i+1]-'0')
			i++
		}
		b.WriteByte('?')
		order = append(order, n-1)
	}
	return b.String(), order
}

// named are the arguments of a statement as the driver takes them.
func (s *sqliteStmt) named(args []any, into []driver.NamedValue) ([]driver.NamedValue, error) {
	into = into[:0]
	for i, a := range s.order {
		if a >= len(args) {
			return nil, fmt.Errorf("argument $%d is missing", a+1)
		}
		v := driver.NamedValue{Ordinal: i + 1}
		switch x := args[a].(type) {
		case nil, int64, string:
			v.Value = x
		case int:
			v.Value = int64(x)
		case []byte:
			if len(x) > 0 {
				v.Value = x
			}
		default:
			return nil, fmt.Errorf("argument $%d has the type %T", a+1, x)
		}
		into = append(into, v)
	}
	return into, nil
}

func (c *sqliteConn) exec(ctx context.Context, sql string, args []any) (n int64, err error) {
	s, release, err := c.prepare(sql)
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, release()) }()
	vals, err := s.named(args, nil)
	if err != nil {
		return 0, err
	}
	res, err := s.stmt.(driver.StmtExecContext).ExecContext(ctx, vals)
	if err != nil {
		return 0, err
	}
	return res.RowsAffected()
}

func (c *sqliteConn) query(ctx context.Context, sql string, args []any, row func(Row) error) (err error) {
	s, release, err := c.prepare(sql)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, release()) }()
	vals, err := s.named(args, nil)
	if err != nil {
		return err
	}
	return c.rows(ctx, s, vals, row)
}

func (c *sqliteConn) rows(ctx context.Context, s *sqliteStmt, vals []driver.NamedValue, row func(Row) error) (err error) {
	// A cancellable context would cost a goroutine for each statement; it is
	// looked at here instead, between rows.
	rows, err := s.stmt.(driver.StmtQueryContext).QueryContext(context.Background(), vals)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	r := Row{values: make([]any, len(rows.Columns()))}
	dest := make([]driver.Value, len(r.values))
	for i := 0; ; i++ {
		if i%256 == 0 && ctx.Err() != nil {
			return ctx.Err()
		}
		if err := rows.Next(dest); errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return err
		}
		for j, v := range dest {
			r.values[j] = v
		}
		if err := row(r); err != nil {
			return err
		}
	}
}

// inChunk is how many keys one IN list holds: the driver's binding is
// quadratic in the number of placeholders.
const inChunk = 96

func (c *sqliteConn) in(ctx context.Context, sql string, keys keySet, args []any, row func(Row) error) (err error) {
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
	defer func() { err = errors.Join(err, release()) }()
	all := make([]any, len(args)+inChunk)
	copy(all, args)
	var vals []driver.NamedValue
	for at := 0; at < keys.len(); at += inChunk {
		for i := range inChunk {
			// The last list is filled up with a key that stands in it already.
			all[len(args)+i] = keys.at(min(at+i, keys.len()-1))
		}
		if vals, err = s.named(all, vals); err != nil {
			return err
		}
		if err := c.rows(ctx, s, vals, row); err != nil {
			return err
		}
	}
	return nil
}

func (c *sqliteConn) each(ctx context.Context, sql string, keys [][]byte, args []any, row func(i int, r Row) error) (err error) {
	s, release, err := c.prepare(strings.ReplaceAll(sql, "$key", fmt.Sprintf("$%d", len(args)+1)))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, release()) }()
	all := append(slices.Clone(args), nil)
	var vals []driver.NamedValue
	for i, k := range keys {
		all[len(args)] = k
		if vals, err = s.named(all, vals); err != nil {
			return err
		}
		if err := c.rows(ctx, s, vals, func(r Row) error { return row(i, r) }); err != nil {
			return err
		}
	}
	return nil
}

func (c *sqliteConn) bulk(ctx context.Context, b bulk, n int, row func(i int, v []any)) (total int64, err error) {
	s, release, err := c.prepare(b.sqlite())
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, release()) }()
	args, vals := make([]any, len(b.columns)), make([]driver.NamedValue, 0, len(b.columns))
	exec := s.stmt.(driver.StmtExecContext)
	for i := range n {
		if i%1024 == 0 && ctx.Err() != nil {
			return total, ctx.Err()
		}
		row(i, args)
		if vals, err = s.named(args, vals); err != nil {
			return total, err
		}
		res, err := exec.ExecContext(context.Background(), vals)
		if err != nil {
			return total, err
		}
		changed, err := res.RowsAffected()
		if err != nil {
			return total, err
		}
		total += changed
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
