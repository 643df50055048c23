package linkage_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"crmhub/fault"
	"crmhub/mdm/linkage"
)

// twoFiles are people, every other one a row of the second file.
func twoFiles(rows []string) *linkage.Table {
	return halved(linkage.NewTable(strings.Split(peopleHeaders, "|")), rows)
}

// halved adds people to a table, every other one as a row of the second file.
func halved(t *linkage.Table, rows []string) *linkage.Table {
	for i, r := range rows {
		t.AddFrom(1+i%2, strings.Split(r, "|"))
	}
	return t
}

func linked(r *linkage.Result, a, b int) bool {
	return slices.ContainsFunc(r.Pairs, func(p linkage.Pair) bool { return p.Left == a && p.Right == b })
}

func TestJudgementsHoldForLinks(t *testing.T) {
	rows, _ := people(300, 4)
	one, err := linkage.Link(t.Context(), twoFiles(rows), linkage.Options{OneToOne: true})
	if err != nil {
		t.Fatal(err)
	}
	apart, taken := one.Pairs[0], one.Pairs[1]
	other := one.Pairs[2]
	judged := []linkage.Judgement{{Left: apart.Left, Right: apart.Right}, {Left: taken.Left, Right: other.Right, Same: true}}
	r, err := linkage.Link(t.Context(), twoFiles(rows), linkage.Options{OneToOne: true, Judged: judged})
	if err != nil {
		t.Fatal(err)
	}
	if linked(r, apart.Left, apart.Right) {
		t.Error("two rows that a person keeps apart are linked")
	}
	if !linked(r, taken.Left, other.Right) {
		t.Error("two rows that a person calls one are not linked")
	}
	if linked(r, taken.Left, taken.Right) || linked(r, other.Left, other.Right) {
		t.Error("a row is linked twice, one to one")
	}
	seen := map[int]bool{}
	for _, p := range r.Pairs {
		if seen[p.Left] || seen[p.Right] {
			t.Fatalf("row %d or %d is linked twice", p.Left, p.Right)
		}
		seen[p.Left], seen[p.Right] = true, true
	}
	// The order in which people say things makes no difference.
	slices.Reverse(judged)
	again, err := linkage.Link(t.Context(), twoFiles(rows), linkage.Options{OneToOne: true, Judged: judged})
	if err != nil || !slices.Equal(r.Pairs, again.Pairs) {
		t.Errorf("judgements in another order give other links (%v)", err)
	}
}

func TestLinksOfLinksAreKnown(t *testing.T) {
	rows, _ := people(300, 4)
	r, err := linkage.Link(t.Context(), twoFiles(rows), linkage.Options{Judged: []linkage.Judgement{
		{Left: 0, Right: 11, Same: true}, {Left: 20, Right: 11, Same: true}, {Left: 20, Right: 31, Same: true}, {Left: 0, Right: 41},
	}})
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range [][2]int{{0, 11}, {20, 11}, {20, 31}, {0, 31}} {
		if !linked(r, p[0], p[1]) {
			t.Errorf("rows %d and %d are one by what was said, and not linked", p[0], p[1])
		}
	}
	if linked(r, 20, 41) {
		t.Error("row 20 is row 0, which is not row 41, and yet linked with it")
	}
}

func TestOneToOneRefusesASecondLink(t *testing.T) {
	rows, _ := people(300, 4)
	_, err := linkage.Link(t.Context(), twoFiles(rows), linkage.Options{OneToOne: true, Judged: []linkage.Judgement{
		{Left: 0, Right: 11, Same: true, Place: "first"}, {Left: 2, Right: 13, Same: true}, {Left: 20, Right: 11, Same: true, Place: "second"},
	}})
	if want := fault.New("E6218", "second"); !errors.Is(err, want) || fault.Of(err).Place != "second" {
		t.Errorf("two links of a row gave %v, want %v", err, want)
	}
}
