package file_test

import (
	"fmt"
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"

	"crmhub/connectors"
	"crmhub/fault"
	"crmhub/record"
)

// saidBy is all that a row says, whether it is held by Data or by Cells.
func saidBy(r record.Row) string {
	out := fmt.Sprintf("%s key=%q deleted=%v raw=%q values=%q", r.Place, r.Key, r.Deleted, r.Raw, r.Values())
	if f := fault.Of(r.Fault); f != nil {
		out += fmt.Sprint(" ", f.Code, "@", f.Place, f.Args)
	}
	return out
}

func sameAsCells(t *testing.T, text string, params map[string]any, r connectors.Request) (cells int) {
	t.Helper()
	want := readText(t, "t.csv", text, params, r)
	r.Cells = true
	got := readText(t, "t.csv", text, params, r)
	if len(got) != len(want) {
		t.Fatalf("%d rows of cells, want %d\n%q", len(got), len(want), text)
	}
	for i := range want {
		if a, b := saidBy(got[i]), saidBy(want[i]); a != b {
			t.Fatalf("of cells %s\n    want %s\nin %q", a, b, text)
		}
		if want[i].Cells.Header != nil {
			t.Fatal("a row is made of cells, though nobody asked for it")
		}
		if got[i].Cells.Header != nil {
			cells++
			if got[i].Data != nil {
				t.Fatal("a row holds both cells and an object")
			}
		}
	}
	return cells
}

func TestRowsOfCellsSayWhatObjectsSay(t *testing.T) {
	const head = "id,name,note,\n"
	key := connectors.Request{Key: []string{"id"}}
	for _, tt := range []struct {
		name, text string
		params     map[string]any
		request    connectors.Request
		cells      bool
	}{
		{"quotes", head + "1,\"a \"\"b\"\" c\",x,\n2,\"=\"\"007\"\"\",=\"1\",\n3,\"two\nlines\",\"\",=\"\"\n", nil, key, true},
		{"empty cells", head + "1,,,\n2,\"\", ,\n", nil, key, true},
		{"empty is text", head + "1,,,\n2,\"\", ,x\n", map[string]any{"empty": "text"}, key, true},
		{"faults", head + "1,\"a\"b,x,\n2,b,y,\n3,a\x00,x,\n4,c,d,e,f\n,no key,,\n6,\"open,x\n7,h,i,\n", nil, key, true},
		{"short rows", head + "1,a\n2,b,y,\n\n,,\n3\n", map[string]any{"short_rows": "fill"}, connectors.Request{}, true},
		{"two keys", head + "1,a|b,x,\n2,c\\d,y,\n3,,z,\n", nil, connectors.Request{Key: []string{"id", "name"}}, true},
		{"deleted", head + "1,a,1,\n2,b,,\n3,c,no,\n", nil, connectors.Request{Key: []string{"id"}, Deleted: "note"}, true},
		{"dates are objects", head + "1,a,43831,\n", map[string]any{"date_columns": []any{"note"}}, key, false},
		{"another encoding", "id;name;note\n1;\xc0\xee\xc0\xd7;x\n2;\xd5\xc5\xce\xb0;y\n", map[string]any{"encoding": "gbk"}, key, true},
		{"long cells", head + "1," + strings.Repeat("长", 40_000) + ",\"" + strings.Repeat(`""`, 50_000) + "\",\n2,a,b,\n", nil, key, true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := sameAsCells(t, tt.text, tt.params, tt.request) > 0; got != tt.cells {
				t.Errorf("rows of cells: %v, want %v", got, tt.cells)
			}
		})
	}
}

func TestRandomRowsOfCellsSayWhatObjectsSay(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	pieces := []string{"a", "李", "\"", "\"\"", ",", "\n", " ", "=", "=\"1\"", "\x00", "0", "\r\n", "\"x,y\"", "\"a\"\"b\""}
	for range 300 {
		var text strings.Builder
		text.WriteString("id,name,note\n")
		for i := range r.IntN(40) {
			fmt.Fprintf(&text, "%d,", i)
			for range r.IntN(8) {
				text.WriteString(pieces[r.IntN(len(pieces))])
			}
			text.WriteString(",x\n")
		}
		sameAsCells(t, text.String(), map[string]any{"encoding": "utf-8", "delimiter": ",", "header_row": 1}, connectors.Request{Key: []string{"id"}})
	}
}

func TestRowsKeepTheirCellsWhileOthersAreRead(t *testing.T) {
	var text strings.Builder
	text.WriteString("id,name\n")
	want := map[string]any{}
	for i := range 30_000 {
		name := strings.Repeat(string(rune('a'+i%26)), i%50)
		fmt.Fprintf(&text, "%d,\"%s\"\"\"\n", i, name)
		want[fmt.Sprint(i)] = name + `"`
	}
	got := map[string]any{}
	for _, row := range readText(t, "t.csv", text.String(), nil, connectors.Request{Key: []string{"id"}, Cells: true, BatchRows: 700}) {
		got[row.Key] = row.Cells.Value(1)
	}
	if !reflect.DeepEqual(got, want) {
		t.Error("cells changed after they were handed over")
	}
}
