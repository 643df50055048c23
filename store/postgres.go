package store

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
)

// postgresEngine is a store on a PostgreSQL server.
type postgresEngine struct {
	pool     *pgxpool.Pool
	sessions sessions
}

// oldest is the oldest server that the store's statements are tested with.
const oldest = 130000

// planning is what the server's planner is told of our statements, where the
// address does not say otherwise. They ask for many rows by their keys, of tables that
// grew since the server last counted them: it takes them for dearer than they are, compiles
// them for longer than they run, and reads whole tables instead.
var planning = map[string]string{"jit": "off", "random_page_cost": "1.1"}

func openPostgres(ctx context.Context, url string) (engine, string, error) {
	c, err := pgxpool.ParseConfig(url)
	if err != nil {
		return nil, "", fault("E5001", "", nil)
	}
	place := fmt.Sprintf("%s:%d/%s", c.ConnConfig.Host, c.ConnConfig.Port, c.ConnConfig.Database)
	c.ConnConfig.RuntimeParams["application_name"] = "crmhub"
	c.ConnConfig.RuntimeParams["client_encoding"] = "UTF8"
	// A dead machine gives its lock back within a minute and a half.
	c.ConnConfig.RuntimeParams["tcp_keepalives_idle"] = "30"
	c.ConnConfig.RuntimeParams["tcp_keepalives_interval"] = "15"
	c.ConnConfig.RuntimeParams["tcp_keepalives_count"] = "4"
	for name, value := range planning {
		if _, said := c.ConnConfig.RuntimeParams[name]; !said {
			c.ConnConfig.RuntimeParams[name] = value
		}
	}
	pool, err := pgxpool.NewWithConfig(ctx, c)
	if err != nil {
		return nil, place, err
	}
	var version int
	var encoding string
	err = pool.QueryRow(ctx, "SELECT current_setting('server_version_num')::int, current_setting('server_encoding')").Scan(&version, &encoding)
	switch {
	case err != nil:
	case version < oldest:
		err = fault("E5016", place, []any{"found", version / 10000, "want", oldest / 10000})
	case encoding != "UTF8":
		err = fault("E5017", place, []any{"encoding", encoding})
	}
	if err != nil {
		pool.Close()
		return nil, place, err
	}
	return &postgresEngine{pool: pool, sessions: sessions{config: pool.Config().ConnConfig}}, place, nil
}

func (e *postgresEngine) close() error {
	e.pool.Close()
	return e.sessions.close()
}

// keysMark is where the keys of a statement go.
const keysMark = "IN ($keys)"

// dense returns the least and the greatest key of those that make up a good
// part of the keys between them. Told so, the server reads that part of a table and no more.
func dense(keys []int64) (low, high int64, ok bool) {
	low, high = slices.Min(keys), slices.Max(keys)
	return low, high, high-low < 8*int64(len(keys))
}

// arrays are rows by column, as unnest takes them.
type arrays struct {
	kinds      []Kind
	ints       [][]int64
	bytes      [][][]byte
	texts      [][]string
	room       []byte
	rows, size int
}

func newArrays(b bulk) *arrays {
	t := mustTable(b.table)
	a := &arrays{ints: make([][]int64, len(b.columns)), bytes: make([][][]byte, len(b.columns)), texts: make([][]string, len(b.columns))}
	for _, name := range b.columns {
		c, ok := t.Column(name)
		if !ok {
			panic("store: no column " + name + " in " + b.table) // a mistake in the program
		}
		a.kinds = append(a.kinds, c.Kind)
	}
	return a
}

func (a *arrays) add(v []any) {
	for c, k := range a.kinds {
		switch k {
		case IntKind:
			n, ok := v[c].(int64)
			if !ok {
				n = int64(v[c].(int))
			}
			a.ints[c] = append(a.ints[c], n)
		case BytesKind:
			b, _ := v[c].([]byte)
			a.bytes[c] = append(a.bytes[c], a.keep(b))
			a.size += len(b)
		case TextKind:
			a.texts[c] = append(a.texts[c], v[c].(string))
		}
	}
	a.rows++
}

// keep returns a copy of bytes, nil for none: the statement may wait while who gave
// them goes on.
func (a *arrays) keep(b []byte) []byte {
	if len(b) == 0 {
		return nil
	}
	if cap(a.room)-len(a.room) < len(b) {
		a.room = make([]byte, 0, max(len(b), roomBytes))
	}
	at := len(a.room)
	a.room = append(a.room, b...)
	return a.room[at:len(a.room):len(a.room)]
}

// roomBytes is how large the pieces of memory are that copies go to.
const roomBytes = 16 << 10

func (a *arrays) args() []any {
	all := make([]any, len(a.kinds))
	for c, k := range a.kinds {
		switch k {
		case IntKind:
			all[c] = a.ints[c]
		case BytesKind:
			all[c] = a.bytes[c]
		case TextKind:
			all[c] = a.texts[c]
		}
	}
	return all
}

// postgres returns the statement for many rows, one array a column.
func (b bulk) postgres() string {
	t := mustTable(b.table)
	arrays, values := make([]string, len(b.columns)), make([]string, len(b.columns))
	for i, name := range b.columns {
		col, _ := t.Column(name)
		arrays[i] = fmt.Sprintf("$%d::%s[]", i+1, postgresTypes[col.Kind])
		values[i] = "v" + fmt.Sprint(i)
	}
	from := "unnest(" + strings.Join(arrays, ", ") + ") AS v(" + strings.Join(values, ", ") + ")"
	var where []string
	for i, k := range t.Key {
		where = append(where, b.table+"."+k+" = v.v"+fmt.Sprint(i))
	}
	switch b.verb {
	case change:
		var sets []string
		for i := len(t.Key); i < len(b.columns); i++ {
			sets = append(sets, b.columns[i]+" = v."+values[i])
		}
		return "UPDATE " + b.table + " SET " + strings.Join(sets, ", ") + " FROM " + from + " WHERE " + strings.Join(where, " AND ")
	case remove:
		return "DELETE FROM " + b.table + " USING " + from + " WHERE " + strings.Join(where, " AND ")
	}
	return "INSERT INTO " + b.table + " (" + strings.Join(b.columns, ", ") + ") SELECT " + strings.Join(values, ", ") + " FROM " + from + b.conflict()
}

var postgresTypes = map[Kind]string{IntKind: "bigint", BytesKind: "bytea", TextKind: "text"}

// postgresCode returns the SQLSTATE of a server's error, "" for others.
func postgresCode(err error) string {
	var e *pgconn.PgError
	if errors.As(err, &e) {
		return e.Code
	}
	return ""
}
