package all_test

import (
	"maps"
	"slices"
	"testing"

	"crmhub/connectors/all"
)

func TestRegistry(t *testing.T) {
	r := all.Registry()
	if got, want := slices.Sorted(maps.Keys(r)), []string{"email", "espocrm", "file", "mongodb", "odata", "sqldb", "suitecrm", "vtiger"}; !slices.Equal(got, want) {
		t.Errorf("connectors %v, want %v", got, want)
	}
	for name, c := range r {
		if got := c.Spec().Name; got != name {
			t.Errorf("the connector under %q calls itself %q", name, got)
		}
	}
	r["mine"] = nil
	if _, shared := all.Registry()["mine"]; shared {
		t.Error("two callers share one map")
	}
}
