package mdm_test

import (
	"bytes"
	"context"
	"fmt"
	"math/rand/v2"
	"testing"

	"crmhub/fault"
	"crmhub/mdm"
	"crmhub/mdm/entity"
	"crmhub/mdm/mdmtest"
	"crmhub/record"
)

// crowd is a store of people, every third of whom is in it twice.
func crowd(t *testing.T, people int) *mdmtest.Store {
	t.Helper()
	m := mdm.DefaultModel()
	s := mdmtest.New(m.Blocks)
	r := rand.New(rand.NewPCG(5, 5))
	given := []string{"Mary", "John", "Anna", "Peter", "Lucy", "Mark", "Ruth", "Paul", "Jane", "Luke"}
	family := []string{"ba", "ren", "do", "mi", "ka", "lo", "ta", "ri", "sen", "vo", "lin"}
	for i := range people {
		name := given[r.IntN(10)] + " "
		for range 3 {
			name += family[r.IntN(11)]
		}
		f := record.Fields{
			"full_name": name, "birth_date": fmt.Sprintf("19%02d-%02d-%02d", 30+r.IntN(70), 1+r.IntN(12), 1+r.IntN(28)),
			"emails": []any{fmt.Sprintf("person%d@example.com", i)}, "phones": []any{fmt.Sprintf("+4479%08d", r.IntN(1e8))},
			"addresses": []any{map[string]any{"city": "Leeds", "street": fmt.Sprintf("%d Mill Lane", 1+r.IntN(300)), "postcode": fmt.Sprintf("LS%d 1AB", r.IntN(30))}},
		}
		land := func(system string) {
			s.Land(record.Record{Ref: record.Ref{Source: system, Stream: "s", Type: record.Customer, Key: fmt.Sprint(i)}, Fields: f})
		}
		land("shop")
		if i%3 == 0 {
			f = record.Fields{"full_name": name, "birth_date": f["birth_date"], "phones": f["phones"], "addresses": f["addresses"]}
			if r.IntN(2) == 0 {
				delete(f, "phones")
			}
			land("erp")
		}
	}
	return s
}

// learn lets a store teach a model to follow the one that is given.
func learn(t *testing.T, s *mdmtest.Store, m *mdm.Model, text []byte, o mdm.Options) mdm.Learnt {
	t.Helper()
	l, err := mdm.NewResolver(s, m, o).Learn(context.Background(), "m.yaml", text)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

// A crowd teaches a model; its stewards decide; then it teaches another, the same bytes
// whatever the options are.
func TestLearn(t *testing.T) {
	s := crowd(t, 900)
	resolve(t, s, mdm.DefaultModel(), mdm.Options{})
	first := learn(t, s, mdm.DefaultModel(), []byte(mdm.CustomerModel()), mdm.Options{})
	if first.Records != 1200 || first.Matches < 250 || first.Matches > 360 {
		t.Errorf("learnt from %d records, %g matches; want 1200, about 300", first.Records, first.Matches)
	}
	// 300 matches among 1200 records: one pair in 2,400.
	if first.After < -12 || first.After > -10.5 {
		t.Errorf("prior %g, want about -11.2", first.After)
	}
	if first.Decisions != 0 || first.MergeAfter != first.MergeBefore {
		t.Errorf("without decisions the threshold goes from %g to %g", first.MergeBefore, first.MergeAfter)
	}
	effect, err := mdm.NewResolver(s, first.Model, mdm.Options{}).Effect(context.Background(), 3)
	if err != nil || effect.Same+effect.Merged+effect.Split == 0 || len(effect.Samples) > 6 {
		t.Errorf("Effect = %+v, %v", effect, err)
	}
	// By the model that is in force nothing changes.
	effect, err = mdm.NewResolver(s, mdm.DefaultModel(), mdm.Options{}).Effect(context.Background(), 3)
	if err != nil || effect.Merged != 0 || effect.Split != 0 {
		t.Errorf("Effect of the model in force = %+v, %v", effect, err)
	}

	decide(s)
	resolve(t, s, first.Model, mdm.Options{})
	l := learn(t, s, first.Model, first.Text, mdm.Options{Workers: 1})
	if l.Before != first.After {
		t.Errorf("the model that was learnt has a prior of %g, want %g", l.Before, first.After)
	}
	if l.Decisions != 38 {
		t.Errorf("%d decisions were heard, want 38", l.Decisions)
	}
	if l.MergeAfter <= l.MergeBefore {
		t.Errorf("the merge threshold goes from %g to %g, want more", l.MergeBefore, l.MergeAfter)
	}
	if !bytes.Contains(l.Text, []byte(fmt.Sprintf("\nthresholds:\n  merge: %g\n  review: -4\n", l.MergeAfter))) {
		t.Error("the model file lacks the threshold that was learnt")
	}
	again := learn(t, s, first.Model, first.Text, mdm.Options{Workers: 4, Batch: 37})
	if !bytes.Equal(again.Text, l.Text) || again.Records != l.Records || again.Matches != l.Matches {
		t.Error("other options give another model")
	}
}

// decide lands 14 pairs of people of the same rare name, and nothing else, and judges
// these and 24 pairs of a crowd of 1,200 records.
func decide(s *mdmtest.Store) {
	const first = entity.RecordID(1201)
	judge := func(a, b entity.RecordID, kind entity.Kind) {
		s.Judge(entity.Judgement{A: a, B: b, Kind: kind, By: "x", Reason: "y"})
	}
	for i := range 14 {
		for _, system := range []string{"shop", "erp"} {
			s.Land(record.Record{
				Ref:    record.Ref{Source: system, Stream: "s", Type: record.Customer, Key: fmt.Sprint("x", i)},
				Fields: record.Fields{"full_name": fmt.Sprintf("Zebedee %c%crnwhistle", 'A'+i, 'a'+i)},
			})
		}
		a := first + 2*entity.RecordID(i)
		judge(a, a+1, entity.CannotLink)
	}
	for i := range entity.RecordID(12) {
		judge(1+4*i, 2+4*i, entity.MustLink)     // a person and the same person
		judge(3+4*i, 200+4*i, entity.CannotLink) // two who share nothing
	}
}

func TestLearnAsksForEnough(t *testing.T) {
	s := crowd(t, 100)
	_, err := mdm.NewResolver(s, mdm.DefaultModel(), mdm.Options{}).Learn(context.Background(), "m.yaml", []byte(mdm.CustomerModel()))
	if f := fault.Of(err); f == nil || f.Code != "E6106" {
		t.Errorf("Learn of few records = %v, want E6106", err)
	}
}

func TestOutgrown(t *testing.T) {
	for _, tt := range []struct {
		records int64
		far     bool
	}{{0, false}, {50_000, false}, {200_000, false}, {1_000_000, true}} {
		if bits, far := mdm.DefaultModel().Outgrown(tt.records); far != tt.far {
			t.Errorf("Outgrown(%d) = %g, %v", tt.records, bits, far)
		}
	}
}
