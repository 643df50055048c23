// Package schemas holds the canonical types as annotated JSON Schemas, and says of a record whether it fits.
package schemas

import (
	"embed"
	"io/fs"
	"slices"
	"strings"

	"github.com/santhosh-tekuri/jsonschema/v5"

	"crmhub/record"
)

//go:embed *.schema.json
var embedded embed.FS

// Embedded returns the schemas that the program ships, one file for each
// canonical type and common.schema.json, which they share.
func Embedded() fs.FS { return embedded }

// Set is the compiled schemas of all canonical types. It never changes and is
// safe for concurrent use.
type Set struct {
	types map[record.Type]*Schema
}

// Schema returns the schema of a type.
func (s *Set) Schema(t record.Type) (*Schema, bool) {
	x, ok := s.types[t]
	return x, ok
}

// Schema is one canonical type: its rules and its annotations. It never
// changes and is safe for concurrent use.
type Schema struct {
	name        record.Type
	judge       *jsonschema.Schema
	passes      check
	coerce      map[string]coercion
	properties  []Property
	byName      map[string]Property
	standardize []Step
}

// Property is what the annotations say of one top-level property.
type Property struct {
	Name        string
	Description string
	// Class is the x-class: direct_identifier, quasi_identifier, sensitive,
	// contact, free_text, none, or unclassified where the schema names none.
	Class string
	// Standardize is the x-standardize of the value, or of a list's elements.
	Standardize string
	// Mask is the x-mask: how the value looks to those who may not see it.
	Mask string
	// Seal says that the value is encrypted at rest.
	Seal bool
	// Index says that the value, or each element of a list, can be found by
	// equality.
	Index bool
	// OnInvalid is the x-on-invalid: quarantine, set-aside or "".
	OnInvalid string
	// Types are the JSON types that the value may have: string, array, …;
	// empty where the schema does not say.
	Types []string
}

// List reports whether the property's value is a list.
func (p Property) List() bool { return slices.Contains(p.Types, "array") }

// Unclassified is the class of a property that no schema classifies: it is
// sealed and fully masked.
const Unclassified = "unclassified"

// Step says that the values at a path are to be standardised as one kind. The
// path's elements are property names; * stands for every element of a list.
type Step struct {
	Path []string
	Kind string
}

// String returns the path with dots: addresses.*.country.
func (s Step) String() string { return strings.Join(s.Path, ".") + ": " + s.Kind }

// Type returns the canonical type that the schema describes.
func (s *Schema) Type() record.Type { return s.name }

// Properties returns the top-level properties in the order of the schema file.
func (s *Schema) Properties() []Property { return slices.Clone(s.properties) }

// Sorted returns the top-level properties in the order of their names.
func (s *Schema) Sorted() []Property {
	return slices.SortedFunc(slices.Values(s.properties), func(a, b Property) int { return strings.Compare(a.Name, b.Name) })
}

// Property returns what the schema says of a top-level property. One that it
// does not know is unclassified, sealed and fully masked.
func (s *Schema) Property(name string) Property {
	if p, ok := s.byName[name]; ok {
		return p
	}
	return Property{Name: name, Class: Unclassified, Mask: "full", Seal: true}
}

// Standardize returns what is to be standardised, in the order of the schema
// file.
func (s *Schema) Standardize() []Step { return slices.Clone(s.standardize) }
