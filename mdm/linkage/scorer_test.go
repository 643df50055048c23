package linkage_test

import (
	"bytes"
	"context"
	"encoding/csv"
	"io"
	"math/rand/v2"
	"testing"

	"crmhub/mdm/linkage"
	"crmhub/mdm/synthetic"
)

// TestNoPairIsLetGoTooEarly holds that what scoring tells without looking at
// all values is what looking at all of them tells.
func TestNoPairIsLetGoTooEarly(t *testing.T) {
	g, err := synthetic.New(synthetic.Options{Rows: 200, Seed: 5, Systems: 4, Languages: []string{"zh", "en"}})
	if err != nil {
		t.Fatal(err)
	}
	var file bytes.Buffer
	if err := g.Write(context.Background(), &file, io.Discard, func(int64) {}); err != nil {
		t.Fatal(err)
	}
	rows, err := csv.NewReader(&file).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	table := func() *linkage.Table {
		t := linkage.NewTable(rows[0])
		for _, r := range rows[1:] {
			t.Add(r)
		}
		return t
	}
	o := linkage.Options{ID: "record_id", Source: "source"}
	learnt, err := linkage.Dedupe(context.Background(), table(), o)
	if err != nil {
		t.Fatal(err)
	}
	o.Model = learnt.Model
	r, err := linkage.Dedupe(context.Background(), table(), o)
	if err != nil {
		t.Fatal(err)
	}
	if n := int64(len(rows)-1) * int64(len(rows)-2) / 2; r.Compared != n {
		t.Fatalf("%d pairs were compared, want all %d", r.Compared, n)
	}
	bits := map[[2]int]float64{}
	var pairs [][2]int
	for _, p := range r.Pairs {
		bits[[2]int{p.Left, p.Right}] = p.Bits
		pairs = append(pairs, [2]int{p.Left, p.Right})
	}
	rng := rand.New(rand.NewPCG(1, 4))
	rng.Shuffle(len(pairs), func(i, j int) { pairs[i], pairs[j] = pairs[j], pairs[i] })
	pairs = pairs[:min(len(pairs), 25)]
	for range 50 {
		a, b := rng.IntN(len(rows)-1), rng.IntN(len(rows)-1)
		if a != b {
			pairs = append(pairs, [2]int{min(a, b), max(a, b)})
		}
	}
	for _, p := range pairs {
		x, err := linkage.Explain(context.Background(), table(), o, p[0], p[1])
		if err != nil {
			t.Fatal(err)
		}
		got, listed := bits[p]
		if want := x.Bits >= r.Threshold-7; listed != want || listed && got != x.Bits {
			t.Errorf("rows %v weigh %v bits and are listed %v with %v, want %v", p, x.Bits, listed, got, want)
		}
	}
}
