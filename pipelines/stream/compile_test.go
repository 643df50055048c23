package stream_test

import (
	"flag"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/redpanda-data/benthos/v4/public/service"

	"crmhub/pipelines/stream"
)

var update = flag.Bool("update", false, "rewrite the golden files")

const everything = `source:
  connection: shop
  stream: "客户: #1"
  key: [id, 编号]
  cursor: updated_at
  mode: incremental
  overlap: 10m
  deletes: flag
  deleted: gone
  query: "SELECT * FROM t WHERE a = '${x}'"
mapping: shop_customer.blobl
type: customer
processors:
  - mapping: |
      # a comment: with "quotes" and 中文
      root = this
      root.a = this.b | "x"
  - label: second
    switch:
      - check: this.a == "yes"
        processors: [{mutation: root.b = true}]
      - processors: []
  - mutation: root.home = "${env:HOME}"
  - jq: {query: '.a: "b"'}
`

func TestCompile(t *testing.T) {
	got := regexp.MustCompile(`threads: \d+`).ReplaceAllString(stream.Compile(pipeline(t, everything)), "threads: N")
	path := filepath.Join("testdata", "compile.golden")
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("Compile\n got:\n%s\nwant:\n%s", got, want)
	}
}

// What is printed must be what Benthos reads: stock Benthos, given the text
// with its own parts in place of ours, sees the same processors.
func TestCompiledTextIsBenthos(t *testing.T) {
	t.Setenv("HOME", "leaked")
	text := stream.Compile(pipeline(t, everything))
	for ours, stock := range map[string]string{
		`(?s)crmhub_source:\n.*?pipeline:`:       "generate: {count: 1, interval: '', mapping: 'root = {}'}\npipeline:",
		`(?s)crmhub_map:\n.*?- crmhub_seal: \{}`: "noop: {}",
		`crmhub_process:\n        processors:`:   "processors:",
		`crmhub_store: \{}`:                      "drop: {}",
	} {
		text = regexp.MustCompile(ours).ReplaceAllString(text, strings.ReplaceAll(stock, "$", "$$"))
	}
	sb := service.NewStreamBuilder()
	if err := sb.SetYAML(text); err != nil {
		t.Fatalf("SetYAML: %v\n%s", err, text)
	}
	back, err := sb.AsYAML()
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(back, `root.home = \"${env:HOME}\"`) || strings.Contains(back, "leaked") {
		t.Errorf("the processors became\n%s", back)
	}
}
