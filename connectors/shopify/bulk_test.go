package shopify_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"strconv"
	"strings"
	"testing"
	"time"

	"crmhub/connectors"
	"crmhub/connectors/shopify"
	"crmhub/fault"
	"crmhub/record"
)

// bulk is what a shop knows of its bulk operations: one at a time, whose file
// lies on another host that must not see the token.
type bulk struct {
	orders  []params // each with its lines under lines
	started int
	polls   int
	current string
	begun   time.Time
	content string
	roots   int
	fails   bool // the next one ends badly
	orphan  bool // the next file is not grouped
	storage *httptest.Server
	served  int
	cut     int // the next so many downloads end early
}

const ready = 8 * time.Millisecond

// run starts an operation.
func (s *shop) run(query string) params {
	b := &s.bulk
	refuse := func(code, message string) params {
		return params{"bulkOperation": nil, "userErrors": []params{{"field": nil, "message": message, "code": code}}}
	}
	running := b.current != "" && time.Since(b.begun) < ready
	switch {
	case strings.Contains(query, "nodes") || strings.Contains(query, "pageInfo") || !strings.Contains(query, "edges { node {"):
		return refuse("INVALID", "The query must use edges")
	case running:
		return refuse("OPERATION_IN_PROGRESS", "A bulk query operation for this app and shop is already in progress: canary@example.cn")
	}
	b.started++
	b.current, b.begun, b.polls = fmt.Sprintf("gid://shopify/BulkOperation/%d", b.started), time.Now(), 0
	var out strings.Builder
	write := func(v params) {
		if err := json.NewEncoder(&out).Encode(v); err != nil {
			s.t.Error(err)
		}
	}
	b.roots = 0
	if strings.HasPrefix(query, "{ customers") {
		for _, c := range s.customers {
			write(c)
			b.roots++
		}
	}
	if strings.HasPrefix(query, "{ orders") {
		for _, o := range b.orders {
			own := params{}
			for k, v := range o {
				if k != "lines" {
					own[k] = v
				}
			}
			write(own)
			b.roots++
			lines, _ := o["lines"].([]params)
			for _, l := range lines {
				l["__parentId"] = o["id"]
				if b.orphan {
					l["__parentId"] = "gid://shopify/Order/0"
				}
				write(l)
			}
		}
	}
	b.content = out.String()
	return params{"bulkOperation": params{"id": b.current, "status": "CREATED"}, "userErrors": []params{}}
}

// operation tells of an operation.
func (s *shop) operation(id string) any {
	b := &s.bulk
	if id != b.current {
		return nil
	}
	b.polls++
	op := params{"id": id, "status": "RUNNING", "errorCode": nil, "rootObjectCount": strconv.Itoa(b.roots), "url": nil}
	switch {
	case time.Since(b.begun) < ready:
	case b.fails:
		op["status"], op["errorCode"] = "FAILED", "INTERNAL_SERVER_ERROR"
		b.fails = false
	default:
		op["status"] = "COMPLETED"
		if b.content != "" {
			op["url"] = s.store() + "/file?Signature=canary"
		}
	}
	return op
}

// store is the address of the host that has the file.
func (s *shop) store() string {
	b := &s.bulk
	if b.storage == nil {
		b.storage = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			s.mu.Lock()
			defer s.mu.Unlock()
			if r.Header.Get("X-Shopify-Access-Token") != "" {
				s.t.Error("the host of the file sees the token")
			}
			b.served++
			content := b.content
			if b.cut > 0 {
				b.cut--
				// At the end of a line, without a word: it looks whole.
				content = content[:strings.LastIndexByte(content[:len(content)*2/3], '\n')+1]
			}
			if _, err := io.WriteString(w, content); err != nil && !errors.Is(err, context.Canceled) {
				return // the reader went away
			}
		}))
		s.t.Cleanup(b.storage.Close)
	}
	return b.storage.URL
}

func (s *shop) order(n, lines int) {
	o := params{"id": fmt.Sprintf("gid://shopify/Order/%d", n), "name": fmt.Sprintf("#%d", 1000+n), "updatedAt": day(n).Format(time.RFC3339)}
	list := []params{}
	for i := range lines {
		list = append(list, params{"id": fmt.Sprintf("gid://shopify/LineItem/%d%03d", n, i), "sku": fmt.Sprint(i), "name": "茶 \"{}\"", "quantity": 1})
	}
	o["lines"] = list
	s.bulk.orders = append(s.bulk.orders, o)
}

func day(n int) time.Time { return time.Date(2026, 1, 1, 1, 0, n, 0, time.UTC) }

func open(t *testing.T, p params) connectors.Source {
	t.Helper()
	decoded, err := shopify.Connector{}.Spec().Decode("hub.yaml:5", p)
	if err != nil {
		t.Fatal(err)
	}
	src, err := shopify.Connector{}.Open(connectors.Config{Name: "shop", Params: decoded, Dir: t.TempDir(), Now: time.Now})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := src.Close(); err != nil {
			t.Error(err)
		}
	})
	return src
}

var errStop = errors.New("the test stops here")

// read reads up to a number of batches with rows; all of them if it is 0.
func read(t *testing.T, src connectors.Source, r connectors.Request, most int) ([]record.Row, record.Position, error) {
	t.Helper()
	var rows []record.Row
	at, n := r.From, 0
	err := src.Read(t.Context(), r, func(_ context.Context, b connectors.Batch) error {
		if most > 0 && n == most {
			return errStop
		}
		if len(b.Rows) > 0 {
			n++
		}
		rows = append(rows, b.Rows...)
		at = b.Position
		return nil
	})
	if errors.Is(err, errStop) {
		err = nil
	}
	return rows, at, err
}

func lineCount(r record.Row) int {
	items, _ := r.Data["lineItems"].(params)
	nodes, _ := items["nodes"].([]any)
	return len(nodes)
}

// Orders come with all of their lines, more than a page would give; those
// without any too. A file that ends early, though it looks whole, is read again.
func TestOrdersByABulkOperation(t *testing.T) {
	s := newShop(t)
	for n := 1; n <= 6; n++ {
		s.order(n, []int{0, 3, 120, 1, 0, 2}[n-1])
	}
	s.bulk.cut = 1
	rows, _, err := read(t, open(t, connection(t, s)), connectors.Request{Stream: "orders", Mode: connectors.Incremental, BatchRows: 2}, 0)
	if err != nil {
		t.Fatal(err)
	}
	// The order at which the file ended comes once more, whole.
	got := map[string]int{}
	for _, r := range rows {
		got[r.Data["name"].(string)] = lineCount(r)
	}
	if want := map[string]int{"#1001": 0, "#1002": 3, "#1003": 120, "#1004": 1, "#1005": 0, "#1006": 2}; !reflect.DeepEqual(got, want) || s.bulk.served < 2 {
		t.Errorf("lines: %v, want %v; the file was asked for %d times", got, want, s.bulk.served)
	}
	if rows[0].Data["lineItems"] == nil {
		t.Error("an order without lines has no list")
	}
	// An empty shop has no file.
	if rows, _, err := read(t, open(t, connection(t, newShop(t))), connectors.Request{Stream: "orders", Mode: connectors.Full}, 0); err != nil || len(rows) != 0 {
		t.Errorf("an empty shop: %v %v", rows, err)
	}
}

// A read that was broken off goes on with the same operation; where the shop
// has forgotten it, or its file has expired, another one is made and nothing is
// lost.
func TestABulkReadGoesOn(t *testing.T) {
	for name, tt := range map[string]struct {
		lost    bool
		started int
	}{"known": {false, 1}, "forgotten": {true, 2}} {
		t.Run(name, func(t *testing.T) {
			s := newShop(t)
			for n := 1; n <= 9; n++ {
				s.order(n, n%3)
			}
			p := connection(t, s)
			r := connectors.Request{Stream: "orders", Mode: connectors.Incremental, BatchRows: 2}
			first, at, err := read(t, open(t, p), r, 2)
			if err != nil || len(first) != 4 {
				t.Fatalf("%d rows at first: %v", len(first), err)
			}
			if tt.lost {
				s.bulk.current = ""
			}
			r.From = at
			rest, _, err := read(t, open(t, p), r, 0)
			if err != nil {
				t.Fatal(err)
			}
			seen := map[string]bool{}
			for _, row := range append(first, rest...) {
				seen[row.Key] = true
			}
			if len(seen) != 9 || s.bulk.started != tt.started {
				t.Errorf("%d orders, %d operations; the rest has %d", len(seen), s.bulk.started, len(rest))
			}
		})
	}
}

// The id of an operation is kept before its file is ready, so that a crash
// while it runs does not meet its own operation.
func TestAnOperationUnderWayIsKept(t *testing.T) {
	s := newShop(t)
	s.order(1, 1)
	p := connection(t, s)
	r := connectors.Request{Stream: "orders", Mode: connectors.Incremental}
	err := open(t, p).Read(t.Context(), r, func(_ context.Context, b connectors.Batch) error {
		if len(b.Rows) == 0 {
			r.From = b.Position
		}
		return errStop
	})
	if !errors.Is(err, errStop) || len(r.From) == 0 {
		t.Fatalf("position %s, %v", r.From, err)
	}
	rows, _, err := read(t, open(t, p), r, 0)
	if err != nil || len(rows) != 1 || s.bulk.started != 1 {
		t.Errorf("%d rows, %d operations, %v", len(rows), s.bulk.started, err)
	}
}

func TestBulkOperationsThatFail(t *testing.T) {
	s := newShop(t)
	s.order(1, 1)
	src := open(t, connection(t, s))
	r := connectors.Request{Stream: "orders", Mode: connectors.Full}
	s.bulk.fails = true
	_, _, err := read(t, src, r, 0)
	if f := fault.Of(err); f == nil || f.Code != "E2323" || f.Args["status"] != "FAILED" {
		t.Errorf("failed: %v", err)
	}
	s.bulk.orphan = true
	_, _, err = read(t, src, r, 0)
	if f := fault.Of(err); f == nil || f.Code != "E2311" {
		t.Errorf("a file that is not grouped: %v", err)
	}
	// Another program's operation, for longer than is waited.
	s.bulk.orphan = false
	s.bulk.current, s.bulk.begun = "gid://shopify/BulkOperation/77", time.Now().Add(time.Hour)
	_, _, err = read(t, src, r, 0)
	if f := fault.Of(err); f == nil || f.Code != "E2308" {
		t.Errorf("another operation: %v", err)
	}
}

// A client that we did not write reads the same from the stand-in.
func TestAnotherClientReadsTheSame(t *testing.T) {
	clients := os.Getenv("CRMHUB_TEST_CLIENTS")
	if clients == "" {
		t.Fatal("CRMHUB_TEST_CLIENTS names no folder: see CONTRIBUTING.md")
	}
	s := newShop(t)
	for n := 1; n <= 7; n++ {
		s.put(n, day(n), fmt.Sprintf("c%d@example.cn", n))
		s.order(n, n%3)
	}
	p := connection(t, s)
	cmd := exec.CommandContext(t.Context(), filepath.Join(clients, "venv", "bin", "python"), "testdata/client.py", p["url"].(string), token)
	var why strings.Builder
	cmd.Stderr = &why
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%v\n%s", err, why.String())
	}
	var theirs map[string][]params
	if err := json.Unmarshal(out, &theirs); err != nil {
		t.Fatal(err)
	}
	src := open(t, p)
	for stream, page := range map[string]string{"customers": "pages", "orders": "bulk"} {
		ours, _, err := read(t, src, connectors.Request{Stream: stream, Mode: connectors.Full}, 0)
		if err != nil {
			t.Fatal(err)
		}
		if len(ours) != 7 || len(theirs[page]) != 7 {
			t.Fatalf("%d %s, theirs %d", len(ours), stream, len(theirs[page]))
		}
		for i, row := range ours {
			their := theirs[page][i]
			lines, _ := their["lines"].([]any)
			if row.Key != their["id"] || row.Data["updatedAt"] != their["updatedAt"] || lineCount(row) != len(lines) {
				t.Errorf("%s %d: %v, theirs %v", stream, i, row.Data, their)
			}
		}
	}
}
