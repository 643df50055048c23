package main_test

import (
	"bufio"
	"context"
	"database/sql"
	"fmt"
	"io"
	"math/rand/v2"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	_ "github.com/jackc/pgx/v5/stdlib"
)

// A kill lands in each of this many slices of a run's time, on each database.
const (
	crashRows  = 6000
	crashKills = 6
)

// TestKilledRunsEndAsUnbroken kills the program at moments spread over a run,
// three times a store, and runs it again: the store is that of a run that nothing
// disturbed, on both databases.
func TestKilledRunsEndAsUnbroken(t *testing.T) {
	csv := people(crashRows)
	whole := project(t, csv)
	took, killed := runKilled(t, whole, time.Hour)
	if killed {
		t.Fatal("the unbroken run was killed")
	}
	want := must(t, "-C", whole, "store", "digest")

	for _, kind := range []string{"sqlite", "postgres"} {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			r := rand.New(rand.NewPCG(1, uint64(len(kind))))
			kills, tries := 0, 0
			for ; kills < crashKills; tries++ {
				// A run may be over before its kill: then the next is sooner.
				if tries == 4*crashKills {
					t.Fatalf("only %d kills in %d tries landed in a run", kills, tries)
				}
				dir, quiet := project(t, csv), func() {}
				if kind == "postgres" {
					quiet = inPostgres(t, dir)
				}
				for _, slice := range []int{kills, crashKills - 1 - kills, 1} {
					delay := time.Duration((float64(slice) + r.Float64()) / crashKills * .9 / float64(1+tries/2) * float64(took))
					_, killed := runKilled(t, dir, delay)
					quiet()
					if !killed {
						break
					}
					kills++
				}
				must(t, "-C", dir, "run", "people", "-o", "json")
				if got := must(t, "-C", dir, "store", "digest"); got != want {
					t.Fatalf("after %d kills the digest is not that of an unbroken run:\n%s\nwant\n%s", kills, got, want)
				}
				if got := must(t, "-C", dir, "golden", "verify", "-o", "json"); !strings.Contains(got, `"ok":true`) {
					t.Fatalf("golden verify after %d kills: %s", kills, got)
				}
			}
			t.Logf("%d kills on %d stores; an unbroken run takes %v", kills, tries, took)
		})
	}
}

// runKilled runs the project's pipeline as a process of its own and kills it
// that long after its run began, if it still runs; took is from the run's
// beginning to the process's end.
func runKilled(t *testing.T, dir string, after time.Duration) (took time.Duration, killed bool) {
	t.Helper()
	c := program(t, "-C", dir, "run", "people", "-o", "json")
	out, err := c.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	errs := new(strings.Builder)
	c.Stderr = errs
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewReader(out)
	if _, err := lines.ReadString('\n'); err != nil {
		t.Fatalf("the run says nothing: %v\n%s", err, errs)
	}
	began := time.Now()
	over := make(chan struct{})
	go func() {
		defer close(over)
		// What a killed process did not finish saying is of no interest.
		if _, err := io.Copy(io.Discard, lines); err != nil {
			return
		}
	}()
	select {
	case <-over:
	case <-time.After(after):
		if err := c.Process.Kill(); err != nil && err != os.ErrProcessDone {
			t.Fatal(err)
		}
	}
	<-over
	err = c.Wait()
	if c.ProcessState.Exited() && err != nil {
		t.Fatalf("the run ends with %v\n%s", err, errs)
	}
	return time.Since(began), !c.ProcessState.Exited()
}

// inPostgres puts a project's store into a database of its own. quiet waits
// until the server has noticed that a killed process is gone.
func inPostgres(t *testing.T, dir string) (quiet func()) {
	t.Helper()
	raw := os.Getenv("CRMHUB_TEST_POSTGRES")
	if raw == "" {
		t.Fatal("CRMHUB_TEST_POSTGRES is not set: run make test, or give an address")
	}
	u, err := url.Parse(raw)
	if err != nil {
		t.Fatal(err)
	}
	admin, err := sql.Open("pgx", raw)
	if err != nil {
		t.Fatal(err)
	}
	name := fmt.Sprintf("crmhub_crash_%d_%d", os.Getpid(), time.Now().UnixNano())
	if _, err := admin.ExecContext(t.Context(), "CREATE DATABASE "+name); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if _, err := admin.ExecContext(context.Background(), "DROP DATABASE "+name+" WITH (FORCE)"); err != nil {
			t.Error(err)
		}
		if err := admin.Close(); err != nil {
			t.Error(err)
		}
	})
	u.Path = "/" + name
	file := filepath.Join(dir, "hub.yaml")
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	write(t, file, "store: {url: \""+u.String()+"\"}\n"+string(text))
	return func() {
		t.Helper()
		tick := time.NewTicker(20 * time.Millisecond)
		defer tick.Stop()
		for deadline := time.Now().Add(20 * time.Second); time.Now().Before(deadline); <-tick.C {
			var n int
			if err := admin.QueryRowContext(t.Context(), "SELECT count(*) FROM pg_stat_activity WHERE datname = $1", name).Scan(&n); err != nil {
				t.Fatal(err)
			}
			if n == 0 {
				return
			}
		}
		t.Fatal("the server still holds the sessions of a killed process")
	}
}
