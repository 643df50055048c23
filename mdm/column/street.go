package column

import (
	"strings"

	"crmhub/mdm/standardize"
)

// street compares street lines.
type street struct{ base }

// line is a street line, taken apart.
type line struct {
	// text is the whole line; name is the street's name without type and
	// direction, full with them.
	text       string
	name, full spelling
	// words are those of the name.
	words list
	// numbers are where those of the house lie in the line.
	numbers Packed
	// telling is the bloom of the words that tell something.
	telling uint64
}

// Before the texts of a packed line stand the signatures of its name and its
// full name, the bloom of its words, the lengths of line, name and full name,
// their numbers of letters, and how many words and numbers there are; then
// the words and the numbers, each as where it lies. The full name stands there
// only where it is another than the name.
const (
	lineBloom   = 16
	lineLengths = 24
	lineRunes   = 30
	lineWords   = 34
	lineNumbers = 36
	lineHead    = 37

	// lineFull stands beside the number of numbers where the full name does.
	lineFull byte = 128

	// numberSize is for where a number of a house begins, its length, and that
	// of its figures.
	numberSize = 6
)

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
var streetTypes = wordsOf(`st rd ave av blvd dr ln ct pl sq cres tce ter pde hwy cl cct way street road avenue boulevard drive lane court place square crescent terrace parade highway close circuit grove gr gdns gardens row walk path trl trail loop pkwy parkway cir circle mews rise hill view esplanade esp n s e w nw ne sw se apt ste fl bldg rm room no nr number str strasse platz weg allee rue de du des la le avda calle via po box p o lot the of`)

// Append takes a street line apart.
func (c *street) Append(dst []byte, text string) []byte {
	f := clip(standardize.FoldStreet(clean(text)))
	if f == "" {
		return dst
	}
	return appendLine(dst, f)
}

// AppendText appends the line.
func (c *street) AppendText(dst []byte, v Packed) []byte {
	if v == "" {
		return dst
	}
	var l line
	l.read(v)
	return append(dst, l.text...)
}

// appendLine packs a folded street line.
func appendLine(dst []byte, f string) []byte {
	var l struct {
		name, full string
		words      []string
	}
	var room [2][16]string
	if standardize.HasHan(f) {
		l.name = f
		if i := firstFigure(f); i > 0 {
			l.name = f[:i]
		}
		l.full, l.words = strings.ReplaceAll(f, " ", ""), appendWords(room[0][:0], l.name)
	} else {
		all, telling := streetWords(f, room[0][:0], room[1][:0])
		l.words, l.name = telling, oneText(telling)
		if l.full = l.name; len(telling) < len(all) {
			l.full = oneText(all)
		}
	}
	name := spell(l.name)
	full := name
	if l.full != l.name {
		full = spell(l.full)
	}
	telling := uint64(0)
	for _, w := range l.words {
		if tells(w) {
			telling |= bloom(w)
		}
	}
	var numbers [maxWords]houseNumber
	n := houseNumbers(numbers[:0], f)
	dst = append64(append64(append64(dst, name.signature), full.signature), telling)
	dst = append16(append16(append16(dst, len(f)), len(name.text)), len(full.text))
	dst = append16(append16(dst, int(name.runes)), int(full.runes))
	mark := byte(len(n))
	if l.full != l.name {
		mark |= lineFull
	}
	dst = append(append16(dst, len(l.words)), mark)
	dst = appendSpans(dst, l.name, l.words)
	at := 0
	for i := range n {
		at += strings.Index(f[at:], n[i].text)
		dst = append16(append16(append16(dst, at), len(n[i].text)), len(n[i].bare))
		at += len(n[i].text)
	}
	dst = append(append(dst, f...), l.name...)
	if l.full != l.name {
		dst = append(dst, l.full...)
	}
	return dst
}

// streetWords parts a folded line in Latin letters: all words without the
// numbers, and those of them that tell something.
func streetWords(f string, all, telling []string) (everything, name []string) {
	var room [2 * maxWords]string
	for _, w := range appendFields(room[:0], f) {
		if w[0] >= '0' && w[0] <= '9' {
			continue
		}
		all = append(all, w)
		if !streetTypes.has(w) && len(telling) < maxWords {
			telling = append(telling, w)
		}
	}
	if len(telling) == 0 { // The Avenue, N St
		telling = all
	}
	return all, telling
}

// read reads a packed line and returns what follows it.
func (l *line) read(v Packed) (rest Packed) {
	words := lineHead + spanSize*v.get16(lineWords)
	texts := words + numberSize*int(v[lineNumbers]&^lineFull)
	n, name, full := v.get16(lineLengths), v.get16(lineLengths+2), v.get16(lineLengths+4)
	l.telling, l.numbers = v.get64(lineBloom), v[words:texts]
	l.text = string(v[texts : texts+n])
	end := texts + n + name
	runes := int32(v.get16(lineRunes))
	l.name = spelling{string(v[texts+n : end]), v.get64(0), runes, int(runes) == name}
	l.words = list{l.name.text, v[lineHead:words]}
	if v[lineNumbers]&lineFull == 0 {
		l.full = l.name
		return v[end:]
	}
	runes = int32(v.get16(lineRunes + 2))
	l.full = spelling{string(v[end : end+full]), v.get64(8), runes, int(runes) == full}
	return v[end+full:]
}

// houses appends the numbers of a line to n.
func (l *line) houses(n []houseNumber) []houseNumber {
	for at := 0; at < len(l.numbers); at += numberSize {
		from := l.numbers.get16(at)
		n = append(n, houseNumber{l.text[from : from+l.numbers.get16(at+2)], l.text[from : from+l.numbers.get16(at+4)]})
	}
	return n
}

// oneText joins words without anything between them.
func oneText(words []string) string {
	if len(words) == 1 {
		return words[0]
	}
	return strings.Join(words, "")
}

// Level compares two street lines.
func (c *street) Level(a, b Packed) uint8 {
	if a == "" || b == "" {
		return Missing
	}
	if a == b {
		return streetExact
	}
	var x, y line
	x.read(a)
	y.read(b)
	if x.text == y.text {
		return streetExact
	}
	return streetLevel(&x, &y)
}

func streetLevel(x, y *line) uint8 {
	numbers := linesNumbers(x, y)
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
	case numbers == houseExact && x.numbers != "" && (alike(&x.name, &y.name, 0.8) || x.telling&y.telling != 0 && tellingInLists(x.words, y.words)):
		return streetNumber
	case x.telling&y.telling != 0 && tellingInLists(x.words, y.words):
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
	return least >= 4 && slips(&x.name, &y.name, 1) || least >= 6 && slips(&x.full, &y.full, 2) || least >= 6 && alike(&x.name, &y.name, 0.93) || x.words.len() != y.words.len() && (x.words.within(y.words) || y.words.within(x.words))
}

// sameWords reports whether two lists hold the same words in any order.
func sameWords(p, q list) bool {
	return p.len() == q.len() && p.len() > 0 && p.inside(q) && q.inside(p)
}

// inside reports whether all words of a list are in another.
func (l list) inside(q list) bool {
	for i := range l.len() {
		if !q.has(l.at(i)) {
			return false
		}
	}
	return true
}

// within is inside of a longer list, by words of which one tells something.
func (l list) within(q list) bool {
	if l.len() >= q.len() || !l.inside(q) {
		return false
	}
	for i := range l.len() {
		if !idlePlaceWords[l.at(i)] {
			return true
		}
	}
	return false
}

// tellingInLists reports whether two lists share a word that says something.
func tellingInLists(p, q list) bool {
	for i := range p.len() {
		if w := p.at(i); len(w) >= 4 && q.has(w) && tells(w) {
			return true
		}
	}
	return false
}

// Keys returns the line, its name, the name's first letters, its words, its
// number with the name's first letters, and the name's neighbourhood.
func (c *street) Keys(dst []Key, v Packed, want uint32) []Key {
	if v == "" {
		return dst
	}
	var l line
	l.read(v)
	return lineKeys(append(dst, Key{0, hash(0, l.text)}), &l, want)
}

func lineKeys(dst []Key, l *line, want uint32) []Key {
	if l.name.text == "" {
		return dst
	}
	dst = append(dst, Key{1, hash(1, l.name.text)}, Key{2, hash(2, prefix(l.name.text, 4))})
	for i := range l.words.len() {
		if w := l.words.at(i); len(w) >= 3 {
			dst = appendKey(dst, Key{3, hash(3, w)})
		}
	}
	// A district may stand in front of a Chinese street, a flat's number in
	// front of the house's.
	part := prefix(l.name.text, 3)
	if standardize.HasHan(part) {
		part = suffix(l.name.text, 3)
	}
	var room [maxWords]houseNumber
	numbers := l.houses(room[:0])
	for i := range numbers[:min(2, len(numbers))] {
		dst = appendKey(dst, Key{4, hashParts(4, numbers[i].bare, part)})
	}
	return deletions(dst, 5, l.name.text, want)
}
