package compare_test

import (
	"math"
	"math/rand/v2"
	"testing"

	"crmhub/mdm/compare"
)

func TestJaroWinkler(t *testing.T) {
	for _, tt := range []struct {
		a, b string
		want float64
	}{
		{"martha", "marhta", 0.961}, {"dwayne", "duane", 0.840}, {"dixon", "dicksonx", 0.813}, {"", "a", 0}, {"", "", 1}, {"abc", "abc", 1}, {"abc", "xyz", 0}, {"müller", "muller", 0.9},
	} {
		if got := compare.JaroWinkler(tt.a, tt.b); math.Abs(got-tt.want) > 0.001 {
			t.Errorf("JaroWinkler(%q, %q) = %.3f, want %.3f", tt.a, tt.b, got, tt.want)
		}
	}
}

// distance is optimal string alignment by the book.
func distance(a, b []rune) int {
	d := make([][]int, len(a)+1)
	for i := range d {
		d[i] = make([]int, len(b)+1)
		d[i][0] = i
	}
	for j := range d[0] {
		d[0][j] = j
	}
	for i := 1; i <= len(a); i++ {
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			d[i][j] = min(d[i-1][j]+1, d[i][j-1]+1, d[i-1][j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				d[i][j] = min(d[i][j], d[i-2][j-2]+1)
			}
		}
	}
	return d[len(a)][len(b)]
}

func TestWithinAgreesWithTheBook(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	for _, alphabet := range []string{"abc", "a张伟b"} {
		rs := []rune(alphabet)
		word := func() string {
			w := make([]rune, rng.IntN(9))
			for i := range w {
				w[i] = rs[rng.IntN(len(rs))]
			}
			return string(w)
		}
		for range 20000 {
			a, b := word(), word()
			d := distance([]rune(a), []rune(b))
			for k := range 5 {
				if got := compare.Within(a, b, k); got != (d <= k) {
					t.Fatalf("Within(%q, %q, %d) = %v, distance %d", a, b, k, got, d)
				}
			}
			s, r := compare.JaroWinkler(a, b), compare.JaroWinkler(b, a)
			if s != r || s < 0 || s > 1 {
				t.Fatalf("JaroWinkler(%q, %q) = %v, the other way %v", a, b, s, r)
			}
		}
	}
}

func TestSoundex(t *testing.T) {
	pack := func(s string) uint32 {
		return uint32(s[0])<<24 | uint32(s[1])<<16 | uint32(s[2])<<8 | uint32(s[3])
	}
	for _, tt := range []struct{ in, want string }{
		{"robert", "r163"}, {"rupert", "r163"}, {"ashcraft", "a261"}, {"tymczak", "t522"}, {"pfister", "p236"}, {"honeyman", "h555"}, {"li", "l000"},
	} {
		if got := compare.Soundex(tt.in); got != pack(tt.want) {
			t.Errorf("Soundex(%q) = %x, want %s", tt.in, got, tt.want)
		}
	}
	if got := compare.Soundex("张"); got != 0 {
		t.Errorf("Soundex(张) = %x, want 0", got)
	}
}
