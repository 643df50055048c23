package sqldb_test

import (
	"io"
	"net"
	"net/url"
	"sync"
	"testing"
)

// relay stands between a test and a server, and can cut the line.
type relay struct {
	listener net.Listener
	target   string
	mu       sync.Mutex
	lines    []net.Conn
	wait     sync.WaitGroup
}

func newRelay(t *testing.T, d database) *relay {
	t.Helper()
	u, err := url.Parse(d.url)
	if err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	r := &relay{listener: l, target: u.Host}
	r.wait.Go(r.serve)
	t.Cleanup(func() {
		if err := l.Close(); err != nil {
			t.Error(err)
		}
		r.cut()
		r.wait.Wait()
	})
	return r
}

func (r *relay) address() string { return r.listener.Addr().String() }

func (r *relay) serve() {
	for {
		in, err := r.listener.Accept()
		if err != nil {
			return
		}
		out, err := net.Dial("tcp", r.target)
		if err != nil {
			in.Close()
			return
		}
		r.mu.Lock()
		r.lines = append(r.lines, in, out)
		r.mu.Unlock()
		r.wait.Go(func() { pump(in, out) })
		r.wait.Go(func() { pump(out, in) })
	}
}

// pump copies until either end closes; then both are closed.
func pump(to, from net.Conn) {
	io.Copy(to, from)
	to.Close()
	from.Close()
}

// cut closes all lines.
func (r *relay) cut() {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, l := range r.lines {
		l.Close()
	}
}
