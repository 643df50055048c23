package hub

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"time"

	"crmhub/connectors"
	"crmhub/fault"
	"crmhub/hub/config"
	"crmhub/record"
)

// notifier opens the connection that notices go through. The caller closes it.
func (h *Hub) notifier() (connectors.Source, connectors.Notifier, error) {
	name := h.config.Notify.Connection
	src, con, err := h.source("", name, nil)
	if err != nil {
		return nil, nil, err
	}
	n, ok := src.(connectors.Notifier)
	if !ok {
		err := fault.New("E1102", con.Place, "field", "notify.connection", "want", "a connection of the kind smtp")
		if closeErr := src.Close(); closeErr != nil {
			err = err.Because(closeErr)
		}
		return nil, nil, err
	}
	return src, n, nil
}

// checkNotify connects to where notices go, and sends nothing.
func (h *Hub) checkNotify(ctx context.Context) []*fault.Error {
	if h.config.Notify == nil {
		return nil
	}
	src, _, err := h.notifier()
	if err != nil {
		return Faults(err)
	}
	return append(Faults(src.Check(ctx)), Faults(src.Close())...)
}

// notify tells people how a run ended, where hub.yaml says so. A notice that
// can't be sent is a warning; the run stays as it is. An interrupted run sends
// none: whoever interrupted it knows.
func (h *Hub) notify(ctx context.Context, res RunResult, failed error, events func(Event)) {
	n := h.config.Notify
	if n == nil || ctx.Err() != nil {
		return
	}
	err := h.sendNotice(ctx, res, failed)
	for _, f := range Faults(err) {
		events(Event{Kind: Warned, At: h.now(), Fault: f})
	}
}

func (h *Hub) sendNotice(ctx context.Context, res RunResult, failed error) error {
	n := h.config.Notify
	waiting := 0
	if n.Wants(config.OnReview) && failed == nil && res.Resolve.Records > 0 {
		items, err := h.queue(ctx)
		if err != nil {
			return err
		}
		for _, i := range items {
			if !i.Skipped {
				waiting++
			}
		}
	}
	notice, due := h.notice(res, failed, waiting)
	if !due {
		return nil
	}
	src, to, err := h.notifier()
	if err != nil {
		return err
	}
	notice.To = n.To
	return errors.Join(to.Notify(ctx, notice), src.Close())
}

// notice writes what is told of a run: names of pipelines, counts and codes,
// and no value of a record. due says whether it is wanted.
func (h *Hub) notice(res RunResult, failed error, waiting int) (out connectors.Notice, due bool) {
	n, l := h.config.Notify, fault.English
	if h.config.Language == "zh" {
		l = fault.Chinese
	}
	t := func(english, chinese string) string { return fault.Text{english, chinese}[l] }
	var b strings.Builder
	failures, quarantined := 0, int64(0)
	told := func(err error) {
		failures++
		for _, f := range Faults(err) {
			fmt.Fprintf(&b, "  %s\n  %s%s\n", f.Line(l), t("Fix: ", "处理："), f.Fix(l))
		}
	}
	for _, p := range res.Pipelines {
		c := p.Counts
		quarantined += c.Quarantined
		fmt.Fprintf(&b, t("%s: read %d, created %d, updated %d, deleted %d, quarantined %d\n", "%s：读取 %d，新建 %d，更新 %d，删除 %d，隔离 %d\n"),
			p.Pipeline, c.Read, c.Created, c.Updated, c.Deleted, c.Quarantined)
		if p.Err != nil {
			told(p.Err)
		} else if p.Status == record.Failed {
			failures++
		}
	}
	if failed != nil {
		told(failed)
	}
	var said []string
	if failures > 0 {
		said = append(said, fmt.Sprintf(t("%d failed", "%d 项失败"), failures))
		due = due || n.Wants(config.OnFailed)
	}
	if quarantined > 0 {
		said = append(said, t(fault.Count(quarantined, "row")+" in quarantine", fault.Grouped(quarantined)+" 行被隔离"))
		due = due || n.Wants(config.OnQuarantined)
		b.WriteString(t("\nTo look at the rows: crmhub quarantine list\n", "\n查看被隔离的行：crmhub quarantine list\n"))
	}
	if waiting > 0 {
		said = append(said, t(fault.Count(int64(waiting), "pair")+" to review", fault.Grouped(int64(waiting))+" 对记录待复核"))
		due = true
		b.WriteString(t("\nTo decide on the pairs: crmhub review next\n", "\n处理待复核的记录：crmhub review next\n"))
	}
	if len(said) == 0 {
		said = append(said, t("done", "完成"))
	}
	fmt.Fprintf(&b, t("\nProject %s, %s, took %s.\n", "\n项目 %s，%s，用时 %s。\n"), filepath.Base(h.config.Dir), h.now().UTC().Format(time.RFC3339), res.Took.Round(time.Second))
	out.Subject = t("crmhub: run ended: ", "crmhub：运行结束：") + strings.Join(said, t(", ", "，"))
	out.Text = b.String()
	return out, due || n.Wants(config.OnDone)
}
