package mappings

import (
	"encoding/json"
	"errors"
	"reflect"
	"runtime/debug"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/redpanda-data/benthos/v4/public/bloblang"

	"crmhub/fault"
	"crmhub/record"
)

// Mapping is one parsed mapping file. It is safe for concurrent use.
type Mapping struct {
	name  string
	lines []string
	exec  *bloblang.Executor
	// fast is the mapping in Go, where all of it could be read; nil otherwise.
	fast []assignment
	// columns are the names of a row that fast asks for; plan is where the last
	// header has them.
	columns []string
	plan    atomic.Pointer[plan]
	inputs  sync.Pool // of *input, for rows of cells
	// tidied says that what fast gives is without empty values already.
	tidied bool
	// envelope are the names of the envelope that a tidied mapping sets.
	envelope []string
}

// Name returns the name of the mapping's file.
func (m *Mapping) Name() string { return m.name }

// Output is one canonical record that a row became.
type Output struct {
	// Type is the envelope's _type; empty where the pipeline's is meant.
	Type record.Type
	// Key is the envelope's _key; empty where the row's own is meant.
	Key string
	// UpdatedAt is the envelope's _updated_at as the mapping gave it: a
	// string, a json.Number or nil.
	UpdatedAt any
	Op        record.Op
	// Fields are the rest; null and empty values are gone from them at every
	// depth, and elements of lists of which only a kind is left.
	Fields record.Fields
}

// Map applies the mapping to one row, which it neither changes nor keeps a
// part of. A row may become several records (root is an array) or none:
// deleted(), null and an empty array filter it. A mapping that fails is a
// fault E3201 to E3207 with mapping, line and field, never a value.
func (m *Mapping) Map(row map[string]any) (out []Output, err error) {
	defer func() {
		if p := recover(); p != nil {
			out, err = nil, fault.New("E3204", "", "mapping", m.name).Because(&panicked{p, debug.Stack()})
		}
	}()
	if m.fast != nil {
		if result, ok := quick(m.fast, &input{row: row}); ok {
			return m.outputs(result, m.tidied)
		}
	}
	return m.bloblang(row)
}

// bloblang is Map by Bloblang alone.
func (m *Mapping) bloblang(row map[string]any) ([]Output, error) {
	result, err := m.exec.Query(row)
	if errors.Is(err, bloblang.ErrRootDeleted) {
		return nil, nil
	}
	if err != nil {
		return nil, m.failed(err)
	}
	if whole, ok := result.(map[string]any); ok && same(whole, row) {
		// Nothing was assigned: the row is taken as it is.
		result = copied(whole)
	}
	return m.outputs(result, false)
}

// panicked is a panic inside a mapping, kept for the log of a developer.
type panicked struct {
	value any
	stack []byte
}

// Error tells the kind of the panic only: its text may hold a value of the row.
func (p *panicked) Error() string { return "panic: " + reflect.TypeOf(p.value).String() }

// same reports whether two maps are one.
func same(a, b map[string]any) bool {
	return reflect.ValueOf(a).Pointer() == reflect.ValueOf(b).Pointer()
}

func copied(v any) any {
	switch v := v.(type) {
	case map[string]any:
		c := make(map[string]any, len(v))
		for k, x := range v {
			c[k] = copied(x)
		}
		return c
	case []any:
		c := make([]any, len(v))
		for i, x := range v {
			c[i] = copied(x)
		}
		return c
	}
	return v
}

// outputs reads the result of a mapping, which it owns.
func (m *Mapping) outputs(result any, tidied bool) ([]Output, error) {
	switch v := result.(type) {
	case nil:
		return nil, nil
	case map[string]any:
		if tidied {
			o, err := m.taken(v, m.envelope)
			if err != nil {
				return nil, err
			}
			return []Output{o}, nil
		}
		o, err := m.output(v, false)
		if err != nil {
			return nil, err
		}
		return []Output{o}, nil
	case []any:
		if !tidied {
			var bad []string
			var ok bool
			if v, bad, ok = tidyList(v); !ok {
				return nil, fault.New("E3207", "", "mapping", m.name, "field", strings.Join(bad, "."))
			}
		}
		outs := make([]Output, 0, len(v))
		for _, x := range v {
			object, ok := x.(map[string]any)
			if !ok {
				return nil, fault.New("E3205", "", "mapping", m.name, "got", typeName(x))
			}
			o, err := m.output(object, true)
			if err != nil {
				return nil, err
			}
			outs = append(outs, o)
		}
		return outs, nil
	}
	return nil, fault.New("E3205", "", "mapping", m.name, "got", typeName(result))
}

// envelope are the fields that say what a record is, not what it holds.
var envelope = [...]string{"_type", "_key", "_updated_at", "_op"}

func (m *Mapping) output(v map[string]any, tidied bool) (Output, error) {
	if !tidied {
		if bad, ok := tidyObject(v); !ok {
			return Output{}, fault.New("E3207", "", "mapping", m.name, "field", strings.Join(bad, "."))
		}
	}
	o, err := m.taken(v, envelope[:])
	if err != nil {
		return o, err
	}
	for name := range v {
		if strings.HasPrefix(name, "_") {
			near := fault.Nearest(name, envelope[:])
			if near == "" {
				near = strings.Join(envelope[:], ", ")
			}
			return Output{}, fault.New("E3206", "", "mapping", m.name, "name", "_…", "want", near)
		}
	}
	return o, nil
}

// taken takes names of the envelope out of a result.
func (m *Mapping) taken(v map[string]any, names []string) (Output, error) {
	o := Output{Fields: v}
	for _, name := range names {
		x, ok := v[name]
		if !ok {
			continue
		}
		delete(v, name)
		if !o.set(name, x) {
			return Output{}, fault.New("E3206", "", "mapping", m.name, "name", name, "want", wanted(name))
		}
	}
	return o, nil
}

// set takes one field of the envelope, and reports whether it could.
func (o *Output) set(name string, v any) bool {
	switch name {
	case "_type":
		text, _ := v.(string)
		for _, t := range record.Types {
			if string(t) == text {
				o.Type = t
				return true
			}
		}
		return false
	case "_key":
		key, ok := keyOf(v)
		o.Key = key
		return ok
	case "_updated_at":
		switch v.(type) {
		case string, json.Number:
			o.UpdatedAt = v
			return true
		}
		return false
	default:
		switch v {
		case "upsert":
			o.Op = record.Upsert
		case "delete":
			o.Op = record.Delete
		default:
			return false
		}
		return true
	}
}

func wanted(name string) string {
	switch name {
	case "_type":
		names := make([]string, 0, len(record.Types))
		for _, t := range record.Types {
			names = append(names, string(t))
		}
		return strings.Join(names, ", ")
	case "_key":
		return "text, a number, or a list of them"
	case "_updated_at":
		return "text or a number"
	}
	return "upsert or delete"
}

// keyOf writes a key as text; the parts of a list are joined as a connector
// joins the columns of a key: a|b, with | and \ escaped.
func keyOf(v any) (string, bool) {
	switch v := v.(type) {
	case string:
		return v, true
	case json.Number:
		return string(v), true
	case bool:
		return strconv.FormatBool(v), true
	case []any:
		var b strings.Builder
		for i, x := range v {
			part, ok := keyOf(x)
			if _, list := x.([]any); !ok || list {
				return "", false
			}
			if i > 0 {
				b.WriteByte('|')
			}
			b.WriteString(strings.NewReplacer(`\`, `\\`, `|`, `\|`).Replace(part))
		}
		return b.String(), true
	}
	return "", false
}
