package similar

import (
	"math/bits"
	"strings"
	"unicode/utf8"
)

// jaroWinkler returns the similarity of two texts, or something below least
// where it is below least.
func jaroWinkler(a, b string, least float64) float64 {
	if a == b {
		return 1
	}
	if a == "" || b == "" {
		return 0
	}
	if isASCII(a) && isASCII(b) {
		if len(a) > len(b) || len(a) == len(b) && a > b {
			a, b = b, a
		}
		if !reaches(len(a), len(a), len(b), commonPrefix(a, b), least) {
			return 0
		}
		if len(b) <= 64 {
			var p places
			p.fill(b, a)
			return scoreASCII(&p, a, b, least)
		}
		return longJaro(a, b, least)
	}
	var ra, rb [64]rune
	na, nb := decode(&ra, a), decode(&rb, b)
	if na < 0 || nb < 0 {
		return longJaro(a, b, least)
	}
	if na > nb || na == nb && a > b {
		ra, rb, na, nb = rb, ra, nb, na
	}
	var p places
	p.fillRunes(rb[:nb], ra[:na])
	inA, inB := match(&p, na, nb)
	return score(inA, inB, ra[:na], rb[:nb], least)
}

// match pairs the letters of a with the nearest free ones of b, from left to
// right, within the window, and returns which are paired.
func match(p *places, na, nb int) (inA, inB uint64) {
	window := max(nb/2-1, 0)
	// The window's bits for the first letter; it grows to the right, and from
	// the letter on that it leaves the first one behind it moves.
	span := uint64(1)<<(window+1) - 1
	i := 0
	for ; i <= window && i < na; i++ {
		m := p[i] & span & ^inB
		if m != 0 {
			inA |= 1 << i
			inB |= lowest(m)
		}
		span = span<<1 | 1
	}
	span &^= 1
	for ; i < na; i++ {
		m := p[i] & span & ^inB
		if m != 0 {
			inA |= 1 << i
			inB |= lowest(m)
		}
		span <<= 1
	}
	return inA, inB
}

func scoreASCII(p *places, a, b string, least float64) float64 {
	inA, inB := match(p, len(a), len(b))
	m := bits.OnesCount64(inA)
	prefix := commonPrefix(a, b)
	if !reaches(m, len(a), len(b), prefix, least) {
		return 0
	}
	misplaced := 0
	for x, y := inA, inB; x != 0 && y != 0; x, y = x&(x-1), y&(y-1) {
		if a[index(x)] != b[index(y)] {
			misplaced++
		}
	}
	return winkler(m, misplaced, len(a), len(b), prefix)
}

func score(inA, inB uint64, a, b []rune, least float64) float64 {
	m := bits.OnesCount64(inA)
	prefix := 0
	for prefix < min(4, len(a)) && a[prefix] == b[prefix] {
		prefix++
	}
	if !reaches(m, len(a), len(b), prefix, least) {
		return 0
	}
	misplaced := 0
	for x, y := inA, inB; x != 0 && y != 0; x, y = x&(x-1), y&(y-1) {
		if a[index(x)] != b[index(y)] {
			misplaced++
		}
	}
	return winkler(m, misplaced, len(a), len(b), prefix)
}

// commonPrefix counts the bytes that two texts begin with alike, up to four.
func commonPrefix(a, b string) int {
	n := 0
	for n < 4 && n < len(a) && n < len(b) && a[n] == b[n] {
		n++
	}
	return n
}

// reaches reports whether m matches, none out of place, reach least.
func reaches(m, la, lb, prefix int, least float64) bool {
	return m > 0 && winkler(m, 0, la, lb, prefix) >= least
}

// winkler returns the similarity of texts of la and lb letters of which m
// match and misplaced of those stand in another order.
func winkler(m, misplaced, la, lb, prefix int) float64 {
	if m == 0 {
		return 0
	}
	f := float64(m)
	j := (f/float64(la) + f/float64(lb) + (f-float64(misplaced/2))/f) / 3
	if j <= 0.7 {
		return j
	}
	return j + float64(prefix)*0.1*(1-j)
}

// longJaro compares texts of which one has more than 64 letters.
func longJaro(a, b string, least float64) float64 {
	s := scratches.Get().(*scratch)
	defer scratches.Put(s)
	x, y := s.runes(a, b)
	if len(x) > len(y) || len(x) == len(y) && strings.Compare(a, b) > 0 {
		x, y = y, x
	}
	prefix := 0
	for prefix < min(4, len(x)) && x[prefix] == y[prefix] {
		prefix++
	}
	if !reaches(len(x), len(x), len(y), prefix, least) {
		return 0
	}
	window := max(len(y)/2-1, 0)
	used := s.flags(len(y))
	m := 0
	matched := s.first[:0]
	for i, r := range x {
		for j := max(0, i-window); j < min(len(y), i+window+1); j++ {
			if y[j] == r && !used[j] {
				used[j] = true
				matched = append(matched, r)
				m++
				break
			}
		}
	}
	s.first = matched
	misplaced, k := 0, 0
	for j, r := range y {
		if used[j] {
			if r != matched[k] {
				misplaced++
			}
			k++
		}
	}
	return winkler(m, misplaced, len(x), len(y), prefix)
}

// letters returns how many letters a text has.
func letters(s string) int { return utf8.RuneCountInString(s) }
