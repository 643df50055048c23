package linkage_test

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"crmhub/mdm/linkage"
)

func TestEntriesAreSortedWhateverTheirSpread(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	for _, tt := range []struct {
		name    string
		n, bits int
		draw    func() uint64
	}{
		{"none", 0, 40, rng.Uint64},
		{"few", 20, 40, rng.Uint64},
		{"even", 20_000, 40, rng.Uint64},
		{"few bits", 5_000, 3, rng.Uint64},
		{"all bits", 5_000, 64, rng.Uint64},
		{"one pile", 5_000, 40, func() uint64 { return rng.Uint64() & 1023 }},
		{"all the same", 5_000, 40, func() uint64 { return 7 }},
	} {
		t.Run(tt.name, func(t *testing.T) {
			list := make([]uint64, tt.n)
			for i := range list {
				list[i] = tt.draw() & (1<<tt.bits - 1)
			}
			got := linkage.Ascending(list, tt.bits)
			slices.Sort(list)
			if !slices.Equal(got, list) {
				t.Errorf("%d entries of %d bits are not in order", tt.n, tt.bits)
			}
		})
	}
}

// Bounds rest on it that no less is taken than each class says alone.
func TestGuardTakesTheSumOfTheClasses(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	for range 2_000 {
		var kin, among [2]int32
		sum, most := 1.0, math.Inf(-1)
		for c := range kin {
			kin[c], among[c] = int32(rng.IntN(40_000)-15_000), int32(-rng.IntN(15_000))
			x := float64(kin[c]+among[c]) / 1000
			sum += math.Exp2(x)
			most = max(most, x)
		}
		want := math.Log2(sum) * 1000
		if most < -8 {
			want = 0
		}
		got := float64(linkage.Guard(kin, among))
		if math.Abs(got-want) > 2 || got < most*1000-1e-6 {
			t.Fatalf("guard(%v, %v) = %v millibits, want %v", kin, among, got, want)
		}
	}
}

// The prior that is settled on is that of as many matches as the chances of the
// edges add up to.
func TestPriorSettlesOnTheChancesOfTheEdges(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 6))
	scores := make([]int32, 3_000)
	for i := range scores {
		scores[i] = int32(rng.IntN(60_000) - 20_000)
	}
	const total, before = 1e6, -9_000
	prior, after := linkage.Settled(before, total, scores)
	matches := 0.0
	for i, s := range after {
		if got, want := s-scores[i], prior-before; got != want {
			t.Fatalf("edge %d changed by %d, want %d", i, got, want)
		}
		matches += 1 / (1 + math.Exp2(-float64(s)/1000))
	}
	if want := int32(math.Round(math.Log2(matches/total) * 1000)); max(prior-want, want-prior) > 1 {
		t.Errorf("prior %d, want %d", prior, want)
	}
}

// What can't be a match is left out, until what is learnt makes it likely.
func TestStrangersAreWhatIsLeftByMatches(t *testing.T) {
	rng := rand.New(rand.NewPCG(7, 8))
	patterns := make([]uint64, 2_000)
	for i := range patterns {
		for range 6 {
			patterns[i] = patterns[i]<<4 | uint64(rng.IntN(4))
		}
	}
	var prior []float64
	var ratio [][16]float64
	for round := range 12 {
		prior = append(prior, -60+5*float64(round))
		ratio = append(ratio, [16]float64{0, 8 - float64(round%5), 1, -4 + float64(round)/3})
	}
	got := linkage.Strangers(patterns, prior, ratio)
	for i := range prior {
		want := make([]float64, 16)
		for _, p := range patterns {
			w := prior[i]
			for q := p; q != 0; q >>= 4 {
				w += ratio[i][q&15]
			}
			want[p&15] += 1 / (1 + math.Exp(w))
		}
		for l := 1; l < len(want); l++ { // a missing value says nothing
			if math.Abs(got[i][l]-want[l]) > 1e-4 {
				t.Errorf("round %d: %v strangers of level %d, want %v", i, got[i][l], l, want[l])
			}
		}
	}
}

func TestClustersThatHoldAValueAreCountedOnce(t *testing.T) {
	rng := rand.New(rand.NewPCG(9, 10))
	const rows, clusters, distinct = 5_000, 900, 60
	values, of := make([]uint32, rows), make([]uint32, rows)
	held := map[[2]uint32]bool{}
	want := make([]uint32, distinct)
	for i := range values {
		values[i], of[i] = uint32(rng.IntN(distinct)), uint32(rng.IntN(clusters))
		if x := [2]uint32{values[i], of[i]}; values[i] != 0 && !held[x] {
			held[x] = true
			want[values[i]]++
		}
	}
	if got := linkage.ClustersHolding(values, of, clusters); !slices.Equal(got[1:], want[1:]) {
		t.Errorf("clusters of each value: got %v, want %v", got[1:], want[1:])
	}
}
