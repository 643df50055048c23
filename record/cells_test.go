package record_test

import (
	"encoding/json"
	"reflect"
	"testing"

	"crmhub/record"
)

func TestCellsAreTheRowAsAnObject(t *testing.T) {
	names, unnamed := []string{"id", "name", "column_3"}, []bool{false, false, true}
	for _, tt := range []struct {
		name      string
		keepEmpty bool
		cells     record.Cells
		want      map[string]any
	}{
		{"all there", false, record.Cells{Text: "1,李,x", At: []uint32{0, 1, 2, 5, 6, 7}}, map[string]any{"id": "1", "name": "李", "column_3": "x"}},
		{"empty is null, and nothing where the column has no name", false, record.Cells{Text: "1,,", At: []uint32{0, 1, 2, 2, 3, 3}}, map[string]any{"id": "1", "name": nil}},
		{"marked", true, record.Cells{Text: "12", At: []uint32{0 | record.NumberCell, 2, record.NullCell, 0, 2, 2}}, map[string]any{"id": json.Number("12"), "name": nil, "column_3": ""}},
		{"empty is kept", true, record.Cells{Text: "1,,", At: []uint32{0, 1, 2, 2, 3, 3}}, map[string]any{"id": "1", "name": "", "column_3": ""}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			row := record.Row{Cells: tt.cells}
			row.Cells.Header = record.NewHeader(names, unnamed, tt.keepEmpty)
			got := row.Values()
			if !reflect.DeepEqual(got, tt.want) {
				t.Errorf("Values() = %q, want %q", got, tt.want)
			}
			for _, n := range append(names, "other") {
				if v := row.Cells.Value(row.Cells.Header.Column(n)); v != tt.want[n] {
					t.Errorf("value of %s = %q, want %q", n, v, tt.want[n])
				}
			}
		})
	}
}

func TestValuesOfARowOfDataAreItsData(t *testing.T) {
	row := record.Row{Data: map[string]any{"a": "b"}}
	if got := row.Values(); got["a"] != "b" {
		t.Errorf("Values() = %v, want the row's data", got)
	}
}
