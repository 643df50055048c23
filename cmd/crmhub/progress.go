package main

import (
	"encoding/json"
	"fmt"
	"strings"
	"sync"
	"time"

	"crmhub/hub"
	"crmhub/mdm"
	"crmhub/record"
)

// progress shows the events of a run: one line that redraws itself on a
// terminal, a line every ten seconds and at each end elsewhere, JSON lines
// with -o json. It is safe for concurrent use.
type progress struct {
	a  *app
	mu sync.Mutex
	// began is when the current stage began; shown when a line was last printed.
	began, shown time.Time
	rows         int64
	drawn        bool
}

func (a *app) progress() *progress { return &progress{a: a} }

// Between two lines, or two redraws of one.
const (
	lineEvery   = 10 * time.Second
	redrawEvery = 200 * time.Millisecond
)

// event takes one event of the hub.
func (p *progress) event(e hub.Event) {
	p.mu.Lock()
	defer p.mu.Unlock()
	switch {
	case e.Kind == hub.Warned && !p.a.json():
		p.clear()
		if e.Fault != nil {
			fmt.Fprint(p.a.err, p.a.page(e.Fault))
		}
	case p.a.json():
		p.line(e)
	case !p.a.quiet:
		p.show(e)
	}
}

// end leaves the terminal on a fresh line.
func (p *progress) end() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.clear()
}

func (p *progress) show(e hub.Event) {
	now := p.a.now()
	switch e.Kind {
	case hub.Started:
		p.began, p.shown, p.rows = now, now, e.Counts.Read
		if e.Resumed {
			p.print(fmt.Sprintf(p.a.t("%s  goes on after %s", "%s  从第 %s 行之后继续"), e.Pipeline, p.a.many(e.Counts.Read, "row")))
		}
	case hub.Progress:
		if p.due(now) {
			p.draw(fmt.Sprintf(p.a.t("%s  read %s  %s/s  quarantined %s", "%s  已读 %s  %s/秒  隔离 %s"),
				e.Pipeline, grouped(e.Counts.Read), rate(e.Counts.Read-p.rows, now.Sub(p.began)), grouped(e.Counts.Quarantined)))
		}
	case hub.Landed:
		p.clear()
		sign := p.a.ok(p.a.errTTY)
		if e.Fault != nil {
			sign = p.a.fail(p.a.errTTY)
		}
		took := time.Duration(0)
		if !p.began.IsZero() {
			took = now.Sub(p.began).Round(10 * time.Millisecond)
		}
		p.print(fmt.Sprintf(p.a.t("%s %s  read %s in %s", "%s %s  已读 %s，用时 %s"), sign, e.Pipeline, grouped(e.Counts.Read), took))
		p.began = time.Time{}
	case hub.Resolving:
		if p.due(now) {
			p.draw(fmt.Sprintf("%s  %s  %s / %s", p.a.stage(e.Stage), p.bar(e.Done, e.Total), grouped(e.Done), grouped(e.Total)))
		}
	case hub.Resolved:
		p.clear()
	}
}

// stage names what a resolve is doing.
func (a *app) stage(s mdm.Stage) string {
	switch s {
	case mdm.Comparing:
		return a.t("compare", "比较")
	case mdm.Surviving:
		return a.t("survive", "取值")
	}
	return a.t("block  ", "分块")
}

// due reports whether the time for another line or redraw has come.
func (p *progress) due(now time.Time) bool {
	every := lineEvery
	if p.a.errTTY {
		every = redrawEvery
	}
	if now.Sub(p.shown) < every {
		return false
	}
	p.shown = now
	return true
}

// draw prints a line that the next one replaces, where the terminal can.
func (p *progress) draw(s string) {
	if !p.a.errTTY {
		p.print(s)
		return
	}
	fmt.Fprint(p.a.err, "\r\x1b[K"+s)
	p.drawn = true
}

func (p *progress) print(s string) { fmt.Fprintln(p.a.err, s) }

func (p *progress) clear() {
	if p.drawn {
		fmt.Fprint(p.a.err, "\r\x1b[K")
		p.drawn = false
	}
}

// bar draws how much of total is done.
func (p *progress) bar(done, total int64) string {
	const wide = 20
	n := wide
	if total > 0 {
		n = int(min(done, total) * wide / total)
	}
	return strings.Repeat(p.a.sign("█", "#"), n) + strings.Repeat(p.a.sign("░", "."), wide-n)
}

func rate(n int64, took time.Duration) string {
	if took < 100*time.Millisecond {
		return "-"
	}
	return grouped(int64(float64(n) / took.Seconds()))
}

// eventJSON is one line of run -o json before the last.
type eventJSON struct {
	Event    hub.EventKind  `json:"event"`
	At       time.Time      `json:"at"`
	Pipeline string         `json:"pipeline,omitempty"`
	Run      record.RunID   `json:"run,omitempty"`
	Resumed  bool           `json:"resumed,omitempty"`
	Counts   *record.Counts `json:"counts,omitempty"`
	Stage    mdm.Stage      `json:"stage,omitempty"`
	Done     *int64         `json:"done,omitempty"`
	Total    *int64         `json:"total,omitempty"`
	Fault    *faultObject   `json:"fault,omitempty"`
}

// line prints an event as JSON; progress at most five times a second.
func (p *progress) line(e hub.Event) {
	if (e.Kind == hub.Progress || e.Kind == hub.Resolving) && e.At.Sub(p.shown) < redrawEvery {
		return
	}
	p.shown = e.At
	j := eventJSON{Event: e.Kind, At: e.At.UTC(), Pipeline: e.Pipeline, Run: e.Run, Resumed: e.Resumed, Stage: e.Stage}
	switch e.Kind {
	case hub.Resolving, hub.Resolved:
		j.Done, j.Total = &e.Done, &e.Total
	case hub.Started, hub.Progress, hub.Landed:
		j.Counts = &e.Counts
	}
	if e.Fault != nil {
		o := p.a.object(e.Fault)
		j.Fault = &o
	}
	// An event that can't be written is not worth ending a run for; the last
	// line of the command reports a broken stream.
	if b, err := json.Marshal(j); err == nil {
		p.a.out.Write(append(b, '\n'))
		p.a.out.Flush()
	}
}
