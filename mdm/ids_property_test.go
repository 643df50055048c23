package mdm_test

import (
	"math/rand/v2"
	"testing"
	"time"

	"crmhub/mdm"
	"crmhub/mdm/entity"
	"crmhub/mdm/mdmtest"
	"crmhub/record"
)

// Resolved at the same moments, the same records have the same entities under the
// same ids, whichever engine resolves and in batches of whatever size.
func TestIDsDoNotDependOnTheEngine(t *testing.T) {
	models := []*mdm.Model{mdm.DefaultModel(), tight(t, 3)}
	for seed := range uint64(250) {
		rng := rand.New(rand.NewPCG(seed, 11))
		p := mdmtest.Population{Random: rng}
		m := models[seed%2]
		stores := []*mdmtest.Store{mdmtest.New(m.Blocks), mdmtest.New(m.Blocks), mdmtest.New(m.Blocks)}
		live := map[int]record.Record{}
		landed := map[record.Ref]bool{}
		for step := range 5 {
			for range 1 + rng.IntN(6) {
				key := rng.IntN(14)
				r, ok := live[key]
				if ok && rng.IntN(3) == 0 {
					r.Op = record.Delete
					delete(live, key)
				} else {
					r = p.Record(key)
					live[key] = r
				}
				landed[r.Ref] = true
				for _, s := range stores {
					s.Land(r)
				}
			}
			if a, b := entity.RecordID(1+rng.IntN(len(landed))), entity.RecordID(1+rng.IntN(len(landed))); a != b && rng.IntN(3) == 0 {
				j := entity.Judgement{A: min(a, b), B: max(a, b), Kind: []entity.Kind{entity.MustLink, entity.CannotLink}[rng.IntN(2)], At: time.Unix(int64(step), 0)}
				for _, s := range stores {
					s.Judge(j)
				}
			}
			resolve(t, stores[0], m, mdm.Options{Bulk: 1e-9})
			resolve(t, stores[1], m, mdm.Options{Bulk: 2, Batch: 1})
			resolve(t, stores[2], m, mdm.Options{Bulk: 2, Batch: 3, Chunk: 2})
			for id := range entity.RecordID(len(landed)) {
				want := stores[0].EntityOf(id + 1)
				for k, s := range stores[1:] {
					if got := s.EntityOf(id + 1); got != want {
						t.Fatalf("seed %d, step %d, engine %d: record %d is of %x, want %x", seed, step, k+1, id+1, got, want)
					}
				}
			}
		}
	}
}
