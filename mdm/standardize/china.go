package standardize

import (
	_ "embed"
	"strings"
	"sync"
)

//go:embed china.txt
var chinaText string

// gazetteer knows China's provinces and the cities in them.
type gazetteer struct {
	provinces []string          // whole names, 广东省
	short     map[string]string // 广东 and 广东省 to 广东省
	cities    map[string]string // 深圳 to 广东省
}

var china = sync.OnceValue(func() *gazetteer {
	g := &gazetteer{short: map[string]string{}, cities: map[string]string{}}
	for line := range strings.Lines(chinaText) {
		words := strings.Fields(line)
		if len(words) == 0 || words[0] == "#" {
			continue
		}
		p := words[0]
		g.provinces = append(g.provinces, p)
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
	for _, p := range g.provinces {
		if r, ok := strings.CutPrefix(s, p); ok {
			return p, r
		}
	}
	for _, p := range g.provinces {
		short := shortProvince(p)
		r, ok := strings.CutPrefix(s, short)
		if !ok {
			continue
		}
		if short == "吉林" && strings.HasPrefix(r, "市") {
			continue // the city of that name
		}
		// 上海路 and 南京东路 are streets.
		if streetFollows(r) {
			continue
		}
		return p, strings.TrimPrefix(r, "省")
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
