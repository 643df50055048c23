package sqldb_test

import (
	"fmt"
	"strings"
	"testing"

	"crmhub/connectors"
	"crmhub/record"
)

// seen counts the rows of each key.
func seen(rows []record.Row) map[string]int {
	m := map[string]int{}
	for _, r := range rows {
		m[r.Key]++
	}
	return m
}

// numbers fills a table t(a, b) with 25,000 rows whose key is (a, b).
func numbers(t testing.TB, d database) {
	d.exec(t, "CREATE TABLE t (a INT NOT NULL, b INT NOT NULL, c VARCHAR(10), PRIMARY KEY (a, b))")
	for from := 1; from <= 25_000; from += 5000 {
		var rows []string
		for i := from; i < from+5000; i++ {
			rows = append(rows, fmt.Sprintf("(%d,%d,'x')", i%7, i))
		}
		d.exec(t, "INSERT INTO t VALUES "+strings.Join(rows, ","))
	}
}

// Pages of a joined key lose and repeat nothing, in one read and over an
// interruption.
func TestPagesOfAJoinedKey(t *testing.T) {
	everywhere(t, func(t *testing.T, d database) {
		numbers(t, d)
		s := open(t, d, nil, nil)
		r := connectors.Request{Stream: "t", BatchRows: 700}
		rows, at := readSome(t, s, r, 17)
		r.From = at
		rest, _ := read(t, s, r)
		rows = append(rows, rest...)
		if got, want := len(seen(rows)), 25000; len(rows) != want || got != want {
			t.Fatalf("%d rows with %d keys, want %d of each", len(rows), got, want)
		}
		if got, want := rows[0].Key+" "+rows[24999].Key, "0|7 6|24996"; got != want {
			t.Errorf("first and last key %q, want %q", got, want)
		}
	})
}

// A key that the pipeline names need not be unique: rows that share it are
// read again when a read is resumed among them, never lost.
func TestAKeyThatRepeats(t *testing.T) {
	everywhere(t, func(t *testing.T, d database) {
		d.exec(t, "CREATE TABLE plain (email VARCHAR(20) NULL, n INT)",
			"INSERT INTO plain VALUES ('b', 1), ('a', 2), ('b', 3), (NULL, 4), ('b', 5), ('c', 6)", "CREATE VIEW v AS SELECT * FROM plain")
		for _, stream := range []string{"plain", "v"} {
			s := open(t, d, nil, nil)
			r := connectors.Request{Stream: stream, Key: []string{"email"}, BatchRows: 1}
			all, _ := read(t, s, r)
			if len(all) != 6 {
				t.Fatalf("%s: %d rows, want 6", stream, len(all))
			}
			for stop := 1; stop < 6; stop++ {
				rows, at := readSome(t, s, r, stop)
				next := r
				next.From = at
				rest, _ := read(t, s, next)
				found := map[any]bool{}
				for _, row := range append(rows, rest...) {
					found[row.Data["n"]] = true
				}
				if len(found) != 6 {
					t.Errorf("%s, stopped after %d: %d different rows, want 6", stream, stop, len(found))
				}
			}
		}
	})
}

// A table without any order is read whole, and anew after an interruption.
func TestATableWithoutKey(t *testing.T) {
	everywhere(t, func(t *testing.T, d database) {
		d.exec(t, "CREATE TABLE plain (n INT)", "INSERT INTO plain VALUES (1), (1), (2)")
		s := open(t, d, nil, nil)
		r := connectors.Request{Stream: "plain", BatchRows: 1}
		_, r.From = readSome(t, s, r, 2)
		rows, _ := read(t, s, r)
		want := 3
		if d.kind == "sqlite" { // which has its row numbers
			want = 1
		}
		if len(rows) != want {
			t.Errorf("%d rows after an interruption, want %d", len(rows), want)
		}
	})
}

// One read sees one state of the database, whatever is written meanwhile.
func TestOneReadSeesOneState(t *testing.T) {
	everywhere(t, func(t *testing.T, d database) {
		if d.kind == "sqlite" {
			d.exec(t, "PRAGMA journal_mode = WAL")
		}
		numbers(t, d)
		changed := false
		var rows []record.Row
		err := open(t, d, nil, nil).Read(t.Context(), connectors.Request{Stream: "t"}, collect(&rows, func() {
			if !changed {
				changed = true
				d.exec(t, "DELETE FROM t WHERE a = 6", "UPDATE t SET c = 'y'")
			}
		}))
		if err != nil {
			t.Fatal(err)
		}
		if len(rows) != 25000 || rows[24999].Data["c"] != "x" {
			t.Errorf("%d rows, the last with %v; want 25000 with x", len(rows), rows[len(rows)-1].Data["c"])
		}
	})
}

// A reader of a SQLite file in the old journal mode never keeps its writers out.
func TestReadingHindersNoWriter(t *testing.T) {
	d := sqliteDB(t)
	numbers(t, d)
	d.exec(t, "PRAGMA busy_timeout = 0")
	d.db.SetMaxOpenConns(1)
	var rows []record.Row
	err := open(t, d, nil, nil).Read(t.Context(), connectors.Request{Stream: "t", BatchRows: 5000}, collect(&rows, func() {
		d.exec(t, "UPDATE t SET c = 'z' WHERE b = 1")
	}))
	if err != nil {
		t.Fatal(err)
	}
	if len(rows) != 25000 {
		t.Errorf("%d rows, want 25000", len(rows))
	}
}

// A position of another table, key or query starts anew.
func TestAPositionThatDoesNotFitStartsAnew(t *testing.T) {
	everywhere(t, func(t *testing.T, d database) {
		changing(t, d)
		s := open(t, d, nil, nil)
		r := connectors.Request{Stream: "people", BatchRows: 2}
		_, at := readSome(t, s, r, 1)
		for name, r := range map[string]connectors.Request{
			"damaged":      {Stream: "people", From: record.Position(`{"mode":`)},
			"other query":  {Stream: "people", Query: "SELECT id FROM people", Key: []string{"id"}, From: at},
			"other mode":   {Stream: "people", Mode: connectors.Incremental, From: at},
			"other system": {Stream: "people", From: record.Position(`{"line": 7}`)},
		} {
			rows, _ := read(t, s, r)
			if len(rows) != 4 {
				t.Errorf("%s: %d rows, want 4", name, len(rows))
			}
		}
	})
}

// Names with quotes, spaces, capitals and Chinese letters are read like others.
func TestStrangeNames(t *testing.T) {
	everywhere(t, func(t *testing.T, d database) {
		q := func(name string) string {
			if d.kind == "mysql" {
				return "`" + strings.ReplaceAll(name, "`", "``") + "`"
			}
			return `"` + strings.ReplaceAll(name, `"`, `""`) + `"`
		}
		table, key, col := "客户 表.x`y\"z", "Id", "select `\"名\""
		d.exec(t, fmt.Sprintf("CREATE TABLE %s (%s INT NOT NULL PRIMARY KEY, %s VARCHAR(20))", q(table), q(key), q(col)),
			fmt.Sprintf("INSERT INTO %s VALUES (1, 'v')", q(table)))
		rows, _ := read(t, open(t, d, nil, nil), connectors.Request{Stream: table})
		if len(rows) != 1 || rows[0].Key != "1" || rows[0].Data[col] != "v" {
			t.Errorf("rows %v", rows)
		}
	})
}
