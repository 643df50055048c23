package column

import (
	"strings"

	"crmhub/mdm/compare"
)

// The predicates of names.
const (
	nameExact = iota
	namePrefix
	nameSound
	namePinyin
	nameToken
	nameFamily // the family of given names, or the Chinese surname however written
	nameDeletion
)

var namePredicates = []string{"exact", "prefix", "sound", "pinyin", "token", "class", "deletion"}

// Keys returns the keys of a given name.
func (g *given) Keys(dst []Key, v Packed, want uint32) []Key {
	if v == "" {
		return dst
	}
	p := partOf(v)
	return partKeys(classKeys(dst, nameFamily, nameFamily, p.given), &p, want)
}

// Keys returns the keys of a family name.
func (f *family) Keys(dst []Key, v Packed, want uint32) []Key {
	if v == "" {
		return dst
	}
	p := partOf(v)
	return partKeys(classKeys(dst, nameFamily, nameFamily, p.surnames), &p, want)
}

// classKeys appends the keys of families of names under a predicate.
func classKeys(dst []Key, predicate uint8, salt uint64, classes Packed) []Key {
	for i := 0; i < len(classes); i += 2 {
		dst = append(dst, Key{predicate, mix(uint64(classes.get16(i)) + salt<<32)})
	}
	return dst
}

func partKeys(dst []Key, p *person, want uint32) []Key {
	dst = append(dst, Key{nameExact, hash(nameExact, p.whole.text)})
	if p.han {
		dst = append(dst, Key{namePinyin, hash(namePinyin, p.pinyin)})
		return hanTokens(dst, p.whole.text)
	}
	dst = append(dst, Key{namePrefix, hash(namePrefix, prefix(p.whole.text, 4))}, Key{namePinyin, hash(namePinyin, p.whole.text)})
	var room [maxWords]string
	for _, w := range p.split(&room) {
		if several(w) && !particles[w] {
			dst = appendKey(dst, Key{nameToken, hash(nameToken, w)})
		}
	}
	if s := compare.Soundex(p.whole.text); s != 0 {
		dst = append(dst, Key{nameSound, mix(uint64(s) + nameSound<<32)})
	}
	return deletions(dst, nameDeletion, p.whole.text, want)
}

// hanTokens appends a key for each character of a Chinese name.
func hanTokens(dst []Key, s string) []Key {
	for i, r := range s {
		dst = appendKey(dst, Key{nameToken, hash(nameToken, s[i:i+len(string(r))])})
	}
	return dst
}

// deletions appends the keys of a word's neighbourhood: the word and what is
// left of it without each of its letters, so that words within one slip of
// the keys share a key. Short and long words have none.
func deletions(dst []Key, predicate uint8, s string, want uint32) []Key {
	if want>>predicate&1 == 0 || len(s) < 4 || len(s) > 24 {
		return dst
	}
	dst = append(dst, Key{predicate, hash(predicate, s)})
	var last rune
	for i, r := range s {
		n := len(string(r))
		if r == last { // leaving out either of two like letters is the same
			continue
		}
		last = r
		dst = append(dst, Key{predicate, hashParts(predicate, s[:i], s[i+n:])})
	}
	return dst
}

// hashParts is hash of two texts in one.
func hashParts(predicate uint8, a, b string) uint64 {
	h := seed(predicate)
	h = fnv(h, a)
	return mix(fnv(h, b))
}

// digitsOf returns the digits of a text.
func digitsOf(s string) string {
	if strings.Trim(s, "0123456789") == "" {
		return s
	}
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] >= '0' && s[i] <= '9' {
			b.WriteByte(s[i])
		}
	}
	return b.String()
}
