package file_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"

	"crmhub/connectors"
	"crmhub/connectors/file"
	"crmhub/fault"
)

// cellsTold is told of what ReadCells emits, with the line of each row; the
// faults stand behind the rows.
func cellsTold(t *testing.T, text string, params map[string]any) []string {
	t.Helper()
	dir := t.TempDir()
	write(t, dir, "t.csv", []byte(text))
	all := map[string]any{"path": "t.csv"}
	for k, v := range params {
		all[k] = v
	}
	var rows, faults []string
	ok, err := open(t, dir, all).(file.CellReader).ReadCells(context.Background(), "t", func(c *file.Cells) error {
		for r := range c.Rows() {
			var cells []string
			for k, name := range c.Columns {
				cells = append(cells, name+"="+string(c.Cell(r, k)))
			}
			rows = append(rows, c.Place(r).String()+" "+strings.Join(cells, "|"))
		}
		for _, err := range c.Faults {
			f := fault.Of(err)
			faults = append(faults, string(f.Code)+"@"+f.Place)
		}
		return nil
	})
	if !ok || err != nil {
		t.Fatalf("ReadCells = %v, %v", ok, err)
	}
	return append(rows, faults...)
}

// TestCellsAreWhatRowsHold holds that both ways to read give the same.
func TestCellsAreWhatRowsHold(t *testing.T) {
	const head = "id,name,note\n"
	many := strings.Builder{}
	for i := range 20_000 {
		fmt.Fprintf(&many, "%d,\"n\n%d\",x\n", i, i)
	}
	for _, tt := range []struct {
		name, text string
		params     map[string]any
	}{
		{"quotes", head + "1,\"a \"\"b\"\" c\",x\n2,\"=\"\"007\"\"\",=\"1\"\n3,\"two\nlines\",\"\"\n", nil},
		{"faults", head + "1,\"a\"b,x\n2,b,y\n3,a\x00,x\n4,c,d,e\n5,f,g\n6,\"open,x\n7,h,i\n", nil},
		{"short rows", head + "1,a\n2,b,y\n\n,,\n3\n", map[string]any{"short_rows": "fill"}},
		{"semicolons, another encoding", "id;name;note\n1;\xc0\xee\xc0\xd7;x\n2;\xd5\xc5\xce\xb0;y\n", map[string]any{"encoding": "gbk"}},
		{"several batches", head + many.String(), nil},
	} {
		t.Run(tt.name, func(t *testing.T) { sameCells(t, tt.text, tt.params) })
	}
}

// sameCells holds that both ways to read a text give the same.
func sameCells(t *testing.T, text string, params map[string]any) {
	t.Helper()
	var want, faults []string
	for _, r := range readText(t, "t.csv", text, params, connectors.Request{}) {
		if f := fault.Of(r.Fault); f != nil {
			faults = append(faults, string(f.Code)+"@"+f.Place)
			continue
		}
		var cells []string
		for _, name := range []string{"id", "name", "note"} {
			v, _ := r.Data[name].(string)
			cells = append(cells, name+"="+v)
		}
		want = append(want, r.Place.String()+" "+strings.Join(cells, "|"))
	}
	if got, want := cellsTold(t, text, params), append(want, faults...); !reflect.DeepEqual(got, want) {
		t.Errorf("ReadCells gives %d rows and faults, Read %d, or others:\nof   %.600q\ngot  %.300q\nwant %.300q", len(got), len(want), text, got, want)
	}
}

// TestCellsOfRandomText holds the same of whatever may stand in a file.
func TestCellsOfRandomText(t *testing.T) {
	pieces := []string{
		"a", "b c", "7", "\u674e\u96f7", "\"", "\"\"", "\"x,y\"", "\"=1\"", "=\"007\"", "=", "\n", "\r\n", "\r", "\x00", "\xff", "\t", " ", ";", "\\", "\\N", "\x1a", "'", "\u00a0",
	}
	r := rand.New(rand.NewPCG(1, 2))
	for range 600 {
		var b strings.Builder
		if r.IntN(8) == 0 {
			b.WriteString("\ufeff")
		}
		end := []string{"\n", "\r\n"}[r.IntN(2)]
		quoted := r.IntN(3) == 0
		b.WriteString("id,name,note" + end + "0," + strings.Repeat("\u674e\u96f7", 400) + ",x" + end)
		odd := []int{0, 2, 10, 40}[r.IntN(4)]
		for i := range 1 + r.IntN(30) {
			for k := range 3 - r.IntN(9)/8 {
				if k > 0 {
					b.WriteByte(',')
				}
				cell := fmt.Sprint("w", i*k)
				if r.IntN(100) < odd {
					cell += pieces[r.IntN(len(pieces))]
				}
				if r.IntN(100) < odd {
					cell = pieces[r.IntN(len(pieces))] + cell
				}
				if quoted {
					cell = "\"" + cell + "\""
				}
				b.WriteString(cell)
			}
			b.WriteString(end)
		}
		params := map[string]any{"encoding": "utf-8"}
		if r.IntN(2) == 0 {
			params["short_rows"] = "fill"
		}
		if sameCells(t, b.String(), params); t.Failed() {
			return
		}
	}
}

func TestCellsOfOtherFormatsAreRows(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, "t.jsonl", []byte("{\"id\":1}\n{\"id\":2}\n"))
	src := open(t, dir, map[string]any{"path": "t.jsonl"}).(file.CellReader)
	ok, err := src.ReadCells(context.Background(), "t", func(*file.Cells) error { return nil })
	if ok || err != nil {
		t.Errorf("ReadCells of JSON lines = %v, %v, want false and no error", ok, err)
	}
}
