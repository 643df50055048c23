package sqldb

import (
	"time"
	"unicode/utf8"
)

// appendNumber appends raw as a JSON number; nothing, if it is none.
func appendNumber(dst, raw []byte) []byte {
	begin := len(dst)
	i, n := 0, len(raw)
	if i < n && (raw[i] == '-' || raw[i] == '+') {
		if raw[i] == '-' {
			dst = append(dst, '-')
		}
		i++
	}
	for i+1 < n && raw[i] == '0' && isDigit(raw[i+1]) {
		i++
	}
	if i < n && raw[i] == '.' {
		dst = append(dst, '0')
	}
	from := i
	for i < n && isDigit(raw[i]) {
		i++
	}
	whole := i - from
	if i < n && raw[i] == '.' {
		i++
		f := i
		for i < n && isDigit(raw[i]) {
			i++
		}
		if i == f {
			return dst[:begin]
		}
		whole++
	}
	if whole == 0 {
		return dst[:begin]
	}
	if i < n && (raw[i] == 'e' || raw[i] == 'E') {
		i++
		if i < n && (raw[i] == '+' || raw[i] == '-') {
			i++
		}
		f := i
		for i < n && isDigit(raw[i]) {
			i++
		}
		if i == f {
			return dst[:begin]
		}
	}
	if i != n {
		return dst[:begin]
	}
	return append(dst, raw[from:]...)
}

func isDigit(c byte) bool { return c >= '0' && c <= '9' }

// isZeroDate reports whether raw is MySQL's 0000-00-00, with or without a time.
func isZeroDate(raw []byte) bool {
	return len(raw) >= 10 && string(raw[:10]) == "0000-00-00"
}

// isPlainText reports whether bytes of a binary column are text: UTF-8
// without control characters other than tab and line ends.
func isPlainText(raw []byte) bool {
	for _, c := range raw {
		if (c < 0x20 && c != '\t' && c != '\n' && c != '\r') || c == 0x7f {
			return false
		}
	}
	return utf8.Valid(raw)
}

// stamp is a date and time in parts, as databases write it.
type stamp struct {
	year, month, day, hour, minute, second int
	fraction                               string // digits, without zeros behind
	offset                                 int    // seconds east of UTC
	zoned                                  bool
}

// parseStamp reads YYYY-MM-DD[ T]hh:mm[:ss[.f…]][Z|±hh[:mm[:ss]]]. It does no
// more than that: what else a database may write (infinity, BC) is text.
func parseStamp(raw []byte) (s stamp, ok bool) {
	if len(raw) < 16 || raw[4] != '-' || raw[7] != '-' || (raw[10] != ' ' && raw[10] != 'T') || raw[13] != ':' {
		return s, false
	}
	good := true
	two := func(at int) int {
		if at+2 > len(raw) || !isDigit(raw[at]) || !isDigit(raw[at+1]) {
			good = false
			return 0
		}
		return int(raw[at]-'0')*10 + int(raw[at+1]-'0')
	}
	s.year = two(0)*100 + two(2)
	s.month, s.day, s.hour, s.minute = two(5), two(8), two(11), two(14)
	at := 16
	if at < len(raw) && raw[at] == ':' {
		s.second = two(at + 1)
		at += 3
	}
	if !good {
		return s, false
	}
	if at < len(raw) && raw[at] == '.' {
		from := at + 1
		for at++; at < len(raw) && isDigit(raw[at]); at++ {
		}
		end := at
		for end > from && raw[end-1] == '0' {
			end--
		}
		s.fraction = string(raw[from:end])
	}
	if at == len(raw) {
		return s, true
	}
	s.zoned = true
	switch raw[at] {
	case 'Z', 'z':
		return s, at+1 == len(raw)
	case '+', '-':
		sign := 1
		if raw[at] == '-' {
			sign = -1
		}
		s.offset = two(at+1) * 3600
		for at, unit := at+3, 60; good && at < len(raw); unit /= 60 {
			if raw[at] == ':' {
				at++
			}
			if unit == 0 {
				return s, false
			}
			s.offset += two(at) * unit
			at += 2
		}
		s.offset *= sign
		return s, good
	}
	return s, false
}

// real reports whether the parts are a time that exists; 2024-00-00 is none.
func (s stamp) real() bool {
	return s.year > 0 && s.month >= 1 && s.month <= 12 && s.day >= 1 && s.day <= daysIn(s.year, s.month) &&
		s.hour < 24 && s.minute < 60 && s.second < 60
}

func daysIn(year, month int) int {
	switch month {
	case 2:
		if year%4 == 0 && (year%100 != 0 || year%400 == 0) {
			return 29
		}
		return 28
	case 4, 6, 9, 11:
		return 30
	}
	return 31
}

// time returns the instant; a stamp without an offset is read in zone.
func (s stamp) time(zone *time.Location) time.Time {
	nanos := 0
	for i := range 9 {
		nanos *= 10
		if i < len(s.fraction) {
			nanos += int(s.fraction[i] - '0')
		}
	}
	if s.zoned {
		zone = time.FixedZone("", s.offset)
	}
	return time.Date(s.year, time.Month(s.month), s.day, s.hour, s.minute, s.second, nanos, zone)
}

// appendTime appends raw as RFC 3339; false where it is no real time.
func appendTime(dst, raw []byte, zone *time.Location) ([]byte, bool) {
	s, ok := parseStamp(raw)
	if !ok || !s.real() {
		return dst, false
	}
	if !s.zoned && zone != time.UTC {
		_, s.offset = s.time(zone).Zone()
	}
	dst = append(dst, raw[:10]...)
	dst = append(dst, 'T')
	dst = append(dst, raw[11:16]...)
	dst = append(dst, ':', byte('0'+s.second/10), byte('0'+s.second%10))
	if s.fraction != "" {
		dst = append(dst, '.')
		dst = append(dst, s.fraction...)
	}
	if s.offset == 0 {
		return append(dst, 'Z'), true
	}
	sign, off := byte('+'), s.offset
	if off < 0 {
		sign, off = '-', -off
	}
	// RFC 3339 has no seconds in an offset; the local mean times of the 19th
	// century, which have, are rounded to the minute.
	off = (off + 30) / 60
	h, m := off/60, off%60
	return append(dst, sign, byte('0'+h/10), byte('0'+h%10), ':', byte('0'+m/10), byte('0'+m%10)), true
}
