// Command crmhub brings customer data together: it reads source systems, maps, seals and matches, and keeps one golden record for each customer.
package main

import (
	"context"
	"errors"
	"io"
	"os"
	"os/signal"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"crmhub/fault"
)

// version is set by the build.
var version = "dev"

func main() {
	os.Exit(Main(os.Args[1:], Process{In: os.Stdin, Out: os.Stdout, Err: os.Stderr}))
}

// Process is what a command line gets from its surroundings. Env and Now may
// be nil: the process's own.
type Process struct {
	In       io.Reader
	Out, Err io.Writer
	Env      func(string) (string, bool)
	Now      func() time.Time
}

// Tree returns the commands with their words in that language, for pages that
// are made from them.
func Tree(l fault.Lang) *cobra.Command {
	a := newApp(nil, Process{In: strings.NewReader(""), Out: io.Discard, Err: io.Discard})
	a.lang = l
	return a.root()
}

// Main runs one command line and returns its exit code. The first SIGINT or
// SIGTERM asks the verb to stop after the current batch, the second ends the
// process at once.
func Main(args []string, p Process) (code int) {
	a := newApp(args, p)
	ctx, cancel := context.WithCancelCause(context.Background())
	defer cancel(nil)
	signals := make(chan os.Signal, 2)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	done := make(chan struct{})
	defer func() {
		signal.Stop(signals)
		close(done)
	}()
	go func() {
		for n := 0; ; n++ {
			select {
			case <-done:
				return
			case <-signals:
			}
			if n > 0 {
				os.Exit(fault.ExitInterrupted)
			}
			a.stopping()
			cancel(errStopped)
		}
	}()
	defer func() {
		if p := recover(); p != nil {
			code = a.failed(fault.New("E9001", "", "where", origin()))
		}
	}()
	root := a.root()
	root.SetArgs(args)
	err := root.ExecuteContext(ctx)
	if ferr := a.flush(); err == nil {
		err = ferr
	}
	if err == nil {
		return fault.ExitDone
	}
	return a.failed(a.coded(err))
}

// errStopped is the cause of a context that the user ended.
var errStopped = errors.New("stopped by the user")

// origin returns file:line of the innermost line of ours on a panicking stack.
func origin() string {
	pc := make([]uintptr, 64)
	frames := runtime.CallersFrames(pc[:runtime.Callers(3, pc)])
	for {
		f, more := frames.Next()
		if rest, ours := strings.CutPrefix(f.Function, "crmhub/"); ours {
			room, _, _ := strings.Cut(rest, ".")
			return room + "/" + f.File[strings.LastIndexByte(f.File, '/')+1:] + ":" + strconv.Itoa(f.Line)
		}
		if !more {
			return "?"
		}
	}
}
