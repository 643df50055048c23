package backup_test

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"crmhub/fault"
	"crmhub/store/backup"
)

func TestWhatAFileSystemRefusesIsNamed(t *testing.T) {
	for _, tt := range []struct {
		err  error
		want fault.Code
	}{
		{&fs.PathError{Op: "open", Path: "x", Err: syscall.EACCES}, "E8003"},
		{&fs.PathError{Op: "open", Path: "x", Err: syscall.EROFS}, "E8003"},
		{&fs.PathError{Op: "write", Path: "x", Err: syscall.ENOSPC}, "E8017"},
		{&fs.PathError{Op: "write", Path: "x", Err: syscall.EDQUOT}, "E8017"},
		{&fs.PathError{Op: "read", Path: "x", Err: syscall.EIO}, "E8002"},
		{fs.ErrExist, "E8013"},
	} {
		wantCode(t, backup.FolderFault(tt.err), tt.want)
	}
	// A file where the folder ought to be.
	path := filepath.Join(t.TempDir(), "taken")
	if err := os.WriteFile(path, []byte("x"), 0o600); err != nil {
		t.Fatal(err)
	}
	target, err := backup.Open(backup.TargetConfig{URL: path})
	if err != nil {
		t.Fatal(err)
	}
	_, err = backup.Create(context.Background(), newSQLite(t, newRing(t)), target, backup.Options{})
	wantCode(t, err, "E8002")
	if !strings.Contains(err.Error(), "not a directory") {
		t.Errorf("error = %q, want it to say what stands in the way", err)
	}
}

// answering returns a target on a server that gives everybody the same answer.
func answering(t *testing.T, h http.HandlerFunc) backup.Target {
	t.Helper()
	s := httptest.NewServer(h)
	t.Cleanup(s.Close)
	target, err := backup.Open(backup.TargetConfig{URL: "s3://bucket/crm", Endpoint: s.URL, AccessKey: "a", SecretKey: "b", Tries: 1, Stall: 300 * time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	return target
}

func TestWhatAServerRefusesIsNamed(t *testing.T) {
	for _, tt := range []struct {
		status int
		code   string
		want   fault.Code
	}{
		{403, "AccessDenied", "E8003"},
		{401, "", "E8003"},
		{404, "NoSuchBucket", "E8004"},
		{412, "PreconditionFailed", "E8013"},
		{400, "BadDigest", "E8015"},
		{507, "XMinioStorageFull", "E8017"},
		{403, "QuotaExceeded", "E8017"},
		{400, "InvalidRequest", "E8002"},
		{503, "SlowDown", "E8002"},
		{500, "<not XML", "E8002"},
	} {
		t.Run(fmt.Sprint(tt.status, tt.code), func(t *testing.T) {
			target := answering(t, func(w http.ResponseWriter, r *http.Request) {
				w.Header().Set("Content-Type", "application/xml")
				w.WriteHeader(tt.status)
				fmt.Fprintf(w, "<Error><Code>%s</Code><Message>secret of the server</Message></Error>", tt.code)
			})
			err := target.Put(context.Background(), "x", []byte("b"), [32]byte{})
			wantCode(t, err, tt.want)
			if strings.Contains(err.Error(), "secret of the server") {
				t.Error("the server's own words are passed on")
			}
		})
	}
}

func TestAServerThatStandsStillIsLeft(t *testing.T) {
	silent, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer silent.Close()
	target, err := backup.Open(backup.TargetConfig{
		URL: "s3://bucket", Endpoint: "http://" + silent.Addr().String(), AccessKey: "a", SecretKey: "b", Tries: 1, Stall: 200 * time.Millisecond,
	})
	if err != nil {
		t.Fatal(err)
	}
	_, err = backup.List(context.Background(), target)
	wantCode(t, err, "E8002")
	// One that stops in the middle of an object.
	done := make(chan struct{})
	half := answering(t, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Length", "1000000")
		w.Header().Set("Last-Modified", november.Format(http.TimeFormat))
		w.Header().Set("ETag", `"x"`)
		if _, err := w.Write(make([]byte, 1000)); err != nil {
			t.Error(err)
		}
		if err := http.NewResponseController(w).Flush(); err != nil {
			t.Error(err)
		}
		<-done
	})
	_, err = backup.Verify(context.Background(), half, "20261122T080000.000Z-00000000", newRing(t), backup.Options{})
	close(done)
	wantCode(t, err, "E8002")
	if !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("error beneath = %v, want a deadline", errors.Unwrap(err))
	}
}
