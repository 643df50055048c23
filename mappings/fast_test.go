package mappings_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"

	"crmhub/mappings"
	"crmhub/record"
)

// writer writes random mappings of the part of Bloblang that runs in Go, and
// of a little more.
type writer struct{ *rand.Rand }

func (w writer) one(of ...string) string { return of[w.IntN(len(of))] }

func (w writer) path() string {
	p := "this"
	for range w.IntN(3) {
		p += "." + w.one("a", "b", "c", `"客户 名称"`, "d", "list", "obj")
	}
	return p
}

func (w writer) term(depth int) string {
	switch n := w.IntN(12); {
	case depth > 0 && n == 0:
		return "[" + w.expression(depth-1) + w.one(", ", ",\n  # more\n  ", ",") + w.expression(depth-1) + w.one("", ",") + "]"
	case depth > 0 && n == 1:
		return "{" + w.one(" ", "\n") + w.one(`"x": `, `"kind": `) + w.expression(depth-1) + `, "y": ` + w.expression(depth-1) + " }"
	case n == 2:
		return w.one(`"text"`, `""`, `"é\t\"q\""`, "true", "false", "null", "12", "1.5", "[]", "{}", "deleted()", "nothing()")
	case n == 3:
		return w.path() + "." + w.one("trim()", "lowercase()", "uppercase()", "string()", `trim_prefix("t")`, `trim_suffix("x")`, "decimal()", "yuan()",
			"present()", "squeeze()", "halfwidth()", "split_list()", `split_list("x")`, "unquote_cell()", "fix_double_encoding()", "decimal_neg()", "blank()",
			`or("z")`, "or(this.b)", "length()", "decimal_sum()", "trim().or(null)", "epoch()", `catch("c")`)
	case n == 4:
		return "(" + w.path() + ")"
	}
	return w.path()
}

func (w writer) expression(depth int) string {
	e := w.term(depth)
	for w.IntN(4) == 0 {
		e += w.one(" | ", "|", " |\t") + w.term(depth)
	}
	return e
}

func (w writer) mapping() string {
	var b strings.Builder
	for range 1 + w.IntN(5) {
		target := w.one("root.a", "root.b", "root.c", "root.a.x", "root.b.y", `root."客户 名称"`, "root._key", "root")
		fmt.Fprintf(&b, "%s%s=%s%s%s\n", target, w.one(" ", "  "), w.one(" ", "\t"), w.expression(2), w.one("", "", "  # why", " "))
	}
	return b.String()
}

func (w writer) value(depth int) any {
	switch n := w.IntN(10); {
	case depth > 0 && n == 0:
		return []any{w.value(depth - 1), w.value(depth - 1)}
	case depth > 0 && n == 1:
		return map[string]any{"a": w.value(depth - 1), "obj": w.value(depth - 1), "客户 名称": w.value(depth - 1)}
	case n == 2:
		return nil
	case n == 3:
		return json.Number(w.one("12", "-0.50", "9007199254740993", "1e3"))
	case n == 4:
		return w.IntN(2) == 0
	}
	return w.one("", " ", "text", " Te x ", "a;b、c", "1,234.5", "￥12", "N/A", "`42", "Ã©", "無")
}

func (w writer) row() map[string]any {
	row := map[string]any{}
	for _, name := range []string{"a", "b", "c", "客户 名称", "list", "obj"} {
		if w.IntN(4) > 0 {
			row[name] = w.value(2)
		}
	}
	return row
}

func TestMappingsInGoGiveWhatBloblangGives(t *testing.T) {
	w := writer{rand.New(rand.NewPCG(5, 6))}
	inGo, compared, left := 0, 0, 0
	for range 1000 {
		text := w.mapping()
		m, err := mappings.Parse("random.blobl", text)
		if err != nil {
			continue
		}
		if !m.Fast() {
			continue
		}
		inGo++
		for range 12 {
			row := w.row()
			before, err := json.Marshal(row)
			if err != nil {
				t.Fatal(err)
			}
			got, ok, gotErr := m.Quick(row)
			if after, err := json.Marshal(row); err != nil || string(after) != string(before) {
				t.Fatalf("%s\nchanged the row %s to %s", text, before, after)
			}
			if !ok {
				left++
				continue
			}
			compared++
			want, wantErr := m.ByBloblang(row)
			if fmt.Sprint(gotErr) != fmt.Sprint(wantErr) {
				t.Fatalf("%s\non %s: error %v, want %v", text, before, gotErr, wantErr)
			}
			if gotErr == nil && !alike(got, want) {
				t.Fatalf("%s\non %s: %s, want %s", text, before, lay(t, got), lay(t, want))
			}
		}
	}
	t.Logf("%d mappings in Go, %d rows compared, %d left to Bloblang", inGo, compared, left)
	if inGo < 200 || compared < 1500 {
		t.Errorf("too little was compared: %d mappings, %d rows", inGo, compared)
	}
}

func alike(a, b []mappings.Output) bool {
	return len(a) == 0 && len(b) == 0 || reflect.DeepEqual(a, b)
}

// cells makes a row of text into cells.
func cells(row map[string]any, names []string) *record.Cells {
	c := &record.Cells{Header: record.NewHeader(names, make([]bool, len(names)), false)}
	for _, n := range names {
		s, _ := row[n].(string)
		c.At = append(c.At, uint32(len(c.Text)), uint32(len(c.Text)+len(s)))
		c.Text += s
	}
	return c
}

func TestRowsOfCellsMapAsObjectsDo(t *testing.T) {
	w := writer{rand.New(rand.NewPCG(7, 8))}
	headers := [][]string{{"a", "b", "c", "客户 名称"}, {"客户 名称", "obj", "a"}, {"x"}}
	compared := 0
	for range 1500 {
		text := w.mapping()
		m, err := mappings.Parse("random.blobl", text)
		if err != nil {
			continue
		}
		for range 8 {
			row, names := map[string]any{}, headers[w.IntN(len(headers))]
			for _, n := range names {
				row[n] = nil
				if s := w.one("", "", " ", "text", " Te x ", "a;b、c", "1,234.5", "N/A"); s != "" {
					row[n] = s
				}
			}
			want, wantErr := m.Map(row)
			got, gotErr := m.AppendCells(nil, cells(row, names))
			if fmt.Sprint(gotErr) != fmt.Sprint(wantErr) {
				t.Fatalf("%s\non cells of %q: error %v, want %v", text, row, gotErr, wantErr)
			}
			if gotErr == nil && !alike(got, want) {
				t.Fatalf("%s\non cells of %q: %s, want %s", text, row, lay(t, got), lay(t, want))
			}
			compared++
		}
	}
	if compared < 4000 {
		t.Errorf("too little was compared: %d rows", compared)
	}
}

// simple is the mapping of a file with 20 columns.
const simple = `
root.full_name    = this.full_name
root.given_name   = this.given_name | this.first_name
root.family_name  = this.family_name | this.surname
root.birth_date   = this.birth_date | this.dob | this.date_of_birth
root.emails       = [this.email, this.email_2]
root.phones       = [this.phone, this.mobile]
root.addresses    = [{"street": this.street | this.address_1, "city": this.city, "region": this.region, "postcode": this.postcode, "country": this.country}]
root.organisation = this.company
root.national_id  = this.national_id
root.tax_id       = this.tax_id
root.gender       = this.gender
root.language     = this.language
root.status       = this.status
root.owner        = this.owner
root.tags         = [this.segment, this.channel]
root._updated_at  = this.updated_at
`

var customer = map[string]any{
	"full_name": "Li Lei", "given_name": "Lei", "family_name": "Li", "birth_date": "1990-02-28", "email": "li@example.cn", "email_2": nil,
	"phone": "+8613800138000", "mobile": "13900139000", "street": "1 Zhongguancun Street", "city": "Beijing", "region": "Beijing", "postcode": "100080",
	"country": "CN", "company": nil, "national_id": "11010519491231002X", "tax_id": nil, "gender": "male", "language": "zh-CN", "status": "active",
	"owner": "Han", "segment": "vip", "channel": "web", "updated_at": "2026-01-01T00:00:00Z",
}

// On 2 shared vCPU (Xeon 2.5 GHz, under load); trust the ratio.
func BenchmarkMap(b *testing.B) {
	m := mapping(b, simple)
	run := func(b *testing.B, f func(map[string]any) ([]mappings.Output, error)) {
		b.ReportAllocs()
		for b.Loop() {
			if _, err := f(customer); err != nil {
				b.Fatal(err)
			}
		}
		b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "rows/s")
	}
	b.Run("go", func(b *testing.B) { run(b, m.Map) })
	b.Run("cells", func(b *testing.B) {
		names := slices.Sorted(maps.Keys(customer))
		row, outs := cells(customer, names), []mappings.Output(nil)
		run(b, func(map[string]any) (_ []mappings.Output, err error) {
			outs, err = m.AppendCells(outs[:0], row)
			return outs, err
		})
	})
	b.Run("bloblang", func(b *testing.B) { run(b, m.ByBloblang) })
}
