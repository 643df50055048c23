package backup_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"io"
	"net"
	"net/url"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"crmhub/fault"
	"crmhub/store/backup"

	"github.com/minio/minio-go/v7"
	"github.com/minio/minio-go/v7/pkg/credentials"
)

// server is a real S3 server and a bucket of the test's own on it.
type server struct {
	address        string // host and port
	access, secret string
	bucket         string
	client         *minio.Client
}

func newServer(t testing.TB) server {
	t.Helper()
	env := os.Getenv("CRMHUB_TEST_S3")
	if env == "" {
		t.Fatal("CRMHUB_TEST_S3 is not set: run make test, or give an address")
	}
	u, err := url.Parse(env)
	if err != nil {
		t.Fatal("CRMHUB_TEST_S3 is not an address")
	}
	s := server{address: u.Host, access: u.User.Username(), bucket: "backup-" + strings.ToLower(rand.Text())[:12]}
	s.secret, _ = u.User.Password()
	if s.client, err = minio.New(s.address, &minio.Options{Creds: credentials.NewStaticV4(s.access, s.secret, ""), Region: "us-east-1"}); err != nil {
		t.Fatal(err)
	}
	ctx := context.Background()
	if err := s.client.MakeBucket(ctx, s.bucket, minio.MakeBucketOptions{}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		for name := range s.objects(t) {
			if err := s.client.RemoveObject(ctx, s.bucket, name, minio.RemoveObjectOptions{}); err != nil {
				t.Error(err)
			}
		}
		if err := s.client.RemoveBucket(ctx, s.bucket); err != nil {
			t.Error(err)
		}
	})
	return s
}

// objects returns everything in the bucket.
func (s server) objects(t testing.TB) map[string][]byte {
	t.Helper()
	ctx := context.Background()
	all := map[string][]byte{}
	for o := range s.client.ListObjects(ctx, s.bucket, minio.ListObjectsOptions{Recursive: true}) {
		if o.Err != nil {
			t.Fatal(o.Err)
		}
		r, err := s.client.GetObject(ctx, s.bucket, o.Key, minio.GetObjectOptions{})
		if err != nil {
			t.Fatal(err)
		}
		if all[o.Key], err = io.ReadAll(r); err != nil {
			t.Fatal(err)
		}
	}
	return all
}

// target returns the bucket as a target, reached at an address.
func (s server) target(t testing.TB, address string) backup.Target {
	t.Helper()
	target, err := backup.Open(backup.TargetConfig{
		URL: "s3://" + s.bucket + "/crm/nightly", Endpoint: "http://" + address, AccessKey: s.access, SecretKey: s.secret, Tries: 1,
	})
	if err != nil {
		t.Fatal(err)
	}
	return target
}

func TestABucketHoldsWhatAFolderHolds(t *testing.T) {
	ctx := context.Background()
	s := newServer(t)
	target := s.target(t, s.address)
	l, err := backup.List(ctx, target)
	if err != nil || len(l.Snapshots)+len(l.Leftovers) != 0 {
		t.Fatalf("List of an empty bucket = %+v, %v", l, err)
	}
	_, err = backup.Restore(ctx, newSQLite(t, newRing(t)), target, "", backup.Options{})
	wantCode(t, err, "E8005")

	ring := newRing(t)
	db := newPostgres(t, ring)
	fill(t, db, 150, 4)
	want := content(t, db)
	m := create(t, db, target)
	for name, body := range s.objects(t) {
		if !strings.HasPrefix(name, "crm/nightly/"+m.Snapshot+"/") {
			t.Errorf("%s lies outside the prefix", name)
		}
		for _, clear := range []string{"CANARY", "王小明", "13812345678"} {
			if bytes.Contains(body, []byte(clear)) {
				t.Errorf("%s holds %s in clear", name, clear)
			}
		}
	}
	if _, err := backup.Verify(ctx, target, "", ring, backup.Options{}); err != nil {
		t.Fatal(err)
	}
	into := newSQLite(t, ring)
	if _, err := backup.Restore(ctx, into, target, "", backup.Options{}); err != nil {
		t.Fatal(err)
	}
	sameContent(t, content(t, into), want)

	// Damage in the bucket is found as in a folder.
	name := "crm/nightly/" + m.Snapshot + "/record-000001"
	body := s.objects(t)[name]
	body[len(body)/2] ^= 1
	if _, err := s.client.PutObject(ctx, s.bucket, name, bytes.NewReader(body), int64(len(body)), minio.PutObjectOptions{}); err != nil {
		t.Fatal(err)
	}
	_, err = backup.Verify(ctx, target, "", ring, backup.Options{})
	wantCode(t, err, "E8007")
	if err := s.client.RemoveObject(ctx, s.bucket, name, minio.RemoveObjectOptions{}); err != nil {
		t.Fatal(err)
	}
	_, err = backup.Verify(ctx, target, "", ring, backup.Options{})
	wantCode(t, err, "E8006")
}

func TestABucketNeverOverwrites(t *testing.T) {
	ctx := context.Background()
	s := newServer(t)
	target := s.target(t, s.address)
	sum := func(b string) [32]byte { return sha256.Sum256([]byte(b)) }
	if err := target.Put(ctx, "x/y", []byte("first"), sum("first")); err != nil {
		t.Fatal(err)
	}
	wantCode(t, target.Put(ctx, "x/y", []byte("second"), sum("second")), "E8013")
	// The same bytes again are an answer that was lost on the way.
	if err := target.Put(ctx, "x/y", []byte("first"), sum("first")); err != nil {
		t.Errorf("the same bytes again: %v", err)
	}
	wantCode(t, target.Put(ctx, "x/z", []byte("changed"), sum("sent")), "E8015")
	o, err := target.Stat(ctx, "x/y")
	if want := sum("first"); err != nil || o.Size != 5 || !bytes.Equal(o.SHA256, want[:]) {
		t.Errorf("Stat = %+v, %v", o, err)
	}
	if _, err := target.Stat(ctx, "x/none"); !errors.Is(err, backup.ErrNotFound) {
		t.Errorf("Stat of nothing = %v", err)
	}
	if err := target.Remove(ctx, "x/none"); err != nil {
		t.Errorf("Remove of nothing = %v", err)
	}
}

func TestABucketsRefusalsAreNamed(t *testing.T) {
	ctx := context.Background()
	s := newServer(t)
	db := newSQLite(t, newRing(t))
	for _, tt := range []struct {
		name string
		c    backup.TargetConfig
		want fault.Code
	}{
		{"no such bucket", backup.TargetConfig{URL: "s3://no-such-bucket-here", Endpoint: "http://" + s.address, AccessKey: s.access, SecretKey: s.secret}, "E8004"},
		{"wrong secret", backup.TargetConfig{URL: "s3://" + s.bucket, Endpoint: "http://" + s.address, AccessKey: s.access, SecretKey: "WRONGSECRET"}, "E8003"},
		{"wrong key", backup.TargetConfig{URL: "s3://" + s.bucket, Endpoint: "http://" + s.address, AccessKey: "nobody", SecretKey: "WRONGSECRET"}, "E8003"},
		{"nobody listens", backup.TargetConfig{URL: "s3://" + s.bucket, Endpoint: "http://127.0.0.1:1", AccessKey: s.access, SecretKey: s.secret, Tries: 2}, "E8002"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			target, err := backup.Open(tt.c)
			if err != nil {
				t.Fatal(err)
			}
			_, err = backup.Create(ctx, db, target, backup.Options{})
			wantCode(t, err, tt.want)
			if strings.Contains(err.Error(), tt.c.SecretKey) {
				t.Error("the error shows the secret")
			}
			_, err = backup.List(ctx, target)
			wantCode(t, err, tt.want)
		})
	}
	if got := s.objects(t); len(got) != 0 {
		t.Errorf("%d objects are in the bucket, want none", len(got))
	}
}

// proxy passes connections on to a server until so many bytes went through;
// then it drops them all, and every later one.
type proxy struct {
	net.Listener
	left  atomic.Int64
	mu    sync.Mutex
	conns []net.Conn
}

func newProxy(t *testing.T, to string, bytes int64) *proxy {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p := &proxy{Listener: l}
	p.left.Store(bytes)
	var wait sync.WaitGroup
	wait.Go(func() {
		for {
			in, err := l.Accept()
			if err != nil {
				return
			}
			out, err := net.Dial("tcp", to)
			if err != nil {
				t.Error(err)
				return
			}
			p.mu.Lock()
			p.conns = append(p.conns, in, out)
			p.mu.Unlock()
			wait.Go(func() { p.pass(in, out) })
			wait.Go(func() { p.pass(out, in) })
		}
	})
	t.Cleanup(func() {
		p.cut()
		l.Close()
		wait.Wait()
	})
	return p
}

func (p *proxy) pass(to, from net.Conn) {
	defer to.Close()
	defer from.Close()
	buf := make([]byte, 1<<10)
	for {
		n, err := from.Read(buf)
		if n > 0 {
			if p.left.Add(-int64(n)) < 0 {
				p.cut()
				return
			}
			if _, err := to.Write(buf[:n]); err != nil {
				return
			}
		}
		if err != nil {
			return
		}
	}
}

func (p *proxy) cut() {
	p.left.Store(-1)
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, c := range p.conns {
		c.Close()
	}
	p.conns = nil
}

func TestALostConnectionIsNamedAndHarmless(t *testing.T) {
	ctx := context.Background()
	s := newServer(t)
	ring := newRing(t)
	db := newSQLite(t, ring)
	fill(t, db, 150, 4)
	direct := s.target(t, s.address)
	m := create(t, db, direct)
	into := newSQLite(t, ring)
	empty := content(t, into)
	for _, at := range []int64{0, m.Size() / 3, m.Size()} {
		_, err := backup.Create(ctx, db, s.target(t, newProxy(t, s.address, at).Addr().String()), small)
		wantCode(t, err, "E8002")
		if fault.ExitCode(err) != fault.ExitTemporary {
			t.Errorf("exit code = %d, want %d", fault.ExitCode(err), fault.ExitTemporary)
		}
		_, err = backup.Verify(ctx, s.target(t, newProxy(t, s.address, at).Addr().String()), m.Snapshot, ring, backup.Options{})
		wantCode(t, err, "E8002")
		_, err = backup.Restore(ctx, into, s.target(t, newProxy(t, s.address, at).Addr().String()), m.Snapshot, backup.Options{})
		wantCode(t, err, "E8002")
		sameContent(t, content(t, into), empty)
	}
	l, err := backup.List(ctx, direct)
	if err != nil || len(l.Snapshots) != 1 || l.Snapshots[0].Snapshot != m.Snapshot {
		t.Errorf("List = %+v, %v, want the one whole snapshot", l.Snapshots, err)
	}
	if len(l.Leftovers) == 0 {
		t.Error("List tells of no leftovers")
	}
	if n, err := backup.Sweep(ctx, direct, time.Now().Add(time.Hour)); err != nil || n != len(l.Leftovers) {
		t.Errorf("Sweep = %d, %v, want %d", n, err, len(l.Leftovers))
	}
	if _, err := backup.Restore(ctx, into, direct, "", backup.Options{}); err != nil {
		t.Fatal(err)
	}
	sameContent(t, content(t, into), content(t, db))
}
