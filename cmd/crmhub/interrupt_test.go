package main_test

import (
	"bufio"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"crmhub/fault"
)

// program is the command under test as a process of its own: the test binary,
// which testscript taught to be crmhub, under that name.
func program(t testing.TB, args ...string) *exec.Cmd {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	name := filepath.Join(t.TempDir(), "crmhub")
	if err := os.Symlink(self, name); err != nil {
		t.Fatal(err)
	}
	return exec.Command(name, args...)
}

func TestInterruptedRunGoesOn(t *testing.T) {
	whole := project(t, people(4000))
	must(t, "-C", whole, "run", "people")
	want := must(t, "-C", whole, "store", "digest")

	// Reading is slowed down, so that the signal comes in the middle.
	dir := project(t, people(4000))
	file := filepath.Join(dir, "pipelines", "people.yaml")
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	write(t, file, string(text)+"limits:  {rate: 1000 rows/s}\n")
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
	var last map[string]any
	sent := false
	for lines := bufio.NewScanner(out); lines.Scan(); {
		if err := json.Unmarshal(lines.Bytes(), &last); err != nil {
			t.Fatalf("not JSON: %s", lines.Text())
		}
		counts, _ := last["counts"].(map[string]any)
		if read, _ := counts["read"].(float64); last["event"] == "progress" && read > 0 && !sent {
			sent = true
			if err := c.Process.Signal(syscall.SIGINT); err != nil {
				t.Fatal(err)
			}
		}
	}
	err = c.Wait()
	if got := c.ProcessState.ExitCode(); got != fault.ExitInterrupted {
		t.Fatalf("exit code %d (%v), want %d; last event %v\n%s", got, err, fault.ExitInterrupted, last, errs)
	}
	if last["event"] != "finished" || last["status"] != "interrupted" {
		t.Errorf("last line %v, want finished and interrupted", last)
	}
	if !strings.Contains(errs.String(), `"type":"exit"`) || !strings.Contains(errs.String(), "crmhub") {
		t.Errorf("stderr does not say how to go on: %s", errs)
	}

	write(t, file, string(text))
	lines := strings.Split(strings.TrimSpace(must(t, "-C", dir, "run", "people", "-o", "json")), "\n")
	var done finished
	if err := json.Unmarshal([]byte(lines[len(lines)-1]), &done); err != nil {
		t.Fatal(err)
	}
	p := done.Pipelines[0]
	if p.Read != 4000 || p.Created != 4000 || p.Unexplained != 0 || !p.Resumed {
		t.Errorf("the run went on as %+v, want 4000 read and created, resumed", p)
	}
	if got := must(t, "-C", dir, "store", "digest"); got != want {
		t.Error("the digest is not that of an unbroken run")
	}
}

func TestTwoRunsAtOnce(t *testing.T) {
	dir := project(t, people(10))
	must(t, "-C", dir, "run", "people")
	release := hold(t, dir)
	_, errs, code := crmhub(t, time.Now, "-C", dir, "run", "people", "-o", "json")
	if code != fault.ExitLocked {
		t.Fatalf("exit code %d, want %d\n%s", code, fault.ExitLocked, errs)
	}
	host, err := os.Hostname()
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"E5005", "another run", host} {
		if !strings.Contains(errs, want) {
			t.Errorf("the fault does not name %q: %s", want, errs)
		}
	}
	if out, _, _ := crmhub(t, time.Now, "-C", dir, "doctor"); !strings.Contains(out, "E5005") {
		t.Errorf("doctor does not name the holder: %s", out)
	}
	release()
	must(t, "-C", dir, "run", "people")
}

func TestClockBackwards(t *testing.T) {
	dir := project(t, people(10))
	must(t, "-C", dir, "run", "people")
	yesterday := func() time.Time { return time.Now().Add(-24 * time.Hour) }
	_, errs, code := crmhub(t, yesterday, "-C", dir, "run", "people")
	if code != 0 || !strings.Contains(errs, "W1401") {
		t.Fatalf("exit code %d, want 0 and W1401: %s", code, errs)
	}
	if out, _, _ := crmhub(t, yesterday, "-C", dir, "doctor"); !strings.Contains(out, "W1401") {
		t.Errorf("doctor does not report the clock: %s", out)
	}
	var runs []struct {
		Started time.Time `json:"started"`
	}
	if err := json.Unmarshal([]byte(must(t, "-C", dir, "runs", "list", "-o", "json")), &runs); err != nil {
		t.Fatal(err)
	}
	if len(runs) != 2 || !runs[0].Started.After(runs[1].Started) {
		t.Errorf("the runs are not in order: %v", runs)
	}
}

func TestNewerStore(t *testing.T) {
	dir := project(t, people(10))
	must(t, "-C", dir, "run", "people")
	age(t, dir)
	_, errs, code := crmhub(t, time.Now, "-C", dir, "run", "people")
	if code != fault.ExitFailed || !strings.Contains(errs, "E5003") {
		t.Errorf("exit code %d, want 1 and E5003: %s", code, errs)
	}
}

// TestDiskFull fills the disk under a store: the run ends with a code, and
// goes on when there is room again.
func TestDiskFull(t *testing.T) {
	dir := project(t, people(3000))
	small := filepath.Join(t.TempDir(), "small")
	if err := os.Mkdir(small, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := syscall.Mount("tmpfs", small, "tmpfs", 0, "size=1m"); err != nil {
		t.Fatalf("mount a small disk: %v (this test runs as root)", err)
	}
	t.Cleanup(func() {
		if err := syscall.Unmount(small, 0); err != nil {
			t.Error(err)
		}
	})
	hub := "store: {url: \"sqlite:" + filepath.Join(small, "store.db") + "\"}\nconnections:\n  shop: {connector: file, path: people.csv}\n"
	write(t, filepath.Join(dir, "hub.yaml"), hub)
	_, errs, code := crmhub(t, time.Now, "-C", dir, "run", "people", "-o", "json")
	if code != fault.ExitFailed || !strings.Contains(errs, "E5006") {
		t.Fatalf("exit code %d, want 1 and E5006: %s", code, errs)
	}
	if err := syscall.Mount("tmpfs", small, "tmpfs", syscall.MS_REMOUNT, "size=200m"); err != nil {
		t.Fatal(err)
	}
	must(t, "-C", dir, "run", "people")
	if got := must(t, "-C", dir, "golden", "verify", "-o", "json"); !strings.Contains(got, `"ok":true`) {
		t.Errorf("golden verify after a full disk: %s", got)
	}
	whole := project(t, people(3000))
	must(t, "-C", whole, "run", "people")
	if got, want := must(t, "-C", dir, "store", "digest"), must(t, "-C", whole, "store", "digest"); got != want {
		t.Error("after a full disk the digest is not that of an unbroken run")
	}
}
