package column

import (
	_ "embed"
	"slices"
	"strings"
	"sync"

	"crmhub/mdm/standardize"
)

//go:embed regions.txt
var regionText string

// regions maps names and abbreviations of states and provinces, folded, to
// one name.
var regions = sync.OnceValue(func() map[string]string {
	m := map[string]string{}
	for line := range strings.Lines(regionText) {
		if strings.HasPrefix(line, "#") {
			continue
		}
		names := strings.Split(strings.TrimSpace(line), ",")
		for _, n := range names {
			m[strings.TrimSpace(n)] = strings.TrimSpace(names[0])
		}
	}
	return m
})

// place compares places: districts, cities, regions, countries, birthplaces.
type place struct{ base }

// The levels of places.
const (
	placeExact = iota + 1
	placeNear  // one slip of the keys
	placePart  // one names the other and more: Leeds, Leeds West Yorkshire
	placeClose // two slips, or nearly the same letters
	placeWord  // one word in common
	placeSimilar
	placeDifferent
)

func newPlace(k Kind) *place {
	return &place{base{k, []string{"exact", "near", "part", "close", "word", "similar", "different"}, []string{"exact", "prefix", "token", "deletion"}}}
}

// Append folds a place's name; countries and states get one name.
func (c *place) Append(dst []byte, text string) []byte {
	f, kept := c.read(text)
	if f == "" {
		return dst
	}
	dst = append16(dst, len(f))
	switch dst = appendSpelling(dst, f); kept {
	case f:
	case "":
		dst = append(dst, ' ')
	default:
		dst = append(dst, kept...)
	}
	return dst
}

// placeHead is how many bytes stand before the spelling of a place: how long
// its name is. Behind it are its words where they are others.
const placeHead = 2

// placeOf returns how a packed place is spelled, and its words.
func placeOf(v Packed) (s spelling, words string) {
	n := placeHead + spellingSize + v.get16(0)
	s = v[placeHead:n].spelled()
	if n < len(v) {
		return s, string(v[n:])
	}
	return s, s.text
}

// AppendText appends the place's name.
func (c *place) AppendText(dst []byte, v Packed) []byte {
	if v == "" {
		return dst
	}
	return append(dst, v[placeHead+spellingSize:placeHead+spellingSize+v.get16(0)]...)
}

// read returns a place's name as it is compared, "" of none, and the words of
// it that count.
func (c *place) read(text string) (name, words string) {
	s := clean(text)
	if s == "" {
		return "", ""
	}
	f := ""
	switch c.kind {
	case Country:
		if code, ok := standardize.Country(s); ok {
			f = strings.ToLower(code)
		} else {
			f = standardize.ShortPlace(s)
		}
	case Region:
		if f = standardize.ShortPlace(s); regions()[f] != "" {
			f = regions()[f]
		}
	default:
		f = standardize.ShortPlace(s)
	}
	f = clip(f)
	var room [maxWords]string
	kept := room[:0]
	for w := range strings.FieldsSeq(f) {
		if full, ok := placeWords[w]; ok {
			w = full
		}
		if w != "" && len(kept) < maxWords {
			kept = append(kept, w)
		}
	}
	if words = f; len(kept) != 1 || kept[0] != f {
		words = strings.Join(kept, " ")
	}
	if c.kind != Country {
		return words, words
	}
	return f, words
}

// placeWords are abbreviations in the names of places.
var placeWords = map[string]string{"saint": "st", "sainte": "st", "mount": "mt", "fort": "ft", "north": "n", "south": "s", "east": "e", "west": "w", "upper": "up", "lower": "lr", "heights": "hts", "village": "vlge", "junction": "jct", "beach": "bch", "springs": "spgs", "the": ""}

// idlePlaceWords say nothing when two places share them.
var idlePlaceWords = set(`n s e w st mt ft new old great little up lr hts park city on upon in and of de la le el san santa under by hill bay port vlge`)

// Level compares two places.
func (c *place) Level(a, b Packed) uint8 {
	if a == "" || b == "" {
		return Missing
	}
	if a == b {
		return placeExact
	}
	x, p := placeOf(a)
	y, q := placeOf(b)
	return placeLevel(&x, &y, p, q)
}

// placeLevel compares two places that are not equal, of which p and q are the
// words.
func placeLevel(x, y *spelling, wordsX, wordsY string) uint8 {
	least := min(x.runes, y.runes)
	han := x.text[0] >= 0xE0 && y.text[0] >= 0xE0
	var one, other split
	one.words(wordsX)
	other.words(wordsY)
	p, q := one.all(), other.all()
	switch {
	case !han && least >= 4 && slips(x, y, 1):
		return placeNear
	case within(p, q) || within(q, p), han && least >= 2 && (strings.Contains(x.text, y.text) || strings.Contains(y.text, x.text)):
		return placePart
	case !han && (least >= 7 && slips(x, y, 2) || least >= 5 && alike(x, y, 0.92)):
		return placeClose
	case tellingWord(p, q):
		return placeWord
	case !han && least >= 4 && alike(x, y, 0.82):
		return placeSimilar
	}
	return placeDifferent
}

// within reports whether all words of p are among those of q, and one of them
// tells something.
func within(p, q []string) bool {
	telling := false
	for _, w := range p {
		if !slices.Contains(q, w) {
			return false
		}
		telling = telling || !idlePlaceWords[w]
	}
	return telling && len(p) < len(q)
}

func tellingWord(p, q []string) bool {
	for _, w := range p {
		if len(w) >= 4 && slices.Contains(q, w) && tells(w) {
			return true
		}
	}
	return false
}

// tells reports whether a word that two places share says something.
func tells(w string) bool { return len(w) >= 4 && !idlePlaceWords[w] }

// Keys returns the place, its first letters, its words and its neighbourhood.
func (c *place) Keys(dst []Key, v Packed, want uint32) []Key {
	if v == "" {
		return dst
	}
	s, words := placeOf(v)
	dst = append(dst, Key{0, hash(0, s.text)}, Key{1, hash(1, prefix(s.text, 4))})
	var p split
	p.words(words)
	for _, w := range p.all() {
		if !idlePlaceWords[w] {
			dst = appendKey(dst, Key{2, hash(2, w)})
		}
	}
	return deletions(dst, 3, s.text, want)
}
