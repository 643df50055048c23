package linkage_test

import (
	"context"
	"math"
	"slices"
	"strings"
	"testing"

	"crmhub/fault"
	"crmhub/mdm/linkage"
)

func TestJudgementsHold(t *testing.T) {
	rows, truth := people(300, 4)
	one := dedupe(t, table(peopleHeaders, rows...), linkage.Options{})
	var twins, strangers [2]int
	for i := 1; i < len(rows); i++ {
		if truth[i] == truth[i-1] && one.Cluster[i] == one.Cluster[i-1] {
			twins = [2]int{i - 1, i}
		} else if one.Cluster[i] != one.Cluster[0] {
			strangers = [2]int{0, i}
		}
	}
	r := dedupe(t, table(peopleHeaders, rows...), linkage.Options{Judged: []linkage.Judgement{
		{Left: twins[0], Right: twins[1]}, {Left: strangers[1], Right: strangers[0], Same: true},
	}})
	if r.Cluster[twins[0]] == r.Cluster[twins[1]] {
		t.Error("two rows that a person keeps apart are in one cluster")
	}
	if r.Cluster[strangers[0]] != r.Cluster[strangers[1]] {
		t.Error("two rows that a person calls one are in two clusters")
	}
	same := 0
	for i := range rows {
		if r.Cluster[i] == r.Cluster[strangers[0]] {
			same++
		}
	}
	if same > 6 {
		t.Errorf("one word of a person made a cluster of %d rows", same)
	}
}

func TestContradiction(t *testing.T) {
	for _, tt := range []struct {
		name string
		list []linkage.Judgement
		want int
	}{
		{"none", []linkage.Judgement{{Left: 0, Right: 1, Same: true}, {Left: 1, Right: 2}}, -1},
		{"said twice", []linkage.Judgement{{Left: 0, Right: 1, Same: true}, {Left: 1, Right: 0}}, 1},
		{"in steps", []linkage.Judgement{{Left: 0, Right: 3}, {Left: 0, Right: 1, Same: true}, {Left: 1, Right: 2, Same: true}, {Left: 3, Right: 2, Same: true}}, 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := linkage.Contradiction(4, tt.list); got != tt.want {
				t.Errorf("Contradiction = %d, want %d", got, tt.want)
			}
		})
	}
	rows, _ := people(50, 4)
	_, err := linkage.Dedupe(context.Background(), table(peopleHeaders, rows...), linkage.Options{Judged: []linkage.Judgement{
		{Left: 0, Right: 1, Same: true}, {Left: 1, Right: 0, Place: "labels.csv:3"},
	}})
	if f := fault.Of(err); f == nil || f.Code != "E6211" {
		t.Errorf("Dedupe = %v, want E6211", err)
	}
}

// TestOnePerSource holds that no cluster has two rows of a source, and that
// rows of two sources still meet.
func TestOnePerSource(t *testing.T) {
	rows, truth := people(300, 8)
	names := []string{"shop", "erp"}
	for i := range rows {
		k := 0
		if i > 0 && truth[i] == truth[i-1] && i/4%2 == 0 {
			k = 1
		}
		rows[i] += "|" + names[k]
	}
	r := dedupe(t, table(peopleHeaders+"|system", rows...), linkage.Options{Source: "system", OnePerSource: true})
	seen := map[string]bool{}
	met := 0
	for i, row := range rows {
		key := string(rune(r.Cluster[i])) + row[strings.LastIndex(row, "|"):]
		if seen[key] {
			t.Fatalf("cluster %d has two rows of one source", r.Cluster[i])
		}
		seen[key] = true
		if i > 0 && r.Cluster[i] == r.Cluster[i-1] {
			met++
		}
	}
	if met < 20 {
		t.Errorf("%d rows met one of another source, want 20 at least", met)
	}
}

// TestExpectedIsNearTheTruth holds what is expected without labels against
// the truth, at several thresholds.
func TestExpectedIsNearTheTruth(t *testing.T) {
	rows, truth := people(3000, 12)
	s, err := linkage.Thresholds(context.Background(), table(peopleHeaders, rows...), linkage.Options{}, -4, 8, 2)
	if err != nil {
		t.Fatal(err)
	}
	if len(s.Points) != 7 {
		t.Fatalf("%d points, want 7", len(s.Points))
	}
	last := int64(math.MaxInt64)
	for _, p := range s.Points {
		found, right, all := agrees(p.Cluster, truth)
		precision, recall := float64(right)/float64(found), float64(right)/float64(all)
		if math.Abs(precision-p.Precision) > 0.03 || math.Abs(recall-p.Recall) > 0.03 {
			t.Errorf("at %.0f bits: expected precision %.3f and recall %.3f, are %.3f and %.3f", p.Threshold, p.Precision, p.Recall, precision, recall)
		}
		if p.Pairs > last || int64(found) != p.Pairs {
			t.Errorf("at %.0f bits: %d pairs, want %d and at most the %d of a lower threshold", p.Threshold, p.Pairs, found, last)
		}
		last = p.Pairs
	}
	// A threshold gives the same clusters whether it is named or swept over.
	bits := 4.0
	r := dedupe(t, table(peopleHeaders, rows...), linkage.Options{Threshold: &bits})
	if r.Clusters != s.Points[4].Clusters {
		t.Errorf("%d clusters at 4 bits, the sweep has %d", r.Clusters, s.Points[4].Clusters)
	}
}

func TestTellingPairs(t *testing.T) {
	rows, _ := people(300, 5)
	pairs, r, err := linkage.Telling(context.Background(), table(peopleHeaders, rows...), linkage.Options{}, 10)
	if err != nil || len(pairs) != 10 {
		t.Fatalf("Telling = %d pairs, %v, want 10", len(pairs), err)
	}
	used := map[int]bool{}
	for i, p := range pairs {
		if used[p.Left] || used[p.Right] {
			t.Error("a row is asked about twice")
		}
		used[p.Left], used[p.Right] = true, true
		if i > 0 && math.Abs(p.Bits-r.Threshold) < math.Abs(pairs[i-1].Bits-r.Threshold) {
			t.Error("the most doubtful pair does not come first")
		}
	}
	again, _, err := linkage.Telling(context.Background(), table(peopleHeaders, rows...), linkage.Options{
		Judged: []linkage.Judgement{{Left: pairs[0].Left, Right: pairs[0].Right}},
	}, 10)
	if err != nil || slices.ContainsFunc(again, func(p linkage.Pair) bool { return p.Left == pairs[0].Left && p.Right == pairs[0].Right }) {
		t.Errorf("what was judged is asked again (%v)", err)
	}
}

func TestBlocks(t *testing.T) {
	rows, _ := people(4000, 6)
	tab := func() *linkage.Table { return table(peopleHeaders, rows...) }
	b, err := linkage.Blocks(context.Background(), tab(), linkage.Options{}, nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	sum := int64(0)
	for _, r := range b.Rules {
		sum += r.New
		if r.New > r.Pairs || r.Only > r.Matches || len(r.Rule) == 0 {
			t.Errorf("rule %+v", r)
		}
	}
	if sum != b.Compared {
		t.Errorf("the rules have %d pairs that are new, %d were compared", sum, b.Compared)
	}
	less, err := linkage.Blocks(context.Background(), tab(), linkage.Options{}, []string{"full_name exact"}, []int{1})
	if err != nil {
		t.Fatal(err)
	}
	if got := less.Rules[len(less.Rules)-1].Rule; len(less.Rules) != len(b.Rules) || !slices.Equal(got, []string{"full_name exact"}) {
		t.Errorf("%d rules, the last %v, want %d and the one that was added", len(less.Rules), got, len(b.Rules))
	}
	m, err := linkage.ReadModel("m.yaml", less.Model.YAML())
	if err != nil {
		t.Fatal(err)
	}
	if r := dedupe(t, tab(), linkage.Options{Model: m}); r.Compared != less.Compared {
		t.Errorf("the model compares %d pairs, want %d", r.Compared, less.Compared)
	}
	_, err = linkage.Blocks(context.Background(), tab(), linkage.Options{}, []string{"full_nam exact"}, nil)
	if f := fault.Of(err); f == nil || f.Code != "E6001" {
		t.Errorf("an unknown key: %v, want E6001", err)
	}
}

// TestChainsAreTold holds that rows which one value chains together are parted,
// and that a user is told.
func TestChainsAreTold(t *testing.T) {
	rows, truth := people(300, 7)
	bits := -30.0
	r := dedupe(t, table(peopleHeaders, rows...), linkage.Options{Threshold: &bits})
	if r.Connected < r.Largest || r.Connected > len(rows) {
		t.Errorf("the largest component has %d rows, the largest cluster %d", r.Connected, r.Largest)
	}
	low := -9.0
	r = dedupe(t, table(peopleHeaders, rows...), linkage.Options{Threshold: &low})
	between := 0
	for _, p := range r.Pairs {
		if p.Bits >= low && r.Cluster[p.Left] != r.Cluster[p.Right] {
			between++
		}
	}
	if between != r.Bridges {
		t.Errorf("%d bridges are told, there are %d", r.Bridges, between)
	}
	if found, _, all := agrees(r.Cluster, truth); found > 40*all {
		t.Errorf("%d pairs are in one cluster, %d are true", found, all)
	}
}
