package compare

import (
	_ "embed"
	"hash/maphash"
	"slices"
	"strings"
	"sync"
	"unicode/utf8"

	"crmhub/mdm/standardize"
)

// Token is one distinct value of many records, kept once, with what
// comparisons ask of it. Two records hold the same value where they hold the
// same pointer.
type Token struct {
	Text string
	// letters has a bit for each letter a to z that occurs.
	letters uint32
	length  int32 // in runes
	ascii   bool
	han     bool
	*Word
}

// Word is what names and places have besides their text.
type Word struct {
	// Family, Given and Place are -log2 of the value's share among people, in
	// millibits.
	Family, Given, Place int32
	// Sound is the Soundex of a Latin word.
	Sound uint32
	// pinyin is a Chinese name's reading, as surname or given name.
	pinyin, surnamePinyin string
	classes, romanised    []uint16
}

// noWord is what other values share; it is never changed.
var noWord = &Word{}

// Frequencies tells how rare values are.
type Frequencies interface {
	// Rarity returns -log2 of the share of people with that value, in
	// millibits; spaces are family_name, given_name and city.
	Rarity(space, value string, han bool) int32
}

// Dictionary keeps tokens; safe for concurrent use.
type Dictionary struct {
	seed        maphash.Seed
	shards      []shard
	frequencies Frequencies
	// recent is set in transient dictionaries, which keep little.
	recent *recent
	// short are the tokens of one record's other values, in one goroutine's.
	short *[]Token
}

type shard struct {
	mu     sync.Mutex
	tokens [spaces]table
}

type space uint8

const (
	words space = iota
	people
	places
	spaces
)

// NewDictionary returns an empty dictionary.
func NewDictionary(f Frequencies) *Dictionary {
	return &Dictionary{seed: maphash.MakeSeed(), frequencies: f, shards: make([]shard, 64)}
}

// token returns the one token of that text, nil for an empty one.
func (d *Dictionary) token(sp space, text string) *Token {
	if text == "" {
		return nil
	}
	if d.recent != nil {
		return d.recent.token(d, sp, text)
	}
	hash := maphash.String(d.seed, text)
	s := &d.shards[hash%uint64(len(d.shards))]
	s.mu.Lock()
	defer s.mu.Unlock()
	if t := s.tokens[sp].find(hash, text); t != nil {
		return t
	}
	t := s.tokens[sp].add(hash, text)
	d.fill(t, sp)
	return t
}

// fill sets what is known of a token by its text.
func (d *Dictionary) fill(t *Token, sp space) {
	text := t.Text
	t.ascii, t.length, t.Word = isASCII(text), int32(utf8.RuneCountInString(text)), noWord
	if sp != words {
		t.Word = &Word{}
	}
	if d.recent == nil {
		for i := 0; i < len(text); i++ {
			if c := text[i]; c >= 'a' && c <= 'z' {
				t.letters |= 1 << (c - 'a')
			}
		}
	}
	switch sp {
	case people:
		t.han = standardize.AllHan(text)
		t.Sound = Soundex(text)
		t.classes = nicknames()[text]
		if t.han {
			t.pinyin = standardize.GivenPinyin(text)
			t.surnamePinyin = standardize.SurnamePinyin(text)
			t.romanised = romanisations()[t.surnamePinyin]
		} else {
			t.romanised = romanisations()[text]
		}
		if d.recent == nil {
			t.Family = d.frequencies.Rarity("family_name", text, t.han)
			t.Given = d.frequencies.Rarity("given_name", text, t.han)
		}
	case places:
		if d.recent != nil {
			break
		}
		t.Place = d.frequencies.Rarity("city", text, standardize.HasHan(text))
	}
}

//go:embed nicknames.txt
var nicknameText string

//go:embed romanised.txt
var romanisedText string

var (
	nicknames     = sync.OnceValue(func() map[string][]uint16 { return classes(nicknameText) })
	romanisations = sync.OnceValue(func() map[string][]uint16 { return classes(romanisedText) })
)

// classes reads lines of words that belong together.
func classes(text string) map[string][]uint16 {
	m := map[string][]uint16{}
	n := uint16(0)
	for line := range strings.Lines(text) {
		if line[0] == '#' {
			continue
		}
		n++
		for _, w := range strings.Fields(line) {
			if !slices.Contains(m[w], n) {
				m[w] = append(m[w], n)
			}
		}
	}
	return m
}

func shareClass(a, b []uint16) bool {
	for _, x := range a {
		if slices.Contains(b, x) {
			return true
		}
	}
	return false
}

// Han reports whether a token is written in Chinese characters.
func (t *Token) Han() bool { return t.han }

// Pinyin returns the reading of a Chinese given name, "" of other tokens.
func (t *Token) Pinyin() string { return t.pinyin }

// SurnamePinyin returns the reading of a Chinese surname, "" of other tokens.
func (t *Token) SurnamePinyin() string { return t.surnamePinyin }

var fullForms = sync.OnceValue(func() map[string]string {
	m := map[string]string{}
	for line := range strings.Lines(nicknameText) {
		words := strings.Fields(line)
		if len(words) == 0 || words[0] == "#" {
			continue
		}
		m[words[0]] = words[0]
	}
	for line := range strings.Lines(nicknameText) {
		words := strings.Fields(line)
		if len(words) == 0 || words[0] == "#" {
			continue
		}
		for _, w := range words[1:] {
			if m[w] == "" {
				m[w] = words[0]
			}
		}
	}
	return m
})

// FullForm returns the name that a nickname most often stands for; names that
// are no nickname are themselves.
func FullForm(given string) string {
	if f, ok := fullForms()[given]; ok {
		return f
	}
	return given
}
