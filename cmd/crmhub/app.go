package main

import (
	"bufio"
	"fmt"
	"io"
	"log/slog"
	"os"
	"strings"
	"time"

	"crmhub/fault"
	"crmhub/hub/config"
	"crmhub/mdm/spill"
)

// app is one command line at work: its streams, its looks and its global flags.
type app struct {
	in  io.Reader
	out *bufio.Writer
	err io.Writer
	env func(string) (string, bool)
	now func() time.Time

	lang    fault.Lang
	outTTY  bool
	errTTY  bool
	unicode bool

	// The global flags.
	dir     string
	output  string
	langArg string
	color   string
	quiet   bool
	verbose int
	yes     bool
	// space is where the rows of files that are matched lie; nil is memory.
	space *spill.Space
	// command is how a failed or stopped verb is taken up again.
	command string
}

func newApp(args []string, p Process) *app {
	a := &app{in: p.In, out: bufio.NewWriterSize(p.Out, 64<<10), err: p.Err, env: p.Env, now: p.Now}
	if a.env == nil {
		a.env = os.LookupEnv
	}
	if a.now == nil {
		a.now = time.Now
	}
	a.outTTY, a.errTTY = terminal(p.Out), terminal(p.Err)
	// The tree of commands is built in the language of the help, and a flag
	// that is wrong is reported as -o says: both are needed before cobra parses.
	a.dir = scan(args, "-C", "--project", ".")
	a.output = scan(args, "-o", "--output", "text")
	a.color = scan(args, "", "--color", "auto")
	a.lang = a.language(scan(args, "", "--lang", ""))
	a.unicode = strings.Contains(strings.ToLower(a.getenv("LC_ALL")+a.getenv("LC_CTYPE")+a.getenv("LANG")), "utf")
	return a
}

// scan returns the value of a flag wherever it stands in args, before "--".
func scan(args []string, short, long, otherwise string) string {
	for i, arg := range args {
		if arg == "--" {
			break
		}
		name, value, joined := strings.Cut(arg, "=")
		switch {
		case name == long && joined:
			return value
		case (arg == long || short != "" && arg == short) && i+1 < len(args):
			return args[i+1]
		case short != "" && strings.HasPrefix(arg, short) && !strings.HasPrefix(arg, "--") && len(arg) > len(short):
			return strings.TrimPrefix(strings.TrimPrefix(arg, short), "=")
		}
	}
	return otherwise
}

// language picks the language: flag, CRMHUB_LANG, a locale that names one, the
// project's own word, English.
func (a *app) language(flag string) fault.Lang {
	words := []string{flag, a.getenv("CRMHUB_LANG"), a.getenv("LC_ALL"), a.getenv("LC_MESSAGES"), a.getenv("LANG")}
	for _, w := range words {
		switch {
		case strings.HasPrefix(strings.ToLower(w), "zh"):
			return fault.Chinese
		case strings.HasPrefix(strings.ToLower(w), "en"):
			return fault.English
		}
	}
	if config.Language(a.dir) == "zh" {
		return fault.Chinese
	}
	return fault.English
}

func (a *app) getenv(name string) string {
	v, _ := a.env(name)
	return v
}

// t picks the text of the app's language.
func (a *app) t(en, zh string) string { return fault.Text{en, zh}[a.lang] }

// json reports whether the output is for machines.
func (a *app) json() bool { return a.output == "json" }

// say writes one line for people to stderr, unless -q was given.
func (a *app) say(en, zh string, args ...any) {
	if !a.quiet && !a.json() {
		fmt.Fprintf(a.err, a.t(en, zh)+"\n", args...)
	}
}

// flush writes out what a verb printed.
func (a *app) flush() error {
	if err := a.out.Flush(); err != nil {
		return fault.New("E9003", "", "reason", fault.Reason(err)).Because(err)
	}
	return nil
}

// log is where the parts of the hub log to: stderr, from warnings up, more with -v.
func (a *app) log() *slog.Logger {
	level := slog.LevelError
	switch {
	case a.verbose > 1:
		level = slog.LevelDebug
	case a.verbose == 1:
		level = slog.LevelInfo
	}
	o := &slog.HandlerOptions{Level: level}
	if a.json() {
		return slog.New(slog.NewJSONHandler(a.err, o))
	}
	return slog.New(slog.NewTextHandler(a.err, o))
}

// stopping says on the first Ctrl-C what happens now.
func (a *app) stopping() {
	if !a.json() {
		fmt.Fprintln(a.err, a.t("\nStopping after the current batch; once more to stop at once.", "\n将在当前批次之后停止；再按一次立即停止。"))
	}
}

// terminal reports whether w is a terminal: a character device other than the
// null device.
func terminal(w any) bool {
	f, ok := w.(*os.File)
	if !ok {
		return false
	}
	info, err := f.Stat()
	if err != nil || info.Mode()&os.ModeCharDevice == 0 {
		return false
	}
	null, err := os.Stat(os.DevNull)
	return err != nil || !os.SameFile(info, null)
}
