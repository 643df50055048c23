package column

import (
	"slices"
	"strings"

	"crmhub/mdm/standardize"
)

// names compares lists of people: the authors of a paper.
type names struct{ base }

// The levels of lists of people.
const (
	namesExact   = iota + 1
	namesSame    // the same people, some by their initials, in whatever order
	namesPart    // all people of the shorter list: et al.
	namesFirst   // the first, and half of the shorter list
	namesHalf    // half of the shorter list
	namesOne     // one of several
	namesSimilar // nearly the same letters
	namesDifferent
)

func newNames() *names {
	return &names{base{Names, []string{"exact", "same", "part", "first", "half", "one", "similar", "different"}, []string{"exact", "first", "family", "pair"}}}
}

// cast is a list of people, taken apart.
type cast struct {
	people [maxPeople]author
	n      int
	whole  spelling
}

// author is a person of a list: mostly a family name and an initial.
type author struct {
	family         spelling
	given, initial string
}

// Before the texts of a packed list stand its signature, its number of letters,
// its length, how many people it has, and the lengths of the names of each.
const (
	castPeople = 12
	castHead   = 13
)

func (k *cast) read(v Packed) {
	k.n = int(v[castPeople])
	lengths := v[castHead : castHead+4*k.n]
	all := string(v[castHead+len(lengths):])
	n := v.get16(10)
	k.whole, all = spelling{all[:n], v.get64(0), int32(v.get16(8)), v.get16(8) == n}, all[n:]
	for i := range k.n {
		family, given := lengths.get16(4*i), lengths.get16(4*i+2)
		g := all[family : family+given]
		k.people[i] = author{spell(all[:family]), g, prefix(g, 1)}
		all = all[family+given:]
	}
}

// maxPeople is how many people of a list are compared.
const maxPeople = 12

// Append takes a list of people apart.
func (c *names) Append(dst []byte, text string) []byte {
	s := clean(text)
	f := clip(standardize.Fold(s))
	if f == "" {
		return dst
	}
	var room [2 * maxPeople]string
	parts := room[:0]
	for _, one := range splitPeople(s) {
		given, family := splitName(one)
		if len(family) > 0 && len(parts) < len(room) {
			parts = append(parts, strings.Join(family, ""), strings.Join(given, " "))
		}
	}
	if len(parts) == 0 {
		return dst
	}
	whole := spell(f)
	dst = append16(append16(append64(dst, whole.signature), int(whole.runes)), len(f))
	dst = append(dst, byte(len(parts)/2))
	for _, s := range parts {
		dst = append16(dst, len(s))
	}
	dst = append(dst, f...)
	for _, s := range parts {
		dst = append(dst, s...)
	}
	return dst
}

// AppendText appends the folded list.
func (c *names) AppendText(dst []byte, v Packed) []byte {
	if v == "" {
		return dst
	}
	var k cast
	k.read(v)
	return append(dst, k.whole.text...)
}

// splitPeople parts a list of people at semicolons, and, &, 、 and commas,
// save where a comma stands between a family name and its initials.
func splitPeople(s string) []string {
	s = strings.NewReplacer(" and ", ";", " AND ", ";", " And ", ";", "&", ";", "、", ";", "；", ";", "|", ";", " et al.", "", " et al", "", "等", "").Replace(s)
	var out []string
	for part := range strings.SplitSeq(s, ";") {
		segments := strings.FieldsFunc(part, func(r rune) bool { return r == ',' || r == '，' })
		// Of "Gupta, A., Mumick, I." every second segment is but initials.
		if len(segments)%2 == 0 && len(segments) >= 2 && everySecondInitials(segments) {
			for i := 0; i < len(segments); i += 2 {
				out = append(out, segments[i]+", "+segments[i+1])
			}
			continue
		}
		if len(segments) == 2 && strings.Contains(s, ";") && len(strings.Fields(segments[0])) == 1 {
			out = append(out, part) // Gupta, Ashish; Mumick, Inderpal
			continue
		}
		out = append(out, segments...)
	}
	return slices.DeleteFunc(out, func(s string) bool { return strings.TrimSpace(s) == "" })
}

func everySecondInitials(segments []string) bool {
	for i := 1; i < len(segments); i += 2 {
		for w := range strings.FieldsSeq(strings.NewReplacer(".", " ", "-", " ").Replace(segments[i])) {
			if len(w) > 1 && !(len(w) == 2 && w == strings.ToUpper(w)) {
				return false
			}
		}
	}
	return true
}

// Level compares two lists.
func (c *names) Level(a, b Packed) uint8 {
	if a == "" || b == "" {
		return Missing
	}
	if a == b {
		return namesExact
	}
	var one, other cast
	one.read(a)
	other.read(b)
	x, y := &one, &other
	if x.whole.text == y.whole.text {
		return namesExact
	}
	if x.n > y.n || x.n == y.n && x.whole.text > y.whole.text {
		x, y = y, x
	}
	var used uint16
	matched := 0
	for i := range x.n {
		for j := range y.n {
			if used&(1<<j) == 0 && sameAuthor(&x.people[i], &y.people[j]) {
				used |= 1 << j
				matched++
				break
			}
		}
	}
	least := x.n
	switch {
	case matched == least && least == y.n:
		return namesSame
	case matched == least:
		return namesPart
	case matched*2 >= least && matched > 0 && sameAuthor(&x.people[0], &y.people[0]):
		return namesFirst
	case matched*2 >= least:
		return namesHalf
	case matched > 0:
		return namesOne
	case x.whole.runes <= 256 && y.whole.runes <= 256 && alike(&x.whole, &y.whole, 0.88):
		return namesSimilar
	}
	return namesDifferent
}

// sameAuthor reports whether two people of lists may be one: the family name
// but for a slip, no other initial; or the two names in another order.
func sameAuthor(a, b *author) bool {
	if a.family.text == b.family.text || min(a.family.runes, b.family.runes) >= 5 && slips(&a.family, &b.family, 1) {
		return a.initial == "" || b.initial == "" || a.initial == b.initial
	}
	return a.given != "" && a.given == b.family.text && a.family.text == b.given
}

// Keys returns the list, its first family name, the family names, and the
// pairs of them.
func (c *names) Keys(dst []Key, v Packed, _ uint32) []Key {
	if v == "" {
		return dst
	}
	var k cast
	k.read(v)
	dst = append(dst, Key{0, hash(0, k.whole.text)}, Key{1, hash(1, k.people[0].family.text)})
	for i := range k.people[:min(k.n, 5)] {
		dst = appendKey(dst, Key{2, hash(2, k.people[i].family.text)})
		for j := range i {
			p, q := k.people[i].family.text, k.people[j].family.text
			dst = appendKey(dst, Key{3, hashParts(3, min(p, q)+" ", max(p, q))})
		}
	}
	return dst
}
