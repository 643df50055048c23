package stream_test

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"crmhub/fault"
	"crmhub/pipelines/stream"
	"crmhub/record"
)

func TestProcessorsFilterSplitAndFail(t *testing.T) {
	all := customers(40)
	all[0].Data["name"] = "drop"
	all[1].Data["name"] = "fail"
	all[2].Data["name"] = "list"
	all[3].Data["name"] = "split"
	all[4].Data["name"] = "caught"
	all[5].Data["name"] = "text"
	all[6].Fault = fault.New("E3254", "shop.csv:8")
	all[7].Deleted = true
	r, sink := runner(t, rows(all, 10), `processors:
  - mutation: root.name = this.name.trim()
  - switch:
      - check: this.name == "drop"
        processors: [{mapping: root = deleted()}]
      - check: this.name == "fail"
        processors: [{mapping: 'root = throw("secret of " + this.id)'}]
      - check: this.name == "caught"
        processors:
          - try: [{mapping: 'root = throw("x")'}]
          - catch: [{mapping: root = this}]
      - check: this.name == "split"
        processors:
          - mapping: 'root = [this.assign({"part": "a"}), this.assign({"part": "b"})]'
          - unarchive: {format: json_array}
      - check: this.name == "list"
        processors: [{mapping: 'root = [1]'}]
      - check: this.name == "text"
        processors: [{mapping: 'root = "text"'}]
`)
	r.Mapper = blobl(t, `root.full_name = this.name
root._key = if this.part != null { this.id + this.part }`)
	run := mustRun(t, r)
	wantCounts(t, run.Counts, record.Counts{Read: 40, Created: 34, Deleted: 1, Filtered: 1, Quarantined: 4})
	var got []string
	for _, l := range sink.refused {
		got = append(got, fmt.Sprint(l.Refusal.Stage, " ", l.Refusal.Fault))
		if strings.Contains(l.Refusal.Fault.Error(), "secret") {
			t.Errorf("the fault holds a value: %v", l.Refusal.Fault)
		}
	}
	want := []string{
		`process E3250 shop.csv:3: the processor "switch" (number 2) failed on the row`,
		`process E3252 shop.csv:4: the processors left no object of the row`,
		`process E3252 shop.csv:7: the processors left no object of the row`,
		`read E3254 shop.csv:8: the row has no key`,
	}
	if !slices.Equal(got, want) {
		t.Errorf("refused\n got %q\nwant %q", got, want)
	}
	split := sink.landed[3]
	if len(split.Records) != 2 || split.Records[0].Ref.Key != "4a" || split.Records[1].Ref.Key != "4b" || split.Key != "4" {
		t.Errorf("the row that was split landed as %+v", split)
	}
	if got, want := string(sink.refused[0].Refusal.Row), `"name":"fail"`; !strings.Contains(got, want) {
		t.Errorf("quarantine keeps %s, want the source row with %s", got, want)
	}
}

func TestProcessorsDoNotChangeTheSourceRow(t *testing.T) {
	all := customers(3)
	all[0].Data["address"] = map[string]any{"city": "Old"}
	r, sink := runner(t, rows(all, 10), "processors:\n  - mutation: |\n      root.address.city = \"New\"\n      root.id = deleted()\n")
	r.Mapper = blobl(t, `root.full_name = throw("no")`)
	mustRun(t, r)
	if got := string(sink.refused[0].Refusal.Row); !strings.Contains(got, `"city":"Old"`) {
		t.Errorf("quarantine keeps %s", got)
	}
	if got := sink.refused[0].Key; got != "1" {
		t.Errorf("key %q, want that of the source row", got)
	}
}

func TestMappingDoesNotChangeTheSourceRow(t *testing.T) {
	all := customers(1)
	all[0].Data["addresses"] = []any{map[string]any{"city": " Berlin ", "country": "Germany"}}
	all[0].Data["emails"] = []any{" A@Example.com "}
	r, sink := runner(t, rows(all, 10), "")
	r.Mapper = blobl(t, `root.addresses = this.addresses
root.emails = this.emails
root.unknown_field = 1`)
	mustRun(t, r)
	if got, want := string(sink.refused[0].Refusal.Row), `{"addresses":[{"city":" Berlin ","country":"Germany"}],"changed":"2024-05-01T10:00:00Z","emails":[" A@Example.com "],`; !strings.HasPrefix(got, want) {
		t.Errorf("quarantine keeps %s", got)
	}
}

func TestEnvironmentIsNotInterpolated(t *testing.T) {
	t.Setenv("CRMHUB_CANARY", "leaked")
	for _, text := range []string{`${CRMHUB_CANARY}`, `${CRMHUB_CANARY:x}`, `${env:CRMHUB_CANARY}`, `${{env:CRMHUB_CANARY}}`, `${a:${CRMHUB_CANARY}}`, `${CRMHUB_CANARY|base64decode}`} {
		r, sink := runner(t, rows(customers(1), 10), "processors:\n  - mutation: 'root.name = \"\"\"N "+text+"\"\"\"'\n")
		mustRun(t, r)
		for _, got := range sink.records {
			if !strings.Contains(got, text) {
				t.Errorf("%s became %s", text, got)
			}
		}
	}
}

func TestCheckRefusesWhatReachesOutside(t *testing.T) {
	marker := t.TempDir() + "/ran"
	for _, tt := range []struct{ name, processors, want string }{
		{"command", "[{command: {name: touch, args_mapping: 'root = [\"" + marker + "\"]'}}]", `E4010 pipelines/shop.yaml:4:14: there is no processor "command" here`},
		{"nested", "[{try: [{subprocess: {name: touch}}]}]", `E4010 pipelines/shop.yaml:4:14: there is no processor "…" here`},
		{"http", "[{http: {url: 'http://127.0.0.1'}}]", `E4010 pipelines/shop.yaml:4:14: there is no processor "http" here`},
		{"misspelt", "[{maping: root = this}]", `E4010 pipelines/shop.yaml:4:14: there is no processor "maping" here (nearest: mapping)`},
		{"env function", "[{mapping: 'root = env(\"HOME\")'}]", "E4011 pipelines/shop.yaml:4:14"},
		{"file function", "[{mapping: 'root = file(\"/etc/passwd\")'}]", "E4011 pipelines/shop.yaml:4:14"},
		{"import", "[{mapping: 'import \"/etc/passwd\"'}]", "E4011 pipelines/shop.yaml:4:14"},
		{"file mapping", "[{mapping: 'from \"/etc/passwd\"'}]", "E4011 pipelines/shop.yaml:4:14"},
		{"unknown field", "[{noop: {}}, {branch: {reqest_map: root = this}}]", "E4011 pipelines/shop.yaml:4:26"},
		{"wrong type", "[{while: {max_loops: ten, check: 'true', processors: []}}]", "E4011 pipelines/shop.yaml:4:14"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			err := stream.Check(pipeline(t, shop+"processors: "+tt.processors+"\n"))
			if err == nil || !strings.HasPrefix(err.Error(), tt.want) {
				t.Errorf("Check: %v, want %s", err, tt.want)
			}
			r, sink := runner(t, rows(customers(1), 1), "processors: "+tt.processors+"\n")
			if _, err := r.Run(t.Context()); err == nil || sink.runs != 0 {
				t.Errorf("Run: %v, %d runs begun", err, sink.runs)
			}
		})
	}
	if _, err := os.Stat(marker); err == nil {
		t.Error("a command ran")
	}
}

func TestCheckAcceptsWhatTransforms(t *testing.T) {
	p := pipeline(t, shop+`processors:
  - label: first
    mapping: |
      root = this
      root.n = this.id.number()
  - branch:
      request_map: root = this.name
      processors: [{bloblang: root = content().uppercase()}]
      result_map: root.upper = content().string()
  - jq: {query: '.'}
  - try_catch: {processors: [{noop: {}}], catch: [{noop: {}}]}
  - while: {max_loops: 3, check: 'false', processors: []}
`)
	if err := stream.Check(p); err != nil {
		t.Errorf("Check: %v", err)
	}
}
