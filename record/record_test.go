package record_test

import (
	"encoding/json"
	"testing"

	"crmhub/record"
)

func TestPlaceNamesTheCell(t *testing.T) {
	cols := record.Columns{"full_name": 0, "email": 5, "late": 27}
	for _, tt := range []struct {
		name   string
		place  record.Place
		column string
		want   string
	}{
		{"delimited", record.Place{Name: "file.csv", Line: 1842, Columns: cols}, "email", "file.csv:1842:6"},
		{"workbook", record.Place{Name: "file.xlsx", Sheet: "Sheet1", Line: 1842, Columns: cols}, "email", "file.xlsx:Sheet1!F1842"},
		{"past Z", record.Place{Name: "file.xlsx", Sheet: "Sheet1", Line: 2, Columns: cols}, "late", "file.xlsx:Sheet1!AB2"},
		{"table", record.Place{Name: "customers"}, "email", "customers.email"},
		{"unknown column", record.Place{Name: "file.csv", Line: 7, Columns: cols}, "phone", "file.csv:7"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := tt.place.Cell(tt.column); got != tt.want {
				t.Errorf("Cell(%q) = %q, want %q", tt.column, got, tt.want)
			}
		})
	}
}

func TestRefIsPrintedWithoutItsKey(t *testing.T) {
	r := record.Ref{Source: "shop", Stream: "customers", Type: record.Customer, Key: "li@example.cn"}
	if got, want := r.String(), "shop/customers customer"; got != want {
		t.Errorf("String() = %q, want %q", got, want)
	}
	a := record.Ref{Source: "ab", Stream: "c", Type: record.Customer, Key: "k"}
	b := record.Ref{Source: "a", Stream: "bc", Type: record.Customer, Key: "k"}
	if a.Canonical() == b.Canonical() {
		t.Error("Canonical is equal for refs that differ")
	}
}

func TestCountsExplainEveryRow(t *testing.T) {
	c := record.Counts{Read: 10, Created: 4, Updated: 1, Unchanged: 2, Deleted: 1, Filtered: 1, Quarantined: 1}
	if got := c.Unexplained(); got != 0 {
		t.Errorf("Unexplained() = %d, want 0", got)
	}
	c.Add(record.Counts{Read: 1, Records: map[record.Type]int64{record.Order: 2}})
	if got := c.Unexplained(); got != 1 {
		t.Errorf("Unexplained() = %d, want 1", got)
	}
}

func TestJoinKeyTellsKeysApart(t *testing.T) {
	for _, tt := range []struct {
		values []string
		want   string
	}{
		{nil, ""},
		{[]string{`a|b\`}, `a|b\`},
		{[]string{"a", "b"}, "a|b"},
		{[]string{"a|b", "c"}, `a\|b|c`},
		{[]string{"a", `b|c\`}, `a|b\|c\\`},
		{[]string{"a", ""}, ""},
	} {
		if got := record.JoinKey(tt.values...); got != tt.want {
			t.Errorf("JoinKey(%q) = %q, want %q", tt.values, got, tt.want)
		}
	}
}

func TestTruth(t *testing.T) {
	for _, v := range []any{true, "1", "yes", "deleted", "2026-01-02", json.Number("1"), json.Number("-0.5"), json.Number("1e-3"), []any{}, map[string]any{}} {
		if !record.Truth(v) {
			t.Errorf("%#v does not say gone", v)
		}
	}
	for _, v := range []any{nil, false, "", " ", "0", "False", "NO", "off", "null", "否", "\x00", "0000-00-00 00:00:00", json.Number("0"), json.Number("-0.00"), json.Number("0e5")} {
		if record.Truth(v) {
			t.Errorf("%#v says gone", v)
		}
	}
}
