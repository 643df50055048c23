package compare

import (
	"strings"
	"unicode/utf8"

	"crmhub/mdm/standardize"
)

// Name is a person's name, taken apart.
type Name struct {
	Family *Token
	// Given are the first given name and up to two more.
	Given [3]*Token
	// Whole are all given names as one word: xiao ming, xiaoming.
	Whole *Token
}

func (n *Name) empty() bool { return n.Family == nil && n.Given[0] == nil }

func (n *Name) han() bool {
	return n.Family != nil && n.Family.han || n.Family == nil && n.Whole != nil && n.Whole.han
}

// titles are words around a name that are no part of it.
var titles = map[string]bool{
	"mr": true, "mrs": true, "ms": true, "miss": true, "mx": true, "dr": true, "prof": true, "professor": true, "sir": true, "lady": true, "lord": true, "dame": true, "rev": true, "reverend": true, "hon": true, "capt": true, "captain": true, "col": true, "colonel": true, "major": true, "gen": true, "general": true, "admiral": true, "lt": true, "sgt": true, "fr": true,
	"jr": true, "jnr": true, "junior": true, "sr": true, "snr": true, "senior": true, "ii": true, "iii": true, "iv": true, "esq": true, "phd": true, "md": true, "mba": true, "cpa": true, "obe": true, "mbe": true, "cbe": true, "qc": true, "kc": true, "mp": true, "bt": true, "baronet": true, "1st": true, "2nd": true, "3rd": true, "4th": true, "5th": true, "6th": true, "7th": true, "8th": true, "9th": true, "10th": true,
}

// particles belong to the family name that follows them.
var particles = map[string]bool{"van": true, "von": true, "der": true, "den": true, "de": true, "la": true, "le": true, "du": true, "del": true, "della": true, "di": true, "da": true, "dos": true, "das": true, "ter": true, "ten": true, "bin": true, "ibn": true, "al": true, "el": true, "mac": true, "st": true, "san": true}

// name takes a person's name apart. Where the source gives the parts, they
// say which word is which, and the full name adds middle names only.
func (d *Dictionary) name(full, given, family string) Name {
	if standardize.HasHan(full) || standardize.HasHan(family) || full == "" && standardize.HasHan(given) {
		if n, ok := d.hanName(full, given, family); ok {
			return n
		}
	}
	var rooms [3][6]string
	g, _ := fullWords(rooms[0][:0], given)
	f, _ := fullWords(rooms[1][:0], family)
	whole, comma := fullWords(rooms[2][:0], full)
	switch {
	case len(whole) == 0:
	case len(f) > 0 || len(g) > 0:
		g = moreGiven(g, f, whole)
	case comma > 0:
		f, g = whole[:comma], whole[comma:]
	case len(whole) == 1:
		f = whole
	case pinyinFirst(whole):
		f, g = whole[:1], whole[1:]
	default:
		last := len(whole) - 1
		for last > 1 && particles[whole[last-1]] {
			last--
		}
		g, f = whole[:last], whole[last:]
	}
	n := Name{Family: d.token(people, strings.Join(f, " ")), Whole: d.token(people, strings.Join(g, ""))}
	for i := range min(len(g), len(n.Given)) {
		n.Given[i] = d.token(people, g[i])
	}
	if n.Whole == n.Given[0] && n.Whole != nil && d.recent != nil {
		// For keys, a Chinese surname in front of another word makes no
		// Chinese name (see Romanised), whatever is remembered of late.
		own := *n.Whole
		n.Whole = &own
	}
	return n
}

// moreGiven adds the words of a full name that the parts lack, in their order.
func moreGiven(given, family, whole []string) []string {
	if len(given) == 0 && len(whole) == 1 {
		return nil
	}
	out := given
	for i, w := range whole {
		// As many of a word as the parts have are theirs.
		if count(whole[:i], w) >= count(family, w)+count(given, w) {
			out = append(out, w)
		}
	}
	return out
}

func count(words []string, word string) int {
	n := 0
	for _, w := range words {
		if w == word {
			n++
		}
	}
	return n
}

// fullWords appends the words of a Latin name without titles to words, which
// is empty, and says how many stand before a comma (Smith, John), 0 without one.
func fullWords(words []string, s string) (all []string, comma int) {
	if s == "" || strings.Contains(s, "*") {
		return nil, 0 // a masked name says too little
	}
	if i := strings.IndexByte(s, '('); i > 0 {
		s = s[:i]
	}
	before, after, found := strings.Cut(s, ",")
	for w := range strings.FieldsSeq(standardize.Fold(before)) {
		if !titles[w] {
			words = append(words, w)
		}
	}
	if found {
		comma = len(words)
		for w := range strings.FieldsSeq(standardize.Fold(after)) {
			if !titles[w] {
				words = append(words, w)
			}
		}
		if comma == len(words) {
			comma = 0 // John Smith, Jr.
		}
	}
	return words, comma
}

// pinyinFirst reports whether a Latin name is a Chinese one with the surname
// in front: Wang Xiao Ming, and not Xiao Ming Wang.
func pinyinFirst(words []string) bool {
	first, last := words[0], words[len(words)-1]
	if len(romanisations()[first]) == 0 || len(romanisations()[last]) > 0 {
		return false
	}
	for _, w := range words[1:] {
		if len(w) > 1 && !syllabic(w) {
			return false
		}
	}
	return len(words) <= 3
}

// Romanised reports whether a Latin name is a Chinese one: a Chinese surname
// on one side, syllables of pinyin on the other.
func (n *Name) Romanised() bool {
	if n.Family == nil || n.Given[0] == nil || n.Family.han {
		return false
	}
	return len(n.Family.romanised) > 0 && syllabic(n.Whole.Text) || len(n.Given[0].romanised) > 0 && n.Whole == n.Given[0] && syllabic(n.Family.Text)
}

// syllabic reports whether a word is one to three syllables of pinyin.
func syllabic(w string) bool { return pinyinPrefix(w, 3) }

func pinyinPrefix(w string, left int) bool {
	if w == "" {
		return true
	}
	if left == 0 {
		return false
	}
	for n := min(6, len(w)); n > 0; n-- {
		if standardize.Syllable(w[:n]) && pinyinPrefix(w[n:], left-1) {
			return true
		}
	}
	return false
}

// hanName takes a Chinese name apart; Latin letters beside it are left out.
func (d *Dictionary) hanName(full, given, family string) (Name, bool) {
	given, family = hanOnly(given), hanOnly(family)
	if family == "" || given == "" {
		whole := hanOnly(full)
		if whole == "" {
			whole = family + given
		}
		whole = surnameAlone(standardize.PersonName(whole))
		f, g, ok := standardize.SplitHan(whole)
		switch {
		case ok:
			family, given = f, g
		case strings.Contains(full, "*"):
			// 张* shows the surname, *伟 nothing to build on.
			if strings.HasPrefix(full, whole) && utf8.RuneCountInString(whole) == 1 {
				family, given = whole, ""
			} else {
				return Name{}, true
			}
		case utf8.RuneCountInString(whole) > 4 || whole == "":
			return Name{}, false
		default:
			family, given = whole, ""
		}
	} else if strings.ContainsAny(full+given, "*") {
		given = ""
	}
	g := d.token(people, standardize.Simplified(given))
	return Name{Family: d.token(people, standardize.Simplified(family)), Given: [3]*Token{g}, Whole: g}, true
}

// surnameAlone drops the form of address from a surname that stands alone with
// it: 王先生.
func surnameAlone(s string) string {
	for _, form := range [...]string{"先生", "女士", "小姐", "太太", "老师", "经理", "總", "总"} {
		rest, ok := strings.CutSuffix(s, form)
		if n := utf8.RuneCountInString(rest); ok && (n == 1 || n == 2 && standardize.CompoundSurname(rest)) {
			return rest
		}
	}
	return s
}

func hanOnly(s string) string {
	if s == "" || standardize.AllHan(s) {
		return s
	}
	if i := strings.IndexAny(s, "(["); i > 0 {
		s = s[:i]
	}
	return strings.Map(func(r rune) rune {
		if standardize.IsHan(r) || r == '·' {
			return r
		}
		return -1
	}, s)
}
