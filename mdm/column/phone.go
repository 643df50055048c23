package column

import (
	"strings"

	"crmhub/mdm/standardize"
)

// phone compares phone numbers by their digits.
type phone struct {
	base
	locale standardize.Locale
}

// What stands before the digits of a packed phone number, which are those
// that dialling at home takes, without a leading 0.
const (
	phoneMobile byte = 1 << iota
	// phoneFixed marks a Chinese number that is no mobile one. Elsewhere the
	// number does not tell.
	phoneFixed
)

// The levels of phone numbers.
const (
	phoneExact    = iota + 1 // a mobile number, or one not known to be a landline
	phoneLandline            // a household's or an office's
	phoneTail                // the number without its area code
	phoneNear                // one digit, or two neighbours swapped
	phoneSwitch              // an office's: all but the last two to four digits
	phoneDigits              // two digits
	phoneArea                // the area or the range
	phoneDifferent
)

func newPhone(o Options) *phone {
	return &phone{base{Phone, []string{"exact", "landline", "tail", "near", "extension", "two_digits", "area", "different"}, []string{"exact", "suffix", "prefix", "slip"}}, standardize.Locale{Country: o.Country}}
}

// Append reads a phone number; of several in one cell, the first.
func (c *phone) Append(dst []byte, text string) []byte {
	s := clean(text)
	if i := strings.IndexAny(s, ";/|、，；,\n"); i >= 7 && len(digitsOf(s[:i])) >= 7 {
		s = s[:i]
	}
	if s == "" {
		return dst
	}
	var digits string
	if e164, ok := c.locale.Phone(s); ok && !strings.HasPrefix(s, "(1)") && !strings.HasPrefix(s, "1-") {
		digits = e164[1:]
	} else {
		digits = strings.TrimPrefix(dialled(s), "00")
	}
	if len(digits) < 5 || len(digits) > 18 {
		return dst
	}
	n := subscriber(digits, abroad(s))
	if emptyNumber(n) {
		return dst
	}
	mark := byte(0)
	if len(n) == 11 && n[0] == '1' || len(n) == 10 && n[0] == '7' && digits[0] != '1' {
		mark |= phoneMobile
	}
	if strings.HasPrefix(digits, "86") && len(digits) >= 12 && digits[2] != '1' {
		mark |= phoneFixed
	}
	return append(append(dst, mark), n...)
}

// AppendText appends the digits.
func (c *phone) AppendText(dst []byte, v Packed) []byte {
	if v == "" {
		return dst
	}
	return append(dst, v[1:]...)
}

// dialled returns the digits of a number up to its extension.
func dialled(s string) string {
	s = strings.ToLower(standardize.Text(s))
	for _, mark := range []string{"ext", "x", "#", "转", "分机", "-0-"} {
		if i := strings.Index(s, mark); i > 0 && len(digitsOf(s[:i])) >= 7 {
			s = s[:i]
		}
	}
	return digitsOf(strings.ReplaceAll(s, "(0)", ""))
}

// abroad reports whether a number is written with its country code: +1, 001,
// (1), 1-800.
func abroad(s string) bool {
	s = strings.TrimSpace(s)
	return strings.HasPrefix(s, "+") || strings.HasPrefix(s, "00") || strings.HasPrefix(s, "(1)") || strings.HasPrefix(s, "1-") || strings.HasPrefix(s, "1 ") || strings.HasPrefix(s, "1.") || strings.HasPrefix(s, "1(")
}

// subscriber leaves out country codes and the trunk prefix.
func subscriber(digits string, international bool) string {
	d := digits
	switch {
	case len(d) >= 12 && strings.HasPrefix(d, "86"):
		d = d[2:]
	case len(d) == 11 && d[0] == '1' && d[1] >= '2' && d[1] <= '9' && international, len(d) == 11 && d[0] == '1' && d[1] == '2':
		d = d[1:] // North America
	case len(d) == 13 && (strings.HasPrefix(d, "440") || strings.HasPrefix(d, "490")), len(d) == 12 && (strings.HasPrefix(d, "44") || strings.HasPrefix(d, "49") || strings.HasPrefix(d, "91")), len(d) == 11 && international && (strings.HasPrefix(d, "61") || strings.HasPrefix(d, "33") || strings.HasPrefix(d, "65") || strings.HasPrefix(d, "34")):
		d = d[2:]
	case len(d) == 11 && international && (strings.HasPrefix(d, "852") || strings.HasPrefix(d, "853")):
		d = d[3:]
	}
	if t := strings.TrimLeft(d, "0"); len(t) >= 6 {
		d = t
	}
	return d
}

// emptyNumber reports what stands in files for no number: one digit again and
// again, counting up or down, the numbers of advertisements.
func emptyNumber(d string) bool {
	tail := d
	if len(tail) > 7 {
		tail = d[len(d)-7:]
	}
	if tail == "" || strings.Count(tail, tail[:1]) == len(tail) {
		return true
	}
	switch {
	case len(d) > 8:
	case tail == "1234567", tail == "2345678", tail == "3456789", tail == "7654321", tail == "6543210", tail == "9876543", tail == "0123456", tail == "5550100":
		return true
	}
	return d == "13800138000" || d == "13900139000" || d == "13000000000" || d == "13800000000" || d == "13500000000" || d == "18888888888"
}

// Level compares two phone numbers.
func (c *phone) Level(a, b Packed) uint8 {
	if a == "" || b == "" {
		return Missing
	}
	p, q := string(a[1:]), string(b[1:])
	marks := a[0] | b[0]
	if p == q {
		if marks&phoneFixed != 0 {
			return phoneLandline
		}
		return phoneExact
	}
	least := min(len(p), len(q))
	if tail := commonTail(p, q); tail == least && least >= 7 || tail >= 8 {
		return phoneTail
	}
	apart, swapped := digitsDiffer(p, q)
	head := commonHead(p, q)
	switch {
	case apart == 1 || swapped:
		if apart == 1 && len(p) <= 8 && head >= len(p)-1 {
			return phoneSwitch
		}
		return phoneNear
	case apart < 0 && least >= 6 && oneMore(p, q):
		return phoneNear
	case apart > 0 && head >= len(p)-4 && head >= 5 && marks&phoneMobile == 0 && len(p)-head >= 2 && marks&phoneFixed != 0:
		return phoneSwitch
	case apart == 2 && least >= 7:
		return phoneDigits
	case head >= 5, head >= 3 && least <= 8:
		return phoneArea
	}
	return phoneDifferent
}

func commonTail(a, b string) int {
	n := 0
	for n < len(a) && n < len(b) && a[len(a)-1-n] == b[len(b)-1-n] {
		n++
	}
	return n
}

func commonHead(a, b string) int {
	n := 0
	for n < len(a) && n < len(b) && a[n] == b[n] {
		n++
	}
	return n
}

// digitsDiffer counts the places at which two texts of one length differ, -1
// of others, and reports whether they are two neighbours swapped.
func digitsDiffer(a, b string) (n int, swapped bool) {
	if len(a) != len(b) {
		return -1, false
	}
	first := -1
	for i := 0; i < len(a); i++ {
		if a[i] != b[i] {
			if n++; n == 1 {
				first = i
			}
		}
	}
	return n, n == 2 && a[first] == b[first+1] && a[first+1] == b[first]
}

// oneMore reports whether one text is the other with one letter more.
func oneMore(a, b string) bool {
	d := len(a) - len(b)
	return (d == 1 || d == -1) && commonHead(a, b)+commonTail(a, b) >= min(len(a), len(b))
}

// Keys returns the number, its last seven digits, its first ones, and the
// number with one digit left out.
func (c *phone) Keys(dst []Key, v Packed, want uint32) []Key {
	if v == "" {
		return dst
	}
	s := string(v[1:])
	dst = append(dst, Key{0, hash(0, s)})
	if len(s) >= 7 {
		dst = append(dst, Key{1, hash(1, s[len(s)-7:])}, Key{2, hash(2, s[:6])})
	}
	return deletions(dst, 3, s, want)
}
