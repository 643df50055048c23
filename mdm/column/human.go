package column

import (
	"slices"
	"strings"
)

// human is a person's whole name, taken apart; the order of its words may be
// anyone's guess.
type human struct {
	given, family person
	// hasGiven and hasFamily say which parts there are.
	hasGiven, hasFamily bool
	// joined is the name without spaces.
	joined spelling
}

// What stands first in a packed name; then the heads of the parts that it
// has, their texts and their readings.
const (
	humanGiven byte = 1 << iota
	humanFamily
)

// appendHuman appends the features of a name.
func appendHuman(dst []byte, given, family []string) []byte {
	mark := byte(0)
	if len(given) > 0 {
		mark |= humanGiven
	}
	if len(family) > 0 {
		mark |= humanFamily
	}
	if mark == 0 {
		return dst
	}
	dst = append(dst, mark)
	var g, gp, f, fp string
	if len(given) > 0 {
		dst, g, gp = appendPerson(dst, given, false)
	}
	if len(family) > 0 {
		dst, f, fp = appendPerson(dst, family, true)
	}
	return append(append(append(append(dst, g...), f...), gp...), fp...)
}

// joinHuman is appendHuman of parts that were packed alone, either of which may
// be missing.
func joinHuman(dst []byte, given, family Packed) []byte {
	if given == "" && family == "" {
		return dst
	}
	at := len(dst)
	dst = append(dst, 0)
	var texts, readings [2]Packed
	for i, v := range [...]Packed{given, family} {
		if v == "" {
			continue
		}
		var p person
		rest, n, _ := p.read(v)
		dst[at] |= [...]byte{humanGiven, humanFamily}[i]
		dst = append(dst, v[:len(v)-len(rest)]...)
		texts[i], readings[i] = rest[:n], rest[n:]
	}
	return append(append(append(append(dst, texts[0]...), texts[1]...), readings[0]...), readings[1]...)
}

// read reads a packed name.
func (h *human) read(v Packed) {
	h.hasGiven, h.hasFamily = v[0]&humanGiven != 0, v[0]&humanFamily != 0
	rest := v[1:]
	var g, gp, f, fp int
	if h.hasGiven {
		rest, g, gp = h.given.read(rest)
	}
	if h.hasFamily {
		rest, f, fp = h.family.read(rest)
	}
	all := string(rest)
	readings := all[g+f:]
	h.given.whole.text, h.given.pinyin = all[:g], readings[:gp]
	h.family.whole.text, h.family.pinyin = all[g:g+f], readings[gp:gp+fp]
	runes := h.given.whole.runes + h.family.whole.runes
	h.joined = spelling{all[:g+f], h.given.whole.signature | h.family.whole.signature, runes, int(runes) == g+f}
}

// nameWords is the words of a whole name.
type nameWords struct {
	room [2 * maxWords]string
	n    int
}

// words returns the words of a name, those of the given name first.
func (h *human) words(w *nameWords) []string {
	if h.hasGiven {
		w.add(&h.given)
	}
	if h.hasFamily {
		w.add(&h.family)
	}
	return w.room[:w.n]
}

func (w *nameWords) add(p *person) {
	var room [maxWords]string
	w.n += copy(w.room[w.n:], p.split(&room))
}

// count returns how many words a name has.
func (h *human) count() int {
	n := 0
	if h.hasGiven {
		n += h.given.words()
	}
	if h.hasFamily {
		n += h.family.words()
	}
	return n
}

// sameWriting reports whether two names are the same words in the same order.
func sameWriting(x, y *human) bool {
	if x.joined.text != y.joined.text {
		return false
	}
	var p, q nameWords
	return slices.Equal(x.words(&p), y.words(&q))
}

// sameInAnyOrder reports whether two names of the same letters are the same
// words.
func sameInAnyOrder(x, y *human) bool {
	if len(x.joined.text) != len(y.joined.text) || x.count() != y.count() {
		return false
	}
	var one, other nameWords
	p, q := x.words(&one), y.words(&other)
	used := uint32(0)
	for _, w := range p {
		found := false
		for j := range q {
			if used&(1<<j) == 0 && q[j] == w {
				used |= 1 << j
				found = true
				break
			}
		}
		if !found {
			return false
		}
	}
	return true
}

// subset reports whether all words of x, two at least, are among those of y.
func subset(x, y *human) bool {
	if n := x.count(); n < 2 || n >= y.count() {
		return false
	}
	var one, other nameWords
	q := y.words(&other)
	for _, w := range x.words(&one) {
		if !slices.Contains(q, w) {
			return false
		}
	}
	return true
}

// joinedSwapped reports whether two names are the same but that the one has
// the family name in front.
func joinedSwapped(x, y *human) bool {
	if !x.hasGiven || !x.hasFamily {
		return false
	}
	g, f, j := x.given.whole.text, x.family.whole.text, y.joined.text
	return strings.HasPrefix(j, f) && j[len(f):] == g
}

// commonNameWord reports whether two names share a word of more than a byte.
func commonNameWord(x, y *human) bool {
	var one, other nameWords
	q := y.words(&other)
	for _, w := range x.words(&one) {
		if len(w) > 1 && slices.Contains(q, w) {
			return true
		}
	}
	return false
}

// hasWord reports whether a name has a word, but for a slip of the keys.
func hasWord(h *human, one *person) bool {
	var room nameWords
	for _, text := range h.words(&room) {
		if text == one.whole.text && several(text) {
			return true
		}
		if w := spell(text); min(w.runes, one.whole.runes) >= 5 && slips(&w, &one.whole, 1) {
			return true
		}
	}
	return false
}

// any returns the part that a name of one part has.
func (h *human) any() *person {
	if h.hasFamily {
		return &h.family
	}
	return &h.given
}
