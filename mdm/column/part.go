package column

import (
	"strings"

	"crmhub/mdm/compare"
	"crmhub/mdm/standardize"
)

// person is a name, or a part of one, taken apart.
type person struct {
	// whole are all words in one.
	whole spelling
	// lengths are those of the words, where there are several.
	lengths Packed
	han     bool
	// sound is that of the first word.
	sound uint32
	// pinyin is the reading of a name in characters.
	pinyin string
	// surnames are the Chinese surnames that a family name, or a name in
	// characters, is a way to write; given the families of given names that the
	// first word of a given name is of.
	surnames, given Packed
}

// Before the text of a packed part of a name stand its signature, its sound,
// the lengths of text and reading, its number of letters, and how many words,
// surnames and families of given names there are; then the lengths of the
// words, where there are several, the surnames and the families.
const (
	personSound    = 8
	personLengths  = 12
	personRunes    = 16
	personWords    = 18
	personHan      = 19
	personSurnames = 20
	personGiven    = 21
	personHead     = 22
)

// appendPerson appends the head of the words of a name, one at least, and
// returns its text and reading, which stand behind.
func appendPerson(dst []byte, words []string, family bool) (head []byte, text, pinyin string) {
	text = words[0]
	if len(words) > 1 {
		text = strings.Join(words, "")
	}
	s := spell(text)
	han := byte(0)
	given, surnames := compare.NameClasses(words[0])
	switch {
	case !s.ascii && standardize.AllHan(text):
		if han, pinyin = 1, standardize.GivenPinyin(text); family {
			pinyin = standardize.SurnamePinyin(text)
		}
		_, surnames = compare.NameClasses(pinyin)
	case !family:
		surnames = nil
	case len(words) > 1:
		_, surnames = compare.NameClasses(words[len(words)-1])
	}
	if family {
		given = nil
	}
	dst = append32(append64(dst, s.signature), compare.Soundex(words[0]))
	dst = append16(append16(append16(dst, len(text)), len(pinyin)), int(s.runes))
	dst = append(dst, byte(len(words)), han, byte(len(surnames)), byte(len(given)))
	if len(words) > 1 {
		for _, w := range words {
			dst = append16(dst, len(w))
		}
	}
	for _, c := range surnames {
		dst = append16(dst, int(c))
	}
	for _, c := range given {
		dst = append16(dst, int(c))
	}
	return dst, text, pinyin
}

// read reads the head of a part of a name and returns what stands behind it,
// and the lengths of its text and reading.
func (p *person) read(v Packed) (rest Packed, text, pinyin int) {
	text, pinyin = v.get16(personLengths), v.get16(personLengths+2)
	n := 0
	if v[personWords] > 1 {
		n = 2 * int(v[personWords])
	}
	surnames := personHead + n
	given := surnames + 2*int(v[personSurnames])
	end := given + 2*int(v[personGiven])
	runes := int32(v.get16(personRunes))
	p.whole.signature, p.whole.runes, p.whole.ascii = v.get64(0), runes, int(runes) == text
	p.sound, p.han = v.get32(personSound), v[personHan] != 0
	p.lengths, p.surnames, p.given = v[personHead:surnames], v[surnames:given], v[given:end]
	return v[end:], text, pinyin
}

// partOf returns a packed part of a name.
func partOf(v Packed) (p person) {
	rest, text, _ := p.read(v)
	p.whole.text, p.pinyin = string(rest[:text]), string(rest[text:])
	return p
}

// words returns how many words the name has.
func (p *person) words() int { return max(1, len(p.lengths)/2) }

// first returns the first word of the name.
func (p *person) first() string {
	if p.lengths == "" {
		return p.whole.text
	}
	return p.whole.text[:p.lengths.get16(0)]
}

// split returns the words of the name.
func (p *person) split(room *[maxWords]string) []string {
	if p.lengths == "" {
		room[0] = p.whole.text
		return room[:1]
	}
	n, rest := p.words(), p.whole.text
	for i := range n {
		size := p.lengths.get16(2 * i)
		room[i&(maxWords-1)], rest = rest[:size], rest[size:]
	}
	return room[:n]
}

// appendPart appends a given, middle or family name, taken apart.
func appendPart(dst []byte, text string, family bool) []byte {
	words := nameText(clean(text))
	if len(words) == 0 {
		return dst
	}
	dst, text, pinyin := appendPerson(dst, words, family)
	return append(append(dst, text...), pinyin...)
}

// share reports whether two lists of numbers have one in common.
func share(a, b Packed) bool {
	for i := 0; i < len(a); i += 2 {
		for j := 0; j < len(b); j += 2 {
			if a[i:i+2] == b[j:j+2] {
				return true
			}
		}
	}
	return false
}

// namesake is what comparers of parts of names have in common.
type namesake struct{ base }

// AppendText appends the words of the name as one.
func (*namesake) AppendText(dst []byte, v Packed) []byte {
	if v == "" {
		return dst
	}
	return append(dst, partOf(v).whole.text...)
}
