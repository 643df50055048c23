package stream

import (
	"bytes"
	"encoding/json"
	"reflect"
	"regexp"
	"runtime"
	"strconv"
	"strings"

	"github.com/goccy/go-yaml"

	"crmhub/fault/yamlfile"
	"crmhub/pipelines"
)

// Compile returns the Benthos configuration that a pipeline runs as. Run runs
// this text and no other. Interpolations of environment variables are written
// so that they stay as they are.
func Compile(p *pipelines.Pipeline) string {
	return compile(p, p.Source.Stream, p.Source.ReadMode(), runtime.GOMAXPROCS(0))
}

func compile(p *pipelines.Pipeline, streamName string, mode pipelines.Mode, threads int) string {
	var b strings.Builder
	line := func(indent int, key, value string) {
		b.WriteString(strings.Repeat("  ", indent) + key + ": " + value + "\n")
	}
	text := func(indent int, key, value string) {
		if value != "" {
			line(indent, key, quote(value))
		}
	}
	b.WriteString("http:\n")
	line(1, "enabled", "false")
	b.WriteString("input:\n  crmhub_source:\n")
	line(2, "connection", quote(p.Source.Connection))
	line(2, "stream", quote(streamName))
	line(2, "mode", string(mode))
	if len(p.Source.Key) > 0 {
		line(2, "key", quote([]string(p.Source.Key)))
	}
	text(2, "cursor", p.Source.Cursor)
	if p.Source.Overlap > 0 {
		line(2, "overlap", p.Source.Overlap.String())
	}
	text(2, "deleted", p.Source.Deleted)
	text(2, "query", p.Source.Query)
	b.WriteString("pipeline:\n")
	line(1, "threads", strconv.Itoa(threads))
	b.WriteString("  processors:\n")
	if len(p.Processors) > 0 {
		b.WriteString("    - crmhub_process:\n        processors:\n")
		for _, x := range p.Processors {
			item := strings.ReplaceAll(strings.TrimRight(processorYAML(x), "\n"), "\n", "\n            ")
			b.WriteString("          - " + item + "\n")
		}
	}
	b.WriteString("    - crmhub_map:\n")
	line(4, "mapping", quote(p.Mapping))
	line(4, "type", string(p.Type))
	line(4, "deletes", string(p.Source.Deletes))
	b.WriteString("    - crmhub_seal: {}\noutput:\n  crmhub_store: {}\n")
	return b.String()
}

// interpolation is what Benthos takes for an environment variable.
var interpolation = regexp.MustCompile(`\$\{[0-9A-Za-z_.{]`)

// quote writes a value as JSON, which is YAML, on one line.
func quote(v any) string {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		return "null"
	}
	return strings.ReplaceAll(strings.TrimSpace(b.String()), "${", `\u0024{`)
}

// processorYAML writes one processor as YAML for people, or as JSON where YAML
// would not give back exactly the same or would be interpolated.
func processorYAML(raw any) string {
	text, err := yaml.MarshalWithOptions(raw, yaml.Indent(2), yaml.IndentSequence(true), yaml.UseLiteralStyleIfMultiline(true))
	if err != nil || interpolation.Match(text) {
		return quote(raw) + "\n"
	}
	var back struct {
		X any `yaml:"x"`
	}
	indented := "x:\n  " + strings.ReplaceAll(strings.TrimRight(string(text), "\n"), "\n", "\n  ") + "\n"
	if err := yamlfile.Decode("", []byte(indented), &back); err != nil || !reflect.DeepEqual(back.X, raw) {
		return quote(raw) + "\n"
	}
	return string(text)
}
