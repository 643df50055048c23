// Package connectortest is the conformance suite that every connector passes: what it tells of itself, what it refuses, and how it reads, resumes and stops.
package connectortest

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"maps"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"crmhub/connectors"
	"crmhub/fault"
	"crmhub/record"
)

// Case is one connector with a configuration, one stream of it and the rows
// that reading this stream must give.
type Case struct {
	Connector connectors.Connector
	// Params are the parameters as hub.yaml would give them.
	Params map[string]any
	// Dir and Zone go into the connection's Config; an empty Dir is a fresh folder.
	Dir  string
	Zone *time.Location
	// Request says what is read; its From and Limit are ignored, BatchRows
	// defaults to 2, Mode to Full. Without an Overlap each position must give
	// exactly the rows after it.
	Request connectors.Request
	// Want are the rows in the order of reading.
	Want []Row
	// Streams are names that Discover must list; empty means that the request's
	// stream is not checked, only that something is listed.
	Streams []string
	// Broken are parameters laid over Params (nil removes one), each of which
	// must make Open, Check or Read fail with a *fault.Error.
	Broken []map[string]any
	// Secrets must appear in no log and no error: passwords and tokens of
	// Params, and values planted in the rows.
	Secrets []string
	// Faults has the suite break the connection to the server that the
	// parameter url or host names, in every way that toxiproxy knows. The rows
	// wanted must fit into a read of a few seconds.
	Faults bool
}

// Row is what a test expects of one row. Place is compared if it is given.
type Row struct {
	Key     string
	Data    map[string]any
	Deleted bool
	Fault   fault.Code
	Place   string
}

// Run runs the whole suite on c, as subtests of t.
func Run(t *testing.T, c Case) {
	if c.Dir == "" {
		c.Dir = t.TempDir()
	}
	if c.Request.BatchRows == 0 {
		c.Request.BatchRows = 2
	}
	if c.Request.Mode == "" {
		c.Request.Mode = connectors.Full
	}
	s := suite{Case: c, log: &safeBuffer{}}
	t.Run("spec", s.spec)
	t.Run("missing parameter", s.missing)
	t.Run("unknown parameter", s.unknown)
	t.Run("mistyped parameter", s.mistyped)
	t.Run("check", s.check)
	t.Run("discover", s.discover)
	t.Run("read", s.read)
	t.Run("read twice", s.twice)
	t.Run("limit", s.limit)
	t.Run("resume at each position", s.resume)
	t.Run("kill and resume", s.kill)
	t.Run("error of emit", s.emitError)
	t.Run("cancel", s.cancel)
	t.Run("no goroutine left", s.goroutines)
	t.Run("broken", s.broken)
	if c.Faults {
		t.Run("faults", s.faults)
	}
	t.Run("secrets", s.secrets)
}

type suite struct {
	Case
	log *safeBuffer
	// said collects the errors of the whole suite, for the search for secrets.
	said safeBuffer
}

// open returns a fresh source with the parameters of the case and those laid over.
func (s *suite) open(over map[string]any) (connectors.Source, error) {
	raw := maps.Clone(s.Params)
	if raw == nil {
		raw = map[string]any{}
	}
	for k, v := range over {
		if v == nil {
			delete(raw, k)
			continue
		}
		raw[k] = v
	}
	p, err := s.Connector.Spec().Decode("hub.yaml:5", raw)
	if err != nil {
		return nil, err
	}
	return s.Connector.Open(connectors.Config{
		Name: "conformance", Params: p, Dir: s.Dir, Zone: s.Zone, Now: time.Now, TempDir: s.Dir,
		Log: slog.New(slog.NewTextHandler(s.log, &slog.HandlerOptions{Level: slog.LevelDebug})),
	})
}

func (s *suite) mustOpen(t *testing.T) connectors.Source {
	t.Helper()
	src, err := s.open(nil)
	if err != nil {
		t.Fatalf("Open: %v", err)
	}
	return src
}

func closed(t *testing.T, src connectors.Source) {
	t.Helper()
	if err := src.Close(); err != nil {
		t.Errorf("Close: %v", err)
	}
}

// errStop is what emit answers when a test stops a read.
var errStop = errors.New("the test stops here")

// batches reads from a position with a fresh source until stop batches were
// taken (all if negative); the batch after the last taken gets errStop, as if
// the program had died while it landed.
func (s *suite) batches(t *testing.T, from record.Position, stop int) []connectors.Batch {
	t.Helper()
	src := s.mustOpen(t)
	defer closed(t, src)
	r := s.Request
	r.From, r.Limit = from, 0
	var got []connectors.Batch
	err := src.Read(t.Context(), r, func(_ context.Context, b connectors.Batch) error {
		if stop >= 0 && len(got) == stop {
			return errStop
		}
		got = append(got, connectors.Batch{Rows: b.Rows, Position: slices.Clone(b.Position)})
		return nil
	})
	if err != nil && !errors.Is(err, errStop) {
		t.Fatalf("Read: %v", err)
	}
	return got
}

func rowsOf(bs []connectors.Batch) []record.Row {
	var rows []record.Row
	for _, b := range bs {
		rows = append(rows, b.Rows...)
	}
	return rows
}

// compare reports the first rows that differ.
func compare(t *testing.T, what string, got []record.Row, want []Row) {
	t.Helper()
	for i := range max(len(got), len(want)) {
		switch {
		case i >= len(got):
			t.Errorf("%s: %d rows, want %d; the first missing: %v", what, len(got), len(want), want[i])
			return
		case i >= len(want):
			t.Errorf("%s: %d rows, want %d; the first too many: %v", what, len(got), len(want), view(got[i]))
			return
		}
		g, w := view(got[i]), want[i]
		if w.Place == "" {
			g.Place = ""
		}
		if !reflect.DeepEqual(g, w) {
			t.Errorf("%s: row %d:\n got %#v\nwant %#v", what, i, g, w)
			return
		}
	}
}

func view(r record.Row) Row {
	v := Row{Key: r.Key, Data: r.Data, Deleted: r.Deleted, Place: r.Place.String()}
	if r.Fault != nil {
		v.Fault = "no fault.Error"
		if f := fault.Of(r.Fault); f != nil {
			v.Fault, v.Place = f.Code, f.Place
		}
	}
	return v
}

func views(rows []record.Row) []Row {
	var vs []Row
	for _, r := range rows {
		vs = append(vs, view(r))
	}
	return vs
}

// heard keeps an error's texts for the search for secrets.
func (s *suite) heard(err error) {
	lines := []string{err.Error()}
	if f := fault.Of(err); f != nil {
		for _, l := range []fault.Lang{fault.English, fault.Chinese} {
			lines = append(lines, f.Line(l), f.Cause(l), f.Fix(l), f.Kept(l))
		}
	}
	s.said.add(strings.Join(lines, "\n") + "\n")
}

// safeBuffer is a buffer that several goroutines may write to.
type safeBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

// Write appends p.
func (b *safeBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.Write(p)
}

func (b *safeBuffer) add(s string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.b.WriteString(s)
}

// String returns what was written.
func (b *safeBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.String()
}
