package standardize

import (
	_ "embed"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"

	"github.com/mozillazg/go-pinyin"
)

//go:embed simplified.txt
var simplifiedText string

const (
	hanFirst = 0x3400
	hanLast  = 0x9FFF
)

// simplified maps U+3400 to U+9FFF to simplified characters; 0 is itself.
var simplified = sync.OnceValue(func() *[hanLast - hanFirst + 1]uint16 {
	var t [hanLast - hanFirst + 1]uint16
	for line := range strings.Lines(simplifiedText) {
		if line[0] == '#' {
			continue
		}
		runes := []rune(strings.TrimSpace(line))
		for i := 0; i+1 < len(runes); i += 2 {
			t[runes[i]-hanFirst] = uint16(runes[i+1])
		}
	}
	return &t
})

func simplify(r rune) rune {
	if r < hanFirst || r > hanLast {
		return r
	}
	if s := simplified()[r-hanFirst]; s != 0 {
		return rune(s)
	}
	return r
}

// SimplifiedRune is Simplified of one character.
func SimplifiedRune(r rune) rune { return simplify(r) }

// Simplified returns s with traditional and variant characters replaced one
// by one; for comparison, not for show.
func Simplified(s string) string { return strings.Map(simplify, s) }

// IsHan reports whether r is an ideograph.
func IsHan(r rune) bool {
	return r >= 0x4E00 && r <= 0x9FFF || r >= 0x2E80 && unicode.Is(unicode.Han, r)
}

// HasHan reports whether s holds an ideograph.
func HasHan(s string) bool {
	for i := 0; i < len(s); i++ {
		if s[i] >= 0xE2 {
			for _, r := range s[i:] {
				if IsHan(r) {
					return true
				}
			}
			return false
		}
	}
	return false
}

// AllHan reports whether s is ideographs, and the dot of foreign names, only.
func AllHan(s string) bool {
	for _, r := range s {
		if !IsHan(r) && r != '·' {
			return false
		}
	}
	return s != ""
}

// syllables maps U+3400 to U+9FFF to their first pinyin without tone.
var syllables = sync.OnceValue(func() *[hanLast - hanFirst + 1]string {
	var t [hanLast - hanFirst + 1]string
	one := map[string]string{}
	for r := hanFirst; r <= hanLast; r++ {
		readings, ok := pinyin.PinyinDict[r]
		if !ok {
			continue
		}
		first, _, _ := strings.Cut(readings, ",")
		s := Fold(strings.Map(umlaut, first))
		if one[s] == "" {
			one[s] = s
		}
		t[r-hanFirst] = one[s]
	}
	return &t
})

// umlaut writes ü, whatever its tone, as v.
func umlaut(r rune) rune {
	if strings.ContainsRune("üǖǘǚǜ", r) {
		return 'v'
	}
	return r
}

// Pinyin returns the syllable of an ideograph without tone (ü is v), or "".
func Pinyin(r rune) string {
	if r < hanFirst || r > hanLast {
		return ""
	}
	return syllables()[r-hanFirst]
}

// surnameReadings are the characters that are read otherwise as a surname.
var surnameReadings = map[rune]string{
	'单': "shan", '仇': "qiu", '解': "xie", '曾': "zeng", '查': "zha", '朴': "piao", '区': "ou", '盖': "ge", '翟': "zhai",
	'任': "ren", '华': "hua", '缪': "miao", '尉': "wei", '员': "yun", '乐': "yue", '覃': "qin", '召': "shao", '种': "chong",
	'宓': "mi", '牟': "mou", '折': "she", '黑': "he", '盛': "sheng", '卜': "bu", '晟': "cheng", '冼': "xian", '幺': "yao", '洗': "xian",
	'秘': "bi", '郗': "xi", '逄': "pang", '纪': "ji", '繁': "po", '车': "che", '葛': "ge", '沈': "shen", '呙': "guo",
}

// compoundSurnames are the surnames of two characters.
var compoundSurnames = sync.OnceValue(func() map[string]bool {
	m := map[string]bool{}
	for _, s := range strings.Fields(`欧阳 司马 上官 诸葛 夏侯 东方 皇甫 尉迟 公孙 慕容 令狐 宇文 长孙 司徒 司空 端木 百里 南宫 轩辕 呼延 东郭 南门 独孤 万俟 闻人
		赫连 澹台 公冶 宗政 濮阳 淳于 单于 太叔 申屠 仲孙 钟离 鲜于 闾丘 亓官 司寇 子车 颛孙 巫马 公西 漆雕 乐正 壤驷 公良 拓跋 夹谷 宰父 谷梁
		段干 东里 西门 公羊 纳兰 完颜 叶赫 耶律 第五 梁丘 左丘 东门 羊舌 微生 北堂 贺兰 哥舒 阿史 达奚 贺若`) {
		m[s] = true
	}
	return m
})

// CompoundSurname reports whether two characters are one surname.
func CompoundSurname(s string) bool { return compoundSurnames()[Simplified(s)] }

// compoundReadings are the compound surnames with a reading of their own.
var compoundReadings = map[string]string{"尉迟": "yuchi", "单于": "chanyu", "万俟": "moqi", "长孙": "zhangsun", "澹台": "tantai", "令狐": "linghu", "夏侯": "xiahou"}

// SplitHan splits a Chinese full name in simplified characters into surname
// and given name: one of the compound surnames, else one character. A foreign
// name with a dot (迈克尔·乔丹) is given name first; ok is false for what is
// not a name of two to four characters, or a dotted one.
func SplitHan(name string) (family, given string, ok bool) {
	if !AllHan(name) {
		return "", "", false
	}
	if i := strings.LastIndex(name, "·"); i > 0 {
		return name[i+len("·"):], name[:i], len(name) > i+len("·")
	}
	n := utf8.RuneCountInString(name)
	if n < 2 || n > 4 {
		return "", "", false
	}
	_, first := utf8.DecodeRuneInString(name)
	_, second := utf8.DecodeRuneInString(name[first:])
	if two := first + second; n > 2 && compoundSurnames()[Simplified(name[:two])] {
		return name[:two], name[two:], true
	}
	return name[:first], name[first:], true
}

// SurnamePinyin returns a Chinese surname's reading in one word.
func SurnamePinyin(family string) string {
	family = Simplified(family)
	if p, ok := compoundReadings[family]; ok {
		return p
	}
	r, n := utf8.DecodeRuneInString(family)
	if n == len(family) {
		if p, ok := surnameReadings[r]; ok {
			return p
		}
	}
	return GivenPinyin(family)
}

// GivenPinyin returns the readings of characters joined in one word; what has
// none is left out.
func GivenPinyin(given string) string {
	var b strings.Builder
	for _, r := range given {
		b.WriteString(Pinyin(simplify(r)))
	}
	return b.String()
}

// NamePinyin returns a Chinese name's reading, surname first ("ouyang
// xiaoming"), or "" where the name is not Chinese.
func NamePinyin(name string) string {
	family, given, ok := SplitHan(PersonName(name))
	if !ok {
		return ""
	}
	return strings.TrimSpace(SurnamePinyin(family) + " " + GivenPinyin(given))
}

var syllableSet = sync.OnceValue(func() map[string]bool {
	m := map[string]bool{}
	for _, s := range syllables() {
		if s != "" {
			m[s] = true
		}
	}
	return m
})

// Syllable reports whether a word is one syllable of pinyin without tone.
func Syllable(word string) bool { return syllableSet()[word] }
