package sqldb

import (
	"context"
	"database/sql/driver"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"net/url"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/go-sql-driver/mysql"

	"crmhub/connectors"
)

// mysqlOptions are what may stand behind the question mark.
var mysqlOptions = []string{
	"sslmode", "sslrootcert", "sslcert", "sslkey", "socket", "compress", "allowCleartextPasswords", "allowOldPasswords",
}

// mysqlDialect is MySQL and MariaDB.
type mysqlDialect struct {
	cfg *mysql.Config
}

func mysqlOf(cfg connectors.Config, u *url.URL) (dialect, error) {
	q, err := options(cfg, u, mysqlOptions)
	if err != nil {
		return nil, err
	}
	c := mysql.NewConfig()
	c.Net, c.Addr = "tcp", hostPort(u, "3306")
	if socket := q.Get("socket"); socket != "" {
		c.Net, c.Addr = "unix", resolve(cfg.Dir, socket)
	}
	c.User = u.User.Username()
	c.Passwd = cfg.Params.Text("password")
	if p, ok := u.User.Password(); ok && c.Passwd == "" {
		c.Passwd = p
	}
	c.DBName = strings.TrimPrefix(u.Path, "/")
	if c.DBName == "" && cfg.Params.Text("schema") == "" {
		return nil, wrongURL(cfg, "it names no database", "它没有指定数据库")
	}
	if c.TLS, c.AllowFallbackToPlaintext, err = secured(cfg, q, u.Hostname()); err != nil {
		return nil, err
	}
	c.AllowCleartextPasswords = isTrue(q.Get("allowCleartextPasswords"))
	c.AllowOldPasswords = isTrue(q.Get("allowOldPasswords"))
	c.MaxAllowedPacket = 1 << 30
	c.Logger = &mysql.NopLogger{}
	// utf8mb4, or emoji would become question marks.
	if err := c.Apply(mysql.Charset("utf8mb4", ""), mysql.EnableCompression(isTrue(q.Get("compress")))); err != nil {
		return nil, wrongURL(cfg, "its options do not go together", "它的选项互相矛盾").Because(err)
	}
	return &mysqlDialect{cfg: c}, nil
}

func isTrue(s string) bool {
	b, err := strconv.ParseBool(s)
	return err == nil && b
}

func (d *mysqlDialect) name() string    { return "mysql" }
func (d *mysqlDialect) address() string { return d.cfg.Addr }
func (d *mysqlDialect) quote(name string) string {
	return "`" + strings.ReplaceAll(name, "`", "``") + "`"
}
func (d *mysqlDialect) selected(expr, _ string) string { return expr }
func (d *mysqlDialect) tuples() bool                   { return false }
func (d *mysqlDialect) nullsFirst() string             { return "" }

// ordered makes text of ENUM and SET: they sort by their number but compare
// with text by their text.
func (d *mysqlDialect) ordered(c column, expr string) string {
	if t := strings.ToLower(c.typ); strings.HasPrefix(t, "enum") || strings.HasPrefix(t, "set") {
		return "CONCAT(" + expr + ")"
	}
	return expr
}

func (d *mysqlDialect) argument(c column, v value, args *[]value) string {
	switch v.Type {
	case valueText:
		// A bound text would be compared with a decimal as a float; digits in
		// the statement are exact. They are digits: nothing else passes.
		if c.kind == kindNumber {
			if n := appendNumber(nil, []byte(v.Text)); len(n) == len(v.Text) && len(n) > 0 && !strings.ContainsAny(v.Text, "eE") {
				return v.Text
			}
		}
	case valueBytes:
		*args = append(*args, v)
		return "UNHEX(?)"
	}
	*args = append(*args, v)
	return "?"
}

func (d *mysqlDialect) connect(ctx context.Context) (link, error) {
	connector, err := mysql.NewConnector(d.cfg)
	if err != nil {
		return nil, err
	}
	c, err := connector.Connect(ctx)
	if err != nil {
		return nil, err
	}
	l := &mysqlLink{conn: c}
	for _, statement := range []string{
		// An own mode, or '0000-00-00' as a cursor were an error, and || whatever
		// the administrator likes. A consumer may take long over a batch.
		"SET SESSION sql_mode = '', time_zone = '+00:00', net_write_timeout = 86400, wait_timeout = 86400, group_concat_max_len = 1048576",
		"SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ",
	} {
		if err := l.exec(ctx, statement); err != nil {
			return nil, errors.Join(err, l.close())
		}
	}
	err = l.exec(ctx, "START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY")
	if e, ok := asError[*mysql.MySQLError](err); ok && e.Number == 1064 {
		err = l.exec(ctx, "START TRANSACTION WITH CONSISTENT SNAPSHOT") // before 5.6.5
	}
	if err != nil {
		return nil, errors.Join(err, l.close())
	}
	return l, nil
}

type mysqlLink struct {
	conn driver.Conn
}

func (l *mysqlLink) snapshot() bool { return true }

// close ends the transaction with the connection.
func (l *mysqlLink) close() error {
	return l.conn.Close()
}

func (l *mysqlLink) exec(ctx context.Context, statement string) error {
	_, err := l.conn.(driver.ExecerContext).ExecContext(ctx, statement, nil)
	return err
}

func (l *mysqlLink) query(ctx context.Context, statement string, args ...value) (rows, error) {
	st, err := l.conn.(driver.ConnPrepareContext).PrepareContext(ctx, statement)
	if err != nil {
		return nil, err
	}
	if st.NumInput() != len(args) {
		return nil, errors.Join(errHole, st.Close())
	}
	bound := make([]driver.NamedValue, len(args))
	for i, a := range args {
		v, err := a.driverValue()
		if err != nil {
			return nil, errors.Join(err, st.Close())
		}
		if a.Type == valueBytes {
			v = hex.EncodeToString(a.bytes()) // UNHEX decodes it: a bound text is taken for utf8mb4
		}
		bound[i] = driver.NamedValue{Ordinal: i + 1, Value: v}
	}
	rs, err := st.(driver.StmtQueryContext).QueryContext(ctx, bound)
	if err != nil {
		return nil, errors.Join(err, st.Close())
	}
	r := &mysqlRows{st: st, rs: rs}
	types := rs.(driver.RowsColumnTypeDatabaseTypeName)
	nulls := rs.(driver.RowsColumnTypeNullable)
	for i, name := range rs.Columns() {
		typ := types.ColumnTypeDatabaseTypeName(i)
		null, _ := nulls.ColumnTypeNullable(i)
		r.cols = append(r.cols, column{name: name, typ: typ, null: null, kind: mysqlKind(typ)})
	}
	r.dest = make([]driver.Value, len(r.cols))
	return r, nil
}

// errHole is a question mark in a query, which nobody fills.
var errHole = errors.New("the statement has a place that nothing was bound to")

func (v value) driverValue() (driver.Value, error) {
	switch v.Type {
	case valueInt:
		if n, err := strconv.ParseInt(v.Text, 10, 64); err == nil {
			return n, nil
		}
		return strconv.ParseUint(v.Text, 10, 64)
	case valueFloat:
		return strconv.ParseFloat(v.Text, 64)
	case valueText:
		return v.Text, nil
	case valueBytes:
		return base64.StdEncoding.DecodeString(v.Text)
	}
	return nil, nil
}

// mysqlKind says how the types of the wire are read.
func mysqlKind(typ string) kind {
	switch typ {
	case "DECIMAL", "DOUBLE", "FLOAT", "YEAR", "TINYINT", "SMALLINT", "MEDIUMINT", "INT", "BIGINT":
		return kindNumber
	case "DATE":
		return kindDate
	case "DATETIME":
		return kindDateTime
	case "TIMESTAMP":
		return kindInstant
	case "BIT":
		return kindBits
	case "JSON":
		return kindJSON
	case "BINARY", "GEOMETRY", "VECTOR":
		return kindBinary
	case "VARBINARY", "TINYBLOB", "BLOB", "MEDIUMBLOB", "LONGBLOB":
		return kindBytes
	}
	if strings.HasPrefix(typ, "UNSIGNED ") {
		return kindNumber
	}
	return kindText
}

type mysqlRows struct {
	st   driver.Stmt
	rs   driver.Rows
	cols []column
	dest []driver.Value
}

func (r *mysqlRows) columns() []column { return r.cols }

func (r *mysqlRows) next(b *builder) error {
	if err := r.rs.Next(r.dest); err != nil {
		return err
	}
	b.reset()
	for i, v := range r.dest {
		switch v := v.(type) {
		case nil:
			b.null(i)
		case []byte:
			b.bytes(i, v)
		case int64:
			b.integer(i, v)
		case float64:
			b.float(i, v, 64)
		case float32:
			b.float(i, float64(v), 32)
		default:
			return errors.New("a value of a type that the driver does not document")
		}
	}
	return nil
}

func (r *mysqlRows) raw(i int) value {
	switch v := r.dest[i].(type) {
	case int64:
		return intValue(v)
	case float64:
		return floatValue(v)
	case float32:
		return floatValue(float64(v))
	case []byte:
		switch {
		case strings.HasPrefix(r.cols[i].typ, "UNSIGNED"):
			return value{valueInt, string(v)}
		case r.cols[i].kind == kindBits:
			var n uint64
			for _, x := range v {
				n = n<<8 | uint64(x)
			}
			return value{valueInt, strconv.FormatUint(n, 10)}
		case r.cols[i].kind == kindBytes, r.cols[i].kind == kindBinary, !utf8.Valid(v):
			return bytesValue(v)
		}
		return textValue(string(v))
	}
	return value{Type: valueNull}
}

func (r *mysqlRows) close() error {
	return errors.Join(r.rs.Close(), r.st.Close())
}

func (d *mysqlDialect) explain(err error) trouble {
	if e, ok := asError[*mysql.MySQLError](err); ok {
		t := trouble{state: strconv.Itoa(int(e.Number))}
		switch e.Number {
		case 1045, 1130, 1251, 1275, 1524, 1698, 3118, 4151:
			t.what = login
		case 1044, 1142, 1143, 1227, 1370, 1356:
			t.what = forbidden
		case 1049:
			t.what = noDatabase
		case 1146, 1051:
			t.what = noTable
		case 1054:
			t.what = noColumn
		case 1060:
			t.what = twoColumns
		case 1064, 1052, 1055, 1056, 1109, 1140, 1222, 1241, 1248, 1267, 1305, 1327, 1582, 1583, 1792:
			t.what = badQuery
		case 1040, 1129, 1203, 1226:
			t.what = busy
		case 1053, 1077, 1079, 2006, 2013, 1927, 1159, 1161, 1152, 1158, 1160, 4031:
			t.what = lost
		case 1205, 1213, 1317, 1412, 1969, 3024, 1028, 1021, 1037, 1038, 1041:
			t.what = ended
		}
		return t
	}
	switch {
	case errors.Is(err, errHole):
		return trouble{what: badQuery}
	case errors.Is(err, mysql.ErrNoTLS):
		return trouble{what: insecure}
	case errors.Is(err, mysql.ErrCleartextPassword), errors.Is(err, mysql.ErrNativePassword),
		errors.Is(err, mysql.ErrOldPassword), errors.Is(err, mysql.ErrUnknownPlugin):
		return trouble{what: login}
	case errors.Is(err, mysql.ErrInvalidConn), errors.Is(err, driver.ErrBadConn), errors.Is(err, mysql.ErrMalformPkt):
		return trouble{what: lost}
	}
	if t, ok := network(err); ok {
		return t
	}
	return trouble{}
}

func (d *mysqlDialect) now(ctx context.Context, l link) (time.Time, error) {
	return serverTime(ctx, l, "SELECT UTC_TIMESTAMP() AS now")
}

// serverTime runs a statement whose only value is a time in UTC.
func serverTime(ctx context.Context, l link, statement string) (time.Time, error) {
	out, err := list(ctx, l, statement)
	if err != nil || len(out) == 0 {
		return time.Time{}, err
	}
	text, _ := out[0]["now"].(string)
	return time.Parse(time.RFC3339, text)
}

func (d *mysqlDialect) schema(context.Context, link) (string, error) { return d.cfg.DBName, nil }

// hurry ends a count after two seconds; MariaDB and MySQL say it in different
// ways, old ones in none.
func (d *mysqlDialect) hurry(ctx context.Context, l link) error {
	err := l.exec(ctx, "SET SESSION max_statement_time = 2")
	if e, ok := asError[*mysql.MySQLError](err); ok && e.Number == 1193 {
		err = l.exec(ctx, "SET SESSION max_execution_time = 2000")
	}
	if e, ok := asError[*mysql.MySQLError](err); ok && e.Number == 1193 {
		return nil
	}
	return err
}

func (d *mysqlDialect) relax(context.Context, link) error { return nil }

var _ dialect = (*mysqlDialect)(nil)
