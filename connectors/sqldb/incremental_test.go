package sqldb_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"testing"
	"time"

	"crmhub/connectors"
	"crmhub/record"
)

// changing makes a table with a cursor that may be NULL.
func changing(t *testing.T, d database) {
	stamp := map[string]string{"mysql": "DATETIME", "postgres": "timestamp", "sqlite": "DATETIME"}[d.kind]
	d.exec(t, "CREATE TABLE people (id INT NOT NULL PRIMARY KEY, name VARCHAR(20), updated_at "+stamp+" NULL)",
		`INSERT INTO people VALUES (1, 'a', '2026-01-01 00:00:00'), (5, 'b', '2026-01-02 00:00:00'), (3, 'c', '2026-01-02 00:00:00'), (4, 'd', NULL)`)
}

func incremental(from record.Position) connectors.Request {
	return connectors.Request{Stream: "people", Mode: connectors.Incremental, From: from}
}

// A row whose cursor equals the stored one is not missed, whatever its key;
// rows without a cursor are read each time; a quiet run reads the boundary
// again and nothing else.
func TestIncrementalMissesNoRowAtTheBoundary(t *testing.T) {
	everywhere(t, func(t *testing.T, d database) {
		changing(t, d)
		s := open(t, d, nil, nil)
		rows, at := read(t, s, incremental(nil))
		if got, want := keys(rows), "1 3 4 5"; got != want {
			t.Fatalf("first read: keys %q, want %q", got, want)
		}
		rows, at = read(t, s, incremental(at))
		if got, want := keys(rows), "4 3 5"; got != want {
			t.Errorf("quiet read: keys %q, want %q", got, want)
		}
		d.exec(t, `INSERT INTO people VALUES (2, 'late', '2026-01-02 00:00:00'), (9, 'new', '2026-01-03 00:00:00'), (8, 'undated', NULL)`,
			`UPDATE people SET updated_at = '2026-01-04 00:00:00' WHERE id = 1`)
		rows, at = read(t, s, incremental(at))
		if got, want := keys(rows), "4 8 2 3 5 9 1"; got != want {
			t.Errorf("after changes: keys %q, want %q", got, want)
		}
		rows, _ = read(t, s, incremental(at))
		if got, want := keys(rows), "4 8 1"; got != want {
			t.Errorf("quiet again: keys %q, want %q", got, want)
		}
	})
}

// The overlap goes back from the stored cursor, for rows that committed late.
func TestOverlapReadsLateRows(t *testing.T) {
	everywhere(t, func(t *testing.T, d database) {
		changing(t, d)
		s := open(t, d, nil, location(t, "Asia/Shanghai"))
		_, at := read(t, s, incremental(nil))
		d.exec(t, `INSERT INTO people VALUES (7, 'late', '2026-01-01 23:55:00'), (6, 'too late', '2026-01-01 23:40:00')`)
		r := incremental(at)
		r.Overlap = 10 * time.Minute
		rows, _ := read(t, s, r)
		if got, want := keys(rows), "4 7 3 5"; got != want {
			t.Errorf("keys %q, want %q", got, want)
		}
	})
}

// One row dated far in the future must not hide all that changes before it.
func TestARowOfTheFutureHidesNothing(t *testing.T) {
	everywhere(t, func(t *testing.T, d database) {
		changing(t, d)
		d.exec(t, `DELETE FROM people WHERE updated_at IS NULL`, `INSERT INTO people VALUES (99, 'x', '2999-12-31 00:00:00')`)
		s := open(t, d, nil, nil)
		_, at := read(t, s, incremental(nil))
		later := time.Now().UTC().Add(time.Hour).Format(time.DateTime)
		d.exec(t, `INSERT INTO people VALUES (10, 'y', '`+later+`')`)
		rows, at := read(t, s, incremental(at))
		if got, want := keys(rows), "10 99"; got != want {
			t.Errorf("keys %q, want %q", got, want)
		}
		rows, _ = read(t, s, incremental(at))
		if got, want := keys(rows), "10 99"; got != want {
			t.Errorf("again: keys %q, want %q", got, want)
		}
	})
}

var errKilled = errors.New("killed")

// readSome reads n batches and stops as a crash would; it returns the position
// of the last batch that was taken.
func readSome(t *testing.T, s connectors.Source, r connectors.Request, n int) ([]record.Row, record.Position) {
	t.Helper()
	var rows []record.Row
	at := r.From
	err := s.Read(t.Context(), r, func(_ context.Context, b connectors.Batch) error {
		if n--; n < 0 {
			return errKilled
		}
		rows, at = append(rows, b.Rows...), b.Position
		return nil
	})
	if !errors.Is(err, errKilled) {
		t.Fatalf("Read: %v, want it to be stopped", err)
	}
	return rows, at
}

// What commits behind the point where an incremental read was interrupted is
// read by the next read at the latest.
func TestAResumedReadLosesNothingBehindIt(t *testing.T) {
	everywhere(t, func(t *testing.T, d database) {
		changing(t, d)
		s := open(t, d, nil, nil)
		_, at := read(t, s, incremental(nil))
		d.exec(t, `INSERT INTO people VALUES (11, 'e', '2026-02-01 00:00:00'), (12, 'f', '2026-02-02 00:00:00'), (13, 'g', '2026-02-03 00:00:00')`)
		r := incremental(at)
		r.BatchRows = 1
		_, at = readSome(t, s, r, 5) // 4, 3, 5, 11, 12
		d.exec(t, `INSERT INTO people VALUES (14, 'behind', '2026-02-02 00:00:00')`, `INSERT INTO people VALUES (10, 'behind', '2026-02-02 00:00:00')`)
		rows, at := read(t, s, incremental(at))
		if got, want := keys(rows), "14 13"; got != want {
			t.Errorf("resumed: keys %q, want %q", got, want)
		}
		rows, _ = read(t, s, incremental(at))
		if got, want := keys(rows), "4 10 12 14 13"; got != want {
			t.Errorf("next: keys %q, want %q", got, want)
		}
	})
}

// An empty table, and one whose cursors are all NULL, are no errors.
func TestIncrementalOfNothing(t *testing.T) {
	everywhere(t, func(t *testing.T, d database) {
		changing(t, d)
		d.exec(t, `DELETE FROM people`)
		s := open(t, d, nil, nil)
		rows, at := read(t, s, incremental(nil))
		if len(rows) != 0 || len(at) == 0 {
			t.Errorf("%d rows and position %q, want none and a position", len(rows), at)
		}
		d.exec(t, `INSERT INTO people VALUES (1, 'a', NULL)`)
		rows, at = read(t, s, incremental(at))
		if got, want := keys(rows), "1"; got != want {
			t.Errorf("keys %q, want %q", got, want)
		}
		d.exec(t, `INSERT INTO people VALUES (2, 'b', '2026-01-01 00:00:00')`)
		rows, _ = read(t, s, incremental(at))
		if got, want := keys(rows), "1 2"; got != want {
			t.Errorf("keys %q, want %q", got, want)
		}
	})
}

// Keys and cursors of every kind come back from a position as they were.
func TestKeysAndCursorsOfEveryKind(t *testing.T) {
	everywhere(t, func(t *testing.T, d database) {
		for i, tt := range []struct{ name, low, high, mysql, postgres, sqlite string }{
			{"integer", "9007199254740992", "9007199254740993", "BIGINT", "bigint", "INTEGER"},
			{"unsigned", "18446744073709551614", "18446744073709551615", "BIGINT UNSIGNED", "", ""},
			{"decimal", "12345678901234567890.01", "12345678901234567890.02", "DECIMAL(30,2)", "numeric", ""},
			{"float", "0.1", "0.30000000000000004", "DOUBLE", "double precision", "REAL"},
			{"date", "'2024-02-28'", "'2024-02-29'", "DATE", "date", "DATE"},
			{"microseconds", "'2024-02-29 12:00:00.000001'", "'2024-02-29 12:00:00.000002'", "DATETIME(6)", "timestamp", "DATETIME"},
			{"instant", "'2024-02-29 12:00:00'", "'2024-02-29 12:00:01'", "TIMESTAMP", "timestamptz", ""},
			{"text", "'a|b'", "'é'", "VARCHAR(20)", "text", "TEXT"},
			{"binary", "x'00ff'", "x'00ffff'", "VARBINARY(20)", "", "BLOB"},
			{"bytea", `'\x00ff'`, `'\x00ffff'`, "", "bytea", ""},
			{"zero date", "'0000-00-00 00:00:00'", "'2024-01-01 00:00:00'", "DATETIME", "", ""},
			{"uuid", "'00000000-0000-0000-0000-0000000000ff'", "'ffffffff-0000-0000-0000-000000000000'", "", "uuid", ""},
			{"enum", "'z'", "'a'", "ENUM('z','a')", "", ""},
			{"char", "'ab'", "'abc'", "CHAR(10)", "char(10)", ""},
		} {
			typ := map[string]string{"mysql": tt.mysql, "postgres": tt.postgres, "sqlite": tt.sqlite}[d.kind]
			if typ == "" {
				continue
			}
			name := fmt.Sprintf("people%d", i)
			create := "CREATE TABLE " + name + " (c " + typ + " NOT NULL PRIMARY KEY, n INT)"
			if d.kind == "mysql" {
				create = "SET SESSION sql_mode = ''; " + create
			}
			d.exec(t, create+"; INSERT INTO "+name+" VALUES ("+tt.low+", 1), ("+tt.high+", 2)")
			t.Run(tt.name, func(t *testing.T) {
				s := open(t, d, nil, nil)
				r := connectors.Request{Stream: name, BatchRows: 1}
				rows, at := readSome(t, s, r, 1)
				r.From = at
				rest, _ := read(t, s, r)
				if len(rows) != 1 || len(rest) != 1 || rows[0].Data["n"] == rest[0].Data["n"] {
					t.Fatalf("as a key: %d rows, then %d", len(rows), len(rest))
				}
				r = connectors.Request{Stream: name, Mode: connectors.Incremental, Cursor: "c"}
				_, r.From = read(t, s, r)
				rows, _ = read(t, s, r)
				want := json.Number("2")
				if tt.name == "enum" {
					want = "1" // by its text
				}
				if len(rows) != 1 || rows[0].Data["n"] != want {
					t.Errorf("as a cursor: %d rows %v, want the highest alone", len(rows), rows)
				}
			})
		}
	})
}
