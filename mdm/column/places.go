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

// Value folds a place's name; countries and states get one name.
func (c *place) Value(text string) Value {
	s := clean(text)
	if s == "" {
		return Value{}
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
	if f == "" {
		return Value{}
	}
	v := folded(f)
	words := strings.Fields(f)
	kept := make([]string, 0, len(words))
	for _, w := range words {
		if full, ok := placeWords[w]; ok {
			w = full
		}
		if w != "" {
			kept = append(kept, w)
		}
	}
	kept = kept[:min(len(kept), maxWords)]
	if joined := strings.Join(kept, " "); joined != f && c.kind != Country {
		v = folded(joined)
	}
	v.parts = kept
	return v
}

// placeWords are abbreviations in the names of places.
var placeWords = map[string]string{"saint": "st", "sainte": "st", "mount": "mt", "fort": "ft", "north": "n", "south": "s", "east": "e", "west": "w", "upper": "up", "lower": "lr", "heights": "hts", "village": "vlge", "junction": "jct", "beach": "bch", "springs": "spgs", "the": ""}

// idlePlaceWords say nothing when two places share them.
var idlePlaceWords = set(`n s e w st mt ft new old great little up lr hts park city on upon in and of de la le el san santa under by hill bay port vlge`)

// Level compares two places.
func (c *place) Level(a, b *Value) uint8 {
	if a.Text == "" || b.Text == "" {
		return Missing
	}
	if a.Text == b.Text {
		return placeExact
	}
	x, y := a.spelled(), b.spelled()
	least := min(x.runes, y.runes)
	p, q := a.parts.([]string), b.parts.([]string)
	han := a.Text[0] >= 0xE0 && b.Text[0] >= 0xE0
	switch {
	case !han && least >= 4 && slips(&x, &y, 1):
		return placeNear
	case within(p, q) || within(q, p), han && least >= 2 && (strings.Contains(a.Text, b.Text) || strings.Contains(b.Text, a.Text)):
		return placePart
	case !han && (least >= 7 && slips(&x, &y, 2) || least >= 5 && alike(&x, &y, 0.92)):
		return placeClose
	case tellingWord(p, q):
		return placeWord
	case !han && least >= 4 && alike(&x, &y, 0.82):
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
func (c *place) Keys(dst []Key, v *Value) []Key {
	if v.Text == "" {
		return dst
	}
	dst = append(dst, Key{0, hash(0, v.Text)}, Key{1, hash(1, prefix(v.Text, 4))})
	for _, w := range v.parts.([]string) {
		if !idlePlaceWords[w] {
			dst = appendKey(dst, Key{2, hash(2, w)})
		}
	}
	return deletions(dst, 3, v.Text)
}

// postcode compares postal codes.
type postcode struct{ base }

// The levels of postal codes.
const (
	codeExact  = iota + 1
	codeBase   // one side has the extension that the other lacks
	codeNear   // one slip of the keys
	codeSector // all but the last two letters, or the last digit or two
	codeArea   // the area: letters and figures in front, or the first three digits
	codeRegion // the first two signs
	codeDifferent
)

func newPostcode() *postcode {
	return &postcode{base{Postcode, []string{"exact", "base", "near", "sector", "area", "region", "different"}, []string{"exact", "sector", "area", "slip"}}}
}

// Value reads a postal code without spaces; the +4 of American ones is kept apart.
func (c *postcode) Value(text string) Value {
	s := strings.ReplaceAll(standardize.Fold(clean(text)), " ", "")
	if s == "" || strings.Trim(s, "0") == "" || len(s) > 2 && strings.Count(s, s[:1]) == len(s) || s == "123456" || s == "12345" {
		return Value{}
	}
	if strings.Trim(s, "0123456789") == "" && len(s) == 4 && strings.Count(text, ".") > 0 {
		s = "0" + s
	}
	v := folded(s)
	v.number = int64(postcodeArea(s))
	return v
}

// postcodeArea returns how many signs name the area: the outward part of a
// British code, else all but two or three.
func postcodeArea(s string) int {
	if s[0] >= 'a' && s[0] <= 'z' && len(s) >= 5 && len(s) <= 7 {
		return len(s) - 3
	}
	return max(min(len(s), 3), len(s)/2)
}

// Level compares two postal codes.
func (c *postcode) Level(a, b *Value) uint8 {
	if a.Text == "" || b.Text == "" {
		return Missing
	}
	if a.Text == b.Text {
		return codeExact
	}
	p, q := a.Text, b.Text
	least := min(len(p), len(q))
	head := commonHead(p, q)
	if head == least && least >= 5 && len(p) != len(q) {
		return codeBase
	}
	apart, swapped := digitsDiffer(p, q)
	switch {
	case head == int(a.number) && head == least || head == int(b.number) && head == least && len(p) != len(q):
		return codeArea // one side is the outward part alone
	case apart == 1 && head < len(p)-1, swapped, oneMore(p, q):
		return codeNear
	case len(p) == len(q) && least >= 5 && head >= least-2, len(p) == len(q) && head == least-1:
		return codeSector
	case a.number == b.number && head >= int(a.number):
		return codeArea
	case head >= 2:
		return codeRegion
	}
	return codeDifferent
}

// Keys returns the code, its sector and its area.
func (c *postcode) Keys(dst []Key, v *Value) []Key {
	if v.Text == "" {
		return dst
	}
	s := v.Text
	dst = append(dst, Key{0, hash(0, s)}, Key{2, hash(2, s[:min(int(v.number), len(s))])})
	if len(s) >= 5 {
		dst = append(dst, Key{1, hash(1, s[:len(s)-1])})
	}
	return deletions(dst, 3, s)
}

// house compares house numbers.
type house struct{ base }

// The levels of house numbers.
const (
	houseExact = iota + 1
	housePart  // 12 and 12a, 12 and 12-14, 5/12 and 12
	houseNear  // one digit, or two neighbours swapped
	houseDifferent
)

func newHouse() *house {
	return &house{base{HouseNumber, []string{"exact", "part", "near", "different"}, []string{"exact"}}}
}

// Value reads the numbers of a house.
func (c *house) Value(text string) Value {
	f := standardize.FoldStreet(clean(text))
	if f == "" {
		return Value{}
	}
	n := houseNumbers(f)
	if len(n) == 0 { // The Lodge
		n = []houseNumber{{f, f}}
	}
	var b strings.Builder
	for i := range n {
		if i > 0 {
			b.WriteByte(' ')
		}
		b.WriteString(n[i].text)
	}
	v := folded(b.String())
	v.parts = n
	return v
}

// houseNumber is a number of a house or flat: 12a, of which 12 is bare.
type houseNumber struct{ text, bare string }

// houseNumbers returns the words of a folded address that begin with digits,
// without leading zeros.
func houseNumbers(f string) []houseNumber {
	var room [maxWords]houseNumber
	n := room[:0]
	for i := 0; i < len(f) && len(n) < maxWords; {
		if f[i] < '0' || f[i] > '9' {
			i++
			continue
		}
		for i+1 < len(f) && f[i] == '0' && f[i+1] >= '0' && f[i+1] <= '9' {
			i++
		}
		digits := i
		for digits < len(f) && f[digits] >= '0' && f[digits] <= '9' {
			digits++
		}
		j := digits
		for j < len(f) && (f[j] >= '0' && f[j] <= '9' || f[j] >= 'a' && f[j] <= 'z') {
			j++
		}
		n = append(n, houseNumber{f[i:j], f[i:digits]})
		i = j
	}
	if len(n) == 0 {
		return nil
	}
	return slices.Clone(n)
}

// Level compares two house numbers.
func (c *house) Level(a, b *Value) uint8 {
	if a.Text == "" || b.Text == "" {
		return Missing
	}
	if a.Text == b.Text {
		return houseExact
	}
	p, q := a.parts.([]houseNumber), b.parts.([]houseNumber)
	return houseLevel(p, q)
}

func houseLevel(p, q []houseNumber) uint8 {
	if slices.Equal(p, q) {
		return houseExact
	}
	for i := range p {
		for j := range q {
			if p[i].bare == q[j].bare {
				return housePart
			}
		}
	}
	if len(p) == 1 && len(q) == 1 {
		apart, swapped := digitsDiffer(p[0].text, q[0].text)
		if len(p[0].text) >= 2 && (apart == 1 || swapped) || oneMore(p[0].text, q[0].text) {
			return houseNear
		}
	}
	return houseDifferent
}

// Keys returns the numbers.
func (c *house) Keys(dst []Key, v *Value) []Key {
	if v.Text == "" {
		return dst
	}
	return append(dst, Key{0, hash(0, v.Text)})
}
