package match_test

import (
	"testing"

	"crmhub/mdm/compare"
	"crmhub/mdm/fellegisunter"
	"crmhub/mdm/match"
)

func TestVerdict(t *testing.T) {
	w := fellegisunter.New(map[string]map[string]fellegisunter.Level{"phone": {"exact": {M: 0.5, U: 1.0 / (1 << 20)}}, "national_id": {"exact": {M: 0.5, U: 0.25}}}, fellegisunter.Guards{Contact: 60000})
	for _, tt := range []struct {
		name  string
		prior fellegisunter.Bits
		v     func(*compare.Vector)
		want  match.Verdict
	}{
		{"match", -16000, func(v *compare.Vector) { v.Level[compare.Phone] = compare.PhoneExact }, match.Match},
		{"possible", -18000, func(v *compare.Vector) { v.Level[compare.Phone] = compare.PhoneExact }, match.Possible},
		{"non-match", -30000, func(v *compare.Vector) { v.Level[compare.Phone] = compare.PhoneExact }, match.NonMatch},
		{"exact", -30000, func(v *compare.Vector) { v.Level[compare.NationalID] = compare.IDExact }, match.Match},
		{"exact, but another kind", -30000, func(v *compare.Vector) {
			v.Level[compare.NationalID], v.Level[compare.Kind] = compare.IDExact, compare.KindDifferent
		}, match.NonMatch},
		{"equal but unchecked", -30000, func(v *compare.Vector) { v.Level[compare.NationalID] = compare.IDUnchecked }, match.NonMatch},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := match.Rules{Prior: tt.prior, Merge: 3000, Review: 0, Exact: []compare.Comparison{compare.NationalID}}
			var v compare.Vector
			tt.v(&v)
			if got := r.Verdict(r.Score(w, &v)); got != tt.want {
				t.Errorf("Verdict = %s, want %s", got, tt.want)
			}
		})
	}
}
