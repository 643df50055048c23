package stream

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"sync"
	"time"

	"github.com/redpanda-data/benthos/v4/public/service"

	"crmhub/fault"
	"crmhub/pipelines"
	"crmhub/record"
)

// maxFlight bounds the rows that are read and not yet stored, and so the
// memory of a run.
const maxFlight = 32_000

// session is one run: what its input, processors and output share.
type session struct {
	r      *Runner
	stream string
	begun  record.Run
	queue  chan *batch // from the source to the stream
	landed chan *batch // from the stream to the committer
	flight *gate
	meter  *meter
	stop   context.CancelFunc // ends reading

	mu     sync.Mutex
	cause  error // the first fault
	status record.Status
	lost   bool       // the store failed: what is in hand is given up
	read   int64      // rows that the source handed over
	last   record.Run // as last committed
	sample []Sample
	trace  bool // a preview: keep samples
}

func newSession(r *Runner, streamName string, run record.Run) *session {
	now := r.Now
	if now == nil {
		now = time.Now
	}
	return &session{
		r: r, stream: streamName, begun: run, last: run,
		queue:  make(chan *batch),
		landed: make(chan *batch),
		flight: newGate(maxFlight),
		meter:  newMeter(r.Pipeline.Name, run, now, r.Events),
		status: record.Done,
	}
}

// run reads, maps and lands until the source ends, something fails or ctx
// ends. It returns the status and the fault that the run ends with.
func (s *session) run(ctx context.Context) (status record.Status, cause error) {
	reading, stop := context.WithCancel(ctx)
	defer stop()
	s.stop = stop
	threads := s.r.Threads
	if threads == 0 {
		threads = runtime.GOMAXPROCS(0)
	}
	committed := make(chan struct{})
	go func() {
		defer close(committed)
		s.commitAll(context.WithoutCancel(ctx))
	}()
	if err := s.flow(ctx, reading, threads); err != nil {
		s.fail(fault.New("E4106", "", "part", "stream").Because(err))
	}
	close(s.landed)
	<-committed
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.cause == nil && s.last.Counts.Read-s.begun.Counts.Read != s.read {
		s.status = record.Failed
		s.cause = unexplained(s.read, s.last.Counts.Read-s.begun.Counts.Read)
	}
	if s.cause == nil && s.last.Counts.Unexplained() != 0 {
		c := s.last.Counts
		s.status = record.Failed
		s.cause = unexplained(c.Read, c.Read-c.Unexplained())
	}
	return s.status, s.cause
}

func unexplained(read, counted int64) error {
	n := read - counted
	if n < 0 {
		n = -n
	}
	return fault.New("E4103", "", "count", n, "read", read, "counted", counted)
}

// flow builds the Benthos stream from the pipeline's own configuration and
// runs it to the end of its input.
func (s *session) flow(ctx, reading context.Context, threads int) error {
	env := environment()
	if err := s.register(reading, env); err != nil {
		return err
	}
	sb := env.NewStreamBuilder()
	sb.SetLogger(silent())
	sb.SetEnvVarLookupFunc(noEnvironment)
	mode := s.r.Pipeline.Source.ReadMode()
	if s.r.FullRefresh {
		mode = pipelines.Full
	}
	if err := sb.SetYAML(compile(s.r.Pipeline, s.stream, mode, threads)); err != nil {
		return fmt.Errorf("parse the stream: %w", err)
	}
	built, err := sb.Build()
	if err != nil {
		return fmt.Errorf("build the stream: %w", err)
	}
	// Cancelling a stream would leave it running; it ends with its input.
	if err := built.Run(context.WithoutCancel(ctx)); err != nil {
		return fmt.Errorf("run the stream: %w", err)
	}
	return nil
}

// register adds the parts of this run to a private environment.
func (s *session) register(reading context.Context, env *service.Environment) error {
	return errors.Join(
		env.RegisterBatchInput("crmhub_source", sourceSpec(), func(c *service.ParsedConfig, _ *service.Resources) (service.BatchInput, error) {
			return newInput(reading, s, c)
		}),
		env.RegisterBatchProcessor("crmhub_process", processSpec(), func(c *service.ParsedConfig, _ *service.Resources) (service.BatchProcessor, error) {
			return newProcess(s, c)
		}),
		env.RegisterBatchProcessor("crmhub_map", mapSpec(), func(c *service.ParsedConfig, _ *service.Resources) (service.BatchProcessor, error) {
			return newMapping(s, c)
		}),
		env.RegisterBatchProcessor("crmhub_seal", service.NewConfigSpec(), func(*service.ParsedConfig, *service.Resources) (service.BatchProcessor, error) {
			return seal{s}, nil
		}),
		env.RegisterBatchOutput("crmhub_store", service.NewConfigSpec(), func(*service.ParsedConfig, *service.Resources) (service.BatchOutput, service.BatchPolicy, int, error) {
			return output{s}, service.BatchPolicy{}, maxBatches, nil
		}),
	)
}

// fail records the first fault of the run and ends reading.
func (s *session) fail(err error) { s.end(record.Failed, err) }

func (s *session) end(status record.Status, cause error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.cause == nil {
		s.status, s.cause = status, cause
	}
	s.stop()
}

// abandon records a fault of the store. Batches in hand need no more work:
// nothing is stored any more.
func (s *session) abandon(err error) {
	s.mu.Lock()
	s.lost = true
	s.mu.Unlock()
	s.fail(err)
}

// abandoned reports whether the store failed.
func (s *session) abandoned() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.lost
}

// progress returns the run as last committed.
func (s *session) progress() record.Run {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.last
}

// finish sends the last event.
func (s *session) finish(run record.Run) { s.meter.finish(run) }

// panicked turns a panic into the run's fault.
func panicked(part string, v any) error {
	return fault.New("E4106", "", "part", part).Because(fmt.Errorf("panic in %s: %T", part, v))
}
