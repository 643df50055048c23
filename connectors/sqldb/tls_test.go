package sqldb_test

import (
	"bytes"
	"crypto/tls"
	"encoding/binary"
	"errors"
	"io"
	"net"
	"net/url"
	"sync"
	"testing"
	"time"

	"crmhub/connectors"
	"crmhub/connectors/connectortest"
	"crmhub/fault"
)

// door speaks TLS to the outside, as the database's protocol begins it, and
// plain text to the real server.
type door struct {
	listener net.Listener
	target   string
	kind     string
	config   *tls.Config
	mu       sync.Mutex
	lines    []net.Conn
	wait     sync.WaitGroup
}

func newDoor(t *testing.T, d database, config *tls.Config) *door {
	t.Helper()
	u, err := url.Parse(d.url)
	if err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	r := &door{listener: l, target: u.Host, kind: d.kind, config: config}
	r.wait.Go(func() {
		for {
			in, err := l.Accept()
			if err != nil {
				return
			}
			r.wait.Go(func() { r.pass(in) })
		}
	})
	t.Cleanup(func() {
		if err := l.Close(); err != nil {
			t.Error(err)
		}
		r.mu.Lock()
		for _, c := range r.lines {
			c.Close()
		}
		r.mu.Unlock()
		r.wait.Wait()
	})
	return r
}

// pass takes one connection through; what goes wrong in it, the client sees.
func (r *door) pass(in net.Conn) {
	defer in.Close()
	out, err := net.Dial("tcp", r.target)
	if err != nil {
		return
	}
	defer out.Close()
	r.mu.Lock()
	r.lines = append(r.lines, in, out)
	r.mu.Unlock()
	begin := beginPostgres
	if r.kind == "mysql" {
		begin = beginMySQL
	}
	secure, err := begin(in, out, r.config)
	if err != nil {
		return
	}
	r.wait.Go(func() { pump(secure, out) })
	pump(out, secure)
}

// beginPostgres answers the request for TLS that a client of PostgreSQL sends first.
func beginPostgres(in, _ net.Conn, config *tls.Config) (net.Conn, error) {
	var request [8]byte
	if _, err := io.ReadFull(in, request[:]); err != nil {
		return nil, err
	}
	if binary.BigEndian.Uint32(request[4:]) != 80877103 {
		return nil, errors.New("not a request for TLS")
	}
	if _, err := in.Write([]byte{'S'}); err != nil {
		return nil, err
	}
	secure := tls.Server(in, config)
	return secure, secure.Handshake()
}

// beginMySQL adds TLS to what the server says it can do, takes the client's
// request for it out again, and renumbers the packets until both agree.
func beginMySQL(in, out net.Conn, config *tls.Config) (net.Conn, error) {
	const canTLS = 0x0800
	greeting, err := packet(out)
	if err != nil {
		return nil, err
	}
	flags := 5 + bytes.IndexByte(greeting[5:], 0) + 1 + 4 + 8 + 1
	greeting[flags+1] |= canTLS >> 8
	if _, err := in.Write(greeting); err != nil {
		return nil, err
	}
	if _, err := packet(in); err != nil {
		return nil, err
	}
	secure := tls.Server(in, config)
	if err := secure.Handshake(); err != nil {
		return nil, err
	}
	login, err := packet(secure)
	if err != nil {
		return nil, err
	}
	login[3]--
	login[5] &^= canTLS >> 8
	if _, err := out.Write(login); err != nil {
		return nil, err
	}
	answer, err := packet(out)
	if err != nil {
		return nil, err
	}
	answer[3]++
	_, err = secure.Write(answer)
	return secure, err
}

// packet reads one packet of MySQL's protocol with its head.
func packet(from io.Reader) ([]byte, error) {
	head := make([]byte, 4)
	if _, err := io.ReadFull(from, head); err != nil {
		return nil, err
	}
	p := append(head, make([]byte, int(head[0])|int(head[1])<<8|int(head[2])<<16)...)
	_, err := io.ReadFull(from, p[4:])
	return p, err
}

// TLS holds as sslmode says, on real servers behind a door that speaks it.
func TestTLS(t *testing.T) {
	ours, strange := connectortest.NewAuthority(t), connectortest.NewAuthority(t)
	later := time.Now().Add(time.Hour)
	good, goodKey := ours.Issue(t, "127.0.0.1", later)
	named, namedKey := ours.Issue(t, "db.example.com", later)
	old, oldKey := ours.Issue(t, "127.0.0.1", time.Now().Add(-time.Minute))
	mine, mineKey := ours.Issue(t, "crmhub", later)
	for _, d := range []database{mysqlDB(t), postgresDB(t)} {
		changing(t, d)
		for _, tt := range []struct {
			name      string
			cert, key string
			client    bool // the server asks for a certificate
			options   url.Values
			code      fault.Code // of the fault; empty where rows are read
		}{
			{"full", good, goodKey, false, url.Values{"sslmode": {"verify-full"}, "sslrootcert": {ours.File}}, ""},
			{"full by default", good, goodKey, false, url.Values{"sslrootcert": {ours.File}}, ""},
			{"not checked", good, goodKey, false, url.Values{"sslmode": {"require"}}, ""},
			{"require with an authority", named, namedKey, false, url.Values{"sslmode": {"require"}, "sslrootcert": {ours.File}}, ""},
			{"the authority alone", named, namedKey, false, url.Values{"sslmode": {"verify-ca"}, "sslrootcert": {ours.File}}, ""},
			{"with our certificate", good, goodKey, true, url.Values{"sslmode": {"verify-full"}, "sslrootcert": {ours.File}, "sslcert": {mine}, "sslkey": {mineKey}}, ""},
			{"another name", named, namedKey, false, url.Values{"sslmode": {"verify-full"}, "sslrootcert": {ours.File}}, "E2218"},
			{"another authority", good, goodKey, false, url.Values{"sslmode": {"verify-full"}, "sslrootcert": {strange.File}}, "E2218"},
			{"another authority, no name", good, goodKey, false, url.Values{"sslmode": {"verify-ca"}, "sslrootcert": {strange.File}}, "E2218"},
			{"require with another authority", good, goodKey, false, url.Values{"sslmode": {"require"}, "sslrootcert": {strange.File}}, "E2218"},
			{"of yesterday", old, oldKey, false, url.Values{"sslmode": {"verify-full"}, "sslrootcert": {ours.File}}, "E2218"},
			{"the machine's authorities", good, goodKey, false, url.Values{"sslmode": {"verify-full"}}, "E2218"},
		} {
			t.Run(d.kind+" "+tt.name, func(t *testing.T) {
				pair, err := tls.LoadX509KeyPair(tt.cert, tt.key)
				if err != nil {
					t.Fatal(err)
				}
				config := &tls.Config{Certificates: []tls.Certificate{pair}}
				if tt.client {
					config.ClientAuth, config.ClientCAs = tls.RequireAndVerifyClientCert, ours.Pool()
				}
				u, err := url.Parse(d.url)
				if err != nil {
					t.Fatal(err)
				}
				q := u.Query()
				q.Del("sslmode")
				for name, v := range tt.options {
					q[name] = v
				}
				u.Host, u.RawQuery = newDoor(t, d, config).listener.Addr().String(), q.Encode()
				if tt.code != "" {
					wantFault(t, tt.name, try(t, params{"url": u.String()}, connectors.Request{Stream: "people"}), tt.code, fault.ExitUsage)
					return
				}
				rows, _ := read(t, open(t, database{kind: d.kind, url: u.String()}, nil, nil), connectors.Request{Stream: "people"})
				if len(rows) != 4 {
					t.Errorf("%d rows, want 4", len(rows))
				}
			})
		}
	}
}
