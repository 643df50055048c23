package standardize

import (
	"slices"
	"strings"
)

// Company returns a company's name as it is shown: Text, ideographs closed
// up, brackets half-width. The whole legal form stays.
func Company(s string) string {
	s = Text(s)
	if HasHan(s) {
		return closeUp(s)
	}
	return s
}

func legalForm(word string) bool {
	switch word {
	case "ltd", "limited", "inc", "incorporated", "corp", "corporation", "co", "company", "llc", "llp", "lp", "plc", "gmbh", "mbh", "ag", "kg", "ohg", "ug", "se", "sa", "sas", "sarl", "srl", "spa", "bv", "nv", "ab", "oy", "oyj", "as", "aps", "kk", "pty", "pvt", "pte", "sdn", "bhd", "ooo", "oao", "zao", "ltda", "cv", "eurl", "scs", "sro", "doo", "kft", "zrt", "group", "holding", "holdings", "intl", "the":
		return true
	}
	return false
}

// hanLegalForms are the endings of a Chinese company's legal form, longest first.
var hanLegalForms = []string{"股份有限责任公司", "集团股份有限公司", "集团有限责任公司", "集团有限公司", "有限责任公司", "股份有限公司", "控股有限公司", "有限合伙企业", "有限公司", "股份公司", "集团公司", "株式会社", "有限合伙", "普通合伙", "总公司", "公司", "集团"}

// hanBranches mark a part of a company that is an entity of its own.
var hanBranches = []string{"分公司", "办事处", "分行", "支行", "分店", "门店", "营业部", "分部", "分厂"}

// FoldCompany returns a company's name as it is compared: folded, without
// legal form; branch is set where the name is a branch's, which is another
// entity than its company.
func FoldCompany(s string) (name string, branch bool) {
	f := Fold(s)
	if HasHan(f) {
		return foldHanCompany(f)
	}
	words := strings.Fields(f)
	// "s a" and "g m b h" were written with points.
	words = joinInitials(words)
	kept := words[:0:0]
	for _, w := range words {
		switch {
		case w == "branch", w == "branches":
			branch = true
		case w == "and", legalForm(w):
		case w == "international":
			kept = append(kept, "intl")
		default:
			kept = append(kept, w)
		}
	}
	if len(kept) == 0 {
		return strings.Join(words, " "), branch
	}
	return strings.Join(kept, " "), branch
}

// joinInitials writes runs of single letters as one word.
func joinInitials(words []string) []string {
	out := make([]string, 0, len(words))
	for i := 0; i < len(words); {
		j := i
		for j < len(words) && len(words[j]) == 1 && letter(words[j][0]) {
			j++
		}
		if j-i >= 2 {
			out = append(out, strings.Join(words[i:j], ""))
			i = j
			continue
		}
		out = append(out, words[i])
		i++
	}
	return out
}

func foldHanCompany(f string) (string, bool) {
	f = strings.ReplaceAll(f, " ", "")
	branch := slices.ContainsFunc(hanBranches, func(b string) bool { return strings.HasSuffix(f, b) })
	name := f
	for _, form := range hanLegalForms {
		if i := strings.Index(name, form); i > 0 && (branch || i+len(form) == len(name)) {
			name = name[:i] + name[i+len(form):]
			break
		}
	}
	// 上海某某 and 某某(上海): a place in front says where it is registered.
	if province, rest := china().leadingProvince(name); province != "" && len(rest) >= 6 {
		name = rest
	}
	if city, rest := china().leadingCity(name, ""); city != "" && len(rest) >= 6 {
		name = rest
	}
	if len(name) < 6 {
		name = f
	}
	return name, branch
}
