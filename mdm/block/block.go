// Package block proposes pairs of records worth comparing: records that share a compound key.
package block

import (
	"slices"
	"strconv"
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

// element is a part of a key: what it yields of a record, appended to a list,
// and about how many values it takes, as a power of two.
type element struct {
	name string
	bits int
	of   func([]string, *compare.Features) []string
}

// elements in the order in which they are shown.
var elements = []element{
	{"email", 25, emails},
	{"phone", 26, phones},
	{"national_id", 25, func(to []string, f *compare.Features) []string { return text(to, f.NationalID.Token) }},
	{"tax_id", 25, func(to []string, f *compare.Features) []string { return text(to, f.TaxID.Token) }},
	{"social_id", 25, func(to []string, f *compare.Features) []string {
		for _, t := range f.SocialIDs {
			to = text(to, t)
		}
		return to
	}},
	{"name", 20, names},
	{"name_sound", 18, nameSounds},
	{"word_sound", 11, wordSounds},
	{"family_sound", 10, func(to []string, f *compare.Features) []string {
		return sound(to, f.Name.Family, false, f.Name.Romanised())
	}},
	{"given_sound", 10, givenSounds},
	{"birth_date", 15, func(to []string, f *compare.Features) []string {
		if f.Birth == 0 {
			return to
		}
		return append(to, strconv.Itoa(int(f.Birth)))
	}},
	{"birth_year", 6, func(to []string, f *compare.Features) []string {
		if f.Birth == 0 {
			return to
		}
		return append(to, strconv.Itoa(f.Birth.Year()))
	}},
	{"organisation", 20, func(to []string, f *compare.Features) []string {
		if f.Organisation == nil {
			return to
		}
		return text(to, f.Organisation.Brand)
	}},
	{"city", 10, func(to []string, f *compare.Features) []string {
		for i := range f.Addresses {
			to = text(to, f.Addresses[i].City)
		}
		return to
	}},
	{"postcode", 13, func(to []string, f *compare.Features) []string {
		for i := range f.Addresses {
			to = text(to, f.Addresses[i].Postcode)
		}
		return to
	}},
	{"street", 17, func(to []string, f *compare.Features) []string {
		for i := range f.Addresses {
			if p := &f.Addresses[i]; p.Street != nil && p.House != nil {
				to = append(to, p.Street.Text+" "+p.House.Text)
			}
		}
		return to
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

// scratch holds what the elements yield of one record.
type scratch struct {
	values [][]string
	known  []bool
}

// New returns the rules that each list elements; names that are none are left
// out (the model file's check reports them).
func New(lists [][]string) *Rules {
	r := &Rules{scratch: sync.Pool{New: func() any {
		return &scratch{make([][]string, len(elements)), make([]bool, len(elements))}
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
	s, _ := r.scratch.Get().(*scratch)
	keys := make([]string, 0, 16)
	for i := range r.rules {
		if s.whole(r.rules[i].parts, f) {
			keys = s.product(keys, &r.rules[i])
		}
	}
	for i := range s.values {
		clear(s.values[i]) // the next record must not keep this one's values alive
		s.values[i], s.known[i] = s.values[i][:0], false
	}
	r.scratch.Put(s)
	return keys
}

// whole reports whether a record has a value for each of these elements.
func (s *scratch) whole(parts []int, f *compare.Features) bool {
	for _, i := range parts {
		if !s.known[i] {
			s.known[i] = true
			v := elements[i].of(s.values[i][:0], f)
			slices.Sort(v)
			v = slices.Compact(v)
			s.values[i] = v[:min(len(v), maxKeys)]
		}
		if len(s.values[i]) == 0 {
			return false
		}
	}
	return true
}

// product appends a key for each choice of values, at most maxKeys.
func (s *scratch) product(keys []string, r *rule) []string {
	n := 1
	for _, i := range r.parts {
		n *= len(s.values[i])
	}
	var buffer [128]byte
	for i := range min(n, maxKeys) {
		b, at := append(buffer[:0], r.name...), i
		for _, k := range r.parts {
			v := s.values[k]
			b = append(b, 0x1F)
			b = append(b, v[at%len(v)]...)
			at /= len(v)
		}
		keys = append(keys, string(b))
	}
	return keys
}

func text(to []string, t *compare.Token) []string {
	if t == nil {
		return to
	}
	return append(to, t.Text)
}

// emails yields the mailbox alone where it is long enough to be somebody's,
// since people keep it when they change the provider; else the whole address.
func emails(to []string, f *compare.Features) []string {
	for i := range f.Emails {
		m := &f.Emails[i]
		if !m.Shared && len(m.Mailbox.Text) >= 6 {
			to = append(to, m.Mailbox.Text)
		} else if m.Domain != nil {
			to = append(to, m.Mailbox.Text+"@"+m.Domain.Text)
		}
	}
	return to
}

func phones(to []string, f *compare.Features) []string {
	for _, n := range f.Phones {
		to = append(to, strconv.FormatUint(n.Tail(), 10))
	}
	return to
}

// names yields the full name with its words in alphabetical order: which of
// them is the family name is often wrong. Chinese names are read in pinyin, so
// that they meet their Latin spelling.
func names(to []string, f *compare.Features) []string {
	n := &f.Name
	switch {
	case n.Family == nil || n.Given[0] == nil:
		return to
	case n.Family.Han():
		return append(to, inOrder(n.Family.SurnamePinyin(), n.Whole.Pinyin()))
	}
	to = append(to, inOrder(n.Family.Text, n.Given[0].Text))
	if n.Whole != n.Given[0] && n.Romanised() {
		to = append(to, inOrder(n.Family.Text, n.Whole.Text))
	}
	return to
}

func inOrder(a, b string) string {
	if a > b {
		a, b = b, a
	}
	return a + " " + b
}

// nameSounds is names by sound, nicknames brought to one.
func nameSounds(to []string, f *compare.Features) []string {
	n := &f.Name
	if n.Family == nil || n.Given[0] == nil {
		return to
	}
	var families, givens [2]string
	for _, family := range sound(families[:0], n.Family, false, n.Romanised()) {
		for _, given := range givenSounds(givens[:0], f) {
			to = append(to, inOrder(family, given))
		}
	}
	return to
}

func givenSounds(to []string, f *compare.Features) []string {
	n := &f.Name
	romanised := n.Romanised()
	to = sound(to, n.Given[0], true, romanised)
	if romanised && n.Whole != n.Given[0] {
		to = sound(to, n.Whole, true, romanised)
	}
	return to
}

// wordSounds yields the sound of every word of a name, whichever part of it
// the word is.
func wordSounds(to []string, f *compare.Features) []string {
	n := &f.Name
	romanised := n.Romanised()
	to = sound(to, n.Family, false, romanised)
	if romanised && n.Whole != n.Given[0] {
		return sound(to, n.Whole, true, romanised)
	}
	for _, t := range n.Given {
		to = sound(to, t, true, romanised)
	}
	return to
}

// sound yields how a word sounds: pinyin, Soundex, or the word itself in
// other scripts. Romanised Chinese names keep all their letters: Soundex makes
// one of most of them.
func sound(to []string, t *compare.Token, given, romanised bool) []string {
	switch {
	case t == nil:
		return to
	case t.Han() && given && t.Pinyin() != "":
		return append(to, t.Pinyin())
	case t.Han() && !given && t.SurnamePinyin() != "":
		return append(to, t.SurnamePinyin())
	case romanised:
		return append(to, t.Text)
	}
	code := t.Sound
	if full := compare.FullForm(t.Text); given && full != t.Text {
		code = compare.Soundex(full)
	}
	if code == 0 {
		return append(to, t.Text)
	}
	return append(to, string([]byte{byte(code >> 24), byte(code >> 16), byte(code >> 8), byte(code)}))
}
