package main_test

import (
	"bytes"
	"encoding/csv"
	"errors"
	"net/url"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
	"github.com/spf13/cobra"
	"golang.org/x/text/encoding/htmlindex"

	main "crmhub/cmd/crmhub"
	"crmhub/connectors"
	"crmhub/fault"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){
		"crmhub": func() {
			os.Exit(main.Main(os.Args[1:], main.Process{In: os.Stdin, Out: os.Stdout, Err: os.Stderr}))
		},
	})
}

// TestScripts runs testdata/script: what a user types and sees. exits N
// COMMAND runs a command that must end with that exit code.
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir: "testdata/script",
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"exits":    exits,
			"needs":    needs,
			"bigfield": bigfield,
			"recode":   recode,
			"members":  members,
			"lastrun":  lastRun,
			"sheet":    sheet,
		},
		Setup: func(e *testscript.Env) error {
			for _, name := range []string{"CRMHUB_TEST_MYSQL", "CRMHUB_TEST_POSTGRES"} {
				e.Setenv(name, os.Getenv(name))
			}
			if u, err := url.Parse(os.Getenv("CRMHUB_TEST_MYSQL")); err == nil {
				e.Setenv("MYSQL_ADDRESS", u.Host)
			}
			e.Setenv("LANG", "C.UTF-8")
			e.Setenv("TMPDIR", e.WorkDir)
			return nil
		},
	})
}

func exits(ts *testscript.TestScript, neg bool, args []string) {
	want, err := strconv.Atoi(args[0])
	if neg || err != nil || len(args) < 2 {
		ts.Fatalf("usage: exits CODE COMMAND…")
	}
	got := 0
	var exit *exec.ExitError
	if err := ts.Exec(args[1], args[2:]...); errors.As(err, &exit) {
		got = exit.ExitCode()
	} else if err != nil {
		ts.Fatalf("%v", err)
	}
	if got != want {
		ts.Fatalf("exit code %d, want %d", got, want)
	}
}

// recode FILE ENCODING writes a file of UTF-8 anew in another encoding.
func recode(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: recode FILE ENCODING")
	}
	enc, err := htmlindex.Get(args[1])
	ts.Check(err)
	name := ts.MkAbs(args[0])
	text, err := os.ReadFile(name)
	ts.Check(err)
	text, err = enc.NewEncoder().Bytes(text)
	ts.Check(err)
	ts.Check(os.WriteFile(name, text, 0o600))
}

// needs fails where a server's address is not set: a test that is left out
// proves nothing.
func needs(ts *testscript.TestScript, _ bool, args []string) {
	for _, name := range args {
		if ts.Getenv(name) == "" {
			ts.Fatalf("%s is not set: run make test, or give an address", name)
		}
	}
}

// bigfield FILE MB writes a CSV whose second row has a cell of that size and
// whose third has a NUL.
func bigfield(ts *testscript.TestScript, _ bool, args []string) {
	mb, err := strconv.Atoi(args[1])
	ts.Check(err)
	text := "id,name,email\n1,Li Na,li.na@example.com\n2," + strings.Repeat("x", mb<<20) + ",big@example.com\n3,Zhao\x00Min,nul@example.com\n4,Wang Wei,wang.wei@example.com\n"
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), []byte(text), 0o644))
}

// members DIR VAR puts the id of the golden record with most members into a variable.
func members(ts *testscript.TestScript, _ bool, args []string) {
	ts.Check(ts.Exec("crmhub", "-C", args[0], "golden", "export", "--format", "csv", "--members"))
	count, best := map[string]int{}, ""
	for _, line := range strings.Split(ts.ReadFile("stdout"), "\n")[1:] {
		id, _, _ := strings.Cut(line, ",")
		if count[id]++; id != "" && count[id] > count[best] {
			best = id
		}
	}
	ts.Setenv(args[1], best)
}

// lastRun DIR VAR puts the id of the latest run into a variable.
func lastRun(ts *testscript.TestScript, _ bool, args []string) {
	ts.Check(ts.Exec("crmhub", "-C", args[0], "runs", "list", "-l", "1"))
	_, line, _ := strings.Cut(ts.ReadFile("stdout"), "\n")
	id, _, _ := strings.Cut(line, "\t")
	ts.Setenv(args[1], id)
}

// sheet FILE COLUMN VALUE corrects a cell of the first row of an exported CSV.
func sheet(ts *testscript.TestScript, _ bool, args []string) {
	rows, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(ts.ReadFile(args[0]), "\ufeff"))).ReadAll()
	ts.Check(err)
	rows[1][slices.Index(rows[0], args[1])] = args[2]
	var out bytes.Buffer
	w := csv.NewWriter(&out)
	ts.Check(w.WriteAll(rows))
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), out.Bytes(), 0o600))
}

// crmhub runs a command line in this process.
func crmhub(t *testing.T, now func() time.Time, args ...string) (stdout, stderr string, code int) {
	t.Helper()
	var out, err bytes.Buffer
	code = main.Main(args, main.Process{
		In: strings.NewReader(""), Out: &out, Err: &err, Now: now,
		Env: func(name string) (string, bool) {
			if strings.HasPrefix(name, "LC_") || name == "LANG" || name == "CRMHUB_LANG" {
				return "", false
			}
			return os.LookupEnv(name)
		},
	})
	return out.String(), err.String(), code
}

// must runs a command line that succeeds and returns what it prints.
func must(t *testing.T, args ...string) string {
	t.Helper()
	out, errs, code := crmhub(t, time.Now, args...)
	if code != 0 {
		t.Fatalf("crmhub %s: exit code %d\n%s%s", strings.Join(args, " "), code, out, errs)
	}
	return out
}

func sortedNames(reg connectors.Registry) []string {
	var names []string
	for name := range reg {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// TestEveryCommandHasItsWords holds that each verb has three examples that
// begin with its own name, in both languages, and lines of at most 120 columns.
func TestEveryCommandHasItsWords(t *testing.T) {
	for _, l := range []fault.Lang{fault.English, fault.Chinese} {
		var walk func(c *cobra.Command)
		walk = func(c *cobra.Command) {
			if c.Hidden {
				return
			}
			if c.Short == "" {
				t.Errorf("%s has no sentence in language %d", c.CommandPath(), l)
			}
			if n := strings.Count(c.Example, "\n") + 1; n != 3 {
				t.Errorf("%s has %d examples, want 3", c.CommandPath(), n)
			}
			for _, line := range strings.Split(c.Example, "\n") {
				if !strings.Contains(line, "crmhub ") {
					t.Errorf("%s: %q is no example", c.CommandPath(), line)
				}
			}
			for _, line := range strings.Split(c.Long, "\n") {
				if n := len([]rune(line)); n > 120 {
					t.Errorf("%s: a line of %d characters", c.CommandPath(), n)
				}
			}
			for _, s := range c.Commands() {
				walk(s)
			}
		}
		walk(main.Tree(l))
	}
}
