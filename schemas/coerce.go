package schemas

import (
	"encoding/json"
	"math/big"
	"strconv"
	"strings"

	"github.com/santhosh-tekuri/jsonschema/v5"

	"crmhub/record"
)

// coercion returns a value in the type that a schema wants, where nothing is
// lost by it, or the value as it was. Lists and objects are changed in place.
type coercion func(v any) any

// toFit writes numbers as text where the schema wants text (an order number
// that JSON gave as 1001) and text as a number where it wants a number and the
// text is one (a size out of a CSV cell), digit for digit. What has another
// wrong type stays for the validator to judge.
func (s *Schema) toFit(f record.Fields) {
	for name, v := range f {
		switch v.(type) {
		case json.Number, []any, map[string]any, string:
			if c, ok := s.coerce[name]; ok {
				if w := c(v); !same(w, v) {
					f[name] = w
				}
			}
		}
	}
}

// same reports whether a coercion left a value alone. Lists and objects keep
// their identity.
func same(a, b any) bool {
	switch b.(type) {
	case json.Number, string:
		return a == b
	}
	return true
}

// coercionOf returns the coercion of a node, or nil where there is nothing to
// change at it or below it.
func coercionOf(node *jsonschema.Schema, depth int) coercion {
	if depth > maxRefs {
		return nil
	}
	s := resolve(node)
	if len(s.Types) == 1 {
		switch s.Types[0] {
		case "string":
			return asText
		case "number", "integer":
			return asNumber
		case "array":
			return elements(s, depth)
		case "object":
			return members(s, depth)
		}
	}
	return nil
}

func asText(v any) any {
	if n, ok := v.(json.Number); ok {
		return plain(n)
	}
	return v
}

func asNumber(v any) any {
	if text, ok := v.(string); ok {
		if n := json.Number(strings.TrimSpace(text)); sane(n) {
			return n
		}
	}
	return v
}

func elements(s *jsonschema.Schema, depth int) coercion {
	if s.Items2020 == nil {
		return nil
	}
	each := coercionOf(s.Items2020, depth+1)
	if each == nil {
		return nil
	}
	return func(v any) any {
		list, ok := v.([]any)
		if !ok {
			return v
		}
		for i, x := range list {
			list[i] = each(x)
		}
		return list
	}
}

func members(s *jsonschema.Schema, depth int) coercion {
	each := map[string]coercion{}
	for name, node := range s.Properties {
		if c := coercionOf(node, depth+1); c != nil {
			each[name] = c
		}
	}
	if len(each) == 0 {
		return nil
	}
	return func(v any) any {
		object, ok := v.(map[string]any)
		if !ok {
			return v
		}
		for name, x := range object {
			if c, ok := each[name]; ok {
				object[name] = c(x)
			}
		}
		return object
	}
}

// plain writes a number without an exponent, where that is short, keeping
// every digit.
func plain(n json.Number) string {
	text := string(n)
	if !strings.ContainsAny(text, "eE") || !sane(n) {
		return text
	}
	r, ok := new(big.Rat).SetString(text)
	if !ok {
		return text
	}
	if r.IsInt() {
		return r.Num().String()
	}
	digits, exact := r.FloatPrec()
	if !exact {
		return text
	}
	return r.FloatString(digits)
}

// maxDigits and maxExponent bound the numbers that are judged: exact
// arithmetic on 1e999999999 would fill the memory.
const (
	maxDigits   = 400
	maxExponent = 400
)

// sane reports whether n is a number by the grammar of JSON (RFC 8259) and of
// a bearable size.
func sane(n json.Number) bool {
	s := string(n)
	if len(s) == 0 || len(s) > maxDigits {
		return false
	}
	s = strings.TrimPrefix(s, "-")
	whole := digits(s)
	if whole == 0 || whole > 1 && s[0] == '0' {
		return false
	}
	s = s[whole:]
	if strings.HasPrefix(s, ".") {
		part := digits(s[1:])
		if part == 0 {
			return false
		}
		s = s[1+part:]
	}
	if s == "" {
		return true
	}
	if s[0] != 'e' && s[0] != 'E' {
		return false
	}
	exponent, err := strconv.Atoi(s[1:])
	return err == nil && exponent <= maxExponent && exponent >= -maxExponent
}

// digits counts the ASCII digits at the start of s.
func digits(s string) int {
	n := 0
	for n < len(s) && s[n] >= '0' && s[n] <= '9' {
		n++
	}
	return n
}

func itoa(i int) string { return strconv.Itoa(i) }
