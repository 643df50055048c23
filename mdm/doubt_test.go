package mdm_test

import (
	"context"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"
	"time"

	"crmhub/mdm"
	"crmhub/mdm/entity"
	"crmhub/mdm/mdmtest"
	"crmhub/mdm/review"
)

// Doubts are exactly the pairs that share a key, score in the band (or above,
// where clustering keeps them apart), stand in two entities and were not
// judged; computing them writes nothing; a judgement takes a pair out.
func TestDoubts(t *testing.T) {
	model := mdm.DefaultModel()
	ctx := context.Background()
	found := map[review.Cause]int{}
	for seed := range uint64(40) {
		rng := rand.New(rand.NewPCG(seed, 23))
		p := mdmtest.Population{Random: rng}
		s := mdmtest.New(model.Blocks)
		for key := range 14 {
			s.Land(p.Record(key))
		}
		resolve(t, s, model, oneByOne)
		written := s.Written
		r := mdm.NewResolver(s, model, mdm.Options{})
		got, err := r.Doubts(ctx)
		if err != nil {
			t.Fatal(err)
		}
		ids := map[string]bool{}
		for _, p := range got {
			ids[p.ID()] = true
			found[p.Cause]++
		}
		members, err := s.Members(ctx, []entity.RecordID{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14})
		if err != nil {
			t.Fatal(err)
		}
		for i, b := range members {
			for _, a := range members[:i] {
				w := r.Explain(a, b)
				want := w.Blocks > 0 && w.Score >= w.Review && a.Entity != b.Entity
				pair := review.Pair{A: review.Side{Record: a.ID}, B: review.Side{Record: b.ID}}
				if ids[pair.ID()] != want {
					t.Fatalf("seed %d: pair %s is doubtful: %v, want %v (%+v)", seed, pair.ID(), !want, want, w)
				}
			}
		}
		queue := review.Queue(got, nil)
		again, err := r.Doubts(ctx)
		if err != nil || !reflect.DeepEqual(review.Queue(again, nil), queue) {
			t.Fatalf("seed %d: the queue is another one when asked again (%v)", seed, err)
		}
		if s.Written != written {
			t.Fatalf("seed %d: looking wrote", seed)
		}
		if len(queue) == 0 {
			continue
		}
		first := queue[0]
		s.Judge(entity.Judgement{A: first.A.Record, B: first.B.Record, Kind: [...]entity.Kind{entity.MustLink, entity.CannotLink}[rng.IntN(2)], At: time.Unix(9, 0)})
		resolve(t, s, model, oneByOne)
		left, err := r.Doubts(ctx)
		if err != nil || slices.ContainsFunc(left, func(p review.Pair) bool { return p.ID() == first.ID() }) {
			t.Fatalf("seed %d: a decided pair is asked for again (%v)", seed, err)
		}
	}
	if found[review.Band] == 0 || found[review.Bridge] == 0 {
		t.Errorf("found %v, want pairs of both causes", found)
	}
}
