package survive

import (
	"unicode"
	"unicode/utf8"

	"crmhub/mdm/entity"
	"crmhub/mdm/standardize"
)

// wholeName derives the name of a person of whom only its parts are known:
// those of one record, or of a steward.
func wholeName(overrides []entity.Override, g *entity.Golden) {
	if g.Fields["full_name"] != nil || g.Fields["kind"] == "organisation" {
		return
	}
	given, _ := g.Fields["given_name"].(string)
	family, _ := g.Fields["family_name"].(string)
	if given == "" || family == "" || standing(overrides)["full_name"] != nil { // a steward took it away
		return
	}
	g.Fields["full_name"] = given + " " + family
	if unspaced(given) && unspaced(family) {
		g.Fields["full_name"] = family + given
	}
	g.Provenance["full_name"] = entity.Provenance{From: g.Provenance["family_name"].From, Rule: Derived}
}

// unspaced reports whether a name is written in a script whose names stand
// without a space, the family's first.
func unspaced(s string) bool {
	r, _ := utf8.DecodeRuneInString(s)
	return unicode.In(r, unicode.Han, unicode.Hangul, unicode.Hiragana, unicode.Katakana)
}

// pinyin derives the reading of a Chinese name.
func pinyin(g *entity.Golden) {
	for _, name := range [...]string{"full_name", "family_name"} {
		s, _ := g.Fields[name].(string)
		if name == "family_name" {
			given, _ := g.Fields["given_name"].(string)
			s += given
		}
		if p := standardize.NamePinyin(s); p != "" {
			g.Fields["name_pinyin"] = p
			g.Provenance["name_pinyin"] = entity.Provenance{From: g.Provenance[name].From, Rule: Derived}
			return
		}
	}
}
