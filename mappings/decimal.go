package mappings

import (
	"math/big"
	"strconv"
	"strings"
)

// decimal is an exact number: n with scale digits behind the point.
type decimal struct {
	n     *big.Int
	scale int
}

// maxDecimal bounds the digits and the exponent of what is read, together:
// 1e999999999 would fill the memory.
const maxDecimal = 400

// readDecimal reads 12, -12.50, +3, 1.2e3. It accepts nothing else.
func readDecimal(s string) (decimal, bool) {
	mantissa, exponent := s, 0
	if i := strings.IndexAny(s, "eE"); i >= 0 {
		e, err := strconv.Atoi(s[i+1:])
		if err != nil || e > maxDecimal || e < -maxDecimal {
			return decimal{}, false
		}
		mantissa, exponent = s[:i], e
	}
	sign := ""
	if mantissa != "" && (mantissa[0] == '-' || mantissa[0] == '+') {
		sign, mantissa = strings.TrimPrefix(mantissa[:1], "+"), mantissa[1:]
	}
	whole, part, _ := strings.Cut(mantissa, ".")
	all := whole + part
	if all == "" || len(all)+max(exponent, -exponent) > maxDecimal {
		return decimal{}, false
	}
	for i := range len(all) {
		if all[i] < '0' || all[i] > '9' {
			return decimal{}, false
		}
	}
	n, ok := new(big.Int).SetString(sign+all, 10)
	if !ok {
		return decimal{}, false
	}
	d := decimal{n, len(part) - exponent}
	if d.scale < 0 {
		d = decimal{new(big.Int).Mul(d.n, pow10(-d.scale)), 0}
	}
	return d, true
}

func pow10(n int) *big.Int { return new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(n)), nil) }

// String writes all digits behind the point, zeros too: 12.50.
func (d decimal) String() string {
	s := new(big.Int).Abs(d.n).String()
	if d.scale > 0 {
		if len(s) <= d.scale {
			s = strings.Repeat("0", d.scale-len(s)+1) + s
		}
		s = s[:len(s)-d.scale] + "." + s[len(s)-d.scale:]
	}
	if d.n.Sign() < 0 {
		return "-" + s
	}
	return s
}

// at returns the same number with a greater scale.
func (d decimal) at(scale int) decimal {
	if scale <= d.scale {
		return d
	}
	return decimal{new(big.Int).Mul(d.n, pow10(scale-d.scale)), scale}
}

func (d decimal) add(e decimal) decimal {
	d, e = d.at(e.scale), e.at(d.scale)
	return decimal{new(big.Int).Add(d.n, e.n), d.scale}
}

func (d decimal) neg() decimal { return decimal{new(big.Int).Neg(d.n), d.scale} }

func (d decimal) mul(e decimal) decimal {
	return decimal{new(big.Int).Mul(d.n, e.n), d.scale + e.scale}
}

func (d decimal) compare(e decimal) int { return d.at(e.scale).n.Cmp(e.at(d.scale).n) }

// whole is the number without what stands behind the point.
func (d decimal) whole() *big.Int { return new(big.Int).Quo(d.n, pow10(d.scale)) }

// round returns the number with that many digits behind the point, halves
// away from zero, as bills are rounded.
func (d decimal) round(places int) decimal {
	if places >= d.scale {
		return d.at(places)
	}
	return decimal{quotient(d.n, pow10(d.scale-places)), places}
}

// div divides and rounds.
func (d decimal) div(e decimal, places int) decimal {
	n := new(big.Int).Mul(d.n, pow10(e.scale+places))
	return decimal{quotient(n, new(big.Int).Mul(e.n, pow10(d.scale))), places}
}

// quotient divides, halves away from zero.
func quotient(a, b *big.Int) *big.Int {
	twice := new(big.Int).Abs(a)
	twice.Mul(twice, big.NewInt(2)).Add(twice, new(big.Int).Abs(b))
	q := twice.Quo(twice, new(big.Int).Mul(new(big.Int).Abs(b), big.NewInt(2)))
	if a.Sign()*b.Sign() < 0 {
		q.Neg(q)
	}
	return q
}

// readAmount reads a number as people write it: 1,234.50, １２, ¥12.00, (12),
// 12-, 1.2万, 3元. ok is false where it cannot be told.
func readAmount(s string, units bool) (decimal, bool) {
	s = strings.Map(func(r rune) rune {
		if r == ' ' || r == '\u00a0' || r == '\u202f' || r == '_' || r == '\'' || r == '\u2019' {
			return -1
		}
		return r
	}, squeeze(halfwidth(unquoteCell(s))))
	factor := decimal{n: big.NewInt(1)}
	if units {
		s = strings.ToUpper(s)
		for _, word := range []string{"人民币", "RMB", "CNY", "CN¥", "¥", "元", "圆", "$", "€", "£"} {
			s = strings.ReplaceAll(s, word, "")
		}
		for word, power := range map[string]int{"万": 4, "亿": 8} {
			if rest, ok := strings.CutSuffix(s, word); ok {
				s, factor = rest, decimal{n: pow10(power)}
				break
			}
		}
	}
	negative := false
	if inner, ok := strings.CutPrefix(s, "("); ok && strings.HasSuffix(inner, ")") {
		s, negative = strings.TrimSuffix(inner, ")"), true
	} else if rest, ok := strings.CutSuffix(s, "-"); ok {
		s, negative = rest, true
	}
	s, ok := ungrouped(strings.ReplaceAll(s, "−", "-"))
	if !ok {
		return decimal{}, false
	}
	d, ok := readDecimal(s)
	if !ok {
		return decimal{}, false
	}
	if d = d.mul(factor); negative {
		d = d.neg()
	}
	return d, true
}

// ungrouped drops the marks between groups of digits and makes the decimal
// mark a point: 1,234.50, 1.234,50, 12,5. One comma before three digits
// groups; whoever writes 1,234 for a fraction has to say so.
func ungrouped(s string) (string, bool) {
	comma, point := strings.LastIndexByte(s, ','), strings.LastIndexByte(s, '.')
	switch {
	case comma < 0 && strings.Count(s, ".") <= 1:
		return s, true
	case comma > point && point >= 0, comma < 0: // 1.234,50 or 1.234.567
		s = strings.NewReplacer(".", ",", ",", ".").Replace(s)
	case point < 0 && strings.Count(s, ",") == 1 && len(s)-comma-1 != 3: // 12,5
		return strings.Replace(s, ",", ".", 1), true
	}
	whole, part, has := strings.Cut(s, ".")
	groups := strings.Split(whole, ",")
	for i, g := range groups {
		if i > 0 && len(g) != 3 || strings.TrimLeft(g, "+-") == "" {
			return "", false
		}
	}
	if strings.Contains(part, ",") || strings.Contains(part, ".") {
		return "", false
	}
	whole = strings.Join(groups, "")
	if has {
		whole += "." + part
	}
	return whole, true
}
