package stream_test

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"crmhub/connectors"
	"crmhub/connectors/file"
	"crmhub/fault"
	"crmhub/mappings"
	"crmhub/pipelines/stream"
)

// objects is a mapper that wants rows as objects.
type objects struct{ stream.Mapper }

// landedAs is all that became of the rows of a file, place by place.
func landedAs(t *testing.T, path, text string, mapper stream.Mapper) []string {
	t.Helper()
	src, err := file.Connector{}.Open(connectors.Config{Name: "shop", Params: map[string]any{"path": path}})
	if err != nil {
		t.Fatal(err)
	}
	defer src.Close()
	sink := newMemory()
	mustRun(t, &stream.Runner{Pipeline: pipeline(t, text), Source: src, Sink: sink, Mapper: mapper, Schemas: shipped(t)})
	var all []string
	for _, l := range sink.landed {
		out := fmt.Sprintf("%s %q raw=%s", l.Place, l.Key, l.Raw())
		for _, r := range l.Records {
			r.Observed = r.UpdatedAt
			out += fmt.Sprintf(" %+v", r)
		}
		if l.Refusal != nil {
			f := fault.Of(l.Refusal.Fault)
			out += fmt.Sprint(" ", l.Refusal.Stage, f.Code, f.Place, f.Args, string(l.Refusal.Row))
		}
		all = append(all, out)
	}
	slices.Sort(all)
	return all
}

func TestRowsOfCellsLandAsObjectsDo(t *testing.T) {
	path := filepath.Join(t.TempDir(), "customers.csv")
	data := "id,full_name,email,birth,city,updated\n" +
		"1,王 小明,WANG@example.cn,1990-02-30,上海,2026-01-02T03:04:05Z\n" +
		"2,\"Smith, \"\"Jo\"\"\",,1980-01-02,,not a date\n" +
		"3,,,,,\n" +
		",no key,x@example.com,,,\n" +
		"5,\"open\"x,a@example.com,,,\n" +
		"6," + strings.Repeat("n", 5000) + ",not a mail,,London,2026\n" +
		"7,Li Lei,li@example.cn,1970-05-06,北京,2026-01-01\n"
	if err := os.WriteFile(path, []byte(data), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, mapping := range map[string]string{
		"in Go":       "root.full_name = this.full_name\nroot.emails = [this.email]\nroot.birth_date = this.birth\nroot.addresses = [{\"city\": this.city}]\nroot._updated_at = this.updated\n",
		"by Bloblang": "root.full_name = this.full_name.or(\"none\").uppercase()\nroot.emails = [this.email].filter(x -> x != null)\nroot.kind = if this.city == null { \"person\" } else { \"robot\" }\n",
		"two records": "root = [{\"full_name\": this.full_name, \"_key\": \"a\"}, {\"full_name\": this.full_name, \"_key\": this.city}]\n",
	} {
		t.Run(name, func(t *testing.T) {
			m, err := mappings.Parse("shop.blobl", mapping)
			if err != nil {
				t.Fatal(err)
			}
			got, want := landedAs(t, path, shop, m), landedAs(t, path, shop, objects{m})
			if !slices.Equal(got, want) {
				t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
			}
			if len(want) != 7 {
				t.Errorf("%d rows landed, want 7", len(want))
			}
		})
	}
}

// TestProcessorsGetObjects holds that rows are cells only where the mapping is
// the first to see them.
func TestProcessorsGetObjects(t *testing.T) {
	path := filepath.Join(t.TempDir(), "customers.csv")
	if err := os.WriteFile(path, []byte("id,full_name\n1,Li Lei\n2,Han Mei\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	m := blobl(t, "root.full_name = this.full_name\n")
	got := landedAs(t, path, shop+"processors:\n  - mutation: root.full_name = this.full_name.uppercase()\n", m)
	if all := strings.Join(got, "\n"); !strings.Contains(all, "LI LEI") || !strings.Contains(all, "HAN MEI") {
		t.Errorf("landed %s, want the names in capitals", all)
	}
}
