package fault_test

import (
	"errors"
	"fmt"
	"regexp"
	"strings"
	"testing"

	"crmhub/fault"
)

func TestEveryEntryIsWholeInBothLanguages(t *testing.T) {
	code := regexp.MustCompile(`^[EW][1-9]\d{3}$`)
	for _, e := range fault.Catalogue() {
		if !code.MatchString(string(e.Code)) {
			t.Errorf("%s: not a code", e.Code)
		}
		for name, text := range map[string]fault.Text{"message": e.Message, "cause": e.Cause, "fix": e.Fix, "kept": e.Kept} {
			for _, l := range []fault.Lang{fault.English, fault.Chinese} {
				if text[l] == "" {
					t.Errorf("%s: no %s in language %d", e.Code, name, l)
				}
			}
		}
		if !strings.HasPrefix(e.Example, string(e.Code)) {
			t.Errorf("%s: the example %q does not begin with the code", e.Code, e.Example)
		}
	}
}

func TestErrorFillsItsArguments(t *testing.T) {
	err := fmt.Errorf("open: %w", fault.New("E2002", "hub.yaml:5", "connector", "file", "name", "path"))
	f := fault.Of(err)
	if f == nil {
		t.Fatal("no fault in the chain")
	}
	if got, want := f.Error(), `E2002 hub.yaml:5: connector file needs the parameter "path"`; got != want {
		t.Errorf("Error() = %q, want %q", got, want)
	}
	if got := fault.ExitCode(err); got != fault.ExitUsage {
		t.Errorf("ExitCode = %d, want %d", got, fault.ExitUsage)
	}
	if got := fault.ExitCode(errors.New("plain")); got != fault.ExitFailed {
		t.Errorf("ExitCode(plain) = %d, want %d", got, fault.ExitFailed)
	}
}

func TestNearest(t *testing.T) {
	known := []string{"on_conflict", "encoding", "path", "delimiter"}
	for _, tt := range []struct{ in, want string }{
		{"on_conflct", "on_conflict"}, {"encodng", "encoding"}, {"ptah", "path"}, {"zebra", ""},
	} {
		if got := fault.Nearest(tt.in, known); got != tt.want {
			t.Errorf("Nearest(%q) = %q, want %q", tt.in, got, tt.want)
		}
	}
}
