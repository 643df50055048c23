package fellegisunter_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"crmhub/mdm/compare"
	"crmhub/mdm/fellegisunter"
	"crmhub/record"
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

// rarities are made up, 0 for some.
type rarities struct{}

func (rarities) Rarity(_, value string, _ bool) int32 { return int32(len(value)*7919%13) * 1700 }

// TestMostBoundsWeight holds that a pair that Most rules out would not have come
// to that weight, whatever the model.
func TestMostBoundsWeight(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 7))
	words := []string{"li", "na", "lina", "wang", "xiaoming", "伟", "张", "张伟", "欧阳", "娜", "baker", "becker", "bakker", "ann", "annie", "anne", "smith-jones", "smith", "j", "van dyck", "elizabeth", "betsy", ""}
	word := func() string { return words[r.IntN(len(words))] }
	fields := func() record.Fields {
		f := record.Fields{"family_name": word(), "given_name": word(), "birth_date": fmt.Sprintf("198%d-0%d-11", r.IntN(2), 1+r.IntN(2))}
		switch r.IntN(4) {
		case 0:
			f = record.Fields{"full_name": word() + " " + word() + " " + word()}
		case 1:
			f["given_name"] = word() + " " + word()
		case 2:
			f["organisation"], f["national_id"] = word()+" ltd", "11010519491231002X"
		}
		f["emails"] = []any{word() + "@example.com"}
		f["phones"] = []any{fmt.Sprintf("+86138001%d", 10000+r.IntN(30))}
		f["addresses"] = []any{map[string]any{"city": word(), "street": fmt.Sprintf("%s road %d", word(), r.IntN(3)), "postcode": "10008" + fmt.Sprint(r.IntN(3))}}
		return f
	}
	for range 40 {
		levels := map[string]map[string]fellegisunter.Level{}
		for c := range compare.NumComparisons {
			levels[c.String()] = map[string]fellegisunter.Level{}
			for l := 1; l <= c.Levels(); l++ {
				if r.IntN(8) > 0 {
					levels[c.String()][c.LevelName(compare.Level(l))] = fellegisunter.Level{M: math.Exp2(-8 * r.Float64()), U: math.Exp2(-20 * r.Float64())}
				}
			}
		}
		w := fellegisunter.New(levels, fellegisunter.Guards{Household: 4000, Twins: 3000, Name: 15000, Contact: 30000})
		d := compare.NewDictionary(rarities{})
		for range 500 {
			x, y := fields(), fields()
			a, b := d.New(x), d.New(y)
			var v compare.Vector
			compare.Facts(a, b, &v)
			most := w.Most(a, b, &v)
			compare.Names(a, b, &v)
			if got := w.Weight(&v); got > most {
				t.Fatalf("Weight = %d, Most = %d of\n%v\n%v\n%v", got, most, x, y, w.Waterfall(&v))
			}
			var whole compare.Vector
			if compare.Compare(a, b, &whole); whole != v {
				t.Fatalf("Compare fills %v, its parts %v", whole, v)
			}
		}
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
