package stream_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	_ "github.com/redpanda-data/benthos/v4/public/components/pure"
	"github.com/redpanda-data/benthos/v4/public/service"

	"crmhub/connectors"
	"crmhub/connectors/file"
	"crmhub/fault"
	"crmhub/mappings"
	"crmhub/record"
)

// Each test here shows a way in which stock Benthos loses rows or never ends,
// and that a pipeline does not.

// stock runs a stock Benthos stream whose messages go to keep. ended is closed
// when Run returned.
func stock(t *testing.T, config string, keep func(service.MessageBatch) error, more ...func(*service.Environment) error) (ended chan error, stop func()) {
	t.Helper()
	env := service.NewEnvironment()
	for _, f := range more {
		if err := f(env); err != nil {
			t.Fatal(err)
		}
	}
	if err := env.RegisterBatchOutput("keep", service.NewConfigSpec(), func(*service.ParsedConfig, *service.Resources) (service.BatchOutput, service.BatchPolicy, int, error) {
		return keeper(keep), service.BatchPolicy{}, 1, nil
	}); err != nil {
		t.Fatal(err)
	}
	sb := env.NewStreamBuilder()
	sb.SetLogger(slog.New(slog.DiscardHandler))
	if err := sb.SetYAML("http: {enabled: false}\n" + config + "\noutput: {keep: {}}\n"); err != nil {
		t.Fatal(err)
	}
	s, err := sb.Build()
	if err != nil {
		t.Fatal(err)
	}
	ended = make(chan error, 1)
	go func() { ended <- s.Run(context.Background()) }()
	return ended, func() {
		if err := s.StopWithin(100 * time.Millisecond); err != nil {
			t.Logf("stop the stock stream: %v", err)
		}
	}
}

type keeper func(service.MessageBatch) error

func (keeper) Connect(context.Context) error { return nil }

func (k keeper) WriteBatch(_ context.Context, b service.MessageBatch) error { return k(b) }

func (keeper) Close(context.Context) error { return nil }

// contents keeps the text of each message that arrives.
type contents struct {
	mu  sync.Mutex
	all []string
}

func (c *contents) keep(b service.MessageBatch) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, m := range b {
		text, err := m.AsBytes()
		if err != nil {
			return err
		}
		c.all = append(c.all, string(text))
	}
	return nil
}

func (c *contents) distinct() []string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.Compact(slices.Sorted(slices.Values(c.all)))
}

func mustEnd(t *testing.T, ended chan error) {
	t.Helper()
	select {
	case err := <-ended:
		if err != nil {
			t.Fatalf("the stock stream ended with %v", err)
		}
	case <-time.After(10 * time.Second):
		t.Fatal("the stock stream did not end")
	}
}

func mustNotEnd(t *testing.T, ended chan error) {
	t.Helper()
	select {
	case err := <-ended:
		t.Fatalf("the stock stream ended (%v): the trap is gone, and this test with it", err)
	case <-time.After(400 * time.Millisecond):
	}
}

// tenRows is an input of one batch of ten, with Benthos' own retries.
type tenRows struct{ given bool }

func (*tenRows) Connect(context.Context) error { return nil }

func (x *tenRows) ReadBatch(context.Context) (service.MessageBatch, service.AckFunc, error) {
	if x.given {
		return nil, nil, service.ErrEndOfInput
	}
	x.given = true
	var b service.MessageBatch
	for i := range 10 {
		b = append(b, service.NewMessage([]byte("m"+strconv.Itoa(i))))
	}
	return b, func(context.Context, error) error { return nil }, nil
}

func (*tenRows) Close(context.Context) error { return nil }

func TestPartialFailureTwice(t *testing.T) {
	var kept contents
	attempt := 0
	ended, _ := stock(t, "input: {ten: {}}", func(b service.MessageBatch) error {
		attempt++
		failing := map[int][]int{1: {0, 5, 9}, 2: {0, 1}}[attempt]
		err := service.NewBatchError(b, errors.New("some rows failed"))
		var good service.MessageBatch
		for i, m := range b {
			if slices.Contains(failing, i) {
				err = err.Failed(i, errors.New("failed"))
			} else {
				good = append(good, m)
			}
		}
		if e := kept.keep(good); e != nil {
			return e
		}
		if len(failing) > 0 {
			return err
		}
		return nil
	}, func(env *service.Environment) error {
		return env.RegisterBatchInput("ten", service.NewConfigSpec(), func(*service.ParsedConfig, *service.Resources) (service.BatchInput, error) {
			return service.AutoRetryNacksBatched(&tenRows{}), nil
		})
	})
	mustEnd(t, ended)
	if got := len(kept.distinct()); got == 10 {
		t.Fatal("stock Benthos lost nothing: the trap is gone, and this test with it")
	}

	r, sink := runner(t, rows(customers(100), 10), "")
	sink.beforeCommit = func(n int) error {
		if n%2 == 1 && n < 12 {
			return errors.New("some rows failed")
		}
		return nil
	}
	for try := 0; ; try++ {
		if _, err := r.Run(context.Background()); err == nil {
			break
		} else if try > 20 {
			t.Fatal(err)
		}
	}
	if len(sink.records) != 100 {
		t.Errorf("%d of 100 rows landed", len(sink.records))
	}
}

func TestFailedMessageIsNotDelivered(t *testing.T) {
	const processors = `[{mapping: 'root = if this.n == 2 { throw("no") } else { this.assign({"ok": true}) }'}]`
	var kept contents
	ended, _ := stock(t, "input: {generate: {count: 3, interval: '', mapping: 'root.n = counter()'}}\npipeline: {processors: "+processors+"}", kept.keep)
	mustEnd(t, ended) // Run returns nil although a row failed
	if !slices.Contains(kept.distinct(), `{"n":2}`) {
		t.Fatalf("stock Benthos delivered %v", kept.distinct())
	}

	all := customers(3)
	for i := range all {
		all[i].Data["n"] = strconv.Itoa(i + 1)
	}
	r, sink := runner(t, rows(all, 10), "limits: {max_quarantined: 0}\nprocessors: "+strings.ReplaceAll(processors, "this.n == 2", `this.n == "2"`)+"\n")
	run, err := r.Run(context.Background())
	if fault.ExitCode(err) != fault.ExitQuarantined {
		t.Errorf("Run: %v, want exit code 3", err)
	}
	wantCounts(t, run.Counts, record.Counts{Read: 3, Created: 2, Quarantined: 1})
	if len(sink.records) != 2 || sink.refused[0].Refusal.Stage != record.StageProcess {
		t.Errorf("%d records, refused %+v", len(sink.records), sink.refused)
	}
}

func TestCountWithoutPeriodEnds(t *testing.T) {
	var kept contents
	ended, stop := stock(t, "input: {batched: {child: {generate: {count: 95, interval: '', mapping: 'root.n = counter()'}}, policy: {count: 10}}}", kept.keep)
	mustNotEnd(t, ended)
	stop()
	if got := len(kept.distinct()); got != 90 {
		t.Errorf("stock Benthos delivered %d of 95 rows", got)
	}

	r, _ := runner(t, rows(customers(95), 100), "")
	r.BatchRows = 10
	wantCounts(t, mustRun(t, r).Counts, record.Counts{Read: 95, Created: 95})
}

func TestPanicInAProcessor(t *testing.T) {
	const panics = `root.parts = if this.n != null { range(0, this.n).length() }`
	env := service.NewEnvironment()
	rb := env.NewResourceBuilder()
	rb.SetLogger(slog.New(slog.DiscardHandler))
	if err := rb.AddProcessorYAML("label: x\nmutation: '" + panics + "'"); err != nil {
		t.Fatal(err)
	}
	res, closeAll, err := rb.Build()
	if err != nil {
		t.Fatal(err)
	}
	broken := func() (v any) {
		defer func() { v = recover() }()
		return res.AccessProcessor(t.Context(), "x", func(p *service.ResourceProcessor) {
			m := service.NewMessage([]byte(`{"n":4611686018427387904}`))
			if _, err := p.Process(t.Context(), m); err != nil {
				t.Errorf("Process: %v", err)
			}
		})
	}()
	if broken == nil {
		t.Fatal("stock Benthos does not panic: the trap is gone, and this test with it")
	}
	if err := closeAll(context.Background()); err != nil {
		t.Fatal(err)
	}

	all := customers(20)
	all[6].Data["n"] = json.Number("4611686018427387904")
	r, sink := runner(t, rows(all, 10), "processors:\n  - mutation: '"+panics+"'\n")
	wantCounts(t, mustRun(t, r).Counts, record.Counts{Read: 20, Created: 19, Quarantined: 1})
	if f := fault.Of(sink.refused[0].Refusal.Fault); f.Code != "E3251" || f.Place != "shop.csv:8" {
		t.Errorf("refused as %v", f)
	}
}

// fromFile runs a pipeline over a file of customers: id, name.
func fromFile(t *testing.T, path string) (record.Run, *memory, error) {
	t.Helper()
	c := file.Connector{}
	params, err := c.Spec().Decode("hub.yaml:1", map[string]any{"path": filepath.Base(path)})
	if err != nil {
		t.Fatal(err)
	}
	s, err := c.Open(connectors.Config{Name: "shop", Params: params, Dir: filepath.Dir(path), Log: slog.New(slog.DiscardHandler), Now: time.Now, TempDir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	r, sink := runner(t, source{}, "")
	r.Source = s
	r.Mapper = mapper(func(row map[string]any) ([]mappings.Output, error) {
		return []mappings.Output{{Fields: record.Fields{"full_name": row["name"]}}}, nil
	})
	run, err := r.Run(t.Context())
	if e := s.Close(); e != nil {
		t.Error(e)
	}
	return run, sink, err
}

func written(t *testing.T, name, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func wantKeys(t *testing.T, sink *memory, want ...string) {
	t.Helper()
	var got []string
	for ref := range maps.Keys(sink.records) {
		got = append(got, ref.Key)
	}
	slices.Sort(got)
	if !slices.Equal(got, want) {
		t.Errorf("landed %v, want %v", got, want)
	}
}

// scanned returns what a stock scanner gives of a file before it fails. The
// file input of Benthos drops the rest then, with one line in its log.
func scanned(t *testing.T, config, path string) []string {
	t.Helper()
	env := service.NewEnvironment()
	c, err := service.NewConfigSpec().Field(service.NewScannerField("scanner")).ParseYAML("scanner: {"+config+"}", env)
	if err != nil {
		t.Fatal(err)
	}
	creator, err := c.FieldScanner("scanner")
	if err != nil {
		t.Fatal(err)
	}
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	scanner, err := creator.Create(f, func(context.Context, error) error { return nil }, service.NewScannerSourceDetails())
	if err != nil {
		t.Fatal(err)
	}
	var kept contents
	for {
		b, _, err := scanner.NextBatch(t.Context())
		if err != nil {
			break
		}
		if err := kept.keep(b); err != nil {
			t.Fatal(err)
		}
	}
	if err := errors.Join(scanner.Close(t.Context()), creator.Close(t.Context())); err != nil {
		t.Logf("close: %v", err)
	}
	return kept.distinct()
}

// missingFile is an input that cannot open its file, as Benthos' own do it.
type missingFile string

func (m missingFile) Connect(context.Context) error {
	_, err := os.Open(string(m))
	return err
}

func (missingFile) ReadBatch(context.Context) (service.MessageBatch, service.AckFunc, error) {
	return nil, nil, service.ErrNotConnected
}

func (missingFile) Close(context.Context) error { return nil }

func TestMalformedRowKeepsTheRest(t *testing.T) {
	path := written(t, "shop.csv", "id,name\n1,Li\n2,W\"ang\" x\"y,z,z\n3,Zhao\n4,Qian\n")
	if got := scanned(t, "csv: {}", path); len(got) >= 3 {
		t.Fatalf("stock Benthos delivered %v: the trap is gone, and this test with it", got)
	}

	run, sink, err := fromFile(t, path)
	if err != nil {
		t.Fatal(err)
	}
	wantKeys(t, sink, "1", "3", "4")
	wantCounts(t, run.Counts, record.Counts{Read: 4, Created: 3, Quarantined: 1})
	if f := fault.Of(sink.refused[0].Refusal.Fault); !strings.HasPrefix(f.Place, "shop.csv:3") {
		t.Errorf("refused at %s, want shop.csv:3", f.Place)
	}
}

func TestUnterminatedQuoteKeepsTheRest(t *testing.T) {
	path := written(t, "shop.csv", "id,name\n1,Li\n2,\"Wang\n3,Zhao\n4,Qian\n5,Sun\n")
	if got := scanned(t, "csv: {}", path); len(got) >= 4 {
		t.Fatalf("stock Benthos delivered %v: the trap is gone, and this test with it", got)
	}

	run, sink, err := fromFile(t, path)
	if err != nil {
		t.Fatal(err)
	}
	wantKeys(t, sink, "1", "3", "4", "5")
	if run.Counts.Quarantined != 1 {
		t.Errorf("counts %+v, want one row in quarantine", run.Counts)
	}
}

func TestLongLineKeepsTheRest(t *testing.T) {
	long := strings.Repeat("x", 70_000)
	path := written(t, "shop.jsonl", fmt.Sprintf("{\"id\":\"1\",\"name\":\"Li\"}\n{\"id\":\"2\",\"name\":\"Wang\",\"note\":%q}\n{\"id\":\"3\",\"name\":\"Zhao\"}\n", long))
	if got := scanned(t, "lines: {}", path); len(got) >= 3 {
		t.Fatalf("stock Benthos delivered %d lines: the trap is gone, and this test with it", len(got))
	}

	run, sink, err := fromFile(t, path)
	if err != nil {
		t.Fatal(err)
	}
	wantKeys(t, sink, "1", "2", "3")
	wantCounts(t, run.Counts, record.Counts{Read: 3, Created: 3})
}

func TestMissingAndEmptyFilesEnd(t *testing.T) {
	missing := filepath.Join(t.TempDir(), "shop.csv")
	empty := written(t, "shop.csv", "")
	var kept contents
	ended, stop := stock(t, "input: {missing: {}}", kept.keep, func(env *service.Environment) error {
		return env.RegisterBatchInput("missing", service.NewConfigSpec(), func(*service.ParsedConfig, *service.Resources) (service.BatchInput, error) {
			return missingFile(missing), nil
		})
	})
	mustNotEnd(t, ended)
	stop()

	run, _, err := fromFile(t, missing)
	if f := fault.Of(err); f == nil || !strings.HasPrefix(string(f.Code), "E21") {
		t.Errorf("missing file: %v, want E21xx", err)
	}
	if err == nil || run.Status == record.Done {
		t.Errorf("missing file: status %q", run.Status)
	}
	if _, _, err := fromFile(t, empty); fault.Of(err) == nil || fault.Of(err).Code != "E2104" {
		t.Errorf("empty file: %v, want E2104", err)
	}
}
