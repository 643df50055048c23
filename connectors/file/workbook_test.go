package file_test

import (
	"archive/zip"
	"bytes"
	"context"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"

	"crmhub/connectors"
	"crmhub/fault"
)

// book writes a workbook with excelize, a writer that is not ours.
func book(t *testing.T, build func(f *excelize.File) error) string {
	t.Helper()
	f := excelize.NewFile()
	if err := build(f); err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if err := f.Write(&b); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// bare writes a workbook of one sheet from its XML, as other programs do.
func bare(t *testing.T, workbookPr, sheet, styles, shared string) string {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for _, p := range [][2]string{
		{"[Content_Types].xml", `<?xml version="1.0"?><Types/>`},
		{"xl/workbook.xml", `<?xml version="1.0"?><x:workbook xmlns:x="u" xmlns:r="r">` + workbookPr + `<x:sheets><x:sheet name="A &amp; B" sheetId="1" r:id="rId7"/></x:sheets></x:workbook>`},
		{"xl/_rels/workbook.xml.rels", `<Relationships><Relationship Id="rId7" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" Target="/xl/worksheets/one.xml"/></Relationships>`},
		{"xl/worksheets/one.xml", sheet},
		{"xl/styles.xml", styles},
		{"xl/sharedStrings.xml", shared},
	} {
		if p[1] == "" {
			continue
		}
		w, err := z.Create(p[0])
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write([]byte(p[1])); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestWorkbookMergedHeader(t *testing.T) {
	content := book(t, func(f *excelize.File) error {
		for cell, v := range map[string]any{
			"A1": "客户台账", "A2": "制表人:张三", "D2": "日期\uff1a2026-01-01",
			"A3": "编号", "B3": "姓名", "C3": "联系方式", "E3": "备注", "C4": "电话", "D4": "邮箱",
			"A5": "k1", "B5": "李雷", "C5": 13800138000, "D5": "li@example.cn", "E5": "x",
			"A6": "k2", "C6": "139", "D6": "b@example.cn", "A7": "k3", "B7": "王", "G7": "a note beside the table",
		} {
			if err := f.SetCellValue("Sheet1", cell, v); err != nil {
				return err
			}
		}
		for _, m := range [][2]string{{"A1", "E1"}, {"A2", "C2"}, {"D2", "E2"}, {"A3", "A4"}, {"B3", "B4"}, {"C3", "D3"}, {"E3", "E4"}, {"B5", "B6"}} {
			if err := f.MergeCell("Sheet1", m[0], m[1]); err != nil {
				return err
			}
		}
		return nil
	})
	rows := readText(t, "客户台账.xlsx", content, nil, connectors.Request{Stream: "any name", Key: []string{"编号"}})
	want := []map[string]any{
		{"编号": "k1", "姓名": "李雷", "联系方式/电话": num("13800138000"), "联系方式/邮箱": "li@example.cn", "备注": "x"},
		{"编号": "k2", "姓名": "李雷", "联系方式/电话": "139", "联系方式/邮箱": "b@example.cn", "备注": nil}, // the name is merged over both rows
		{"编号": "k3", "姓名": "王", "联系方式/电话": nil, "联系方式/邮箱": nil, "备注": nil, "column_7": "a note beside the table"},
	}
	for i, w := range want {
		if i >= len(rows) || !reflect.DeepEqual(rows[i].Data, w) {
			t.Fatalf("rows %v, want %v", rows, want)
		}
	}
	if got, want := rows[0].Place.Cell("联系方式/邮箱"), "客户台账.xlsx:Sheet1!D5"; got != want {
		t.Errorf("place %q, want %q", got, want)
	}
}

func TestWorkbookNumbersAndDates(t *testing.T) {
	styles := `<styleSheet><numFmts><numFmt numFmtId="164" formatCode="yyyy&quot;年&quot;m&quot;月&quot;d&quot;日&quot;"/><numFmt numFmtId="165" formatCode="000000"/>` +
		`<numFmt numFmtId="166" formatCode="[h]:mm:ss"/><numFmt numFmtId="167" formatCode="#,##0.00_);[Red]\(#,##0.00\)"/><numFmt numFmtId="168" formatCode="0.00E+00"/>` +
		`<numFmt numFmtId="169" formatCode="[$-804]yyyy-mm-dd hh:mm"/><numFmt numFmtId="170" formatCode="0&quot;days&quot;"/></numFmts>` +
		`<cellStyleXfs><xf numFmtId="14"/></cellStyleXfs><cellXfs><xf numFmtId="0"/><xf numFmtId="14"/><xf numFmtId="164"/><xf numFmtId="165"/><xf numFmtId="166"/>` +
		`<xf numFmtId="167"/><xf numFmtId="168"/><xf numFmtId="169"/><xf numFmtId="49"/><xf numFmtId="20"/><xf numFmtId="170"/></cellXfs></styleSheet>`
	for _, tt := range []struct {
		style int
		v     string
		want  any
	}{
		{0, "1234567890123456.78", num("1234567890123460")},
		{0, "9007199254740993", num("9007199254740993")},
		{0, "0.30000000000000004", num("0.3")},
		{0, "19.989999999999998", num("19.99")},
		{0, "1.3800138E10", num("13800138000")},
		{0, "6.2220200000000003E+18", num("6222020000000000000")},
		{0, "-0.5", num("-0.5")},
		{0, "1E-7", num("0.0000001")},
		{0, "42", num("42")},
		{1, "45000", "2023-03-15"},
		{1, "45000.75", "2023-03-15T18:00:00"},
		{1, "1", "1900-01-01"},
		{1, "59", "1900-02-28"},
		{1, "61", "1900-03-01"},
		{1, "60", num("60")},
		{1, "-1", num("-1")},
		{2, "45000", "2023-03-15"},
		{3, "1234", "001234"},
		{3, "1234567", "1234567"},
		{4, "1.5", "36:00:00"},
		{5, "1234.5", num("1234.5")},
		{6, "1.5E3", num("1500")},
		{7, "45000.5", "2023-03-15T12:00:00"},
		{8, "13800138000", "13800138000"},
		{9, "0.25", "06:00:00"},
		{10, "7", num("7")},
	} {
		sheet := fmt.Sprintf(`<worksheet><sheetData><row r="1"><c r="A1" t="inlineStr"><is><t>id</t></is></c><c r="B1" t="inlineStr"><is><t>v</t></is></c></row>`+
			`<row r="2"><c r="A2" t="str"><v>k</v></c><c r="B2" s="%d"><v>%s</v></c></row></sheetData></worksheet>`, tt.style, tt.v)
		rows := readText(t, "t.xlsx", bare(t, "", sheet, styles, ""), nil, connectors.Request{})
		if got := rows[0].Data["v"]; !reflect.DeepEqual(got, tt.want) {
			t.Errorf("%s in style %d = %#v, want %#v", tt.v, tt.style, got, tt.want)
		}
	}
}

func TestWorkbookDatesFrom1904(t *testing.T) {
	const sheet = `<worksheet><sheetData><row><c t="inlineStr"><is><t>id</t></is></c><c t="inlineStr"><is><t>v</t></is></c></row><row><c><v>1</v></c><c s="1"><v>43538</v></c></row></sheetData></worksheet>`
	const styles = `<styleSheet><cellXfs><xf numFmtId="0"/><xf numFmtId="14"/></cellXfs></styleSheet>`
	for want, params := range map[string]map[string]any{"2023-03-15": nil, "2019-03-14": {"date_system": "1900"}} {
		rows := readText(t, "t.xlsx", bare(t, `<x:workbookPr date1904="1"/>`, sheet, styles, ""), params, connectors.Request{})
		if got := rows[0].Data["v"]; got != want {
			t.Errorf("43538 with %v = %v, want %s", params, got, want)
		}
	}
}

func TestWorkbookTextsOfOtherWriters(t *testing.T) {
	const shared = `<?xml version="1.0"?><!-- by hand --><x:sst xmlns:x="u"><x:si><x:t>id</x:t></x:si><x:si><x:r><x:t>na</x:t></x:r><x:r><x:t>me</x:t></x:r><x:rPh><x:t>reading</x:t></x:rPh></x:si>` +
		`<x:si><x:t xml:space="preserve">a &lt;b&gt; &#x674e;_x000D_&#10;</x:t></x:si><x:si><x:t/></x:si></x:sst>`
	const sheet = `<x:worksheet xmlns:x="u"><x:sheetData><x:row r="1"><x:c r="A1" t="s"><x:v>0</x:v></x:c><x:c r="B1" t="s"><x:v>1</x:v></x:c></x:row>` +
		`<x:row r="5"><x:c r="A5" t="b"><x:v>1</x:v></x:c><x:c r="B5" t="s"><x:f>A1&gt;"x>y"</x:f><x:v>2</x:v></x:c></x:row>` +
		`<x:row r="6"><x:c r="A6" t="inlineStr"><x:is><x:t><![CDATA[<k>]]></x:t></x:is></x:c><x:c r="B6" t="s"><x:v>3</x:v></x:c></x:row><x:row r="7"/></x:sheetData></x:worksheet>`
	rows := readText(t, "t.xlsx", bare(t, "", sheet, "", shared), nil, connectors.Request{Stream: "A & B"})
	want := []map[string]any{{"id": true, "name": "a <b> 李\r\n"}, {"id": "<k>", "name": nil}}
	for i, w := range want {
		if i >= len(rows) || !reflect.DeepEqual(rows[i].Data, w) {
			t.Fatalf("rows %v, want %v", rows, want)
		}
	}
	if got := rows[0].Place.String(); got != "t.xlsx:A & B!5" {
		t.Errorf("place %q", got)
	}
}

func TestWorkbookErrorCells(t *testing.T) {
	const sheet = `<worksheet><sheetData><row r="1"><c r="A1" t="inlineStr"><is><t>id</t></is></c><c r="F1" t="inlineStr"><is><t>v</t></is></c></row>` +
		`<row r="2"><c r="A2" t="str"><v>k</v></c><c r="F2" t="e"><v>#N/A</v></c></row><row r="3"><c r="A3" t="str"><v>l</v></c></row></sheetData></worksheet>`
	content := bare(t, "", sheet, "", "")
	header := map[string]any{"header_row": "1"}
	rows := readText(t, "t.xlsx", content, header, connectors.Request{Key: []string{"id"}})
	f := fault.Of(rows[0].Fault)
	if f == nil || f.Code != "E3111" || f.Place != "t.xlsx:A & B!F2" || f.Args["error"] != "#N/A" || rows[0].Key != "k" {
		t.Errorf("row %v, want E3111 at F2 with its key", rows[0])
	}
	if len(rows) != 2 || rows[1].Fault != nil {
		t.Errorf("the row after it: %v", rows)
	}
	header["cell_errors"] = "empty"
	if rows = readText(t, "t.xlsx", content, header, connectors.Request{}); rows[0].Fault != nil || rows[0].Data["v"] != nil {
		t.Errorf("row %v, want the cell empty", rows[0])
	}
}

// TestWorkbookFormulas holds that a formula without its value is no empty cell:
// libraries write them so. A formula that gives an empty text is one.
func TestWorkbookFormulas(t *testing.T) {
	const sheet = `<worksheet><sheetData><row r="1"><c r="A1" t="inlineStr"><is><t>id</t></is></c><c r="B1" t="inlineStr"><is><t>v</t></is></c></row>` +
		`<row r="2"><c r="A2"><v>1</v></c><c r="B2"><f>A2*2</f><v></v></c></row>` +
		`<row r="3"><c r="A3"><v>2</v></c><c r="B3"><f>A3*2</f><v>4</v></c></row>` +
		`<row r="4"><c r="A4"><v>3</v></c><c r="B4" t="str"><f>""</f><v></v></c></row>` +
		`<row r="5"><c r="A5"><v>4</v></c><c r="B5"><f t="shared" si="0"/><v>8</v></c></row>` +
		`<row r="6"><c r="B6"><f>A6*2</f><v/></c></row></sheetData></worksheet>`
	content := bare(t, "", sheet, "", "")
	params := map[string]any{"header_row": "1"}
	rows := readText(t, "t.xlsx", content, params, connectors.Request{Key: []string{"id"}})
	var got []string
	for _, r := range rows {
		text := fmt.Sprint(r.Key, "=", r.Data["v"])
		if f := fault.Of(r.Fault); f != nil {
			text = r.Key + " " + string(f.Code) + " " + f.Place
		}
		got = append(got, text)
	}
	if want := []string{"1 E3116 t.xlsx:A & B!B2", "2=4", "3=<nil>", "4=8"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	params["cell_errors"] = "empty"
	if rows = readText(t, "t.xlsx", content, params, connectors.Request{}); rows[0].Fault != nil || rows[0].Data["v"] != nil {
		t.Errorf("row %v, want the cell empty", rows[0])
	}
}

func TestWorkbookSheets(t *testing.T) {
	content := book(t, func(f *excelize.File) error {
		for _, name := range []string{"客户", "Orders", "Empty", "Secret"} {
			if _, err := f.NewSheet(name); err != nil {
				return err
			}
			if name == "Empty" {
				continue
			}
			if err := f.SetSheetRow(name, "A1", &[]any{"id", "name"}); err != nil {
				return err
			}
			if err := f.SetSheetRow(name, "A2", &[]any{"1", name}); err != nil {
				return err
			}
		}
		return f.SetSheetVisible("Secret", false)
	})
	dir := t.TempDir()
	write(t, dir, "t.xlsx", []byte(content))
	streams, err := open(t, dir, map[string]any{"path": "t.xlsx"}).Discover(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, s := range streams {
		names = append(names, s.Name)
		if s.Rows != 1 || !slices.Contains(s.Notes, connectors.Note{"header in row 1", "表头在第 1 行"}) {
			t.Errorf("stream %+v", s)
		}
	}
	if want := []string{"客户", "Orders"}; !reflect.DeepEqual(names, want) {
		t.Errorf("streams %q, want %q", names, want)
	}
	for _, tt := range []struct {
		stream string
		params map[string]any
		want   string
		code   fault.Code
	}{
		{"Orders", nil, "Orders", ""},
		{"客户", nil, "客户", ""},
		{"Order", nil, "", "E2111"},
		{"anything", map[string]any{"sheet": "Secret"}, "Secret", ""},
		{"x", map[string]any{"sheet": "Secrt"}, "", "E2111"},
		{"x", map[string]any{"sheet": "Empty"}, "", "E2104"},
	} {
		params := map[string]any{"path": "t.xlsx"}
		for k, v := range tt.params {
			params[k] = v
		}
		rows, _, err := tryRead(dir, params, connectors.Request{Stream: tt.stream})
		if tt.code != "" {
			if f := fault.Of(err); f == nil || f.Code != tt.code {
				t.Errorf("%s: %v, want %s", tt.stream, err, tt.code)
			}
			continue
		}
		if err != nil || len(rows) != 1 || rows[0].Data["name"] != tt.want {
			t.Errorf("%s: %v %v, want the row of %s", tt.stream, rows, err, tt.want)
		}
	}
}

func TestDamagedWorkbook(t *testing.T) {
	const good = `<worksheet><sheetData><row r="1"><c r="A1" t="inlineStr"><is><t>id</t></is></c></row><row r="2"><c r="A2" t="inlineStr"><is><t>k1</t></is></c></row>`
	for name, sheet := range map[string]string{
		"cut":                 good + `<row r="3"><c r="A3"><v>1`,
		"cut between rows":    good,
		"a document type":     `<!DOCTYPE x [<!ENTITY a "b">]>` + good + `</sheetData></worksheet>`,
		"a shared text short": good + `<row r="3"><c r="A3" t="s"><v>99</v></c></row></sheetData></worksheet>`,
	} {
		f := refused(t, "t.xlsx", bare(t, "", sheet, "", ""), nil, connectors.Request{})
		if f.Code != "E2115" || !strings.HasPrefix(f.Place, "t.xlsx") {
			t.Errorf("%s: %v, want E2115", name, f)
		}
	}
}
