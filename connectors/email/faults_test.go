package email_test

import (
	"context"
	"fmt"
	"io"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"crmhub/connectors"
	"crmhub/fault"
)

// relay stands between the connector and the server. It cuts each line after
// so many bytes from the server, the counts of which it is given.
type relay struct {
	listener net.Listener
	target   string
	mu       sync.Mutex
	after    []int64 // one for each connection; the last serves all that follow, 0 is no limit
	used     int
	stall    bool // stand still in place of a cut
	wait     sync.WaitGroup
	lines    []net.Conn
}

func newRelay(t testing.TB, target string, stall bool, after ...int64) *relay {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	r := &relay{listener: l, target: target, after: after, stall: stall}
	r.wait.Go(r.serve)
	t.Cleanup(func() {
		l.Close()
		r.mu.Lock()
		for _, c := range r.lines {
			c.Close()
		}
		r.mu.Unlock()
		r.wait.Wait()
	})
	return r
}

func (r *relay) serve() {
	for {
		in, err := r.listener.Accept()
		if err != nil {
			return
		}
		out, err := net.Dial("tcp", r.target)
		if err != nil {
			in.Close()
			continue
		}
		r.mu.Lock()
		limit := r.after[min(r.used, len(r.after)-1)]
		r.used++
		r.lines = append(r.lines, in, out)
		r.mu.Unlock()
		r.wait.Go(func() { io.Copy(out, in); out.Close() })
		r.wait.Go(func() {
			if limit == 0 {
				io.Copy(in, out)
			} else {
				io.CopyN(in, out, limit)
				if r.stall {
					return
				}
			}
			in.Close()
			out.Close()
		})
	}
}

func (r *relay) connections() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.used
}

func TestDroppedConnectionsLoseAndDoubleNothing(t *testing.T) {
	b := newBox(t)
	var want []string
	for i := range 40 {
		b.put("INBOX", mail(fmt.Sprint(i), fmt.Sprint(i)))
		want = append(want, fmt.Sprint(i))
	}
	// The cuts fall into the greeting, a list of sizes, and the middle of messages.
	r := newRelay(t, b.d.plain, false, 10, 900, 4000, 6000, 7000, 0)
	src := b.source(map[string]any{"host": r.listener.Addr().String(), "retries": 3})
	rows, _ := read(t, src, connectors.Request{Stream: "messages", Mode: connectors.Incremental, BatchRows: 7})
	if got := subjects(rows); got != strings.Join(want, " | ") {
		t.Errorf("read %s", got)
	}
	if r.connections() < 4 {
		t.Errorf("only %d connections: the cuts were not met", r.connections())
	}
}

func TestWhatStopsARead(t *testing.T) {
	b := newBox(t)
	b.put("INBOX", mail("1", "one"))
	cut := newRelay(t, b.d.plain, false, 500)
	silent := newRelay(t, b.d.plain, true, 400)
	web, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer web.Close()
	go func() {
		for {
			c, err := web.Accept()
			if err != nil {
				return
			}
			io.WriteString(c, "HTTP/1.1 400 Bad Request\r\n\r\n")
			c.Close()
		}
	}()
	for _, tt := range []struct {
		name   string
		params map[string]any
		want   fault.Code
	}{
		{"always cut", map[string]any{"host": cut.listener.Addr().String(), "retries": 1}, "E2406"},
		{"silent", map[string]any{"host": silent.listener.Addr().String(), "retries": 0, "timeout": "300ms"}, "E2401"},
		{"nobody there", map[string]any{"host": "127.0.0.1:1", "retries": 0}, "E2401"},
		{"wrong password", map[string]any{"password": "guess"}, "E2402"},
		{"unknown certificate", map[string]any{"host": b.d.secure, "tls": "implicit"}, "E2403"},
		{"unknown certificate behind STARTTLS", map[string]any{"tls": "starttls"}, "E2403"},
		{"not TLS", map[string]any{"tls": "implicit", "retries": 0, "timeout": "2s"}, "E2403"},
		{"no XOAUTH2", map[string]any{"token": "x"}, "E2404"},
		{"a web server", map[string]any{"host": web.Addr().String(), "retries": 0, "timeout": "2s"}, "E2409"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			err := b.source(tt.params).Read(t.Context(), incremental, func(context.Context, connectors.Batch) error { return nil })
			if f := fault.Of(err); f == nil || f.Code != tt.want {
				t.Errorf("%v, want %s", err, tt.want)
			}
		})
	}
}

func TestSecureConnections(t *testing.T) {
	b := newBox(t)
	b.put("INBOX", mail("1", "one"))
	for name, over := range map[string]map[string]any{
		"implicit": {"host": b.d.secure, "tls": "implicit", "ca_file": b.d.ca},
		"starttls": {"tls": "starttls", "ca_file": b.d.ca},
	} {
		t.Run(name, func(t *testing.T) {
			if rows, _ := read(t, b.source(over), incremental); subjects(rows) != "one" {
				t.Errorf("read %s, want one", subjects(rows))
			}
		})
	}
}

// A receiver that takes long while the line is idle must not end the read.
func TestSlowReceiver(t *testing.T) {
	b := newBox(t)
	for i := range 4 {
		b.put("INBOX", mail(fmt.Sprint(i), fmt.Sprint(i)))
	}
	src := b.source(map[string]any{"timeout": "300ms"})
	n := 0
	err := src.Read(t.Context(), connectors.Request{Stream: "INBOX", BatchRows: 2}, func(_ context.Context, batch connectors.Batch) error {
		n += len(batch.Rows)
		<-time.After(700 * time.Millisecond)
		return nil
	})
	if err != nil || n != 4 {
		t.Errorf("%d messages, %v; want 4", n, err)
	}
}
