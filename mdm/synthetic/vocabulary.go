package synthetic

import (
	_ "embed"
	"strconv"
	"strings"
	"unicode/utf8"

	"crmhub/mdm/standardize"
)

//go:embed vocabulary.txt
var vocabularyText string

// vocabulary is what names, places and companies are put together from.
type vocabulary struct {
	// The listed names by weight; what falls on the empty one is composed.
	surnamesZH, surnamesEN, maleEN, femaleEN weighted
	nicknames                                map[string][]string
	romanised                                map[string][2]string
	citiesZH, citiesEN                       []city
	alike                                    map[rune][]rune
	traditional                              map[rune]rune
	// pinyin is the reading of each character that names are made of.
	pinyin map[rune]string
	roads  [][2]string // kind of street, its abbreviation
	// What the rest is composed of, by the sections of the file.
	districtsZH, endsEN, formsEN, formsZH, givenFemale, givenMale, givenStems, handles, mailHosts, mailHostsZH, roadsEN, stemsEN, townEnds, tradesEN, tradesZH []string
	maleZH, femaleZH, secondZH, firstZH, lastZH                                                                                                                string
}

// city is a place where people live.
type city struct {
	name, region, area, post string
	country                  string
}

func readVocabulary() *vocabulary {
	v := &vocabulary{
		nicknames: map[string][]string{}, romanised: map[string][2]string{},
		alike: map[rune][]rune{}, traditional: map[rune]rune{}, pinyin: map[rune]string{},
	}
	words, section := map[string][]string{}, ""
	for line := range strings.Lines(vocabularyText) {
		line = strings.TrimSpace(line)
		switch {
		case strings.HasPrefix(line, "["):
			section, _, _ = strings.Cut(line[1:], "]")
		case line != "" && line[0] != '#':
			words[section] = append(words[section], strings.Fields(line)...)
		}
	}
	for name, list := range map[string]*[]string{
		"districts_zh":  &v.districtsZH,
		"ends_en":       &v.endsEN,
		"forms_en":      &v.formsEN,
		"forms_zh":      &v.formsZH,
		"given_female":  &v.givenFemale,
		"given_male":    &v.givenMale,
		"given_stems":   &v.givenStems,
		"handles":       &v.handles,
		"mail_hosts":    &v.mailHosts,
		"mail_hosts_zh": &v.mailHostsZH,
		"roads_en":      &v.roadsEN,
		"stems_en":      &v.stemsEN,
		"town_ends":     &v.townEnds,
		"trades_en":     &v.tradesEN,
		"trades_zh":     &v.tradesZH,
	} {
		*list = words[name]
	}
	for name, text := range map[string]*string{
		"male_zh":   &v.maleZH,
		"female_zh": &v.femaleZH,
		"second_zh": &v.secondZH,
		"first_zh":  &v.firstZH,
		"last_zh":   &v.lastZH,
	} {
		*text = words[name][0]
	}
	v.surnamesZH = listed(words["surnames_zh"])
	v.surnamesEN = listed(words["surnames_en"])
	v.maleEN, v.femaleEN = listed(words["male_en"]), listed(words["female_en"])
	for _, w := range words["nicknames"] {
		name, called, _ := strings.Cut(w, ":")
		v.nicknames[name] = strings.Split(called, ",")
	}
	for _, w := range words["romanised"] {
		name, as, _ := strings.Cut(w, ":")
		hongkong, taiwan, _ := strings.Cut(as, ",")
		v.romanised[name] = [2]string{hongkong, taiwan}
	}
	for _, w := range words["cities_zh"] {
		p := strings.Split(w, ":")
		v.citiesZH = append(v.citiesZH, city{p[0] + "市", p[1], p[2], p[3], "CN"})
	}
	for _, w := range words["cities_en"] {
		p := strings.Split(w, ":")
		v.citiesEN = append(v.citiesEN, city{strings.ReplaceAll(p[0], "_", " "), "", p[3], p[2], p[1]})
	}
	for _, w := range words["alike_zh"] {
		for _, r := range w {
			v.alike[r] = append(v.alike[r], []rune(strings.ReplaceAll(w, string(r), ""))...)
		}
	}
	for _, w := range words["traditional"] {
		r := []rune(w)
		v.traditional[r[0]] = r[1]
	}
	for _, w := range words["road_ends"] {
		kind, short, _ := strings.Cut(w, ":")
		v.roads = append(v.roads, [2]string{kind, short})
	}
	for _, r := range vocabularyText {
		if r >= 0x3400 && v.pinyin[r] == "" {
			v.pinyin[r] = standardize.Pinyin(r)
		}
	}
	return v
}

// listed reads name:weight words, of 100,000 people; the rest are composed.
func listed(words []string) weighted {
	var names []string
	var weights []int
	rest := 100_000
	for _, w := range words {
		name, number, _ := strings.Cut(w, ":")
		n, err := strconv.Atoi(number)
		if err != nil {
			panic("synthetic: " + w) // the embedded file is tested
		}
		names, weights = append(names, name), append(weights, n)
		rest -= n
	}
	return newWeighted(append(names, ""), append(weights, max(rest, 0)))
}

// surname returns a family name as its bearers' country has them.
func (v *vocabulary) surname(s *stream, zh bool) string {
	if zh {
		if n := v.surnamesZH.pick(s); n != "" {
			return n
		}
		return v.surnamesZH.values[s.upTo(len(v.surnamesZH.values)-1)]
	}
	if n := v.surnamesEN.pick(s); n != "" {
		return n
	}
	stems, ends := v.stemsEN, v.endsEN
	// Some 700,000 names, the first of them borne by many.
	n := s.early(len(stems) * len(ends) * 64)
	stem, end, infix := stems[n/64%len(stems)], ends[n/64/len(stems)], n%64
	if infix < 40 {
		return stem + end
	}
	return stem + [...]string{"er", "en", "ing", "el", "in", "al"}[infix%6] + end
}

// given returns a given name.
func (v *vocabulary) given(s *stream, zh, male bool) string {
	if zh {
		list := v.femaleZH
		if male {
			list = v.maleZH
		}
		one := s.rune(list)
		switch {
		case s.chance(170):
			return one
		case s.chance(60):
			return one + one
		case s.chance(450):
			return one + s.rune(v.secondZH)
		case s.chance(150):
			return s.rune(v.secondZH) + one
		}
		return one + s.rune(list)
	}
	list, ends := &v.femaleEN, v.givenFemale
	if male {
		list, ends = &v.maleEN, v.givenMale
	}
	if n := list.pick(s); n != "" {
		return n
	}
	stems := v.givenStems
	n := s.early(len(stems) * len(ends))
	return stems[n%len(stems)] + ends[n/len(stems)]
}

// rune returns one character of a text of ideographs, the first ones more often.
func (s *stream) rune(text string) string {
	i := s.early(len(text)/3) * 3
	return text[i : i+3]
}

// reading returns the pinyin of characters, joined, first letter large.
func (v *vocabulary) reading(han string) string {
	b := make([]byte, 0, 16)
	for _, r := range han {
		b = append(b, v.pinyin[r]...)
	}
	if len(b) > 0 && b[0] >= 'a' {
		b[0] -= 'a' - 'A'
	}
	return string(b)
}

// latin returns a name in Latin letters.
func (v *vocabulary) latin(name string) string {
	if name != "" && name[0] >= 0x80 {
		return v.reading(name)
	}
	return name
}

// traditionally returns the traditional form of characters.
func (v *vocabulary) traditionally(han string) string {
	b := make([]byte, 0, len(han))
	for _, r := range han {
		if t, ok := v.traditional[r]; ok {
			r = t
		}
		b = utf8.AppendRune(b, r)
	}
	return string(b)
}
