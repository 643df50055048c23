package store

import (
	"context"
	"encoding/binary"
	"fmt"
	"strconv"
	"strings"
)

// Tx is one transaction. It is used by one goroutine, and only until the
// function that it was handed to returns. Arguments of statements are int64,
// int, string, []byte or nil; an empty []byte is stored as null.
type Tx struct {
	s  session
	db *DB
}

// DB returns the store that the transaction belongs to.
func (t *Tx) DB() *DB { return t.db }

// Exec runs one statement with numbered placeholders and returns how many
// rows it changed.
func (t *Tx) Exec(ctx context.Context, sql string, args ...any) (int64, error) {
	return t.s.exec(ctx, sql, args)
}

// Do is Exec for what nobody asks the result of. It may travel to the database with a later
// statement, which then says what it failed of.
func (t *Tx) Do(ctx context.Context, sql string, args ...any) error {
	return t.s.do(ctx, sql, args)
}

// Each runs a query and hands each row to f, which must not keep it.
func (t *Tx) Each(ctx context.Context, f func(Row) error, sql string, args ...any) error {
	return t.s.query(ctx, sql, args, f)
}

// One runs a query for at most one row and reports whether there was one.
func (t *Tx) One(ctx context.Context, f func(Row) error, sql string, args ...any) (bool, error) {
	found := false
	err := t.s.query(ctx, sql, args, func(r Row) error {
		if found {
			return fmt.Errorf("more than one row for %.40s", sql)
		}
		found = true
		return f(r)
	})
	return found, err
}

// Int runs a query for one integer; no row and null give 0.
func (t *Tx) Int(ctx context.Context, sql string, args ...any) (int64, error) {
	var n int64
	_, err := t.One(ctx, func(r Row) error {
		n = r.Int(0)
		return nil
	}, sql, args...)
	return n, err
}

// InInts runs a query that holds IN ($keys) for all the keys, in as many parts
// as the database wants; rows come in no order.
func (t *Tx) InInts(ctx context.Context, keys []int64, f func(Row) error, sql string, args ...any) error {
	if len(keys) == 0 {
		return nil
	}
	return t.s.in(ctx, sql, keySet{ints: keys}, args, f)
}

// InBytes is InInts for keys of bytes.
func (t *Tx) InBytes(ctx context.Context, keys [][]byte, f func(Row) error, sql string, args ...any) error {
	if len(keys) == 0 {
		return nil
	}
	return t.s.in(ctx, sql, keySet{bytes: keys}, args, f)
}

// ForKeys runs a query once for each key, which stands in it as $key, and hands
// f the rows of keys[i]. It is for queries with a LIMIT of their own; the others are
// faster by InBytes.
func (t *Tx) ForKeys(ctx context.Context, keys [][]byte, f func(i int, r Row) error, sql string, args ...any) error {
	if len(keys) == 0 {
		return nil
	}
	return t.s.each(ctx, sql, keys, args, f)
}

// ExecInts runs a statement that holds IN ($keys) for all the keys, as Do does.
func (t *Tx) ExecInts(ctx context.Context, keys []int64, sql string, args ...any) error {
	if len(keys) == 0 {
		return nil
	}
	return t.s.doIn(ctx, sql, keySet{ints: keys}, args)
}

// ExecBytes is ExecInts for keys of bytes.
func (t *Tx) ExecBytes(ctx context.Context, keys [][]byte, sql string, args ...any) error {
	if len(keys) == 0 {
		return nil
	}
	return t.s.doIn(ctx, sql, keySet{bytes: keys}, args)
}

// Analyze has a server's planner learn at once what these tables hold, which it would find
// out by itself minutes later; the embedded store plans without.
func (t *Tx) Analyze(ctx context.Context, tables ...string) error {
	if t.db.kind != Postgres {
		return nil
	}
	return t.s.script(ctx, "ANALYZE "+strings.Join(tables, ", "))
}

// Insert adds n rows to a table; fill sets the values of row i in the order of
// columns. It is the fastest way in, and fails where a row stands already. What Insert, Upsert
// and Change fail of may be said by a later statement.
func (t *Tx) Insert(ctx context.Context, table string, columns []string, n int, fill func(i int, v []any)) error {
	_, err := t.bulk(ctx, bulk{verb: insert, table: table, columns: columns}, n, fill)
	return err
}

// InsertNew adds those of n rows whose keys are not there yet, and returns how many were.
func (t *Tx) InsertNew(ctx context.Context, table string, columns []string, n int, fill func(i int, v []any)) (int64, error) {
	return t.bulk(ctx, bulk{verb: insertNew, table: table, columns: columns}, n, fill)
}

// Upsert adds n rows, or overwrites the columns of those whose table's key stands already.
func (t *Tx) Upsert(ctx context.Context, table string, columns []string, n int, fill func(i int, v []any)) error {
	_, err := t.bulk(ctx, bulk{verb: upsert, table: table, columns: columns}, n, fill)
	return err
}

// Change sets columns of n rows found by the table's key: the first columns
// are the key's.
func (t *Tx) Change(ctx context.Context, table string, columns []string, n int, fill func(i int, v []any)) error {
	_, err := t.bulk(ctx, bulk{verb: change, table: table, columns: columns}, n, fill)
	return err
}

// Remove deletes n rows found by the table's key.
func (t *Tx) Remove(ctx context.Context, table string, n int, fill func(i int, v []any)) (int64, error) {
	return t.bulk(ctx, bulk{verb: remove, table: table, columns: mustTable(table).Key}, n, fill)
}

func (t *Tx) bulk(ctx context.Context, b bulk, n int, fill func(i int, v []any)) (int64, error) {
	if n == 0 {
		return 0, nil
	}
	if err := ctx.Err(); err != nil {
		return 0, err
	}
	return t.s.bulk(ctx, b, n, fill)
}

// Row is one row of a result, valid until the next.
type Row struct {
	lite   *sqliteStmt // SQLite
	raw    [][]byte    // PostgreSQL
	binary []bool
}

// Null reports whether column i is null.
func (r Row) Null(i int) bool {
	if r.lite != nil {
		return r.lite.null(i)
	}
	return r.raw[i] == nil
}

// Int returns column i as an integer, 0 for null.
func (r Row) Int(i int) int64 {
	if r.lite != nil {
		return r.lite.int(i)
	}
	b := r.raw[i]
	if !r.binary[i] {
		n, err := strconv.ParseInt(string(b), 10, 64)
		if err != nil {
			return 0
		}
		return n
	}
	switch len(b) {
	case 8:
		return int64(binary.BigEndian.Uint64(b))
	case 4:
		return int64(int32(binary.BigEndian.Uint32(b)))
	case 2:
		return int64(int16(binary.BigEndian.Uint16(b)))
	case 0:
		return 0
	}
	panic("store: Int of a column that is no integer") // a mistake in the program
}

// Bytes returns a copy of column i, nil for null.
func (r Row) Bytes(i int) []byte {
	return append([]byte(nil), r.view(i)...)
}

// Peek returns column i, nil for null, as it stands in the database's own memory: until the next row.
func (r Row) Peek(i int) []byte { return r.view(i) }

// Append appends a copy of column i to dst, nothing for null.
func (r Row) Append(dst []byte, i int) []byte { return append(dst, r.view(i)...) }

// Text returns column i as text, "" for null.
func (r Row) Text(i int) string {
	return string(r.view(i))
}

// view is column i as it stands in the database's own memory.
func (r Row) view(i int) []byte {
	if r.lite != nil {
		return r.lite.view(i)
	}
	return r.raw[i]
}

// keySet is the keys of an IN list, of one kind.
type keySet struct {
	ints  []int64
	bytes [][]byte
}

func (k keySet) len() int { return len(k.ints) + len(k.bytes) }

func (k keySet) at(i int) any {
	if k.ints != nil {
		return k.ints[i]
	}
	return k.bytes[i]
}

// verb is what a bulk statement does.
type verb int

const (
	insert verb = iota
	insertNew
	upsert
	change
	remove
)

// bulk is one statement for many rows.
type bulk struct {
	verb    verb
	table   string
	columns []string
}

// conflict returns the ON CONFLICT clause of an insert.
func (b bulk) conflict() string {
	if b.verb == insertNew {
		return " ON CONFLICT DO NOTHING"
	}
	if b.verb != upsert {
		return ""
	}
	key := mustTable(b.table).Key
	sets := make([]string, 0, len(b.columns))
	for _, c := range b.columns {
		sets = append(sets, c+" = excluded."+c)
	}
	return " ON CONFLICT (" + strings.Join(key, ", ") + ") DO UPDATE SET " + strings.Join(sets, ", ")
}
