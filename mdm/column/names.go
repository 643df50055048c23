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
	people []author
	whole  spelling
}

// author is a person of a list: mostly a family name and an initial.
type author struct {
	family  spelling
	given   string
	initial string
}

// maxPeople is how many people of a list are compared.
const maxPeople = 12

// Value takes a list of people apart.
func (c *names) Value(text string) Value {
	s := clean(text)
	f := standardize.Fold(s)
	if f == "" {
		return Value{}
	}
	k := &cast{whole: spell(f)}
	for _, one := range splitPeople(s) {
		given, family := splitName(one)
		if len(family) > 0 && len(k.people) < maxPeople {
			g := strings.Join(given, " ")
			k.people = append(k.people, author{spell(strings.Join(family, "")), g, prefix(g, 1)})
		}
	}
	if len(k.people) == 0 {
		return Value{}
	}
	v := folded(f)
	v.parts = k
	return v
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
func (c *names) Level(a, b *Value) uint8 {
	if a.Text == "" || b.Text == "" {
		return Missing
	}
	if a.Text == b.Text {
		return namesExact
	}
	x, y := a.parts.(*cast), b.parts.(*cast)
	if len(x.people) > len(y.people) || len(x.people) == len(y.people) && a.Text > b.Text {
		x, y = y, x
	}
	var used uint16
	matched := 0
	for i := range x.people {
		for j := range y.people {
			if used&(1<<j) == 0 && sameAuthor(&x.people[i], &y.people[j]) {
				used |= 1 << j
				matched++
				break
			}
		}
	}
	least := len(x.people)
	switch {
	case matched == least && least == len(y.people):
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
func (c *names) Keys(dst []Key, v *Value) []Key {
	if v.Text == "" {
		return dst
	}
	k := v.parts.(*cast)
	dst = append(dst, Key{0, hash(0, v.Text)}, Key{1, hash(1, k.people[0].family.text)})
	for i := range k.people[:min(len(k.people), 5)] {
		dst = appendKey(dst, Key{2, hash(2, k.people[i].family.text)})
		for j := range i {
			p, q := k.people[i].family.text, k.people[j].family.text
			dst = appendKey(dst, Key{3, hashParts(3, min(p, q)+" ", max(p, q))})
		}
	}
	return dst
}
