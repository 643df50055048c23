package schemas

import (
	"maps"
	"slices"

	"github.com/santhosh-tekuri/jsonschema/v5"

	"crmhub/fault"
)

// keywords are those of JSON Schema 2020-12 and ours.
var keywords = []string{
	"$schema", "$id", "$ref", "$anchor", "$dynamicRef", "$dynamicAnchor", "$vocabulary", "$comment", "$defs",
	"prefixItems", "items", "contains", "additionalProperties", "properties", "patternProperties", "dependentSchemas",
	"propertyNames", "if", "then", "else", "allOf", "anyOf", "oneOf", "not", "unevaluatedItems", "unevaluatedProperties",
	"type", "const", "enum", "multipleOf", "maximum", "exclusiveMaximum", "minimum", "exclusiveMinimum", "maxLength",
	"minLength", "pattern", "maxItems", "minItems", "uniqueItems", "maxContains", "minContains", "maxProperties",
	"minProperties", "required", "dependentRequired", "title", "description", "default", "deprecated", "readOnly",
	"writeOnly", "examples", "format", "contentEncoding", "contentMediaType", "contentSchema",
	"x-class", "x-standardize", "x-seal", "x-index", "x-mask", "x-on-invalid",
}

// lint finds what a validator ignores silently: misspelt keywords and formats
// that nobody checks.
func (f file) lint() error { return f.lintSchema(f.doc, nil) }

func (f file) lintSchema(node any, at []string) error {
	m, ok := node.(map[string]any)
	if !ok {
		return nil
	}
	for _, key := range slices.Sorted(maps.Keys(m)) {
		here := append(slices.Clone(at), key)
		if !slices.Contains(keywords, key) {
			return fault.New("E3321", f.place(here), "name", key, "nearest", fault.Nearest(key, keywords))
		}
		var err error
		switch key {
		case "format":
			err = f.lintFormat(m[key], here)
		case "x-seal", "x-index":
			if _, ok := m[key].(bool); !ok {
				err = fault.New("E3323", f.place(here), "pointer", pointer(here), "rule", "type")
			}
		case "x-class", "x-standardize", "x-mask", "x-on-invalid":
			word, _ := m[key].(string)
			if !slices.Contains(annotationWords()[key], word) {
				err = fault.New("E3323", f.place(here), "pointer", pointer(here), "rule", "enum")
			}
		case "properties", "$defs", "patternProperties", "dependentSchemas":
			members, _ := m[key].(map[string]any)
			for _, name := range slices.Sorted(maps.Keys(members)) {
				if err = f.lintSchema(members[name], append(slices.Clone(here), name)); err != nil {
					return err
				}
			}
		case "prefixItems", "allOf", "anyOf", "oneOf":
			elements, _ := m[key].([]any)
			for i, x := range elements {
				if err = f.lintSchema(x, append(slices.Clone(here), itoa(i))); err != nil {
					return err
				}
			}
		case "items", "contains", "additionalProperties", "propertyNames", "if", "then", "else", "not",
			"unevaluatedItems", "unevaluatedProperties", "contentSchema":
			err = f.lintSchema(m[key], here)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (f file) lintFormat(v any, at []string) error {
	name, _ := v.(string)
	known := slices.Concat(slices.Collect(maps.Keys(formats())), slices.Collect(maps.Keys(jsonschema.Formats)))
	if slices.Contains(known, name) {
		return nil
	}
	slices.Sort(known)
	return fault.New("E3322", f.place(at), "name", name, "nearest", fault.Nearest(name, known))
}
