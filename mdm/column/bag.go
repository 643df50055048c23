package column

import (
	"math"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"crmhub/mdm/standardize"
)

// token is one word of a text, or a pair of characters.
type token struct {
	spelling
	hash   uint64
	weight float32
	figure bool
}

// bag is the words of a text, each once, in the order of their hashes.
type bag struct {
	tokens []token
	total  float32
}

// weights tell how much a word says: little where many values have it.
type weights struct {
	values float64
	counts map[uint64]uint32
}

// weighed is how many values words are counted in.
const weighed = 50_000

// newWeights counts the words of a column's values. Without values every word
// weighs the same.
func newWeights(values []string, words func(string) []string) *weights {
	values = chooseAtMost(values, weighed)
	w := &weights{values: float64(len(values)), counts: map[uint64]uint32{}}
	for _, v := range values {
		list := words(v)
		slices.Sort(list)
		for _, t := range slices.Compact(list) {
			w.counts[hash(0, t)]++
		}
	}
	return w
}

// of returns a word's weight in (0, 1]: the square of the bits that it tells,
// as in the cosine of tf-idf vectors, so that words which many values have say
// next to nothing together.
func (w *weights) of(h uint64) float32 {
	if w.values < 20 {
		return 1
	}
	bits := math.Log2(w.values/float64(max(w.counts[h], 1))) / math.Log2(w.values)
	return float32(max(0.01, bits*bits))
}

// newBag returns the bag of words, at most most of them: those that weigh most.
func newBag(words []string, w *weights, most int) *bag {
	b := &bag{tokens: make([]token, 0, len(words))}
	for _, t := range words {
		h := hash(0, t)
		b.tokens = append(b.tokens, token{spell(t), h, w.of(h), strings.ContainsAny(t, "0123456789")})
	}
	byHash := func(a, b token) int {
		if a.hash < b.hash {
			return -1
		}
		if a.hash > b.hash {
			return 1
		}
		return 0
	}
	slices.SortFunc(b.tokens, byHash)
	b.tokens = slices.CompactFunc(b.tokens, func(a, b token) bool { return a.hash == b.hash })
	if len(b.tokens) > most {
		slices.SortStableFunc(b.tokens, func(a, b token) int {
			switch {
			case a.weight > b.weight:
				return -1
			case a.weight < b.weight:
				return 1
			}
			return 0
		})
		b.tokens = slices.Clone(b.tokens[:most])
		slices.SortFunc(b.tokens, byHash)
	}
	for i := range b.tokens {
		b.total += b.tokens[i].weight
	}
	return b
}

// words returns the words of a folded text: runs of letters and figures, and
// of scripts without spaces the pairs of neighbours.
func words(f string) []string {
	var out []string
	for w := range strings.FieldsSeq(f) {
		if len(w) < 3 || isASCII(w) {
			out = append(out, w)
			continue
		}
		out = appendScripts(out, w)
	}
	return out
}

func isASCII(s string) bool {
	for i := 0; i < len(s); i++ {
		if s[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

// unspaced reports letters of scripts that put no spaces between words.
func unspaced(r rune) bool {
	return standardize.IsHan(r) || r >= 0x3040 && r <= 0x30FF || unicode.Is(unicode.Thai, r)
}

// appendScripts parts a word where its script changes, and ideographs in pairs.
func appendScripts(out []string, w string) []string {
	start, last := 0, -1
	for i, r := range w {
		n := utf8.RuneLen(r)
		if !unspaced(r) {
			if last >= 0 {
				out = appendSingle(out, w[start:i], last, start)
				start, last = i, -1
			}
			continue
		}
		switch {
		case last < 0:
			if i > start {
				out = append(out, w[start:i])
			}
			start = i
		default:
			out = append(out, w[last:i+n])
		}
		last = i
	}
	if last >= 0 {
		return appendSingle(out, w[start:], last, start)
	}
	return append(out, w[start:])
}

// appendSingle appends a run of one ideograph, which has no pairs.
func appendSingle(out []string, run string, last, start int) []string {
	if last == start {
		return append(out, run)
	}
	return out
}

// maxSoft is how many words without their like are compared letter by letter.
const maxSoft = 12

// overlap is what two bags have in common, by weight.
type overlap struct {
	// union is the share of all words that both have, part that of the
	// smaller bag's.
	union, part float32
	// common counts the words, numbers says that each has a number that the
	// other lacks.
	common  int
	numbers bool
}

// compareBags compares two bags; x should be the lesser by text, so that the
// result does not hang on which is which. Words that differ by one slip count
// for four fifths.
func compareBags(x, y *bag) overlap {
	var restX, restY [maxSoft]uint16
	nx, ny := 0, 0
	var o overlap
	var common float32
	figureX, figureY := false, false
	miss := func(t *token, i int, rest *[maxSoft]uint16, n *int, figure *bool) {
		if t.figure {
			*figure = true
		} else if *n < maxSoft && t.runes >= 4 {
			rest[*n] = uint16(i)
			*n++
		}
	}
	i, j := 0, 0
	for i < len(x.tokens) || j < len(y.tokens) {
		switch {
		case j == len(y.tokens) || i < len(x.tokens) && x.tokens[i].hash < y.tokens[j].hash:
			miss(&x.tokens[i], i, &restX, &nx, &figureX)
			i++
		case i == len(x.tokens) || y.tokens[j].hash < x.tokens[i].hash:
			miss(&y.tokens[j], j, &restY, &ny, &figureY)
			j++
		default:
			common += x.tokens[i].weight
			o.common++
			i++
			j++
		}
	}
	var used uint16
	for i := range nx {
		a := &x.tokens[restX[i]]
		for j := range ny {
			b := &y.tokens[restY[j]]
			if used&(1<<j) == 0 && slips(&a.spelling, &b.spelling, 1) {
				used |= 1 << j
				common += 0.8 * min(a.weight, b.weight)
				o.common++
				break
			}
		}
	}
	o.numbers = figureX && figureY
	if least := min(x.total, y.total); least > 0 {
		o.part = min(common/least, 1)
		o.union = common / (x.total + y.total - common)
	}
	return o
}
