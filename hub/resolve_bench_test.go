//go:build unix

package hub_test

import (
	"bufio"
	"context"
	"fmt"
	"math/rand/v2"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"crmhub/hub"
)

// BenchmarkResolveOne and BenchmarkResolveThousand change some of the customers of a
// store that is resolved (100,000 of them, or CRMHUB_BENCH_ROWS), each time others,
// and resolve again. They report what the resolving alone takes: the mean and the
// 99th percentile of its wall time, its CPU time, and records/s by wall time.
func BenchmarkResolveOne(b *testing.B) { benchResolve(b, 1, phone) }

// BenchmarkResolveThousand is BenchmarkResolveOne for a thousand changes at once.
func BenchmarkResolveThousand(b *testing.B) { benchResolve(b, 1000, phone) }

// BenchmarkResolveNoted is BenchmarkResolveThousand for changes of something that is not compared, an owner,
// which most changes of customers are.
func BenchmarkResolveNoted(b *testing.B) { benchResolve(b, 1000, owner) }

// BenchmarkResolveDelta is BenchmarkResolveOne for what a night brings to a large store: one
// customer in a hundred is changed and as many come anew, of which one in five is known by another
// record. It also reports records/s with landing.
func BenchmarkResolveDelta(b *testing.B) { benchResolve(b, 0, phone) }

// What changes of a customer.
const (
	phone = "phone"
	owner = "owner"
)

// benchResolve changes something of so many customers each time; 0 says a night's delta.
func benchResolve(b *testing.B, changed int, what string) {
	rows := 100_000
	if os.Getenv("CRMHUB_BENCH_ROWS") != "" {
		rows = benchRows(b)
	}
	dir := b.TempDir()
	path := filepath.Join(dir, "customers.csv")
	writeCustomers(b, path, rows)
	all := readLines(b, path)
	fresh := 0
	if changed == 0 {
		changed, fresh = rows/100, rows/100
	}
	for _, kind := range []string{"sqlite", "postgres"} {
		b.Run(kind, func(b *testing.B) {
			path := filepath.Join(b.TempDir(), "customers.csv")
			writeCustomers(b, path, rows)
			h := benchLoaded(b, kind, path, rows)
			r := rand.New(rand.NewPCG(3, 5))
			var took []time.Duration
			var used, whole time.Duration
			pairs := int64(0)
			for b.Loop() {
				b.StopTimer()
				changeRows(b, path, all, changed, what, len(took), r)
				addRows(b, path, all, fresh, len(took), r)
				start := time.Now()
				var began time.Time
				var cpu time.Duration
				res := benchRun(b, h, func(e hub.Event) {
					switch {
					case e.Kind == hub.Resolving && began.IsZero():
						b.StartTimer()
						began, cpu = time.Now(), processTime(b)
					case e.Kind == hub.Resolved:
						took, used = append(took, time.Since(began)), used+processTime(b)-cpu
						b.StopTimer()
					}
				})
				whole += time.Since(start)
				pairs += res.Resolve.Pairs
				b.StartTimer()
			}
			if err := h.Close(); err != nil {
				b.Fatal(err)
			}
			total := time.Duration(0)
			for _, d := range took {
				total += d
			}
			slices.Sort(took)
			b.ReportMetric(float64(total.Microseconds())/1e3/float64(len(took)), "ms")
			b.ReportMetric(float64(took[len(took)*99/100].Microseconds())/1e3, "p99-ms")
			b.ReportMetric(float64(used.Microseconds())/1e3/float64(len(took)), "cpu-ms")
			dirty := float64((changed + fresh) * len(took))
			b.ReportMetric(dirty/total.Seconds(), "records/s")
			b.ReportMetric(dirty/whole.Seconds(), "landed+resolved/s")
			b.ReportMetric(float64(pairs)/dirty, "pairs/record")
		})
	}
}

// BenchmarkResolveWorkers changes the owner, then the phone, of one customer in twenty of a store
// on PostgreSQL (100,000 of them, or CRMHUB_BENCH_ROWS), each time others, and lets 1, 2 and
// 4 workers resolve. It reports records/s by wall time, and what this process and the
// server's machine have to do: cpu-us is the process's own CPU time for each changed record.
func BenchmarkResolveWorkers(b *testing.B) {
	rows := 100_000
	if os.Getenv("CRMHUB_BENCH_ROWS") != "" {
		rows = benchRows(b)
	}
	path := filepath.Join(b.TempDir(), "customers.csv")
	writeCustomers(b, path, rows)
	all := readLines(b, path)
	path = filepath.Join(b.TempDir(), "customers.csv")
	writeCustomers(b, path, rows)
	h := benchLoaded(b, "postgres", path, rows)
	r := rand.New(rand.NewPCG(3, 5))
	round := 0
	for _, what := range []string{owner, phone} {
		for _, workers := range []int{1, 2, 4} {
			b.Run(fmt.Sprint(what, workers), func(b *testing.B) {
				took, used, resolved := time.Duration(0), time.Duration(0), 0
				for b.Loop() {
					b.StopTimer()
					round++
					changeRows(b, path, all, rows/20, what, round, r)
					benchLand(b, h)
					b.StartTimer()
					began, cpu := time.Now(), processTime(b)
					res, err := h.Resolve(context.Background(), workers, func(hub.Event) {})
					if err != nil || res.Bulk || res.Records < int64(rows/20) {
						b.Fatalf("resolve: %+v %v", res, err)
					}
					took, used, resolved = took+time.Since(began), used+processTime(b)-cpu, resolved+rows/20
				}
				b.ReportMetric(float64(resolved)/took.Seconds(), "records/s")
				b.ReportMetric(float64(used.Microseconds())/float64(resolved), "cpu-us")
			})
		}
	}
	if err := h.Close(); err != nil {
		b.Fatal(err)
	}
}

// benchLoaded opens a project whose store holds so many customers, resolved. Where
// CRMHUB_BENCH_KEEP names a folder the store is kept there, and in a database beside the
// others: each benchmark works on a copy of what the first one loaded.
func benchLoaded(b *testing.B, kind, csv string, rows int) *hub.Hub {
	b.Helper()
	keep := os.Getenv("CRMHUB_BENCH_KEEP")
	if keep == "" {
		h := benchHub(b, kind, csv)
		benchRun(b, h, func(hub.Event) {})
		return h
	}
	keep = filepath.Join(keep, fmt.Sprint(kind, rows))
	database := fmt.Sprint("bench_kept_", rows)
	if _, err := os.Stat(keep); os.IsNotExist(err) {
		h := benchHub(b, kind, csv)
		benchRun(b, h, func(hub.Event) {})
		dir := h.Config().Dir
		address, err := h.Config().Store()
		if err != nil {
			b.Fatal(err)
		}
		if err := h.Close(); err != nil {
			b.Fatal(err)
		}
		if kind == "postgres" {
			u, err := url.Parse(address)
			if err != nil {
				b.Fatal(err)
			}
			benchServer(b, "DROP DATABASE IF EXISTS "+database, "CREATE DATABASE "+database+" TEMPLATE "+strings.TrimPrefix(u.Path, "/"))
		}
		if err := os.CopyFS(keep, os.DirFS(dir)); err != nil {
			b.Fatal(err)
		}
	}
	dir := filepath.Join(b.TempDir(), "copy")
	if err := os.CopyFS(dir, os.DirFS(keep)); err != nil {
		b.Fatal(err)
	}
	if err := os.Chmod(filepath.Join(dir, "keyring.json"), 0o600); err != nil {
		b.Fatal(err)
	}
	address := "sqlite:store.db"
	if kind == "postgres" {
		address = benchDatabase(b, database)
	}
	return benchOpen(b, dir, address, csv)
}

// benchLand runs the one pipeline of a benchmark up to where it would resolve.
func benchLand(b *testing.B, h *hub.Hub) {
	b.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	res, err := h.Run(ctx, hub.RunRequest{All: true}, func(e hub.Event) {
		if e.Kind == hub.Landed {
			cancel()
		}
	})
	if len(res.Pipelines) != 1 || res.Pipelines[0].Err != nil || ctx.Err() == nil {
		b.Fatalf("land: %v %+v", err, res)
	}
}

// benchRun runs the one pipeline of a benchmark.
func benchRun(b *testing.B, h *hub.Hub, events func(hub.Event)) hub.RunResult {
	b.Helper()
	res, err := h.Run(context.Background(), hub.RunRequest{All: true}, events)
	if err != nil || len(res.Pipelines) != 1 || res.Pipelines[0].Err != nil {
		b.Fatalf("run: %v %+v", err, res)
	}
	return res
}

// changeRows writes a file of n rows, each later than before and with another phone or owner.
func changeRows(b *testing.B, path string, all lines, n int, what string, round int, r *rand.Rand) {
	b.Helper()
	var out strings.Builder
	out.WriteString(all.line(b, 0) + "\n")
	chosen := map[int]bool{}
	for len(chosen) < n {
		i := 1 + r.IntN(len(all.ends)-1)
		if chosen[i] {
			continue
		}
		chosen[i] = true
		f := strings.Split(all.line(b, i), ",")
		if what == phone {
			f[5] = fmt.Sprintf("13%09d", r.IntN(1e9))
		} else {
			f[17] = fmt.Sprintf("team%d", 20+r.IntN(1000))
		}
		f[18] = time.Date(2027, 1, 1, 0, 0, round, 0, time.UTC).Format(time.RFC3339)
		out.WriteString(strings.Join(f, ",") + "\n")
	}
	if err := os.WriteFile(path, []byte(out.String()), 0o600); err != nil {
		b.Fatal(err)
	}
}

// addRows adds n rows of customers that are not in the file of all lines to what changeRows wrote.
func addRows(b *testing.B, path string, all lines, n, round int, r *rand.Rand) {
	b.Helper()
	f, err := os.OpenFile(path, os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		b.Fatal(err)
	}
	for i := range n {
		id := len(all.ends) + round*n + i
		p := newBenchPerson(r, id)
		row := []string{"", p.full, p.given, p.family, p.email, p.phone, p.born, p.gender, p.street, "", p.city, p.postcode, p.country, "", "", "active", p.language, "team1", "2026-12-01T00:00:00Z", "new"}
		if i%5 == 0 {
			row = strings.Split(all.line(b, 1+r.IntN(len(all.ends)-1)), ",")
		}
		row[0] = fmt.Sprintf("n%08d", id)
		if _, err := fmt.Fprintln(f, strings.Join(row, ",")); err != nil {
			b.Fatal(err)
		}
	}
	if err := f.Close(); err != nil {
		b.Fatal(err)
	}
}

// lines are those of a file, which stays on the disk: a million of them in memory would
// have Go collect its garbage while others are measured.
type lines struct {
	file *os.File
	ends []int64
}

func readLines(b *testing.B, path string) lines {
	b.Helper()
	f, err := os.Open(path)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() {
		if err := f.Close(); err != nil {
			b.Error(err)
		}
	})
	l, at := lines{file: f}, int64(0)
	s := bufio.NewScanner(f)
	for s.Scan() {
		at += int64(len(s.Bytes())) + 1
		l.ends = append(l.ends, at)
	}
	if s.Err() != nil {
		b.Fatal(s.Err())
	}
	return l
}

func (l lines) line(b *testing.B, i int) string {
	b.Helper()
	from := int64(0)
	if i > 0 {
		from = l.ends[i-1]
	}
	text := make([]byte, l.ends[i]-from-1)
	if _, err := l.file.ReadAt(text, from); err != nil {
		b.Fatal(err)
	}
	return string(text)
}

// processTime is the CPU time of this process so far, a server's not counted.
func processTime(b *testing.B) time.Duration {
	b.Helper()
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
