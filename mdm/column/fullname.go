package column

import (
	"slices"
	"strings"

	"crmhub/mdm/compare"
	"crmhub/mdm/standardize"
)

// fullName compares whole names of people.
type fullName struct {
	base
	// parts says which columns its tuples are of; nil for one column.
	parts []Kind
}

// The levels of whole names.
const (
	fullExact     = iota + 1
	fullReordered // the same words in another order
	fullMiddle    // one side has a middle name that the other lacks or shortens
	fullNickname  // the family name, and a nickname
	fullNear      // but for a slip of the keys in each part
	fullSound     // written otherwise: 张伟, Zhang Wei; Chan, Chen
	fullInitial   // the family name, and the given name's initial
	fullPart      // the given name and a part of the family name, or all words of the shorter name
	fullClose     // both parts nearly
	fullSwapped   // both parts nearly, in another order
	fullWord      // one side is one word, which the other has
	fullFamily    // the family name, another given name
	fullGiven     // the given name, another family name
	fullSimilar   // nearly the same letters
	fullDifferent
)

func newFullName(parts []Kind) *fullName {
	return &fullName{base{FullName, []string{"exact", "reordered", "middle", "nickname", "near", "sound", "initial", "part", "close", "swapped", "word", "family", "given", "similar", "different"}, []string{"exact", "family", "family_sound", "family_prefix_initial", "given_family_initial", "pinyin", "token_pair", "deletion", "token"}}, parts}
}

// Append takes a name apart.
func (c *fullName) Append(dst []byte, text string) []byte {
	given, family := splitName(clean(text))
	return appendHuman(dst, given, family)
}

// splitName returns the words of the given and family names of a whole name,
// as likely.
func splitName(s string) (given, family []string) {
	if s == "" {
		return nil, nil
	}
	if standardize.HasHan(s) {
		han := strings.Join(nameText(s), "")
		if f, g, ok := standardize.SplitHan(han); ok {
			return []string{g}, []string{f}
		}
		return nil, []string{han}
	}
	s = beforeBrackets(s)
	if before, after, found := strings.Cut(s, ","); found {
		f, g := nameText(before), nameText(after)
		if len(f) > 0 && len(g) > 0 && !titles.has(g[0]) {
			return g, f
		}
		s = before
	}
	w := nameText(s)
	switch {
	case len(w) == 0:
		return nil, nil
	case len(w) == 1:
		return nil, w
	case pinyinFirst(w):
		return w[1:], w[:1]
	}
	last := len(w) - 1
	// Of Jane Smith-Jones, both words behind are the family name.
	if i := strings.LastIndexByte(strings.TrimSpace(s), ' '); strings.IndexByte(s[i+1:], '-') > 0 {
		last = max(len(w)-len(nameText(s[i+1:])), 1)
	}
	for last > 1 && particles[w[last-1]] {
		last--
	}
	return w[:last], w[last:]
}

// pinyinFirst reports whether a Latin name is a Chinese one with the surname
// in front: Wang Xiao Ming, and not Xiao Ming Wang.
func pinyinFirst(w []string) bool {
	_, first := compare.NameClasses(w[0])
	_, last := compare.NameClasses(w[len(w)-1])
	if len(first) == 0 || len(last) > 0 || len(w) > 3 {
		return false
	}
	for _, s := range w[1:] {
		if len(s) > 1 && !syllables(s, 3) {
			return false
		}
	}
	return true
}

// syllables reports whether a word is one to left syllables of pinyin.
func syllables(w string, left int) bool {
	if w == "" {
		return true
	}
	if left == 0 {
		return false
	}
	for n := min(6, len(w)); n > 0; n-- {
		if standardize.Syllable(w[:n]) && syllables(w[n:], left-1) {
			return true
		}
	}
	return false
}

// AppendText appends the words of the name.
func (c *fullName) AppendText(dst []byte, v Packed) []byte {
	if v == "" {
		return dst
	}
	var h human
	h.read(v)
	var w nameWords
	for i, s := range h.words(&w) {
		if i > 0 {
			dst = append(dst, ' ')
		}
		dst = append(dst, s...)
	}
	return dst
}

// Level compares two names.
func (c *fullName) Level(a, b Packed) uint8 {
	if a == "" || b == "" {
		return Missing
	}
	whole := c.parts == nil || a[0] == humanGiven|humanFamily || b[0] == humanGiven|humanFamily
	if whole && a == b {
		return fullExact
	}
	var x, y human
	x.read(a)
	y.read(b)
	if !whole {
		// Of two names in parts that lack the other part, even equal ones say
		// little: Emily and Emily.
		return max(oneWord(&x, &y), fullWord)
	}
	if sameWriting(&x, &y) {
		return fullExact
	}
	return humans(&x, &y)
}

func humans(x, y *human) uint8 {
	if x.joined.signature == y.joined.signature && (sameInAnyOrder(x, y) || x.joined.text == y.joined.text || len(x.joined.text) == len(y.joined.text) && (joinedSwapped(x, y) || joinedSwapped(y, x))) {
		return fullReordered
	}
	if !x.hasGiven || !x.hasFamily || !y.hasGiven || !y.hasFamily {
		return oneWord(x, y)
	}
	f, g := familyLevel(&x.family, &y.family), givenLevel(&x.given, &y.given)
	straight := combine(f, g, x, y)
	if straight <= fullPart {
		return straight
	}
	// The other order: the family name of each against the given name of the other.
	across, back := familyLevel(&x.family, &y.given), familyLevel(&x.given, &y.family)
	switch {
	case across == familyExact && back == familyExact:
		return fullReordered
	case across <= familySound && back <= familySound:
		if across == familySound || back == familySound {
			return fullSound
		}
		return fullSwapped
	case across <= familyClose && back <= familyClose, across <= familyNear && back == familyInitial, across == familyInitial && back <= familyNear:
		return min(straight, fullSwapped)
	}
	if subset(x, y) || subset(y, x) {
		return fullPart // María García, María García López
	}
	if straight < fullDifferent {
		return straight
	}
	if min(x.joined.runes, y.joined.runes) >= 6 && alike(&x.joined, &y.joined, 0.87) {
		return fullSimilar
	}
	return fullDifferent
}

// combine judges the levels of the parts of two names together.
func combine(f, g uint8, x, y *human) uint8 {
	middle := x.given.words() != y.given.words()
	switch {
	case f == familyExact && g == givenExact:
		return fullReordered // another spacing
	case f == familyExact && g == givenPart:
		return fullMiddle
	case f == familyExact && (g == givenInitial || g == givenNickname) && middle && x.given.first() == y.given.first():
		return fullMiddle
	case f <= familyNear && g == givenNickname:
		return fullNickname
	case f <= familyNear && g == givenNear, f == familyNear && g == givenExact:
		return fullNear
	case f <= familySound && (g == givenExact || g == givenSound):
		return fullSound
	case f <= familySound && g == givenInitial:
		return fullInitial
	case f == familyPart && g <= givenSound:
		return fullPart
	case f <= familyClose && g <= givenClose, f <= familySound && g == givenSimilar:
		return fullClose
	case f <= familySound:
		return fullFamily
	case g <= givenSound:
		return fullGiven
	}
	return fullDifferent
}

// oneWord compares names of which one lacks a part.
func oneWord(x, y *human) uint8 {
	if x.count() == 1 && y.count() == 1 {
		p, q := x.any(), y.any()
		switch l := familyLevel(p, q); {
		case l == familyExact:
			return fullReordered
		case l == familyNear:
			return fullNear
		case l == familySound:
			return fullSound
		case l == familyClose:
			return fullClose
		case l == familySimilar:
			return fullSimilar
		}
		return fullDifferent
	}
	if y.count() == 1 {
		x, y = y, x
	}
	if x.count() == 1 && hasWord(y, x.any()) || commonNameWord(x, y) {
		return fullWord
	}
	if min(x.joined.runes, y.joined.runes) >= 5 && alike(&x.joined, &y.joined, 0.87) {
		return fullSimilar
	}
	return fullDifferent
}

// Keys returns the name's words in any order, the family name, its sound, its
// first letters with the given name's initial, the given name with the family
// name's initial, the reading, the pairs of its words, its neighbourhood, and
// its words.
func (c *fullName) Keys(dst []Key, v Packed, want uint32) []Key {
	if v == "" {
		return dst
	}
	var h human
	h.read(v)
	var room nameWords
	var words []string
	if want&(1<<0|1<<6|1<<8) != 0 {
		words = h.words(&room)
		slices.Sort(words)
		all := seed(0)
		for i, w := range words {
			if i > 0 {
				all = fnv(all, " ")
			}
			all = fnv(all, w)
		}
		dst = append(dst, Key{0, mix(all)})
	}
	f, g := &h.family, &h.given
	if h.hasFamily {
		dst = classKeys(append(dst, Key{1, hash(1, f.whole.text)}), 2, 2, f.surnames)
		if f.sound != 0 {
			dst = append(dst, Key{2, mix(uint64(f.sound) + 3<<32)})
		}
	}
	if h.hasFamily && h.hasGiven {
		dst = append(dst, Key{3, hashParts(3, prefix(f.whole.text, 3), prefix(g.whole.text, 1))}, Key{4, hashParts(4, g.first(), prefix(f.whole.text, 1))})
		dst = append(dst, Key{5, hashParts(5, reading(f), reading(g))})
	}
	for i, w := range words {
		dst = appendKey(dst, Key{8, hash(8, w)})
		for j := range i {
			if len(words) <= 5 && want>>6&1 == 1 {
				dst = appendKey(dst, Key{6, mix(fnv(fnv(fnv(seed(6), words[j]), " "), w))})
			}
		}
	}
	return deletions(dst, 7, h.joined.text, want)
}

// reading returns how a name is read in Latin letters.
func reading(p *person) string {
	if p.han {
		return p.pinyin
	}
	return p.whole.text
}
