package config_test

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/goccy/go-yaml"
	"github.com/santhosh-tekuri/jsonschema/v5"

	"crmhub/connectors/all"
	"crmhub/fault"
	"crmhub/hub/config"
)

func compiled(t *testing.T, kind string) *jsonschema.Schema {
	t.Helper()
	raw, err := config.Schema(kind, all.Registry(), fault.English)
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	c.Draft = jsonschema.Draft2020
	if err := c.AddResource(kind, bytes.NewReader(raw)); err != nil {
		t.Fatal(err)
	}
	s, err := c.Compile(kind)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// decoded reads YAML as the JSON that a schema judges.
func decoded(t *testing.T, text []byte) any {
	t.Helper()
	raw, err := yaml.YAMLToJSON(text)
	if err != nil {
		t.Fatal(err)
	}
	var v any
	if err := json.Unmarshal(raw, &v); err != nil {
		t.Fatal(err)
	}
	return v
}

func TestSchemasJudgeAsTheProgramDoes(t *testing.T) {
	const pipeline = "source: {connection: shop, stream: customers, key: [a, b], key_class: none, cursor: updated_at, mode: incremental, overlap: 10m, deletes: sweep}\nmapping: m.blobl\ntype: customer\nlimits: {max_quarantined: 2%, max_deleted: 5%, rate: 5/s}\nschedule: {cron: \"*/15 * * * *\", zone: Asia/Shanghai, missed: run_once}\nprocessors: []\n"
	for _, tt := range []struct {
		name, kind, text string
		valid            bool
	}{
		{"whole hub", "hub", "store: {url: \"sqlite:store.db\"}\nkeyring: {file: keyring.json}\nconnections:\n  legacy: {connector: sqldb, url: \"mysql://crm@127.0.0.1/crm\", password: \"${env:X}\", country: CN, zone: Asia/Shanghai, dates: ymd}\nbackup: {url: out}\nlanguage: zh\nconsole: {listen: \"127.0.0.1:8080\"}\n", true},
		{"hub with a wrong key", "hub", "stroe: {}\n", false},
		{"secret in clear", "hub", "connections:\n  legacy: {connector: sqldb, url: \"mysql://crm@127.0.0.1/crm\", password: hunter2}\n", false},
		{"unknown connector", "hub", "connections:\n  legacy: {connector: sql}\n", false},
		{"unknown parameter", "hub", "connections:\n  legacy: {connector: sqldb, url: x, pasword: \"${env:X}\"}\n", false},
		{"whole pipeline", "pipeline", pipeline, true},
		{"pipeline without a mapping", "pipeline", "source: {connection: shop}\ntype: customer\n", false},
		{"pipeline of no type", "pipeline", "source: {connection: shop}\nmapping: m\ntype: client\n", false},
		{"model without blocks", "model", "version: x\nclip: {least: -1, most: 1}\nmax_block: 10\ncomparisons: {email: {exact: {m: 0.5, u: 0.1}}}\n", false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			err := compiled(t, tt.kind).Validate(decoded(t, []byte(tt.text)))
			if got := err == nil; got != tt.valid {
				t.Errorf("valid = %v, want %v: %v", got, tt.valid, err)
			}
		})
	}
}

func TestShippedFilesFitTheirSchemas(t *testing.T) {
	for _, tt := range []struct{ kind, files string }{
		{"model", "../../mdm/*.yaml"}, {"pipeline", "../../pipelines/*.yaml"}, {"hub", "../skeleton/hub.*.yaml"},
	} {
		s := compiled(t, tt.kind)
		files, err := filepath.Glob(tt.files)
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range files {
			text, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			if err := s.Validate(decoded(t, text)); err != nil {
				t.Errorf("%s: %v", name, err)
			}
		}
	}
}
