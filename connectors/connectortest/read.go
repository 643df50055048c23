package connectortest

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"runtime"
	"strings"
	"testing"
	"time"

	"crmhub/connectors"
	"crmhub/fault"
	"crmhub/record"
)

// patience is how long a source may take to notice that it should stop.
const patience = 5 * time.Second

// read holds that the whole stream is read, in order, in batches no larger
// than asked for, each with a position.
func (s *suite) read(t *testing.T) {
	bs := s.batches(t, nil, -1)
	compare(t, "whole read", rowsOf(bs), s.Want)
	for i, b := range bs {
		if len(b.Rows) > s.Request.BatchRows {
			t.Errorf("batch %d has %d rows, want at most %d", i, len(b.Rows), s.Request.BatchRows)
		}
		if len(b.Position) == 0 {
			t.Errorf("batch %d has no position", i)
		}
		for _, r := range b.Rows {
			if r.Place.Name == "" {
				t.Errorf("batch %d: a row without a place", i)
			}
			if r.Fault != nil {
				s.heard(r.Fault)
			}
		}
	}
}

func (s *suite) twice(t *testing.T) {
	a, b := s.batches(t, nil, -1), s.batches(t, nil, -1)
	if !reflect.DeepEqual(views(rowsOf(a)), views(rowsOf(b))) {
		t.Error("two reads of the same source give different rows")
	}
	// A source must be good for more than one read, too.
	src := s.mustOpen(t)
	defer closed(t, src)
	for i := range 2 {
		var got []record.Row
		err := src.Read(t.Context(), s.Request, func(_ context.Context, b connectors.Batch) error {
			got = append(got, b.Rows...)
			return nil
		})
		if err != nil {
			t.Fatalf("read %d of one source: %v", i+1, err)
		}
		compare(t, fmt.Sprintf("read %d of one source", i+1), got, s.Want)
	}
}

func (s *suite) limit(t *testing.T) {
	for _, n := range []int{1, len(s.Want)} {
		if n == 0 || n > len(s.Want) {
			continue
		}
		src := s.mustOpen(t)
		r := s.Request
		r.Limit = n
		var got []record.Row
		err := src.Read(t.Context(), r, func(_ context.Context, b connectors.Batch) error {
			got = append(got, b.Rows...)
			return nil
		})
		closed(t, src)
		if err != nil {
			t.Fatalf("Read with Limit %d: %v", n, err)
		}
		compare(t, fmt.Sprintf("limit %d", n), got, s.Want[:n])
	}
}

// resume holds that each position handed over gives exactly the rows after it.
func (s *suite) resume(t *testing.T) {
	if s.Request.Overlap > 0 {
		t.Log("with an overlap rows are read again; kill and resume holds that none is lost")
		return
	}
	read := 0
	for i, b := range s.batches(t, nil, -1) {
		read += len(b.Rows)
		rest := s.batches(t, b.Position, -1)
		compare(t, fmt.Sprintf("from the position of batch %d", i), rowsOf(rest), s.Want[min(read, len(s.Want)):])
	}
}

// kill stops the read at each batch, as a crash would, and goes on with a
// fresh source from the last position that was kept: first as if the batch
// being handed over had been lost, then as if it had landed without its
// position.
func (s *suite) kill(t *testing.T) {
	all := s.batches(t, nil, -1)
	for k := range all {
		done := s.batches(t, nil, k)
		if len(done) != k {
			t.Fatalf("stopped after %d batches, got %d", k, len(done))
		}
		var from record.Position
		if k > 0 {
			from = done[k-1].Position
		}
		rest := s.batches(t, from, -1)
		if s.Request.Overlap == 0 {
			compare(t, fmt.Sprintf("killed at batch %d", k), append(rowsOf(done), rowsOf(rest)...), s.Want)
			continue
		}
		s.nothingLost(t, append(rowsOf(done), rowsOf(rest)...))
	}
	// Kill again and again: each life lands one batch.
	var got []record.Row
	var from record.Position
	for range len(all) + 1 {
		life := s.batches(t, from, 1)
		if len(life) == 0 {
			break
		}
		got = append(got, rowsOf(life)...)
		from = life[0].Position
	}
	if s.Request.Overlap == 0 {
		compare(t, "killed after every batch", got, s.Want)
	}
}

func (s *suite) nothingLost(t *testing.T, got []record.Row) {
	t.Helper()
	vs := views(got)
	for _, w := range s.Want {
		found := false
		for _, v := range vs {
			if w.Place == "" {
				v.Place = ""
			}
			found = found || reflect.DeepEqual(v, w)
		}
		if !found {
			t.Errorf("after kill and resume this row is lost: %v", w)
		}
	}
}

func (s *suite) emitError(t *testing.T) {
	src := s.mustOpen(t)
	defer closed(t, src)
	calls := 0
	err := src.Read(t.Context(), s.Request, func(context.Context, connectors.Batch) error {
		calls++
		return errStop
	})
	if len(s.Want) > 0 && !errors.Is(err, errStop) {
		t.Errorf("Read returned %v, want the error of emit", err)
	}
	if calls > 1 {
		t.Errorf("emit was called %d times after its error", calls-1)
	}
}

// cancel holds that Read ends soon, with the context's error, when its context
// ends: before the read, and in the middle of it.
func (s *suite) cancel(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	src := s.mustOpen(t)
	defer closed(t, src)
	if err := src.Read(ctx, s.Request, func(context.Context, connectors.Batch) error { return nil }); !errors.Is(err, context.Canceled) {
		t.Errorf("Read with an ended context returned %v, want context.Canceled", err)
	}
	if len(s.Want) < 2 {
		return
	}
	r := s.Request
	r.BatchRows = 1
	ctx, cancel = context.WithCancel(t.Context())
	defer cancel()
	calls := 0
	done := make(chan error, 1)
	go func() {
		done <- src.Read(ctx, r, func(context.Context, connectors.Batch) error {
			calls++
			cancel()
			return nil
		})
	}()
	select {
	case err := <-done:
		if !errors.Is(err, context.Canceled) {
			t.Errorf("Read cancelled in the middle returned %v, want context.Canceled", err)
		}
		if calls > 1 {
			t.Errorf("%d more batches after the context had ended", calls-1)
		}
	case <-time.After(patience):
		t.Fatalf("Read goes on %s after its context ended", patience)
	}
}

// goroutines holds that a closed source leaves nothing running.
func (s *suite) goroutines(t *testing.T) {
	before := running()
	src := s.mustOpen(t)
	if _, err := src.Discover(t.Context()); err != nil {
		t.Fatalf("Discover: %v", err)
	}
	err := src.Read(t.Context(), s.Request, func(context.Context, connectors.Batch) error { return errStop })
	if len(s.Want) > 0 && !errors.Is(err, errStop) {
		t.Errorf("Read returned %v, want the error of emit", err)
	}
	closed(t, src)
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	end := time.After(patience)
	for {
		var left []string
		for id, stack := range running() {
			if _, old := before[id]; !old {
				left = append(left, stack)
			}
		}
		if len(left) == 0 {
			return
		}
		select {
		case <-tick.C:
		case <-end:
			t.Fatalf("%d goroutines run on after Close:\n%s", len(left), strings.Join(left, "\n\n"))
		}
	}
}

// running returns the stacks of all goroutines by their ids.
func running() map[string]string {
	buf := make([]byte, 4<<20)
	buf = buf[:runtime.Stack(buf, true)]
	all := map[string]string{}
	for _, stack := range strings.Split(string(buf), "\n\n") {
		id, _, _ := strings.Cut(strings.TrimPrefix(stack, "goroutine "), " ")
		all[id] = stack
	}
	return all
}

// broken holds that each broken configuration is refused with a fault.
func (s *suite) broken(t *testing.T) {
	for i, over := range s.Broken {
		err := s.tryAll(t.Context(), over)
		if err == nil {
			t.Errorf("broken configuration %d: no error", i)
			continue
		}
		if fault.Of(err) == nil {
			t.Errorf("broken configuration %d: %v is no fault with a code", i, err)
		}
		s.heard(err)
	}
}

func (s *suite) tryAll(ctx context.Context, over map[string]any) (err error) {
	src, err := s.open(over)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, src.Close()) }()
	if err := src.Check(ctx); err != nil {
		return err
	}
	return src.Read(ctx, s.Request, func(context.Context, connectors.Batch) error { return nil })
}

// secrets holds that nothing that was logged or said in this suite shows one.
func (s *suite) secrets(t *testing.T) {
	for i, secret := range s.Secrets {
		if strings.Contains(s.log.String(), secret) {
			t.Errorf("secret %d stands in the log", i)
		}
		if strings.Contains(s.said.String(), secret) {
			t.Errorf("secret %d stands in an error", i)
		}
	}
}
