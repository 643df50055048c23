package schemas

import (
	"maps"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/santhosh-tekuri/jsonschema/v5"

	"crmhub/fault"
	"crmhub/record"
)

// aside takes wrong values out of a record.
type aside struct {
	schema  *Schema
	doc     map[string]any
	invalid []record.Invalid
	// gone has, for each list by its path in the record as it came, the
	// elements taken out, ascending: later findings are told in the positions
	// of the record as it came.
	gone map[string][]int
}

// remove takes the places of the findings out of the record, the last element
// of a list first so that positions hold.
func (a *aside) remove(found []finding) {
	rules := map[string]finding{}
	for _, f := range found {
		if p := pointer(f.place); rules[p].rule == "" {
			rules[p] = f
		}
	}
	places := slices.SortedFunc(maps.Keys(rules), func(x, y string) int {
		return -compare(rules[x].place, rules[y].place)
	})
	var invalid []record.Invalid
	for _, p := range places {
		f := rules[p]
		if inside(f.place, rules) {
			continue
		}
		original := a.original(f.place)
		invalid = append(invalid, record.Invalid{Path: pointer(original), Rule: f.rule, Code: string(codeOf(f.rule)), Value: value(a.doc, f.place)})
		a.take(f.place)
	}
	slices.Reverse(invalid)
	a.invalid = append(a.invalid, invalid...)
}

// inside reports whether a place lies in another one that is taken out whole.
func inside(place []string, all map[string]finding) bool {
	for i := 1; i < len(place); i++ {
		if _, ok := all[pointer(place[:i])]; ok {
			return true
		}
	}
	return false
}

// take removes one value, and the list or object that it leaves empty.
func (a *aside) take(at []string) {
	last, above := at[len(at)-1], at[:len(at)-1]
	empty := false
	switch c := value(a.doc, above).(type) {
	case map[string]any:
		delete(c, last)
		empty = len(c) == 0
	case []any:
		i, err := strconv.Atoi(last)
		if err != nil || i >= len(c) {
			return
		}
		original := a.original(at)
		list := pointer(original[:len(original)-1])
		j, _ := strconv.Atoi(original[len(original)-1])
		a.gone[list] = append(a.gone[list], j)
		slices.Sort(a.gone[list])
		rest := append(slices.Clone(c[:i]), c[i+1:]...)
		empty = len(rest) == 0
		a.put(above, rest)
	}
	if empty && len(above) > 0 {
		a.take(above)
	}
}

// put replaces the value at a path.
func (a *aside) put(at []string, v any) {
	if len(at) == 0 {
		return
	}
	last := at[len(at)-1]
	switch c := value(a.doc, at[:len(at)-1]).(type) {
	case map[string]any:
		c[last] = v
	case []any:
		if i, err := strconv.Atoi(last); err == nil && i < len(c) {
			c[i] = v
		}
	}
}

// original tells a path in the positions of the record as it came.
func (a *aside) original(at []string) []string {
	out := make([]string, 0, len(at))
	var v any = a.doc
	for _, t := range at {
		if list, ok := v.([]any); ok {
			i, _ := strconv.Atoi(t)
			v = nil
			if i < len(list) {
				v = list[i]
			}
			for _, g := range a.gone[pointer(out)] {
				if g <= i {
					i++
				}
			}
			out = append(out, strconv.Itoa(i))
			continue
		}
		v = value(v, []string{t})
		out = append(out, t)
	}
	return out
}

// compare orders paths, positions as numbers.
func compare(a, b []string) int {
	return slices.CompareFunc(a, b, func(x, y string) int {
		i, e := strconv.Atoi(x)
		j, f := strconv.Atoi(y)
		if e == nil && f == nil {
			return i - j
		}
		return strings.Compare(x, y)
	})
}

// codeOf is the code of a broken rule.
func codeOf(rule string) fault.Code {
	switch rule {
	case "type":
		return "E3301"
	case "additionalProperties", "unevaluatedProperties", "propertyNames":
		return "E3302"
	case "required", "dependentRequired":
		return "E3303"
	case "format":
		return "E3305"
	case "enum", "const":
		return "E3306"
	case "minLength", "maxLength", "minItems", "maxItems", "minProperties", "maxProperties", "uniqueItems":
		return "E3307"
	case "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf":
		return "E3308"
	}
	return "E3309"
}

// fault tells a finding that refuses the row.
func (s *Schema) fault(f finding) error {
	code, node := codeOf(f.rule), s.node(f.at)
	args := []any{"type", s.name, "path", s.show(f.at), "rule", f.rule}
	switch code {
	case "E3301":
		want := "another type"
		if node != nil && len(node.Types) > 0 {
			want = strings.Join(node.Types, " or ")
		}
		args = append(args, "want", want)
	case "E3302":
		near := ""
		if node != nil {
			near = fault.Nearest(f.name, slices.Sorted(maps.Keys(node.Properties)))
		}
		args = append(args, "name", s.show(append(slices.Clone(f.at), f.name)), "nearest", near)
	case "E3303":
		args = append(args, "name", s.show(append(slices.Clone(f.at), f.name)), "needs", either(f.needs, string(s.name)))
	case "E3305":
		format := ""
		if node != nil {
			format = node.Format
		}
		args = append(args, "format", format)
	case "E3309":
		if f.rule == "anyOf" && len(f.at) == 0 {
			code, args = "E3304", append(args, "names", strings.Join(alternatives(s.judge), ", "))
		}
	}
	return fault.New(code, "", args...)
}

// alternatives are the properties of which a record needs one.
func alternatives(s *jsonschema.Schema) []string {
	var names []string
	for _, x := range s.AnyOf {
		names = append(names, strings.Join(x.Required, " and "))
	}
	return names
}

// show writes a path for people: addresses[0].country. Names that the schema
// does not know come from the mapping, perhaps out of the data; they are told
// only where they look like the name of a column.
func (s *Schema) show(at []string) string {
	if len(at) == 0 {
		return "/"
	}
	var b strings.Builder
	for i, t := range at {
		_, err := strconv.Atoi(t)
		known := s.raw(at[:i+1]) != nil
		switch {
		case err == nil && known:
			b.WriteString("[" + t + "]")
			continue
		case !known && !columnLike(t):
			t = "?"
		}
		if i > 0 {
			b.WriteByte('.')
		}
		b.WriteString(t)
	}
	return b.String()
}

func columnLike(name string) bool {
	digits := 0
	for _, r := range name {
		switch {
		case unicode.IsDigit(r):
			digits++
		case r != '_' && r != '-' && !unicode.IsLetter(r):
			return false
		}
	}
	return digits < 4 && utf8.RuneCountInString(name) <= 40
}
