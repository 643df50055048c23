package mappings_test

import (
	"encoding/json"
	"reflect"
	"testing"

	"crmhub/mappings"
	"crmhub/record"
)

// A row of cells with numbers, nulls and empty text, as databases give it,
// becomes what the same row as an object becomes, whichever way it is mapped.
func TestNumbersInCells(t *testing.T) {
	names := []string{"id", "name", "total", "none", "empty"}
	row := record.Cells{
		Header: record.NewHeader(names, make([]bool, len(names)), true), Text: "12李1.50",
		At: []uint32{0 | record.NumberCell, 2, 2, 5, 5 | record.NumberCell, 9, record.NullCell, 0, 9, 9},
	}
	object := map[string]any{"id": json.Number("12"), "name": "李", "total": json.Number("1.50"), "none": nil, "empty": ""}
	if got := row.Map(); !reflect.DeepEqual(got, object) {
		t.Fatalf("as an object: %v", got)
	}
	for name, text := range map[string]string{
		"fast": "root.number = this.id\nroot.name = this.name\nroot.total = this.total\nroot.a = this.none\nroot.b = this.empty\nroot.same = this.total",
		"slow": "root.number = this.id.string()\nroot.total = this.total.decimal()\nroot.sum = this.id + 1\nroot.a = this.none.or(\"x\")\nroot.whole = this",
	} {
		m, err := mappings.Parse(name+".blobl", text)
		if err != nil {
			t.Fatal(err)
		}
		want, err := m.Map(object)
		if err != nil {
			t.Fatal(err)
		}
		got, err := m.AppendCells(nil, &row)
		if err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%s: %v %v, want %v", name, got, err, want)
		}
	}
}
