package canon

import (
	"strconv"
	"strings"
)

// longest is how many zeros Number writes out before it turns to an exponent.
const longest = 24

// Number appends a JSON number in the one spelling of its value: 1, 1.0, 10e-1
// and 1.00 all become 1. No digit is lost, whatever the length. What is not a
// JSON number is appended as a string.
func Number(dst []byte, s string) []byte {
	if plain(s) {
		return append(dst, s...)
	}
	rest, negative := strings.CutPrefix(s, "-")
	mantissa, power := rest, 0
	if i := strings.IndexAny(rest, "eE"); i >= 0 {
		var err error
		mantissa = rest[:i]
		if power, err = strconv.Atoi(rest[i+1:]); err != nil {
			return String(dst, s)
		}
	}
	whole, fraction, _ := strings.Cut(mantissa, ".")
	digits := whole + fraction
	if whole == "" || strings.Trim(digits, "0123456789") != "" {
		return String(dst, s)
	}
	power -= len(fraction)
	digits = strings.TrimLeft(digits, "0")
	short := strings.TrimRight(digits, "0")
	power += len(digits) - len(short)
	if short == "" {
		return append(dst, '0')
	}
	if negative {
		dst = append(dst, '-')
	}
	point := len(short) + power // digits before the decimal point
	switch {
	case power >= 0 && power <= longest:
		dst = append(dst, short...)
		return append(dst, strings.Repeat("0", power)...)
	case power < 0 && point > 0:
		dst = append(dst, short[:point]...)
		dst = append(dst, '.')
		return append(dst, short[point:]...)
	case power < 0 && point > -longest:
		dst = append(dst, "0."...)
		dst = append(dst, strings.Repeat("0", -point)...)
		return append(dst, short...)
	}
	dst = append(dst, short[0])
	if len(short) > 1 {
		dst = append(append(dst, '.'), short[1:]...)
	}
	dst = append(dst, 'e')
	return strconv.AppendInt(dst, int64(point-1), 10)
}

// plain reports whether s is an integer in its one spelling already, as most
// numbers are.
func plain(s string) bool {
	d := strings.TrimPrefix(s, "-")
	if d == "" || len(d) > longest || d[0] == '0' && s != "0" {
		return false
	}
	for i := range len(d) {
		if d[i] < '0' || d[i] > '9' {
			return false
		}
	}
	return true
}
