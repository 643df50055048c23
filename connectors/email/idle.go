package email

import (
	"context"
	"errors"
	"time"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapclient"

	"crmhub/connectors"
)

// unasked takes what the server tells of an open folder without being asked.
func (se *session) unasked() *imapclient.UnilateralDataHandler {
	return &imapclient.UnilateralDataHandler{Mailbox: func(d *imapclient.UnilateralDataMailbox) {
		if d.NumMessages == nil {
			return
		}
		select {
		case se.news <- struct{}{}:
		default:
		}
	}}
}

// waits reports whether the read, which came to its end, waits for something new.
func (rd *reader) waits(se *session) bool {
	wait := rd.s.cfg.Params.Span("wait")
	if wait <= 0 || rd.total > 0 || rd.r.Mode != connectors.Incremental || rd.r.Limit > 0 || !se.caps.Has(imap.CapIdle) && !se.caps.Has(imap.CapIMAP4rev2) {
		return false
	}
	if rd.until.IsZero() {
		rd.until = time.Now().Add(wait)
	}
	return time.Now().Before(rd.until)
}

// await waits with the server (IDLE, RFC 2177) until a message comes into the
// watched folder, true, or the time is over. It opens that folder once more:
// what came since it was read is news already. The client begins its IDLE anew
// before a server would end it.
func (rd *reader) await(ctx context.Context, se *session, list []folder) (bool, error) {
	if len(list) == 0 {
		return false, nil
	}
	f := list[0]
	for _, x := range list {
		if sameFolder(x.name, "INBOX") {
			f = x
		}
	}
	select {
	case <-se.news:
	default:
	}
	now, err := se.open(ctx, f.name)
	if err != nil {
		return false, err
	}
	if m := rd.pos.Folders[f.name]; m == nil || m.Validity != now.validity || now.next > m.UID+1 {
		return true, nil
	}
	var idle *imapclient.IdleCommand
	err = se.ask(func() (err error) {
		idle, err = se.c.Idle()
		return err
	})
	if err != nil {
		return false, se.s.explain(ctx, err, se.s.place(f.name), doIdle)
	}
	// The client notices by itself when the line ends; then Wait returns.
	ended := make(chan error, 1)
	go func() { ended <- idle.Wait() }()
	over := time.NewTimer(time.Until(rd.until))
	defer over.Stop()
	came := false
	select {
	case <-se.news:
		came = true
	case <-over.C:
	case <-ctx.Done():
		se.s.note(se.conn.Conn.Close())
		<-ended
		return false, ctx.Err()
	case err := <-ended:
		return false, se.s.explain(ctx, errors.Join(errEnded, err), se.s.place(f.name), doIdle)
	}
	err = se.ask(func() error {
		if err := idle.Close(); err != nil {
			return err
		}
		return <-ended
	})
	if err != nil {
		return false, se.s.explain(ctx, err, se.s.place(f.name), doIdle)
	}
	return came, nil
}
