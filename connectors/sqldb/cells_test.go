package sqldb_test

import (
	"reflect"
	"testing"

	"crmhub/connectors"
)

// Rows of cells hold what rows of data hold: null and empty text, numbers with
// every digit, deleted rows, keys of several columns; a row with a value that
// is neither comes as data.
func TestCellsHoldWhatDataHolds(t *testing.T) {
	everywhere(t, func(t *testing.T, d database) {
		d.exec(t, "CREATE TABLE t (a INT NOT NULL, b VARCHAR(20) NOT NULL, txt VARCHAR(20), num DECIMAL(30,10), gone INT, PRIMARY KEY (a, b))",
			"INSERT INTO t VALUES (1, 'x|y', '', 12345678901234567890.5, 0), (2, '张', NULL, NULL, 1), (3, '0', '0', 0, NULL)")
		r := connectors.Request{Stream: "t", Deleted: "gone", BatchRows: 2}
		want, _ := read(t, open(t, d, nil, nil), r)
		r.Cells = true
		got, _ := read(t, open(t, d, nil, nil), r)
		if len(got) != len(want) || len(got) != 3 {
			t.Fatalf("%d rows of cells, %d of data", len(got), len(want))
		}
		for i := range want {
			if got[i].Cells.Header == nil {
				t.Errorf("row %d is no row of cells", i)
			}
			if !reflect.DeepEqual(got[i].Values(), want[i].Data) || got[i].Key != want[i].Key || got[i].Deleted != want[i].Deleted {
				t.Errorf("row %d: %q %v %v, want %q %v %v", i, got[i].Key, got[i].Values(), got[i].Deleted, want[i].Key, want[i].Data, want[i].Deleted)
			}
		}
	})
	d := postgresDB(t)
	d.exec(t, "CREATE TABLE t (id INT PRIMARY KEY, ok boolean, doc json)", `INSERT INTO t VALUES (1, true, '{"a": 1}'), (2, NULL, NULL)`)
	rows, _ := read(t, open(t, d, nil, nil), connectors.Request{Stream: "t", Cells: true})
	if len(rows) != 2 || rows[0].Data["ok"] != true || rows[1].Cells.Header == nil || rows[1].Values()["ok"] != nil {
		t.Errorf("rows: %v", rows)
	}
}
