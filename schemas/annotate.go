package schemas

import (
	"maps"
	"slices"

	"github.com/santhosh-tekuri/jsonschema/v5"

	"crmhub/record"
)

// annotationsName is the name under which our annotations are kept in a
// compiled schema.
const annotationsName = "crmhub"

// annotations are the x-… keywords of one schema.
type annotations struct {
	class, standardize, mask, onInvalid string
	seal, index                         *bool
}

// Validate implements jsonschema.ExtSchema: annotations refuse nothing.
func (*annotations) Validate(jsonschema.ValidationContext, any) error { return nil }

// annotationWords are the words that each annotation may have.
func annotationWords() map[string][]string {
	return map[string][]string{
		"x-class": {"direct_identifier", "quasi_identifier", "sensitive", "contact", "free_text", "none"},
		"x-standardize": {
			"name", "person_name", "phone", "email", "address", "street", "city", "region", "postcode", "country", "date", "instant",
			"company", "national_id", "credit_code", "tax_id", "gender", "language", "currency", "money", "text", "tag",
		},
		"x-mask":       {"phone", "email", "name", "id", "date", "text", "address", "full"},
		"x-on-invalid": {"quarantine", "set-aside"},
	}
}

type annotationCompiler struct{}

// Compile implements jsonschema.ExtCompiler. The values have been
// linted before.
func (annotationCompiler) Compile(_ jsonschema.CompilerContext, m map[string]any) (jsonschema.ExtSchema, error) {
	a, found := &annotations{}, false
	for key, into := range map[string]*string{
		"x-class": &a.class, "x-standardize": &a.standardize, "x-mask": &a.mask, "x-on-invalid": &a.onInvalid,
	} {
		if text, ok := m[key].(string); ok {
			*into, found = text, true
		}
	}
	for key, into := range map[string]**bool{"x-seal": &a.seal, "x-index": &a.index} {
		if yes, ok := m[key].(bool); ok {
			*into, found = &yes, true
		}
	}
	if !found {
		return nil, nil
	}
	return a, nil
}

// annotated returns the annotations of a schema, its own before those of what
// it refers to.
func annotated(s *jsonschema.Schema) annotations {
	var all annotations
	for depth := 0; s != nil && depth < maxRefs; s, depth = s.Ref, depth+1 {
		a, ok := s.Extensions[annotationsName].(*annotations)
		if !ok {
			continue
		}
		all.class = either(all.class, a.class)
		all.standardize = either(all.standardize, a.standardize)
		all.mask = either(all.mask, a.mask)
		all.onInvalid = either(all.onInvalid, a.onInvalid)
		all.seal = either(all.seal, a.seal)
		all.index = either(all.index, a.index)
	}
	return all
}

// maxRefs bounds a chain of references.
const maxRefs = 32

func either[T comparable](a, b T) T {
	var none T
	if a != none {
		return a
	}
	return b
}

// build reads a compiled schema into ours.
func build(t record.Type, compiled *jsonschema.Schema, f file) *Schema {
	s := &Schema{name: t, judge: compiled, byName: map[string]Property{}, passes: newFast().compile(compiled), coerce: map[string]coercion{}}
	object := resolve(compiled)
	names := f.order("properties")
	for _, name := range slices.Sorted(maps.Keys(object.Properties)) {
		if !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	for _, name := range names {
		node, ok := object.Properties[name]
		if !ok {
			continue
		}
		p := property(name, node)
		s.properties = append(s.properties, p)
		s.byName[name] = p
		s.standardize = append(s.standardize, steps([]string{name}, node, 0)...)
		if c := coercionOf(node, 0); c != nil {
			s.coerce[name] = c
		}
	}
	return s
}

// property reads the annotations of one top-level property.
func property(name string, node *jsonschema.Schema) Property {
	a, target := annotated(node), resolve(node)
	p := Property{
		Name: name, Description: either(node.Description, target.Description), Class: a.class, Standardize: a.standardize,
		Mask: a.mask, OnInvalid: a.onInvalid, Types: slices.Clone(target.Types), Index: a.index != nil && *a.index,
	}
	if target.Items2020 != nil && p.Standardize == "" {
		p.Standardize = annotated(target.Items2020).standardize
	}
	if len(p.Types) == 0 && len(target.Enum) > 0 {
		p.Types = []string{"string"}
	}
	if p.Class == "" {
		p.Class = Unclassified
	}
	// What nobody classified is hidden, whatever else is said of it.
	p.Seal = p.Class == Unclassified || a.seal == nil || *a.seal
	if p.Class == Unclassified || p.Mask == "" && p.Class != "none" {
		p.Mask = "full"
	}
	return p
}

// steps collects what is to be standardised at a node and below it. A node
// that is standardised as a whole is not entered.
func steps(at []string, node *jsonschema.Schema, depth int) []Step {
	if depth > maxRefs {
		return nil
	}
	a, target := annotated(node), resolve(node)
	list := target.Items2020
	if a.standardize != "" && list == nil {
		return []Step{{Path: at, Kind: a.standardize}}
	}
	if list != nil {
		if a.standardize != "" {
			return []Step{{Path: append(slices.Clone(at), "*"), Kind: a.standardize}}
		}
		return steps(append(slices.Clone(at), "*"), list, depth+1)
	}
	var all []Step
	for _, name := range slices.Sorted(maps.Keys(target.Properties)) {
		all = append(all, steps(append(slices.Clone(at), name), target.Properties[name], depth+1)...)
	}
	return all
}

// resolve follows a chain of references to where the rules stand.
func resolve(s *jsonschema.Schema) *jsonschema.Schema {
	for depth := 0; s.Ref != nil && depth < maxRefs && len(s.Types) == 0 && len(s.Properties) == 0; depth++ {
		s = s.Ref
	}
	return s
}
