package column

import (
	"slices"
	"strings"

	"crmhub/mdm/standardize"
)

// street compares street lines.
type street struct{ base }

// line is a street line, taken apart.
type line struct {
	// name is the street's name without type and direction, full with them;
	// numbers are those of the house.
	name, full spelling
	words      []string
	numbers    []houseNumber
	// telling is the bloom of the words that tell something.
	telling uint64
}

// The levels of street lines.
const (
	streetExact      = iota + 1
	streetSame       // but for type, order and spaces
	streetNear       // slips, the same number
	streetUnit       // the street, and a part of the number: 12 and 12a, 3/12 and 12
	streetUnnumbered // the street, of which one side has no number
	streetNearName   // nearly the street, of which one side has no number
	streetNeighbour  // the street, another number
	streetNumber     // the number, in a street alike
	streetWord       // a word that tells something
	streetSimilar    // nearly the same letters
	streetDifferent
)

func newStreet() *street {
	return &street{base{Street, []string{"exact", "same", "near", "unit", "unnumbered", "near_name", "neighbour", "number", "word", "similar", "different"}, []string{"exact", "name", "prefix", "token", "number_prefix", "deletion"}}}
}

// streetTypes are words that are left out or mistaken at will.
var streetTypes = set(`st rd ave av blvd dr ln ct pl sq cres tce ter pde hwy cl cct way street road avenue boulevard drive lane court place square crescent terrace parade highway close circuit grove gr gdns gardens row walk path trl trail loop pkwy parkway cir circle mews rise hill view esplanade esp n s e w nw ne sw se apt ste fl bldg rm room no nr number str strasse platz weg allee rue de du des la le avda calle via po box p o lot the of`)

// Value takes a street line apart.
func (c *street) Value(text string) Value {
	s := clean(text)
	f := standardize.FoldStreet(s)
	if f == "" {
		return Value{}
	}
	v := folded(f)
	v.parts = newLine(f)
	return v
}

func newLine(f string) *line {
	l := &line{}
	l.read(f)
	return l
}

// read takes a folded street line apart; the parts share its memory.
func (l *line) read(f string) {
	l.numbers = houseNumbers(f)
	if standardize.HasHan(f) {
		name := f
		if i := strings.IndexAny(f, "0123456789"); i > 0 {
			name = f[:i]
		}
		l.name, l.full = spell(name), spell(strings.ReplaceAll(f, " ", ""))
		l.words = words(name)
	} else {
		l.readWords(f)
	}
	for _, w := range l.words {
		if tells(w) {
			l.telling |= bloom(w)
		}
	}
}

func (l *line) readWords(f string) {
	var room [2][16]string
	all, telling := room[0][:0], room[1][:0]
	for w := range strings.FieldsSeq(f) {
		if w[0] >= '0' && w[0] <= '9' {
			continue
		}
		all = append(all, w)
		if !streetTypes[w] && len(telling) < maxWords {
			telling = append(telling, w)
		}
	}
	if len(telling) == 0 { // The Avenue, N St
		telling = all
	}
	l.words = slices.Clone(telling)
	l.name = spell(oneText(telling))
	if l.full = l.name; len(telling) < len(all) {
		l.full = spell(oneText(all))
	}
}

// oneText joins words without anything between them.
func oneText(words []string) string {
	if len(words) == 1 {
		return words[0]
	}
	return strings.Join(words, "")
}

// Level compares two street lines.
func (c *street) Level(a, b *Value) uint8 {
	if a.Text == "" || b.Text == "" {
		return Missing
	}
	if a.Text == b.Text {
		return streetExact
	}
	return streetLevel(a.parts.(*line), b.parts.(*line))
}

func streetLevel(x, y *line) uint8 {
	numbers := numberLevel(x.numbers, y.numbers)
	same := x.name.text == y.name.text && x.name.text != "" || x.full.text == y.full.text || sameWords(x.words, y.words) || hanTail(x.name.text, y.name.text)
	near := same || nearName(x, y)
	switch {
	case x.name.text == "" && y.name.text == "":
		if numbers == houseExact {
			return streetSame
		}
		return streetDifferent
	case same && numbers == houseExact:
		return streetSame
	case near && numbers == houseExact:
		return streetNear
	case near && numbers == housePart:
		return streetUnit
	case same && numbers == 0:
		return streetUnnumbered
	case near && numbers == 0:
		return streetNearName
	case same:
		return streetNeighbour
	case numbers == houseExact && len(x.numbers) > 0 && (alike(&x.name, &y.name, 0.8) || x.telling&y.telling != 0 && tellingWord(x.words, y.words)):
		return streetNumber
	case x.telling&y.telling != 0 && tellingWord(x.words, y.words):
		return streetWord
	case alike(&x.name, &y.name, 0.82):
		return streetSimilar
	}
	return streetDifferent
}

// hanTail reports whether one Chinese street is the other behind the name of a
// place: 科技园路, 南山科技园路.
func hanTail(a, b string) bool {
	if len(a) < 9 || len(b) < 9 || isASCII(a) {
		return false
	}
	return strings.HasSuffix(a, b) || strings.HasSuffix(b, a)
}

func nearName(x, y *line) bool {
	least := min(x.name.runes, y.name.runes)
	return least >= 4 && slips(&x.name, &y.name, 1) || least >= 6 && slips(&x.full, &y.full, 2) || least >= 6 && alike(&x.name, &y.name, 0.93) || len(x.words) != len(y.words) && (within(x.words, y.words) || within(y.words, x.words))
}

// sameWords reports whether two lists hold the same words in any order.
func sameWords(p, q []string) bool {
	if len(p) != len(q) || len(p) == 0 {
		return false
	}
	for _, w := range p {
		if !slices.Contains(q, w) {
			return false
		}
	}
	for _, w := range q {
		if !slices.Contains(p, w) {
			return false
		}
	}
	return true
}

// Keys returns the line, its name, the name's first letters, its words, its
// number with the name's first letters, and the name's neighbourhood.
func (c *street) Keys(dst []Key, v *Value) []Key {
	if v.Text == "" {
		return dst
	}
	return lineKeys(append(dst, Key{0, hash(0, v.Text)}), v.parts.(*line))
}

func lineKeys(dst []Key, l *line) []Key {
	if l.name.text == "" {
		return dst
	}
	dst = append(dst, Key{1, hash(1, l.name.text)}, Key{2, hash(2, prefix(l.name.text, 4))})
	for _, w := range l.words {
		if len(w) >= 3 {
			dst = appendKey(dst, Key{3, hash(3, w)})
		}
	}
	// A district may stand in front of a Chinese street, a flat's number in
	// front of the house's.
	part := prefix(l.name.text, 3)
	if standardize.HasHan(part) {
		part = suffix(l.name.text, 3)
	}
	for i := range l.numbers[:min(2, len(l.numbers))] {
		dst = appendKey(dst, Key{4, hashParts(4, l.numbers[i].bare, part)})
	}
	return deletions(dst, 5, l.name.text)
}
