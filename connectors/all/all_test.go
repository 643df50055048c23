package all_test

import (
	"testing"

	"crmhub/connectors/all"
)

func TestRegistry(t *testing.T) {
	r := all.Registry()
	if len(r) == 0 {
		t.Fatal("no connector is listed")
	}
	for name, c := range r {
		if got := c.Spec().Name; got != name {
			t.Errorf("the connector under %q calls itself %q", name, got)
		}
		if c.Spec().Limits[0] == "" {
			t.Errorf("%s does not say what it cannot see", name)
		}
	}
	r["mine"] = nil
	if _, shared := all.Registry()["mine"]; shared {
		t.Error("two callers share one map")
	}
}
