package file_test

import (
	"archive/zip"
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"testing"

	"github.com/xuri/excelize/v2"

	"crmhub/connectors"
	"crmhub/connectors/connectortest"
	"crmhub/connectors/file"
)

func num(s string) json.Number { return json.Number(s) }

func TestConformanceJSONLines(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, "orders.jsonl", []byte(`{"id":9007199254740993,"total":1234567890123456.78,"who":{"name":"李雷"}}
{"id":2,"total":0.30,"who":null}
[1,2]
{"id":3,"total":

{"id":4,"id":5}
{"id":null}
{"id":"7","tags":["a",{"b":1e3}]}
{"id":8,"name":"cut \ud83d"}
{"id":9,"name":"\ud83d\ude00"}`))
	connectortest.Run(t, connectortest.Case{
		Connector: file.Connector{}, Params: map[string]any{"path": "orders.jsonl"}, Dir: dir,
		Request: connectors.Request{Stream: "orders", Key: []string{"id"}},
		Want: []connectortest.Row{
			{Key: "9007199254740993", Data: map[string]any{"id": num("9007199254740993"), "total": num("1234567890123456.78"), "who": map[string]any{"name": "李雷"}}},
			{Key: "2", Data: map[string]any{"id": num("2"), "total": num("0.30"), "who": nil}, Place: "orders.jsonl:2"},
			{Fault: "E3110", Place: "orders.jsonl:3"},
			{Fault: "E3109", Place: "orders.jsonl:4:17"},
			{Fault: "E3114", Place: "orders.jsonl:6"},
			{Fault: "E3108", Data: map[string]any{"id": nil}, Place: "orders.jsonl:7"},
			{Key: "7", Data: map[string]any{"id": "7", "tags": []any{"a", map[string]any{"b": num("1e3")}}}},
			{Fault: "E3117", Place: "orders.jsonl:9:21"},
			{Key: "9", Data: map[string]any{"id": num("9"), "name": "😀"}},
		},
		Streams: []string{"orders"},
	})
}

func TestConformanceJSONArray(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, "orders.json", []byte(`{"page": 1, "tags": ["x"], "data": {"orders": [
  {"id": "a", "note": "[{\"quoted\"}]"}, 17,
  {"id": "b",
   "lines": [{"sku": 1}]} , {"id": "c"}
]}, "next": null}`))
	connectortest.Run(t, connectortest.Case{
		Connector: file.Connector{}, Params: map[string]any{"path": "orders.json", "records": "/data/orders"}, Dir: dir,
		Request: connectors.Request{Stream: "orders", Key: []string{"id"}},
		Want: []connectortest.Row{
			{Key: "a", Data: map[string]any{"id": "a", "note": `[{"quoted"}]`}, Place: "orders.json:2"},
			{Fault: "E3110", Place: "orders.json:2"},
			{Key: "b", Data: map[string]any{"id": "b", "lines": []any{map[string]any{"sku": num("1")}}}, Place: "orders.json:3"},
			{Key: "c", Data: map[string]any{"id": "c"}, Place: "orders.json:4"},
		},
		Broken: []map[string]any{{"records": "/data/nothing"}, {"records": "/page"}},
	})
}

func TestConformanceWorkbook(t *testing.T) {
	dir := t.TempDir()
	f := excelize.NewFile()
	check := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	check(f.SetSheetRow("Sheet1", "A1", &[]any{"客户台账"}))
	check(f.MergeCell("Sheet1", "A1", "D1"))
	check(f.SetSheetRow("Sheet1", "A3", &[]any{"编号", "姓名", "金额", "日期"}))
	date, err := f.NewStyle(&excelize.Style{NumFmt: 14})
	check(err)
	for i, row := range [][]any{{"k1", "李雷", 19.99, 45000}, {"k2", "Wang", 9007199254740991, 45000.5}, {}, {"k3", nil, 0.1 + 0.2, 1}} {
		cell, err := excelize.CoordinatesToCellName(1, 4+i)
		check(err)
		check(f.SetSheetRow("Sheet1", cell, &row))
		check(f.SetCellStyle("Sheet1", "D4", "D7", date))
	}
	check(f.SetCellFormula("Sheet1", "C8", "NA()"))
	check(f.SetCellValue("Sheet1", "A8", "k4"))
	_, err = f.NewSheet("Orders")
	check(err)
	check(f.SetSheetRow("Orders", "A1", &[]any{"no", "客户"}))
	check(f.SetSheetRow("Orders", "A2", &[]any{"o1", "k1"}))
	var b bytes.Buffer
	check(f.Write(&b))
	write(t, dir, "客户台账.xlsx", b.Bytes())
	connectortest.Run(t, connectortest.Case{
		Connector: file.Connector{}, Params: map[string]any{"path": "客户台账.xlsx"}, Dir: dir,
		Request: connectors.Request{Stream: "Sheet1", Key: []string{"编号"}},
		Want: []connectortest.Row{
			{Key: "k1", Data: map[string]any{"编号": "k1", "姓名": "李雷", "金额": num("19.99"), "日期": "2023-03-15"}, Place: "客户台账.xlsx:Sheet1!4"},
			{Key: "k2", Data: map[string]any{"编号": "k2", "姓名": "Wang", "金额": num("9007199254740991"), "日期": "2023-03-15T12:00:00"}, Place: "客户台账.xlsx:Sheet1!5"},
			{Key: "k3", Data: map[string]any{"编号": "k3", "姓名": nil, "金额": num("0.3"), "日期": "1900-01-01"}, Place: "客户台账.xlsx:Sheet1!7"},
			{Key: "k4", Data: map[string]any{"编号": "k4", "姓名": nil, "金额": nil, "日期": nil}, Place: "客户台账.xlsx:Sheet1!8"},
		},
		Streams: []string{"Sheet1", "Orders"},
		Broken:  []map[string]any{{"sheet": "Shet1"}, {"sheet": "Orders", "columns": []any{"a"}}},
	})
}

const mailA = "From: =?gb2312?B?wO7A1w==?= <li@example.cn>\r\nTo: shop@example.com, \"Mei, Wang\" <mei@example.com>\r\n" +
	"Subject: =?UTF-8?B?5L2g?= =?UTF-8?B?5aW9?=\r\nDate: Fri, 2 Jan 2026 15:04:05 +0800\r\nMessage-ID: <a1@example.cn>\r\n\r\nHello\r\nFrom me\r\n"

const mailB = "From: wang@example.com\nTo: shop@example.com\nDate: Sat, 3 Jan 2026 08:00:00 +0000\nMessage-ID: <b2@example.com>\nIn-Reply-To: <a1@example.cn>\n" +
	"References: <z@x> <a1@example.cn>\nContent-Type: multipart/mixed; boundary=xx\n\n--xx\nContent-Type: text/html; charset=utf-8\n\n<p>Hi&nbsp;there</p><p>bye</p>\n" +
	"--xx\nContent-Type: application/pdf\nContent-Disposition: attachment; filename*=gb18030''%B7%A2%C6%B1.pdf\nContent-Transfer-Encoding: base64\n\nJVBERg==\n--xx--\n"

func mailRows() []connectortest.Row {
	person := func(name, address any) map[string]any { return map[string]any{"name": name, "address": address} }
	return []connectortest.Row{
		{Key: "a1@example.cn", Data: map[string]any{
			"message_id": "a1@example.cn", "date": "2026-01-02T15:04:05+08:00", "from": person("李雷", "li@example.cn"),
			"to": []any{person(nil, "shop@example.com"), person("Mei, Wang", "mei@example.com")}, "cc": nil, "bcc": nil, "reply_to": nil,
			"subject": "你好", "text": "Hello\nFrom me", "html": false, "in_reply_to": nil, "references": nil, "attachments": nil,
		}},
		{Key: "b2@example.com", Data: map[string]any{
			"message_id": "b2@example.com", "date": "2026-01-03T08:00:00Z", "from": person(nil, "wang@example.com"),
			"to": []any{person(nil, "shop@example.com")}, "cc": nil, "bcc": nil, "reply_to": nil,
			"subject": nil, "text": "Hi there\nbye", "html": true, "in_reply_to": "a1@example.cn", "references": []any{"z@x", "a1@example.cn"},
			"attachments": []any{map[string]any{"name": "发票.pdf", "type": "application/pdf", "size": num("4"), "sha256": fmt.Sprintf("%x", sha256.Sum256([]byte("%PDF")))}},
		}},
	}
}

func TestConformanceMbox(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, "in.mbox", []byte("From li@example.cn Fri Jan  2 15:04:05 2026\n"+mailA+"\nFrom - Sat Jan  3 08:00:00 2026\n"+mailB+"\nFrom x Sat Jan  3 08:00:00 2026\nno header here\n\n"))
	connectortest.Run(t, connectortest.Case{
		Connector: file.Connector{}, Params: map[string]any{"path": "in.mbox"}, Dir: dir,
		Request: connectors.Request{Stream: "mail", BatchRows: 1},
		Want:    append(mailRows(), connectortest.Row{Fault: "E3112", Place: "in.mbox:32"}),
	})
}

func TestConformanceMaildir(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, "Mail/cur/1000.M1P1.host:2,S", []byte(mailA))
	write(t, dir, "Mail/new/999999.M1P1.host", []byte(mailB))
	write(t, dir, "Mail/.Sent/cur/1001.x:2,", []byte("just words\n"))
	write(t, dir, "Mail/.Sent/new/.keep", []byte("x"))
	want := mailRows()
	connectortest.Run(t, connectortest.Case{
		Connector: file.Connector{}, Params: map[string]any{"path": "Mail"}, Dir: dir,
		Request: connectors.Request{Stream: "mail", BatchRows: 1},
		Want:    []connectortest.Row{want[0], {Fault: "E3112", Place: "1001.x"}, want[1]},
	})
}

func TestConformancePacked(t *testing.T) {
	const text = "id,name\n1,a\n2,b\n3,c\n"
	var zipped, gzipped bytes.Buffer
	g := gzip.NewWriter(&gzipped)
	if _, err := g.Write([]byte(text)); err != nil {
		t.Fatal(err)
	}
	if err := g.Close(); err != nil {
		t.Fatal(err)
	}
	z := zip.NewWriter(&zipped)
	for _, name := range []string{"out/customers.csv", "out/orders.csv", "__MACOSX/._customers.csv"} {
		w, err := z.Create(name)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write([]byte(text)); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	write(t, dir, "shop.csv.gz", gzipped.Bytes())
	write(t, dir, "all.zip", zipped.Bytes())
	want := func(name string) []connectortest.Row {
		var rows []connectortest.Row
		for i, s := range []string{"a", "b", "c"} {
			key := string(rune('1' + i))
			rows = append(rows, connectortest.Row{Key: key, Data: map[string]any{"id": key, "name": s}, Place: name + ":" + string(rune('2'+i))})
		}
		return rows
	}
	for _, tt := range []struct{ path, stream, place string }{{"shop.csv.gz", "any", "shop.csv.gz"}, {"all.zip", "orders", "all.zip/orders.csv"}} {
		t.Run(tt.path, func(t *testing.T) {
			connectortest.Run(t, connectortest.Case{
				Connector: file.Connector{}, Params: map[string]any{"path": tt.path}, Dir: dir,
				Request: connectors.Request{Stream: tt.stream, Key: []string{"id"}}, Want: want(tt.place),
			})
		})
	}
}
