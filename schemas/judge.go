package schemas

import (
	"encoding/json"
	"errors"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/santhosh-tekuri/jsonschema/v5"

	"crmhub/fault"
	"crmhub/record"
)

// maxPasses bounds how often a record is judged again after values were set
// aside.
const maxPasses = 64

// Validate judges a record of the schema's type. A wrong optional value moves
// from r.Fields to r.Invalid, with path, rule and code, and the record goes
// on; of a list, the wrong element alone. A fault of structure, type or
// identity is returned (E3301 to E3310) and the row is to be quarantined;
// r.Fields is then of no further use. x-on-invalid overrides either. Numbers
// become text and text numbers where the schema wants that and no digit is
// lost. Deletions have nothing to judge. The record's own lists and objects
// are changed.
func (s *Schema) Validate(r *record.Record) error {
	if r.Op == record.Delete || s.passes(map[string]any(r.Fields)) {
		return nil
	}
	s.toFit(r.Fields)
	doc := map[string]any(r.Fields)
	if s.passes(doc) {
		return nil
	}
	if at, bad := unfit(doc, nil); bad {
		return fault.New("E3310", "", "type", s.name, "path", s.show(at))
	}
	side := aside{schema: s, doc: doc, gone: map[string][]int{}}
	for range maxPasses {
		err := s.judge.Validate(doc)
		if err == nil {
			r.Invalid = append(r.Invalid, side.invalid...)
			return nil
		}
		var v *jsonschema.ValidationError
		if !errors.As(err, &v) {
			return fault.New("E3310", "", "type", s.name, "path", "/").Because(err)
		}
		found := side.findings(v)
		for _, f := range found {
			if f.refuses {
				return s.fault(f)
			}
		}
		side.remove(found)
	}
	return fault.New("E3310", "", "type", s.name, "path", "/")
}

// finding is one rule that one value broke.
type finding struct {
	at      []string // the value, or the object that lacks or has too much
	rule    string
	name    string // the property that is missing or unknown
	needs   string // the property that asks for the missing one
	place   []string
	refuses bool
}

// findings returns what the validator found, in a stable order, with what is
// to be set aside for each.
func (a *aside) findings(v *jsonschema.ValidationError) []finding {
	var all []finding
	for _, leaf := range leaves(v, nil) {
		f := finding{at: tokens(leaf.InstanceLocation), rule: keyword(leaf)}
		switch f.rule {
		case "additionalProperties", "unevaluatedProperties":
			all = append(all, a.unknown(f)...)
		case "required":
			all = append(all, a.missing(f)...)
		case "dependentRequired":
			parts := tokens(leaf.KeywordLocation)
			f.needs = parts[len(parts)-2]
			if node := a.schema.node(f.at); node != nil {
				i, _ := strconv.Atoi(parts[len(parts)-1])
				f.name = node.DependentRequired[f.needs][i]
			}
			all = append(all, f)
		default:
			all = append(all, f)
		}
	}
	slices.SortFunc(all, func(x, y finding) int {
		if c := slices.Compare(x.at, y.at); c != 0 {
			return c
		}
		if c := strings.Compare(x.rule, y.rule); c != 0 {
			return c
		}
		return strings.Compare(x.name+" "+x.needs, y.name+" "+y.needs)
	})
	for i := range all {
		all[i].place, all[i].refuses = a.decide(all[i])
	}
	return all
}

// unknown is one finding for each property of an object that its schema does
// not know.
func (a *aside) unknown(f finding) []finding {
	object, _ := value(a.doc, f.at).(map[string]any)
	node := a.schema.node(f.at)
	var all []finding
	for name := range object {
		if node != nil && node.Properties[name] != nil {
			continue
		}
		g := f
		g.name = name
		all = append(all, g)
	}
	return all
}

// missing is one finding for each required property that an object lacks.
func (a *aside) missing(f finding) []finding {
	object, _ := value(a.doc, f.at).(map[string]any)
	node := a.schema.node(f.at)
	if node == nil {
		return []finding{f}
	}
	var all []finding
	for _, name := range node.Required {
		if _, ok := object[name]; !ok {
			g := f
			g.name = name
			all = append(all, g)
		}
	}
	if len(all) == 0 {
		return []finding{f}
	}
	return all
}

// structural are the rules whose breach quarantines the row.
var structural = []string{"type", "additionalProperties", "unevaluatedProperties", "propertyNames"}

// decide says which value a finding sets aside, or that it refuses the row.
func (a *aside) decide(f finding) (place []string, refuses bool) {
	place = f.at
	word := a.schema.onInvalid(f.at)
	if word == "quarantine" {
		return nil, true
	}
	if slices.Contains(structural, f.rule) {
		if word != "set-aside" {
			return nil, true
		}
		if f.name != "" {
			return append(slices.Clone(f.at), f.name), false
		}
	}
	// A value that its object cannot do without takes the object with it.
	for len(place) > 0 {
		above := place[:len(place)-1]
		node := a.schema.node(above)
		if node == nil || !slices.Contains(node.Required, place[len(place)-1]) {
			return place, false
		}
		if a.schema.onInvalid(above) == "quarantine" {
			return nil, true
		}
		place = above
	}
	return nil, true
}

// onInvalid is the x-on-invalid that is nearest to a value, on the way up.
func (s *Schema) onInvalid(at []string) string {
	for i := len(at); i >= 0; i-- {
		for n, depth := s.raw(at[:i]), 0; n != nil && depth < maxRefs; n, depth = n.Ref, depth+1 {
			if word := annotated(n).onInvalid; word != "" {
				return word
			}
		}
	}
	return ""
}

// node is the schema with the rules of the value at a path, or nil.
func (s *Schema) node(at []string) *jsonschema.Schema {
	if n := s.raw(at); n != nil {
		return resolve(n)
	}
	return nil
}

// raw is the schema of the value at a path, before references are followed.
func (s *Schema) raw(at []string) *jsonschema.Schema {
	n := s.judge
	for _, token := range at {
		n = resolve(n)
		switch {
		case n.Properties[token] != nil:
			n = n.Properties[token]
		case n.Items2020 != nil:
			n = n.Items2020
		default:
			return nil
		}
	}
	return n
}

// leaves collects the findings of a validator's error. What lies under an
// anyOf is one finding.
func leaves(v *jsonschema.ValidationError, all []*jsonschema.ValidationError) []*jsonschema.ValidationError {
	if len(v.Causes) == 0 || slices.Contains([]string{"anyOf", "oneOf", "not", "minContains"}, keyword(v)) {
		return append(all, v)
	}
	for _, c := range v.Causes {
		all = leaves(c, all)
	}
	return all
}

// keyword is the rule that a validator's error names.
func keyword(v *jsonschema.ValidationError) string {
	parts := tokens(v.KeywordLocation)
	n := len(parts)
	if n >= 3 && parts[n-3] == "dependentRequired" {
		return "dependentRequired"
	}
	if n == 0 {
		return ""
	}
	return parts[n-1]
}

// tokens splits a JSON Pointer as the validator writes it.
func tokens(pointer string) []string {
	if pointer == "" {
		return nil
	}
	parts := strings.Split(strings.TrimPrefix(pointer, "/"), "/")
	for i, p := range parts {
		if u, err := url.PathUnescape(p); err == nil {
			p = u
		}
		parts[i] = strings.ReplaceAll(strings.ReplaceAll(p, "~1", "/"), "~0", "~")
	}
	return parts
}

// pointer is a JSON Pointer (RFC 6901).
func pointer(at []string) string {
	var b strings.Builder
	for _, t := range at {
		b.WriteByte('/')
		b.WriteString(strings.ReplaceAll(strings.ReplaceAll(t, "~", "~0"), "/", "~1"))
	}
	return b.String()
}

// value returns what stands at a path, or nil.
func value(v any, at []string) any {
	for _, t := range at {
		switch c := v.(type) {
		case map[string]any:
			v = c[t]
		case []any:
			i, err := strconv.Atoi(t)
			if err != nil || i < 0 || i >= len(c) {
				return nil
			}
			v = c[i]
		default:
			return nil
		}
	}
	return v
}

// unfit finds a value that is no JSON, or a number too great to be judged.
func unfit(v any, at []string) ([]string, bool) {
	switch v := v.(type) {
	case nil, string, bool:
		return nil, false
	case json.Number:
		return at, !sane(v)
	case []any:
		for i, x := range v {
			if place, bad := unfit(x, append(slices.Clip(at), itoa(i))); bad {
				return place, true
			}
		}
		return nil, false
	case map[string]any:
		for name, x := range v {
			if place, bad := unfit(x, append(slices.Clip(at), name)); bad {
				return place, true
			}
		}
		return nil, false
	}
	return at, true
}
