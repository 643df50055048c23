package sqldb_test

import (
	"fmt"
	"reflect"
	"strings"
	"testing"

	"crmhub/connectors"
)

func TestDiscover(t *testing.T) {
	everywhere(t, func(t *testing.T, d database) {
		stamp := map[string]string{"mysql": "datetime", "postgres": "timestamp", "sqlite": "datetime"}[d.kind]
		d.exec(t,
			"CREATE TABLE a_joined (x INT NOT NULL, y INT NOT NULL, v VARCHAR(10), PRIMARY KEY (y, x))",
			"CREATE TABLE b_unique (n INT, code VARCHAR(10) NOT NULL UNIQUE, gmt_modified "+stamp+")",
			"CREATE TABLE c_loose (n INT UNIQUE, 修改时间 "+stamp+")",
			"CREATE VIEW d_view AS SELECT * FROM b_unique",
			"CREATE TABLE other (id INT NOT NULL PRIMARY KEY)",
			"INSERT INTO b_unique VALUES (1, 'a', NULL), (2, 'b', NULL)")
		streams, err := open(t, d, params{"tables": []any{"?_*"}}, nil).Discover(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		want := []connectors.Stream{
			{Name: "a_joined", Key: []string{"y", "x"}},
			{Name: "b_unique", Key: []string{"code"}, Cursor: "gmt_modified", Rows: 2},
			{Name: "c_loose", Cursor: "修改时间"},
			{Name: "d_view", Cursor: "gmt_modified", Rows: 2},
		}
		if len(streams) != len(want) {
			t.Fatalf("%d streams, want %d: %v", len(streams), len(want), streams)
		}
		for i, w := range want {
			g := streams[i]
			if g.Name != w.Name || !reflect.DeepEqual(g.Key, w.Key) || g.Cursor != w.Cursor || g.Rows != w.Rows {
				t.Errorf("stream %d = %+v, want %+v", i, g, w)
			}
		}
		if c := streams[0].Columns[2]; c.Name != "v" || !strings.Contains(strings.ToLower(c.Type), "char") || !c.Null || streams[0].Columns[0].Null {
			t.Errorf("columns of a_joined = %+v", streams[0].Columns)
		}
		if notes := fmt.Sprint(streams[3].Notes); !strings.Contains(notes, "view") || !strings.Contains(notes, "no primary key") {
			t.Errorf("notes of the view = %q", notes)
		}
	})
}

// A table of another schema is read as schema.table, or by the parameter.
func TestOtherSchemas(t *testing.T) {
	a, b := mysqlDB(t), mysqlDB(t)
	changing(t, b)
	other := b.url[strings.LastIndex(b.url, "/")+1:]
	rows, _ := read(t, open(t, a, nil, nil), connectors.Request{Stream: other + ".people"})
	if len(rows) != 4 {
		t.Errorf("as schema.table: %d rows, want 4", len(rows))
	}
	rows, _ = read(t, open(t, a, params{"schema": other}, nil), connectors.Request{Stream: "people"})
	if len(rows) != 4 {
		t.Errorf("by the parameter: %d rows, want 4", len(rows))
	}
}
