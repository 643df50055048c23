package mappings

import (
	"math/big"

	"github.com/redpanda-data/benthos/v4/public/bloblang"
)

// decimalMethods are exact: Bloblang's own arithmetic goes through floating
// point, where 0.1 + 0.2 is 0.30000000000000004. They take text and numbers
// and return text.
func decimalMethods() []method {
	other := bloblang.NewAnyParam("other").Description("A decimal as text or number; null gives null.")
	return []method{
		{
			name: "decimal", doc: "Reads a number as people write it (1,234.50, 1.234,50, full-width digits, (12.00) for a negative one) as an exact decimal.",
			example: [3]string{`root.b = this.v.decimal()`, `{"v":"1,234.50"}`, `{"b":"1234.50"}`},
			make:    onText(func(s string) (any, error) { return amount(s, false) }),
		},
		{
			name: "yuan", doc: "Reads an amount with its currency mark or Chinese unit (¥, 元, RMB, 万, 亿) as an exact decimal.",
			example: [3]string{`root.b = this.v.yuan()`, `{"v":"￥1.2万元"}`, `{"b":"12000.0"}`},
			make:    onText(func(s string) (any, error) { return amount(s, true) }),
		},
		{
			name: "cents", doc: "Reads a whole number of minor units (分, cents) as a decimal in major units. digits is 2 unless named: 0 for JPY, 3 for KWD.",
			params:  []bloblang.ParamDefinition{bloblang.NewInt64Param("digits").Default(2)},
			example: [3]string{`root.b = this.v.cents()`, `{"v":12345}`, `{"b":"123.45"}`},
			make: func(args []any) (func(any) (any, error), error) {
				digits, ok := args[0].(int64)
				if !ok || digits < 0 || digits > 9 {
					return nil, refusal{"want 0 to 9 digits", "应为 0 至 9 位"}
				}
				return func(v any) (any, error) {
					d, err := decimalOf(v)
					if err != nil {
						return nil, err
					}
					if d.round(0).compare(d) != 0 {
						return nil, refusal{"not a whole number of minor units", "不是整数个最小货币单位"}
					}
					return decimal{d.round(0).n, int(digits)}.String(), nil
				}, nil
			},
		},
		binary("decimal_add", "Adds exactly.", `{"v":"0.1","w":"0.2"}`, `{"b":"0.3"}`, other, func(d, e decimal) decimal { return d.add(e) }),
		binary("decimal_sub", "Subtracts exactly.", `{"v":"1234567890123456.78","w":"0.01"}`, `{"b":"1234567890123456.77"}`, other, func(d, e decimal) decimal { return d.add(e.neg()) }),
		binary("decimal_mul", "Multiplies exactly.", `{"v":"19.90","w":3}`, `{"b":"59.70"}`, other, func(d, e decimal) decimal { return d.mul(e) }),
		{
			name: "decimal_div", doc: "Divides and rounds to places digits behind the point, halves away from zero.",
			params:  []bloblang.ParamDefinition{other, bloblang.NewInt64Param("places").Default(2)},
			example: [3]string{`root.b = this.v.decimal_div(3, 4)`, `{"v":"10"}`, `{"b":"3.3333"}`},
			make: func(args []any) (func(any) (any, error), error) {
				places, err := placesOf(args[1])
				if err != nil {
					return nil, err
				}
				return func(v any) (any, error) {
					if args[0] == nil {
						return nil, nil
					}
					d, err := decimalOf(v)
					if err != nil {
						return nil, err
					}
					e, err := decimalOf(args[0])
					if err != nil {
						return nil, err
					}
					if e.n.Sign() == 0 {
						return nil, refusal{"division by zero", "除数为零"}
					}
					return d.div(e, places).String(), nil
				}, nil
			},
		},
		{
			name: "decimal_round", doc: "Rounds to places digits behind the point, halves away from zero; missing digits become zeros.",
			params:  []bloblang.ParamDefinition{bloblang.NewInt64Param("places").Default(2)},
			example: [3]string{`root.b = this.v.decimal_round(2)`, `{"v":"-1.005"}`, `{"b":"-1.01"}`},
			make: func(args []any) (func(any) (any, error), error) {
				places, err := placesOf(args[0])
				if err != nil {
					return nil, err
				}
				return func(v any) (any, error) {
					d, err := decimalOf(v)
					if err != nil {
						return nil, err
					}
					return d.round(places).String(), nil
				}, nil
			},
		},
		{
			name: "decimal_neg", doc: "Turns the sign.",
			example: [3]string{`root.b = this.v.decimal_neg()`, `{"v":"12.50"}`, `{"b":"-12.50"}`},
			make: plain(func(v any) (any, error) {
				d, err := decimalOf(v)
				if err != nil {
					return nil, err
				}
				return d.neg().String(), nil
			}),
		},
		{
			name: "decimal_sum", doc: "Adds a list exactly; null and empty elements count as nothing.",
			example: [3]string{`root.b = this.v.decimal_sum()`, `{"v":["0.10",0.2,null]}`, `{"b":"0.30"}`},
			make:    plain(decimalSum),
		},
		{
			name: "decimal_compare", doc: "Returns -1, 0 or 1 where the number is less than, equal to or greater than the other.",
			params:  []bloblang.ParamDefinition{other},
			example: [3]string{`root.b = this.v.decimal_compare("9007199254740992")`, `{"v":"9007199254740993"}`, `{"b":1}`},
			make: func(args []any) (func(any) (any, error), error) {
				return func(v any) (any, error) {
					if args[0] == nil {
						return nil, nil
					}
					d, err := decimalOf(v)
					if err != nil {
						return nil, err
					}
					e, err := decimalOf(args[0])
					if err != nil {
						return nil, err
					}
					return int64(d.compare(e)), nil
				}, nil
			},
		},
	}
}

// binary is a method of two decimals.
func binary(name, doc, in, out string, other bloblang.ParamDefinition, f func(d, e decimal) decimal) method {
	return method{
		name: name, doc: doc, params: []bloblang.ParamDefinition{other},
		example: [3]string{`root.b = this.v.` + name + `(this.w)`, in, out},
		make: func(args []any) (func(any) (any, error), error) {
			return func(v any) (any, error) {
				if args[0] == nil {
					return nil, nil
				}
				d, err := decimalOf(v)
				if err != nil {
					return nil, err
				}
				e, err := decimalOf(args[0])
				if err != nil {
					return nil, err
				}
				return f(d, e).String(), nil
			}, nil
		},
	}
}

func decimalSum(v any) (any, error) {
	list, ok := v.([]any)
	if !ok {
		return nil, refusal{"want a list, got " + typeName(v), "应为列表，实为 " + typeName(v)}
	}
	sum := decimal{n: new(big.Int)}
	for _, x := range list {
		if x == nil || x == "" {
			continue
		}
		d, err := decimalOf(x)
		if err != nil {
			return nil, err
		}
		sum = sum.add(d)
	}
	return sum.String(), nil
}

func placesOf(v any) (int, error) {
	places, ok := v.(int64)
	if !ok || places < 0 || places > 30 {
		return 0, refusal{"want 0 to 30 places", "应为 0 至 30 位小数"}
	}
	return int(places), nil
}

// decimalOf reads a decimal as programs write it.
func decimalOf(v any) (decimal, error) {
	s, ok := textOf(v)
	if !ok {
		return decimal{}, refusal{"want a decimal number, got " + typeName(v), "应为十进制数，实为 " + typeName(v)}
	}
	d, ok := readDecimal(s)
	if !ok {
		return decimal{}, refusal{"not a decimal number", "不是十进制数"}
	}
	return d, nil
}

func amount(s string, units bool) (any, error) {
	if nothing(s) {
		return nil, nil
	}
	d, ok := readAmount(s, units)
	if !ok {
		return nil, refusal{"not a decimal number", "不是十进制数"}
	}
	return d.String(), nil
}
