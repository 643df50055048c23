package connectortest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// Foreign runs a script (testdata/client.py or .mjs) that reads a stand-in
// server with a client which we did not write, and decodes the JSON that it
// prints into out, with numbers as they are written. env are variables for the
// script, each NAME=value. The clients are those of CRMHUB_TEST_CLIENTS: a
// folder with venv/bin/python and node_modules.
func Foreign(t testing.TB, script string, out any, env ...string) {
	t.Helper()
	dir := os.Getenv("CRMHUB_TEST_CLIENTS")
	if dir == "" {
		t.Fatal("CRMHUB_TEST_CLIENTS is not set: run make test, or give a folder")
	}
	program := filepath.Join(dir, "venv", "bin", "python")
	if filepath.Ext(script) == ".mjs" {
		program = "node"
	}
	cmd := exec.CommandContext(t.Context(), program, script)
	// Clients must not leave for a proxy or a real system.
	cmd.Env = append(os.Environ(), append(env, "CRMHUB_TEST_CLIENTS="+dir, "NO_PROXY=*", "no_proxy=*", "PYTHONDONTWRITEBYTECODE=1")...)
	cmd.WaitDelay = 5 * time.Second
	var said bytes.Buffer
	cmd.Stderr = &said
	text, err := cmd.Output()
	if err != nil {
		t.Fatalf("%s: %v\n%s", script, err, last(said.String()))
	}
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	if err := d.Decode(out); err != nil {
		t.Fatalf("%s printed no JSON: %v\n%s", script, err, last(string(text)))
	}
}

// last returns the end of a text, where a script says what went wrong.
func last(s string) string {
	s = strings.TrimSpace(s)
	if n := len(s); n > 2000 {
		return fmt.Sprintf("… %s", s[n-2000:])
	}
	return s
}
