package email_test

import (
	"context"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"

	"crmhub/connectors"
)

// maildir lays messages into the INBOX of a fresh account, as Dovecot's own
// delivery names them, and returns the account. Appending so many would take
// far longer than reading them.
func maildir(b *testing.B, messages int) string {
	b.Helper()
	u, err := url.Parse(os.Getenv("CRMHUB_TEST_IMAP"))
	if err != nil || u.Query().Get("ca") == "" {
		b.Fatal("CRMHUB_TEST_IMAP names no Dovecot of ours: run make bench")
	}
	home := filepath.Dir(u.Query().Get("ca"))
	info, err := os.Stat(home)
	if err != nil {
		b.Fatal(err)
	}
	owner := info.Sys().(*syscall.Stat_t)
	user := fmt.Sprintf("bench%d@example.cn", time.Now().UnixNano())
	dir := filepath.Join(home, "mail", user)
	b.Cleanup(func() {
		if err := os.RemoveAll(dir); err != nil {
			b.Error(err)
		}
	})
	for _, d := range []string{"", "cur", "new", "tmp"} {
		if err := os.MkdirAll(filepath.Join(dir, d), 0o700); err != nil {
			b.Fatal(err)
		}
		for _, own := range []string{filepath.Dir(dir), filepath.Join(dir, d)} {
			if err := os.Chown(own, int(owner.Uid), int(owner.Gid)); err != nil {
				b.Fatal(err)
			}
		}
	}
	for i := range messages {
		text := mail(fmt.Sprint(i), "order "+fmt.Sprint(i)) + strings.Repeat("The parcel has not arrived yet, please look into it.\r\n", 20+i%60)
		size := len(text)
		text = strings.ReplaceAll(text, "\r\n", "\n") // as it lies on a disk
		name := filepath.Join(dir, "cur", fmt.Sprintf("%d.M%dP1.host,S=%d,W=%d:2,S", 1_770_000_000+i, i, len(text), size))
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			b.Fatal(err)
		}
		if err := os.Chown(name, int(owner.Uid), int(owner.Gid)); err != nil {
			b.Fatal(err)
		}
	}
	return user
}

// BenchmarkMail reads 100,000 messages of 1 to 4 kB from a local Dovecot, which
// sees them for the first time, and says how much memory the read holds.
func BenchmarkMail(b *testing.B) {
	const messages = 100_000
	box := newBox(b)
	user := maildir(b, messages)
	for b.Loop() {
		src := box.source(map[string]any{"user": user, "timeout": "60s"})
		read, most := 0, uint64(0)
		err := src.Read(b.Context(), connectors.Request{Stream: "INBOX"}, func(_ context.Context, batch connectors.Batch) error {
			if read += len(batch.Rows); read%10_000 == 0 {
				var m runtime.MemStats
				runtime.ReadMemStats(&m)
				most = max(most, m.HeapAlloc)
			}
			return nil
		})
		if err != nil || read != messages {
			b.Fatalf("%d messages, %v", read, err)
		}
		b.ReportMetric(float64(most)/1e6, "heap-MB")
	}
	b.ReportMetric(float64(messages)*float64(b.N)/b.Elapsed().Seconds(), "mails/s")
}
