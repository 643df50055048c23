package main

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// startup bounds how long a server may take until it answers.
const startup = 60 * time.Second

// process is a command that may run as another user.
type process struct{ cmd *exec.Cmd }

// as makes a process of a user; where we are not root, of ourselves.
func as(ctx context.Context, name, bin string, args ...string) process {
	cmd := exec.CommandContext(ctx, bin, args...)
	cmd.Dir = "/"
	// A server dies with us, however we die.
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	if uid, gid, ok := ids(name); ok {
		cmd.SysProcAttr.Credential = &syscall.Credential{Uid: uid, Gid: gid}
	}
	return process{cmd}
}

// quiet runs the process to its end and returns what it said where it failed.
func (p process) quiet() error {
	if out, err := p.cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("%s: %w\n%s", filepath.Base(p.cmd.Path), err, tail(out))
	}
	return nil
}

// serve starts the process and stops it by that signal when the environment stops.
func (e *environment) serve(p process, by os.Signal) error {
	log, err := os.CreateTemp(e.dir, filepath.Base(p.cmd.Path)+"-*.log")
	if err != nil {
		return err
	}
	p.cmd.Stdout, p.cmd.Stderr = log, log
	if err := p.cmd.Start(); err != nil {
		return err
	}
	done := make(chan error, 1)
	go func() { done <- p.cmd.Wait() }()
	e.stops = append(e.stops, func() {
		defer log.Close()
		if err := p.cmd.Process.Signal(by); err != nil {
			return // it has ended by itself
		}
		select {
		case <-done:
		case <-time.After(10 * time.Second):
			if p.cmd.Process.Kill() == nil {
				<-done
			}
		}
	})
	return nil
}

// goServer builds a server of the servers module into the cache, once for each
// state of its module files, and returns the binary.
func (e *environment) goServer(ctx context.Context, name, pkg string) (string, error) {
	return e.goServerOf(ctx, serversDir, name, pkg)
}

// goServerOf is goServer for a module of its own.
func (e *environment) goServerOf(ctx context.Context, module, name, pkg string) (string, error) {
	sum := sha256.New()
	for _, f := range []string{"go.mod", "go.sum"} {
		b, err := os.ReadFile(filepath.Join(module, f))
		if err != nil {
			return "", err
		}
		sum.Write(b)
	}
	bin := filepath.Join(e.cache, name+"-"+hex.EncodeToString(sum.Sum(nil))[:12])
	if _, err := os.Stat(bin); err == nil {
		return bin, nil
	}
	fmt.Printf("testenv: building %s into the cache; this takes some minutes the first time\n", name)
	part := bin + ".part" + strconv.Itoa(os.Getpid())
	cmd := exec.CommandContext(ctx, "go", "build", "-o", part, pkg)
	cmd.Dir = module
	if out, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("go build %s: %w\n%s", pkg, err, tail(out))
	}
	return bin, os.Rename(part, bin)
}

// serversDir is the module of the servers, from the root of the project.
const serversDir = "tools/servers"

// pinned returns the version of a module that the servers module pins.
func pinned(module string) string {
	b, err := os.ReadFile(filepath.Join(serversDir, "go.mod"))
	if err != nil {
		return ""
	}
	for line := range strings.Lines(string(b)) {
		if f := strings.Fields(line); len(f) >= 2 && f[0] == module {
			return f[1]
		}
	}
	return ""
}

// wait asks until a server answers, or startup has passed.
func wait(ctx context.Context, ready func(context.Context) error) error {
	ctx, cancel := context.WithTimeout(ctx, startup)
	defer cancel()
	for {
		err := ready(ctx)
		if err == nil {
			return nil
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("no answer within %s: %w", startup, err)
		case <-time.After(50 * time.Millisecond):
		}
	}
}

func dials(port string) func(context.Context) error {
	return func(ctx context.Context) error {
		var d net.Dialer
		c, err := d.DialContext(ctx, "tcp", "127.0.0.1:"+port)
		if err != nil {
			return err
		}
		return c.Close()
	}
}

func freePort() (string, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	_, port, err := net.SplitHostPort(l.Addr().String())
	if err != nil {
		return "", err
	}
	return port, l.Close()
}

// ids returns the ids of a user that we, as root, may become.
func ids(name string) (uid, gid uint32, ok bool) {
	if name == "" || os.Geteuid() != 0 {
		return 0, 0, false
	}
	u, err := user.Lookup(name)
	if err != nil {
		return 0, 0, false
	}
	uid64, err1 := strconv.ParseUint(u.Uid, 10, 32)
	gid64, err2 := strconv.ParseUint(u.Gid, 10, 32)
	return uint32(uid64), uint32(gid64), err1 == nil && err2 == nil
}

// own gives a folder to a user that we, as root, may become.
func own(dir, name string) error {
	uid, gid, ok := ids(name)
	if !ok {
		return nil
	}
	return os.Chown(dir, int(uid), int(gid))
}

// tail returns the last lines of a command's output.
func tail(out []byte) []byte {
	const most = 2000
	out = bytes.TrimSpace(out)
	return out[max(0, len(out)-most):]
}
