package linkage_test

import (
	"bytes"
	"errors"
	"slices"
	"testing"

	"crmhub/fault"
	"crmhub/fault/yamlfile"
	"crmhub/mdm/linkage"
)

func TestTeachAddsRulesForMatchesThatNoneProposed(t *testing.T) {
	rows, truth := people(400, 4)
	learnt := dedupe(t, table(peopleHeaders, rows...), linkage.Options{}).Model
	narrow := *learnt
	narrow.Rules = []yamlfile.Strings{{"phone exact"}}
	var labels []linkage.Judgement
	for i := range rows {
		for k := range i {
			if truth[i] == truth[k] {
				labels = append(labels, linkage.Judgement{Left: k, Right: i, Same: true})
			}
		}
	}
	before := dedupe(t, table(peopleHeaders, rows...), linkage.Options{Model: &narrow})
	l, err := linkage.Teach(t.Context(), table(peopleHeaders, rows...), linkage.Options{Model: &narrow}, labels)
	if err != nil {
		t.Fatal(err)
	}
	if l.Unproposed == 0 || len(l.Added) == 0 {
		t.Fatalf("%d matches were not proposed, and %d rules were added", l.Unproposed, len(l.Added))
	}
	after := dedupe(t, table(peopleHeaders, rows...), linkage.Options{Model: l.Model})
	wrong := func(r *linkage.Result) (n int) {
		for _, j := range labels {
			if r.Cluster[j.Left] != r.Cluster[j.Right] {
				n++
			}
		}
		return n
	}
	if 2*wrong(after) >= wrong(before) {
		t.Errorf("%d of %d matches are missed with the rules that labels add, %d without", wrong(after), len(labels), wrong(before))
	}
	// The order of labels makes no difference, to the byte.
	slices.Reverse(labels)
	again, err := linkage.Teach(t.Context(), table(peopleHeaders, rows...), linkage.Options{Model: &narrow}, labels)
	if err != nil || !bytes.Equal(l.Model.YAML(), again.Model.YAML()) {
		t.Errorf("labels in another order teach another model (%v)", err)
	}
}

func TestTeachMovesTheThresholdWhereLabelsSayIt(t *testing.T) {
	rows, truth := people(400, 4)
	one := dedupe(t, table(peopleHeaders, rows...), linkage.Options{})
	var same, all []linkage.Judgement
	for _, p := range one.Pairs {
		same = append(same, linkage.Judgement{Left: p.Left, Right: p.Right, Same: truth[p.Left] == truth[p.Right]})
	}
	joined := slices.DeleteFunc(slices.Clone(one.Pairs), func(p linkage.Pair) bool { return p.Bits < one.Threshold })
	for i, p := range joined {
		if i < 30 || i >= len(joined)-25 {
			all = append(all, linkage.Judgement{Left: p.Left, Right: p.Right, Same: i < 30})
		}
	}
	l, err := linkage.Teach(t.Context(), table(peopleHeaders, rows...), linkage.Options{}, same)
	if err != nil {
		t.Fatal(err)
	}
	if l.Before != one.Threshold {
		t.Errorf("the threshold without labels is %v, want that of a run, %v", l.Before, one.Threshold)
	}
	if l.WrongAfter > l.WrongBefore {
		t.Errorf("labels are decided otherwise %d times, %d before they were heard", l.WrongAfter, l.WrongBefore)
	}
	// Pairs that look much like one and aren't are a clear word.
	l, err = linkage.Teach(t.Context(), table(peopleHeaders, rows...), linkage.Options{}, all)
	if err != nil {
		t.Fatal(err)
	}
	if l.After <= l.Before || l.WrongAfter >= l.WrongBefore {
		t.Errorf("the threshold goes from %v to %v, wrong %d and then %d", l.Before, l.After, l.WrongBefore, l.WrongAfter)
	}
	_, err = linkage.Teach(t.Context(), table(peopleHeaders, rows...), linkage.Options{}, []linkage.Judgement{{Left: 0, Right: 1, Same: true}, {Left: 1, Right: 0}})
	if !errors.Is(err, fault.New("E6211", "")) {
		t.Errorf("labels that contradict each other gave %v", err)
	}
}

func TestShifted(t *testing.T) {
	got := linkage.Shifted([]uint32{0, 0, 1, 2, 3, 3, 3}, []uint32{0, 0, 1, 1, 2, 2, 3}, 5)
	if got.Same != 1 || got.Joined != 1 || got.Parted != 2 {
		t.Errorf("Shifted = %+v, want 1 same, 1 joined, 2 parted", got)
	}
	if !slices.Equal(got.JoinedExamples, [][2]int{{2, 3}}) || !slices.Equal(got.PartedExamples, [][2]int{{4, 6}}) {
		t.Errorf("examples %v and %v", got.JoinedExamples, got.PartedExamples)
	}
}
