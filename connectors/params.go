package connectors

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"crmhub/fault"
)

// Params are decoded parameter values by name.
type Params map[string]any

// Text returns a String or Secret; "" where none was given.
func (p Params) Text(name string) string { v, _ := p[name].(string); return v }

// Number returns an Int; 0 where none was given.
func (p Params) Number(name string) int64 { v, _ := p[name].(int64); return v }

// Flag returns a Bool; false where none was given.
func (p Params) Flag(name string) bool { v, _ := p[name].(bool); return v }

// Span returns a Duration; 0 where none was given.
func (p Params) Span(name string) time.Duration { v, _ := p[name].(time.Duration); return v }

// List returns a Strings; nil where none was given.
func (p Params) List(name string) []string { v, _ := p[name].([]string); return v }

// Decode checks raw values (as YAML gave them) against the parameters of s
// and returns them typed, with defaults. place is where the connection stands
// (hub.yaml:5). An unknown name, a missing or mistyped value is a fault.
func (s Spec) Decode(place string, raw map[string]any) (Params, error) {
	out := Params{}
	known := make([]string, 0, len(s.Params))
	for _, p := range s.Params {
		known = append(known, p.Name)
	}
	for name := range raw {
		if !slices.Contains(known, name) {
			return nil, fault.New("E2001", place, "connector", s.Name, "name", name, "nearest", fault.Nearest(name, known))
		}
	}
	for _, p := range s.Params {
		v, given := raw[p.Name]
		if !given || v == nil || v == "" {
			if p.Required {
				return nil, fault.New("E2002", place, "connector", s.Name, "name", p.Name)
			}
			if p.Default != nil {
				out[p.Name] = p.Default
			}
			continue
		}
		typed, err := p.decode(v)
		if err != nil {
			return nil, fault.New("E2003", place, "connector", s.Name, "name", p.Name, "want", p.want()).Because(err)
		}
		out[p.Name] = typed
	}
	return out, nil
}

func (p Param) want() string {
	if len(p.Enum) > 0 {
		return strings.Join(p.Enum, " | ")
	}
	return string(p.Type)
}

func (p Param) decode(v any) (any, error) {
	wrong := fmt.Errorf("want %s, got %T", p.Type, v)
	switch p.Type {
	case String, Secret:
		var s string
		switch v := v.(type) {
		case string:
			s = v
		case uint64, int64, int, bool, float64:
			s = fmt.Sprint(v)
		default:
			return nil, wrong
		}
		if len(p.Enum) > 0 && !slices.Contains(p.Enum, s) {
			return nil, fmt.Errorf("not one of %s", strings.Join(p.Enum, ", "))
		}
		return s, nil
	case Int:
		switch v := v.(type) {
		case uint64:
			return int64(v), nil
		case int64:
			return v, nil
		case int:
			return int64(v), nil
		}
	case Bool:
		if b, ok := v.(bool); ok {
			return b, nil
		}
	case Duration:
		if s, ok := v.(string); ok {
			return time.ParseDuration(s)
		}
	case Strings:
		switch v := v.(type) {
		case string:
			return []string{v}, nil
		case []string:
			return v, nil
		case []any:
			var out []string
			for _, x := range v {
				s, ok := x.(string)
				if !ok {
					return nil, wrong
				}
				out = append(out, s)
			}
			return out, nil
		}
	}
	return nil, wrong
}
