// Package block proposes pairs of records worth comparing: records that share a compound key.
package block

import (
	"slices"
	"strconv"
	"strings"

	"crmhub/mdm/compare"
)

// MinBits is how many values a key must be able to take: about 10^5. A key
// persists as a keyed hash; with fewer values the frequencies of the hashes
// alone would tell what they stand for.
const MinBits = 17

// maxKeys bounds the keys that one rule makes of one record with many values.
const maxKeys = 8

// element is a part of a key: what it yields of a record, and about how many
// values it takes, as a power of two.
type element struct {
	name string
	bits int
	of   func(*compare.Features, func(string))
}

// elements in the order in which they are shown.
var elements = []element{
	{"email", 25, emails},
	{"phone", 26, phones},
	{"national_id", 25, func(f *compare.Features, yield func(string)) { one(yield, f.NationalID.Token) }},
	{"tax_id", 25, func(f *compare.Features, yield func(string)) { one(yield, f.TaxID.Token) }},
	{"social_id", 25, func(f *compare.Features, yield func(string)) {
		for _, t := range f.SocialIDs {
			one(yield, t)
		}
	}},
	{"name", 20, names},
	{"name_sound", 18, nameSounds},
	{"word_sound", 11, wordSounds},
	{"family_sound", 10, func(f *compare.Features, yield func(string)) { sound(yield, f.Name.Family, false, f.Name.Romanised()) }},
	{"given_sound", 10, givenSounds},
	{"birth_date", 15, func(f *compare.Features, yield func(string)) {
		if f.Birth != 0 {
			yield(strconv.Itoa(int(f.Birth)))
		}
	}},
	{"birth_year", 6, func(f *compare.Features, yield func(string)) {
		if f.Birth != 0 {
			yield(strconv.Itoa(f.Birth.Year()))
		}
	}},
	{"organisation", 20, func(f *compare.Features, yield func(string)) {
		if f.Organisation != nil {
			one(yield, f.Organisation.Brand)
		}
	}},
	{"city", 10, func(f *compare.Features, yield func(string)) {
		for i := range f.Addresses {
			one(yield, f.Addresses[i].City)
		}
	}},
	{"postcode", 13, func(f *compare.Features, yield func(string)) {
		for i := range f.Addresses {
			one(yield, f.Addresses[i].Postcode)
		}
	}},
	{"street", 17, func(f *compare.Features, yield func(string)) {
		for i := range f.Addresses {
			if p := &f.Addresses[i]; p.Street != nil && p.House != nil {
				yield(p.Street.Text + " " + p.House.Text)
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
	rules []rule
}

type rule struct {
	name  string
	parts []element
}

// New returns the rules that each list elements; names that are none are left
// out (the model file's check reports them).
func New(lists [][]string) *Rules {
	r := &Rules{}
	for _, list := range lists {
		one := rule{name: strings.Join(list, "+")}
		for _, name := range list {
			if i := slices.IndexFunc(elements, func(e element) bool { return e.name == name }); i >= 0 {
				one.parts = append(one.parts, elements[i])
			}
		}
		r.rules = append(r.rules, one)
	}
	return r
}

// Keys returns the keys of a record in plain text, without doubles. Two
// records that share one are worth comparing.
func (r *Rules) Keys(f *compare.Features) []string {
	keys := make([]string, 0, 16)
	var values [4][]string
	for _, one := range r.rules {
		if len(one.parts) > len(values) {
			continue
		}
		whole := true
		for i, e := range one.parts {
			v := values[i][:0]
			e.of(f, func(s string) {
				if s != "" && len(v) < maxKeys && !slices.Contains(v, s) {
					v = append(v, s)
				}
			})
			values[i] = v
			if len(v) == 0 {
				whole = false
				break
			}
		}
		if whole {
			keys = product(keys, one.name, values[:len(one.parts)])
		}
	}
	return keys
}

// product appends a key for each choice of values, at most maxKeys.
func product(keys []string, name string, values [][]string) []string {
	n := 1
	for _, v := range values {
		n *= len(v)
	}
	var buffer [128]byte
	for i := range min(n, maxKeys) {
		b := append(buffer[:0], name...)
		for k, at := 0, i; k < len(values); k++ {
			b = append(b, 0x1F)
			b = append(b, values[k][at%len(values[k])]...)
			at /= len(values[k])
		}
		keys = append(keys, string(b))
	}
	return keys
}

func one(yield func(string), t *compare.Token) {
	if t != nil {
		yield(t.Text)
	}
}

// emails yields the mailbox alone where it is long enough to be somebody's,
// since people keep it when they change the provider; else the whole address.
func emails(f *compare.Features, yield func(string)) {
	for i := range f.Emails {
		m := &f.Emails[i]
		if !m.Shared && len(m.Mailbox.Text) >= 6 {
			yield(m.Mailbox.Text)
		} else if m.Domain != nil {
			yield(m.Mailbox.Text + "@" + m.Domain.Text)
		}
	}
}

func phones(f *compare.Features, yield func(string)) {
	for _, n := range f.Phones {
		yield(strconv.FormatUint(n.Tail(), 10))
	}
}

// names yields the full name with its words in alphabetical order: which of
// them is the family name is often wrong. Chinese names are read in pinyin, so
// that they meet their Latin spelling.
func names(f *compare.Features, yield func(string)) {
	n := &f.Name
	if n.Family == nil || n.Given[0] == nil {
		return
	}
	if n.Family.Han() {
		yield(inOrder(n.Family.SurnamePinyin(), n.Whole.Pinyin()))
		return
	}
	yield(inOrder(n.Family.Text, n.Given[0].Text))
	if n.Whole != n.Given[0] && n.Romanised() {
		yield(inOrder(n.Family.Text, n.Whole.Text))
	}
}

func inOrder(a, b string) string {
	if a > b {
		a, b = b, a
	}
	return a + " " + b
}

// nameSounds is names by sound, nicknames brought to one.
func nameSounds(f *compare.Features, yield func(string)) {
	n := &f.Name
	if n.Family == nil || n.Given[0] == nil {
		return
	}
	var family string
	sound(func(s string) { family = s }, n.Family, false, n.Romanised())
	givenSounds(f, func(given string) {
		if family != "" {
			yield(inOrder(family, given))
		}
	})
}

func givenSounds(f *compare.Features, yield func(string)) {
	n := &f.Name
	romanised := n.Romanised()
	sound(yield, n.Given[0], true, romanised)
	if romanised && n.Whole != n.Given[0] {
		sound(yield, n.Whole, true, romanised)
	}
}

// wordSounds yields the sound of every word of a name, whichever part of it
// the word is.
func wordSounds(f *compare.Features, yield func(string)) {
	n := &f.Name
	romanised := n.Romanised()
	sound(yield, n.Family, false, romanised)
	if romanised && n.Whole != n.Given[0] {
		sound(yield, n.Whole, true, romanised)
		return
	}
	for _, t := range n.Given {
		sound(yield, t, true, romanised)
	}
}

// sound yields how a word sounds: pinyin, Soundex, or the word itself in
// other scripts. Romanised Chinese names keep all their letters: Soundex makes
// one of most of them.
func sound(yield func(string), t *compare.Token, given, romanised bool) {
	switch {
	case t == nil:
	case t.Han() && given:
		yield(t.Pinyin())
	case t.Han():
		yield(t.SurnamePinyin())
	case romanised:
		yield(t.Text)
	default:
		word := t.Text
		if given {
			word = compare.FullForm(word)
		}
		if code := compare.Soundex(word); code != 0 {
			yield(string([]byte{byte(code >> 24), byte(code >> 16), byte(code >> 8), byte(code)}))
			return
		}
		yield(t.Text)
	}
}
