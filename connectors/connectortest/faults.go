package connectortest

import (
	"context"
	"errors"
	"net/url"
	"reflect"
	"strings"
	"testing"
	"time"

	"crmhub/connectors"
	"crmhub/fault"
)

// Bounds of a read that meets a fault.
const (
	// away is how long a fault lasts: longer than a read of a few rows takes.
	away = 250 * time.Millisecond
	// lives is how often a read may end with an error that says: run again.
	lives = 40
	// least bounds how quickly a read that met a fault can have been.
	least = 40 * time.Millisecond
)

// faults breaks the connection in every way that toxiproxy knows, and holds
// that a hub which lands what comes, and runs again after an error that says
// that it is temporary, ends with every row of the source once, as it is there.
func (s *suite) faults(t *testing.T) {
	server, over := s.server(t)
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
		{"cut in a body", "limit_data", map[string]any{"bytes": 300}, false},
		{"away", "", nil, false},
	} {
		t.Run(f.name, func(t *testing.T) {
			p := NewProxy(t, server)
			begun := time.Now()
			err, cure := p.Up(f.toxic != ""), func() error { return p.Up(true) }
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
			s.landed(t, over(p.Address), nil)
			// A short answer may fit into what is let through of a body.
			if took := time.Since(begun); !f.slow && f.with["bytes"] != 300 && took < least {
				t.Errorf("the read took %s: it met no fault", took)
			}
		})
	}
	t.Run("away in the middle", func(t *testing.T) {
		p := NewProxy(t, server)
		cured, gone := make(chan error, 1), false
		s.landed(t, over(p.Address), func() {
			if gone {
				return
			}
			gone = true
			if err := p.Up(false); err != nil {
				t.Error(err)
			}
			time.AfterFunc(away, func() { cured <- p.Up(true) })
		})
		if !gone {
			t.Fatal("nothing was handed over")
		}
		if err := <-cured; err != nil {
			t.Error(err)
		}
	})
}

// server finds the host:port that the parameters name, and what lays another
// one over them.
func (s *suite) server(t *testing.T) (string, func(address string) map[string]any) {
	t.Helper()
	for _, name := range []string{"url", "host"} {
		raw, ok := s.Params[name].(string)
		if !ok {
			continue
		}
		host := raw
		if u, err := url.Parse(raw); err == nil && u.Host != "" {
			host = u.Host
		}
		return host, func(address string) map[string]any {
			return map[string]any{name: strings.Replace(raw, host, address, 1)}
		}
	}
	t.Fatal("Params names no server: give url or host")
	return "", nil
}

// landed reads to the end as a hub does: each batch lands with its position,
// and after a temporary error the next run goes on from there. handed is called
// after each batch; it may be nil. What landed must be what is wanted.
func (s *suite) landed(t *testing.T, over map[string]any, handed func()) {
	t.Helper()
	rows := map[string]Row{}
	r := s.Request
	r.From = nil
	run := func() error {
		src, err := s.open(over)
		if err != nil {
			return err
		}
		err = src.Read(t.Context(), r, func(_ context.Context, b connectors.Batch) error {
			for _, row := range b.Rows {
				rows[row.Key] = view(row)
			}
			r.From = b.Position
			if handed != nil {
				handed()
			}
			return nil
		})
		return errors.Join(err, src.Close())
	}
	err := run()
	for n := 1; err != nil; n++ {
		s.heard(err)
		if fault.ExitCode(err) != fault.ExitTemporary {
			t.Fatalf("%v, exit %d: want an error that says to run again", err, fault.ExitCode(err))
		}
		if n == lives {
			t.Fatalf("the read did not come to its end in %d runs: %v", n, err)
		}
		select {
		case <-time.After(away / 10):
		case <-t.Context().Done():
			t.Fatal(t.Context().Err())
		}
		err = run()
	}
	want := map[string]Row{}
	for _, w := range s.Want {
		want[w.Key] = w
	}
	for key, w := range want {
		g, ok := rows[key]
		if w.Place == "" {
			g.Place = ""
		}
		if !ok {
			t.Errorf("the row %s is lost", key)
		} else if !reflect.DeepEqual(g, w) {
			t.Errorf("the row %s:\n got %#v\nwant %#v", key, g, w)
		}
	}
	for key := range rows {
		if _, ok := want[key]; !ok {
			t.Errorf("the row %s is not in the source", key)
		}
	}
}
