package connectortest

import (
	"context"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"crmhub/connectors"
	"crmhub/fault"
)

var (
	word       = regexp.MustCompile(`^[a-z][a-z0-9]*(_[a-z0-9]+)*$`)
	categories = []connectors.Category{
		connectors.Files, connectors.Database, connectors.ERP, connectors.Ecommerce,
		connectors.Payment, connectors.Logistics, connectors.Email, connectors.CRM, connectors.API,
	}
)

// spec holds that the connector describes itself whole, in both languages.
func (s *suite) spec(t *testing.T) {
	spec := s.Connector.Spec()
	if !word.MatchString(spec.Name) {
		t.Errorf("Name = %q, want lower-case words joined by _", spec.Name)
	}
	if !slices.Contains(categories, spec.Category) {
		t.Errorf("Category = %q, want one of %v", spec.Category, categories)
	}
	both(t, "Title", spec.Title)
	both(t, "Doc", spec.Doc)
	if len(spec.Modes) == 0 {
		t.Error("Modes is empty")
	}
	for _, m := range spec.Modes {
		if m != connectors.Full && m != connectors.Incremental {
			t.Errorf("unknown mode %q", m)
		}
	}
	if spec.Limits != (fault.Text{}) {
		both(t, "Limits", spec.Limits)
	}
	named := map[string]bool{}
	for _, st := range spec.Streams {
		both(t, "stream "+st.Name, st.Doc)
		if st.Name == "" || named[st.Name] {
			t.Errorf("a stream of the spec without a name, or twice: %q", st.Name)
		}
		named[st.Name] = true
	}
	seen := map[string]bool{}
	for _, p := range spec.Params {
		if !word.MatchString(p.Name) {
			t.Errorf("parameter %q: want lower-case words joined by _", p.Name)
		}
		if seen[p.Name] {
			t.Errorf("parameter %q stands twice", p.Name)
		}
		seen[p.Name] = true
		both(t, "parameter "+p.Name, p.Doc)
		if p.Required && p.Default != nil {
			t.Errorf("parameter %q is required and has a default", p.Name)
		}
		if len(p.Enum) > 0 && p.Type != connectors.String {
			t.Errorf("parameter %q: Enum is for strings, the type is %s", p.Name, p.Type)
		}
		if p.Default != nil && !fits(p) {
			t.Errorf("parameter %q: the default %v (%T) is no %s of its kind", p.Name, p.Default, p.Default, p.Type)
		}
		if p.Type == connectors.Secret && p.Default != nil {
			t.Errorf("parameter %q: a secret with a default", p.Name)
		}
	}
}

func both(t *testing.T, what string, text fault.Text) {
	t.Helper()
	for i, name := range []string{"English", "Chinese"} {
		if strings.TrimSpace(text[i]) == "" {
			t.Errorf("%s has no %s text", what, name)
		}
	}
	if text[0] != "" && text[0] == text[1] && !isName(text[0]) {
		t.Errorf("%s is the same in both languages: %q", what, text[0])
	}
}

// isName tells a title such as MongoDB, which is no sentence to translate.
func isName(s string) bool { return !strings.Contains(s, " ") }

func fits(p connectors.Param) bool {
	switch v := p.Default.(type) {
	case string:
		return p.Type == connectors.String && (len(p.Enum) == 0 || slices.Contains(p.Enum, v))
	case int64:
		return p.Type == connectors.Int
	case bool:
		return p.Type == connectors.Bool
	case time.Duration:
		return p.Type == connectors.Duration
	case []string:
		return p.Type == connectors.Strings
	}
	return false
}

// missing holds that each required parameter is asked for by name.
func (s *suite) missing(t *testing.T) {
	for _, p := range s.Connector.Spec().Params {
		if !p.Required {
			continue
		}
		_, err := s.open(map[string]any{p.Name: nil})
		s.refused(t, err, "E2002", p.Name)
	}
}

// unknown holds that a misspelt parameter is refused with the nearest right one.
func (s *suite) unknown(t *testing.T) {
	for _, p := range s.Connector.Spec().Params {
		_, err := s.open(map[string]any{p.Name + "x": "1"})
		s.refused(t, err, "E2001", p.Name+"x")
		if f := fault.Of(err); f != nil && f.Args["nearest"] != p.Name {
			t.Errorf("%sx: nearest = %q, want %q", p.Name, f.Args["nearest"], p.Name)
		}
	}
}

// mistyped holds that a value of a wrong type or outside its words is refused.
func (s *suite) mistyped(t *testing.T) {
	for _, p := range s.Connector.Spec().Params {
		_, err := s.open(map[string]any{p.Name: map[string]any{"no": "map"}})
		s.refused(t, err, "E2003", p.Name)
		if len(p.Enum) > 0 {
			_, err = s.open(map[string]any{p.Name: "no such word"})
			s.refused(t, err, "E2003", p.Name)
		}
	}
}

func (s *suite) refused(t *testing.T, err error, code fault.Code, name string) {
	t.Helper()
	f := fault.Of(err)
	if f == nil {
		t.Errorf("%s: error %v, want %s", name, err, code)
		return
	}
	s.heard(err)
	if f.Code != code || f.Args["name"] != name {
		t.Errorf("%s: got %v, want %s naming it", name, f, code)
	}
}

func (s *suite) check(t *testing.T) {
	src := s.mustOpen(t)
	defer closed(t, src)
	if err := src.Check(t.Context()); err != nil {
		t.Errorf("Check: %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := src.Check(ctx); err == nil {
		t.Error("Check with an ended context returned no error")
	}
}

// discover holds that the streams are listed, with columns where rows have them.
func (s *suite) discover(t *testing.T) {
	src := s.mustOpen(t)
	defer closed(t, src)
	streams, err := src.Discover(t.Context())
	if err != nil {
		t.Fatalf("Discover: %v", err)
	}
	if len(streams) == 0 {
		t.Error("Discover lists no stream")
	}
	var names []string
	for _, st := range streams {
		if st.Name == "" || slices.Contains(names, st.Name) {
			t.Errorf("Discover: a stream without a name, or twice: %q", st.Name)
		}
		if st.Rows < -1 {
			t.Errorf("Discover: stream %s has %d rows; unknown is -1", st.Name, st.Rows)
		}
		names = append(names, st.Name)
	}
	for _, want := range s.Streams {
		if !slices.Contains(names, want) {
			t.Errorf("Discover lists %v, not %q", names, want)
		}
	}
}
