package sheet_test

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"reflect"
	"testing"

	"github.com/xuri/excelize/v2"

	"crmhub/fault"
	"crmhub/hub/sheet"
)

var rows = []sheet.Row{
	{Item: "7", Pipeline: "shop_customer", Place: "shop.csv:3:2", Code: "E3201", Reason: "why", Data: map[string]any{
		"name": "李娜", "amount": json.Number("9007199254740993"), "phone": "013800138000", "formula": "=1+1",
		"tags": []any{"a", "b"}, "address": map[string]any{"city": "上海"}, "vip": true, "gone": nil,
	}},
	{Item: "9", Pipeline: "erp_customer", Place: "erp.csv:4", Code: "E3304", Reason: "why", Data: map[string]any{"编号": "K1"}},
}

// read writes rows in a format, lets f change the file, and reads it back by item.
func read(t *testing.T, format string, f func(path string)) map[string]sheet.Corrected {
	t.Helper()
	var b bytes.Buffer
	if err := sheet.Write(&b, format, rows); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "rows."+format)
	if err := os.WriteFile(path, b.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	if f != nil {
		f(path)
	}
	list, err := sheet.Read(path)
	if err != nil {
		t.Fatal(err)
	}
	byItem := map[string]sheet.Corrected{}
	for _, c := range list {
		byItem[c.Item] = c
	}
	return byItem
}

func TestUntouchedRowsComeBackUnchanged(t *testing.T) {
	for _, format := range []string{"csv", "xlsx"} {
		t.Run(format, func(t *testing.T) {
			back := read(t, format, nil)
			if len(back) != len(rows) {
				t.Fatalf("%d rows came back, want %d", len(back), len(rows))
			}
			for _, r := range rows {
				got, changed := back[r.Item].Apply(r.Data)
				if changed || !reflect.DeepEqual(got, r.Data) {
					t.Errorf("item %s: changed = %v, got %v, want %v", r.Item, changed, got, r.Data)
				}
			}
		})
	}
}

func TestCorrectedCellsKeepTheirType(t *testing.T) {
	back := read(t, "xlsx", func(path string) {
		f, err := excelize.OpenFile(path)
		if err != nil {
			t.Fatal(err)
		}
		name := "2 shop_customer"
		head, err := f.GetRows(name)
		if err != nil {
			t.Fatal(err)
		}
		for i, column := range head[0] {
			at, err := excelize.CoordinatesToCellName(i+1, 2)
			if err != nil {
				t.Fatal(err)
			}
			if v, ok := map[string]string{"amount": "12.50", "name": "王伟", "tags": "a; c", "gone": "here", "vip": ""}[column]; ok {
				if err := f.SetCellStr(name, at, v); err != nil {
					t.Fatal(err)
				}
			}
		}
		if err := f.Save(); err != nil {
			t.Fatal(err)
		}
	})
	got, changed := back["7"].Apply(rows[0].Data)
	want := map[string]any{
		"name": "王伟", "amount": json.Number("12.50"), "phone": "013800138000", "formula": "=1+1",
		"tags": []any{"a", "c"}, "address": map[string]any{"city": "上海"}, "vip": nil, "gone": "here",
	}
	if !changed || !reflect.DeepEqual(got, want) {
		t.Errorf("changed = %v, got %v, want %v", changed, got, want)
	}
	if rows[0].Data["name"] != "李娜" {
		t.Error("the original row was changed")
	}
}

func TestFilesThatAreNoSheets(t *testing.T) {
	dir := t.TempDir()
	for name, tt := range map[string]struct{ text, code string }{
		"other.csv":    {"id,name\n1,x\n", "E1208"},
		"empty.csv":    {"", "E1208"},
		"quote.csv":    {"_item,name\n1,\"x\n", "E1209"},
		"damaged.xlsx": {"no workbook", "E1209"},
	} {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(tt.text), 0o600); err != nil {
			t.Fatal(err)
		}
		_, err := sheet.Read(path)
		if f := fault.Of(err); f == nil || string(f.Code) != tt.code {
			t.Errorf("%s: %v, want %s", name, err, tt.code)
		}
	}
	if _, err := sheet.Read(filepath.Join(dir, "nothing.csv")); fault.Of(err) == nil || fault.Of(err).Code != "E1103" {
		t.Errorf("a missing file: %v, want E1103", err)
	}
}
