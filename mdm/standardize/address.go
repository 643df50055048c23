package standardize

import (
	"bytes"
	"cmp"
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
	for {
		found := split(part(a, "street"), part(a, "region"), part(a, "city"), part(a, "district"))
		if !found.some() {
			return
		}
		setPart(a, "region", found.region)
		setPart(a, "city", found.city)
		setPart(a, "district", found.district)
		if found.rest == "" {
			delete(a, "street")
			return
		}
		a["street"] = found.rest
	}
}

// ChineseStreet returns what a Chinese street line is a part of, as far as the
// line says it, and what is left of it, in the spelling of Address.
func ChineseStreet(line string) (region, city, district, street string) {
	street = Street(line)
	for {
		found := split(street, region, city, district)
		if !found.some() {
			return region, city, district, street
		}
		region, city, district = cmp.Or(region, found.region), cmp.Or(city, found.city), cmp.Or(district, found.district)
		if street = found.rest; street == "" {
			return region, city, district, ""
		}
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

// places are what a street line says that it is a part of, and the rest of it.
type places struct{ region, city, district, rest string }

func (p *places) some() bool { return p.region != "" || p.city != "" || p.district != "" }

// split parts province, city and district from a Chinese street line, of which
// these places are known; none where the line names others.
func split(street, region, city, district string) places {
	if street == "" || !HasHan(street) {
		return places{}
	}
	g := china()
	var p places
	p.region, p.rest = g.leadingProvince(strings.TrimPrefix(street, "中国"))
	p.rest = strings.TrimLeft(p.rest, " ,")
	if municipality(p.region) {
		p.city = p.region
		p.rest = strings.TrimPrefix(p.rest, p.region)
		p.rest = strings.TrimPrefix(p.rest, "市辖区")
	} else if p.region != "" || city == "" || strings.HasPrefix(p.rest, city) {
		p.city, p.rest = g.leadingCity(p.rest, p.region)
	}
	p.rest = strings.TrimLeft(p.rest, " ,")
	if conflict(region, p.region) || conflict(city, p.city) {
		return places{} // the street names another place than the parts do: leave both
	}
	if p.region != "" || p.city != "" || city != "" {
		p.district, p.rest = leadingDistrict(p.rest)
	}
	p.rest = strings.TrimLeft(p.rest, " ,")
	if conflict(district, p.district) {
		return places{}
	}
	if p.city != "" && p.region == "" {
		p.region = g.cities[strings.TrimSuffix(p.city, "市")]
	}
	return p
}

func conflict(stands, value string) bool { return value != "" && stands != "" && stands != value }

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

// counters are the words that a number in an address stands before.
const counters = "号弄栋幢楼层室单座组队户期"

// FoldStreet returns a street line as it is compared: folded, Chinese
// numerals before a counter (十二号) as figures, street words abbreviated.
func FoldStreet(s string) string {
	var room [192]byte
	return string(AppendFoldStreet(room[:0], s))
}

// AppendFoldStreet appends FoldStreet(s) to dst.
func AppendFoldStreet(dst []byte, s string) []byte {
	start := len(dst)
	dst = AppendFold(dst, s)
	for i := start; i < len(dst); i++ {
		if dst[i] < 0xE2 {
			continue
		}
		if bytes.IndexFunc(dst[i:], IsHan) < 0 {
			break
		}
		if bytes.IndexFunc(dst[i:], hanNumeral) < 0 {
			return dst
		}
		return append(dst[:start], hanNumerals(string(dst[start:]))...)
	}
	var room [128]byte
	out := room[:0]
	for word := range bytes.FieldsSeq(dst[start:]) {
		if len(out) > 0 {
			out = append(out, ' ')
		}
		if streetLengths[word[0]]>>min(len(word), 31)&1 == 1 {
			if short, ok := streetWords[string(word)]; ok {
				out = append(out, short...)
				continue
			}
		}
		out = append(out, word...)
	}
	return append(dst[:start], out...)
}

var streetWords = map[string]string{
	"street": "st", "road": "rd", "avenue": "ave", "av": "ave", "boulevard": "blvd", "drive": "dr", "lane": "ln", "court": "ct", "place": "pl", "square": "sq", "crescent": "cres", "terrace": "tce", "parade": "pde", "highway": "hwy", "close": "cl", "circuit": "cct",
	"apartment": "apt", "suite": "ste", "floor": "fl", "building": "bldg", "north": "n", "south": "s", "east": "e", "west": "w", "strasse": "str", "saint": "st", "mount": "mt", "flat": "apt", "unit": "apt",
}

// streetLengths tells how long the streetWords are that begin with a byte: bit
// n is set for n bytes.
var streetLengths = func() (lengths [256]uint32) {
	for w := range streetWords {
		lengths[w[0]] |= 1 << len(w)
	}
	return lengths
}()

func hanNumerals(s string) string {
	rs := []rune(s)
	var b strings.Builder
	for i := 0; i < len(rs); {
		j := i
		for j < len(rs) && hanNumeral(rs[j]) {
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

// hanNumeral reports whether a character is a figure, or counts tens or hundreds.
func hanNumeral(r rune) bool { return r == '十' || r == '百' || hanDigit(r) >= 0 }

// hanDigit returns the figure that a character stands for, -1 of another.
func hanDigit(r rune) int {
	switch r {
	case '〇', '零':
		return 0
	case '一', '壹':
		return 1
	case '二', '两', '贰':
		return 2
	case '三', '叁':
		return 3
	case '四', '肆':
		return 4
	case '五', '伍':
		return 5
	case '六', '陆':
		return 6
	case '七', '柒':
		return 7
	case '八', '捌':
		return 8
	case '九', '玖':
		return 9
	}
	return -1
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
			b.WriteByte(byte('0' + hanDigit(r)))
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
			digit = hanDigit(r)
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
