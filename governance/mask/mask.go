// Package mask says how a hidden value looks.
package mask

import (
	"encoding/json"

	"crmhub/record"
)

// Hidden is how a value looks that shows nothing of itself, not even its length.
const Hidden = "***"

// The kinds of masks. They work on Chinese and English alike.
const (
	Phone   = "phone"   // 138****1234, +44******0018
	Email   = "email"   // li**@x.com
	Name    = "name"    // 张*, J*** S***
	ID      = "id"      // 110***********1234
	Date    = "date"    // 1990-**-**
	Address = "address" // 广东省***; of an object country, region and kind stay
	Text    = "text"    // 李***
	Full    = "full"    // ***
)

// None is the class of values that are not personal; they are shown as they are.
const None = "none"

// Rule says how one field is masked: its class (x-class) and its kind (x-mask).
type Rule struct{ Class, Kind string }

// classes are the classes that a schema may give to a personal value.
var classes = map[string]bool{
	"direct_identifier": true, "quasi_identifier": true, "sensitive": true, "contact": true, "free_text": true,
}

// kinds are the masks of strings. Each may show parts of the value, at most
// half of it where it is short, and takes its own result as hidden: masking
// twice is masking once.
var kinds = map[string]func(string) string{
	Phone: phone, Email: email, Name: name, ID: id, Date: date, Address: address, Text: text,
}

// Value returns v as it looks to those who may not see it. A value of class
// none is shown; one of an unknown class, of an unknown kind or of no kind is
// hidden fully. Lists and objects keep their shape and are masked leaf by
// leaf; numbers and booleans become strings. v itself is not changed.
func Value(class, kind string, v any) any {
	if class == None {
		return v
	}
	if !classes[class] {
		kind = Full
	}
	return masked(kind, v)
}

// Fields returns f with each value masked by the rule of its name; a field
// without a rule is hidden fully. f itself is not changed.
func Fields(f record.Fields, rules map[string]Rule) record.Fields {
	if f == nil {
		return nil
	}
	out := make(record.Fields, len(f))
	for name, v := range f {
		r := rules[name]
		out[name] = Value(r.Class, r.Kind, v)
	}
	return out
}

// general are the parts of an address that say no more than a region.
var general = map[string]bool{"country": true, "region": true, "kind": true}

func masked(kind string, v any) any {
	switch v := v.(type) {
	case nil:
		return nil
	case string:
		return str(kind, v)
	case json.Number:
		return str(kind, v.String())
	case []any:
		out := make([]any, len(v))
		for i, x := range v {
			out[i] = masked(kind, x)
		}
		return out
	case map[string]any:
		out := make(map[string]any, len(v))
		for key, x := range v {
			switch s, isText := x.(string); {
			case kind == Address && general[key] && isText && len(s) <= 64:
				out[key] = x
			case kind == Address:
				out[key] = masked(Full, x)
			default:
				out[key] = masked(kind, x)
			}
		}
		return out
	}
	return Hidden
}

func str(kind, s string) string {
	if s == "" {
		return s
	}
	if f, ok := kinds[kind]; ok {
		return f(s)
	}
	return Hidden
}
