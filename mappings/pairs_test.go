package mappings_test

import (
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	"crmhub/fault"
	"crmhub/mappings"
	"crmhub/mdm/standardize"
	"crmhub/record"
	"crmhub/schemas"
)

var update = flag.Bool("update", false, "rewrite testdata/*/*.out.json; read them by eye before a commit")

func TestEveryShippedMappingHasPairsThatFitTheSchema(t *testing.T) {
	pairs, err := mappings.TestPairs(os.DirFS("."))
	if err != nil {
		t.Fatal(err)
	}
	set, err := schemas.Load(nil)
	if err != nil {
		t.Fatal(err)
	}
	tested := map[string]bool{}
	for _, p := range pairs {
		name := strings.TrimSuffix(p.Mapping, ".blobl") + "/" + p.Case
		tested[p.Mapping] = true
		if *update && fault.Of(p.Err) != nil && p.Outputs != nil {
			text, err := json.MarshalIndent(mappings.Laid(p.Outputs), "", "  ")
			if err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(filepath.Join("testdata", name+".out.json"), append(text, '\n'), 0o644); err != nil {
				t.Fatal(err)
			}
		} else if p.Err != nil {
			t.Errorf("%s: %v", name, p.Err)
		}
		for i, o := range p.Outputs {
			if o.Op == record.Delete {
				continue
			}
			if o.Type == "" {
				o.Type = record.Customer
			}
			fits(t, name, i, set, o)
		}
	}
	loaded, err := mappings.Load(nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range loaded.Names() {
		if !tested[name] {
			t.Errorf("%s has no pair in testdata", name)
		}
	}
}

// fits standardises an output as a pipeline does and holds it against its
// schema; nothing may be set aside.
func fits(t *testing.T, name string, i int, set *schemas.Set, o mappings.Output) {
	t.Helper()
	s, ok := set.Schema(o.Type)
	if !ok {
		t.Errorf("%s[%d]: no schema of %q", name, i, o.Type)
		return
	}
	locale := standardize.Locale{Country: "CN"}
	fields := record.Fields{}
	for k, v := range o.Fields {
		fields[k] = v
	}
	for _, step := range s.Standardize() {
		apply(locale, map[string]any(fields), step.Path, step.Kind)
	}
	r := record.Record{Fields: fields}
	if err := s.Validate(&r); err != nil {
		t.Errorf("%s[%d]: %v", name, i, err)
	}
	for _, x := range r.Invalid {
		t.Errorf("%s[%d]: %s is set aside by %s", name, i, x.Path, x.Rule)
	}
}

func apply(l standardize.Locale, object map[string]any, path []string, kind string) {
	v, ok := object[path[0]]
	switch {
	case !ok:
	case len(path) == 1:
		object[path[0]] = l.Value(kind, v)
	case path[1] == "*" && len(path) == 2:
		object[path[0]] = l.Value(kind, v)
	default:
		rest := path[1:]
		list, isList := v.([]any)
		if isList {
			rest = path[2:]
		} else {
			list = []any{v}
		}
		for _, x := range list {
			if inner, ok := x.(map[string]any); ok {
				apply(l, inner, rest, kind)
			}
		}
	}
}

func TestPairsTellWhatDiffersAndNoValue(t *testing.T) {
	pairs, err := mappings.TestPairs(fstest.MapFS{
		"shop.blobl":                  {Data: []byte("root.full_name = this.name\nroot.emails = [this.email]\nroot._key = this.id.uppercase()")},
		"testdata/shop/good.in.json":  {Data: []byte(`{"name":"Li","id":"7","email":"li@example.cn"}`)},
		"testdata/shop/good.out.json": {Data: []byte(`[{"_key":"7","full_name":"Li","emails":["li@example.cn"]}]`)},
		"testdata/shop/bad.in.json":   {Data: []byte(`{"name":"Li","id":"7","email":"li@example.cn"}`)},
		"testdata/shop/bad.out.json":  {Data: []byte(`[{"_key":"7","full_name":"Li","emails":["lei@example.cn"]}]`)},
		"testdata/shop/more.in.json":  {Data: []byte(`{"name":"Li","id":"7"}`)},
		"testdata/shop/more.out.json": {Data: []byte(`[]`)},
		"testdata/shop/fail.in.json":  {Data: []byte(`{"name":"Li"}`)},
		"testdata/shop/fail.out.json": {Data: []byte(`{"error":"E3201"}`)},
		"testdata/shop/lone.in.json":  {Data: []byte(`{}`)},
		"testdata/shop/half.out.json": {Data: []byte(`[]`)},
		"testdata/shop/cut.in.json":   {Data: []byte(`{"name":`)},
		"testdata/shop/cut.out.json":  {Data: []byte(`[]`)},
		"testdata/none/x.in.json":     {Data: []byte(`{}`)},
		"testdata/none/x.out.json":    {Data: []byte(`[]`)},
	})
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]string{
		"shop.blobl good": "", "shop.blobl fail": "",
		"shop.blobl bad":  "E4125 testdata/shop/bad.out.json: the mapping does not give what its test expects: [0].emails[0]",
		"shop.blobl more": "E4125 testdata/shop/more.out.json: the mapping does not give what its test expects: the number of records",
		"shop.blobl lone": "E4126 testdata/shop/lone.out.json: the test pair cannot be read: lone.out.json is missing",
		"shop.blobl half": "E4126 testdata/shop/half.out.json: the test pair cannot be read: half.in.json is missing",
		"shop.blobl cut":  "E4126 testdata/shop/cut.in.json: the test pair cannot be read: it is not JSON of the right shape",
		"none.blobl x":    "E4122 mappings: there is no mapping \"none.blobl\"",
	}
	if len(pairs) != len(want) {
		t.Errorf("%d pairs, want %d", len(pairs), len(want))
	}
	for _, p := range pairs {
		name, got := p.Mapping+" "+p.Case, ""
		if p.Err != nil {
			got = p.Err.Error()
		}
		if w := want[name]; got != w {
			t.Errorf("%s: %q, want %q", name, got, w)
		}
	}
}
