package standardize

import (
	_ "embed"
	"strings"
	"sync"
	"unicode/utf8"
)

//go:embed china.txt
var chinaText string

// gazetteer knows China's provinces and the cities in them.
type gazetteer struct {
	// provinces are those that begin with a character: whole name, 广东省, and
	// short, 广东.
	provinces map[rune][][2]string
	short     map[string]string // 广东 and 广东省 to 广东省
	cities    map[string]string // 深圳 to 广东省
}

var china = sync.OnceValue(func() *gazetteer {
	g := &gazetteer{provinces: map[rune][][2]string{}, short: map[string]string{}, cities: map[string]string{}}
	for line := range strings.Lines(chinaText) {
		words := strings.Fields(line)
		if len(words) == 0 || words[0] == "#" {
			continue
		}
		p := words[0]
		first, _ := utf8.DecodeRuneInString(p)
		g.provinces[first] = append(g.provinces[first], [2]string{p, shortProvince(p)})
		g.short[p] = p
		g.short[shortProvince(p)] = p
		for _, c := range words[1:] {
			g.cities[c] = p
		}
	}
	return g
})

// shortProvince returns 广东 for 广东省, 广西 for 广西壮族自治区.
func shortProvince(p string) string {
	for _, tail := range []string{"特别行政区", "壮族自治区", "回族自治区", "维吾尔自治区", "自治区", "省", "市"} {
		if s, ok := strings.CutSuffix(p, tail); ok && s != "" {
			return s
		}
	}
	return p
}

// municipality reports whether a province is a city too.
func municipality(p string) bool { return strings.HasSuffix(p, "市") }

// province returns the whole name of a province, "" where s is none.
func (g *gazetteer) province(s string) string { return g.short[s] }

// leadingProvince cuts a province off the front of an address.
func (g *gazetteer) leadingProvince(s string) (province, rest string) {
	first, _ := utf8.DecodeRuneInString(s)
	for _, p := range g.provinces[first] {
		if r, ok := strings.CutPrefix(s, p[0]); ok {
			return p[0], r
		}
		r, ok := strings.CutPrefix(s, p[1])
		// 上海路 and 南京东路 are streets, 吉林市 is a city.
		if ok && !streetFollows(r) && !(p[1] == "吉林" && strings.HasPrefix(r, "市")) {
			return p[0], strings.TrimPrefix(r, "省")
		}
	}
	return "", s
}

// leadingCity cuts a prefecture-level city off the front, with or without 市.
func (g *gazetteer) leadingCity(s, province string) (city, rest string) {
	if i := strings.Index(s, "市"); i > 0 && i <= 15 {
		name := s[:i]
		if p, ok := g.cities[name]; ok && (province == "" || p == province) || province != "" && !strings.ContainsAny(name, "0123456789区县路街号") {
			return name + "市", s[i+len("市"):]
		}
	}
	if i := strings.Index(s, "自治州"); i > 0 && i <= 45 {
		return s[:i+len("自治州")], s[i+len("自治州"):]
	}
	for n := 6; n <= 15 && n <= len(s); n += 3 {
		if p, ok := g.cities[s[:n]]; ok && (province == "" || p == province) && !streetFollows(s[n:]) && s[n:] != "" {
			return s[:n] + "市", s[n:]
		}
	}
	return "", s
}

func streetFollows(rest string) bool {
	for _, w := range []string{"路", "街", "大道", "东路", "西路", "南路", "北路", "中路", "东街", "西街", "道", "巷"} {
		if strings.HasPrefix(rest, w) {
			return true
		}
	}
	return false
}

// leadingDistrict cuts a district, county or county-level city off the front.
func leadingDistrict(s string) (district, rest string) {
	n := 0
	for i, r := range s {
		if n++; n > 10 {
			break
		}
		switch r {
		case '区', '县', '旗':
			if n >= 2 {
				end := i + len(string(r))
				// 小区, 社区, 园区 and 开发区 in the middle of a street are not districts.
				if name := s[:end]; !strings.HasSuffix(name, "小区") && !strings.HasSuffix(name, "社区") && !strings.HasSuffix(name, "园区") && !strings.ContainsAny(name, "路街号道巷") {
					return name, s[end:]
				}
				return "", s
			}
		case '市':
			if n >= 3 {
				return s[:i+len("市")], s[i+len("市"):]
			}
		case '路', '街', '号', '道', '巷', '0', '1', '2', '3', '4', '5', '6', '7', '8', '9':
			return "", s
		}
	}
	return "", s
}
