package mdm_test

import (
	"reflect"
	"testing"

	"crmhub/mdm"
	"crmhub/mdm/entity"
	"crmhub/mdm/match"
	"crmhub/record"
)

func whole(id int, f record.Fields) entity.Member {
	return entity.Member{ID: entity.RecordID(id), Fields: f}
}

// Each change that is named does change the verdict, and by what it says.
func TestWhatIf(t *testing.T) {
	m := mdm.DefaultModel()
	a := whole(1, record.Fields{"full_name": "Mary Featherstonehaugh", "birth_date": "1980-02-03", "phones": []any{"+442079460018"}})
	b := whole(2, record.Fields{"full_name": "Mary Featherstonehaugh", "birth_date": "1975-06-07", "emails": []any{"mary.f@example.org"}})
	w := mdm.NewResolver(nil, m, mdm.Options{}).Explain(a, b)
	changes := m.WhatIf(a, b)
	if len(changes) == 0 || w.Verdict == match.Match {
		t.Fatalf("a pair of verdict %s could be changed by %+v, want something", w.Verdict, changes)
	}
	for i, c := range changes {
		if c.Verdict == w.Verdict || c.Score != w.Score+c.Bits || i > 0 && max(c.Bits, -c.Bits) < max(changes[i-1].Bits, -changes[i-1].Bits) {
			t.Errorf("change %d: %+v of a score of %d", i, c, w.Score)
		}
	}
	if back := m.WhatIf(b, a); !reflect.DeepEqual(back, changes) {
		t.Errorf("the other way round: %+v, want %+v", back, changes)
	}
}

func TestBuilt(t *testing.T) {
	m := mdm.DefaultModel()
	f := record.Fields{"full_name": "Mary Featherstonehaugh", "birth_date": "1980-02-03", "emails": []any{"mary.f@example.org"}}
	members := []entity.Member{
		whole(3, record.Fields{"full_name": "Mary Featherstonehaugh", "emails": []any{"mary.f@example.org"}}),
		whole(1, f), whole(2, f),
		whole(4, record.Fields{"full_name": "Bo"}),
	}
	steps := m.Built(members, []entity.Judgement{{A: 2, B: 4, Kind: entity.MustLink}})
	if len(steps) != 3 {
		t.Fatalf("%d steps, want 3: %+v", len(steps), steps)
	}
	if s := steps[0]; !s.Judged || !reflect.DeepEqual(s.Left, []entity.RecordID{2}) || !reflect.DeepEqual(s.Right, []entity.RecordID{4}) {
		t.Errorf("the first step is %+v, want what a steward linked", s)
	}
	if s := m.Built(members[:3], nil); len(s) != 2 || s[0].A != 1 || s[0].B != 2 || s[0].Average < s[1].Average {
		t.Errorf("without a steward: %+v", s)
	}
	members[0], members[3] = members[3], members[0]
	if again := m.Built(members, []entity.Judgement{{A: 2, B: 4, Kind: entity.MustLink}}); !reflect.DeepEqual(again, steps) {
		t.Errorf("in another order: %+v, want %+v", again, steps)
	}
}
