// Package block proposes pairs of records worth comparing: records that share a compound key.
package block

import (
	"slices"
	"strings"
	"sync"

	"crmhub/mdm/compare"
)

// MinBits is how many values a key must be able to take: about 10^5. A key
// persists as a keyed hash; with fewer values the frequencies of the hashes
// alone would tell what they stand for.
const MinBits = 17

// maxKeys bounds the keys that one rule makes of one record with many values.
const maxKeys = 8

// element is a part of a key: what it yields of a record, added to a list,
// and about how many values it takes, as a power of two.
type element struct {
	name string
	bits int
	of   func(*values, *compare.Features)
}

// elements in the order in which they are shown.
var elements = []element{
	{"email", 25, emails},
	{"phone", 26, phones},
	{"national_id", 25, func(to *values, f *compare.Features) { to.token(f.NationalID.Token) }},
	{"tax_id", 25, func(to *values, f *compare.Features) { to.token(f.TaxID.Token) }},
	{"social_id", 25, func(to *values, f *compare.Features) {
		for _, t := range f.SocialIDs {
			to.token(t)
		}
	}},
	{"name", 20, names},
	{"name_sound", 18, nameSounds},
	{"word_sound", 11, wordSounds},
	{"family_sound", 10, func(to *values, f *compare.Features) {
		to.sound(f.Name.Family, false, f.Name.Romanised())
	}},
	{"given_sound", 10, givenSounds},
	{"birth_date", 15, func(to *values, f *compare.Features) {
		if f.Birth != 0 {
			to.number(uint64(f.Birth))
		}
	}},
	{"birth_year", 6, func(to *values, f *compare.Features) {
		if f.Birth != 0 {
			to.number(uint64(f.Birth.Year()))
		}
	}},
	{"organisation", 20, func(to *values, f *compare.Features) {
		if f.Organisation != nil {
			to.token(f.Organisation.Brand)
		}
	}},
	{"city", 10, func(to *values, f *compare.Features) {
		for i := range f.Addresses {
			to.token(f.Addresses[i].City)
		}
	}},
	{"postcode", 13, func(to *values, f *compare.Features) {
		for i := range f.Addresses {
			to.token(f.Addresses[i].Postcode)
		}
	}},
	{"street", 17, func(to *values, f *compare.Features) {
		for i := range f.Addresses {
			if p := &f.Addresses[i]; p.Street != nil && p.House != nil {
				to.add(p.Street.Text, " ", p.House.Text)
			}
		}
	}},
}

// Elements returns the names of all elements.
func Elements() []string {
	all := make([]string, len(elements))
	for i, e := range elements {
		all[i] = e.name
	}
	return all
}

// Bits returns about how many values an element takes, as a power of two; ok is false for
// a name that is none.
func Bits(name string) (bits int, ok bool) {
	i := slices.IndexFunc(elements, func(e element) bool { return e.name == name })
	if i < 0 {
		return 0, false
	}
	return elements[i].bits, true
}

// Rules make keys of records. They are safe for concurrent use.
type Rules struct {
	rules   []rule
	scratch sync.Pool
}

type rule struct {
	name  string
	parts []int // indexes of elements
}

// scratch holds what the elements yield of one record, and its keys, one
// behind the other.
type scratch struct {
	values []values
	known  []bool
	keys   []byte
	ends   []int
}

// New returns the rules that each list elements; names that are none are left
// out (the model file's check reports them).
func New(lists [][]string) *Rules {
	r := &Rules{scratch: sync.Pool{New: func() any {
		return &scratch{values: make([]values, len(elements)), known: make([]bool, len(elements))}
	}}}
	for _, list := range lists {
		one := rule{name: strings.Join(list, "+")}
		for _, name := range list {
			if i := slices.IndexFunc(elements, func(e element) bool { return e.name == name }); i >= 0 {
				one.parts = append(one.parts, i)
			}
		}
		r.rules = append(r.rules, one)
	}
	return r
}

// Keys returns the keys of a record in plain text, without doubles. Two
// records that share one are worth comparing.
func (r *Rules) Keys(f *compare.Features) []string {
	var keys []string
	r.Each(f, func(key []byte) { keys = append(keys, string(key)) })
	return keys
}

// Each calls do with each key that Keys would return, in the same order; do
// must not keep it.
func (r *Rules) Each(f *compare.Features, do func(key []byte)) {
	s, _ := r.scratch.Get().(*scratch)
	for i := range r.rules {
		if s.whole(r.rules[i].parts, f) {
			s.product(&r.rules[i])
		}
	}
	from := 0
	for _, to := range s.ends {
		do(s.keys[from:to])
		from = to
	}
	clear(s.keys)
	s.keys, s.ends = s.keys[:0], s.ends[:0]
	for i := range s.values {
		if s.known[i] {
			s.values[i].reset()
			s.known[i] = false
		}
	}
	r.scratch.Put(s)
}

// whole reports whether a record has a value for each of these elements.
func (s *scratch) whole(parts []int, f *compare.Features) bool {
	for _, i := range parts {
		v := &s.values[i]
		if !s.known[i] {
			s.known[i] = true
			elements[i].of(v, f)
			v.sort()
		}
		if len(v.all) == 0 {
			return false
		}
	}
	return true
}

// product adds a key for each choice of values, at most maxKeys.
func (s *scratch) product(r *rule) {
	n := 1
	for _, i := range r.parts {
		n *= len(s.values[i].all)
	}
	for i := range min(n, maxKeys) {
		b, at := append(s.keys, r.name...), i
		for _, k := range r.parts {
			v := &s.values[k]
			b = append(b, 0x1F)
			b = append(b, v.of(v.all[at%len(v.all)])...)
			at /= len(v.all)
		}
		s.keys, s.ends = b, append(s.ends, len(b))
	}
}

// emails yields the mailbox alone where it is long enough to be somebody's,
// since people keep it when they change the provider; else the whole address.
func emails(to *values, f *compare.Features) {
	for i := range f.Emails {
		m := &f.Emails[i]
		if !m.Shared && len(m.Mailbox.Text) >= 6 {
			to.add(m.Mailbox.Text)
		} else if m.Domain != nil {
			to.add(m.Mailbox.Text, "@", m.Domain.Text)
		}
	}
}

func phones(to *values, f *compare.Features) {
	for _, n := range f.Phones {
		to.number(n.Tail())
	}
}

// names yields the full name with its words in alphabetical order: which of
// them is the family name is often wrong. Chinese names are read in pinyin, so
// that they meet their Latin spelling.
func names(to *values, f *compare.Features) {
	n := &f.Name
	switch {
	case n.Family == nil || n.Given[0] == nil:
		return
	case n.Family.Han():
		to.inOrder(n.Family.SurnamePinyin(), n.Whole.Pinyin())
		return
	}
	to.inOrder(n.Family.Text, n.Given[0].Text)
	if n.Whole != n.Given[0] && n.Romanised() {
		to.inOrder(n.Family.Text, n.Whole.Text)
	}
}

// nameSounds is names by sound, nicknames brought to one.
func nameSounds(to *values, f *compare.Features) {
	n := &f.Name
	if n.Family == nil || n.Given[0] == nil {
		return
	}
	romanised := n.Romanised()
	var room [2]sound
	family := soundOf(n.Family, false, romanised)
	for _, given := range soundsOfGiven(room[:0], n, romanised) {
		to.soundsInOrder(family, given)
	}
}

func givenSounds(to *values, f *compare.Features) {
	var room [2]sound
	for _, s := range soundsOfGiven(room[:0], &f.Name, f.Name.Romanised()) {
		to.addSound(s)
	}
}

func soundsOfGiven(all []sound, n *compare.Name, romanised bool) []sound {
	if n.Given[0] != nil {
		all = append(all, soundOf(n.Given[0], true, romanised))
	}
	if romanised && n.Whole != n.Given[0] && n.Whole != nil {
		all = append(all, soundOf(n.Whole, true, romanised))
	}
	return all
}

// wordSounds yields the sound of every word of a name, whichever part of it
// the word is.
func wordSounds(to *values, f *compare.Features) {
	n := &f.Name
	romanised := n.Romanised()
	to.sound(n.Family, false, romanised)
	if romanised && n.Whole != n.Given[0] {
		to.sound(n.Whole, true, romanised)
		return
	}
	for _, t := range n.Given {
		to.sound(t, true, romanised)
	}
}
