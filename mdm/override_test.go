package mdm_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"crmhub/mdm"
	"crmhub/mdm/entity"
	"crmhub/mdm/mdmtest"
	"crmhub/record"
)

// A steward's value stays with the customer through merges, splits, deletions
// and returns, in bulk and one by one alike, until it is ended; and golden
// records are what verifying says.
func TestOverridesStayWithTheCustomer(t *testing.T) {
	model := mdm.DefaultModel()
	for seed := range uint64(60) {
		rng := rand.New(rand.NewPCG(seed, 17))
		p := mdmtest.Population{Random: rng}
		one, bulk := mdmtest.New(model.Blocks), mdmtest.New(model.Blocks)
		both := []*mdmtest.Store{one, bulk}
		for range 10 {
			for range 1 + rng.IntN(5) {
				r := p.Record(rng.IntN(12))
				if rng.IntN(4) == 0 {
					r.Op = record.Delete
				}
				for _, s := range both {
					s.Land(r)
				}
			}
			for k, o := range []mdm.Options{oneByOne, {Bulk: 1e-9, Workers: 1}} {
				resolve(t, both[k], model, o)
			}
			all := one.All()
			if len(all) > 0 && rng.IntN(2) == 0 {
				g := all[rng.IntN(len(all))]
				o := entity.Override{Record: g.Members[0], Attribute: p.Pick("full_name", "owner", "gender"), At: time.Unix(int64(rng.IntN(9)), 0)}
				if rng.IntN(3) > 0 {
					o.Value = fmt.Sprint("value ", rng.IntN(5))
				}
				for _, s := range both {
					s.Override(o)
				}
			} else if len(all) > 0 && rng.IntN(3) == 0 {
				id := all[rng.IntN(len(all))].Members[0]
				for _, s := range both {
					s.EndOverrides(id)
				}
			}
			for k, o := range []mdm.Options{oneByOne, {Bulk: 1e-9, Workers: 1}} {
				resolve(t, both[k], model, o)
				v, err := mdm.NewResolver(both[k], model, o).Verify(context.Background())
				if err != nil || !v.OK() {
					t.Fatalf("seed %d: verify: %+v, %v", seed, v, err)
				}
			}
			differ(t, fmt.Sprintf("seed %d", seed), picture(t, one), picture(t, bulk))
		}
	}
}

// A founder that is deleted leaves what a steward said of it to its heir.
func TestOverridesAreInherited(t *testing.T) {
	model := mdm.DefaultModel()
	s := mdmtest.New(model.Blocks)
	person := func(key string, op record.Op) record.Record {
		return record.Record{Ref: record.Ref{Source: "shop", Stream: "s", Type: record.Customer, Key: key}, Op: op, Fields: record.Fields{
			"full_name": "Mary Featherstonehaugh", "birth_date": "1980-02-03", "emails": []any{"mary.f@example.org"}, "phones": []any{"+442079460018"},
		}}
	}
	s.Land(person("1", record.Upsert))
	s.Land(person("2", record.Upsert))
	resolve(t, s, model, oneByOne)
	s.Override(entity.Override{Record: 1, Attribute: "owner", Value: "li.na", At: time.Unix(1, 0)})
	resolve(t, s, model, oneByOne)
	s.Land(person("1", record.Delete))
	resolve(t, s, model, oneByOne)
	resolve(t, s, model, oneByOne)
	g, ok := s.Get(s.EntityOf(2))
	if !ok || g.Fields["owner"] != "li.na" || g.Provenance["owner"].From != 2 {
		t.Errorf("golden record %+v, want the steward's owner", g)
	}
	s.EndOverrides(2)
	resolve(t, s, model, oneByOne)
	if g, _ := s.Get(s.EntityOf(2)); g.Fields["owner"] != nil {
		t.Errorf("owner %v after the override was taken back", g.Fields["owner"])
	}
}
