package schemas

import (
	"encoding/json"
	"math/big"
	"slices"
	"strconv"
	"unicode/utf8"

	"github.com/santhosh-tekuri/jsonschema/v5"
)

// check reports that a value fits a schema for sure. False means only that
// the validator has to judge.
type check func(v any) bool

// fast compiles schemas to checks. A keyword that it does not know makes a
// check that passes nothing, so that it never passes what the validator
// refuses.
type fast struct {
	formats map[string]func(string) bool
	done    map[*jsonschema.Schema]*check
}

func newFast() *fast {
	return &fast{formats: formats(), done: map[*jsonschema.Schema]*check{}}
}

func never(any) bool { return false }

// compile returns the check of a schema. A schema that refers to itself gets
// a check that calls itself.
func (f *fast) compile(s *jsonschema.Schema) check {
	if c, ok := f.done[s]; ok {
		if *c != nil {
			return *c
		}
		return func(v any) bool { return (*c)(v) }
	}
	var slot check
	f.done[s] = &slot
	slot = f.build(s)
	return slot
}

func (f *fast) build(s *jsonschema.Schema) check {
	if s.Always != nil {
		always := *s.Always
		return func(any) bool { return always }
	}
	if f.beyond(s) {
		return never
	}
	all := make([]check, 0, 4)
	for _, part := range []func(*jsonschema.Schema) check{f.kinds, f.words, f.inPlace} {
		if c := part(s); c != nil {
			all = append(all, c)
		}
	}
	switch len(all) {
	case 0:
		return func(any) bool { return true }
	case 1:
		return all[0]
	case 2:
		first, second := all[0], all[1]
		return func(v any) bool { return first(v) && second(v) }
	}
	return func(v any) bool {
		for _, c := range all {
			if !c(v) {
				return false
			}
		}
		return true
	}
}

// beyond reports keywords that only the validator judges.
func (f *fast) beyond(s *jsonschema.Schema) bool {
	if len(s.Constant) > 0 || s.Not != nil || len(s.OneOf) > 0 || s.RecursiveRef != nil || s.DynamicRef != nil ||
		s.PropertyNames != nil || len(s.PatternProperties) > 0 || len(s.Dependencies) > 0 || len(s.DependentSchemas) > 0 ||
		s.UnevaluatedProperties != nil || s.Items != nil || len(s.PrefixItems) > 0 || s.Contains != nil ||
		s.UnevaluatedItems != nil || s.UniqueItems || s.MultipleOf != nil {
		return true
	}
	if s.Format != "" {
		if _, ok := f.formats[s.Format]; !ok {
			return true
		}
	}
	for name := range s.Extensions {
		if name != annotationsName {
			return true
		}
	}
	return false
}

// kinds returns the check of the types and of the rules for each; nil where
// the schema has none, as where it only refers to another.
func (f *fast) kinds(s *jsonschema.Schema) check {
	if len(s.Types) == 0 && s.Format == "" && s.MinLength < 0 && s.MaxLength < 0 && s.Pattern == nil &&
		len(s.Properties) == 0 && s.AdditionalProperties == nil && s.MinProperties < 0 && s.MaxProperties < 0 &&
		len(s.Required) == 0 && len(s.DependentRequired) == 0 && s.Items2020 == nil && s.MinItems < 0 && s.MaxItems < 0 &&
		s.Minimum == nil && s.Maximum == nil && s.ExclusiveMinimum == nil && s.ExclusiveMaximum == nil {
		return nil
	}
	if len(s.Types) == 1 && s.Types[0] == "string" {
		text := f.text(s)
		return func(v any) bool {
			word, ok := v.(string)
			return ok && text(word)
		}
	}
	allowed := func(t string) bool { return len(s.Types) == 0 || slices.Contains(s.Types, t) }
	text, object, list := f.text(s), f.object(s), f.list(s)
	texts, objects, lists, bools := allowed("string"), allowed("object"), allowed("array"), allowed("boolean")
	numbers, integers := allowed("number"), slices.Contains(s.Types, "integer")
	bounds := bounds(s)
	return func(v any) bool {
		switch v := v.(type) {
		case string:
			return texts && text(v)
		case map[string]any:
			return objects && object(v)
		case []any:
			return lists && list(v)
		case json.Number:
			return (numbers && sane(v) || integers && integral(v)) && bounds(v)
		case bool:
			return bools
		}
		return false
	}
}

func (f *fast) text(s *jsonschema.Schema) func(string) bool {
	format, least, most, pattern := f.formats[s.Format], s.MinLength, s.MaxLength, s.Pattern
	return func(v string) bool {
		if least > 0 && len(v) < least || least > 1 && utf8.RuneCountInString(v) < least {
			return false
		}
		if most >= 0 && len(v) > most && utf8.RuneCountInString(v) > most {
			return false
		}
		return (format == nil || format(v)) && (pattern == nil || pattern.MatchString(v))
	}
}

func (f *fast) object(s *jsonschema.Schema) func(map[string]any) bool {
	properties := make(map[string]check, len(s.Properties))
	for name, p := range s.Properties {
		properties[name] = f.compile(p)
	}
	closed, others := false, check(nil)
	switch more := s.AdditionalProperties.(type) {
	case bool:
		closed = !more
	case *jsonschema.Schema:
		others = f.compile(more)
	}
	least, most, required, dependent := s.MinProperties, s.MaxProperties, s.Required, s.DependentRequired
	return func(v map[string]any) bool {
		if least >= 0 && len(v) < least || most >= 0 && len(v) > most {
			return false
		}
		for name, x := range v {
			c, ok := properties[name]
			switch {
			case ok:
				if !c(x) {
					return false
				}
			case closed, others != nil && !others(x):
				return false
			}
		}
		if !has(v, required) {
			return false
		}
		for name, needs := range dependent {
			if _, ok := v[name]; ok && !has(v, needs) {
				return false
			}
		}
		return true
	}
}

func has(v map[string]any, names []string) bool {
	for _, name := range names {
		if _, ok := v[name]; !ok {
			return false
		}
	}
	return true
}

func (f *fast) list(s *jsonschema.Schema) func([]any) bool {
	var each check
	if s.Items2020 != nil {
		each = f.compile(s.Items2020)
	}
	least, most := s.MinItems, s.MaxItems
	return func(v []any) bool {
		if least >= 0 && len(v) < least || most >= 0 && len(v) > most {
			return false
		}
		if each == nil {
			return true
		}
		for _, x := range v {
			if !each(x) {
				return false
			}
		}
		return true
	}
}

// words returns the check of an enumeration of strings; one of anything else
// is left to the validator.
func (f *fast) words(s *jsonschema.Schema) check {
	if len(s.Enum) == 0 {
		return nil
	}
	allowed := make(map[string]bool, len(s.Enum))
	for _, x := range s.Enum {
		text, ok := x.(string)
		if !ok {
			return never
		}
		allowed[text] = true
	}
	return func(v any) bool {
		text, ok := v.(string)
		return ok && allowed[text]
	}
}

// inPlace returns the check of schemas applied to the same value.
func (f *fast) inPlace(s *jsonschema.Schema) check {
	var all []check
	if s.Ref != nil {
		all = append(all, f.compile(s.Ref))
	}
	for _, x := range s.AllOf {
		all = append(all, f.compile(x))
	}
	if len(s.AnyOf) > 0 {
		all = append(all, f.anyOf(s.AnyOf))
	}
	if s.If != nil {
		all = append(all, f.conditional(s))
	}
	switch len(all) {
	case 0:
		return nil
	case 1:
		return all[0]
	}
	return func(v any) bool {
		for _, c := range all {
			if !c(v) {
				return false
			}
		}
		return true
	}
}

func (f *fast) anyOf(of []*jsonschema.Schema) check {
	checks := make([]check, 0, len(of))
	for _, x := range of {
		checks = append(checks, f.compile(x))
	}
	return func(v any) bool {
		for _, c := range checks {
			if c(v) {
				return true
			}
		}
		return false
	}
}

// conditional passes a value of which it knows that the branch that applies
// passes: where the condition is not known to hold, both must.
func (f *fast) conditional(s *jsonschema.Schema) check {
	yes := func(any) bool { return true }
	then, otherwise := check(yes), check(yes)
	if s.Then != nil {
		then = f.compile(s.Then)
	}
	if s.Else != nil {
		otherwise = f.compile(s.Else)
	}
	condition := f.compile(s.If)
	return func(v any) bool { return then(v) && (otherwise(v) || condition(v)) }
}

// bounds returns the check of the least and the greatest number. It knows
// whole numbers of up to 18 digits against whole bounds; anything else is
// left to the validator.
func bounds(s *jsonschema.Schema) func(json.Number) bool {
	if s.Minimum == nil && s.Maximum == nil && s.ExclusiveMinimum == nil && s.ExclusiveMaximum == nil {
		return func(json.Number) bool { return true }
	}
	whole := func(r *big.Rat, none int64) (int64, bool) {
		if r == nil {
			return none, true
		}
		return r.Num().Int64(), r.IsInt() && r.Num().IsInt64()
	}
	least, a := whole(s.Minimum, -1<<63)
	most, b := whole(s.Maximum, 1<<63-1)
	above, c := whole(s.ExclusiveMinimum, -1<<63)
	below, d := whole(s.ExclusiveMaximum, 1<<63-1)
	if !a || !b || !c || !d {
		return func(json.Number) bool { return false }
	}
	return func(n json.Number) bool {
		if !integral(n) {
			return false
		}
		i, err := strconv.ParseInt(string(n), 10, 64)
		return err == nil && i >= least && i <= most && i > above && i < below
	}
}

// integral reports a plain whole number of at most 18 digits.
func integral(n json.Number) bool {
	s := string(n)
	if len(s) > 0 && s[0] == '-' {
		s = s[1:]
	}
	return len(s) > 0 && len(s) <= 18 && digits(s) == len(s) && (s[0] != '0' || len(s) == 1)
}
