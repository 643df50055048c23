package linkage_test

import (
	"bytes"
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"crmhub/fault"
	"crmhub/mdm/linkage"
)

// table makes a table of rows of which each is one text with | between cells.
func table(headers string, rows ...string) *linkage.Table {
	t := linkage.NewTable(strings.Split(headers, "|"))
	for _, r := range rows {
		t.Add(strings.Split(r, "|"))
	}
	return t
}

// people returns the rows of made-up people, some twice with a slip.
func people(n int, seed uint64) (rows []string, truth []int) {
	rng := rand.New(rand.NewPCG(seed, 1))
	syllables := []string{"ba", "ri", "mo", "len", "tas", "ko", "vi", "dor", "shu", "pel", "na", "gri"}
	word := func(k int) string {
		s := ""
		for range k {
			s += syllables[rng.IntN(len(syllables))]
		}
		return s
	}
	cities := make([]string, 40)
	for i := range cities {
		cities[i] = word(3)
	}
	for i := range n {
		given, family, city := word(2), word(3), cities[rng.IntN(len(cities))]
		born := fmt.Sprintf("%d-%02d-%02d", 1940+rng.IntN(60), 1+rng.IntN(12), 1+rng.IntN(28))
		phone := fmt.Sprintf("020 7%03d %04d", rng.IntN(1000), rng.IntN(10000))
		rows, truth = append(rows, strings.Join([]string{given, family, born, city, phone}, "|")), append(truth, i)
		if i%3 == 0 {
			at := rng.IntN(len(family)-1) + 1
			family = family[:at] + "x" + family[at:]
			if rng.IntN(2) == 0 {
				phone = ""
			}
			rows, truth = append(rows, strings.Join([]string{given, family, born, city, phone}, "|")), append(truth, i)
		}
	}
	return rows, truth
}

const peopleHeaders = "given_name|surname|date_of_birth|city|phone"

func dedupe(t *testing.T, tab *linkage.Table, o linkage.Options) *linkage.Result {
	t.Helper()
	r, err := linkage.Dedupe(context.Background(), tab, o)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// agrees returns how many pairs are found, right and true.
func agrees(cluster []uint32, truth []int) (found, right, all int) {
	for i := range truth {
		for j := range i {
			f, t := cluster[i] == cluster[j], truth[i] == truth[j]
			if f {
				found++
			}
			if t {
				all++
			}
			if f && t {
				right++
			}
		}
	}
	return found, right, all
}

func TestDedupeFindsPeople(t *testing.T) {
	for _, n := range []int{300, 3000} {
		rows, truth := people(n, 5)
		r := dedupe(t, table(peopleHeaders, rows...), linkage.Options{})
		found, right, all := agrees(r.Cluster, truth)
		if f1 := 2 * float64(right) / float64(found+all); f1 < 0.99 {
			t.Errorf("%d people: F1 %.4f, want at least 0.99", n, f1)
		}
	}
}

func TestOrderDoesNotMatter(t *testing.T) {
	rows, _ := people(500, 9)
	first := dedupe(t, table(peopleHeaders, rows...), linkage.Options{})
	model := first.Model.YAML()
	rng := rand.New(rand.NewPCG(1, 1))
	for range 3 {
		order := rng.Perm(len(rows))
		shuffled := make([]string, len(rows))
		for i, k := range order {
			shuffled[i] = rows[k]
		}
		r := dedupe(t, table(peopleHeaders, shuffled...), linkage.Options{})
		if !bytes.Equal(r.Model.YAML(), model) {
			t.Error("the order of rows changed the model")
		}
		same := map[uint32]uint32{}
		for i, k := range order {
			c, ok := same[r.Cluster[i]]
			if !ok {
				same[r.Cluster[i]] = first.Cluster[k]
			} else if c != first.Cluster[k] {
				t.Fatal("the order of rows changed the clusters")
			}
		}
	}
}

func TestModelGivesTheSame(t *testing.T) {
	rows, _ := people(400, 3)
	first := dedupe(t, table(peopleHeaders, rows...), linkage.Options{})
	m, err := linkage.ReadModel("m.yaml", first.Model.YAML())
	if err != nil {
		t.Fatal(err)
	}
	if got := m.YAML(); !bytes.Equal(got, first.Model.YAML()) {
		t.Error("a model read back is written otherwise")
	}
	again := dedupe(t, table(peopleHeaders, rows...), linkage.Options{Model: m})
	if !slices.Equal(again.Cluster, first.Cluster) {
		t.Error("the model gives other clusters than the run that it was learnt by")
	}
}

func TestBadModels(t *testing.T) {
	rows, _ := people(300, 3)
	good := string(dedupe(t, table(peopleHeaders, rows...), linkage.Options{}).Model.YAML())
	for _, tt := range []struct{ name, old, new, want string }{
		{"another version", "version: 1", "version: 2", "E6206"},
		{"unknown key", "threshold:", "treshold:", "E1002"},
		{"threshold out of range", "threshold: ", "threshold: 1000 # ", "E6002"},
		{"unknown kind", "kind: full_name", "kind: fullname", "E6002"},
		{"a share of more than one", "m: 0.", "m: 7.", "E6002"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, err := linkage.ReadModel("m.yaml", []byte(strings.Replace(good, tt.old, tt.new, 1)))
			if f := fault.Of(err); f == nil || string(f.Code) != tt.want {
				t.Errorf("ReadModel = %v, want %s", err, tt.want)
			}
		})
	}
	m, err := linkage.ReadModel("m.yaml", []byte(strings.Replace(good, `name: "different"`, `name: "other"`, 1)))
	if err != nil {
		t.Fatal(err)
	}
	_, err = linkage.Dedupe(context.Background(), table(peopleHeaders, rows...), linkage.Options{Model: m})
	if f := fault.Of(err); f == nil || f.Code != "E6207" {
		t.Errorf("Dedupe = %v, want E6207", err)
	}
	m, err = linkage.ReadModel("m.yaml", []byte(good))
	if err != nil {
		t.Fatal(err)
	}
	_, err = linkage.Dedupe(context.Background(), table("title|year", "a|1", "b|2"), linkage.Options{Model: m})
	if f := fault.Of(err); f == nil || f.Code != "E6208" {
		t.Errorf("Dedupe = %v, want E6208", err)
	}
}

// TestExplainShowsTheWay holds that the steps end in the whole cluster, and
// that each change would be one.
func TestExplainShowsTheWay(t *testing.T) {
	rows, _ := people(300, 5)
	rows = append(rows, rows[0], rows[0])
	r := dedupe(t, table(peopleHeaders, rows...), linkage.Options{})
	size := 0
	for _, c := range r.Cluster {
		if c == r.Cluster[0] {
			size++
		}
	}
	if size < 3 {
		t.Fatalf("%d rows in the cluster of three equal ones", size)
	}
	x, err := linkage.Explain(context.Background(), table(peopleHeaders, rows...), linkage.Options{}, 0, len(rows)-1)
	if err != nil {
		t.Fatal(err)
	}
	if len(x.Built) != size-1 {
		t.Fatalf("%d steps for %d rows", len(x.Built), size)
	}
	if last := x.Built[len(x.Built)-1]; len(last.Left)+len(last.Right) != size {
		t.Errorf("the last step joins %d and %d rows, want %d together", len(last.Left), len(last.Right), size)
	}
	x, err = linkage.Explain(context.Background(), table(peopleHeaders, rows...), linkage.Options{}, 0, 7)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range x.Changes {
		if c.Score < x.Threshold || c.Bits <= 0 {
			t.Errorf("%s %s would give %.2f bits, which changes nothing", c.Field, c.Level, c.Score)
		}
	}
}
