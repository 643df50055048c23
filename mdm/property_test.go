package mdm_test

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"crmhub/mdm"
	"crmhub/mdm/entity"
	"crmhub/mdm/mdmtest"
	"crmhub/record"
)

// tight returns the shipped model with a small max_block, so that tokens
// cross it.
func tight(t testing.TB, maxBlock int) *mdm.Model {
	t.Helper()
	m, err := mdm.ParseModel("m.yaml", []byte(strings.Replace(mdm.CustomerModel(), "max_block: 100", fmt.Sprintf("max_block: %d", maxBlock), 1)))
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// picture is what must be equal whatever the order: entities by their refs,
// with values and provenance by ref.
func picture(t testing.TB, s *mdmtest.Store) map[string]string {
	t.Helper()
	refs := s.Refs()
	out := map[string]string{}
	for _, g := range s.All() {
		var members []string
		for _, id := range g.Members {
			members = append(members, refs[id].Canonical())
		}
		slices.Sort(members)
		fields, err := json.Marshal(g.Fields)
		if err != nil {
			t.Fatal(err)
		}
		var b strings.Builder
		b.Write(fields)
		for _, name := range slices.Sorted(maps.Keys(g.Provenance)) {
			p := g.Provenance[name]
			var all []string
			for _, id := range p.All {
				all = append(all, refs[id].Canonical())
			}
			slices.Sort(all)
			from := ""
			if p.From != 0 {
				from = refs[p.From].Canonical()
			}
			fmt.Fprintf(&b, "\n%s %s %s %v", name, p.Rule, from, all)
		}
		out[strings.Join(members, " ")] = b.String()
	}
	return out
}

func resolve(t testing.TB, s *mdmtest.Store, m *mdm.Model, o mdm.Options) mdm.Stats {
	t.Helper()
	stats, err := mdm.NewResolver(s, m, o).Resolve(context.Background(), nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Check(); err != nil {
		t.Fatal(err)
	}
	return stats
}

func differ(t testing.TB, what string, got, want map[string]string) {
	t.Helper()
	if maps.Equal(got, want) {
		return
	}
	for k := range want {
		if got[k] != want[k] {
			t.Errorf("%s: entity %s\n got %s\nwant %s", what, k, got[k], want[k])
		}
	}
	for k := range got {
		if _, ok := want[k]; !ok {
			t.Errorf("%s: entity %s should not be", what, k)
		}
	}
	t.FailNow()
}

var (
	oneByOne = mdm.Options{Bulk: 2, Chunk: 5, Batch: 7}
	allAtOne = mdm.Options{Bulk: 1e-9, Chunk: 6, Batch: 5}
	mixed    = mdm.Options{Bulk: 0.3}
)

// Any history of adds, edits, deletes, returns and judgements, resolved in any
// batches by either engine, gives what one bulk resolve of the end gives.
func TestHistoryDoesNotMatter(t *testing.T) {
	models := []*mdm.Model{mdm.DefaultModel(), tight(t, 3), tight(t, 2)}
	for seed := range uint64(90) {
		rng := rand.New(rand.NewPCG(seed, 1))
		p := mdmtest.Population{Random: rng}
		m := models[seed%3]
		o := []mdm.Options{oneByOne, allAtOne, mixed}[seed/3%3]
		s := mdmtest.New(m.Blocks)
		live := map[int]record.Record{}
		type judgement struct {
			a, b record.Ref
			kind entity.Kind
			at   time.Time
		}
		var judgements []judgement
		refs := map[int]record.Ref{}
		for step := range 6 + rng.IntN(10) {
			for range 1 + rng.IntN(8) {
				key := rng.IntN(24)
				switch was, ok := live[key]; {
				case ok && rng.IntN(3) == 0:
					live[key] = p.Noted(was)
					s.Land(live[key])
				case ok && rng.IntN(3) == 0:
					d := live[key]
					d.Op = record.Delete
					s.Land(d)
					delete(live, key)
				default:
					r := p.Record(key)
					live[key], refs[key] = r, r.Ref
					s.Land(r)
				}
			}
			if rng.IntN(3) == 0 && len(refs) > 1 {
				keys := slices.Sorted(maps.Keys(refs))
				a, b := keys[rng.IntN(len(keys))], keys[rng.IntN(len(keys))]
				if a != b {
					j := judgement{refs[a], refs[b], []entity.Kind{entity.MustLink, entity.CannotLink}[rng.IntN(2)], time.Unix(int64(step), 0)}
					judgements = append(judgements, j)
					s.Judge(entity.Judgement{A: s.ID(j.a), B: s.ID(j.b), Kind: j.kind, At: j.at})
				}
			}
			if rng.IntN(3) > 0 {
				resolve(t, s, m, o)
			}
		}
		resolve(t, s, m, o)

		want := mdmtest.New(m.Blocks)
		keys := slices.Collect(maps.Keys(refs))
		rng.Shuffle(len(keys), func(i, j int) { keys[i], keys[j] = keys[j], keys[i] })
		for _, k := range keys {
			if r, ok := live[k]; ok {
				want.Land(r)
			} else {
				// A record that is gone still has its judgements.
				want.Land(record.Record{Ref: refs[k], Fields: record.Fields{}})
				want.Land(record.Record{Ref: refs[k], Op: record.Delete})
			}
		}
		for _, j := range judgements {
			want.Judge(entity.Judgement{A: want.ID(j.a), B: want.ID(j.b), Kind: j.kind, At: j.at})
		}
		resolve(t, want, m, allAtOne)
		differ(t, fmt.Sprintf("seed %d", seed), picture(t, s), picture(t, want))

		v, err := mdm.NewResolver(s, m, o).Verify(context.Background())
		if err != nil || v.Different != 0 || v.Checked != int64(len(s.All())) {
			t.Fatalf("seed %d: Verify = %+v, %v", seed, v, err)
		}
	}
}

func TestRepeatWritesNothing(t *testing.T) {
	m := mdm.DefaultModel()
	for seed := range uint64(20) {
		p := mdmtest.Population{Random: rand.New(rand.NewPCG(seed, 2))}
		s := mdmtest.New(m.Blocks)
		var all []record.Record
		for k := range 30 {
			all = append(all, p.Record(k))
		}
		for _, r := range all {
			s.Land(r)
		}
		resolve(t, s, m, oneByOne)
		was := s.Written
		for _, r := range all {
			s.Land(r)
		}
		if stats := resolve(t, s, m, mixed); stats.Records != 0 {
			t.Fatalf("%d records resolved again", stats.Records)
		}
		for _, o := range []mdm.Options{oneByOne, allAtOne} {
			s.Soil()
			resolve(t, s, m, o)
			if s.Written != was {
				t.Fatalf("seed %d: a repeat wrote %d things", seed, s.Written-was)
			}
		}
	}
}

func TestCutOffAnywhereEndsTheSame(t *testing.T) {
	m := tight(t, 3)
	for seed := range uint64(30) {
		rng := rand.New(rand.NewPCG(seed, 3))
		p := mdmtest.Population{Random: rng}
		var all []record.Record
		for k := range 30 {
			all = append(all, p.Record(k))
		}
		want := mdmtest.New(m.Blocks)
		for _, r := range all {
			want.Land(r)
		}
		resolve(t, want, m, allAtOne)
		s := mdmtest.New(m.Blocks)
		for i, r := range all {
			s.Land(r)
			if i%10 != 9 {
				continue
			}
			for {
				left := rng.IntN(20)
				s.Fail = func(string) error {
					if left--; left < 0 {
						return fmt.Errorf("cut off")
					}
					return nil
				}
				_, err := mdm.NewResolver(s, m, []mdm.Options{oneByOne, allAtOne}[rng.IntN(2)]).Resolve(context.Background(), nil)
				if err == nil || rng.IntN(8) == 0 {
					break
				}
			}
			s.Fail = nil
		}
		resolve(t, s, m, oneByOne)
		differ(t, fmt.Sprintf("seed %d", seed), picture(t, s), picture(t, want))
	}
}

func TestUnmergeUndoesAndStaysApart(t *testing.T) {
	m := mdm.DefaultModel()
	merged := 0
	for seed := range uint64(40) {
		p := mdmtest.Population{Random: rand.New(rand.NewPCG(seed, 4))}
		s := mdmtest.New(m.Blocks)
		for k := range 20 {
			s.Land(p.Record(k))
			resolve(t, s, m, oneByOne)
		}
		for _, g := range s.All() {
			if len(g.Members) < 2 {
				continue
			}
			merged++
			taken := g.Members[len(g.Members)-1]
			own := s.Own(taken)
			js, err := mdm.Unmerge(g, []entity.RecordID{taken}, "steward", time.Unix(9, 0), "twins")
			if err != nil {
				t.Fatal(err)
			}
			for _, j := range js {
				s.Judge(j)
			}
			resolve(t, s, m, oneByOne)
			if s.EntityOf(taken) == s.EntityOf(g.Members[0]) {
				t.Fatalf("seed %d: the record is still a member", seed)
			}
			if len(s.MembersOf(taken)) == 1 && s.EntityOf(taken) != own {
				t.Errorf("seed %d: the record that was taken out didn't get its own id back", seed)
			}
			s.Soil()
			resolve(t, s, m, allAtOne)
			if s.EntityOf(taken) == s.EntityOf(g.Members[0]) {
				t.Fatalf("seed %d: the next resolve merged them again", seed)
			}
			break
		}
	}
	if merged < 20 {
		t.Errorf("only %d populations had anything to unmerge", merged)
	}
}
