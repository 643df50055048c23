package block_test

import (
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"

	"crmhub/mdm/block"
	"crmhub/mdm/compare"
	"crmhub/record"
)

// TestKeysDoNotDependOnOtherRecords holds that what a dictionary remembers of
// the records before, or of those beside, changes no key.
func TestKeysDoNotDependOnOtherRecords(t *testing.T) {
	words := strings.Fields("mo sam zhang wei Bob Robert Smith-Jones van der Berg Núñez 王小明 欧阳娜娜 王先生 张* Li, Xiaoming O'Brien 劉 Dr. Jr. 上海市 London city st 12号")
	rules := block.New([][]string{{"name"}, {"name_sound"}, {"word_sound", "city"}, {"family_sound", "street"}, {"given_sound", "postcode"}})
	text := func(r *rand.Rand) string {
		s := words[r.IntN(len(words))]
		for range r.IntN(3) {
			s += " " + words[r.IntN(len(words))]
		}
		return s
	}
	shared := compare.NewTransient()
	var group sync.WaitGroup
	for worker := range 4 {
		group.Go(func() {
			r := rand.New(rand.NewPCG(1, uint64(worker)))
			var x compare.Features
			own := shared.Own()
			for range 400 {
				f := record.Fields{"full_name": text(r), "addresses": []any{map[string]any{"street": text(r), "city": text(r), "postcode": text(r)}}}
				if r.IntN(2) == 0 {
					f["given_name"], f["family_name"] = text(r), text(r)
				}
				own.Fill(&x, f)
				got, want := rules.Keys(&x), rules.Keys(compare.NewTransient().New(f))
				if !slices.Equal(got, want) {
					t.Errorf("keys of %v = %q, want %q", f, got, want)
					return
				}
			}
		})
	}
	group.Wait()
}
