package mdm_test

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"testing"

	"crmhub/mdm"
	"crmhub/mdm/entity"
	"crmhub/mdm/mdmtest"
	"crmhub/record"
)

// Of records in which nothing changed that is compared only the values are chosen anew.
func TestQuietRecordsAreNotCompared(t *testing.T) {
	m := mdm.DefaultModel()
	for seed := range uint64(20) {
		p := mdmtest.Population{Random: rand.New(rand.NewPCG(seed, 7))}
		s, want := mdmtest.New(m.Blocks), mdmtest.New(m.Blocks)
		var all []record.Record
		for k := range 30 {
			all = append(all, p.Record(k))
			s.Land(all[k])
		}
		resolve(t, s, m, oneByOne)
		for k := range all {
			if k%3 > 0 {
				all[k] = p.Noted(all[k])
				s.Land(all[k])
			}
		}
		s.Fail = func(op string) error {
			if op == "features" || op == "holders" {
				return fmt.Errorf("%s is asked for", op)
			}
			return nil
		}
		if stats := resolve(t, s, m, oneByOne); stats.Pairs != 0 || stats.Records < 20 {
			t.Errorf("seed %d: %+v, want no pairs and 20 records at least", seed, stats)
		}
		for _, r := range all {
			want.Land(r)
		}
		resolve(t, want, m, allAtOne)
		differ(t, fmt.Sprintf("seed %d", seed), picture(t, s), picture(t, want))
	}
}

// A quiet record is resolved with what belongs to it: a record that comes, one that goes, one that is linked.
func TestQuietRecordsAreNoParts(t *testing.T) {
	noted := func(r record.Record) record.Record {
		r.Fields = maps.Clone(r.Fields)
		r.Fields["owner"] = "ann"
		return r
	}
	together := func(x *scene, want bool, keys ...string) {
		x.Helper()
		for _, k := range keys[1:] {
			if got := x.s.EntityOf(x.id(keys[0])) == x.s.EntityOf(x.id(k)); got != want {
				x.Errorf("%s and %s: together %v, want %v", keys[0], k, got, want)
			}
		}
	}
	// written is how much a resolve of these writes after the first were resolved and changed.
	written := func(o mdm.Options, first []record.Record, change func(*mdmtest.Store), then ...record.Record) int {
		m := mdm.DefaultModel()
		s := mdmtest.New(m.Blocks)
		for _, r := range first {
			s.Land(r)
		}
		resolve(t, s, m, o)
		change(s)
		resolve(t, s, m, o)
		was := s.Written
		for _, r := range then {
			s.Land(r)
		}
		resolve(t, s, m, o)
		return s.Written - was
	}
	born := func(key string) record.Record { return li(key, "birth_date", "1980-01-02") }
	mary := customer("2", record.Fields{"full_name": "Mary Jones"})
	gone := record.Record{Ref: mary.Ref, Op: record.Delete}
	link := func(s *mdmtest.Store) {
		s.Judge(entity.Judgement{A: 1, B: 2, Kind: entity.MustLink})
		s.Land(gone)
	}
	for _, tt := range []struct {
		name   string
		first  []record.Record
		change func(*mdmtest.Store)
		then   []record.Record
	}{
		{"one that shares a token comes", []record.Record{born("1")}, func(*mdmtest.Store) {}, []record.Record{noted(born("1")), born("2")}},
		{"one that is linked comes back", []record.Record{born("1"), mary}, link, []record.Record{noted(born("1")), mary}},
	} {
		if got, want := written(oneByOne, tt.first, tt.change, tt.then...), written(allAtOne, tt.first, tt.change, tt.then...); got != want || want == 0 {
			t.Errorf("%s: %d things are written, want %d", tt.name, got, want)
		}
	}
	t.Run("one of the component goes", func(t *testing.T) {
		x := newScene(t)
		x.land(li("1"), li("2"), li("3"))
		together(x, true, "1", "2", "3")
		x.land(noted(li("2")), record.Record{Ref: customer("1", nil).Ref, Op: record.Delete})
		together(x, true, "2", "3")
		together(x, false, "1", "2")
	})
	t.Run("one of the component changes", func(t *testing.T) {
		x := newScene(t)
		x.land(li("1"), li("2"), li("3"))
		other := customer("3", record.Fields{"full_name": "Mary Jones"})
		x.land(noted(li("2")), other)
		together(x, true, "1", "2")
		together(x, false, "1", "3")
	})
}
