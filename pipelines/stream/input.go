package stream

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"github.com/redpanda-data/benthos/v4/public/service"

	"crmhub/connectors"
	"crmhub/fault"
	"crmhub/record"
)

// input bridges a connector, which pushes batches, to Benthos, which pulls
// them. Benthos retries an input that fails for ever and never acknowledges
// an empty batch; so a fault of the source is kept in the session and the
// input ends, and each batch is exactly one message.
type input struct {
	s       *session
	ctx     context.Context // ends reading; the life of the input
	request connectors.Request
	start   sync.Once
	pace    pace
	loop    loop
	seq     int64
	at      record.Position
	done    chan struct{} // closed when the source's Read has returned
}

func sourceSpec() *service.ConfigSpec {
	return service.NewConfigSpec().
		Summary("Reads one stream of a connection.").
		Fields(
			service.NewStringField("connection"),
			service.NewStringField("stream"),
			service.NewStringEnumField("mode", string(connectors.Full), string(connectors.Incremental)),
			service.NewStringListField("key").Default([]any{}),
			service.NewStringField("cursor").Default(""),
			service.NewDurationField("overlap").Default("0s"),
			service.NewStringField("deleted").Default(""),
			service.NewStringField("query").Default(""),
		)
}

func newInput(ctx context.Context, s *session, c *service.ParsedConfig) (*input, error) {
	in := &input{s: s, ctx: ctx, at: s.begun.Position, done: make(chan struct{}), loop: newLoop()}
	in.pace = pace{rate: s.r.Pipeline.Limits.Rate}
	var errs [7]error
	var mode string
	r := &in.request
	r.Stream, errs[0] = c.FieldString("stream")
	mode, errs[1] = c.FieldString("mode")
	r.Key, errs[2] = c.FieldStringList("key")
	r.Cursor, errs[3] = c.FieldString("cursor")
	r.Overlap, errs[4] = c.FieldDuration("overlap")
	r.Deleted, errs[5] = c.FieldString("deleted")
	r.Query, errs[6] = c.FieldString("query")
	r.Mode = connectors.Mode(mode)
	r.From, r.BatchRows = s.begun.Position, s.r.BatchRows
	_, cells := s.r.Mapper.(cellMapper)
	r.Cells = cells && !s.trace && len(s.r.Pipeline.Processors) == 0 // the others want objects
	return in, errors.Join(errs[:]...)
}

// Connect starts reading, once.
func (in *input) Connect(context.Context) error {
	in.start.Do(func() { go in.readAll() })
	return nil
}

// readAll runs the source's Read to its end and keeps how it ended.
func (in *input) readAll() {
	defer close(in.done)
	defer close(in.s.queue)
	err := in.read()
	switch {
	case in.ctx.Err() != nil:
		// Ended from outside, or by a fault that is recorded already.
		in.s.end(record.Interrupted, fault.New("E4104", "").Because(in.ctx.Err()))
	case err != nil:
		in.s.fail(sourceFault(err, in.request.Stream))
	}
}

func (in *input) read() (err error) {
	defer func() {
		if v := recover(); v != nil {
			err = panicked("source", v)
		}
	}()
	return in.s.r.Source.Read(in.ctx, in.request, in.emit)
}

// errEnded ends a read whose run has a fault already.
var errEnded = errors.New("the run has ended")

// emit takes one batch of the source. It blocks while too many rows are in
// flight.
func (in *input) emit(ctx context.Context, x connectors.Batch) error {
	if times, again := in.loop.again(x); again {
		return fault.New("E4102", "", "times", times)
	}
	if err := in.pace.wait(ctx, len(x.Rows)); err != nil {
		return err
	}
	if err := in.s.flight.enter(ctx, len(x.Rows)); err != nil {
		return err
	}
	to := x.Position
	if to == nil {
		to = in.at
	}
	b := &batch{
		seq: in.seq, read: in.s.meter.now(), rows: x.Rows, size: len(x.Rows),
		from: in.at, to: to, done: make(chan struct{}),
	}
	select {
	case in.s.queue <- b:
	case <-ctx.Done():
		in.s.flight.leave(len(x.Rows))
		return ctx.Err()
	case <-in.ctx.Done():
		in.s.flight.leave(len(x.Rows))
		return errEnded
	}
	in.seq++
	in.at = to
	in.s.counted(len(x.Rows))
	return nil
}

// counted adds rows that the source handed over.
func (s *session) counted(n int) {
	s.mu.Lock()
	s.read += int64(n)
	s.mu.Unlock()
	s.meter.read(n)
}

// ReadBatch hands the next batch to Benthos. The acknowledgement has nothing
// left to do: the output answers only when the batch is stored, and what was
// not stored is not read over.
func (in *input) ReadBatch(ctx context.Context) (service.MessageBatch, service.AckFunc, error) {
	select {
	case b, ok := <-in.s.queue:
		if !ok {
			return nil, nil, service.ErrEndOfInput
		}
		return service.MessageBatch{b.message()}, func(context.Context, error) error {
			select {
			case <-b.done:
			default:
				// It never came to the output; the committer must not wait for it.
				b.err = fault.New("E4106", "", "part", "stream").Because(fmt.Errorf("batch %d was dropped", b.seq))
				in.s.landed <- b
			}
			return nil
		}, nil
	case <-ctx.Done():
		return nil, nil, ctx.Err()
	}
}

// Close waits for the source to return.
func (in *input) Close(ctx context.Context) error {
	in.s.stop()
	in.start.Do(func() { close(in.done); close(in.s.queue) })
	select {
	case <-in.done:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
