package column

import "unicode/utf8"

// The brief of a whole name is a word for the family name and one for the
// given name: the kinds of letters that it has, how many letters, the first,
// how it sounds, the families of names that it is of, and marks. Of a name in
// characters the letters are those of its reading, and what follows their
// number tells of the characters. The third word has the letters of the given
// name's first word, and the words of both.
const (
	partLength  = letterKinds // 5 bits
	partFirst   = 31          // 5 bits
	partSound   = 36          // 12 bits
	partClasses = 48          // 12 bits
	partInitial = 1 << 61
	partSeveral = 1 << 62
	partHan     = 1 << 63

	partSigns = partFirst // 17 bits
	signKinds = 17

	wordsGiven  = 31 // 16 bits
	wordsFamily = 47 // 16 bits
	wordKinds   = 16

	// longPart is a length from which on it isn't known.
	longPart = 31
)

// partBrief is the word of a part of a name, and what the third word tells.
type partBrief struct {
	part, lead uint64
	words      uint64
}

// brief returns the word of a part of a name, and a bit for each of its words.
func (p *person) brief(classes Packed) (part, words uint64) {
	if p.lengths != "" {
		part |= partSeveral
	}
	if initialled(p) {
		part |= partInitial
	}
	for i := 0; i < len(classes); i += 2 {
		part |= 1 << (partClasses + classes.get16(i)%12)
	}
	var room [maxWords]string
	for _, w := range p.split(&room) {
		words |= 1 << (hash(0, w) % wordKinds)
	}
	if p.han {
		part |= partHan | lengthAndLetters(p.pinyin)
		for _, r := range p.whole.text {
			part |= 1 << (partSigns + uint32(r)*0x9E3779B1>>16%signKinds)
		}
		return part, words
	}
	first, _ := utf8.DecodeRuneInString(p.whole.text)
	part |= lengthAndLetters(p.whole.text) | uint64(kindOf(first))<<partFirst
	return part | mix(uint64(p.sound))&(1<<12-1)<<partSound, words
}

// lengthAndLetters returns the kinds of letters of a text and their number.
func lengthAndLetters(s string) uint64 {
	return kindsOf(s) | uint64(min(utf8.RuneCountInString(s), longPart))<<partLength
}

func (p partBrief) is(mark uint64) bool { return p.part&mark != 0 }
func (p partBrief) bag() uint64         { return cut(p.part, 0, letterKinds) }
func (p partBrief) length() int         { return int(cut(p.part, partLength, 5)) }

// resembles reports whether two parts of names may be nearly the same letters,
// a part or the initials of each other, of one family, or read alike.
func (p partBrief) resembles(q partBrief) bool {
	if p.is(partHan) != q.is(partHan) {
		if p.is(partHan) {
			p, q = q, p
		}
		// Initials are fewer than letters; a reading may have a slip.
		return p.length() <= 8 && lacking(p.bag(), q.bag()) == 0 || p.is(partInitial) || cut(p.part&q.part, partClasses, 12) != 0 ||
			maySlip(p.length(), q.length(), p.bag(), q.bag()) || p.length() == longPart
	}
	if p.is(partHan) {
		return p.part&(1<<partFirst-1) == q.part&(1<<partFirst-1) || cut(p.part&q.part, partSigns, signKinds) != 0
	}
	if p.is(partInitial) || q.is(partInitial) || p.length() == longPart || q.length() == longPart || cut(p.part&q.part, partClasses, 12) != 0 {
		return true
	}
	la, lb := p.length(), q.length()
	if (p.is(partSeveral) || q.is(partSeveral)) && (p.words&q.words != 0 || min(la, lb) <= maxWords && holds(p.bag(), q.bag())) {
		return true
	}
	return maySlip(la, lb, p.bag(), q.bag()) || mayAlike(la, lb, p.bag(), q.bag(), p.begins(q), 0.88)
}

// begins reports whether two parts in letters may begin with the same one.
func (p partBrief) begins(q partBrief) bool { return cut(p.part^q.part, partFirst, 5) == 0 }

// similar reports whether two given names may be alike by their first words.
func (p partBrief) similar(q partBrief) bool {
	if p.is(partHan) || q.is(partHan) {
		return false // what counts there, resembles has
	}
	if cut(p.part^q.part, partSound, 12) == 0 {
		return true
	}
	la, lb := int(cut(p.lead, letterKinds, 5)), int(cut(q.lead, letterKinds, 5))
	return la == longPart || lb == longPart || mayAlike(la, lb, cut(p.lead, 0, letterKinds), cut(q.lead, 0, letterKinds), p.begins(q), 0.8)
}

// BriefWords is three: the family name, the given name, and their words.
func (c *fullName) BriefWords() int { return 3 }

// Brief tells of a name that has both parts.
func (c *fullName) Brief(dst []uint64, v Packed) {
	if dst[0] = 0; v[0] != humanGiven|humanFamily {
		return
	}
	var h human
	h.read(v)
	var family, given uint64
	dst[0], family = h.family.brief(h.family.surnames)
	classes := h.given.given
	if h.given.han {
		classes = h.given.surnames
	}
	dst[1], given = h.given.brief(classes)
	dst[2] = lengthAndLetters(h.given.first()) | given<<wordsGiven | family<<wordsFamily
}

// Bound tells whether two names may share a part, or be alike.
func (c *fullName) Bound(a, b []uint64) (level uint8, sure bool) {
	if a[0] == 0 || b[0] == 0 {
		return Missing, false
	}
	xf, xg := partBrief{a[0], 0, cut(a[2], wordsFamily, wordKinds)}, partBrief{a[1], a[2], cut(a[2], wordsGiven, wordKinds)}
	yf, yg := partBrief{b[0], 0, cut(b[2], wordsFamily, wordKinds)}, partBrief{b[1], b[2], cut(b[2], wordsGiven, wordKinds)}
	x, y := xf.bag()|xg.bag(), yf.bag()|yg.bag()
	family, given := xf.resembles(yf), xg.resembles(yg) || xg.similar(yg)
	switch {
	case x == y, family && given, xf.resembles(yg) && xg.resembles(yf):
		return fullExact, false
	case (a[0]|a[1]|b[0]|b[1])&partSeveral != 0 && (xf.words|xg.words)&(yf.words|yg.words) != 0:
		return fullPart, false
	case family:
		return fullFamily, false
	case given:
		return fullGiven, false
	}
	la, lb := xf.length()+xg.length(), yf.length()+yg.length()
	if (a[0]|a[1]|b[0]|b[1])&partHan != 0 || min(la, lb) >= 6 && mayAlike(la, lb, x, y, xg.begins(yg), 0.87) {
		return fullSimilar, false
	}
	return fullDifferent, true
}
