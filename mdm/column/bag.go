package column

import (
	"cmp"
	"math"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"crmhub/mdm/standardize"
)

// token is one word of a text, or a pair of characters.
type token struct {
	text   string
	hash   uint64
	weight float32
}

// A packed bag is its words, each once, in the order of their hashes: hash,
// weight, and where the word lies in the text that holds it. The weight of all
// stands in front, behind the number of words.
const (
	bagHead   = 6
	tokenSize = 12 + spanSize
)

// bag is the words of a text, as they are packed.
type bag struct {
	text   string
	tokens Packed
	total  float32
}

// read reads a packed bag and returns what follows it.
func (b *bag) read(v Packed) (rest Packed) {
	end := bagHead + tokenSize*v.get16(0)
	b.total, b.tokens = math.Float32frombits(v.get32(2)), v[bagHead:end]
	return v[end:]
}

func (b *bag) hash(at int) uint64    { return b.tokens.get64(at) }
func (b *bag) weight(at int) float32 { return math.Float32frombits(b.tokens.get32(at + 8)) }

func (b *bag) word(at int) string {
	from := b.tokens.get16(at + 12)
	return b.text[from : from+b.tokens.get16(at+14)]
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

// appendBag packs a bag of words that lie in a text, at most most of them:
// those that weigh most.
func appendBag(dst []byte, text string, words []string, w *weights, most int) []byte {
	var room [32]token
	all := room[:0]
	for _, t := range words {
		h := hash(0, t)
		all = append(all, token{t, h, w.of(h)})
	}
	byHash := func(a, b token) int { return cmp.Compare(a.hash, b.hash) }
	slices.SortFunc(all, byHash)
	all = slices.CompactFunc(all, func(a, b token) bool { return a.hash == b.hash })
	if len(all) > most {
		slices.SortStableFunc(all, func(a, b token) int {
			switch {
			case a.weight > b.weight:
				return -1
			case a.weight < b.weight:
				return 1
			}
			return 0
		})
		all = all[:most]
		slices.SortFunc(all, byHash)
	}
	total := float32(0)
	for i := range all {
		total += all[i].weight
	}
	dst = append32(append16(dst, len(all)), math.Float32bits(total))
	for i := range all {
		t := &all[i]
		dst = append32(append64(dst, t.hash), math.Float32bits(t.weight))
		dst = appendSpan(dst, max(0, strings.Index(text, t.text)), len(t.text))
	}
	return dst
}

// words returns the words of a folded text: runs of letters and figures, and
// of scripts without spaces the pairs of neighbours.
func words(f string) []string { return appendWords(nil, f) }

// appendWords appends the words of a folded text.
func appendWords(out []string, f string) []string {
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

// softBytes is how many bytes of a word are looked at for figures, and how long
// a word may be that is compared letter by letter: what is longer is no word.
const softBytes = 256

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

// rest is the words of a bag without their like.
type rest struct {
	at     [maxSoft]int
	n      int
	figure bool
}

func (r *rest) miss(b *bag, at int) {
	if r.figure && r.n == maxSoft {
		return
	}
	w := b.word(at)
	switch {
	case hasFigure(w[:min(len(w), softBytes)]):
		r.figure = true
	case r.n < maxSoft && len(w) >= 4 && len(w) <= softBytes && utf8.RuneCountInString(w) >= 4:
		r.at[r.n] = at
		r.n++
	}
}

// hasFigure reports whether a text has a digit.
func hasFigure(s string) bool {
	for i := 0; i < len(s); i++ {
		if s[i] >= '0' && s[i] <= '9' {
			return true
		}
	}
	return false
}

// compareBags compares two bags; x should be the lesser by text, so that the
// result does not hang on which is which. Words that differ by one slip count
// for four fifths.
func compareBags(x, y *bag) overlap {
	var missX, missY rest
	var o overlap
	var common float32
	i, j := 0, 0
	for i < len(x.tokens) && j < len(y.tokens) {
		switch p, q := x.hash(i), y.hash(j); {
		case p < q:
			missX.miss(x, i)
			i += tokenSize
		case q < p:
			missY.miss(y, j)
			j += tokenSize
		default:
			common += x.weight(i)
			o.common++
			i, j = i+tokenSize, j+tokenSize
		}
	}
	for ; i < len(x.tokens); i += tokenSize {
		missX.miss(x, i)
	}
	for ; j < len(y.tokens); j += tokenSize {
		missY.miss(y, j)
	}
	if missX.n > 0 && missY.n > 0 {
		var spelled [maxSoft]spelling
		for j := range missY.n {
			spelled[j] = spell(y.word(missY.at[j]))
		}
		used := uint16(0)
		for i := range missX.n {
			a := spell(x.word(missX.at[i]))
			for j := range missY.n {
				if used&(1<<j) == 0 && slips(&a, &spelled[j], 1) {
					used |= 1 << j
					common += 0.8 * min(x.weight(missX.at[i]), y.weight(missY.at[j]))
					o.common++
					break
				}
			}
		}
	}
	o.numbers = missX.figure && missY.figure
	if least := min(x.total, y.total); least > 0 {
		o.part = min(common/least, 1)
		o.union = common / (x.total + y.total - common)
	}
	return o
}
