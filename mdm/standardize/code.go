package standardize

import (
	"bytes"
	"math/big"
	"strconv"
	"strings"
	"sync"

	"golang.org/x/text/currency"
	"golang.org/x/text/language"
	"golang.org/x/text/language/display"
)

var genders = map[string]string{
	"m": "male", "male": "male", "man": "male", "mr": "male", "男": "male", "男性": "male", "先生": "male", "1": "male",
	"f": "female", "female": "female", "woman": "female", "mrs": "female", "ms": "female", "miss": "female", "女": "female", "女性": "female", "女士": "female", "2": "female", "w": "female",
	"other": "other", "x": "other", "diverse": "other", "non binary": "other", "nonbinary": "other", "其他": "other", "9": "other",
	"unknown": "unknown", "u": "unknown", "n a": "unknown", "未知": "unknown", "不详": "unknown", "保密": "unknown", "未说明": "unknown", "0": "unknown",
}

// Gender returns male, female, other or unknown; GB/T 2261 and ISO 5218
// numbers are understood.
func Gender(s string) (string, bool) {
	switch s {
	case "male", "female", "other", "unknown":
		return s, true
	}
	var room [64]byte
	g, ok := genders[string(AppendFold(room[:0], s))]
	return g, ok
}

// countryAliases are names in use that the tables of names lack.
var countryAliases = map[string]string{
	"usa": "US", "united states of america": "US", "america": "US", "u s a": "US", "u s": "US", "uk": "GB", "u k": "GB", "great britain": "GB", "england": "GB", "scotland": "GB", "wales": "GB", "northern ireland": "GB",
	"prc": "CN", "p r china": "CN", "pr china": "CN", "people s republic of china": "CN", "peoples republic of china": "CN", "mainland china": "CN", "中华人民共和国": "CN", "中国大陆": "CN", "大陆": "CN",
	"hong kong": "HK", "香港": "HK", "中国香港": "HK", "macau": "MO", "macao": "MO", "澳门": "MO", "中国澳门": "MO", "taiwan": "TW", "台湾": "TW", "中国台湾": "TW", "臺湾": "TW",
	"korea": "KR", "south korea": "KR", "republic of korea": "KR", "north korea": "KP", "russia": "RU", "russian federation": "RU", "viet nam": "VN", "holland": "NL", "the netherlands": "NL", "czech republic": "CZ",
	"ivory coast": "CI", "turkey": "TR", "turkiye": "TR", "burma": "MM", "macedonia": "MK", "swaziland": "SZ", "cape verde": "CV", "iran": "IR", "syria": "SY", "laos": "LA", "brunei darussalam": "BN", "bolivia": "BO", "tanzania": "TZ", "moldova": "MD", "venezuela": "VE",
	"deutschland": "DE", "osterreich": "AT", "schweiz": "CH", "espana": "ES", "italia": "IT", "日本国": "JP", "大韩民国": "KR", "南韩": "KR", "美利坚": "US", "uae": "AE", "阿联酋": "AE", "沙特": "SA", "捷克": "CZ", "纽西兰": "NZ", "澳洲": "AU",
}

// countries maps folded English and Chinese names and ISO codes to alpha-2.
var countries = sync.OnceValue(func() map[string]string {
	m := map[string]string{}
	en, zh := display.Regions(language.English), display.Regions(language.Chinese)
	for a := 'A'; a <= 'Z'; a++ {
		for b := 'A'; b <= 'Z'; b++ {
			r, err := language.ParseRegion(string([]rune{a, b}))
			if err != nil || !r.IsCountry() || r.Canonicalize() != r {
				continue
			}
			code := r.String()
			for _, name := range []string{code, r.ISO3(), en.Name(r), zh.Name(r)} {
				if f := Fold(name); f != "" && f != "zzz" {
					m[f] = code
				}
			}
		}
	}
	for name, code := range countryAliases {
		m[name] = code
	}
	return m
})

// Country returns the ISO 3166-1 alpha-2 code of a country's code (two or
// three letters) or its English or Chinese name.
func Country(s string) (string, bool) {
	var room [64]byte
	f := AppendFold(room[:0], s)
	c, ok := countries()[string(f)]
	if !ok {
		c, ok = countries()[string(bytes.TrimPrefix(f, []byte("the ")))]
	}
	return c, ok
}

var languageNames = map[string]string{
	"chinese": "zh", "中文": "zh", "汉语": "zh", "普通话": "zh", "mandarin": "zh", "简体中文": "zh-Hans", "繁体中文": "zh-Hant", "simplified chinese": "zh-Hans", "traditional chinese": "zh-Hant",
	"english": "en", "英文": "en", "英语": "en", "japanese": "ja", "日文": "ja", "日语": "ja", "korean": "ko", "韩文": "ko", "韩语": "ko", "german": "de", "德语": "de", "french": "fr", "法语": "fr",
	"spanish": "es", "西班牙语": "es", "russian": "ru", "俄语": "ru", "portuguese": "pt", "葡萄牙语": "pt", "italian": "it", "意大利语": "it",
}

// Language returns a BCP 47 tag in its canonical form.
func Language(s string) (string, bool) {
	switch s {
	case "zh", "zh-CN", "zh-Hans", "zh-Hant", "zh-TW", "zh-HK", "en", "en-US", "en-GB", "ja", "ko", "de", "fr", "es", "it", "pt", "ru", "nl":
		return s, true // nearly all of them, and canonical
	}
	if t, ok := languageNames[Fold(s)]; ok {
		return t, true
	}
	t, err := language.Parse(strings.TrimSpace(s))
	if err != nil || t == language.Und {
		return "", false
	}
	return t.String(), true
}

var currencyNames = map[string]string{
	"￥": "CNY", "¥": "CNY", "元": "CNY", "人民币": "CNY", "rmb": "CNY", "yuan": "CNY", "$": "USD", "us$": "USD", "美元": "USD", "€": "EUR", "欧元": "EUR", "£": "GBP", "英镑": "GBP", "hk$": "HKD", "港币": "HKD", "港元": "HKD", "日元": "JPY", "nt$": "TWD", "新台币": "TWD",
}

// Currency returns the ISO 4217 code.
func Currency(s string) (string, bool) {
	s = strings.TrimSpace(s)
	if c, ok := currencyNames[strings.ToLower(s)]; ok {
		return c, true
	}
	if c, ok := currencyNames[Fold(s)]; ok {
		return c, true
	}
	u, err := currency.ParseISO(strings.ToUpper(Text(s)))
	if err != nil {
		return "", false
	}
	return u.String(), true
}

// Money returns an amount as an exact decimal string: currency signs and
// thousands separators fall away, (1.00) and 1.00- are negative, an exponent
// is written out. 1,234 is a thousand; 1.234,56 and 12,5 have a decimal comma.
func Money(s string) (string, bool) {
	if simpleDecimal(s) {
		return s, true
	}
	s = strings.ReplaceAll(Text(s), " ", "")
	negative := false
	if n := len(s); n > 2 && s[0] == '(' && s[n-1] == ')' {
		negative, s = true, s[1:n-1]
	}
	s = strings.TrimFunc(s, func(r rune) bool {
		return !(r >= '0' && r <= '9' || r == '.' || r == ',' || r == '-' || r == '+' || r == '−')
	})
	for _, sign := range []string{"-", "−", "+"} {
		if rest, ok := strings.CutPrefix(s, sign); ok {
			negative, s = negative != (sign != "+"), rest
			break
		}
		if rest, ok := strings.CutSuffix(s, sign); ok && sign != "+" {
			negative, s = !negative, rest
			break
		}
	}
	s = strings.TrimFunc(s, func(r rune) bool { return !(r >= '0' && r <= '9' || r == '.' || r == ',') })
	mantissa, exponent, hasExponent := strings.Cut(strings.ToLower(s), "e")
	whole, fraction, ok := decimalParts(mantissa)
	if !ok {
		return "", false
	}
	if hasExponent {
		if whole, fraction, ok = shift(whole, fraction, exponent); !ok {
			return "", false
		}
	}
	if whole = strings.TrimLeft(whole, "0"); whole == "" {
		whole = "0"
	}
	if fraction != "" {
		whole += "." + fraction
	}
	if negative && strings.Trim(whole, "0.") != "" {
		whole = "-" + whole
	}
	return whole, true
}

// simpleDecimal recognises what Money returns.
func simpleDecimal(s string) bool {
	t := strings.TrimPrefix(s, "-")
	whole, fraction, point := strings.Cut(t, ".")
	return digitsOnly(whole) && (whole == "0" || whole[0] != '0') && (!point || digitsOnly(fraction)) && (t == s || strings.Trim(t, "0.") != "")
}

// decimalParts tells the decimal mark from the thousands separator.
func decimalParts(s string) (whole, fraction string, ok bool) {
	dot, comma := strings.LastIndexByte(s, '.'), strings.LastIndexByte(s, ',')
	mark := dot
	switch {
	case comma > dot && dot >= 0:
		mark = comma
	case dot < 0 && comma >= 0:
		mark = -1
		if strings.Count(s, ",") == 1 && len(s)-comma-1 != 3 {
			mark = comma
		}
	case strings.Count(s, ".") > 1 && comma < 0:
		mark = -1
	}
	whole = s
	if mark >= 0 {
		whole, fraction = s[:mark], s[mark+1:]
	}
	if !grouped(whole) {
		return "", "", false
	}
	whole = strings.NewReplacer(",", "", ".", "").Replace(whole)
	if whole+fraction == "" || whole != "" && !digitsOnly(whole) || fraction != "" && !digitsOnly(fraction) {
		return "", "", false
	}
	return whole, fraction, true
}

// grouped reports whether separators stand before groups of three digits (or
// of two, as in India, before a last one of three).
func grouped(s string) bool {
	i := strings.LastIndexAny(s, ".,")
	return i < 0 || len(s)-i-1 == 3
}

// shift moves the decimal point by an exponent within reason.
func shift(whole, fraction, exponent string) (string, string, bool) {
	e, err := strconv.Atoi(exponent)
	if err != nil || e > 40 || e < -40 {
		return "", "", false
	}
	digits, point := whole+fraction, len(whole)+e
	if _, ok := new(big.Int).SetString(digits, 10); !ok {
		return "", "", false
	}
	if point <= 0 {
		return "0", strings.Repeat("0", -point) + digits, true
	}
	if point >= len(digits) {
		return digits + strings.Repeat("0", point-len(digits)), "", true
	}
	return digits[:point], digits[point:], true
}
