package mappings

import (
	"encoding/json"
	"strconv"

	"github.com/redpanda-data/benthos/v4/public/bloblang"
)

// method is one of our own: a pure function of a value and at most two
// arguments. Null gives null unless takesNull says otherwise.
type method struct {
	name, doc string
	params    []bloblang.ParamDefinition
	// example is a mapping over {"v": …}, its row and its result.
	example   [3]string
	takesNull bool
	// make gets the arguments in the order of params.
	make func(args []any) (func(v any) (any, error), error)
}

// plain is a method without arguments.
func plain(f func(v any) (any, error)) func([]any) (func(any) (any, error), error) {
	return func([]any) (func(any) (any, error), error) { return f, nil }
}

// own adds our methods to an environment.
func own(env *bloblang.Environment) *bloblang.Environment {
	for _, m := range methodsOfOurs() {
		spec := bloblang.NewPluginSpec().Category("crmhub").Description(m.doc).
			Example("", m.example[0], [2]string{m.example[1], m.example[2]})
		for _, p := range m.params {
			spec = spec.Param(p)
		}
		err := env.RegisterMethodV2(m.name, spec, func(args *bloblang.ParsedParams) (bloblang.Method, error) {
			f, err := m.make(args.AsSlice())
			if err != nil {
				return nil, err
			}
			return func(v any) (any, error) {
				if v == nil && !m.takesNull {
					return nil, nil
				}
				return f(v)
			}, nil
		})
		if err != nil {
			panic("mappings: " + m.name + ": " + err.Error())
		}
	}
	return env
}

// methodsOfOurs lists our methods in the order of their documentation.
func methodsOfOurs() []method { return append(textMethods(), decimalMethods()...) }

// Method is the documentation of one of our own methods.
type Method struct {
	Name, Doc string
	// Mapping, In and Out are an example: a mapping, a row and what it becomes.
	Mapping, In, Out string
}

// Methods returns the documentation of the methods that mappings have beside
// Bloblang's own.
func Methods() []Method {
	var all []Method
	for _, m := range methodsOfOurs() {
		all = append(all, Method{m.name, m.doc, m.example[0], m.example[1], m.example[2]})
	}
	return all
}

// textOf returns a text or the text of a number.
func textOf(v any) (string, bool) {
	switch v := v.(type) {
	case string:
		return v, true
	case []byte:
		return string(v), true
	case json.Number:
		return string(v), true
	case int64:
		return strconv.FormatInt(v, 10), true
	case float64:
		return strconv.FormatFloat(v, 'f', -1, 64), true
	case int:
		return strconv.Itoa(v), true
	case uint64:
		return strconv.FormatUint(v, 10), true
	}
	return "", false
}

// onText is a method of text; a number is taken as its text.
func onText(f func(s string) (any, error)) func([]any) (func(any) (any, error), error) {
	return plain(func(v any) (any, error) {
		s, ok := textOf(v)
		if !ok {
			return nil, refusal{"want text, got " + typeName(v), "应为文本，实为 " + typeName(v)}
		}
		return f(s)
	})
}
