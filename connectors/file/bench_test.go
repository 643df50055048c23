package file_test

import (
	"bytes"
	"context"
	"fmt"
	"testing"

	"github.com/xuri/excelize/v2"
	"golang.org/x/text/encoding/simplifiedchinese"

	"crmhub/connectors"
)

// customers is a table of n customers with 20 columns, about 180 bytes a row.
func customers(n int) []byte {
	var b bytes.Buffer
	b.WriteString("record_id,full_name,given_name,family_name,email,phone,street,city,region,postcode,country,birth_date,gender,company,tax_id,tags,language,status,updated_at,note\n")
	for i := range n {
		fmt.Fprintf(&b, "c%07d,李雷 %d,雷,李,li%d@example.cn,+8613800%06d,\"中山路 %d 号, 2 楼\",上海,上海市,200000,CN,1984-03-%02d,male,,,vip,zh,active,2026-01-02T03:04:05Z,\n",
			i, i, i, i%1000000, i%300, i%28+1)
	}
	return b.Bytes()
}

// benchRead reads the file again and again and reports rows and bytes a second.
func benchRead(b *testing.B, name string, content []byte, params map[string]any, rows int) {
	dir := b.TempDir()
	write(b, dir, name, content)
	params["path"] = name
	src := open(b, dir, params)
	b.SetBytes(int64(len(content)))
	b.ReportAllocs()
	total := 0
	for b.Loop() {
		n := 0
		err := src.Read(context.Background(), connectors.Request{Stream: "customers", Key: []string{"record_id"}}, func(_ context.Context, batch connectors.Batch) error {
			for _, r := range batch.Rows {
				if r.Fault != nil {
					b.Fatal(r.Fault)
				}
			}
			n += len(batch.Rows)
			return nil
		})
		if err != nil || n != rows {
			b.Fatalf("%d rows, %v; want %d", n, err, rows)
		}
		total += n
	}
	b.ReportMetric(float64(total)/b.Elapsed().Seconds(), "rows/s")
}

func BenchmarkCSV(b *testing.B) {
	const rows = 100_000
	benchRead(b, "customers.csv", customers(rows), map[string]any{}, rows)
}

func BenchmarkCSVGB18030(b *testing.B) {
	const rows = 100_000
	text, err := simplifiedchinese.GB18030.NewEncoder().Bytes(customers(rows))
	if err != nil {
		b.Fatal(err)
	}
	benchRead(b, "customers.csv", text, map[string]any{}, rows)
}

func BenchmarkJSONLines(b *testing.B) {
	const rows = 50_000
	var text bytes.Buffer
	for i := range rows {
		fmt.Fprintf(&text, `{"record_id":"c%07d","full_name":"李雷 %d","email":"li%d@example.cn","total":%d.50,"address":{"street":"中山路 %d 号","city":"上海"},"tags":["vip","new"]}`+"\n", i, i, i, i, i%300)
	}
	benchRead(b, "customers.jsonl", text.Bytes(), map[string]any{}, rows)
}

func BenchmarkWorkbook(b *testing.B) {
	const rows = 20_000
	f := excelize.NewFile()
	w, err := f.NewStreamWriter("Sheet1")
	if err != nil {
		b.Fatal(err)
	}
	if err := w.SetRow("A1", []any{"record_id", "full_name", "email", "phone", "city", "total", "date", "status", "note", "company"}); err != nil {
		b.Fatal(err)
	}
	for i := range rows {
		if err := w.SetRow(fmt.Sprintf("A%d", i+2), []any{fmt.Sprintf("c%07d", i), "李雷", fmt.Sprintf("li%d@example.cn", i), 13800000000 + i, "上海", float64(i) / 100, 45000, "active", nil, "公司"}); err != nil {
			b.Fatal(err)
		}
	}
	if err := w.Flush(); err != nil {
		b.Fatal(err)
	}
	var out bytes.Buffer
	if err := f.Write(&out); err != nil {
		b.Fatal(err)
	}
	benchRead(b, "customers.xlsx", out.Bytes(), map[string]any{}, rows)
}

func BenchmarkMbox(b *testing.B) {
	const rows = 2_000
	var text bytes.Buffer
	for i := range rows {
		fmt.Fprintf(&text, "From x Fri Jan  2 15:04:05 2026\nMessage-ID: <%d@example.cn>\n%s\n", i, bytes.ReplaceAll([]byte(mailB), []byte("Message-ID: <b2@example.com>\n"), nil))
	}
	dir := b.TempDir()
	write(b, dir, "in.mbox", text.Bytes())
	src := open(b, dir, map[string]any{"path": "in.mbox"})
	b.SetBytes(int64(text.Len()))
	total := 0
	for b.Loop() {
		err := src.Read(context.Background(), connectors.Request{Stream: "mail"}, func(_ context.Context, batch connectors.Batch) error {
			total += len(batch.Rows)
			return nil
		})
		if err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(total)/b.Elapsed().Seconds(), "rows/s")
}
