package synthetic_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/csv"
	"encoding/hex"
	"errors"
	"io"
	"slices"
	"strings"
	"testing"

	"crmhub/mdm/standardize"
	"crmhub/mdm/synthetic"
)

func generator(t testing.TB, o synthetic.Options) *synthetic.Generator {
	t.Helper()
	g, err := synthetic.New(o)
	if err != nil {
		t.Fatal(err)
	}
	return g
}

func column(t testing.TB, name string) int {
	t.Helper()
	i := slices.Index(synthetic.Header(), name)
	if i < 0 {
		t.Fatalf("no column %s", name)
	}
	return i
}

// The bytes are the same for ever: who cites a figure cites rows and seed.
func TestTheSameBytes(t *testing.T) {
	h := sha256.New()
	if err := generator(t, synthetic.Options{Rows: 5000, Seed: 42}).Write(context.Background(), h, h, nil); err != nil {
		t.Fatal(err)
	}
	const want = "5d8129944e2fc33e5733eb7c27cda4a2458bd769901614988728c87bb2ee9899"
	if got := hex.EncodeToString(h.Sum(nil)); got != want {
		t.Errorf("digest %s, want %s", got, want)
	}
}

func TestWriteIsCSV(t *testing.T) {
	var records, truth bytes.Buffer
	g := generator(t, synthetic.Options{Rows: 3000, Seed: 1})
	if err := g.Write(context.Background(), &records, &truth, nil); err != nil {
		t.Fatal(err)
	}
	rows, err := csv.NewReader(&records).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	who, err := csv.NewReader(&truth).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	if len(rows) != 3001 || len(who) != 3001 || !slices.Equal(rows[0], synthetic.Header()) || !slices.Equal(who[0], []string{"record_id", "entity_id"}) {
		t.Fatalf("%d rows and %d truths under %v and %v", len(rows), len(who), rows[0], who[0])
	}
	for i := range rows {
		if rows[i][0] != who[i][0] {
			t.Fatalf("row %d is %s in the records and %s in the truth", i, rows[i][0], who[i][0])
		}
		if row := g.Row(int64(max(i, 1) - 1)); i > 0 && !slices.Equal(row.Fields[:], rows[i]) {
			t.Fatalf("row %d: %q, want %q", i, rows[i], row.Fields)
		}
	}
}

func TestWriteStops(t *testing.T) {
	ctx, stop := context.WithCancel(context.Background())
	stop()
	if err := generator(t, synthetic.Options{}).Write(ctx, io.Discard, io.Discard, nil); !errors.Is(err, context.Canceled) {
		t.Errorf("Write = %v, want %v", err, context.Canceled)
	}
}

// What is made looks like customers: about half the records are of people who
// have several, no record has two ids, no two the same one, names have a long
// tail, families share addresses, and nothing is in a column that it can't be in.
func TestLooksLikeCustomers(t *testing.T) {
	const rows = 60_000
	g := generator(t, synthetic.Options{Rows: rows, Seed: 7})
	ids, sources, sizes := map[string]bool{}, map[string]int{}, map[int64]int{}
	values := map[int]map[string]int{}
	within := map[int64]map[string]int{}
	for i := range int64(rows) {
		r := g.Row(i)
		if id := r.Fields[0]; ids[id] {
			t.Fatalf("two records are %s", id)
		}
		ids[r.Fields[0]] = true
		sources[r.Fields[1]]++
		sizes[r.Entity]++
		if within[r.Entity] == nil {
			within[r.Entity] = map[string]int{}
		}
		within[r.Entity][r.Fields[1]]++
		for k, v := range r.Fields {
			if values[k] == nil {
				values[k] = map[string]int{}
			}
			values[k][v]++
		}
	}
	if len(sources) != 6 || sources["erp"] < rows/10 || sources["legacy"] < rows/20 {
		t.Errorf("sources %v, want six, none of them small", sources)
	}
	largest, alone, twice := 0, 0, 0
	for e, n := range sizes {
		largest = max(largest, n)
		if n == 1 {
			alone++
		}
		for _, k := range within[e] {
			if k > 1 {
				twice++
			}
		}
	}
	if largest > 8 || largest < 6 {
		t.Errorf("the largest customer has %d records, want 6 to 8", largest)
	}
	between := func(what string, got, least, most int) {
		t.Helper()
		if got < least || got > most {
			t.Errorf("%s: %d, want %d to %d", what, got, least, most)
		}
	}
	between("customers", len(sizes), rows*48/100, rows*65/100)
	between("customers with one record", alone*100/len(sizes), 45, 65)
	between("customers twice in one system", twice*100/len(sizes), 3, 12)
	for name, want := range map[string][2]int{
		"full_name": {30_000, 45_000}, "family_name": {2_500, 12_000}, "given_name": {2_500, 10_000}, "city": {1_000, 8_000}, "street": {20_000, 45_000}, "email": {20_000, 45_000}, "phone": {30_000, 56_000},
	} {
		between("different values of "+name, len(values[column(t, name)]), want[0], want[1])
	}
	for name, most := range map[string]int{"full_name": 12, "family_name": 40, "given_name": 20, "city": 50, "phone": 8} {
		top := 0
		for v, n := range values[column(t, name)] {
			if v != "" {
				top = max(top, n)
			}
		}
		if top*1000 > rows*most {
			t.Errorf("%s: one value stands in %d rows of %d, want at most %d in 1,000", name, top, rows, most)
		}
	}
}

func TestOptions(t *testing.T) {
	for _, tt := range []struct {
		name, want string
		o          synthetic.Options
	}{
		{"rows", "rows", synthetic.Options{Rows: synthetic.MaxRows + 1}},
		{"negative", "rows", synthetic.Options{Rows: -1}},
		{"systems", "systems", synthetic.Options{Systems: 13}},
		{"languages", "languages", synthetic.Options{Languages: []string{"zh", "fr"}}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if _, err := synthetic.New(tt.o); err == nil || !strings.HasPrefix(err.Error(), tt.want+":") {
				t.Errorf("New = %v, want an error about %s", err, tt.want)
			}
		})
	}
	for _, o := range []synthetic.Options{{Rows: 1}, {Rows: 2, Systems: 1}, {Rows: 400, Systems: 12, Languages: []string{"en"}}} {
		g := generator(t, o)
		seen := map[string]bool{}
		for i := range g.Rows() {
			r := g.Row(i)
			seen[r.Fields[1]] = true
			for _, f := range r.Fields[2:7] {
				if len(o.Languages) == 1 && standardize.HasHan(f) && f != "无" && f != "不详" {
					t.Errorf("%q in %v", f, o.Languages)
				}
			}
		}
		if int64(len(seen)) > max(int64(o.Systems), 1) || len(seen) == 0 {
			t.Errorf("%+v: %d systems", o, len(seen))
		}
	}
}

// A hundred million rows are asked for as one is.
func TestFarRows(t *testing.T) {
	g := generator(t, synthetic.Options{Rows: synthetic.MaxRows, Seed: 3})
	a, b := g.Row(99_999_999), g.Row(99_999_998)
	if a.Fields[0] == "" || a.Fields[0] == b.Fields[0] || !strings.HasSuffix(a.Fields[0], "100000000") {
		t.Errorf("the last rows are %q and %q", a.Fields[0], b.Fields[0])
	}
}

func BenchmarkRow(b *testing.B) {
	g := generator(b, synthetic.Options{Rows: 10_000_000, Seed: 1})
	n := int64(0)
	for b.Loop() {
		g.Row(n)
		n++
	}
	b.ReportMetric(float64(n)/b.Elapsed().Seconds(), "rows/s")
}
