package charset

import (
	"cmp"
	_ "embed"
	"math"
	"slices"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"
)

// languageText holds the letters of languages, a line for each encoding and
// language.
//
//go:embed languages.txt
var languageText string

// language says how frequent letters are in an encoding's language.
type language struct {
	bits     map[rune]float64 // log2 of a letter's share
	expected float64          // bits a letter in a text of the language
}

// strangeBits is what a letter counts that a language does not have.
const strangeBits = -9

// languages returns the languages of each encoding, and last one that mixes
// them: a list of customers from several countries.
var languages = sync.OnceValue(func() map[string][]language {
	all := map[string][]map[rune]float64{}
	for line := range strings.Lines(languageText) {
		f := strings.Fields(line)
		if len(f) != 3 || f[0] == "#" {
			continue
		}
		share, sum := map[rune]float64{}, 0.0
		for i, r := range []rune(f[2]) {
			share[r] = 1 / float64(i+2) // about as letters fall off by rank
			sum += share[r]
		}
		for r := range share {
			share[r] /= sum
		}
		all[f[0]] = append(all[f[0]], share)
	}
	made := map[string][]language{}
	for name, shares := range all {
		if n := float64(len(shares)); n > 1 {
			mix := map[rune]float64{}
			for _, share := range shares {
				for r, p := range share {
					mix[r] += p / n
				}
			}
			shares = append(shares, mix)
		}
		for _, share := range shares {
			l := language{bits: map[rune]float64{}}
			for r, p := range share {
				l.bits[r] = math.Log2(p)
				l.expected += p * math.Log2(p)
			}
			made[name] = append(made[name], l)
		}
	}
	return made
})

// singles are the encodings of one byte a character that detection chooses
// from, the more frequent before the less.
var singles = []string{
	"windows-1252", "windows-1251", "windows-1250", "windows-1254", "windows-1253", "windows-1257",
	"windows-1255", "windows-1256", "windows-874", "windows-1258", "koi8-r", "koi8-u",
}

// reading is how a text reads in one encoding.
type reading struct {
	name, text string
	// bits is what a letter outside ASCII says on average for the encoding, fit
	// from 0 to 1 how well its letters agree with a language.
	bits, fit float64
}

// read reads text in an encoding of one byte a character.
func read(name, text string) reading {
	var letters letterCount
	letters.count(text)
	got := reading{name: name, text: text, bits: math.Inf(-1)}
	if letters.total == 0 {
		return got
	}
	wrong := (30*float64(letters.faults) + 5*float64(letters.odd)) / float64(letters.total)
	for _, l := range languages()[name] {
		if bits := l.of(letters.of, letters.total) - wrong; bits > got.bits {
			got.bits, got.fit = bits, l.fit(bits)
		}
	}
	return got
}

// of returns the bits that letters say for the language, on average.
func (l language) of(letters map[rune]int, total int) float64 {
	sum := 0.0
	for r, k := range letters {
		bits, known := l.bits[r]
		if !known {
			bits = strangeBits
		}
		sum += bits * float64(k)
	}
	return sum / float64(total)
}

// fit says from 0 to 1 how like the language letters of so many bits are.
func (l language) fit(bits float64) float64 {
	return max(0, min(1, 1.1+(bits-l.expected)/3))
}

// letterCount counts the letters of a text outside ASCII, and what is no text.
type letterCount struct {
	of                 map[rune]int
	total, faults, odd int
}

// typed are the signs outside ASCII that text of any language has.
const typed = "€’‘“”„–—…•«»°§©®™º·¡¿£№\u200c\u200d،؛؟ـ ½¼¾²³"

func (c *letterCount) count(text string) {
	c.of = map[rune]int{}
	var before rune
	run := 0 // letters outside ASCII in a row
	for _, r := range text {
		if mixed(before, r) {
			c.odd++
		}
		if r < 0x80 {
			before, run = r, 0
			continue
		}
		c.total++
		switch {
		case r == utf8.RuneError, r < 0xa0, unicode.Is(unicode.Co, r), r >= 0x2500 && r <= 0x25a0:
			c.faults++
		case strings.ContainsRune(typed, r):
			c.total--
		default:
			c.of[lower(r)]++
		}
		// A capital after a small letter is how a wrong table looks, and so are a
		// mark without its letter, a final letter inside a word, and Latin words of
		// accents alone.
		if latin := unicode.Is(unicode.Latin, r); !latin {
			run = 0
		} else if run++; run > 2 {
			c.odd++
		}
		switch {
		case unicode.IsUpper(r) && unicode.IsLower(before):
			c.odd++
		case unicode.Is(unicode.Mn, r) && !unicode.IsLetter(before) && !unicode.Is(unicode.Mn, before):
			c.odd++
		case unicode.IsLetter(r) && strings.ContainsRune("םןךףץςىة", before):
			c.odd++
		}
		before = r
	}
}

// lower is unicode.ToLower that leaves alone what would become ASCII.
func lower(r rune) rune {
	if l := unicode.ToLower(r); l >= 0x80 {
		return l
	}
	return r
}

// mixed says that two letters that stand together are of scripts that no word
// mixes.
func mixed(a, b rune) bool {
	return unicode.IsLetter(a) && unicode.IsLetter(b) && script(a) != script(b)
}

func script(r rune) *unicode.RangeTable {
	for _, t := range []*unicode.RangeTable{unicode.Latin, unicode.Cyrillic, unicode.Greek, unicode.Hebrew, unicode.Arabic, unicode.Thai} {
		if unicode.Is(t, r) {
			return t
		}
	}
	return nil
}

// readAll reads the lines in each encoding of one byte a character.
func readAll(lines []byte) []reading {
	var all []reading
	for _, name := range singles {
		if text, err := decoderOf(name).Bytes(lines); err == nil {
			all = append(all, read(name, string(text)))
		}
	}
	slices.SortStableFunc(all, func(a, b reading) int { return cmp.Compare(b.bits, a.bits) })
	return all
}

// halfWidth counts the katakana of half width: good by how they stand in runs
// as words do and are as frequent, odd are the others.
func halfWidth(text string) (good, odd float64) {
	run, total, words, legal := 0, 0, 0, true
	letters := map[rune]int{}
	end := func() {
		if run >= 3 && legal {
			words += run
		}
		run, legal = 0, true
	}
	var before rune
	for _, r := range text {
		if r < 0xff61 || r > 0xff9f {
			end()
			before = r
			continue
		}
		total++
		letters[r]++
		if run++; run == 1 && strings.ContainsRune("ﾞﾟｧｨｩｪｫｬｭｮｯｰ", r) ||
			r == 'ﾞ' && !strings.ContainsRune("ｳｶｷｸｹｺｻｼｽｾｿﾀﾁﾂﾃﾄﾊﾋﾌﾍﾎ", before) || r == 'ﾟ' && !strings.ContainsRune("ﾊﾋﾌﾍﾎ", before) {
			legal = false
		}
		before = r
	}
	end()
	if total == 0 {
		return 0, 0
	}
	l := languages()["half-width"][0]
	return float64(words) * l.fit(l.of(letters, total)), float64(total - words)
}
