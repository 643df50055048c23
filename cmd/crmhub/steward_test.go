package main_test

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// synthetics lays a project that reads made-up customers into a store; url is
// "" for the embedded one.
func synthetics(t *testing.T, rows int, url string) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "crm")
	must(t, "init", dir)
	records := filepath.Join(dir, "records.csv")
	must(t, "match", "generate", "--rows", fmt.Sprint(rows), "--seed", "5", "--output", records)
	hub := "connections:\n  all: {connector: file, path: records.csv, country: CN}\n"
	if url != "" {
		t.Setenv("STORE", url)
		hub = "store: {url: \"${env:STORE}\"}\n" + hub
	}
	write(t, filepath.Join(dir, "hub.yaml"), hub)
	write(t, filepath.Join(dir, "pipelines", "all.yaml"), "source:  {connection: all, stream: records, key: record_id}\nmapping: all.blobl\ntype:    customer\nlimits:  {max_quarantined: 5%}\n")
	write(t, filepath.Join(dir, "mappings", "all.blobl"), `root.full_name = this.full_name
root.given_name = this.given_name
root.family_name = this.family_name
root.organisation = this.organisation
root.birth_date = this.birth_date
root.emails = [this.email]
root.phones = [this.phone]
root.addresses = [{"street": this.street, "city": this.city, "postcode": this.postcode}]
`)
	return dir
}

// reviewed is what `review list -o json` prints of each pair, as far as two
// stores have it in common.
type reviewed struct {
	Waiting int            `json:"waiting"`
	Items   []reviewedPair `json:"items"`
}

type reviewedPair struct {
	ID     string  `json:"id"`
	Score  float64 `json:"score"`
	Cause  string  `json:"cause"`
	Impact int     `json:"impact"`
	Pairs  int     `json:"pairs"`
}

// What stewards decide does the same in both databases: the queue, a sheet of
// decisions, values of their own, and the end of these when a run's clock says so.
func TestStewardsDecideAlikeInBothStores(t *testing.T) {
	var queues []string
	var digests [][]string
	url := database(t)
	for _, dir := range []string{synthetics(t, 1200, ""), synthetics(t, 1200, url)} {
		must(t, "-C", dir, "run", "all")
		var q reviewed
		out := must(t, "-C", dir, "review", "list", "-l", "0", "-o", "json")
		if err := json.Unmarshal([]byte(out), &q); err != nil {
			t.Fatal(err)
		}
		if q.Waiting < 10 {
			t.Fatalf("%d pairs wait, want at least 10 to decide on", q.Waiting)
		}
		queues = append(queues, fmt.Sprintf("%+v", q))
		sheet := filepath.Join(dir, "review.csv")
		must(t, "-C", dir, "review", "export", "--to", sheet)
		decideAll(t, sheet)
		must(t, "-C", dir, "review", "import", sheet)
		after := must(t, "-C", dir, "store", "digest")
		var left reviewed
		if err := json.Unmarshal([]byte(must(t, "-C", dir, "review", "list", "-l", "0", "-o", "json")), &left); err != nil {
			t.Fatal(err)
		}
		for _, i := range left.Items {
			if slices.ContainsFunc(q.Items, func(was reviewedPair) bool { return was.ID == i.ID }) {
				t.Errorf("pair %s was decided and waits", i.ID)
			}
		}

		// A value for three days, and the first run after them.
		id := largest(t, dir)
		must(t, "-C", dir, "golden", "override", "set", id, "owner", "Li Na", "--until", "3d", "--reason", "stands in")
		set := must(t, "-C", dir, "store", "digest")
		later := func() time.Time { return time.Now().AddDate(0, 0, 4) }
		if out, errs, code := crmhub(t, later, "-C", dir, "golden", "verify"); code != 0 {
			t.Errorf("verify, four days later: %d\n%s%s", code, out, errs)
		}
		if out, errs, code := crmhub(t, later, "-C", dir, "run", "all"); code != 0 {
			t.Fatalf("run, four days later: %d\n%s%s", code, out, errs)
		}
		ended := must(t, "-C", dir, "store", "digest")
		if ended != after || set == after {
			t.Errorf("digests: %s before, %s while it stood, %s after its end", after, set, ended)
		}
		must(t, "-C", dir, "golden", "verify")
		digests = append(digests, []string{after, ended})
	}
	if queues[0] != queues[1] {
		t.Errorf("SQLite's queue is\n%s\nPostgreSQL's\n%s", queues[0], queues[1])
	}
	if !slices.Equal(digests[0], digests[1]) {
		t.Errorf("SQLite's digests are %s, PostgreSQL's %s", digests[0], digests[1])
	}
}

// decideAll fills a sheet: every second pair is one customer, the others two.
func decideAll(t *testing.T, path string) {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	rows, err := csv.NewReader(bytes.NewReader(bytes.TrimPrefix(data, []byte("\ufeff")))).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	decision, reason := slices.Index(rows[0], "decision"), slices.Index(rows[0], "reason")
	seen := map[string]bool{}
	for i, row := range rows[1:] {
		a, b, _ := strings.Cut(row[0], "-")
		// Pairs that touch each other could contradict each other.
		if row[decision], row[reason] = []string{"link", "否"}[i%2], "looked at both"; seen[a] || seen[b] {
			row[decision] = "not"
		}
		seen[a], seen[b] = true, true
	}
	var out bytes.Buffer
	if err := csv.NewWriter(&out).WriteAll(rows); err != nil {
		t.Fatal(err)
	}
	write(t, path, out.String())
}

// largest returns the id of the golden record with most members.
func largest(t *testing.T, dir string) string {
	t.Helper()
	count, best := map[string]int{}, ""
	for _, line := range strings.Split(must(t, "-C", dir, "golden", "export", "--format", "csv", "--members"), "\n")[1:] {
		id, _, _ := strings.Cut(line, ",")
		if count[id]++; id != "" && count[id] > count[best] {
			best = id
		}
	}
	return best
}
