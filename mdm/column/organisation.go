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
	whole string
	// brand is the name without legal form and place, joined the same without
	// spaces.
	brand  string
	joined spelling
	// initials are those of the brand's words, sound the pinyin of a Chinese one.
	initials, sound string
	branch          bool
	bag             bag
}

// companyHead is how many bytes stand in front of a packed name: the signature
// of the brand and its number of letters without spaces, whether it is a
// branch's, and the lengths of name, brand, brand without spaces, initials and
// sound. Behind it stand its bag and those texts, brands only where they are
// not the name before; the words of the bag lie in the brand.
const companyHead = 21

func (k *company) read(v Packed) {
	all := string(k.bag.read(v[companyHead:]))
	var joined string
	last := ""
	for i, s := range [...]*string{&k.whole, &k.brand, &joined, &k.initials, &k.sound} {
		n := v.get16(11 + 2*i)
		if n == 0 && i < 3 {
			*s = last
			continue
		}
		*s, all = all[:n], all[n:]
		last = *s
	}
	runes := int32(v.get16(8))
	k.joined = spelling{joined, v.get64(0), runes, int(runes) == len(joined)}
	k.branch, k.bag.text = v[10] != 0, k.brand
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

// Append takes an organisation's name apart.
func (c *organisation) Append(dst []byte, text string) []byte {
	s := clean(text)
	f := clip(standardize.Fold(s))
	if f == "" {
		return dst
	}
	brand, branch := standardize.FoldCompany(withoutPlace(s))
	for _, w := range []string{" t a ", " dba ", " d b a ", " trading as ", " c o "} {
		if i := strings.Index(brand, w); i > 0 {
			brand = brand[:i]
		}
	}
	brand = clip(strings.TrimPrefix(brand, "the "))
	if brand == "" {
		brand = f
	}
	initials, sound := "", ""
	if standardize.HasHan(brand) {
		sound = standardize.GivenPinyin(brand)
	} else if strings.Contains(brand, " ") {
		for w := range strings.FieldsSeq(brand) {
			if !smallWords[w] {
				initials += prefix(w, 1)
			}
		}
	}
	joined := spell(strings.ReplaceAll(brand, " ", ""))
	dst = append16(append64(dst, joined.signature), int(joined.runes))
	mark := byte(0)
	if branch {
		mark = 1
	}
	dst = append16(append16(append(dst, mark), len(f)), sizeUnless(brand, f))
	dst = append16(append16(append16(dst, sizeUnless(joined.text, brand)), len(initials)), len(sound))
	var room [32]string
	dst = append(appendBag(dst, brand, appendWords(room[:0], brand), c.weights, 16), f...)
	if brand != f {
		dst = append(dst, brand...)
	}
	if joined.text != brand {
		dst = append(dst, joined.text...)
	}
	return append(append(dst, initials...), sound...)
}

// AppendText appends the folded name.
func (c *organisation) AppendText(dst []byte, v Packed) []byte {
	if v == "" {
		return dst
	}
	var k company
	k.read(v)
	return append(dst, k.whole...)
}

// firstOf returns where a sign first stands in a text, narrow or wide, -1 where
// it doesn't.
func firstOf(s string, narrow byte, wide string) int {
	i, j := strings.IndexByte(s, narrow), strings.Index(s, wide)
	if i < 0 || j >= 0 && j < i {
		return j
	}
	return i
}

// withoutPlace leaves out the place, or 集团, that stands in brackets in a
// Chinese company's name: 某某（上海）有限公司. A branch in brackets stays.
func withoutPlace(s string) string {
	i, j := firstOf(s, '(', "（"), firstOf(s, ')', "）")
	if i <= 0 || j <= i {
		return s
	}
	if !standardize.HasHan(s) {
		return s
	}
	inside := strings.TrimLeft(s[i:j], "(（")
	if utf8.RuneCountInString(inside) > 4 || strings.ContainsAny(inside, "分店部处厂") {
		return s
	}
	return s[:i] + strings.TrimLeft(s[j:], ")）")
}

// Level compares two organisations.
func (c *organisation) Level(a, b Packed) uint8 {
	if a == "" || b == "" {
		return Missing
	}
	if a == b {
		return orgExact
	}
	var one, other company
	one.read(a)
	other.read(b)
	x, y := &one, &other
	if x.whole == y.whole {
		return orgExact
	}
	if x.whole > y.whole {
		x, y = y, x
	}
	least := min(x.joined.runes, y.joined.runes)
	if x.branch != y.branch || x.branch {
		if x.branch != y.branch && x.joined.text == y.joined.text || strings.HasPrefix(x.joined.text, y.joined.text) || strings.HasPrefix(y.joined.text, x.joined.text) {
			return orgBranch
		}
	} else if x.joined.text == y.joined.text {
		return orgSame
	}
	o := compareBags(&x.bag, &y.bag)
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
	first, _, _ := strings.Cut(x.brand, " ")
	return y.sound != "" && x.sound == "" && len(first) >= 5 && strings.HasPrefix(y.sound, first)
}

// Keys returns the brand, its first letters, its rarest words and their pairs,
// its beginning as it is read, and its initials.
func (c *organisation) Keys(dst []Key, v Packed, _ uint32) []Key {
	if v == "" {
		return dst
	}
	var k company
	k.read(v)
	dst = append(dst, Key{0, hash(0, k.joined.text)}, Key{1, hash(1, prefix(k.joined.text, 5))})
	first, _, _ := strings.Cut(k.brand, " ")
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
	return bagKeys(dst, &k.bag, 2, 3)
}
