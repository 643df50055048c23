package stream

import (
	"encoding/json"
	"strings"

	"crmhub/mdm/standardize"
	"crmhub/record"
	"crmhub/schemas"
)

// canonical standardises and validates the records of one type.
type canonical struct {
	schema *schemas.Schema
	steps  []step
	locale standardize.Locale
	// refs are the fields that name another record, with its type.
	refs map[string]record.Type
}

// step is one of the schema's, and what it does to a text.
type step struct {
	path []string
	kind string
	text func(string) string // nil where the locale decides by the value
}

func newCanonical(s *schemas.Schema, l standardize.Locale) *canonical {
	c := &canonical{schema: s, locale: l, refs: map[string]record.Type{}}
	for _, x := range s.Standardize() {
		c.steps = append(c.steps, step{x.Path, x.Kind, l.Text(x.Kind)})
	}
	for _, p := range s.Properties() {
		if base, isRef := strings.CutSuffix(p.Name, "_ref"); isRef {
			c.refs[p.Name] = record.Type(base)
		} else if kind, isRef := refTypes[p.Name]; isRef {
			c.refs[p.Name] = kind
		}
	}
	return c
}

// apply gives the values of a record one spelling and validates it. The
// record's fields must belong to it alone.
func (c *canonical) apply(r *record.Record) error {
	if r.Op == record.Delete {
		return nil
	}
	for i := range c.steps {
		c.step(r.Fields, c.steps[i].path, &c.steps[i])
	}
	return c.schema.Validate(r)
}

// step standardises the values at a path below an object.
func (c *canonical) step(object map[string]any, path []string, s *step) {
	v, ok := object[path[0]]
	if !ok {
		return
	}
	if len(path) == 1 {
		if address, ok := v.(map[string]any); ok && s.kind == "address" {
			c.locale.OwnAddress(address)
			return
		}
		if text, ok := v.(string); ok && s.text != nil {
			if w := s.text(text); w != text {
				object[path[0]] = w
			}
			return
		}
		if w := c.locale.Value(s.kind, v); !sameText(w, v) {
			object[path[0]] = w
		}
		return
	}
	switch v := v.(type) {
	case map[string]any:
		if path[1] != "*" {
			c.step(v, path[1:], s)
		}
	case []any:
		if path[1] != "*" {
			return
		}
		for i, x := range v {
			if o, ok := x.(map[string]any); ok && len(path) == 2 && s.kind == "address" {
				c.locale.OwnAddress(o)
			} else if text, ok := x.(string); ok && len(path) == 2 && s.text != nil {
				if w := s.text(text); w != text {
					v[i] = w
				}
			} else if len(path) == 2 {
				v[i] = c.locale.Value(s.kind, x)
			} else if o, ok := x.(map[string]any); ok {
				c.step(o, path[2:], s)
			}
		}
	}
}

// sameText reports whether two values are the same text, which needs no write.
func sameText(a, b any) bool {
	x, ok := a.(string)
	y, also := b.(string)
	return ok && also && x == y
}

// clone copies lists and objects at every depth.
func clone(v any) any {
	switch v := v.(type) {
	case []any:
		out := make([]any, len(v))
		for i, x := range v {
			out[i] = clone(x)
		}
		return out
	case map[string]any:
		out := make(map[string]any, len(v))
		for k, x := range v {
			out[k] = clone(x)
		}
		return out
	}
	return v
}

// refTypes are the types that fields name by another word than their own.
var refTypes = map[string]record.Type{"refund_of": record.Payment}

// complete fills in what a mapping leaves out of the refs in a record: {key}
// alone, or the key as plain text, names a record of the same connection and
// stream, of the type that the field's name says.
func (c *canonical) complete(f record.Fields, own record.Ref) {
	for name, kind := range c.refs {
		var ref map[string]any
		switch v := f[name].(type) {
		case map[string]any:
			ref = v
		case string, json.Number:
			ref = map[string]any{"key": v}
		default:
			continue
		}
		if n, isNumber := ref["key"].(json.Number); isNumber {
			ref["key"] = n.String()
		}
		for _, part := range [...][2]string{{"source", own.Source}, {"stream", own.Stream}, {"type", string(kind)}} {
			if ref[part[0]] == nil {
				ref[part[0]] = part[1]
			}
		}
		f[name] = ref
	}
}

// keyOf joins the key columns of a row, a|b with | and \ escaped; "" where one
// of them is empty or no plain value.
func keyOf(row map[string]any, columns []string) string {
	if len(columns) == 1 {
		return keyPart(row[columns[0]])
	}
	parts := make([]string, len(columns))
	for i, c := range columns {
		parts[i] = keyPart(row[c])
	}
	return record.JoinKey(parts...)
}

func keyPart(v any) string {
	switch v := v.(type) {
	case string:
		return v
	case json.Number:
		return v.String()
	case bool:
		if v {
			return "true"
		}
		return "false"
	}
	return ""
}
