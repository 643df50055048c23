package similar_test

import (
	"math/rand/v2"
	"testing"

	"crmhub/mdm/similar"
)

// pairs are made up names of those lengths, half of them with slips.
func pairs(least, most int) [][2]string {
	rng := rand.New(rand.NewPCG(3, 4))
	out := make([][2]string, 1024)
	for i := range out {
		name := func() string {
			b := make([]byte, least+rng.IntN(most-least+1))
			for j := range b {
				b[j] = "etaoinshrdlucmfwypvbgkjqxz"[min(rng.IntN(26), rng.IntN(26))]
			}
			return string(b)
		}
		out[i] = [2]string{name(), name()}
		if i%2 == 0 {
			out[i][1] = mangle(rng, out[i][0], "etaoinshr")
		}
	}
	return out
}

func BenchmarkSimilar(b *testing.B) {
	han := make([][2]string, 0, 64)
	for _, x := range []string{"张小伟", "李娜", "欧阳小明", "王芳"} {
		for _, y := range []string{"张晓伟", "李娜娜", "欧阳晓明", "王方"} {
			han = append(han, [2]string{x, y})
		}
	}
	for _, set := range []struct {
		name  string
		pairs [][2]string
	}{{"surnames", pairs(4, 10)}, {"fullnames", pairs(10, 20)}, {"lines", pairs(30, 60)}, {"han", han}} {
		for _, f := range []struct {
			name string
			call func(a, b string)
		}{
			{"JaroWinkler", func(a, b string) { similar.JaroWinkler(a, b) }},
			{"AtLeast", func(a, b string) { similar.AtLeast(a, b, 0.88) }},
			{"Levenshtein", func(a, b string) { similar.Levenshtein(a, b) }},
			{"OSA", func(a, b string) { similar.OSA(a, b) }},
			{"Within1", func(a, b string) { similar.Within(a, b, 1) }},
			{"Within2", func(a, b string) { similar.Within(a, b, 2) }},
		} {
			b.Run(set.name+"/"+f.name, func(b *testing.B) {
				b.ReportAllocs()
				i := 0
				for b.Loop() {
					p := &set.pairs[i%len(set.pairs)]
					f.call(p[0], p[1])
					i++
				}
			})
		}
	}
}
