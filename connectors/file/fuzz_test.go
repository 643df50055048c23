package file_test

import (
	"context"
	"reflect"
	"testing"

	"crmhub/connectors"
	"crmhub/fault"
	"crmhub/record"
)

// fuzzRead reads a file of any content and holds what must hold for each: it
// ends, says the same twice, refuses only with a code, and goes on from the
// middle with exactly the rest.
func fuzzRead(t *testing.T, name string, content []byte, params map[string]any) {
	dir := t.TempDir()
	write(t, dir, name, content)
	params["path"] = name
	all := func(from record.Position) ([]connectors.Batch, error) {
		src := open(t, dir, params)
		var got []connectors.Batch
		err := src.Read(context.Background(), connectors.Request{From: from, BatchRows: 3}, func(_ context.Context, b connectors.Batch) error {
			got = append(got, b)
			return nil
		})
		return got, err
	}
	rows := func(bs []connectors.Batch) []string {
		var out []string
		for _, b := range bs {
			for _, r := range b.Rows {
				if (r.Data == nil) != (r.Fault != nil && r.Raw != nil) && r.Fault == nil {
					t.Errorf("a row with neither data nor fault: %v", r)
				}
				if r.Fault != nil && fault.Of(r.Fault) == nil {
					t.Errorf("%v has no code", r.Fault)
				}
			}
			out = append(out, told(b.Rows)...)
		}
		return out
	}
	first, err := all(nil)
	if err != nil && fault.Of(err) == nil {
		t.Fatalf("%v has no code", err)
	}
	again, _ := all(nil)
	if a, b := rows(first), rows(again); !reflect.DeepEqual(a, b) {
		t.Fatalf("two reads differ:\n%q\n%q", a, b)
	}
	if len(first) > 1 {
		rest, _ := all(first[0].Position)
		if a, b := rows(first[1:]), rows(rest); !reflect.DeepEqual(a, b) {
			t.Fatalf("resumed:\n%q\nwant:\n%q", b, a)
		}
	}
}

func FuzzCSV(f *testing.F) {
	for _, s := range []string{
		"id,name\n1,a\n2,b\n", "id;name\r\n1;\"a;b\"\r\n", "id,name\n1,\"a\n2,b\n", "title\n\nid,name\n1,a,b\n\"", "sep=|\nid|name\n1|a", "\ufeffid,name\n1,=\"07\"\n",
		"id,name\n1,\"\"\"\"\n2,\"a\"\"b\"\n3,a\"b\n", "a\tb\n1\t2\n\"\t\n", "id\r1\r2\r", "id,name\n1,\x00\n\xff,\xfe\n",
		"id,name\n1,\\N\n2,\"a\\\"\\\\\"\n", "id\tname\n1\ta\\\r\nb\n\\N\t\\",
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, b []byte) { fuzzRead(t, "t.csv", b, map[string]any{}) })
}

func FuzzEncoding(f *testing.F) {
	for _, s := range samples {
		raw, err := s.enc.NewEncoder().Bytes([]byte(s.text))
		if err != nil {
			f.Fatal(err)
		}
		f.Add(raw)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		dir := t.TempDir()
		write(t, dir, "t.csv", b)
		streams, err := open(t, dir, map[string]any{"path": "t.csv"}).Discover(context.Background())
		if err != nil {
			if fault.Of(err) == nil {
				t.Fatalf("%v has no code", err)
			}
			return
		}
		for _, s := range streams {
			if s.Encoding == "" || s.Confidence < 0 || s.Confidence > 1 {
				t.Errorf("encoding %q with confidence %v", s.Encoding, s.Confidence)
			}
		}
		fuzzRead(t, "t.csv", b, map[string]any{})
	})
}

func FuzzMail(f *testing.F) {
	for _, s := range []string{mailA, mailB, "From: a\n\n", "Subject: =?gb2312?B?xOPE?= =?gb2312?Q?=?=\nContent-Type: multipart/mixed; boundary=\"\"\n\n--\n", "To: (((<\"\n\n", "From: a\nContent-Type: text/plain; charset*0*=''%; charset*1*=%%4\n\n="} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		if len(b) == 0 {
			return
		}
		fuzzRead(t, "m.eml", b, map[string]any{"format": "eml"})
	})
}

func FuzzMbox(f *testing.F) {
	const from = "From a@b Fri Jan  2 15:04:05 2026\n"
	for _, s := range []string{from + mailA + "\n" + from + mailB, from, from + from + from, "\n\nFrom \n", from + "a: b\n\n>From x\n" + from + "c: d\n\n"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, b []byte) { fuzzRead(t, "m.mbox", b, map[string]any{"format": "mbox"}) })
}

func FuzzJSON(f *testing.F) {
	for _, s := range []string{`[{"id":1},{"id":2}]`, `{"data":{"rows":[{"id":1.50e3}]}}`, `[1,"a",null,{}]`, "[{\"a\":\"\\ud83d\\ude00\"}\n,{]", `[{"a":1,"a":2}]`, `{"a":[[[]]]}`} {
		f.Add([]byte(s), false)
		f.Add([]byte(s+"\n"+s), true)
	}
	f.Fuzz(func(t *testing.T, b []byte, lines bool) {
		format := "json"
		if lines {
			format = "jsonl"
		}
		fuzzRead(t, "t.json", b, map[string]any{"format": format})
	})
}

func FuzzWorkbookSheet(f *testing.F) {
	for _, s := range []string{
		`<worksheet><sheetData><row r="1"><c r="A1" t="inlineStr"><is><t>id</t></is></c></row><row r="2"><c r="A2"><v>1</v></c></row></sheetData><mergeCells><mergeCell ref="A1:B1"/></mergeCells></worksheet>`,
		`<a><!-- - --><![CDATA[x]]><row/><c/></a>`, `<row r="1"><c r="ZZZZZ1"><v>`, `<worksheet><sheetData/></worksheet>`,
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, sheet string) {
		fuzzRead(t, "t.xlsx", []byte(bare(t, "", sheet, "", "")), map[string]any{})
	})
}
