package stream

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"slices"
	"strconv"
	"strings"

	_ "github.com/redpanda-data/benthos/v4/public/components/pure" // the processors of Benthos
	"github.com/redpanda-data/benthos/v4/public/service"

	"crmhub/fault"
	"crmhub/mappings"
	"crmhub/pipelines"
)

// allowed are the processors that a pipeline may use: they transform rows one
// by one, on the goroutine that calls them, and reach nothing outside.
var allowed = []string{
	"bloblang", "bounds_check", "branch", "catch", "compress", "decompress", "for_each", "jmespath", "jq",
	"mapping", "mutation", "noop", "parse_log", "processors", "switch", "try", "try_catch", "unarchive", "while",
}

// environment returns a private environment with the allowed processors and
// the Bloblang of mappings, and nothing else: no input, no output, no cache.
func environment() *service.Environment {
	env := service.GlobalEnvironment().WithProcessors(allowed...).WithInputs().WithOutputs().
		WithBuffers("none").WithCaches().WithRateLimits().WithScanners().WithMetrics("none").WithTracers("none")
	env.UseBloblangEnvironment(mappings.Environment())
	return env
}

// noEnvironment is the lookup of environment variables inside a stream: there are none.
func noEnvironment(string) (string, bool) { return "", false }

// silent takes Benthos' own log: its texts hold values of rows.
func silent() *slog.Logger { return slog.New(slog.NewTextHandler(io.Discard, nil)) }

// Check finds what is wrong with a pipeline's processors: E4010 where one is
// not known or not allowed, E4011 where its settings are wrong, with the
// place.
func Check(p *pipelines.Pipeline) error {
	if len(p.Processors) == 0 {
		return nil
	}
	env := environment()
	for i, raw := range p.Processors {
		place := p.Place("processors", i)
		text := processorYAML(raw)
		lints, err := env.NewComponentConfigLinter().SetSkipEnvVarCheck(true).LintProcessorYAML([]byte(text))
		if err != nil {
			return fault.New("E4011", place, "what", "not a processor").Because(err)
		}
		for _, l := range lints {
			if l.Type == service.LintComponentNotFound || l.Type == service.LintComponentMissing {
				return unknownProcessor(place, raw, env)
			}
			return fault.New("E4011", place, "what", lintText(l))
		}
		if err := build(env, raw); err != nil {
			return fault.New("E4011", place, "what", "it cannot be built").Because(err)
		}
	}
	return nil
}

// build constructs a processor, which finds wrong types that linting does not.
func build(env *service.Environment, raw any) error {
	labelled := maps.Clone(raw.(map[string]any))
	labelled["label"] = "check"
	rb := env.NewResourceBuilder()
	rb.SetLogger(silent())
	rb.DisableLinting()
	if err := rb.AddProcessorYAML(processorYAML(labelled)); err != nil {
		return fmt.Errorf("parse processor: %w", err)
	}
	resources, closeAll, err := rb.BuildSuspended()
	if err != nil {
		return fmt.Errorf("build processor: %w", err)
	}
	// A processor is built when it is asked for.
	err = resources.AccessProcessor(context.Background(), "check", func(*service.ResourceProcessor) {})
	return errors.Join(err, closeAll(context.Background()))
}

func unknownProcessor(place string, raw any, env *service.Environment) error {
	var known []string
	env.WalkProcessors(func(name string, _ *service.ConfigView) { known = append(known, name) })
	slices.Sort(known)
	name := processorName(raw)
	near := fault.Nearest(name, known)
	if slices.Contains(known, name) {
		name, near = "…", "" // it stands inside another
	}
	return fault.New("E4010", place, "name", name, "nearest", near, "known", strings.Join(known, ", "))
}

// processorName returns the name of a processor: its only key that is no label.
func processorName(raw any) string {
	m, _ := raw.(map[string]any)
	for _, k := range slices.Sorted(maps.Keys(m)) {
		if k != "label" {
			return k
		}
	}
	return ""
}

// lintText is a finding of Benthos' linter on one line.
func lintText(l service.Lint) string {
	what, _, _ := strings.Cut(l.What, "\n")
	if l.Type == service.LintBadBloblang {
		return "Bloblang, line " + strconv.Itoa(max(1, l.Line)) + ": " + what
	}
	return what
}
