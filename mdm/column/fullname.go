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
	// givens and families are the parts of names, which many names share;
	// known are the words of given and family names as columns hold them.
	givens, families *shared[*person]
	known            *shared[[]string]
	numbers          *numbers
	// asGiven and asFamily are levels of pairs of parts.
	asGiven, asFamily *cache
}

// human is a person's whole name, taken apart; the order of its words may be
// anyone's guess.
type human struct {
	given, family *person
	// words are all words, sorted, bits the bloom of them; joined is the name
	// without spaces.
	words  []string
	bits   uint64
	joined spelling
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
	return &fullName{base{FullName, []string{"exact", "reordered", "middle", "nickname", "near", "sound", "initial", "part", "close", "swapped", "word", "family", "given", "similar", "different"}, []string{"exact", "family", "family_sound", "family_prefix_initial", "given_family_initial", "pinyin", "token_pair", "deletion", "token"}}, parts, &shared[*person]{}, &shared[*person]{}, &shared[[]string]{}, &numbers{}, &cache{}, &cache{}}
}

// Value takes a name apart.
func (c *fullName) Value(text string) Value {
	given, family := splitName(clean(text))
	return c.human(given, family)
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
	if i := strings.IndexAny(s, "(（["); i > 0 {
		s = s[:i]
	}
	if before, after, found := strings.Cut(s, ","); found {
		f, g := nameText(before), nameText(after)
		if len(f) > 0 && len(g) > 0 && !titles[g[0]] {
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

// human returns the features of a name. Its parts are shared with others.
func (c *fullName) human(given, family []string) Value {
	g, f := c.part(c.givens, given, false), c.part(c.families, family, true)
	if g == nil && f == nil {
		return Value{}
	}
	h := &human{given: g, family: f, words: make([]string, 0, len(given)+len(family))}
	for _, p := range [...]*person{g, f} {
		if p != nil {
			for i := range p.words {
				h.words = append(h.words, p.words[i].text)
			}
		}
	}
	text := strings.Join(h.words, " ")
	joined := text
	if len(h.words) > 1 {
		joined = strings.Join(h.words, "")
	}
	slices.Sort(h.words)
	for _, w := range h.words {
		h.bits |= bloom(w)
	}
	h.joined = spell(joined)
	n := h.joined.runes + int32(len(h.words)-1)
	return Value{Text: text, signature: h.joined.signature, runes: n, parts: h}
}

// part returns a part of a name, nil of no words.
func (c *fullName) part(s *shared[*person], words []string, family bool) *person {
	if len(words) == 0 {
		return nil
	}
	return s.get(strings.Join(words, " "), func(text string) *person {
		p := newPerson(strings.Split(text, " "), family)
		p.number = c.numbers.next()
		return p
	})
}

// family is familyLevel of parts that may have been compared before.
func (c *fullName) family(p, q *person) uint8 {
	if p.whole.text == q.whole.text {
		return familyExact
	}
	return c.asFamily.level(p.number, q.number, func() uint8 { return familyLevel(p, q) })
}

// given is givenLevel of parts that may have been compared before.
func (c *fullName) given(p, q *person) uint8 {
	if p == q {
		return givenLevel(p, q)
	}
	return c.asGiven.level(p.number, q.number, func() uint8 { return givenLevel(p, q) })
}

// Level compares two names.
func (c *fullName) Level(a, b *Value) uint8 {
	if a.Text == "" || b.Text == "" {
		return Missing
	}
	x, y := a.parts.(*human), b.parts.(*human)
	if c.parts != nil && x.half() && y.half() {
		// Of two names in parts that lack the other part, even equal ones say
		// little: Emily and Emily.
		if l := c.oneWord(x, y); l > fullWord {
			return l
		}
		return fullWord
	}
	if a.Text == b.Text {
		return fullExact
	}
	return c.humans(x, y)
}

// half reports whether a name lacks the given or the family name.
func (h *human) half() bool { return h.given == nil || h.family == nil }

func (c *fullName) humans(x, y *human) uint8 {
	if x.joined.signature == y.joined.signature && (x.bits == y.bits && slices.Equal(x.words, y.words) || x.joined.text == y.joined.text || len(x.joined.text) == len(y.joined.text) && (joinedSwapped(x, y) || joinedSwapped(y, x))) {
		return fullReordered
	}
	if x.given == nil || x.family == nil || y.given == nil || y.family == nil {
		return c.oneWord(x, y)
	}
	f, g := c.family(x.family, y.family), c.given(x.given, y.given)
	straight := combine(f, g, x, y)
	if straight <= fullPart {
		return straight
	}
	// The other order: the family name of each against the given name of the other.
	across, back := c.family(x.family, y.given), c.family(x.given, y.family)
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
	if x.bits&^y.bits == 0 && subset(x.words, y.words) || y.bits&^x.bits == 0 && subset(y.words, x.words) {
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

// subset reports whether all words of p, two at least, are among those of q.
func subset(p, q []string) bool {
	if len(p) < 2 || len(p) >= len(q) {
		return false
	}
	for _, w := range p {
		if !slices.Contains(q, w) {
			return false
		}
	}
	return true
}

// joinedSwapped reports whether two names are the same but that the one has
// the family name in front.
func joinedSwapped(x, y *human) bool {
	if x.given == nil || x.family == nil {
		return false
	}
	g, f, j := x.given.whole.text, x.family.whole.text, y.joined.text
	return strings.HasPrefix(j, f) && j[len(f):] == g
}

// combine judges the levels of the parts of two names together.
func combine(f, g uint8, x, y *human) uint8 {
	middle := len(x.given.words) != len(y.given.words)
	switch {
	case f == familyExact && g == givenExact:
		return fullReordered // another spacing
	case f == familyExact && g == givenPart:
		return fullMiddle
	case f == familyExact && (g == givenInitial || g == givenNickname) && middle && x.given.words[0].text == y.given.words[0].text:
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
func (c *fullName) oneWord(x, y *human) uint8 {
	if len(x.words) == 1 && len(y.words) == 1 {
		p, q := x.any(), y.any()
		switch l := c.family(p, q); {
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
	if len(y.words) == 1 {
		x, y = y, x
	}
	if len(x.words) == 1 && hasWord(y, x.any()) || slices.ContainsFunc(x.words, func(w string) bool { return len(w) > 1 && slices.Contains(y.words, w) }) {
		return fullWord
	}
	if min(x.joined.runes, y.joined.runes) >= 5 && alike(&x.joined, &y.joined, 0.87) {
		return fullSimilar
	}
	return fullDifferent
}

// hasWord reports whether a name has a word, but for a slip of the keys.
func hasWord(h *human, one *person) bool {
	for _, p := range [...]*person{h.given, h.family} {
		if p == nil {
			continue
		}
		for i := range p.words {
			w := &p.words[i].spelling
			if w.text == one.whole.text && w.runes > 1 || min(w.runes, one.whole.runes) >= 5 && slips(w, &one.whole, 1) {
				return true
			}
		}
	}
	return false
}

// any returns the part that a name of one part has.
func (h *human) any() *person {
	if h.family != nil {
		return h.family
	}
	return h.given
}

// Keys returns the name's words in any order, the family name, its sound, its
// first letters with the given name's initial, the given name with the family
// name's initial, the reading, the pairs of its words, its neighbourhood, and
// its words.
func (c *fullName) Keys(dst []Key, v *Value) []Key {
	if v.Text == "" {
		return dst
	}
	h := v.parts.(*human)
	dst = append(dst, Key{0, hash(0, strings.Join(h.words, " "))})
	f, g := h.family, h.given
	if f != nil {
		dst = append(dst, Key{1, hash(1, f.whole.text)})
		for _, class := range f.classes {
			dst = append(dst, Key{2, mix(uint64(class) + 2<<32)})
		}
		if s := f.words[0].sound; s != 0 {
			dst = append(dst, Key{2, mix(uint64(s) + 3<<32)})
		}
	}
	if f != nil && g != nil {
		dst = append(dst, Key{3, hashParts(3, prefix(f.whole.text, 3), prefix(g.whole.text, 1))}, Key{4, hashParts(4, g.words[0].text, prefix(f.whole.text, 1))})
		dst = append(dst, Key{5, hashParts(5, reading(f), reading(g))})
	}
	for i, w := range h.words {
		dst = appendKey(dst, Key{8, hash(8, w)})
		for j := range i {
			if len(h.words) <= 5 {
				dst = appendKey(dst, Key{6, hashParts(6, h.words[j]+" ", w)})
			}
		}
	}
	return deletions(dst, 7, h.joined.text)
}

// reading returns how a name is read in Latin letters.
func reading(p *person) string {
	if p.han {
		return p.pinyin
	}
	return p.whole.text
}
