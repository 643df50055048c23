package connectortest

import (
	"context"
	"errors"
	"reflect"
	"testing"
	"time"

	"crmhub/connectors"
	"crmhub/fault"
)

// FaultCase is a connector, a server that it reads over the network, and what
// reading it gives while nothing is in the way.
type FaultCase struct {
	Connector connectors.Connector
	// Server is the server's host:port, Params the parameters of a connection
	// to an address. Waits between tries should be short, tries about ten.
	Server string
	Params func(address string) map[string]any
	// Request says what is read; BatchRows defaults to 2, so that a fault falls
	// between batches too.
	Request connectors.Request
	// Wrong are parameters laid over Params that the server refuses.
	Wrong map[string]any
	// Dir and Zone go into the connection's Config.
	Dir  string
	Zone *time.Location
}

// Bounds of one read that meets a fault.
const (
	// away is how long a fault lasts: longer than a read of a few rows takes.
	away = 250 * time.Millisecond
	// lives is how often a read may end with an error that says: run again.
	lives = 20
	// least bounds how quickly a read that met a fault can have been.
	least = 40 * time.Millisecond
)

// Faults breaks the connection in every way that toxiproxy knows, and holds
// that a hub which lands what comes, and runs again after an error that says
// that it is temporary, ends with every row of the source once, as it is
// there. What the server refuses stops at once, and is no temporary error.
func Faults(t *testing.T, c FaultCase) {
	if c.Request.BatchRows == 0 {
		c.Request.BatchRows = 2
	}
	if c.Request.Mode == "" {
		c.Request.Mode = connectors.Full
	}
	if c.Dir == "" {
		c.Dir = t.TempDir()
	}
	want := c.land(t, c.Params(c.Server), nil)
	if len(want) == 0 {
		t.Fatal("there is no row to lose")
	}
	for _, f := range []struct {
		name  string
		toxic string
		with  map[string]any
		// slow faults stay for the whole read, which goes on; the others end
		// after a while.
		slow bool
	}{
		{"latency", "latency", map[string]any{"latency": 60, "jitter": 20}, true},
		{"bandwidth", "bandwidth", map[string]any{"rate": 200}, true},
		{"slices", "slicer", map[string]any{"average_size": 200, "size_variation": 100, "delay": 50}, true},
		{"slow close", "slow_close", map[string]any{"delay": 60}, true},
		{"silence, then the end", "timeout", map[string]any{"timeout": 50}, false},
		{"reset at once", "reset_peer", map[string]any{"timeout": 0}, false},
		{"reset in the middle", "reset_peer", map[string]any{"timeout": 5}, false},
		{"cut after a few bytes", "limit_data", map[string]any{"bytes": 20}, false},
		{"cut in a body", "limit_data", map[string]any{"bytes": 700}, false},
		{"away", "", nil, false},
	} {
		t.Run(f.name, func(t *testing.T) {
			p := NewProxy(t, c.Server)
			begun := time.Now()
			cure := func() error { return p.Up(true) }
			err := p.Up(f.toxic != "")
			if f.toxic != "" {
				err, cure = p.Poison(f.toxic, f.with), p.Cure
			}
			if err != nil {
				t.Fatal(err)
			}
			if !f.slow {
				cured := make(chan error, 1)
				time.AfterFunc(away, func() { cured <- cure() })
				defer func() {
					if err := <-cured; err != nil {
						t.Error(err)
					}
				}()
			}
			same(t, c.land(t, c.Params(p.Address), nil), want)
			if took := time.Since(begun); !f.slow && took < least {
				t.Errorf("the read took %s: it met no fault", took)
			}
		})
	}
	t.Run("away in the middle", func(t *testing.T) {
		p := NewProxy(t, c.Server)
		cured, gone := make(chan error, 1), false
		got := c.land(t, c.Params(p.Address), func() {
			if gone {
				return
			}
			gone = true
			if err := p.Up(false); err != nil {
				t.Error(err)
			}
			time.AfterFunc(away, func() { cured <- p.Up(true) })
		})
		if err := <-cured; err != nil {
			t.Error(err)
		}
		same(t, got, want)
	})
	if c.Wrong != nil {
		t.Run("refused", func(t *testing.T) { c.refused(t) })
	}
}

// land reads to the end as a hub does: each batch lands with its position, and
// after a temporary error the next run goes on from there. handed is called
// after each batch.
func (c FaultCase) land(t *testing.T, params map[string]any, handed func()) map[string]Row {
	t.Helper()
	rows := map[string]Row{}
	r := c.Request
	for range lives {
		err := c.read(t, params, r, func(_ context.Context, b connectors.Batch) error {
			for _, row := range b.Rows {
				rows[row.Key] = view(row)
			}
			r.From = b.Position
			if handed != nil {
				handed()
			}
			return nil
		})
		if err == nil {
			return rows
		}
		if fault.ExitCode(err) != fault.ExitTemporary {
			t.Fatalf("%v, exit %d: want an error that says to run again", err, fault.ExitCode(err))
		}
		wait(t, away/5)
	}
	t.Fatalf("the read did not come to its end in %d runs", lives)
	return nil
}

// wait lets a little time pass, as a schedule does between runs.
func wait(t *testing.T, d time.Duration) {
	t.Helper()
	select {
	case <-time.After(d):
	case <-t.Context().Done():
		t.Fatal(t.Context().Err())
	}
}

// read opens a source and reads it once.
func (c FaultCase) read(t *testing.T, params map[string]any, r connectors.Request, emit connectors.Emit) error {
	t.Helper()
	p, err := c.Connector.Spec().Decode("hub.yaml:5", params)
	if err != nil {
		t.Fatal(err)
	}
	src, err := c.Connector.Open(connectors.Config{Name: "far", Params: p, Dir: c.Dir, Zone: c.Zone, Now: time.Now, TempDir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	return errors.Join(src.Read(t.Context(), r, emit), src.Close())
}

// refused holds that wrong credentials stop a read at once, for good.
func (c FaultCase) refused(t *testing.T) {
	p := NewProxy(t, c.Server)
	params := c.Params(p.Address)
	for name, v := range c.Wrong {
		params[name] = v
	}
	begun := time.Now()
	err := c.read(t, params, c.Request, func(context.Context, connectors.Batch) error { return nil })
	if f := fault.Of(err); f == nil || fault.ExitCode(err) != fault.ExitPermission {
		t.Errorf("%v, exit %d: want a refusal, exit %d", err, fault.ExitCode(err), fault.ExitPermission)
	} else if f.Fix(fault.English) == "" {
		t.Errorf("%v tells no cure", f)
	}
	if took := time.Since(begun); took > 10*time.Second {
		t.Errorf("the refusal took %s", took)
	}
}

func same(t *testing.T, got, want map[string]Row) {
	t.Helper()
	for key, w := range want {
		if g, ok := got[key]; !ok {
			t.Errorf("the row %s is lost", key)
		} else if w.Place = g.Place; !reflect.DeepEqual(g, w) {
			t.Errorf("the row %s: got %v, want %v", key, g, w)
		}
	}
	for key := range got {
		if _, ok := want[key]; !ok {
			t.Errorf("the row %s is not in the source", key)
		}
	}
}
