package stream

import (
	"context"
	"fmt"

	"github.com/redpanda-data/benthos/v4/public/service"
)

const (
	// maxGroup bounds the rows of one transaction.
	maxGroup = 20_000
	// minGroup is how many rows a transaction has while more are on their way:
	// a transaction costs the more, row for row, the fewer they are.
	minGroup = 10_000
	// maxBatches bounds the batches in flight, all of which may wait for the committer.
	maxBatches = 256
)

// seal lets the sink do what needs no transaction, on all threads.
type seal struct{ s *session }

// ProcessBatch prepares each batch and lets go of its rows.
func (x seal) ProcessBatch(ctx context.Context, messages service.MessageBatch) ([]service.MessageBatch, error) {
	each(messages, func(b *batch) {
		if !x.s.abandoned() {
			b.err = x.prepare(ctx, b)
		}
		b.landings = nil
	})
	return []service.MessageBatch{messages}, nil
}

func (x seal) prepare(ctx context.Context, b *batch) (err error) {
	defer func() {
		if v := recover(); v != nil {
			err = panicked("store", v)
		}
	}()
	if len(b.landings) == 0 {
		return nil
	}
	b.prepared, err = x.s.r.Sink.Prepare(context.WithoutCancel(ctx), x.s.begun.ID, b.landings)
	if err != nil {
		err = storeFault(err)
	}
	return err
}

// Close has nothing to close.
func (seal) Close(context.Context) error { return nil }

// output hands batches to the committer and answers when they are stored.
type output struct{ s *session }

// Connect has nothing to connect.
func (output) Connect(context.Context) error { return nil }

// WriteBatch blocks until what it was given is stored. It is called by many
// goroutines, in any order.
func (o output) WriteBatch(_ context.Context, messages service.MessageBatch) error {
	var all []*batch
	each(messages, func(b *batch) { all = append(all, b) })
	for _, b := range all {
		o.s.landed <- b
	}
	for _, b := range all {
		<-b.done
		if b.err != nil {
			return fmt.Errorf("store batch %d: %w", b.seq, b.err)
		}
	}
	return nil
}

// Close has nothing to close.
func (output) Close(context.Context) error { return nil }

// line is the batches that wait for the committer.
type line struct {
	batches map[int64]*batch
	next    int64 // the sequence number of the next to be stored
	rows    int   // in batches
}

func (l *line) join(b *batch) {
	l.batches[b.seq] = b
	l.rows += b.size
}

// group takes the next batches for one transaction.
func (l *line) group() (all []*batch) {
	rows := 0
	for b := l.batches[l.next]; b != nil && (rows == 0 || rows+b.size <= maxGroup); b = l.batches[l.next] {
		all = append(all, b)
		rows += b.size
		delete(l.batches, l.next)
		l.next++
	}
	l.rows -= rows
	return all
}

// commitAll stores batches in the order of reading, many in one transaction,
// until the stream has ended. After a fault it stores nothing more.
func (s *session) commitAll(ctx context.Context) {
	l := line{batches: map[int64]*batch{}}
	for {
		select {
		case b, ok := <-s.landed:
			if !ok {
				return
			}
			l.join(b)
		case <-s.flight.fewer:
		}
		s.drain(&l)
		for s.due(&l) {
			s.commit(ctx, l.group())
			s.drain(&l)
		}
	}
}

// due reports whether a transaction is worth its while: rows enough wait, or
// no other is on its way that would not wait for these to be stored. A slow
// source's rows wait for nothing but their own batch.
func (s *session) due(l *line) bool {
	return l.batches[l.next] != nil &&
		(l.rows >= minGroup || len(l.batches) >= maxBatches/2 || l.rows >= s.flight.rows() || s.abandoned())
}

// drain takes what waits already.
func (s *session) drain(l *line) {
	for {
		select {
		case b, ok := <-s.landed:
			if !ok {
				return
			}
			l.join(b)
		default:
			return
		}
	}
}

// commit stores a group of batches, and lets go of them.
func (s *session) commit(ctx context.Context, group []*batch) {
	var err error
	good := group
	for i, b := range group {
		if b.err != nil {
			// What was read before the fault lands; what came after does not.
			good, err = group[:i], b.err
			break
		}
	}
	if s.abandoned() {
		good, err = nil, errEnded
	}
	if len(good) > 0 {
		if e := s.store(ctx, good); e != nil {
			good, err = nil, e
		}
	}
	if err != nil {
		s.abandon(err)
	}
	for i, b := range group {
		if i >= len(good) && b.err == nil {
			b.err = errEnded
		}
		b.prepared = nil
		s.flight.leave(b.size)
		close(b.done)
	}
}

func (s *session) store(ctx context.Context, group []*batch) (err error) {
	defer func() {
		if v := recover(); v != nil {
			err = panicked("store", v)
		}
	}()
	var prepared []any
	for _, b := range group {
		if b.prepared != nil {
			prepared = append(prepared, b.prepared)
		}
	}
	to := group[len(group)-1].to
	counts, err := s.r.Sink.Commit(ctx, s.begun.ID, prepared, group[0].from, to)
	if err != nil {
		return storeFault(err)
	}
	s.mu.Lock()
	s.last.Counts, s.last.Position = counts, to
	for _, b := range group {
		s.sample = append(s.sample, b.samples...)
	}
	s.mu.Unlock()
	s.meter.landed(counts)
	return nil
}
