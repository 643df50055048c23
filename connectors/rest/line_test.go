package rest_test

import (
	"errors"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"crmhub/connectors"
)

// line is a bad line between a client and a server.
type line struct {
	l      net.Listener
	target string
	mu     sync.Mutex
	open   map[net.Conn]bool
	wait   sync.WaitGroup
	done   chan struct{}
	conns  int
	// plan says what becomes of the nth connection: whether it is accepted at
	// all, after how many bytes of the answer it ends and how, and how slow it is.
	plan func(n int) fate
}

// fate is what becomes of one connection. Zero means that nothing does.
type fate struct {
	refuse bool
	bytes  int // of answers, then the line is cut; 0 means never
	reset  bool
	delay  time.Duration // before each piece of an answer
	piece  int           // bytes; 0 means as they come
}

func newLine(t *testing.T, url string, plan func(n int) fate) *line {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	x := &line{l: l, target: strings.TrimPrefix(url, "http://"), open: map[net.Conn]bool{}, done: make(chan struct{}), plan: plan}
	x.wait.Go(x.serve)
	t.Cleanup(func() {
		close(x.done)
		if err := l.Close(); err != nil {
			t.Error(err)
		}
		x.hangUp()
		x.wait.Wait()
	})
	return x
}

func (x *line) url() string { return "http://" + x.l.Addr().String() }

// hangUp ends all connections.
func (x *line) hangUp() {
	x.mu.Lock()
	defer x.mu.Unlock()
	for c := range x.open {
		c.Close()
	}
}

func (x *line) serve() {
	for {
		in, err := x.l.Accept()
		if err != nil {
			return
		}
		x.mu.Lock()
		x.conns++
		f := x.plan(x.conns)
		x.mu.Unlock()
		out, err := net.Dial("tcp", x.target)
		if f.refuse || err != nil {
			reset(in)
			if err == nil {
				out.Close()
			}
			continue
		}
		x.mu.Lock()
		x.open[in], x.open[out] = true, true
		x.mu.Unlock()
		x.wait.Go(func() { x.pump(out, in, fate{}) })
		x.wait.Go(func() { x.pump(in, out, f) })
	}
}

func reset(c net.Conn) {
	if t, ok := c.(*net.TCPConn); ok {
		if err := t.SetLinger(0); err != nil && !errors.Is(err, net.ErrClosed) {
			return
		}
	}
	c.Close()
}

// pump copies until either end closes or fate strikes; then both are closed.
func (x *line) pump(to, from net.Conn, f fate) {
	defer func() {
		if f.reset {
			reset(to)
		}
		to.Close()
		from.Close()
		x.mu.Lock()
		delete(x.open, to)
		delete(x.open, from)
		x.mu.Unlock()
	}()
	buf := make([]byte, 16<<10)
	if f.piece > 0 {
		buf = buf[:f.piece]
	}
	for passed := 0; ; {
		n, err := from.Read(buf)
		if f.bytes > 0 && passed+n >= f.bytes {
			n, err = f.bytes-passed, errors.New("cut")
		}
		if f.delay > 0 && n > 0 {
			select {
			case <-time.After(f.delay):
			case <-x.done:
				return
			}
		}
		if _, writeErr := to.Write(buf[:n]); err != nil || writeErr != nil {
			return
		}
		passed += n
	}
}

// Over every kind of bad line every stream is read whole: no record is lost,
// and what comes twice has the same key.
func TestBadLines(t *testing.T) {
	for name, plan := range map[string]func(n int) fate{
		"slow":              func(int) fate { return fate{delay: time.Millisecond, piece: 100} },
		"late":              func(int) fate { return fate{delay: 15 * time.Millisecond} },
		"cut":               func(n int) fate { return fate{bytes: 150 + n*53%400} },
		"reset":             func(n int) fate { return fate{bytes: 150 + n*89%400, reset: true} },
		"away now and then": func(n int) fate { return fate{refuse: n%3 != 0, bytes: 1500} },
		"away for a while":  func(n int) fate { return fate{refuse: n > 2 && n < 7, bytes: 1200} },
	} {
		for _, stream := range []string{"offset", "page", "token", "next", "keyset", "newest", "reverse", "job", "window", "changed", "events", "delta"} {
			t.Run(name+" "+stream, func(t *testing.T) {
				t.Parallel()
				d := newDesk(23)
				x := newLine(t, serve(t, d), plan)
				s := open(t, project(t, deskAPI), with(quick, params{"url": x.url(), "retries": uint64(30)}))
				h := newHub()
				r := connectors.Request{Stream: stream, BatchRows: 3}
				if stream == "events" || stream == "delta" || stream == "changed" {
					r.Mode = connectors.Incremental
				}
				r.From = lives(t, h, s, r, 3)
				h.holds(t, d)
				if r.Mode == connectors.Incremental {
					d.mu.Lock()
					d.change(7, time.Now())
					d.remove(8, time.Now())
					d.mu.Unlock()
					lives(t, h, s, r, 3)
					h.holds(t, d)
				}
				for key, n := range h.came {
					if n > 12 {
						t.Errorf("record %s came %d times", key, n)
					}
				}
			})
		}
	}
}

// A server that goes silent in the middle of an answer is left after the
// timeout; when it is back, the read goes on.
func TestSilence(t *testing.T) {
	d := newDesk(12)
	x := newLine(t, serve(t, d), func(n int) fate {
		if n == 1 {
			return fate{delay: time.Minute}
		}
		return fate{}
	})
	s := open(t, project(t, deskAPI), with(quick, params{"url": x.url(), "timeout": "100ms"}))
	rows, _ := read(t, s, connectors.Request{Stream: "token"})
	if got := len(rows); got != 12 {
		t.Errorf("%d rows, want 12", got)
	}
	if x.conns < 2 {
		t.Error("the silent connection was not left")
	}
}
