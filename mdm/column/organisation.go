package column

import (
	"strings"
	"unicode/utf8"

	"crmhub/mdm/standardize"
)

// organisation compares the names of companies and other bodies.
type organisation struct {
	base
	weights *weights
}

// company is an organisation's name, taken apart.
type company struct {
	// brand is the name without legal form and place, joined the same without
	// spaces.
	brand, joined spelling
	// initials are those of the brand's words, sound the pinyin of a Chinese one.
	initials, sound string
	branch          bool
	bag             *bag
}

// The levels of organisations.
const (
	orgExact   = iota + 1 // the whole name
	orgSame               // but for legal form, place, spaces and order
	orgNear               // one slip of the keys, two in longer names
	orgMost               // four fifths of the words, by weight
	orgPart               // one holds the other: Starbucks, Starbucks Coffee
	orgAcronym            // one is the initials of the other, or its pinyin
	orgHigh               // three fifths
	orgBranch             // a branch, and its company or another branch
	orgMedium             // two fifths
	orgSimilar            // nearly the same letters
	orgLow                // one fifth
	orgDifferent
)

func newOrganisation(o Options) *organisation {
	c := &organisation{base{Organisation, []string{"exact", "same", "near", "most", "part", "acronym", "high", "branch", "medium", "similar", "low", "different"}, []string{"exact", "prefix", "rare_token", "token_pair", "sound", "initials"}}, nil}
	c.weights = newWeights(o.Values, func(s string) []string {
		brand, _ := standardize.FoldCompany(withoutPlace(clean(s)))
		return words(brand)
	})
	return c
}

// Value takes an organisation's name apart.
func (c *organisation) Value(text string) Value {
	s := clean(text)
	f := standardize.Fold(s)
	if f == "" {
		return Value{}
	}
	brand, branch := standardize.FoldCompany(withoutPlace(s))
	for _, w := range []string{" t a ", " dba ", " d b a ", " trading as ", " c o "} {
		if i := strings.Index(brand, w); i > 0 {
			brand = brand[:i]
		}
	}
	brand = strings.TrimPrefix(brand, "the ")
	if brand == "" {
		brand = f
	}
	k := &company{brand: spell(brand), joined: spell(strings.ReplaceAll(brand, " ", "")), branch: branch, bag: newBag(words(brand), c.weights, 16)}
	if standardize.HasHan(brand) {
		k.sound = standardize.GivenPinyin(brand)
	} else if strings.Contains(brand, " ") {
		for w := range strings.FieldsSeq(brand) {
			if !smallWords[w] {
				k.initials += prefix(w, 1)
			}
		}
	}
	v := folded(f)
	v.parts = k
	return v
}

// withoutPlace leaves out the place, or 集团, that stands in brackets in a
// Chinese company's name: 某某（上海）有限公司. A branch in brackets stays.
func withoutPlace(s string) string {
	if !standardize.HasHan(s) {
		return s
	}
	i := strings.IndexAny(s, "(（")
	j := strings.IndexAny(s, ")）")
	if i <= 0 || j <= i {
		return s
	}
	inside := strings.TrimLeft(s[i:j], "(（")
	if utf8.RuneCountInString(inside) > 4 || strings.ContainsAny(inside, "分店部处厂") {
		return s
	}
	return s[:i] + strings.TrimLeft(s[j:], ")）")
}

// Level compares two organisations.
func (c *organisation) Level(a, b *Value) uint8 {
	if a.Text == "" || b.Text == "" {
		return Missing
	}
	if a.Text == b.Text {
		return orgExact
	}
	if a.Text > b.Text {
		a, b = b, a
	}
	x, y := a.parts.(*company), b.parts.(*company)
	least := min(x.joined.runes, y.joined.runes)
	if x.branch != y.branch || x.branch {
		if x.branch != y.branch && x.joined.text == y.joined.text || strings.HasPrefix(x.joined.text, y.joined.text) || strings.HasPrefix(y.joined.text, x.joined.text) {
			return orgBranch
		}
	} else if x.joined.text == y.joined.text {
		return orgSame
	}
	o := compareBags(x.bag, y.bag)
	han := x.sound != "" || y.sound != ""
	switch {
	case x.branch != y.branch:
		if o.part >= 0.8 {
			return orgBranch
		}
	case o.union > 0.999:
		return orgSame
	case o.numbers:
		// 5th Avenue Cleaners and 7th, Primary School No 3 and No 4.
		if o.union >= 0.4 {
			return orgMedium
		}
		return orgLow
	case least >= 5 && slips(&x.joined, &y.joined, 1), least >= 12 && slips(&x.joined, &y.joined, 2):
		return orgNear
	case o.union >= 0.8:
		return orgMost
	case o.part >= 0.95 && (o.common >= 2 || o.union >= 0.25), han && least >= 2 && (strings.Contains(x.joined.text, y.joined.text) || strings.Contains(y.joined.text, x.joined.text)), least >= 5 && (strings.HasPrefix(x.joined.text, y.joined.text) || strings.HasPrefix(y.joined.text, x.joined.text)):
		return orgPart
	case acronym(x, y) || acronym(y, x):
		return orgAcronym
	}
	switch {
	case o.union >= 0.6:
		return orgHigh
	case o.union >= 0.4:
		return orgMedium
	case !han && least >= 5 && alike(&x.joined, &y.joined, 0.88):
		return orgSimilar
	case o.union >= 0.15, o.part >= 0.5:
		return orgLow
	}
	return orgDifferent
}

// acronym reports whether x is the initials of y's words, or how the beginning
// of y is read.
func acronym(x, y *company) bool {
	if len(y.initials) >= 3 && x.joined.text == y.initials {
		return true
	}
	first, _, _ := strings.Cut(x.brand.text, " ")
	return y.sound != "" && x.sound == "" && len(first) >= 5 && strings.HasPrefix(y.sound, first)
}

// Keys returns the brand, its first letters, its rarest words and their pairs,
// its beginning as it is read, and its initials.
func (c *organisation) Keys(dst []Key, v *Value) []Key {
	if v.Text == "" {
		return dst
	}
	k := v.parts.(*company)
	dst = append(dst, Key{0, hash(0, k.joined.text)}, Key{1, hash(1, prefix(k.joined.text, 5))})
	first, _, _ := strings.Cut(k.brand.text, " ")
	if k.sound != "" {
		first = k.sound
	}
	dst = append(dst, Key{4, hash(4, prefix(first, 5))})
	switch {
	case len(k.initials) >= 3:
		dst = append(dst, Key{5, hash(5, k.initials)})
	case k.initials == "" && k.joined.ascii && k.joined.runes >= 3 && k.joined.runes <= 6:
		dst = append(dst, Key{5, hash(5, k.joined.text)})
	}
	return bagKeys(dst, k.bag, 2, 3)
}
