// Command testenv starts the servers that the tests talk to, runs a command with their addresses in its environment, and stops them again.
//
// A server whose address is already in the environment is used as it is.
// With -only NAME,NAME no other server is started. Everything listens on 127.0.0.1 and lives in a folder of its own, which is
// removed at the end. What cannot be had is an error: no test is skipped.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"time"
)

func main() {
	// Servers are killed with the thread that started them, so that thread is kept.
	runtime.LockOSThread()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code, err := run(ctx, os.Args[1:])
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "testenv:", err)
		if code == 0 {
			code = 1
		}
	}
	os.Exit(code)
}

// run starts the servers, runs the command and returns its exit code.
func run(ctx context.Context, command []string) (int, error) {
	flags := flag.NewFlagSet("testenv", flag.ContinueOnError)
	only := flags.String("only", "", "start these servers alone, by their names or variables, with commas between them")
	if err := flags.Parse(command); err != nil {
		return 2, err
	}
	command = flags.Args()
	if len(command) == 0 {
		return 2, errors.New("usage: testenv [-only NAME,NAME] COMMAND [ARGUMENT…]")
	}
	wanted, err := chosen(*only)
	if err != nil {
		return 2, err
	}
	dir, err := os.MkdirTemp("", "crmhub-test-")
	if err != nil {
		return 1, err
	}
	defer os.RemoveAll(dir)
	// Servers that refuse to run as root run as users of their own, who must
	// be able to reach their folders.
	if err := os.Chmod(dir, 0o711); err != nil {
		return 1, err
	}
	cache, err := cacheDir()
	if err != nil {
		return 1, err
	}
	env := &environment{dir: dir, cache: cache}
	defer env.stop()
	for _, s := range wanted {
		if addr := os.Getenv(s.variable); addr != "" {
			env.add(s, addr, "as given")
			continue
		}
		started := time.Now()
		addr, version, err := s.start(ctx, env)
		if err != nil {
			return 1, fmt.Errorf("%s cannot be had: %w", s.name, err)
		}
		fmt.Printf("testenv: %s is up after %s\n", s.name, time.Since(started).Round(time.Millisecond))
		env.add(s, addr, version)
	}
	cmd := exec.CommandContext(ctx, command[0], command[1:]...)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = os.Stdin, os.Stdout, os.Stderr
	cmd.Env = append(os.Environ(), env.variables...)
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	cmd.WaitDelay = 30 * time.Second
	err = cmd.Run()
	fmt.Println("testenv: the tests ran against")
	for _, line := range env.report {
		fmt.Println("  " + line)
	}
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		return max(exit.ExitCode(), 1), nil
	}
	return 0, err
}

// chosen returns the servers that a list names; all where it is empty.
func chosen(list string) ([]server, error) {
	if list == "" {
		return servers, nil
	}
	var out []server
	for name := range strings.SplitSeq(list, ",") {
		i := slices.IndexFunc(servers, func(s server) bool { return strings.EqualFold(s.name, name) || s.variable == name })
		if i < 0 {
			return nil, fmt.Errorf("-only: no server is called %q", name)
		}
		out = append(out, servers[i])
	}
	return out, nil
}

// cacheDir returns the folder that built servers are kept in between runs.
func cacheDir() (string, error) {
	base := os.Getenv("CRMHUB_TEST_CACHE")
	if base == "" {
		user, err := os.UserCacheDir()
		if err != nil {
			return "", err
		}
		base = filepath.Join(user, "crmhub-test")
	}
	return base, os.MkdirAll(base, 0o755)
}

// environment is what has been started so far. It is not safe for concurrent use.
type environment struct {
	dir, cache string
	variables  []string
	report     []string
	stops      []func()
	// dovecot is the folder of the Dovecot that was started, if one was.
	dovecot string
}

func (e *environment) add(s server, addr, version string) {
	e.variables = append(e.variables, s.variable+"="+addr)
	e.report = append(e.report, fmt.Sprintf("%-12s %s", s.name, strings.TrimSpace(version)))
}

// stop ends the servers in the opposite order of their start.
func (e *environment) stop() {
	for i := len(e.stops) - 1; i >= 0; i-- {
		e.stops[i]()
	}
}

// folder makes a folder for one server, owned by that user where we are root.
func (e *environment) folder(name, user string) (string, error) {
	d := filepath.Join(e.dir, name)
	if err := os.Mkdir(d, 0o700); err != nil {
		return "", err
	}
	return d, own(d, user)
}
