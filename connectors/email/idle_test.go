package email_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"crmhub/connectors"
	"crmhub/connectors/connectortest"
	"crmhub/record"
)

// waiting reads incrementally in the background, with that wait.
func waiting(t *testing.T, b *box, over map[string]any, from record.Position) <-chan []record.Row {
	t.Helper()
	src := b.source(over)
	out := make(chan []record.Row, 1)
	go func() {
		var rows []record.Row
		r := incremental
		r.From = from
		if err := src.Read(t.Context(), r, func(_ context.Context, batch connectors.Batch) error {
			rows = append(rows, batch.Rows...)
			return nil
		}); err != nil && !errors.Is(err, context.Canceled) {
			t.Errorf("the read that waits: %v", err)
		}
		out <- rows
	}()
	return out
}

// soon lets the other side come to its IDLE. Where it has not, the message is
// found by the read itself: the outcome is the same.
func soon(t *testing.T) {
	t.Helper()
	select {
	case <-time.After(400 * time.Millisecond):
	case <-t.Context().Done():
		t.Fatal(t.Context().Err())
	}
}

// A read that waits takes what comes while it waits, and ends with it; one
// that finds something at once does not wait.
func TestWaitingForMail(t *testing.T) {
	b := newBox(t)
	b.put("INBOX", mail("1", "one"))
	b.create("Archive")
	begun := time.Now()
	rows, at := read(t, b.source(map[string]any{"wait": "20s"}), incremental)
	if subjects(rows) != "one" || time.Since(begun) > 10*time.Second {
		t.Fatalf("the first read gives %q after %s", subjects(rows), time.Since(begun))
	}

	came := waiting(t, b, map[string]any{"wait": "60s"}, at)
	soon(t)
	b.put("Archive", mail("2", "filed"))
	b.put("INBOX", mail("3", "two"))
	select {
	case rows := <-came:
		if got := subjects(rows); got != "filed | two" {
			t.Errorf("the read that waited gives %q, want both messages", got)
		}
	case <-time.After(15 * time.Second):
		t.Fatal("a message came, and the read still waits")
	}

	begun = time.Now()
	_, at = read(t, b.source(nil), incremental)
	r := incremental
	r.From = at
	rows, _ = read(t, b.source(map[string]any{"wait": "300ms"}), r)
	if took := time.Since(begun); len(rows) != 0 || took < 300*time.Millisecond || took > 10*time.Second {
		t.Errorf("nothing came: %d rows after %s, want none after the wait", len(rows), took)
	}
}

// A wait ends with its context, leaves no goroutine, and goes on where the
// connection drops.
func TestWaitingEnds(t *testing.T) {
	b := newBox(t)
	b.put("INBOX", mail("1", "one"))
	_, at := read(t, b.source(nil), incremental)

	ctx, cancel := context.WithCancel(t.Context())
	time.AfterFunc(300*time.Millisecond, cancel)
	r := incremental
	r.From = at
	begun := time.Now()
	err := b.source(map[string]any{"wait": "60s"}).Read(ctx, r, func(context.Context, connectors.Batch) error { return nil })
	if !errors.Is(err, context.Canceled) || time.Since(begun) > 5*time.Second {
		t.Errorf("%v after %s, want context.Canceled at once", err, time.Since(begun))
	}

	p := connectortest.NewProxy(t, b.d.plain)
	src := map[string]any{"host": p.Address, "wait": "60s"}
	_, at = read(t, b.source(map[string]any{"host": p.Address}), incremental)
	came := waiting(t, b, src, at)
	soon(t)
	if err := errors.Join(p.Up(false), p.Up(true)); err != nil {
		t.Fatal(err)
	}
	soon(t)
	b.put("INBOX", mail("2", "after the break"))
	select {
	case rows := <-came:
		if got := subjects(rows); got != "after the break" {
			t.Errorf("after the connection dropped: %q", got)
		}
	case <-time.After(15 * time.Second):
		t.Fatal("a message came after the connection had dropped, and the read still waits")
	}
}
