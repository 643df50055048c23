package sqldb_test

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"
	"time"

	"crmhub/connectors"
	"crmhub/fault"
)

func num(s string) json.Number { return json.Number(s) }

// compared reports each cell that is not as it should be.
func compared(t *testing.T, got, want map[string]any) {
	t.Helper()
	for k, w := range want {
		if g, ok := got[k]; !ok || !reflect.DeepEqual(g, w) {
			t.Errorf("%s = %#v, want %#v", k, got[k], w)
		}
	}
	for k := range got {
		if _, ok := want[k]; !ok {
			t.Errorf("%s = %#v, not expected", k, got[k])
		}
	}
}

func TestMySQLTypes(t *testing.T) {
	d := mysqlDB(t)
	d.exec(t, `SET SESSION sql_mode = '', time_zone = '+05:00'; CREATE TABLE t (
		id BIGINT UNSIGNED PRIMARY KEY, tiny TINYINT(1), small SMALLINT UNSIGNED, zf INT(8) ZEROFILL, dz DECIMAL(8,2) ZEROFILL,
		big DECIMAL(38,10), f FLOAT, g DOUBLE, b1 BIT(1), b12 BIT(12),
		da DATE, dt DATETIME, dt6 DATETIME(6), ts TIMESTAMP NULL, ti TIME, ye YEAR,
		zero_date DATE, zero_time DATETIME, part_date DATE,
		bin BINARY(16), vb VARBINARY(20), bl BLOB, en ENUM('b','a'), se SET('x','y'), js JSON, emoji VARCHAR(20), tx LONGTEXT, ch CHAR(5), no INT);
		INSERT INTO t VALUES (18446744073709551615, 1, 65535, 42, 7.5, 1234567890123456789012345678.0123456789, 3.14159274, 0.1, b'1', b'101010101010',
		'2024-02-29', '2024-06-01 12:30:45', '2024-06-01 12:30:45.120000', '2024-06-01 12:30:45', '-12:30:00', 2024,
		'0000-00-00', '0000-00-00 00:00:00', '2024-05-00',
		x'00112233445566778899aabbccddeeff', 'text', x'fffe00', 'a', 'x,y', '{"n": 12345678901234567890.10, "l": [1, null]}', '😀 é 张', REPEAT('长', 1000), 'ab', NULL)`)
	shanghai := location(t, "Asia/Shanghai")
	rows, _ := read(t, open(t, d, nil, shanghai), connectors.Request{Stream: "t"})
	if len(rows) != 1 {
		t.Fatalf("%d rows, want 1", len(rows))
	}
	if got, want := rows[0].Key, "18446744073709551615"; got != want {
		t.Errorf("Key = %q, want %q", got, want)
	}
	compared(t, rows[0].Data, map[string]any{
		"id": num("18446744073709551615"), "tiny": num("1"), "small": num("65535"), "zf": num("42"), "dz": num("7.50"),
		"big": num("1234567890123456789012345678.0123456789"), "f": num("3.1415927"), "g": num("0.1"), "b1": num("1"), "b12": num("2730"),
		"da": "2024-02-29", "dt": "2024-06-01T12:30:45+08:00", "dt6": "2024-06-01T12:30:45.12+08:00", "ts": "2024-06-01T07:30:45Z",
		"ti": "-12:30:00", "ye": num("2024"), "zero_date": nil, "zero_time": nil, "part_date": "2024-05-00",
		"bin": "ABEiM0RVZneImaq7zN3u/w==", "vb": "text", "bl": "//4A", "en": "a", "se": "x,y",
		"js":    map[string]any{"n": num("12345678901234567890.10"), "l": []any{num("1"), nil}},
		"emoji": "😀 é 张", "tx": strings.Repeat("长", 1000), "ch": "ab", "no": nil,
	})
}

func TestPostgresTypes(t *testing.T) {
	d := postgresDB(t)
	d.exec(t, `CREATE TYPE mood AS ENUM ('sad', 'happy')`, `CREATE DOMAIN positive AS numeric CHECK (VALUE > 0)`,
		`CREATE TABLE t (id uuid PRIMARY KEY, i int, n numeric, nan numeric, f4 real, f8 double precision, dom positive, mon money,
		bo boolean, da date, ts timestamp, ts3 timestamp(3), tz timestamptz, inf timestamptz, ti time, iv interval, by bytea, tb bytea,
		js json, jb jsonb, jn jsonb, tx text, ch char(5), md mood, ai int[], at text[], ad date[], am mood[], a2 int[][], ip inet, rg int4range)`,
		`INSERT INTO t VALUES ('a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11', -5, 123456789012345678901234567890.000100, 'NaN', 0.1, 0.30000000000000004, 9.5, '-1234567.80',
		true, '2024-02-29', '2024-06-01 12:30:45', '2024-06-01 12:30:45.120', '2024-06-01 12:30:45.5+02', 'infinity', '08:00', '1 year 2 days 03:00', '\xfffe00', 'text',
		'{"b": 1e400, "a": 9007199254740993}', '{"x": 1.10}', 'null', '张"\', 'ab', 'happy', '{1,NULL,-3}', '{"a,b",NULL,"NULL","q\"\\"}', '{2024-01-02}', '{sad}', '{{1,2},{3,4}}', '10.0.0.1', '[1,5)')`)
	rows, _ := read(t, open(t, d, nil, location(t, "America/New_York")), connectors.Request{Stream: "t"})
	if len(rows) != 1 {
		t.Fatalf("%d rows, want 1", len(rows))
	}
	compared(t, rows[0].Data, map[string]any{
		"id": "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11", "i": num("-5"), "n": num("123456789012345678901234567890.000100"), "nan": "NaN",
		"f4": num("0.1"), "f8": num("0.30000000000000004"), "dom": num("9.5"), "mon": num("-1234567.80"), "bo": true,
		"da": "2024-02-29", "ts": "2024-06-01T12:30:45-04:00", "ts3": "2024-06-01T12:30:45.12-04:00", "tz": "2024-06-01T10:30:45.5Z",
		"inf": "infinity", "ti": "08:00:00", "iv": "P1Y2DT3H", "by": "//4A", "tb": "text",
		"js": map[string]any{"b": num("1e400"), "a": num("9007199254740993")}, "jb": map[string]any{"x": num("1.10")}, "jn": nil,
		"tx": `张"\`, "ch": "ab   ", "md": "happy", "ai": []any{num("1"), nil, num("-3")}, "at": []any{"a,b", nil, "NULL", `q"\`},
		"ad": []any{"2024-01-02"}, "am": []any{"sad"}, "a2": []any{[]any{num("1"), num("2")}, []any{num("3"), num("4")}},
		"ip": "10.0.0.1", "rg": "[1,5)",
	})
}

func TestSQLiteTypes(t *testing.T) {
	d := sqliteDB(t)
	d.exec(t, `CREATE TABLE t (id TEXT, i INTEGER, r REAL, dt DATETIME, da DATE, zero DATETIME, iso TIMESTAMP, epoch DATETIME, js JSON, bl BLOB, any_, dec DECIMAL(10,2), bo BOOLEAN, empty JSON)`,
		`INSERT INTO t VALUES ('k', 9223372036854775807, 0.1, '2024-06-01 12:30:45', '2024-02-29', '0000-00-00 00:00:00', '2024-06-01T12:30:45Z', 1717245045, '{"a":1.0}', x'fffe', '张', '12.50', 1, '')`)
	rows, _ := read(t, open(t, d, nil, location(t, "Asia/Shanghai")), connectors.Request{Stream: "t", Key: []string{"id"}})
	if len(rows) != 1 {
		t.Fatalf("%d rows, want 1", len(rows))
	}
	compared(t, rows[0].Data, map[string]any{
		"id": "k", "i": num("9223372036854775807"), "r": num("0.1"), "dt": "2024-06-01T12:30:45+08:00", "da": "2024-02-29", "zero": nil,
		"iso": "2024-06-01T12:30:45Z", "epoch": num("1717245045"), "js": map[string]any{"a": num("1.0")}, "bl": "//4=", "any_": "张",
		"dec": num("12.5"), "bo": num("1"), "empty": nil,
	})
}

// Text that is not UTF-8 is read in the charset given, or its row goes to
// quarantine under its key; the other rows go on.
func TestTextThatIsNotUTF8(t *testing.T) {
	d := sqliteDB(t)
	d.exec(t, `CREATE TABLE t (id INTEGER PRIMARY KEY, name TEXT)`,
		`INSERT INTO t VALUES (1, 'plain'), (2, CAST(x'd5c5ceb0' AS TEXT)), (3, '李四')`)
	rows, _ := read(t, open(t, d, nil, nil), connectors.Request{Stream: "t"})
	if got, want := keys(rows), "1 2 3"; got != want {
		t.Fatalf("keys = %q, want %q", got, want)
	}
	f := fault.Of(rows[1].Fault)
	if f == nil || f.Code != "E2212" || f.Place != "t.name" {
		t.Errorf("row 2: fault %v, want E2212 at t.name", rows[1].Fault)
	}
	if rows[0].Fault != nil || rows[2].Fault != nil {
		t.Error("the rows beside it have faults")
	}
	rows, _ = read(t, open(t, d, params{"charset": "gb18030"}, nil), connectors.Request{Stream: "t"})
	if got, want := rows[1].Data["name"], "张伟"; got != want || rows[1].Fault != nil {
		t.Errorf("as gb18030: %v (fault %v), want %q", got, rows[1].Fault, want)
	}
}

// JSON that is cut goes to quarantine, in MariaDB too, where JSON is text.
func TestJSONThatIsCut(t *testing.T) {
	d := sqliteDB(t)
	d.exec(t, `CREATE TABLE t (id INTEGER PRIMARY KEY, extra JSON)`, `INSERT INTO t VALUES (1, '{"a":'), (2, '[1]')`)
	rows, _ := read(t, open(t, d, nil, nil), connectors.Request{Stream: "t"})
	if f := fault.Of(rows[0].Fault); f == nil || f.Code != "E2213" {
		t.Errorf("row 1: fault %v, want E2213", rows[0].Fault)
	}
	if rows[1].Fault != nil {
		t.Errorf("row 2: fault %v, want none", rows[1].Fault)
	}
}

// A hole in local time (the clock goes forward) does not stop a read.
func TestTimeInTheHoleOfSummerTime(t *testing.T) {
	d := sqliteDB(t)
	d.exec(t, `CREATE TABLE t (id INTEGER PRIMARY KEY, at DATETIME)`, `INSERT INTO t VALUES (1, '2024-03-31 02:30:00'), (2, '2024-07-01 00:00:00'), (3, '2024-12-01 00:00:00')`)
	rows, _ := read(t, open(t, d, nil, location(t, "Europe/Berlin")), connectors.Request{Stream: "t"})
	for i, want := range []string{"", "2024-07-01T00:00:00+02:00", "2024-12-01T00:00:00+01:00"} {
		got, ok := rows[i].Data["at"].(string)
		if _, err := time.Parse(time.RFC3339, got); !ok || err != nil || (want != "" && got != want) {
			t.Errorf("row %d: %q, want %q as RFC 3339", i+1, got, want)
		}
	}
}

func location(t testing.TB, name string) *time.Location {
	t.Helper()
	l, err := time.LoadLocation(name)
	if err != nil {
		t.Fatal(err)
	}
	return l
}
