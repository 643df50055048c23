package store

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
)

func (e *postgresEngine) write(ctx context.Context, f func(session) error) error {
	return e.transact(ctx, []string{"BEGIN"}, f)
}

func (e *postgresEngine) soon(ctx context.Context, f func(session) error) error {
	return e.transact(ctx, []string{"BEGIN", "SET LOCAL synchronous_commit = off"}, f)
}

func (e *postgresEngine) read(ctx context.Context, f func(session) error) error {
	return e.transact(ctx, []string{"BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"}, f)
}

func (e *postgresEngine) glance(ctx context.Context, f func(session) error) error {
	return e.transact(ctx, nil, f)
}

// transact runs f in a transaction that those statements begin, or in none.
func (e *postgresEngine) transact(ctx context.Context, begin []string, f func(session) error) (err error) {
	conn, err := e.pool.Acquire(ctx)
	if err != nil {
		return err
	}
	// A connection that is still in a transaction is closed instead of used again.
	defer conn.Release()
	p := &postgresTx{conn: conn}
	for _, sql := range begin {
		p.waiting.Queue(sql)
	}
	done := false
	defer func() {
		if done || conn.Conn().PgConn().TxStatus() == 'I' {
			return
		}
		// Where the transaction failed already, that error says why; on a lost
		// connection there is nothing to roll back, the server did.
		if _, e := conn.Exec(context.WithoutCancel(ctx), "ROLLBACK"); e != nil && err == nil {
			err = e
		}
	}()
	if err := f(p); err != nil {
		return err
	}
	if begin != nil && (p.sent || p.waiting.Len() > len(begin)) {
		p.waiting.Queue("COMMIT").Exec(func(tag pgconn.CommandTag) error {
			if tag.String() != "COMMIT" {
				return pgx.ErrTxCommitRollback
			}
			return nil
		})
	} else if begin != nil {
		return nil // nothing was asked
	}
	if err := p.flush(ctx); err != nil {
		return err
	}
	done = true
	return nil
}

// postgresTx is one transaction. What gives nothing back, its beginning and most that is
// written, waits for the next statement that does, or for the end, and travels
// with that: the way to the server and back takes longer than most statements. What such
// a statement says is learnt then; nothing else is done after one that failed. What waits holds copies
// of its arguments.
type postgresTx struct {
	conn    *pgxpool.Conn
	waiting pgx.Batch
	bytes   int  // of the arguments that wait, about
	sent    bool // something went to the server
}

// The most that waits.
const (
	waitingMost      = 64
	waitingMostBytes = 4 << 20
)

// later queues a statement whose result nobody asks for, with arguments that are its own.
func (p *postgresTx) later(ctx context.Context, sql string, size int, args []any) error {
	p.waiting.Queue(sql, args...)
	if p.bytes += size; p.bytes < waitingMostBytes && p.waiting.Len() < waitingMost {
		return nil
	}
	return p.flush(ctx)
}

// flush sends what waits.
func (p *postgresTx) flush(ctx context.Context) error {
	if p.waiting.Len() == 0 {
		return nil
	}
	b := p.take()
	return p.conn.SendBatch(ctx, b).Close()
}

// take takes what waits.
func (p *postgresTx) take() *pgx.Batch {
	b := p.waiting
	p.waiting, p.bytes, p.sent = pgx.Batch{}, 0, true
	return &b
}

func (p *postgresTx) script(ctx context.Context, sql string) error {
	if err := p.flush(ctx); err != nil {
		return err
	}
	p.sent = true
	_, err := p.conn.Exec(ctx, sql)
	return err
}

// nulls turns empty bytes into null, as the embedded store has it.
func nulls(args []any) []any {
	for i, a := range args {
		if b, ok := a.([]byte); ok && len(b) == 0 {
			args[i] = nil
		}
	}
	return args
}

func (p *postgresTx) exec(ctx context.Context, sql string, args []any) (changed int64, err error) {
	p.waiting.Queue(sql, nulls(args)...).Exec(func(tag pgconn.CommandTag) error {
		changed = tag.RowsAffected()
		return nil
	})
	err = p.flush(ctx)
	return changed, err
}

func (p *postgresTx) do(ctx context.Context, sql string, args []any) error {
	return p.later(ctx, sql, 0, kept(args))
}

// kept is nulls of what may wait while who gave it goes on.
func kept(args []any) []any {
	args = nulls(args)
	for i, a := range args {
		if b, ok := a.([]byte); ok {
			args[i] = slices.Clone(b)
		}
	}
	return args
}

func (p *postgresTx) query(ctx context.Context, sql string, args []any, row func(Row) error) error {
	if p.waiting.Len() == 0 {
		p.sent = true
		rows, err := p.conn.Query(ctx, sql, nulls(args)...)
		if err != nil {
			return err
		}
		return eachRow(rows, row)
	}
	p.waiting.Queue(sql, nulls(args)...).Query(func(rows pgx.Rows) error { return eachRow(rows, row) })
	return p.flush(ctx)
}

// eachRow hands out rows and closes them.
func eachRow(rows pgx.Rows, row func(Row) error) error {
	defer rows.Close()
	var r Row
	for rows.Next() {
		if r.binary == nil {
			fields := rows.FieldDescriptions()
			r.binary = make([]bool, len(fields))
			for i, f := range fields {
				r.binary[i] = f.Format == pgx.BinaryFormatCode
			}
		}
		r.raw = rows.RawValues()
		if err := row(r); err != nil {
			return err
		}
	}
	return rows.Err()
}

// keyed puts keys into a statement that holds IN ($keys).
func keyed(sql string, keys keySet, args []any) (string, []any) {
	n := len(args) + 1
	args = args[: n-1 : n-1]
	if keys.ints == nil {
		return strings.Replace(sql, keysMark, fmt.Sprintf("= ANY($%d)", n), 1), append(args, keys.bytes)
	}
	args = append(args, keys.ints)
	is := fmt.Sprintf("= ANY($%d)", n)
	if low, high, ok := dense(keys.ints); ok {
		head, _, _ := strings.Cut(sql, " "+keysMark)
		column := head[strings.LastIndexAny(head, " (")+1:]
		is += fmt.Sprintf(" AND %s >= $%d AND %s <= $%d", column, n+1, column, n+2)
		args = append(args, low, high)
	}
	return strings.Replace(sql, keysMark, is, 1), args
}

func (p *postgresTx) in(ctx context.Context, sql string, keys keySet, args []any, row func(Row) error) error {
	sql, args = keyed(sql, keys, args)
	return p.query(ctx, sql, args, row)
}

func (p *postgresTx) doIn(ctx context.Context, sql string, keys keySet, args []any) error {
	size := 8 * len(keys.ints)
	keys.ints = slices.Clone(keys.ints)
	all := make([][]byte, len(keys.bytes))
	for i, k := range keys.bytes {
		all[i] = slices.Clone(k)
		size += len(k)
	}
	keys.bytes = all
	sql, args = keyed(sql, keys, kept(args))
	return p.later(ctx, sql, size, args)
}

func (p *postgresTx) each(ctx context.Context, sql string, keys [][]byte, args []any, row func(i int, r Row) error) error {
	sql = fmt.Sprintf("SELECT k.n, q.* FROM unnest($%d::bytea[]) WITH ORDINALITY AS k(key, n) CROSS JOIN LATERAL (%s) AS q", len(args)+1, strings.ReplaceAll(sql, "$key", "k.key"))
	for at := 0; at < len(keys); at += bulkRows {
		part := keys[at:min(at+bulkRows, len(keys))]
		err := p.query(ctx, sql, append(args[:len(args):len(args)], part), func(r Row) error {
			return row(at+int(r.Int(0))-1, Row{raw: r.raw[1:], binary: r.binary[1:]})
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// bulkRows and bulkBytes bound what one statement of a bulk carries.
const (
	bulkRows  = 5000
	bulkBytes = 32 << 20
	// copyLeast is from how many rows on the server's COPY is the faster way in: it takes
	// three ways to the server and back.
	copyLeast = 500
)

func (p *postgresTx) bulk(ctx context.Context, b bulk, n int, row func(i int, v []any)) (int64, error) {
	if b.verb == insert && n >= copyLeast {
		if err := p.flush(ctx); err != nil {
			return 0, err
		}
		p.sent = true
		v := make([]any, len(b.columns))
		i := 0
		return p.conn.CopyFrom(ctx, pgx.Identifier{b.table}, b.columns, pgx.CopyFromFunc(func() ([]any, error) {
			if i == n {
				return nil, nil
			}
			row(i, v)
			i++
			return nulls(v), nil
		}))
	}
	var total int64
	v := make([]any, len(b.columns))
	for at := 0; at < n; {
		part := newArrays(b)
		for ; at < n && part.rows < bulkRows && part.size < bulkBytes; at++ {
			row(at, v)
			part.add(v)
		}
		sql, args := b.postgres(), part.args()
		if by := part.ints[0]; (b.verb == change || b.verb == remove) && by != nil {
			if low, high, ok := dense(by); ok {
				key := b.table + "." + b.columns[0]
				sql += fmt.Sprintf(" AND %s >= $%d AND %s <= $%d", key, len(args)+1, key, len(args)+2)
				args = append(args, low, high)
			}
		}
		if b.verb != insertNew && b.verb != remove { // nobody asks how many
			if err := p.later(ctx, sql, part.size+8*len(args)*part.rows, args); err != nil {
				return 0, err
			}
			continue
		}
		changed, err := p.exec(ctx, sql, args)
		if err != nil {
			return total, err
		}
		total += changed
	}
	return total, nil
}
