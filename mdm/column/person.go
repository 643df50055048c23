package column

import (
	"slices"
	"strings"

	"crmhub/mdm/standardize"
)

// maxWords is how many words of a name or address are compared.
const maxWords = 8

// titles stand around a name and are no part of it.
var titles = wordsOf(`mr mrs ms miss mx dr prof professor sir lady lord dame rev reverend hon capt captain col colonel maj major gen general admiral adm lt lieutenant sgt sergeant cpl pte fr father sister brother rabbi imam sheikh
	jr jnr junior sr snr senior ii iii iv esq esquire phd md mba cpa obe mbe cbe kcb qc kc mp bt bart baronet dds dvm rn herr frau monsieur madame mme mlle señor senor senora don dona doña dipl ing mag 1st 2nd 3rd 4th 5th 6th 7th 8th 9th 10th 11th 12th 13th 14th 15th 16th 17th 18th graf freiherr comte comtesse conte contessa
	earl duke duchess baron baroness viscount viscountess countess marquess marquis`)

// addressed are the titles that nobody is called by alone.
var addressed = set(`mr mrs ms miss mx dr prof professor sir lady lord dame rev reverend hon herr frau monsieur madame mme mlle jr jnr sr snr esq phd md 1st 2nd 3rd 4th 5th 6th 7th 8th 9th 10th 11th 12th 13th 14th 15th 16th 17th 18th`)

// particles are words of a family name that may be left out.
var particles = set(`van von der den de la le du del della di da do dos das ter ten te bin ibn binti al el of zu zur af av y e o san santa mac mc st`)

// set returns the words of a text as a set.
func set(s string) map[string]bool {
	m := map[string]bool{}
	for w := range strings.FieldsSeq(s) {
		m[w] = true
	}
	return m
}

// wordSet is a set of words in which most others are missed at a glance.
type wordSet struct {
	words map[string]bool
	// lengths tells how long the words are that begin with a byte: bit n is set
	// for n bytes, the last for all that are longer.
	lengths [256]uint32
}

// wordsOf returns the words of a text as a set.
func wordsOf(s string) *wordSet {
	m := &wordSet{words: set(s)}
	for w := range m.words {
		m.lengths[w[0]] |= 1 << min(len(w), 31)
	}
	return m
}

// has reports whether a word, which isn't empty, is in the set.
func (m *wordSet) has(w string) bool { return m.lengths[w[0]]>>min(len(w), 31)&1 == 1 && m.words[w] }

// appendFields appends the words of a folded text, which has but single spaces
// between them.
func appendFields(out []string, f string) []string {
	for f != "" {
		i := strings.IndexByte(f, ' ')
		if i < 0 {
			return append(out, f)
		}
		if i > 0 {
			out = append(out, f[:i])
		}
		f = f[i+1:]
	}
	return out
}

// beforeBrackets returns what stands before the first bracket of a text.
func beforeBrackets(s string) string {
	for i := 0; i < len(s); i++ {
		if c := s[i]; c == '(' || c == '[' || c == 0xEF && strings.HasPrefix(s[i:], "（") {
			if i > 0 {
				return s[:i]
			}
			return s
		}
	}
	return s
}

// nameText returns the words of a name folded, without what stands in
// brackets and without titles.
func nameText(s string) []string {
	s = beforeBrackets(s)
	if standardize.HasHan(s) {
		s = standardize.PersonName(s)
	}
	var room [2 * maxWords]string
	all := appendFields(room[:0], clip(standardize.Fold(s)))
	words := make([]string, 0, len(all))
	for _, w := range all {
		if !titles.has(w) {
			words = append(words, w)
		}
	}
	if len(words) == 0 {
		for _, w := range all {
			if !addressed[w] { // Earl and Major are names too
				words = append(words, w)
			}
		}
	}
	return words[:min(len(words), maxWords)]
}

// given compares given and middle names.
type given struct{ namesake }

// The levels of given names.
const (
	givenExact    = iota + 1
	givenNear     // one slip of the keys
	givenNickname // Bill, William
	givenSound    // pinyin and characters, or characters of one sound
	givenPart     // one is a part of the other: Anna, Anna Maria
	givenInitial  // J, John
	givenClose    // two slips, or nearly the same letters
	givenSimilar  // half the characters, or the same sound
	givenDifferent
)

func newGiven(k Kind) *given {
	return &given{namesake{base{k, []string{"exact", "near", "nickname", "sound", "part", "initial", "close", "similar", "different"}, namePredicates}}}
}

// Append takes a given name apart.
func (g *given) Append(dst []byte, text string) []byte { return appendPart(dst, text, false) }

// Level compares two given names.
func (g *given) Level(a, b Packed) uint8 {
	switch {
	case a == "" || b == "":
		return Missing
	case a == b:
		return givenExact
	}
	p, q := partOf(a), partOf(b)
	if p.whole.text == q.whole.text {
		return givenExact
	}
	return givenLevel(&p, &q)
}

func givenLevel(p, q *person) uint8 {
	if p.han || q.han {
		return hanGiven(p, q)
	}
	least := min(p.whole.runes, q.whole.runes)
	switch {
	case p.whole.text == q.whole.text:
		return givenExact
	case least >= 4 && slips(&p.whole, &q.whole, 1):
		return givenNear
	case commonWord(p, q):
		return givenPart
	case share(p.given, q.given):
		return givenNickname
	case least == 1 || initialled(p) || initialled(q):
		if sameFirst(p.whole.text, q.whole.text) {
			return givenInitial
		}
		return givenDifferent
	case initialFits(p, q):
		return givenInitial
	case least >= 6 && slips(&p.whole, &q.whole, 2), least >= 3 && alike(&p.whole, &q.whole, 0.88):
		return givenClose
	}
	x, y := p.leading(), q.leading()
	if min(x.runes, y.runes) >= 3 && (alike(&x, &y, 0.8) || p.sound != 0 && p.sound == q.sound) {
		return givenSimilar
	}
	return givenDifferent
}

// leading returns how the first word of a name is spelled.
func (p *person) leading() spelling {
	if p.lengths == "" {
		return p.whole
	}
	return spell(p.first())
}

// hanGiven compares given names of which one at least is in characters.
func hanGiven(p, q *person) uint8 {
	if !p.han {
		p, q = q, p
	}
	switch {
	case !q.han && p.pinyin == q.whole.text, q.han && p.pinyin == q.pinyin:
		return givenSound
	case !q.han && hanInitials(p.whole.text, q.whole.text):
		return givenInitial
	case !q.han:
		if q.whole.runes >= 4 {
			if read := spell(p.pinyin); slips(&read, &q.whole, 1) {
				return givenClose // 涓茹, Junru
			}
		}
		return givenDifferent
	case p.whole.runes >= 2 && q.whole.runes >= 2 && commonRunes(p.whole.text, q.whole.text)*2 >= int(max(p.whole.runes, q.whole.runes)):
		return givenSimilar
	case p.whole.runes != q.whole.runes && (strings.Contains(p.whole.text, q.whole.text) || strings.Contains(q.whole.text, p.whole.text)):
		return givenPart
	}
	return givenDifferent
}

// hanInitials reports whether a Latin word is the initials of characters: 小明 and xm.
func hanInitials(han, latin string) bool {
	i := 0
	for _, r := range han {
		p := standardize.Pinyin(r)
		if i < len(latin) && p != "" && p[0] == latin[i] {
			i++
			continue
		}
		return i > 0 && i == len(latin)
	}
	return i == len(latin)
}

// commonRunes counts the letters of a that b has at the same place or, where
// the lengths differ, anywhere.
func commonRunes(a, b string) int {
	n := 0
	if len(a) == len(b) {
		rest := b
		for _, r := range a {
			if strings.HasPrefix(rest, string(r)) {
				n++
			}
			_, size := firstRune(rest)
			rest = rest[size:]
		}
		return n
	}
	for _, r := range a {
		if strings.ContainsRune(b, r) {
			n++
		}
	}
	return n
}

// commonWord reports whether two names share a word that is more than an initial.
func commonWord(p, q *person) bool {
	if p.lengths == "" && q.lengths == "" {
		return false
	}
	var one, other [maxWords]string
	for _, w := range p.split(&one) {
		if slices.Contains(q.split(&other), w) && several(w) {
			return true
		}
	}
	return false
}

// initialled reports whether a name is nothing but initials.
func initialled(p *person) bool {
	if p.lengths == "" {
		return p.whole.runes <= 1
	}
	var room [maxWords]string
	return !slices.ContainsFunc(p.split(&room), several)
}

// initialFits reports whether one name is the initials of the other's words in
// one word: jp, jean paul.
func initialFits(p, q *person) bool {
	if p.lengths == "" {
		p, q = q, p
	}
	if q.lengths != "" || p.lengths == "" || int(q.whole.runes) != p.words() {
		return false
	}
	var room [maxWords]string
	rest := q.whole.text
	for _, w := range p.split(&room) {
		if !sameFirst(w, rest) {
			return false
		}
		_, n := firstRune(rest)
		rest = rest[n:]
	}
	return true
}

// family compares family names.
type family struct{ namesake }

// The levels of family names.
const (
	familyExact   = iota + 1
	familyNear    // one slip of the keys
	familySound   // written otherwise: 陈, Chen, Chan
	familyPart    // one is a part of the other: Smith, Smith-Jones; Berg, van den Berg
	familyClose   // two slips, or nearly the same letters
	familySimilar // alike, or the same sound
	familyInitial // S, Smith
	familyDifferent
)

func newFamily() *family {
	return &family{namesake{base{FamilyName, []string{"exact", "near", "sound", "part", "close", "similar", "initial", "different"}, namePredicates}}}
}

// Append takes a family name apart.
func (f *family) Append(dst []byte, text string) []byte { return appendPart(dst, text, true) }

// Level compares two family names.
func (f *family) Level(a, b Packed) uint8 {
	switch {
	case a == "" || b == "":
		return Missing
	case a == b:
		return familyExact
	}
	p, q := partOf(a), partOf(b)
	return familyLevel(&p, &q)
}

func familyLevel(p, q *person) uint8 {
	least := min(p.whole.runes, q.whole.runes)
	switch {
	case p.whole.text == q.whole.text:
		return familyExact
	case p.han || q.han:
		return hanFamily(p, q)
	case least >= 4 && slips(&p.whole, &q.whole, 1):
		return familyNear
	case share(p.surnames, q.surnames):
		return familySound
	case commonFamilyWord(p, q):
		return familyPart
	case least == 1:
		if sameFirst(p.whole.text, q.whole.text) {
			return familyInitial
		}
		return familyDifferent
	case least >= 6 && slips(&p.whole, &q.whole, 2), least >= 3 && alike(&p.whole, &q.whole, 0.88):
		return familyClose
	case least >= 3 && (alike(&p.whole, &q.whole, 0.8) || p.sound != 0 && p.sound == q.sound && p.lengths == "" && q.lengths == ""):
		return familySimilar
	}
	return familyDifferent
}

func hanFamily(p, q *person) uint8 {
	if !p.han {
		p, q = q, p
	}
	switch {
	case q.han && p.pinyin == q.pinyin, !q.han && (p.pinyin == q.whole.text || share(p.surnames, q.surnames)):
		return familySound
	case q.han && (strings.Contains(p.whole.text, q.whole.text) || strings.Contains(q.whole.text, p.whole.text)):
		return familyPart
	case !q.han && len(q.whole.text) == 1 && strings.HasPrefix(p.pinyin, q.whole.text):
		return familyInitial
	}
	return familyDifferent
}

// commonFamilyWord reports whether two family names share a word that is no particle.
func commonFamilyWord(p, q *person) bool {
	if p.lengths == "" && q.lengths == "" {
		return false
	}
	var one, other [maxWords]string
	for _, w := range p.split(&one) {
		if len(w) >= 3 && slices.Contains(q.split(&other), w) && !particles[w] {
			return true
		}
	}
	return false
}
