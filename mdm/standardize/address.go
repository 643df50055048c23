package standardize

import (
	"bytes"
	"maps"
	"strings"
)

// Address returns an address with every part in one spelling. A Chinese
// address written in one line is split into province, city, district and
// street where those parts are absent; nothing that a source named as a part
// is overwritten.
func (l Locale) Address(a map[string]any) map[string]any {
	out := maps.Clone(a)
	if out == nil {
		out = map[string]any{}
	}
	l.OwnAddress(out)
	return out
}

// OwnAddress is Address in place, for a map that is the caller's own.
func (l Locale) OwnAddress(a map[string]any) {
	for k, v := range a {
		s, ok := v.(string)
		if !ok {
			continue
		}
		was := s
		switch k {
		case "street":
			s = Street(s)
		case "city":
			s = City(s)
		case "region":
			s = Region(s)
		case "postcode":
			s = Postcode(s)
		case "country":
			if c, ok := Country(s); ok {
				s = c
			}
		default:
			s = Text(s)
		}
		switch s {
		case "":
			delete(a, k)
		case was:
		default:
			a[k] = s
		}
	}
	for splitChinese(a) {
	}
}

func part(a map[string]any, name string) string {
	s, _ := a[name].(string)
	return s
}

func setPart(a map[string]any, name, value string) {
	if _, stands := a[name]; !stands && value != "" {
		a[name] = value
	}
}

// splitChinese moves province, city and district out of the street line. A
// part that the street repeats is dropped from the street. It reports whether
// the street got shorter.
func splitChinese(a map[string]any) bool {
	street := part(a, "street")
	if street == "" || !HasHan(street) {
		return false
	}
	g := china()
	rest := strings.TrimPrefix(street, "中国")
	province, rest := g.leadingProvince(rest)
	rest = strings.TrimLeft(rest, " ,")
	var city string
	if municipality(province) {
		city = province
		rest = strings.TrimPrefix(rest, province)
		rest = strings.TrimPrefix(rest, "市辖区")
	} else if province != "" || part(a, "city") == "" || strings.HasPrefix(rest, part(a, "city")) {
		city, rest = g.leadingCity(rest, province)
	}
	rest = strings.TrimLeft(rest, " ,")
	if conflict(a, "region", province) || conflict(a, "city", city) {
		return false // the street names another place than the parts do: leave both
	}
	district := ""
	if province != "" || city != "" || part(a, "city") != "" {
		district, rest = leadingDistrict(rest)
	}
	rest = strings.TrimLeft(rest, " ,")
	if conflict(a, "district", district) || province == "" && city == "" && district == "" {
		return false
	}
	if city != "" && province == "" {
		province = g.cities[strings.TrimSuffix(city, "市")]
	}
	setPart(a, "region", province)
	setPart(a, "city", city)
	setPart(a, "district", district)
	if rest == "" {
		delete(a, "street")
		return false
	}
	a["street"] = rest
	return true
}

func conflict(a map[string]any, name, value string) bool {
	stands := part(a, name)
	return value != "" && stands != "" && stands != value
}

// Street returns a street line: Text, without spaces between ideographs and
// the figures beside them.
func Street(s string) string {
	s = Text(s)
	if !HasHan(s) {
		return s
	}
	return closeUpFigures(s)
}

func closeUpFigures(s string) string {
	if strings.IndexByte(s, ' ') < 0 {
		return s
	}
	rs := []rune(s)
	out := make([]rune, 0, len(rs))
	for i, r := range rs {
		if r == ' ' && i > 0 && i+1 < len(rs) {
			before, after := out[len(out)-1], rs[i+1]
			if IsHan(before) && (IsHan(after) || figure(after)) || figure(before) && IsHan(after) {
				continue
			}
		}
		out = append(out, r)
	}
	return string(out)
}

func figure(r rune) bool { return r >= '0' && r <= '9' }

// City returns a city's name; a Chinese city of prefecture level gets its 市.
func City(s string) string {
	s = Text(s)
	if !HasHan(s) {
		return s
	}
	s = closeUp(s)
	if _, ok := china().cities[s]; ok && s != "海南藏族" {
		return s + "市"
	}
	if p := china().province(s); municipality(p) {
		return p
	}
	return s
}

// Region returns a region's name; a Chinese province gets its whole name.
func Region(s string) string {
	s = Text(s)
	if !HasHan(s) {
		return s
	}
	s = closeUp(s)
	if p := china().province(s); p != "" {
		return p
	}
	return s
}

// Postcode returns a postal code in upper case; spaces inside stay single.
func Postcode(s string) string { return strings.ToUpper(Text(s)) }

// ShortPlace returns the form in which places are compared: folded, without
// the words that are left out at will (省, 市, 区; city of, county).
func ShortPlace(s string) string {
	f := Fold(s)
	if !HasHan(f) {
		f = strings.TrimPrefix(f, "city of ")
		f = strings.TrimSuffix(f, " city")
		return strings.TrimSuffix(f, " county")
	}
	if p := china().province(f); p != "" {
		return shortProvince(p)
	}
	for _, tail := range []string{"自治州", "自治县", "地区", "新区", "市", "区", "县", "盟"} {
		if short, ok := strings.CutSuffix(f, tail); ok && len(short) >= 6 {
			return short
		}
	}
	return f
}

var hanDigits = map[rune]int{'〇': 0, '零': 0, '一': 1, '二': 2, '两': 2, '三': 3, '四': 4, '五': 5, '六': 6, '七': 7, '八': 8, '九': 9, '壹': 1, '贰': 2, '叁': 3, '肆': 4, '伍': 5, '陆': 6, '柒': 7, '捌': 8, '玖': 9}

// counters are the words that a number in an address stands before.
const counters = "号弄栋幢楼层室单座组队户期"

// FoldStreet returns a street line as it is compared: folded, Chinese
// numerals before a counter (十二号) as figures, street words abbreviated.
func FoldStreet(s string) string { return string(AppendFoldStreet(nil, s)) }

// AppendFoldStreet appends FoldStreet(s) to dst.
func AppendFoldStreet(dst []byte, s string) []byte {
	start := len(dst)
	dst = AppendFold(dst, s)
	han := false
	for i := start; i < len(dst) && !han; i++ {
		han = dst[i] >= 0xE2
	}
	if han {
		if f := string(dst[start:]); HasHan(f) {
			return append(dst[:start], hanNumerals(f)...)
		}
	}
	var room [128]byte
	out := room[:0]
	for word := range bytes.FieldsSeq(dst[start:]) {
		if len(out) > 0 {
			out = append(out, ' ')
		}
		if short, ok := streetWords[string(word)]; ok {
			out = append(out, short...)
		} else {
			out = append(out, word...)
		}
	}
	return append(dst[:start], out...)
}

var streetWords = map[string]string{
	"street": "st", "road": "rd", "avenue": "ave", "av": "ave", "boulevard": "blvd", "drive": "dr", "lane": "ln", "court": "ct", "place": "pl", "square": "sq", "crescent": "cres", "terrace": "tce", "parade": "pde", "highway": "hwy", "close": "cl", "circuit": "cct",
	"apartment": "apt", "suite": "ste", "floor": "fl", "building": "bldg", "north": "n", "south": "s", "east": "e", "west": "w", "strasse": "str", "saint": "st", "mount": "mt", "flat": "apt", "unit": "apt",
}

func hanNumerals(s string) string {
	if !strings.ContainsFunc(s, func(r rune) bool { return r == '十' || r == '百' || hanDigit(r) }) {
		return s
	}
	rs := []rune(s)
	var b strings.Builder
	for i := 0; i < len(rs); {
		j := i
		for j < len(rs) && (hanDigit(rs[j]) || rs[j] == '十' || rs[j] == '百') {
			j++
		}
		if j > i && j < len(rs) && strings.ContainsRune(counters, rs[j]) && j-i <= 6 {
			b.WriteString(hanNumber(rs[i:j]))
			i = j
			continue
		}
		if j == i {
			j = i + 1
		}
		b.WriteString(string(rs[i:j]))
		i = j
	}
	return b.String()
}

func hanDigit(r rune) bool {
	if r < '〇' {
		return false
	}
	_, ok := hanDigits[r]
	return ok
}

// hanNumber reads 十二, 一百零三 or 一〇三.
func hanNumber(rs []rune) string {
	positional := true
	for _, r := range rs {
		if r == '十' || r == '百' {
			positional = false
		}
	}
	var b strings.Builder
	if positional {
		for _, r := range rs {
			b.WriteByte(byte('0' + hanDigits[r]))
		}
		return b.String()
	}
	total, digit := 0, 0
	for _, r := range rs {
		switch r {
		case '十':
			total += max(digit, 1) * 10
			digit = 0
		case '百':
			total += max(digit, 1) * 100
			digit = 0
		default:
			digit = hanDigits[r]
		}
	}
	return decimal(total + digit)
}

func decimal(n int) string {
	var b [20]byte
	i := len(b)
	for {
		i--
		b[i] = byte('0' + n%10)
		if n /= 10; n == 0 {
			return string(b[i:])
		}
	}
}
