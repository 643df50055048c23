package demo_test

import (
	"context"
	"log/slog"
	"maps"
	"os"
	"path/filepath"
	"testing"
	"time"

	"crmhub/connectors"
	"crmhub/connectors/all"
	"crmhub/deploy/demo"
	"crmhub/fault"
	"crmhub/hub/config"
	"crmhub/mappings"
	"crmhub/mdm/standardize"
	"crmhub/pipelines"
	"crmhub/pipelines/stream"
	"crmhub/record"
	"crmhub/schemas"
)

// tally is a pipelines.Sink that counts what the rows became.
type tally struct {
	run     record.Run
	refused map[string]int
	aside   map[string]int
	records map[record.Ref]record.Record
}

func (s *tally) Begin(_ context.Context, spec record.RunSpec) (record.Run, error) {
	s.run = record.Run{ID: "1", Pipeline: spec.Pipeline, Source: spec.Source, Stream: spec.Stream, Status: record.Running}
	return s.run, nil
}

func (s *tally) Prepare(_ context.Context, _ record.RunID, rows []record.Landing) (any, error) {
	return rows, nil
}

func (s *tally) Commit(_ context.Context, _ record.RunID, prepared []any, _, to record.Position) (record.Counts, error) {
	c := &s.run.Counts
	for _, p := range prepared {
		for _, l := range p.([]record.Landing) {
			c.Read++
			switch {
			case l.Refusal != nil:
				c.Quarantined++
				s.refused[string(fault.Of(l.Refusal.Fault).Code)]++
			case l.Deleted:
				c.Deleted++
			case len(l.Records) == 0:
				c.Filtered++
			default:
				c.Created++
			}
			for _, r := range l.Records {
				s.records[r.Ref] = r
				for _, x := range r.Invalid {
					s.aside[string(r.Ref.Type)+" "+x.Path]++
				}
			}
		}
	}
	s.run.Position = to
	return *c, nil
}

func (s *tally) End(_ context.Context, _ record.RunID, status record.Status, cause error) (record.Run, error) {
	s.run.Status, s.run.Error = status, cause
	return s.run, nil
}

// run reads one pipeline of the demo laid into dir.
func run(t *testing.T, dir, name string) *tally {
	t.Helper()
	c, err := config.Load(dir, nil)
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join("pipelines", name+".yaml")
	data, err := os.ReadFile(filepath.Join(dir, file))
	if err != nil {
		t.Fatal(err)
	}
	p, err := pipelines.Parse(file, data)
	if err != nil {
		t.Fatal(err)
	}
	con, err := c.Connection(file, p.Source.Connection)
	if err != nil {
		t.Fatal(err)
	}
	connector := all.Registry()[con.Connector]
	params, err := c.Params(con, connector.Spec())
	if err != nil {
		t.Fatal(err)
	}
	source, err := connector.Open(connectors.Config{Name: con.Name, Params: params, Dir: dir, Zone: con.Location(), Log: slog.New(slog.DiscardHandler), Now: time.Now, TempDir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := source.Close(); err != nil {
			t.Error(err)
		}
	}()
	set, err := mappings.Load(os.DirFS(filepath.Join(dir, "mappings")))
	if err != nil {
		t.Fatal(err)
	}
	m, err := set.Mapping(p.Mapping)
	if err != nil {
		t.Fatal(err)
	}
	types, err := schemas.Load(nil)
	if err != nil {
		t.Fatal(err)
	}
	s := &tally{refused: map[string]int{}, aside: map[string]int{}, records: map[record.Ref]record.Record{}}
	r := stream.Runner{
		Pipeline: p, Source: source, Sink: s, Mapper: m, Schemas: types,
		Locale: standardize.Locale{Country: con.Country, Zone: con.Location(), Dates: string(con.Dates)},
	}
	if _, err := r.Run(t.Context()); err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return s
}

func TestEveryRowOfTheDemoGoesWhereItShould(t *testing.T) {
	dir := t.TempDir()
	if err := demo.Write(dir); err != nil {
		t.Fatal(err)
	}
	names, err := demo.Pipelines()
	if err != nil {
		t.Fatal(err)
	}
	truth, err := demo.Truth()
	if err != nil {
		t.Fatal(err)
	}
	if story := demo.Story(); truth[story] == "" {
		t.Errorf("the truth knows nothing of %s %q", story, story.Key)
	}
	// What waits in quarantine, and which values are set aside somewhere.
	want := map[string]struct {
		filtered int64
		refused  map[string]int
		aside    []string
	}{
		"erp_customer":      {1, map[string]int{"E3101": 1, "E3304": 2}, []string{"customer /emails/0", "customer /national_id", "customer /tax_id"}},
		"legacy_account":    {0, map[string]int{}, nil},
		"legacy_contact":    {0, map[string]int{"E3304": 1}, []string{"customer /birth_date", "customer /emails/0"}},
		"logistics_waybill": {0, map[string]int{"E3108": 1}, []string{"shipment /status"}},
		"mail_inbox":        {0, map[string]int{}, nil},
		"payment_bill":      {2, map[string]int{"E3202": 1}, nil},
		"shop_order":        {0, map[string]int{"E3109": 1, "E3201": 1, "E3202": 1, "E3303": 1}, []string{"customer /birth_date", "customer /emails/0"}},
	}
	if len(names) != len(want) {
		t.Errorf("pipelines %v, want %d", names, len(want))
	}
	sources := map[string]bool{}
	for _, name := range names {
		s := run(t, dir, name)
		c := s.run.Counts
		if w := want[name]; c.Filtered != w.filtered || !maps.Equal(s.refused, w.refused) {
			t.Errorf("%s: filtered %d, refused %v, want %d, %v", name, c.Filtered, s.refused, w.filtered, w.refused)
		}
		for _, at := range want[name].aside {
			if s.aside[at] == 0 {
				t.Errorf("%s: nothing was set aside at %s, only %v", name, at, s.aside)
			}
		}
		for ref := range s.records {
			if ref.Type != record.Customer {
				continue
			}
			if truth[ref] == "" {
				t.Errorf("%s: a customer landed that the truth does not know: %q", name, ref.Key)
			}
			delete(truth, ref)
			sources[ref.Source] = true
		}
	}
	for ref := range truth {
		t.Errorf("%s %q is in the truth and did not land", ref, ref.Key)
	}
	if len(sources) != 6 {
		t.Errorf("customers come from %d systems, want 6", len(sources))
	}
}
