package main

import (
	"context"
	"os"
	"os/user"
	"time"

	"github.com/spf13/pflag"

	"crmhub/connectors/all"
	"crmhub/fault"
	"crmhub/hub"
)

// open opens the project that -C names. Its parts open when they are needed.
func (a *app) open() (*hub.Hub, error) { return a.openAt(a.dir) }

func (a *app) openAt(dir string) (*hub.Hub, error) {
	return hub.Open(dir, hub.Options{
		Registry: all.Registry(), Log: a.log(), Now: a.now, Env: a.env, Who: who(), Version: version, Lang: a.lang,
	})
}

// close closes the project. What can fail then has been committed before, so
// a failure is only logged.
func (a *app) close(h *hub.Hub) {
	if err := h.Close(); err != nil {
		a.log().Warn("the project did not close cleanly", "code", a.coded(err).Code)
	}
}

// with opens the project, runs f and closes the project again.
func (a *app) with(f func(h *hub.Hub) error) error {
	h, err := a.open()
	if err != nil {
		return err
	}
	defer a.close(h)
	return f(h)
}

// who is the person at the machine, as the journal names them.
func who() string {
	u, err := user.Current()
	if err != nil {
		return "?"
	}
	return u.Username
}

// revealFlags are --reveal and --reason.
func (a *app) revealFlags(f *pflag.FlagSet, r *hub.Reveal) {
	f.BoolVar(&r.On, "reveal", false, a.t("show personal values in clear; recorded in the journal", "以明文显示个人信息；会记入日志"))
	f.StringVar(&r.Reason, "reason", "", a.t("why the values are shown", "显示个人信息的原因"))
}

// target opens the file that --to names, or stdout. The file is created 0600:
// it may hold personal values. done closes it.
func (a *app) target(to string) (w interface{ Write([]byte) (int, error) }, done func() error, err error) {
	if to == "" || to == "-" {
		return a.out, func() error { return nil }, nil
	}
	f, err := os.OpenFile(to, os.O_CREATE|os.O_WRONLY|os.O_TRUNC, 0o600)
	if err != nil {
		return nil, nil, fault.New("E1104", to, "reason", fault.Reason(err)).Because(err)
	}
	return f, func() error {
		if err := f.Close(); err != nil {
			return fault.New("E1104", to, "reason", fault.Reason(err)).Because(err)
		}
		return nil
	}, nil
}

// pipelineNames completes the names of the project's pipelines.
func (a *app) pipelineNames([]string) []string {
	h, err := a.open()
	if err != nil {
		return nil
	}
	defer a.close(h)
	return h.PipelineNames()
}

// connectionNames completes the names of the project's connections.
func (a *app) connectionNames(done []string) []string {
	if len(done) > 0 {
		return nil
	}
	h, err := a.open()
	if err != nil {
		return nil
	}
	defer a.close(h)
	return h.Config().Connections()
}

// moment writes a time for people: local, to the second.
func moment(t time.Time) string {
	if t.IsZero() {
		return "-"
	}
	return t.Local().Format("2006-01-02 15:04:05")
}

// asked makes sure of a yes: --yes, or an answer on a terminal.
func (a *app) asked(ctx context.Context, en, zh string) error {
	if a.yes {
		return nil
	}
	if !terminal(a.in) || !a.errTTY {
		return fault.New("E1205", "")
	}
	answer := make(chan bool, 1)
	go func() { answer <- a.prompt(a.t(en, zh)) }()
	select {
	case <-ctx.Done():
		return context.Cause(ctx)
	case yes := <-answer:
		if !yes {
			return fault.New("E1214", "")
		}
	}
	return nil
}
