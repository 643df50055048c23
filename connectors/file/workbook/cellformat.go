package workbook

import (
	"encoding/json"
	"strconv"
	"strings"
)

// cellFormat is what a number format makes of a number.
type cellFormat struct {
	kind formatKind
	pad  int // digits, for zeroes
}

type formatKind uint8

const (
	plainNumber formatKind = iota
	dateNumber
	clockNumber // hours and minutes without a day
	textNumber  // a number that is shown as text
	zeroes      // filled up with zeros in front: postcodes, account numbers
)

// formatOf reads a number format, by its number where it is built in.
func formatOf(id int, code string) cellFormat {
	if code == "" {
		switch {
		case id >= 14 && id <= 17, id == 22, id >= 27 && id <= 31, id == 36, id >= 50 && id <= 54, id == 57, id == 58:
			return cellFormat{kind: dateNumber}
		case id >= 18 && id <= 21, id >= 32 && id <= 35, id >= 45 && id <= 47, id == 55, id == 56:
			return cellFormat{kind: clockNumber}
		case id == 49:
			return cellFormat{kind: textNumber}
		}
		return cellFormat{}
	}
	code, _, _ = strings.Cut(code, ";")
	bare, elapsed := bareCode(code)
	switch {
	case bare == "@":
		return cellFormat{kind: textNumber}
	case bare == "general" || bare == "":
		return cellFormat{}
	case len(bare) >= 2 && strings.Trim(bare, "0") == "":
		return cellFormat{kind: zeroes, pad: len(bare)}
	case strings.ContainsAny(bare, "#0?"):
		if !strings.ContainsAny(bare, "ydhs") {
			return cellFormat{}
		}
	}
	switch {
	case strings.ContainsAny(bare, "yd") || strings.Contains(bare, "aaa") || strings.Contains(bare, "mmm"):
		return cellFormat{kind: dateNumber}
	case strings.HasPrefix(bare, "e") && strings.Contains(bare, "m"):
		return cellFormat{kind: dateNumber} // a year of an era
	case elapsed || strings.ContainsAny(bare, "hs"):
		return cellFormat{kind: clockNumber}
	case strings.Contains(bare, "m"):
		return cellFormat{kind: dateNumber}
	}
	return cellFormat{}
}

// bareCode takes quoted words, escaped characters, colours, currencies and
// locales off a format; elapsed says that it counts hours beyond a day.
func bareCode(code string) (bare string, elapsed bool) {
	var b strings.Builder
	for i := 0; i < len(code); i++ {
		switch c := code[i]; c {
		case '"':
			if end := strings.IndexByte(code[i+1:], '"'); end >= 0 {
				i += end + 1
			}
		case '\\', '_', '*':
			i++
		case '[':
			end := strings.IndexByte(code[i:], ']')
			if end < 0 {
				continue
			}
			if word := strings.ToLower(code[i+1 : i+end]); word != "" && strings.Trim(word, "hms") == "" {
				elapsed = true
			}
			i += end
		default:
			if c < 0x80 {
				b.WriteByte(c)
			}
		}
	}
	s := strings.ToLower(strings.TrimSpace(b.String()))
	return strings.NewReplacer("am/pm", "", "a/p", "").Replace(s), elapsed
}

// value returns a number cell as it is meant: exact digits, or the date.
func (f cellFormat) value(number string, base1904 bool) any {
	switch f.kind {
	case dateNumber, clockNumber:
		if s, ok := Date(number, base1904, f.kind == dateNumber); ok {
			return s
		}
	case textNumber:
		return exactNumber(number)
	case zeroes:
		if n := exactNumber(number); strings.Trim(n, "0123456789") == "" {
			return strings.Repeat("0", max(0, f.pad-len(n))) + n
		}
	}
	if n := exactNumber(number); json.Valid([]byte(n)) {
		return json.Number(n)
	}
	return number
}

// exactNumber returns a cell's number in plain decimal digits. Workbooks hold
// binary fractions in 17 digits; 15 of them are what was typed and what is
// shown, so 19.989999999999998 is 19.99. Whole numbers keep all their digits.
func exactNumber(s string) string {
	s = strings.TrimSpace(s)
	digits, plain := 0, true
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case c >= '0' && c <= '9':
			digits++
		case c == '-' && i == 0:
		default:
			plain = false
		}
	}
	if plain && digits > 0 && (digits == 1 || strings.TrimPrefix(s, "-")[0] != '0') {
		return s
	}
	f, err := strconv.ParseFloat(s, 64)
	if err != nil {
		return s
	}
	f, err = strconv.ParseFloat(strconv.FormatFloat(f, 'e', 14, 64), 64)
	if err != nil {
		return s
	}
	if f == 0 {
		return "0"
	}
	return strconv.FormatFloat(f, 'f', -1, 64)
}
