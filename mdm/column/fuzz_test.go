package column_test

import (
	"testing"

	"crmhub/mdm/column"
)

// FuzzCompare holds that no text makes a comparer fail, and that no level
// hangs on which of two values comes first.
func FuzzCompare(f *testing.F) {
	for _, tt := range levels {
		f.Add(tt.a, tt.b)
	}
	f.Add("\xff,", "（(")
	var comparers []column.Comparer
	for k := column.Ignored; k.String() != "unknown"; k++ {
		comparers = append(comparers, column.New(k, column.Options{Values: []string{"a b", "1:20", "c"}}))
	}
	parts := []column.Kind{column.FullName, column.GivenName}
	name, _ := column.NewComposite(column.FullName, parts)
	postal, _ := column.NewComposite(column.Address, []column.Kind{column.Street, column.City})
	f.Fuzz(func(t *testing.T, s, u string) {
		check := func(c column.Comparer, a, b column.Packed) {
			if there, back := c.Level(a, b), c.Level(b, a); there != back {
				t.Fatalf("%v: %q and %q are level %d there, %d back", c.Kind(), s, u, there, back)
			}
			for _, k := range c.Keys(nil, a, ^uint32(0)) {
				if int(k.Predicate) >= len(c.Predicates()) {
					t.Fatalf("%v: %q has a key of predicate %d, of %d", c.Kind(), s, k.Predicate, len(c.Predicates()))
				}
			}
		}
		for _, c := range comparers {
			check(c, pack(c, s), pack(c, u))
		}
		for _, c := range []column.Composite{name, postal} {
			check(c, column.Packed(c.Combine(nil, []string{s, u})), column.Packed(c.Combine(nil, []string{u, s})))
		}
		column.Classify(column.Sample{Header: s, Values: []string{s, u}, Rows: 3, Filled: 2, Distinct: 2})
	})
}
