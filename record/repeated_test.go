package record_test

import (
	"fmt"
	"testing"

	"crmhub/record"
)

func TestRepeatedValuesAreTheValues(t *testing.T) {
	var often, seldom record.Repeated
	for i := range 20_000 {
		for _, tt := range []struct {
			of *record.Repeated
			in string
		}{{&often, []string{"CN", "GB", "中国", ""}[i%4]}, {&seldom, fmt.Sprint("person ", i)}} {
			if got := tt.of.Box(tt.in); got != tt.in {
				t.Fatalf("Box(%q) = %q", tt.in, got)
			}
		}
	}
	if n := testing.AllocsPerRun(100, func() { often.Box("中国") }); n > 0 {
		t.Errorf("a value that was seen allocates %v times, want 0", n)
	}
}
