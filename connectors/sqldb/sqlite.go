package sqldb

import (
	"context"
	"database/sql/driver"
	"errors"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"modernc.org/sqlite"

	"crmhub/connectors"
)

// sqliteDialect is a SQLite file, opened read-only.
type sqliteDialect struct {
	path string
	now_ func() time.Time
}

func sqliteOf(cfg connectors.Config, path string) (dialect, error) {
	path, _, _ = strings.Cut(path, "?")
	if path == "" || path == ":memory:" {
		return nil, wrongURL(cfg, "it names no file", "它没有指定文件")
	}
	now := cfg.Now
	if now == nil {
		now = time.Now
	}
	return &sqliteDialect{path: resolve(cfg.Dir, path), now_: now}, nil
}

func (d *sqliteDialect) name() string    { return "sqlite" }
func (d *sqliteDialect) address() string { return filepath.Base(d.path) }
func (d *sqliteDialect) quote(name string) string {
	return `"` + strings.ReplaceAll(name, `"`, `""`) + `"`
}

// selected hides the declared type: the driver would make times of texts, and
// lose what they looked like.
func (d *sqliteDialect) selected(expr, name string) string {
	return "+" + expr + " AS " + d.quote(name)
}
func (d *sqliteDialect) tuples() bool                                 { return true }
func (d *sqliteDialect) nullsFirst() string                           { return "" }
func (d *sqliteDialect) ordered(_ column, expr string) string         { return expr }
func (d *sqliteDialect) relax(context.Context, link) error            { return nil }
func (d *sqliteDialect) hurry(context.Context, link) error            { return nil }
func (d *sqliteDialect) schema(context.Context, link) (string, error) { return "main", nil }
func (d *sqliteDialect) now(context.Context, link) (time.Time, error) { return d.now_(), nil }

func (d *sqliteDialect) argument(_ column, v value, args *[]value) string {
	*args = append(*args, v)
	return "?"
}

// connect opens the file read-only. In WAL mode one transaction holds a
// snapshot, which hinders no writer; in the other modes a long transaction
// would, so each statement stands for itself.
func (d *sqliteDialect) connect(ctx context.Context) (link, error) {
	f, err := os.Open(d.path)
	if err != nil {
		return nil, err
	}
	info, err := f.Stat()
	if err := errors.Join(err, f.Close()); err != nil {
		return nil, err
	}
	if info.IsDir() {
		return nil, fs.ErrNotExist
	}
	l, err := d.open(ctx, "mode=ro")
	if e, ok := asError[*sqlite.Error](err); ok && e.Code()&0xff == sqliteCantOpen && !exists(d.path+"-wal") {
		// A database in WAL mode in a folder that can't be written. Without a
		// log beside it the file is whole, and nobody writes to it.
		l, err = d.open(ctx, "mode=ro&immutable=1")
	}
	if err != nil {
		return nil, err
	}
	return l, nil
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

func (d *sqliteDialect) open(ctx context.Context, how string) (*sqliteLink, error) {
	path := (&url.URL{Path: filepath.ToSlash(d.path)}).EscapedPath()
	c, err := (&sqlite.Driver{}).Open("file:" + path + "?" + how + "&_pragma=busy_timeout(10000)&_pragma=query_only(1)")
	if err != nil {
		return nil, err
	}
	l := &sqliteLink{conn: c}
	out, err := list(ctx, l, "PRAGMA journal_mode")
	if err == nil && len(out) == 1 && text(out[0], "journal_mode") == "wal" {
		l.wal = true
		err = l.exec(ctx, "BEGIN")
	}
	if err == nil {
		_, err = list(ctx, l, "SELECT count(*) AS n FROM sqlite_master")
	}
	if err != nil {
		return nil, errors.Join(err, l.close())
	}
	return l, nil
}

type sqliteLink struct {
	conn driver.Conn
	wal  bool
}

func (l *sqliteLink) snapshot() bool { return l.wal }

func (l *sqliteLink) close() error {
	return l.conn.Close()
}

func (l *sqliteLink) exec(ctx context.Context, statement string) error {
	_, err := l.conn.(driver.ExecerContext).ExecContext(ctx, statement, nil)
	return err
}

func (l *sqliteLink) query(ctx context.Context, statement string, args ...value) (rows, error) {
	bound := make([]driver.NamedValue, len(args))
	for i, a := range args {
		v, err := a.driverValue()
		if err != nil {
			return nil, err
		}
		bound[i] = driver.NamedValue{Ordinal: i + 1, Value: v}
	}
	rs, err := l.conn.(driver.QueryerContext).QueryContext(ctx, statement, bound)
	if err != nil {
		return nil, err
	}
	r := &sqliteRows{rs: rs}
	types := rs.(driver.RowsColumnTypeDatabaseTypeName)
	for i, name := range rs.Columns() {
		typ := types.ColumnTypeDatabaseTypeName(i)
		r.cols = append(r.cols, column{name: name, typ: typ, null: true, kind: sqliteKind(typ)})
	}
	r.dest = make([]driver.Value, len(r.cols))
	return r, nil
}

type sqliteRows struct {
	rs   driver.Rows
	cols []column
	dest []driver.Value
	buf  []byte
}

func (r *sqliteRows) columns() []column { return r.cols }

func (r *sqliteRows) next(b *builder) error {
	if err := r.rs.Next(r.dest); err != nil {
		return err
	}
	b.reset()
	for i, v := range r.dest {
		switch v := v.(type) {
		case nil:
			b.null(i)
		case int64:
			b.integer(i, v)
		case float64:
			b.float(i, v, 64)
		case string:
			r.buf = append(r.buf[:0], v...)
			if b.cols[i].kind == kindDateTime && len(v) < 16 {
				b.date(i, r.buf)
				continue
			}
			b.bytes(i, r.buf)
		case []byte:
			if isPlainText(v) {
				b.bytes(i, v)
				continue
			}
			b.base64(i, v)
		default:
			return errors.New("a value of a type that the driver does not document")
		}
	}
	return nil
}

func (r *sqliteRows) raw(i int) value {
	switch v := r.dest[i].(type) {
	case int64:
		return intValue(v)
	case float64:
		return floatValue(v)
	case string:
		return textValue(v)
	case []byte:
		return bytesValue(v)
	}
	return value{Type: valueNull}
}

func (r *sqliteRows) close() error { return r.rs.Close() }

// SQLite's primary result codes that mean something to us.
const (
	sqliteError, sqlitePerm, sqliteBusy, sqliteLocked, sqliteInterrupt = 1, 3, 5, 6, 9
	sqliteIOErr, sqliteCorrupt, sqliteCantOpen, sqliteProtocol         = 10, 11, 14, 15
	sqliteAuth, sqliteNotADB                                           = 23, 26
)

func (d *sqliteDialect) explain(err error) trouble {
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return trouble{what: noFile}
	case errors.Is(err, fs.ErrPermission):
		return trouble{what: unreadable}
	}
	e, ok := asError[*sqlite.Error](err)
	if !ok {
		return trouble{}
	}
	t := trouble{state: strconv.Itoa(e.Code())}
	switch e.Code() & 0xff {
	case sqliteError:
		t.what = badQuery
		switch {
		case strings.Contains(e.Error(), "no such table"):
			t.what = noTable
		case strings.Contains(e.Error(), "no such column"):
			t.what = noColumn
		}
	case sqliteBusy, sqliteLocked, sqliteProtocol, sqliteInterrupt:
		t.what = ended
	case sqlitePerm, sqliteCantOpen, sqliteAuth:
		t.what = unreadable
	case sqliteCorrupt, sqliteNotADB, sqliteIOErr:
		t.what = damaged
	}
	return t
}
