package pipelines_test

import (
	"strings"
	"testing"

	"crmhub/fault"
	"crmhub/mappings"
	"crmhub/pipelines"
)

// TestTemplates: every shipped pipeline says what it reads, has a mapping that
// is shipped too, and becomes a pipeline of any connection.
func TestTemplates(t *testing.T) {
	all, err := pipelines.Templates()
	if err != nil {
		t.Fatal(err)
	}
	if len(all) == 0 {
		t.Fatal("no pipeline is shipped")
	}
	maps, err := mappings.Load(nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, tpl := range all {
		name := tpl.Pipeline.Name
		if en, zh := tpl.Title[fault.English], tpl.Title[fault.Chinese]; len(en) < 20 || !strings.HasSuffix(en, ".") || !strings.HasSuffix(zh, "。") {
			t.Errorf("%s: the first lines are %q, want a sentence in English and one in Chinese", name, tpl.Title)
		}
		if _, err := maps.Mapping(tpl.Pipeline.Mapping); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		p, err := pipelines.Parse("pipelines/x.yaml", []byte(tpl.Text("another_place")))
		if err != nil {
			t.Errorf("%s for another connection: %v", name, err)
			continue
		}
		if got := p.Source.Connection; got != "another_place" {
			t.Errorf("%s: connection %q, want another_place", name, got)
		}
		if p.Source.Query != tpl.Pipeline.Source.Query || p.Source.Stream != tpl.Pipeline.Source.Stream {
			t.Errorf("%s: more than the connection changed", name)
		}
		if got := tpl.Text(""); !strings.Contains(got, tpl.Pipeline.Source.Connection) {
			t.Errorf("%s: without a connection its own name is gone", name)
		}
	}
}
