package column

import (
	"math/bits"
	"strconv"
	"strings"

	"crmhub/mdm/standardize"
)

// day is a calendar date in binary coded decimal, 0x19840229; a month or day
// that isn't known is 0. It need not be in the calendar: a slip of the keys
// makes a 31 June.
type day uint32

func newDay(y, m, d int) day {
	n, bcd := y*10000+m*100+d, day(0)
	for shift := 0; shift < 32; shift += 4 {
		bcd |= day(n%10) << shift
		n /= 10
	}
	return bcd
}

// two and four read two and four digits.
func two(bcd day) int  { return int(bcd>>4&15)*10 + int(bcd&15) }
func four(bcd day) int { return two(bcd>>8)*100 + two(bcd) }

func (d day) year() int  { return four(d >> 16) }
func (d day) month() int { return two(d >> 8) }
func (d day) day() int   { return two(d) }

// exists reports whether a whole date is in the calendar.
func (d day) exists() bool {
	_, ok := (standardize.Locale{}).Date(d.String())
	return ok
}

// String returns YYYY-MM-DD, and less where less is known.
func (d day) String() string {
	s := strconv.Itoa(1e8 + (four(d>>16)*10000 + four(d)))[1:]
	switch {
	case d&0xFFFF == 0:
		return s[:4]
	case d&0xFF == 0:
		return s[:4] + "-" + s[4:6]
	}
	return s[:4] + "-" + s[4:6] + "-" + s[6:]
}

// noDates are written by systems that have none, or by people who know none.
var noDates = map[day]bool{
	0x19000101: true, 0x19700101: true, 0x18991230: true, 0x18991231: true, 0x19010101: true, 0x99991231: true, 0x20991231: true, 0x29991231: true, 0x17530101: true, 0x11111111: true, 0x00010101: true, 0x10000101: true, 0x19000100: true,
}

// date compares calendar dates.
type date struct {
	base
	order string
}

// The levels of dates.
const (
	dateExact    = iota + 1
	dateNewYear  // the same 1 January, which stands for a year alone
	dateSwapped  // day and month swapped
	dateDigit    // one digit, or two neighbours swapped
	dateYearOnly // the same year, of which one side has no more, or 1 January
	dateMonth    // year and month
	dateDigits   // two digits
	dateYear     // the year
	dateDay      // day and month, in another year
	dateNear     // within two years
	dateDecade   // within ten years
	dateDifferent
)

func newDate(o Options) *date {
	return &date{base{Date, []string{"exact", "new_year", "swapped", "digit", "year_only", "month", "two_digits", "year", "day", "near", "decade", "different"}, []string{"exact", "month", "year", "day", "swapped", "slip"}}, dateOrder(o)}
}

// Append reads a date.
func (c *date) Append(dst []byte, text string) []byte {
	d := parseDate(clean(text), c.order)
	if d == 0 || noDates[d] {
		return dst
	}
	return append32(dst, uint32(d))
}

// AppendText appends the date as YYYY-MM-DD.
func (c *date) AppendText(dst []byte, v Packed) []byte {
	if v == "" {
		return dst
	}
	return append(dst, day(v.get32(0)).String()...)
}

// Level compares two dates.
func (c *date) Level(a, b Packed) uint8 {
	if a == "" || b == "" {
		return Missing
	}
	x, y := day(a.get32(0)), day(b.get32(0))
	if x == y {
		switch {
		case x&0xFFFF == 0x0101:
			return dateNewYear
		case x&0xFF == 0:
			return dateYearOnly
		}
		return dateExact
	}
	return dateLevel(x, y)
}

func dateLevel(x, y day) uint8 {
	year := x>>16 == y>>16
	vague := vagueDay(x) || vagueDay(y)
	switch wrong, neighbours := digitsApart(x, y); {
	case year && vague:
		return dateYearOnly
	case year && x>>8&0xFF == y&0xFF && x&0xFF == y>>8&0xFF:
		return dateSwapped
	case !vague && (wrong == 1 || neighbours):
		return dateDigit
	case year && x>>8 == y>>8:
		return dateMonth
	case !vague && wrong == 2:
		return dateDigits
	case year:
		return dateYear
	case !vague && x&0xFFFF == y&0xFFFF:
		return dateDay
	}
	switch d := x.year() - y.year(); {
	case d >= -2 && d <= 2:
		return dateNear
	case d >= -10 && d <= 10:
		return dateDecade
	}
	return dateDifferent
}

// vagueDay reports whether a date tells no more than a year.
func vagueDay(d day) bool { return d&0xFF == 0 || d&0xFFFF == 0x0101 }

// digitsApart counts the digits in which two dates differ, and reports
// whether they are two neighbours swapped.
func digitsApart(x, y day) (n int, swapped bool) {
	diff := uint32(x ^ y)
	diff |= diff >> 1
	diff |= diff >> 2
	diff &= 0x11111111
	n = bits.OnesCount32(diff)
	if n != 2 {
		return n, false
	}
	low := bits.TrailingZeros32(diff)
	if diff>>low != 0x11 {
		return n, false
	}
	return n, x>>low&15 == y>>(low+4)&15 && y>>low&15 == x>>(low+4)&15
}

// Keys returns the date and its parts.
func (c *date) Keys(dst []Key, v Packed, _ uint32) []Key {
	if v == "" {
		return dst
	}
	d := day(v.get32(0))
	dst = append(dst, numberKey(2, int64(d>>16)))
	if d&0xFF == 0 {
		return dst
	}
	m, n := d>>8&0xFF, d&0xFF
	dst = append(dst, numberKey(0, int64(d)), numberKey(1, int64(d>>8)), numberKey(3, int64(d&0xFFFF)), numberKey(4, int64(d>>16<<16|min(m, n)<<8|max(m, n))))
	if vagueDay(d) {
		return dst
	}
	for shift := 0; shift < 32; shift += 4 {
		dst = append(dst, numberKey(5, int64(d&^(15<<shift))|int64(shift+1)<<40))
	}
	return dst
}

// year compares years.
type year struct {
	base
	order string
}

func newYear(o Options) *year {
	return &year{base{Year, []string{"exact", "next", "digit", "near", "decade", "different"}, []string{"exact", "near"}}, dateOrder(o)}
}

// Append reads a year, of a date too.
func (c *year) Append(dst []byte, text string) []byte {
	s := clean(text)
	y := 0
	if d := parseDate(s, c.order); d != 0 && !noDates[d] {
		y = d.year()
	} else if n := digitsOf(s); len(n) == 2 {
		y = shortYear(atoi(n))
	} else if len(n) == 4 {
		y = atoi(n)
	}
	if y < 1000 || y > 2100 {
		return dst
	}
	return append16(dst, int(newDay(y, 0, 0)>>16))
}

// yearOf returns a packed year as the day of which no more is known.
func yearOf(v Packed) day { return day(v.get16(0)) << 16 }

// AppendText appends the year.
func (c *year) AppendText(dst []byte, v Packed) []byte {
	if v == "" {
		return dst
	}
	return strconv.AppendInt(dst, int64(yearOf(v).year()), 10)
}

// Level compares two years.
func (c *year) Level(a, b Packed) uint8 {
	if a == "" || b == "" {
		return Missing
	}
	x, y := yearOf(a), yearOf(b)
	d := max(x.year()-y.year(), y.year()-x.year())
	switch {
	case d == 0:
		return 1
	case d == 1:
		return 2
	}
	wrong, neighbours := digitsApart(x, y)
	switch {
	case wrong == 1 || neighbours:
		return 3
	case d <= 3:
		return 4
	case d <= 10:
		return 5
	}
	return 6
}

// Keys returns the year, and with its neighbours.
func (c *year) Keys(dst []Key, v Packed, _ uint32) []Key {
	if v == "" {
		return dst
	}
	y := int64(yearOf(v).year())
	return append(dst, numberKey(0, y), numberKey(1, y>>1), numberKey(1, (y+1)>>1+1<<20))
}

// dateOrder finds out how a column writes dates that could be read in two ways.
func dateOrder(o Options) string {
	first, second := 0, 0
	for _, s := range choose(o.Values) {
		n := figures(s)
		if len(n) < 3 || len(n[0]) > 2 || len(n[1]) > 2 || strings.Contains(s, "年") {
			continue
		}
		count(&first, atoi(n[0]) > 12 && atoi(n[1]) <= 12)
		count(&second, atoi(n[1]) > 12 && atoi(n[0]) <= 12)
	}
	switch {
	case first > second:
		return "dmy"
	case second > first, o.Country == "US":
		return "mdy"
	}
	return "dmy"
}
