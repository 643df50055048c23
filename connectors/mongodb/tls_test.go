package mongodb_test

import (
	"crypto/tls"
	"io"
	"net"
	neturl "net/url"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"crmhub/connectors"
	"crmhub/connectors/connectortest"
	"crmhub/fault"
)

// tlsDoor speaks TLS to the outside and plain text to the real server; it
// returns its address.
func tlsDoor(t *testing.T, target string, config *tls.Config) string {
	t.Helper()
	l, err := tls.Listen("tcp", "127.0.0.1:0", config)
	if err != nil {
		t.Fatal(err)
	}
	var wait sync.WaitGroup
	var mu sync.Mutex
	var lines []net.Conn
	pump := func(to, from net.Conn) {
		io.Copy(to, from)
		to.Close()
		from.Close()
	}
	wait.Go(func() {
		for {
			in, err := l.Accept()
			if err != nil {
				return
			}
			out, err := net.Dial("tcp", target)
			if err != nil {
				in.Close()
				return
			}
			mu.Lock()
			lines = append(lines, in, out)
			mu.Unlock()
			wait.Go(func() { pump(in, out) })
			wait.Go(func() { pump(out, in) })
		}
	})
	t.Cleanup(func() {
		if err := l.Close(); err != nil {
			t.Error(err)
		}
		mu.Lock()
		for _, c := range lines {
			c.Close()
		}
		mu.Unlock()
		wait.Wait()
	})
	return l.Addr().String()
}

// TLS is asked for by the options of MongoDB's urls; certificates that do not
// hold end in no connection.
func TestTLS(t *testing.T) {
	url, db := fresh(t)
	insert(t, db.Collection("people"), doc("_id", int32(1)), doc("_id", int32(2)))
	u, err := neturl.Parse(url)
	if err != nil {
		t.Fatal(err)
	}
	ours, strange := connectortest.NewAuthority(t), connectortest.NewAuthority(t)
	later := time.Now().Add(time.Hour)
	good, goodKey := ours.Issue(t, "127.0.0.1", later)
	named, namedKey := ours.Issue(t, "db.example.com", later)
	for _, tt := range []struct {
		name, cert, key, options string
		code                     fault.Code
	}{
		{"full", good, goodKey, "tls=true&tlsCAFile=" + ours.File, ""},
		{"not checked", named, namedKey, "tls=true&tlsInsecure=true", ""},
		{"another name", named, namedKey, "tls=true&tlsCAFile=" + ours.File, "E2218"},
		{"another authority", good, goodKey, "tls=true&tlsCAFile=" + strange.File, "E2218"},
		{"the machine's authorities", good, goodKey, "tls=true", "E2218"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			pair, err := tls.LoadX509KeyPair(tt.cert, tt.key)
			if err != nil {
				t.Fatal(err)
			}
			door := tlsDoor(t, u.Host, &tls.Config{Certificates: []tls.Certificate{pair}})
			raw := params{"url": strings.Replace(url, u.Host, door, 1) + "?" + tt.options, "timeout": "3s"}
			if tt.code != "" {
				wantFault(t, tt.name, try(t, raw, connectors.Request{Stream: "people"}), tt.code, fault.ExitUsage)
				return
			}
			if rows, _ := read(t, open(t, raw), connectors.Request{Stream: "people"}); len(rows) != 2 {
				t.Errorf("%d rows, want 2", len(rows))
			}
		})
	}
}

// A certificate's file starts where the project is, wherever the program was called.
func TestCertificatesOfTheProject(t *testing.T) {
	url, _ := fresh(t)
	ca := connectortest.NewAuthority(t)
	dir, name := filepath.Split(ca.File)
	raw := params{"url": url + "?tls=true&tlsCAFile=" + name}
	if _, err := tryOpenIn(dir, raw); err != nil {
		t.Errorf("in its folder: %v", err)
	}
	_, err := tryOpenIn(t.TempDir(), raw)
	wantFault(t, "in another folder", err, "E2201", fault.ExitUsage)
}
