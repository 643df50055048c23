package column

import (
	"math"
	"strconv"
	"strings"

	"crmhub/mdm/standardize"
)

// quantity compares numbers by how close they are.
type quantity struct {
	base
	// durations says that the column holds times like 3:45 and 3m 45sec.
	durations bool
}

// The levels of numbers.
const (
	numberExact   = iota + 1
	numberRounded // equal when rounded, or one step of the last digit
	numberClose   // within 2 %
	numberDigit   // one digit, or two neighbours swapped
	numberNear    // within 5 %
	numberTenth   // within 10 %
	numberQuarter // within 25 %
	numberDifferent
)

func newQuantity(o Options) *quantity {
	times := 0
	values := choose(o.Values)
	for _, s := range values {
		count(&times, strings.Contains(s, ":") || strings.Contains(s, "sec") || strings.Contains(s, "min") || strings.Contains(s, "hr") || strings.ContainsAny(s, "分时時"))
	}
	return &quantity{base{Number, []string{"exact", "rounded", "two_percent", "digit", "five_percent", "ten_percent", "quarter", "different"}, []string{"exact", "near"}}, times*20 > len(values)}
}

// amountSize is how many bytes stand before the digits of a packed number: the
// number, and how long its canonical text is.
const amountSize = 10

// amountOf returns a packed number and its digits.
func amountOf(v Packed) (value float64, digits string) {
	n := amountSize + v.get16(8)
	if digits = string(v[n:]); digits == "" {
		digits = string(v[amountSize:n]) // the text is but digits
	}
	return math.Float64frombits(v.get64(0)), digits
}

// Append reads a number: the first of a text. Money loses its sign, 1,234 and
// 1.234,5 their points; 3:45 and 3m 45sec are seconds.
func (c *quantity) Append(dst []byte, text string) []byte {
	s := clean(text)
	if s == "" {
		return dst
	}
	var f float64
	ok := false
	if c.durations {
		f, ok = seconds(s)
	}
	if !ok {
		if f, ok = firstNumber(s); !ok {
			return dst
		}
	}
	canonical := strconv.FormatFloat(f, 'f', -1, 64)
	dst = append(append16(append64(dst, math.Float64bits(f)), len(canonical)), canonical...)
	if d := digitsOf(canonical); d != canonical {
		dst = append(dst, d...)
	}
	return dst
}

// AppendText appends the number.
func (c *quantity) AppendText(dst []byte, v Packed) []byte {
	if v == "" {
		return dst
	}
	return append(dst, v[amountSize:amountSize+v.get16(8)]...)
}

// firstNumber reads the first number of a text.
func firstNumber(s string) (float64, bool) {
	s = standardize.Text(s)
	if m, ok := standardize.Money(s); ok {
		s = m
	} else {
		i := strings.IndexAny(s, "0123456789")
		if i < 0 {
			return 0, false
		}
		negative := i > 0 && s[i-1] == '-'
		j := i
		for j < len(s) && (s[j] >= '0' && s[j] <= '9' || s[j] == '.' && j+1 < len(s) && s[j+1] >= '0' && s[j+1] <= '9' || s[j] == ',' && j+3 < len(s) && s[j+1] >= '0' && s[j+1] <= '9') {
			j++
		}
		s = strings.ReplaceAll(s[i:j], ",", "")
		if negative {
			s = "-" + s
		}
	}
	f, err := strconv.ParseFloat(s, 64)
	return f, err == nil && !math.IsInf(f, 0)
}

// seconds reads a duration: 3:45, 01:03:45, 3m 45sec, 3分45秒, 2 hr. 29 min.,
// 219 (seconds), 219453 (milliseconds), 3.65 (minutes).
func seconds(s string) (float64, bool) {
	n := figures(s)
	lower := strings.ToLower(s)
	switch {
	case len(n) == 0:
		return 0, false
	case strings.Contains(s, ":") && len(n) == 3:
		return float64(atoi(n[0])*3600 + atoi(n[1])*60 + atoi(n[2])), true
	case strings.Contains(s, ":") && len(n) == 2:
		return float64(atoi(n[0])*60 + atoi(n[1])), true
	case strings.ContainsAny(lower, "h时時"):
		parts := [3]int{}
		for i, x := range n[:min(len(n), len(parts))] {
			parts[i] = atoi(x)
		}
		return float64(parts[0]*3600 + parts[1]*60 + parts[2]), true
	case strings.ContainsAny(lower, "m分'") && !strings.Contains(lower, "ms"):
		if len(n) == 1 {
			return float64(atoi(n[0]) * 60), true
		}
		return float64(atoi(n[0])*60 + atoi(n[1])), true
	}
	f, ok := firstNumber(s)
	switch {
	case !ok:
		return 0, false
	case f >= 10000:
		return math.Round(f / 1000), true
	case f != math.Trunc(f) && f < 30:
		return math.Round(f * 60), true
	}
	return f, true
}

// Level compares two numbers.
func (c *quantity) Level(a, b Packed) uint8 {
	if a == "" || b == "" {
		return Missing
	}
	if a == b {
		return numberExact
	}
	x, p := amountOf(a)
	y, q := amountOf(b)
	d, most := math.Abs(x-y), max(math.Abs(x), math.Abs(y))
	apart, swapped := digitsDiffer(p, q)
	switch {
	case c.durations && d <= 2 || !c.durations && d <= 1 && (most >= 100 || x != math.Trunc(x) || y != math.Trunc(y)) && math.Round(x) == math.Round(y) || !c.durations && most >= 200 && d <= 1:
		return numberRounded
	case d <= most*0.02:
		return numberClose
	case (apart == 1 || swapped) && len(p) >= 3:
		return numberDigit
	case d <= most*0.05:
		return numberNear
	case d <= most*0.1:
		return numberTenth
	case d <= most*0.25:
		return numberQuarter
	}
	return numberDifferent
}

// Keys returns the number, and the range that it lies in, twice so that
// neighbours share one.
func (c *quantity) Keys(dst []Key, v Packed, _ uint32) []Key {
	if v == "" {
		return dst
	}
	dst = append(dst, Key{0, hash(0, string(v[amountSize:amountSize+v.get16(8)]))})
	f, _ := amountOf(v)
	if f == 0 || math.Abs(f) > 1e15 {
		return dst
	}
	step := math.Log(math.Abs(f)) / math.Log(1.05)
	return append(dst, numberKey(1, int64(math.Floor(step))*2), numberKey(1, int64(math.Floor(step+0.5))*2+1))
}
