package similar_test

import (
	"math/rand/v2"
	"strings"
	"testing"

	"crmhub/mdm/similar"
)

func TestJaroWinkler(t *testing.T) {
	for _, tt := range []struct {
		a, b string
		want float64
	}{
		{"martha", "marhta", 0.9611},
		{"dwayne", "duane", 0.84},
		{"dixon", "dicksonx", 0.8133},
		{"jellyfish", "smellyfish", 0.8963},
		{"", "a", 0},
		{"", "", 1},
		{"abc", "abc", 1},
		{"abc", "xyz", 0},
		{"müller", "muller", 0.9},
		{"张伟", "张韦", 0.6667},
		{"a", "ab", 0.85},
	} {
		if got := similar.JaroWinkler(tt.a, tt.b); got < tt.want-0.0001 || got > tt.want+0.0001 {
			t.Errorf("JaroWinkler(%q, %q) = %.4f, want %.4f", tt.a, tt.b, got, tt.want)
		}
	}
}

func TestDistances(t *testing.T) {
	for _, tt := range []struct {
		a, b             string
		levenshtein, osa int
	}{
		{"kitten", "sitting", 3, 3},
		{"ca", "abc", 3, 3},
		{"teh", "the", 2, 1},
		{"", "abc", 3, 3},
		{"same", "same", 0, 0},
		{"中华人民", "中人华民", 2, 1},
		{"a\x00b", "ab", 1, 1},
		{"\xff", "\xfe", 0, 0},
		{strings.Repeat("ab", 100), strings.Repeat("ba", 100), 2, 2},
		{strings.Repeat("长", 70) + "一二", strings.Repeat("长", 70) + "二一", 2, 1},
	} {
		if got := similar.Levenshtein(tt.a, tt.b); got != tt.levenshtein {
			t.Errorf("Levenshtein(%q, %q) = %d, want %d", tt.a, tt.b, got, tt.levenshtein)
		}
		if got := similar.OSA(tt.a, tt.b); got != tt.osa {
			t.Errorf("OSA(%q, %q) = %d, want %d", tt.a, tt.b, got, tt.osa)
		}
	}
}

// alphabets are what texts are made up of: few letters, so that they repeat,
// of one byte and of several, and what is no UTF-8.
var alphabets = []string{"ab", "abcdefghij klmnopqrstuvwxyz", "aé", "张伟王芳李娜", "аябвгд", "한국어이름", "a😀b😁", "\x00a\xffb\xe4\xb8"}

func word(rng *rand.Rand, alphabet string, most int) string {
	var b strings.Builder
	rs := []rune(alphabet)
	raw := strings.ContainsRune(alphabet, '\x00')
	for range rng.IntN(most + 1) {
		if raw {
			b.WriteByte(alphabet[rng.IntN(len(alphabet))])
			continue
		}
		b.WriteRune(rs[rng.IntN(len(rs))])
	}
	return b.String()
}

// mangle returns a text with a few edits.
func mangle(rng *rand.Rand, s, alphabet string) string {
	rs := []rune(s)
	for range rng.IntN(4) {
		i := rng.IntN(len(rs) + 1)
		switch rng.IntN(4) {
		case 0:
			rs = append(rs[:i:i], append([]rune(word(rng, alphabet, 1)), rs[i:]...)...)
		case 1:
			if i < len(rs) {
				rs = append(rs[:i:i], rs[i+1:]...)
			}
		case 2:
			if i+1 < len(rs) {
				rs[i], rs[i+1] = rs[i+1], rs[i]
			}
		}
	}
	return string(rs)
}

func TestAgreesWithTheBook(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	for _, alphabet := range alphabets {
		for _, most := range []int{4, 9, 20, 66, 150} {
			for range 6000 / most {
				a := word(rng, alphabet, most)
				b := word(rng, alphabet, most)
				if rng.IntN(2) == 0 {
					b = mangle(rng, a, alphabet)
				}
				check(t, a, b)
			}
		}
	}
}

func check(t *testing.T, a, b string) {
	t.Helper()
	ra, rb := []rune(a), []rune(b)
	if got, want := similar.Levenshtein(a, b), book(ra, rb, false); got != want {
		t.Fatalf("Levenshtein(%q, %q) = %d, want %d", a, b, got, want)
	}
	osa := book(ra, rb, true)
	if got := similar.OSA(a, b); got != osa {
		t.Fatalf("OSA(%q, %q) = %d, want %d", a, b, got, osa)
	}
	for k := range 5 {
		if got := similar.Within(a, b, k); got != (osa <= k) {
			t.Fatalf("Within(%q, %q, %d) = %t, want %t", a, b, k, got, osa <= k)
		}
	}
	want := bookJaroWinkler(a, b)
	got := similar.JaroWinkler(a, b)
	if got != want || got < 0 || got > 1 {
		t.Fatalf("JaroWinkler(%q, %q) = %v, want %v", a, b, got, want)
	}
	if back := similar.JaroWinkler(b, a); back != got {
		t.Fatalf("JaroWinkler(%q, %q) = %v there, %v back", a, b, got, back)
	}
	for _, least := range []float64{0.5, 0.7, 0.8, 0.88, 0.92, want} {
		if got := similar.AtLeast(a, b, least); got != (want >= least) {
			t.Fatalf("AtLeast(%q, %q, %v) = %t, want %t", a, b, least, got, want >= least)
		}
	}
}

func FuzzAgreesWithTheBook(f *testing.F) {
	f.Add("martha", "marhta")
	f.Add("张伟", "张\xff")
	f.Add(strings.Repeat("ab", 40), strings.Repeat("ba", 41))
	f.Fuzz(func(t *testing.T, a, b string) {
		if len(a) < 400 && len(b) < 400 {
			check(t, a, b)
		}
	})
}

func TestNothingIsAllocated(t *testing.T) {
	for _, p := range [][2]string{{"johnson", "jonhson"}, {"international business", "internatoinal busines"}, {"张小伟", "张晓伟"}, {"müller-lüdenscheidt", "mueller lüdenscheid"}} {
		if n := testing.AllocsPerRun(100, func() {
			similar.JaroWinkler(p[0], p[1])
			similar.OSA(p[0], p[1])
			similar.Within(p[0], p[1], 2)
		}); n > 0 {
			t.Errorf("%q, %q: %v allocations", p[0], p[1], n)
		}
	}
}

// book is the edit distance as it is taught.
func book(a, b []rune, swaps bool) int {
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
			if swaps && i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				d[i][j] = min(d[i][j], d[i-2][j-2]+1)
			}
		}
	}
	return d[len(a)][len(b)]
}

// bookJaroWinkler is the similarity as it is taught, from the shorter text.
func bookJaroWinkler(s, t string) float64 {
	if s == t {
		return 1
	}
	a, b := []rune(s), []rune(t)
	if len(a) > len(b) || len(a) == len(b) && s > t {
		a, b = b, a
	}
	window := max(len(b)/2-1, 0)
	used := make([]bool, len(b))
	var matched []rune
	for i, r := range a {
		for j := max(0, i-window); j < min(len(b), i+window+1); j++ {
			if !used[j] && b[j] == r {
				used[j] = true
				matched = append(matched, r)
				break
			}
		}
	}
	if len(matched) == 0 {
		return 0
	}
	misplaced, k := 0, 0
	for j, r := range b {
		if used[j] {
			if r != matched[k] {
				misplaced++
			}
			k++
		}
	}
	m := float64(len(matched))
	jaro := (m/float64(len(a)) + m/float64(len(b)) + (m-float64(misplaced/2))/m) / 3
	if jaro <= 0.7 {
		return jaro
	}
	prefix := 0
	for prefix < min(4, len(a)) && a[prefix] == b[prefix] {
		prefix++
	}
	return jaro + float64(prefix)*0.1*(1-jaro)
}
