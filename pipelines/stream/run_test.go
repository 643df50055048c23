package stream_test

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"crmhub/connectors"
	"crmhub/fault"
	"crmhub/mappings"
	"crmhub/pipelines/stream"
	"crmhub/record"
)

func TestEveryRowIsAccountedFor(t *testing.T) {
	all := customers(2500)
	all[3].Fault = fault.New("E3254", "shop.csv:5")      // could not be read whole
	all[4].Data = map[string]any{"id": nil, "name": "x"} // no key
	all[5].Deleted = true
	all[6].Data["name"] = "skip"
	all[7].Data["name"] = "panic"
	all[8].Data["name"] = "refuse"
	r, sink := runner(t, rows(all, 100), "")
	r.Mapper = mapper(func(row map[string]any) ([]mappings.Output, error) {
		switch row["name"] {
		case "skip":
			return nil, nil
		case "panic":
			panic("secret value")
		case "refuse":
			return nil, fault.New("E3253", "")
		}
		return rename(row)
	})
	run := mustRun(t, r)
	wantCounts(t, run.Counts, record.Counts{Read: 2500, Created: 2494, Deleted: 1, Filtered: 1, Quarantined: 4})
	if run.Status != record.Done || string(run.Position) != "2500" {
		t.Errorf("status %s, position %s", run.Status, run.Position)
	}
	var got []string
	for _, l := range sink.refused {
		f := fault.Of(l.Refusal.Fault)
		got = append(got, fmt.Sprint(l.Refusal.Stage, " ", f.Code, " ", f.Place))
		if strings.Contains(fmt.Sprint(l.Refusal.Fault, errors.Unwrap(l.Refusal.Fault)), "secret") {
			t.Errorf("the fault holds a value: %v", l.Refusal.Fault)
		}
	}
	want := []string{"read E3254 shop.csv:5", "map E3254 shop.csv:6", "map E3253 shop.csv:9", "map E3253 shop.csv:10"}
	if !slices.Equal(got, want) {
		t.Errorf("refused\n got %q\nwant %q", got, want)
	}
	if got, want := string(sink.refused[1].Refusal.Row), `{"id":null,"name":"x"}`; got != want {
		t.Errorf("row in quarantine %s, want %s", got, want)
	}
}

func TestLandingsAreInTheOrderOfReading(t *testing.T) {
	r, sink := runner(t, rows(customers(1000), 10), "")
	r.Threads = 4
	mustRun(t, r)
	for i, l := range sink.landed {
		if l.Key != strconv.Itoa(i+1) {
			t.Fatalf("landing %d has the key of row %s", i+1, l.Key)
		}
	}
	if len(sink.landed) != 1000 {
		t.Errorf("%d rows landed, want 1000", len(sink.landed))
	}
}

func TestWaitingBatchesShareATransaction(t *testing.T) {
	r, sink := runner(t, rows(customers(500), 10), "")
	var mapped sync.WaitGroup
	mapped.Add(20)
	var seen int
	var mu sync.Mutex
	sink.prepare = func([]record.Landing) error {
		mu.Lock()
		defer mu.Unlock()
		if seen++; seen <= 20 {
			mapped.Done()
		}
		return nil
	}
	sink.beforeCommit = func(n int) error {
		if n == 1 {
			mapped.Wait() // the writer is slow: others get ready
		}
		return nil
	}
	mustRun(t, r)
	if most := slices.Max(sink.commits); most < 5 {
		t.Errorf("at most %d batches shared a transaction: %v", most, sink.commits)
	}
}

func TestRowsInFlightAreBounded(t *testing.T) {
	var emitted int
	batch := customers(1000)
	stop := errors.New("enough")
	blocked := make(chan struct{})
	s := source{read: func(ctx context.Context, _ connectors.Request, emit connectors.Emit) error {
		for i := range 1000 {
			ctx, cancel := context.WithTimeout(ctx, 300*time.Millisecond)
			err := emit(ctx, connectors.Batch{Rows: slices.Clone(batch), Position: record.Position(strconv.Itoa(i))})
			cancel()
			if err != nil {
				close(blocked)
				return stop
			}
			emitted += len(batch)
			for j := range batch { // each batch has its own lines: no loop
				batch[j].Place.Line += 1000
			}
		}
		return nil
	}}
	r, sink := runner(t, s, "")
	sink.beforeCommit = func(n int) error {
		if n == 1 {
			<-blocked
		}
		return nil
	}
	if _, err := r.Run(context.Background()); err == nil {
		t.Fatal("the source was never held back")
	}
	if emitted > 33_000 || emitted < 15_000 {
		t.Errorf("%d rows were read while nothing was stored, want about 32000", emitted)
	}
}

func TestManyRowsShareATransaction(t *testing.T) {
	const batches = 60
	s := source{read: func(ctx context.Context, _ connectors.Request, emit connectors.Emit) error {
		for i := range batches {
			rows := customers(1000)
			for j := range rows {
				rows[j].Place.Line, rows[j].Data["id"] = int64(i*1000+j), strconv.Itoa(i*1000+j)
			}
			if err := emit(ctx, connectors.Batch{Rows: rows, Position: record.Position(strconv.Itoa(i))}); err != nil {
				return err
			}
		}
		return nil
	}}
	r, sink := runner(t, s, "")
	mustRun(t, r)
	// The first may have come before there were more.
	if len(sink.commits) > 1+batches*1000/10_000+1 || sink.run.Counts.Created != batches*1000 {
		t.Errorf("%d transactions for %d rows of %d batches: %v", len(sink.commits), sink.run.Counts.Created, batches, sink.commits)
	}
}

// TestRowsDoNotWaitForOthers holds that a batch is stored before its source
// has more, and that many small ones never wait for each other.
func TestRowsDoNotWaitForOthers(t *testing.T) {
	stored := make(chan struct{}, 1)
	s := source{read: func(ctx context.Context, _ connectors.Request, emit connectors.Emit) error {
		for i := range 5 {
			rows := customers(2)
			rows[0].Place.Line, rows[1].Place.Line = int64(2*i), int64(2*i+1)
			if err := emit(ctx, connectors.Batch{Rows: rows, Position: record.Position(strconv.Itoa(i))}); err != nil {
				return err
			}
			<-stored
		}
		for i := range 3000 {
			rows := customers(1)
			rows[0].Place.Line = int64(100 + i)
			if err := emit(ctx, connectors.Batch{Rows: rows, Position: record.Position(strconv.Itoa(100 + i))}); err != nil {
				return err
			}
		}
		return nil
	}}
	r, sink := runner(t, s, "")
	sink.beforeCommit = func(n int) error {
		if n <= 5 {
			stored <- struct{}{}
		}
		return nil
	}
	if run := mustRun(t, r); run.Counts.Read != 3010 {
		t.Errorf("%d rows were read, want 3010", run.Counts.Read)
	}
	if got := sink.commits[:5]; !slices.Equal(got, []int{1, 1, 1, 1, 1}) {
		t.Errorf("batches of the first transactions: %v, want one each", got)
	}
}

func TestTheSameAgainIsUnchanged(t *testing.T) {
	r, _ := runner(t, rows(customers(30), 7), "")
	mustRun(t, r)
	run := mustRun(t, r)
	wantCounts(t, run.Counts, record.Counts{Read: 30, Unchanged: 30})
}

func TestSourceThatFailsKeepsWhatLanded(t *testing.T) {
	for name, broken := range map[string]func() error{
		"error": func() error { return errors.New("connection reset, password=hunter2") },
		"fault": func() error { return fault.New("E2002", "hub.yaml:5", "connector", "x", "name", "y") },
		"panic": func() error { panic("hunter2") },
	} {
		t.Run(name, func(t *testing.T) {
			good := rows(customers(50), 10)
			s := source{read: func(ctx context.Context, r connectors.Request, emit connectors.Emit) error {
				if err := good.Read(ctx, r, emit); err != nil {
					return err
				}
				return broken()
			}}
			r, sink := runner(t, s, "")
			run, err := r.Run(context.Background())
			want := map[string]fault.Code{"error": "E4101", "fault": "E2002", "panic": "E4106"}[name]
			if fault.Of(err) == nil || fault.Of(err).Code != want {
				t.Fatalf("Run: %v, want %s", err, want)
			}
			if strings.Contains(err.Error(), "hunter2") {
				t.Errorf("the fault holds the driver's text: %v", err)
			}
			if run.Status != record.Failed || run.Counts.Created != 50 || string(run.Position) != "50" || len(sink.records) != 50 {
				t.Errorf("status %s, counts %+v, position %s, %d records", run.Status, run.Counts, run.Position, len(sink.records))
			}
		})
	}
}

func TestSourceThatRepeatsAPageIsStopped(t *testing.T) {
	for name, position := range map[string]func(i int) string{
		"same position":  func(int) string { return "page-2" },
		"moves on alone": func(i int) string { return strconv.Itoa(i) },
		"two in turn":    func(i int) string { return strconv.Itoa(i % 2) },
	} {
		t.Run(name, func(t *testing.T) {
			page := customers(10)
			for i := range page {
				page[i].Place = record.Place{Name: "customers"}
			}
			s := source{read: func(ctx context.Context, _ connectors.Request, emit connectors.Emit) error {
				for i := 0; ; i++ {
					if err := emit(ctx, connectors.Batch{Rows: slices.Clone(page), Position: record.Position(position(i))}); err != nil {
						return err
					}
				}
			}}
			r, _ := runner(t, s, "")
			run, err := r.Run(context.Background())
			if fault.Of(err) == nil || fault.Of(err).Code != "E4102" || run.Status != record.Failed {
				t.Errorf("Run: %s, %v, want failed with E4102", run.Status, err)
			}
		})
	}
}

func TestBatchesWithoutRowsMoveThePosition(t *testing.T) {
	s := source{read: func(ctx context.Context, _ connectors.Request, emit connectors.Emit) error {
		for i := range 20 {
			if err := emit(ctx, connectors.Batch{Position: record.Position(strconv.Itoa(i))}); err != nil {
				return err
			}
		}
		return nil
	}}
	r, _ := runner(t, s, "")
	run := mustRun(t, r)
	if string(run.Position) != "19" {
		t.Errorf("position %s, want 19", run.Position)
	}
	wantCounts(t, run.Counts, record.Counts{})
}

func TestEmptySourceEnds(t *testing.T) {
	r, _ := runner(t, rows(nil, 10), "")
	run := mustRun(t, r)
	if run.Status != record.Done {
		t.Errorf("status %s", run.Status)
	}
}

func TestInterruptedRunGoesOn(t *testing.T) {
	all := customers(1000)
	ctx, cancel := context.WithCancel(context.Background())
	s := source{read: func(ctx context.Context, r connectors.Request, emit connectors.Emit) error {
		if r.From != nil {
			return rows(all, 10).Read(ctx, r, emit)
		}
		if err := rows(all[:500], 10).Read(ctx, r, emit); err != nil {
			return err
		}
		<-ctx.Done()
		return ctx.Err()
	}}
	r, sink := runner(t, s, "")
	sink.beforeCommit = func(n int) error {
		cancel()
		return nil
	}
	run, err := r.Run(ctx)
	if fault.Of(err) == nil || fault.Of(err).Code != "E4104" || fault.ExitCode(err) != fault.ExitInterrupted || run.Status != record.Interrupted {
		t.Fatalf("Run: %s, %v, want interrupted with E4104", run.Status, err)
	}
	read := run.Counts.Read
	if read == 0 || read == 1000 || run.Counts.Unexplained() != 0 {
		t.Errorf("counts at the interruption: %+v", run.Counts)
	}
	again := mustRun(t, r)
	if again.ID != run.ID || !again.Resumed {
		t.Errorf("the run went on as %s, resumed %v; want %s", again.ID, again.Resumed, run.ID)
	}
	wantCounts(t, again.Counts, record.Counts{Read: 1000, Created: 1000})
}

func TestStoreThatFailsLosesNothing(t *testing.T) {
	all := customers(500)
	r, sink := runner(t, rows(all, 10), "")
	sink.beforeCommit = func(n int) error {
		if n%3 == 0 {
			return errors.New("disk full")
		}
		return nil
	}
	var run record.Run
	var err error
	for tries := 0; tries == 0 || err != nil; tries++ {
		if tries > 200 {
			t.Fatal("it never ends")
		}
		if run, err = r.Run(context.Background()); err != nil && fault.Of(err).Code != "E4107" {
			t.Fatalf("Run: %v, want E4107", err)
		}
	}
	wantCounts(t, run.Counts, record.Counts{Read: 500, Created: 500})
	if len(sink.records) != 500 {
		t.Errorf("%d records, want 500", len(sink.records))
	}
}

func TestPrepareThatFailsEndsTheRun(t *testing.T) {
	r, sink := runner(t, rows(customers(500), 10), "")
	sink.prepare = func(rows []record.Landing) error {
		if rows[0].Key == "201" {
			panic("boom")
		}
		return nil
	}
	run, err := r.Run(context.Background())
	if fault.Of(err) == nil || fault.Of(err).Code != "E4106" || run.Status != record.Failed {
		t.Fatalf("Run: %s, %v, want failed with E4106", run.Status, err)
	}
	if run.Counts.Created != 200 || string(run.Position) != "200" {
		t.Errorf("created %d, position %s; want what was read before, 200", run.Counts.Created, run.Position)
	}
}

func TestUnexplainedRowsAreNoSuccess(t *testing.T) {
	r, sink := runner(t, rows(customers(20), 10), "")
	sink.lose = true
	run, err := r.Run(context.Background())
	if fault.Of(err) == nil || fault.Of(err).Code != "E4103" || run.Status != record.Failed {
		t.Errorf("Run: %s, %v, want failed with E4103", run.Status, err)
	}
}

func TestTooMuchInQuarantine(t *testing.T) {
	all := customers(100)
	for i := range 3 {
		all[i].Data["id"] = nil
	}
	r, _ := runner(t, rows(all, 10), "limits: {max_quarantined: 2%}\n")
	run, err := r.Run(context.Background())
	if fault.ExitCode(err) != fault.ExitQuarantined || run.Status != record.Done {
		t.Fatalf("Run: %s, %v, want done with exit 3", run.Status, err)
	}
	if got, want := err.Error(), "E4105 pipelines/shop.yaml:4:27: 3 of 100 rows went to quarantine, more than the limit of 2%"; got != want {
		t.Errorf("fault %q, want %q", got, want)
	}
	wantCounts(t, run.Counts, record.Counts{Read: 100, Created: 97, Quarantined: 3})
}

func TestOnlyStreamNeedsNoName(t *testing.T) {
	s := rows(customers(1), 10)
	s.streams = []connectors.Stream{{Name: "sheet1"}}
	r, sink := runner(t, s, "")
	r.Pipeline = pipeline(t, "source: {connection: shop, key: id}\nmapping: m\ntype: customer\n")
	mustRun(t, r)
	for ref := range sink.records {
		if ref.Stream != "sheet1" {
			t.Errorf("stream %q, want sheet1", ref.Stream)
		}
	}
	s.streams = append(s.streams, connectors.Stream{Name: "sheet2"})
	r.Source = s
	if _, err := r.Run(context.Background()); fault.Of(err) == nil || fault.Of(err).Code != "E4012" {
		t.Errorf("two streams: %v, want E4012", err)
	}
}

func TestRunAsksForWhatThePipelineSays(t *testing.T) {
	const tail = "mapping: m\ntype: customer\n"
	for _, tt := range []struct {
		name, text  string
		fullRefresh bool
		want        record.RunSpec
		mode        connectors.Mode
	}{
		{"full", "source: {connection: c, stream: s}\n" + tail, false, record.RunSpec{MaxDeleted: 0.2}, connectors.Full},
		{"sweep", "source: {connection: c, stream: s, deletes: sweep}\nlimits: {max_deleted: 7}\n" + tail, false, record.RunSpec{Sweep: true, MaxDeletedRows: 7}, connectors.Full},
		{"incremental", "source: {connection: c, stream: s, mode: incremental, overlap: 5m}\n" + tail, false, record.RunSpec{Incremental: true, MaxDeleted: 0.2}, connectors.Incremental},
		{"incremental sweep reads all", "source: {connection: c, stream: s, mode: incremental, deletes: sweep}\n" + tail, false, record.RunSpec{Sweep: true, MaxDeleted: 0.2}, connectors.Full},
		{"all anew", "source: {connection: c, stream: s, mode: incremental, deletes: sweep}\nlimits: {max_deleted: 5%}\n" + tail, true, record.RunSpec{FullRefresh: true, Sweep: true, MaxDeleted: 0.05}, connectors.Full},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var mode connectors.Mode
			r, sink := runner(t, source{read: func(_ context.Context, q connectors.Request, _ connectors.Emit) error {
				mode = q.Mode
				return nil
			}}, "")
			r.Pipeline, r.FullRefresh = pipeline(t, tt.text), tt.fullRefresh
			mustRun(t, r)
			tt.want.Pipeline, tt.want.Source, tt.want.Stream, tt.want.Type = "shop", "c", "s", record.Customer
			got := sink.spec
			if got.Rules == "" {
				t.Error("no fingerprint of the rules")
			}
			got.Rules = ""
			if got != tt.want || mode != tt.mode {
				t.Errorf("asked for %+v, mode %s\nwant %+v, mode %s", got, mode, tt.want, tt.mode)
			}
		})
	}
}

func TestEventsTellOfProgress(t *testing.T) {
	r, _ := runner(t, rows(customers(100), 10), "")
	var events []stream.Event
	r.Events = func(e stream.Event) { events = append(events, e) }
	now := time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC)
	var mu sync.Mutex
	r.Now = func() time.Time {
		mu.Lock()
		defer mu.Unlock()
		now = now.Add(100 * time.Millisecond)
		return now
	}
	mustRun(t, r)
	last := events[len(events)-1]
	if !last.Finished || last.Read != 100 || last.Mapped != 100 || last.Landed != 100 || last.Status != record.Done || last.RowsPerSecond <= 0 {
		t.Errorf("last event %+v", last)
	}
	if len(events) < 3 {
		t.Errorf("%d events", len(events))
	}
}

func TestNoGoroutineIsLeft(t *testing.T) {
	r, _ := runner(t, rows(customers(100), 10), "")
	mustRun(t, r)
	before := runtime.NumGoroutine()
	for range 5 {
		mustRun(t, r)
	}
	deadline := time.After(5 * time.Second)
	for runtime.NumGoroutine() > before {
		select {
		case <-deadline:
			buf := make([]byte, 1<<16)
			t.Fatalf("%d goroutines, %d before\n%s", runtime.NumGoroutine(), before, buf[:runtime.Stack(buf, true)])
		default:
			runtime.Gosched()
		}
	}
}
