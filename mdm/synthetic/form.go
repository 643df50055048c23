package synthetic

import (
	"strconv"
	"unicode/utf8"
)

// prefixes are the calling codes by origin.
var prefixes = [...]string{mainland: "86", hongkong: "852", taiwan: "886", britain: "44", america: "1"}

// phone writes national digits as the system does. Landlines of China and
// numbers of Britain and Taiwan have a 0 before them at home.
func (w *writer) phone(national string, mobile bool, o origin) string {
	form := w.sys.phones
	if w.s.chance(80) {
		form = phonePlain
	}
	trunk := ""
	if o == britain || o == taiwan && mobile || o.chinese() && !mobile {
		trunk = "0"
	}
	code := prefixes[o]
	if !mobile && o.chinese() {
		code = "86"
	}
	switch form {
	case phoneE164:
		return "+" + code + national
	case phoneZeros:
		return "00" + code + national
	case phoneBrackets:
		return "(" + code + ")" + trunk + national
	case phoneSpaces:
		return "+" + code + " " + groups(national, ' ')
	case phoneDashes:
		return trunk + groups(national, '-')
	}
	return trunk + national
}

// groups parts figures: the first three, then fours.
func groups(number string, by byte) string {
	b := make([]byte, 0, 16)
	for i := range len(number) {
		if i == 3 || i > 3 && (i-3)%4 == 0 {
			b = append(b, by)
		}
		b = append(b, number[i])
	}
	return string(b)
}

var months = [...]string{"Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"}

// date writes a date as the system does.
func (w *writer) date(y, m, d int, o origin) string {
	b := make([]byte, 0, 16)
	two := func(n int) { b = append(b, byte('0'+n/10), byte('0'+n%10)) }
	year := func() { b = strconv.AppendInt(b, int64(y), 10) }
	by := func(c byte) { b = append(b, c) }
	switch w.sys.dates {
	case dateDay:
		two(d)
		by('/')
		two(m)
		by('/')
		year()
	case dateMonth:
		two(m)
		by('/')
		two(d)
		by('/')
		year()
	case dateCompact:
		year()
		two(m)
		two(d)
	case dateHan:
		if o.chinese() {
			year()
			b = append(b, "年"...)
			b = strconv.AppendInt(b, int64(m), 10)
			b = append(b, "月"...)
			b = strconv.AppendInt(b, int64(d), 10)
			b = append(b, "日"...)
			break
		}
		b = strconv.AppendInt(b, int64(d), 10)
		by(' ')
		b = append(b, months[m-1]...)
		by(' ')
		year()
	case datePoints:
		year()
		by('.')
		b = strconv.AppendInt(b, int64(m), 10)
		by('.')
		b = strconv.AppendInt(b, int64(d), 10)
	default:
		year()
		by('-')
		two(m)
		by('-')
		two(d)
	}
	return string(b)
}

// country writes where a customer lives: who comes from Hong Kong or Taiwan
// lives on the mainland, and some systems say where they come from.
func (w *writer) country(o origin) string {
	if o.chinese() && w.s.chance(800) {
		o = mainland
	}
	own := [...]string{mainland: "中国", hongkong: "香港", taiwan: "台湾", britain: "United Kingdom", america: "USA"}
	long := [...]string{mainland: "CHN", hongkong: "HKG", taiwan: "TWN", britain: "GBR", america: "USA"}
	name := [...]string{mainland: "China", hongkong: "Hong Kong", taiwan: "Taiwan", britain: "United Kingdom", america: "United States"}
	switch w.sys.countries {
	case countryLong:
		return long[o]
	case countryName:
		return name[o]
	case countryOwn:
		return own[o]
	}
	return [...]string{mainland: "CN", hongkong: "HK", taiwan: "TW", britain: "GB", america: "US"}[o]
}

// dateSlip changes a date as slips do: day and month change places, one figure
// is another, the year is one off.
func (w *writer) dateSlip(y, m, d int) (int, int, int) {
	if !w.s.chance(w.sys.slips) {
		return y, m, d
	}
	switch x := w.s.upTo(10); {
	case x < 3 && d <= 12:
		return y, d, m
	case x < 6:
		return y, m, 1 + (d+w.s.upTo(26))%28
	case x < 8:
		return y + 1 - 2*w.s.upTo(2), m, d
	case x < 9:
		return y - y%10 + w.s.upTo(10), m, d
	}
	return y, 1 + (m+w.s.upTo(10))%12, d
}

// digitSlip changes one figure of a number, drops one, or lets two change places.
func (w *writer) digitSlip(number string) string {
	b := []byte(number)
	i := w.s.upTo(len(b) - 1)
	switch w.s.upTo(3) {
	case 0:
		b[i] = byte('0' + w.s.upTo(10))
	case 1:
		b[i], b[i+1] = b[i+1], b[i]
	default:
		b = append(b[:i], b[i+1:]...)
	}
	return string(b)
}

// near are the keys beside each key of a to z.
var near = [...]string{"qsz", "vgn", "xvd", "sfe", "wrd", "dgr", "fht", "gjy", "uok", "hku", "jli", "kop", "nk", "bm", "ipl", "o", "wa", "etf", "adw", "ryg", "yij", "cb", "qes", "zc", "tuh", "xa"}

// slip is one slip of the keys: a neighbouring key, a letter too many or too
// few, two that change places; a character for another that sounds or looks
// the same.
func (w *writer) slip(text string) string {
	n := utf8.RuneCountInString(text)
	at := w.s.upTo(n)
	i := 0
	for range at {
		_, size := utf8.DecodeRuneInString(text[i:])
		i += size
	}
	r, size := utf8.DecodeRuneInString(text[i:])
	if r >= 0x3400 {
		if like := w.words.alike[r]; len(like) > 0 {
			return text[:i] + string(like[w.s.upTo(len(like))]) + text[i+size:]
		}
		if n > 5 && w.s.chance(400) {
			return text[:i] + text[i+size:]
		}
		return text
	}
	if n < 4 || size > 1 {
		return text
	}
	switch w.s.upTo(5) {
	case 0:
		return text[:i] + text[i+1:]
	case 1:
		return text[:i+1] + text[i:]
	case 2:
		if i+2 <= len(text) && i > 0 && text[i-1] < 0x80 {
			return text[:i-1] + text[i:i+1] + text[i-1:i] + text[i+1:]
		}
	}
	if r |= 0x20; r < 'a' || r > 'z' {
		return text
	}
	keys := near[r-'a']
	c := keys[w.s.upTo(len(keys))]
	if text[i] < 'a' {
		c -= 'a' - 'A'
	}
	return text[:i] + string(c) + text[i+1:]
}
