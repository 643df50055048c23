package sqldb

import (
	"context"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"io"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5/pgconn"

	"crmhub/connectors"
)

// postgresDialect is PostgreSQL. It speaks the extended protocol with values
// as text, which is exact for every type there is.
type postgresDialect struct {
	cfg *pgconn.Config
}

// postgresOptions are what may stand behind the question mark.
var postgresOptions = []string{
	"sslmode", "sslrootcert", "sslcert", "sslkey", "sslnegotiation", "host", "port", "target_session_attrs", "application_name",
	"search_path", "role", "options", "channel_binding",
}

func postgresOf(cfg connectors.Config, u *url.URL) (dialect, error) {
	q, err := options(cfg, u, postgresOptions)
	if err != nil {
		return nil, err
	}
	for _, name := range []string{"sslrootcert", "sslcert", "sslkey"} {
		if file := q.Get(name); file != "" && file != "system" {
			q.Set(name, resolve(cfg.Dir, file))
		}
	}
	if !q.Has("application_name") {
		q.Set("application_name", "crmhub")
	}
	if q.Get("sslmode") == "" && q.Has("sslrootcert") {
		q.Set("sslmode", "verify-full")
	}
	with := *u
	with.Scheme = "postgres"
	with.RawQuery = q.Encode()
	if strings.Trim(with.Path, "/") == "" {
		return nil, wrongURL(cfg, "it names no database", "它没有指定数据库")
	}
	c, err := pgconn.ParseConfig(with.String())
	if err != nil {
		// The error's text may hold the url; only that it is wrong goes on.
		return nil, wrongURL(cfg, "an option has a wrong value", "某个选项的值不正确")
	}
	if p := cfg.Params.Text("password"); p != "" {
		c.Password = p
	}
	return &postgresDialect{cfg: c}, nil
}

func (d *postgresDialect) name() string { return "postgres" }

func (d *postgresDialect) address() string {
	return d.cfg.Host + ":" + strconv.Itoa(int(d.cfg.Port))
}

func (d *postgresDialect) quote(name string) string {
	return `"` + strings.ReplaceAll(name, `"`, `""`) + `"`
}
func (d *postgresDialect) selected(expr, _ string) string       { return expr }
func (d *postgresDialect) tuples() bool                         { return true }
func (d *postgresDialect) nullsFirst() string                   { return " NULLS FIRST" }
func (d *postgresDialect) ordered(_ column, expr string) string { return expr }
func (d *postgresDialect) relax(ctx context.Context, l link) error {
	return l.exec(ctx, "ROLLBACK TO SAVEPOINT crm")
}

func (d *postgresDialect) hurry(ctx context.Context, l link) error {
	return l.exec(ctx, "SET LOCAL statement_timeout = 2000; SAVEPOINT crm")
}

// argument binds text and casts it to the column's type.
func (d *postgresDialect) argument(c column, v value, args *[]value) string {
	*args = append(*args, v)
	place := "$" + strconv.Itoa(len(*args))
	if c.typ == "" || c.typ == "text" {
		return place + "::text"
	}
	return place + "::text::" + c.typ
}

// postgresSession makes the text forms of values what builder expects. The
// settings hold for the transaction, so that a pooler in between can't mix
// them up. Limits of time would end a long read at no fault of its own.
const postgresSession = `BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY;
SET LOCAL TimeZone = 'UTC'; SET LOCAL DateStyle = 'ISO, YMD'; SET LOCAL IntervalStyle = 'iso_8601';
SET LOCAL extra_float_digits = 3; SET LOCAL bytea_output = 'hex'; SET LOCAL lc_monetary = 'C'; SET LOCAL client_encoding = 'UTF8';
SELECT set_config(name, '0', true) FROM pg_settings
WHERE name IN ('statement_timeout', 'idle_in_transaction_session_timeout', 'transaction_timeout')`

func (d *postgresDialect) connect(ctx context.Context) (link, error) {
	c, err := pgconn.ConnectConfig(ctx, d.cfg)
	if err != nil {
		return nil, err
	}
	l := &postgresLink{conn: c}
	if err := l.exec(ctx, postgresSession); err != nil {
		return nil, errors.Join(err, l.close())
	}
	return l, nil
}

type postgresLink struct {
	conn *pgconn.PgConn
}

func (l *postgresLink) snapshot() bool { return true }

func (l *postgresLink) close() error {
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	return l.conn.Close(ctx)
}

func (l *postgresLink) exec(ctx context.Context, statement string) error {
	return l.conn.Exec(ctx, statement).Close()
}

func (l *postgresLink) query(ctx context.Context, statement string, args ...value) (rows, error) {
	bound := make([][]byte, len(args))
	oids := make([]uint32, len(args))
	for i, a := range args {
		oids[i] = oidText
		switch a.Type {
		case valueNull:
		case valueBytes:
			bound[i] = []byte(`\x` + hex.EncodeToString(a.bytes()))
		default:
			bound[i] = []byte(a.Text)
		}
	}
	rr := l.conn.ExecParams(ctx, statement, bound, oids, nil, nil)
	fields := rr.FieldDescriptions()
	if fields == nil {
		_, err := rr.Close()
		if err == nil {
			err = errors.New("a statement without a result")
		}
		return nil, err
	}
	r := &postgresRows{rr: rr}
	for _, f := range fields {
		c := column{name: f.Name, null: true, oid: f.DataTypeOID}
		c.kind, c.elem = postgresKind(f.DataTypeOID)
		r.cols = append(r.cols, c)
	}
	return r, nil
}

type postgresRows struct {
	rr     *pgconn.ResultReader
	cols   []column
	values [][]byte
	hex    []byte
}

func (r *postgresRows) columns() []column { return r.cols }

func (r *postgresRows) next(b *builder) error {
	if !r.rr.NextRow() {
		// The result's error comes with Close, which may be called again.
		if _, err := r.rr.Close(); err != nil {
			return err
		}
		return io.EOF
	}
	r.values = r.rr.Values()
	b.reset()
	for i, v := range r.values {
		switch {
		case v == nil:
			b.null(i)
		case r.cols[i].oid == oidBytea:
			b.bytes(i, r.decode(v))
		default:
			b.bytes(i, v)
		}
	}
	return nil
}

// decode takes bytea in hex form.
func (r *postgresRows) decode(v []byte) []byte {
	if len(v) < 2 || v[0] != '\\' || v[1] != 'x' {
		return v
	}
	r.hex = append(r.hex[:0], make([]byte, hex.DecodedLen(len(v)-2))...)
	n, err := hex.Decode(r.hex, v[2:])
	if err != nil {
		return v
	}
	return r.hex[:n]
}

func (r *postgresRows) raw(i int) value {
	switch v := r.values[i]; {
	case v == nil:
		return value{Type: valueNull}
	case r.cols[i].oid == oidBytea:
		return value{valueBytes, base64.StdEncoding.EncodeToString(r.decode(v))}
	default:
		return textValue(string(v))
	}
}

func (r *postgresRows) close() error {
	_, err := r.rr.Close()
	return err
}

func (d *postgresDialect) explain(err error) trouble {
	if e, ok := asError[*pgconn.PgError](err); ok {
		t := trouble{state: e.Code}
		switch {
		case strings.HasPrefix(e.Code, "28"):
			t.what = login
		case e.Code == "3D000":
			t.what = noDatabase
		case e.Code == "42P01", e.Code == "3F000":
			t.what = noTable
		case e.Code == "42703":
			t.what = noColumn
		case e.Code == "42701":
			t.what = twoColumns
		case e.Code == "42501":
			t.what = forbidden
		case strings.HasPrefix(e.Code, "42"), e.Code == "25006", strings.HasPrefix(e.Code, "0A"), strings.HasPrefix(e.Code, "22"):
			t.what = badQuery
		case e.Code == "53300", e.Code == "57P03":
			t.what = busy
		case strings.HasPrefix(e.Code, "57P"), strings.HasPrefix(e.Code, "08"), e.Code == "25P03":
			t.what = lost
		case e.Code == "57014", strings.HasPrefix(e.Code, "40"), e.Code == "55P03", strings.HasPrefix(e.Code, "53"), e.Code == "25P04":
			t.what = ended
		}
		return t
	}
	if t, ok := network(err); ok {
		return t
	}
	if strings.Contains(err.Error(), "server refused TLS") {
		return trouble{what: insecure}
	}
	if _, ok := asError[*pgconn.ConnectError](err); ok {
		return trouble{what: away}
	}
	if pgconn.Timeout(err) || strings.Contains(err.Error(), "conn closed") {
		return trouble{what: lost}
	}
	return trouble{}
}

func (d *postgresDialect) now(ctx context.Context, l link) (time.Time, error) {
	return serverTime(ctx, l, "SELECT clock_timestamp() AS now")
}

func (d *postgresDialect) schema(ctx context.Context, l link) (string, error) {
	out, err := list(ctx, l, "SELECT current_schema()::text AS name")
	if err != nil || len(out) == 0 {
		return "", err
	}
	return text(out[0], "name"), nil
}
