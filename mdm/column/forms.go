package column

import (
	"strings"
	"unicode/utf8"

	"crmhub/mdm/standardize"
)

// urlForm reports whether a text is a web address.
func urlForm(s string) bool {
	l := strings.ToLower(s)
	if strings.HasPrefix(l, "http://") || strings.HasPrefix(l, "https://") || strings.HasPrefix(l, "www.") {
		return strings.Contains(l, ".") && !strings.Contains(l, " ")
	}
	host, _, _ := strings.Cut(l, "/")
	i := strings.LastIndexByte(host, '.')
	if i < 2 || strings.ContainsAny(l, " @,()") || strings.Trim(host, "abcdefghijklmnopqrstuvwxyz0123456789-.") != "" {
		return false
	}
	switch host[i+1:] {
	case "com", "org", "net", "edu", "gov", "cn", "uk", "de", "fr", "io", "info", "biz", "jp", "au", "us", "ca", "eu", "nl", "it", "es", "ch", "hk", "tw", "sg":
		return true
	}
	return false
}

// dateForm reports whether a text is a calendar date of years in which people
// and firms have lived.
func dateForm(s string) bool {
	if len(figures(s)) == 1 && len(s) < 8 {
		return false // a year alone could be any number
	}
	d := parseDate(s, "dmy")
	if !d.exists() {
		d = parseDate(s, "mdy")
	}
	return d.exists() && d.year() >= 1500 && d.year() <= 2100
}

// phoneForm reports whether a text can hardly be anything but a phone number:
// with its country code, its area in brackets, a Chinese mobile number, or
// groups of digits as phone numbers have.
func phoneForm(s string) bool {
	if _, ok := (standardize.Locale{}).Phone(s); ok {
		return true
	}
	digits, groups, inside := 0, 0, false
	for i := 0; i < len(s); i++ {
		c := s[i]
		switch {
		case c >= '0' && c <= '9':
			if digits++; !inside {
				groups++
			}
			inside = true
		case c == ' ', c == '-', c == '.', c == '(', c == ')', c == '/', c == '+':
			inside = false
		case c == 'x' && digits >= 10: // an extension
			return true
		default:
			return false
		}
	}
	if digits < 7 || digits > 15 || groups == 3 && digits == 9 { // ddd-dd-dddd numbers Americans
		return false
	}
	switch {
	case s[0] == '+', strings.HasPrefix(s, "00") && digits >= 11:
		return true
	case strings.ContainsAny(s, "()"):
		return groups >= 2
	case digits == 10 && groups == 3, digits == 11 && groups >= 2 && s[0] != '9', digits == 12 && groups >= 2 && s[0] == '0', digits == 7 && groups == 2 && len(s) == 8:
		return true
	case digits == 11 && groups == 1:
		return s[0] == '0' || s[0] == '1' && s[1] >= '3'
	}
	return digits == 10 && groups == 1 && s[0] == '0'
}

// postcodeForm reports whether a text has the form of a postal code.
func postcodeForm(s string) bool {
	letters, digits := 0, 0
	for i := 0; i < len(s); i++ {
		switch c := s[i] | 0x20; {
		case c >= 'a' && c <= 'z':
			letters++
		case s[i] >= '0' && s[i] <= '9':
			digits++
		case s[i] != ' ' && s[i] != '-':
			return false
		}
	}
	return letters == 0 && (digits >= 4 && digits <= 6 || digits == 9 && len(s) == 10) || letters >= 2 && letters <= 4 && digits >= 1 && digits <= 4 && len(s) >= 5 && len(s) <= 8
}

// legalForm reports whether a text names a company, school or other body.
func legalForm(s, f string, words []string) bool {
	if standardize.HasHan(f) {
		for _, w := range []string{"公司", "集团", "厂", "有限", "事务所", "合作社", "银行", "医院", "学校", "大学", "经营部", "商行", "工作室", "中心", "研究院", "研究所", "委员会", "协会", "个体", "門市", "门市部"} {
			if strings.HasSuffix(f, w) || strings.Contains(f, "公司") {
				return true
			}
		}
		return false
	}
	for i, w := range words {
		switch w {
		case "ltd", "limited", "inc", "incorporated", "corp", "corporation", "llc", "llp", "plc", "gmbh", "ag", "pty", "bv", "nv", "oy", "aps", "sarl", "srl", "ooo", "sdn", "bhd", "university", "institute", "school", "college", "hospital", "bank", "association", "foundation", "council", "company", "holdings", "partners", "associates", "enterprises", "industries", "solutions", "consulting", "technologies":
			if i > 0 || len(words) > 1 {
				return true
			}
		}
	}
	return false
}

// addressForm reports whether a folded text is an address.
func addressForm(f string, words []string, figures int) bool {
	if standardize.HasHan(f) {
		marks := 0
		for _, w := range []string{"省", "市", "区", "县", "镇", "乡", "村", "路", "街", "巷", "号", "弄", "栋", "楼", "室", "大道", "大厦", "小区"} {
			if strings.Contains(f, w) {
				marks++
			}
		}
		return utf8.RuneCountInString(f) >= 6 && (marks >= 3 || marks >= 2 && figures > 0)
	}
	if figures == 0 || len(words) < 2 {
		return false
	}
	for _, w := range words {
		switch w {
		case "st", "street", "rd", "road", "ave", "avenue", "av", "blvd", "boulevard", "dr", "drive", "ln", "lane", "ct", "court", "pl", "place", "sq", "square", "cres", "crescent", "tce", "terrace", "hwy", "highway", "way", "close", "circuit", "parade", "po", "box", "strasse", "platz", "weg", "rue", "calle", "via", "apt", "suite", "floor", "fl":
			return true
		}
		if strings.HasSuffix(w, "str") || strings.HasSuffix(w, "strasse") {
			return true
		}
	}
	return false
}
