package survive

import (
	"cmp"
	"encoding/json"
	"strings"

	"crmhub/mdm/entity"
)

// override puts a steward's values in the place of those that were chosen. Of
// two on one attribute the later one stands.
func override(overrides []entity.Override, g *entity.Golden) {
	for name, o := range standing(overrides) {
		delete(g.Fields, name)
		delete(g.Provenance, name)
		if o.Value != nil {
			g.Fields[name] = o.Value
			g.Provenance[name] = entity.Provenance{From: o.Record, Rule: Overridden}
		}
	}
}

// standing is the override of each attribute that stands.
func standing(overrides []entity.Override) map[string]*entity.Override {
	if len(overrides) == 0 {
		return nil
	}
	last := map[string]*entity.Override{}
	for i := range overrides {
		o := &overrides[i]
		if was, ok := last[o.Attribute]; !ok || later(o, was) {
			last[o.Attribute] = o
		}
	}
	return last
}

// later is the order of two words on one attribute; of two at one moment the
// greater value stands.
func later(a, b *entity.Override) bool {
	if c := a.At.Compare(b.At); c != 0 {
		return c > 0
	}
	return cmp.Or(strings.Compare(key(a.Value), key(b.Value)), strings.Compare(letters(a.Value), letters(b.Value)), cmp.Compare(a.Record, b.Record)) > 0
}

// letters writes a value so that all letters and signs count.
func letters(v any) string {
	b, err := json.Marshal(v)
	if err != nil {
		return ""
	}
	return string(b)
}
