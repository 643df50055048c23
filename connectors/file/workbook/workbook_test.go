package workbook_test

import (
	"archive/zip"
	"bytes"
	"errors"
	"io"
	"testing"

	"github.com/xuri/excelize/v2"

	"crmhub/connectors/file/workbook"
)

func TestDate(t *testing.T) {
	for _, tt := range []struct {
		number   string
		base1904 bool
		withDate bool
		want     string // "" where it is no date
	}{
		{"1", false, true, "1900-01-01"},
		{"59", false, true, "1900-02-28"},
		{"60", false, true, ""},
		{"61", false, true, "1900-03-01"},
		{"45000", false, true, "2023-03-15"},
		{"43538", true, true, "2023-03-15"},
		{"0", true, true, "1904-01-01"},
		{"2958465", false, true, "9999-12-31"},
		{"2958466", false, true, ""},
		{"-1", false, true, ""},
		{"x", false, true, ""},
		{"NaN", false, true, ""},
		{"45000.999999999", false, true, "2023-03-16"},
		{"45000.5", false, true, "2023-03-15T12:00:00"},
		{"45000.00001157407", false, true, "2023-03-15T00:00:01"},
		{"0.75", false, false, "18:00:00"},
		{"1.25", false, false, "30:00:00"},
	} {
		got, ok := workbook.Date(tt.number, tt.base1904, tt.withDate)
		if got != tt.want || ok != (tt.want != "") {
			t.Errorf("Date(%s, %v, %v) = %q %v, want %q", tt.number, tt.base1904, tt.withDate, got, ok, tt.want)
		}
	}
}

func TestRowsOfAnExcelizeWorkbook(t *testing.T) {
	f := excelize.NewFile()
	for cell, v := range map[string]any{"B2": "李雷", "D2": 1.5, "B9": true, "AB9": "far"} {
		if err := f.SetCellValue("Sheet1", cell, v); err != nil {
			t.Fatal(err)
		}
	}
	if err := f.MergeCell("Sheet1", "B2", "C3"); err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if err := f.Write(&b); err != nil {
		t.Fatal(err)
	}
	book, err := workbook.Open(bytes.NewReader(b.Bytes()), int64(b.Len()))
	if err != nil {
		t.Fatal(err)
	}
	merges, err := book.Merges(book.Sheets[0])
	if want := (workbook.Merge{Top: 2, Bottom: 3, Left: 1, Right: 2}); err != nil || len(merges) != 1 || merges[0] != want {
		t.Errorf("merges %v %v, want %v", merges, err, want)
	}
	rows, err := book.Rows(book.Sheets[0])
	if err != nil {
		t.Fatal(err)
	}
	first, err := rows.Next()
	if err != nil || first.Number != 2 || len(first.Cells) != 2 || first.Cells[0].Value != "李雷" || first.Cells[1].Column != 3 {
		t.Errorf("first row %+v, %v", first, err)
	}
	second, err := rows.Next()
	if err != nil || second.Number != 9 || second.Cells[0].Value != true || second.Cells[1].Column != 27 {
		t.Errorf("second row %+v, %v", second, err)
	}
	for range 2 {
		if _, err := rows.Next(); err != io.EOF {
			t.Errorf("after the last row: %v, want io.EOF", err)
		}
	}
	if err := rows.Close(); err != nil {
		t.Error(err)
	}
}

func TestOpenRefuses(t *testing.T) {
	if _, err := workbook.Open(bytes.NewReader([]byte("no zip")), 6); !errors.Is(err, zip.ErrFormat) {
		t.Errorf("Open: %v, want zip.ErrFormat", err)
	}
	var b bytes.Buffer
	if err := zip.NewWriter(&b).Close(); err != nil {
		t.Fatal(err)
	}
	var part *workbook.PartError
	if _, err := workbook.Open(bytes.NewReader(b.Bytes()), int64(b.Len())); !errors.As(err, &part) || part.Part != "xl/_rels/workbook.xml.rels" {
		t.Errorf("Open of an empty zip: %v, want a PartError", err)
	}
}
