package fellegisunter_test

import (
	"math"
	"testing"

	"crmhub/mdm/compare"
	"crmhub/mdm/fellegisunter"
)

func weights() *fellegisunter.Weights {
	return fellegisunter.New(map[string]map[string]fellegisunter.Level{
		"family_name": {"exact": {M: 0.5, U: 1.0 / 1024}, "different": {M: 0.25, U: 1}},
		"given_name":  {"exact": {M: 0.5, U: 1.0 / 256}, "different": {M: 1.0 / 64, U: 1}},
		"birth_date":  {"exact": {M: 0.5, U: 1.0 / 8192}},
		"phone":       {"exact": {M: 0.5, U: 1.0 / (1 << 20)}},
		"national_id": {"exact": {M: 0.5, U: 1.0 / (1 << 24)}},
	}, fellegisunter.Guards{Household: 4000, Twins: 3000, Name: 15000, Contact: 30000})
}

func TestWeight(t *testing.T) {
	for _, tt := range []struct {
		name   string
		levels map[compare.Comparison]compare.Level
		rarity map[compare.Comparison]int32
		want   fellegisunter.Bits
	}{
		{"nothing", nil, nil, 0},
		{"a level", map[compare.Comparison]compare.Level{compare.Phone: compare.PhoneExact}, nil, 19000},
		{"a common value", map[compare.Comparison]compare.Level{compare.FamilyName: compare.FamilyExact, compare.Phone: compare.PhoneExact}, map[compare.Comparison]int32{compare.FamilyName: 4000}, 22000},
		{"a name alone", map[compare.Comparison]compare.Level{compare.FamilyName: compare.FamilyExact, compare.GivenName: compare.GivenExact}, nil, 15000},
		{"a household", map[compare.Comparison]compare.Level{compare.FamilyName: compare.FamilyExact, compare.GivenName: compare.GivenDifferent, compare.Phone: compare.PhoneExact}, nil, -2000},
		{"twins", map[compare.Comparison]compare.Level{compare.FamilyName: compare.FamilyExact, compare.GivenName: compare.GivenDifferent, compare.BirthDate: compare.BirthExact}, nil, 1000},
		{"an id stands above guards", map[compare.Comparison]compare.Level{compare.FamilyName: compare.FamilyExact, compare.GivenName: compare.GivenDifferent, compare.NationalID: compare.IDExact}, nil, 26000},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var v compare.Vector
			for c, l := range tt.levels {
				v.Level[c] = l
			}
			for c, r := range tt.rarity {
				v.Rarity[c] = r
			}
			w := weights()
			if got := w.Weight(&v); got != tt.want {
				t.Errorf("Weight = %d, want %d", got, tt.want)
			}
			sum := fellegisunter.Bits(0)
			for _, s := range w.Waterfall(&v) {
				sum += s.Bits
			}
			if sum != tt.want {
				t.Errorf("the waterfall adds up to %d, want %d", sum, tt.want)
			}
		})
	}
}

func TestFrequencies(t *testing.T) {
	f := fellegisunter.NewFrequencies("salt", map[string]fellegisunter.Space{"family_name": {Default: 1.0 / 1024, DefaultHan: 1.0 / 512, Values: map[string]float64{fellegisunter.Hash("salt", "family_name", "smith"): 1.0 / 128}}})
	for _, tt := range []struct {
		space, value string
		han          bool
		want         int32
	}{
		{"family_name", "smith", false, 7000}, {"family_name", "featherstone", false, 10000}, {"family_name", "佴", true, 9000}, {"city", "york", false, 0},
	} {
		if got := f.Rarity(tt.space, tt.value, tt.han); got != tt.want {
			t.Errorf("Rarity(%s, %s) = %d, want %d", tt.space, tt.value, got, tt.want)
		}
	}
}

func TestProbability(t *testing.T) {
	for bits, want := range map[fellegisunter.Bits]float64{0: 0.5, 1000: 2.0 / 3, -1000: 1.0 / 3} {
		if got := bits.Probability(); math.Abs(got-want) > 1e-12 {
			t.Errorf("Probability(%d) = %v, want %v", bits, got, want)
		}
	}
}
