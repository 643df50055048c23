package hub_test

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/url"
	"os"
	"path/filepath"
	"runtime/debug"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"crmhub/connectors/all"
	"crmhub/fault"
	"crmhub/hub"
)

const benchMapping = `root.full_name = this.full_name
root.given_name = this.given_name
root.family_name = this.family_name
root.emails = [this.email]
root.phones = [this.phone]
root.birth_date = this.birth_date
root.gender = this.gender
root.addresses = [{"street": this.street, "district": this.district, "city": this.city, "postcode": this.postcode, "country": this.country}]
root.organisation = this.organisation
root.tags = [this.tags]
root.status = this.status
root.language = this.language
root.owner = this.owner
root._updated_at = this.updated_at
`

const benchPipeline = "source:  {connection: held, stream: records, key: record_id}\nmapping: held_customer.blobl\ntype:    customer\n"

// benchRows is how many customers BenchmarkGolden takes; CRMHUB_BENCH_ROWS says otherwise.
func benchRows(b *testing.B) int {
	b.Helper()
	text := os.Getenv("CRMHUB_BENCH_ROWS")
	if text == "" {
		return 1_000_000
	}
	n, err := strconv.Atoi(text)
	if err != nil {
		b.Fatalf("CRMHUB_BENCH_ROWS: %v", err)
	}
	return n
}

// BenchmarkGolden takes a CSV of customers (20 columns, one in five a
// duplicate, half of them Chinese) to golden records, everything on: mapped,
// standardised, validated, sealed, landed, resolved. It reports records/s from
// the first row to the last golden record, and the highest memory of the
// process while landing and while resolving.
func BenchmarkGolden(b *testing.B) {
	rows := benchRows(b)
	csv := filepath.Join(b.TempDir(), "customers.csv")
	writeCustomers(b, csv, rows)
	for _, kind := range []string{"sqlite", "postgres"} {
		b.Run(kind, func(b *testing.B) {
			for b.Loop() {
				b.StopTimer()
				h := benchHub(b, kind, csv)
				landing, resolving := int64(0), int64(0)
				debug.FreeOSMemory() // what an earlier one held is not this one's
				resetPeak(b)
				b.StartTimer()
				start := time.Now()
				var landed time.Duration
				res, err := h.Run(context.Background(), hub.RunRequest{All: true}, func(e hub.Event) {
					if e.Kind == hub.Landed {
						landed, landing = time.Since(start), peak(b)
						resetPeak(b)
					}
				})
				took := time.Since(start)
				b.StopTimer()
				resolving = peak(b)
				if err != nil || len(res.Pipelines) != 1 || res.Pipelines[0].Err != nil || res.Pipelines[0].Counts.Created != int64(rows) {
					b.Fatalf("run: %v %+v", err, res)
				}
				if err := h.Close(); err != nil {
					b.Fatal(err)
				}
				b.ReportMetric(float64(rows)/took.Seconds(), "records/s")
				b.ReportMetric(float64(rows)/landed.Seconds(), "landed/s")
				b.ReportMetric(float64(landing)/1e6, "landing-MB")
				b.ReportMetric(float64(resolving)/1e6, "resolving-MB")
				b.StartTimer()
			}
		})
	}
}

// benchHub makes a project on a fresh store of that kind.
func benchHub(b *testing.B, kind, csv string) *hub.Hub {
	b.Helper()
	dir := filepath.Join(b.TempDir(), "project")
	if _, err := hub.Init(dir, fault.English, time.Now()); err != nil {
		b.Fatal(err)
	}
	for name, text := range map[string]string{
		"pipelines/held_customer.yaml": benchPipeline,
		"mappings/held_customer.blobl": benchMapping,
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			b.Fatal(err)
		}
	}
	url := "sqlite:store.db"
	if kind == "postgres" {
		url = benchDatabase(b, "")
	}
	return benchOpen(b, dir, url, csv)
}

// benchOpen opens the project in a folder, with a store and a file of customers of the benchmark's own.
func benchOpen(b *testing.B, dir, url, csv string) *hub.Hub {
	b.Helper()
	quoted, err := json.Marshal(csv)
	if err != nil {
		b.Fatal(err)
	}
	text := fmt.Sprintf("store: {url: %q}\nkeyring: {file: keyring.json}\nconnections:\n  held: {connector: file, path: %s}\n", url, quoted)
	if err := os.WriteFile(filepath.Join(dir, "hub.yaml"), []byte(text), 0o600); err != nil {
		b.Fatal(err)
	}
	h, err := hub.Open(dir, hub.Options{Registry: all.Registry()})
	if err != nil {
		b.Fatal(err)
	}
	return h
}

// writeCustomers writes n customers with keyboard slips and gaps, from a fixed seed.
func writeCustomers(b *testing.B, path string, n int) {
	b.Helper()
	f, err := os.Create(path)
	if err != nil {
		b.Fatal(err)
	}
	w := bufio.NewWriterSize(f, 1<<20)
	fmt.Fprintln(w, "record_id,full_name,given_name,family_name,email,phone,birth_date,gender,street,district,city,postcode,country,organisation,tags,status,language,owner,updated_at,note")
	r := rand.New(rand.NewPCG(7, 11))
	var p benchPerson
	left := 0
	for i := range n {
		if left == 0 {
			p, left = newBenchPerson(r, i), 1
			if r.IntN(5) == 0 {
				left += 1 + r.IntN(2)
			}
		} else {
			p = p.again(r)
		}
		left--
		fmt.Fprintf(w, "r%08d,%s,%s,%s,%s,%s,%s,%s,%s,,%s,%s,%s,,,active,%s,team%d,2026-%02d-%02dT%02d:00:00Z,note %d\n",
			i, p.full, p.given, p.family, p.email, p.phone, p.born, p.gender, p.street, p.city, p.postcode, p.country, p.language,
			r.IntN(20), 1+r.IntN(10), 1+r.IntN(28), r.IntN(24), r.IntN(1000))
	}
	if err := w.Flush(); err != nil {
		b.Fatal(err)
	}
	if err := f.Close(); err != nil {
		b.Fatal(err)
	}
}

type benchPerson struct {
	full, given, family, email, phone, born, gender, street, city, postcode, country, language string
}

var (
	benchSurnames  = strings.Fields("王 李 张 刘 陈 杨 黄 赵 周 吴 徐 孙 马 朱 胡 郭 何 高 林 罗 郑 梁 谢 宋 唐 许 韩 冯 邓 曹")
	benchGiven     = []rune("伟芳娜秀英敏静丽强磊军洋勇艳杰娟涛明超兰霞平刚桂子轩梓涵浩宇欣怡思雨晨曦佳琪雪梅建国志文海东晓红玉华")
	benchSyllables = strings.Fields("ba ren do mi ka lo ta ri sen vo lin ger man stein berg ford ton ley wick ham")
	benchCities    = []string{"上海", "北京", "广州", "深圳", "杭州", "London", "Leeds", "Bristol", "York", "Oxford"}
	benchStreets   = []string{"中山路", "人民路", "解放路", "建设路", "长江路", "High Street", "Station Road", "Church Lane", "Park Road", "Mill Lane"}
)

func newBenchPerson(r *rand.Rand, i int) benchPerson {
	p := benchPerson{
		born:   fmt.Sprintf("%d-%02d-%02d", 1940+r.IntN(68), 1+r.IntN(12), 1+r.IntN(28)),
		gender: []string{"male", "female"}[r.IntN(2)],
	}
	if r.IntN(2) == 0 {
		p.family = benchSurnames[r.IntN(len(benchSurnames))]
		for range 1 + r.IntN(2) {
			p.given += string(benchGiven[r.IntN(len(benchGiven))])
		}
		p.full, p.language, p.country = p.family+p.given, "zh", "CN"
		p.email, p.phone = fmt.Sprintf("u%d@example.cn", i), fmt.Sprintf("13%09d", r.IntN(1e9))
		p.city, p.street, p.postcode = benchCities[r.IntN(5)], fmt.Sprintf("%s %d", benchStreets[r.IntN(5)], 1+r.IntN(400)), fmt.Sprintf("%06d", 100000+r.IntN(800000))
		return p
	}
	word := func(n int) string {
		w := ""
		for range n {
			w += benchSyllables[r.IntN(len(benchSyllables))]
		}
		return strings.ToUpper(w[:1]) + w[1:]
	}
	p.given, p.family = word(2), word(2+r.IntN(2))
	p.full, p.language, p.country = p.given+" "+p.family, "en", "GB"
	p.email, p.phone = strings.ToLower(fmt.Sprintf("%s.%s%d@example.com", p.given, p.family, r.IntN(1000))), fmt.Sprintf("+447%09d", r.IntN(1e9))
	p.city, p.street = benchCities[5+r.IntN(5)], fmt.Sprintf("%d %s", 1+r.IntN(400), benchStreets[5+r.IntN(5)])
	p.postcode = fmt.Sprintf("%c%d %d%c%c", 'A'+r.IntN(26), 1+r.IntN(30), r.IntN(10), 'A'+r.IntN(26), 'A'+r.IntN(26))
	return p
}

// again is the same person as another form tells of them.
func (p benchPerson) again(r *rand.Rand) benchPerson {
	if r.IntN(3) == 0 && len(p.full) > 6 {
		i := 1 + r.IntN(len(p.full)-3)
		if p.language == "en" {
			p.full = p.full[:i] + p.full[i+1:]
			p.given, p.family = "", ""
		}
	}
	switch r.IntN(4) {
	case 0:
		p.email = ""
	case 1:
		p.phone = ""
	case 2:
		p.street = fmt.Sprintf("%s %d", benchStreets[r.IntN(len(benchStreets))], 1+r.IntN(400))
	}
	return p
}

// peak returns the most memory, in bytes, that the process has held since resetPeak.
func peak(b *testing.B) int64 {
	b.Helper()
	text, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return 0 // not Linux: the figure is left out
	}
	for line := range strings.Lines(string(text)) {
		if f := strings.Fields(line); len(f) == 3 && f[0] == "VmHWM:" {
			kb, err := strconv.ParseInt(f[1], 10, 64)
			if err != nil {
				b.Fatal(err)
			}
			return kb << 10
		}
	}
	return 0
}

// resetPeak begins a new measurement of peak.
func resetPeak(b *testing.B) {
	b.Helper()
	if err := os.WriteFile("/proc/self/clear_refs", []byte("5"), 0o600); err != nil && !os.IsNotExist(err) {
		b.Logf("peak memory is that of the whole process: %v", err)
	}
}

// benchDatabase makes a database of its own on the tests' server, a copy of another one
// where that is named, and returns its address.
func benchDatabase(b *testing.B, like string) string {
	b.Helper()
	name := fmt.Sprintf("bench_%d_%d", os.Getpid(), time.Now().UnixNano())
	if like != "" {
		benchServer(b, "CREATE DATABASE "+name+" TEMPLATE "+like)
	} else {
		benchServer(b, "CREATE DATABASE "+name)
	}
	b.Cleanup(func() { benchServer(b, "DROP DATABASE "+name+" WITH (FORCE)") })
	u, err := url.Parse(os.Getenv("CRMHUB_TEST_POSTGRES"))
	if err != nil {
		b.Fatal(err)
	}
	u.Path = "/" + name
	return u.String()
}

// benchServer runs statements on the tests' server.
func benchServer(b *testing.B, statements ...string) {
	b.Helper()
	server := os.Getenv("CRMHUB_TEST_POSTGRES")
	if server == "" {
		b.Fatal("CRMHUB_TEST_POSTGRES is not set: run make bench, or give an address")
	}
	ctx := context.Background()
	admin, err := pgx.Connect(ctx, server)
	if err != nil {
		b.Fatal(err)
	}
	for _, sql := range statements {
		if _, err := admin.Exec(ctx, sql); err != nil {
			b.Error(err)
		}
	}
	if err := admin.Close(ctx); err != nil {
		b.Error(err)
	}
}
