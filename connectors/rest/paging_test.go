package rest_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"crmhub/connectors"
	"crmhub/connectors/connectortest"
	"crmhub/fault"
	"crmhub/record"
)

var quick = params{"api": "shop", "retries": uint64(8), "retry_wait": "1ms", "timeout": "5s"}

func with(p params, more params) params {
	out := maps.Clone(p)
	maps.Copy(out, more)
	return out
}

// wanted are the rows of a quiet desk as a stream gives them.
func wanted(d *desk, stream string) (rows []connectortest.Row) {
	all := d.sorted(false)
	switch stream {
	case "newest":
		slices.Reverse(all)
	case "search", "changed", "window", "delta":
		all = d.sorted(true)
	case "reverse":
		all = d.sorted(true)
		slices.Reverse(all)
		var turned []ticket
		for page := (len(all) + 3) / 4; page > 0; page-- {
			turned = append(turned, all[(page-1)*4:min(page*4, len(all))]...)
		}
		all = turned
	}
	for _, t := range all {
		row := t.row()
		if stream == "job" {
			row["id"] = strconv.Itoa(t.id)
		}
		rows = append(rows, connectortest.Row{Key: strconv.Itoa(t.id), Place: stream, Data: row})
	}
	return rows
}

// Every way of paging reads everything once, stops and goes on anywhere.
func TestEveryWayOfPaging(t *testing.T) {
	for _, stream := range everyWay {
		t.Run(stream, func(t *testing.T) {
			d := newDesk(9)
			if stream == "search" {
				d.window = 8
			}
			c := connectortest.Case{
				Dir: project(t, deskAPI), Connector: connector, Params: with(quick, params{"url": serve(t, d)}),
				Request: connectors.Request{Stream: stream, BatchRows: 2}, Want: wanted(d, stream), Streams: everyWay,
				Faults: slices.Contains([]string{"token", "keyset", "reverse", "job"}, stream),
				Broken: []map[string]any{{"url": "http://127.0.0.1:1", "retries": uint64(1)}},
			}
			if stream == "search" {
				c.Want = dropTwice(t, c)
			}
			connectortest.Run(t, c)
		})
	}
}

// dropTwice reads a stream that gives some rows again at each cap, holds that
// none of the wanted is missing, and returns the rows as they come.
func dropTwice(t *testing.T, c connectortest.Case) (rows []connectortest.Row) {
	t.Helper()
	got, _ := read(t, open(t, c.Dir, c.Params), c.Request)
	seen := map[string]bool{}
	for _, r := range got {
		seen[r.Key] = true
		rows = append(rows, connectortest.Row{Key: r.Key, Place: "search", Data: r.Data})
	}
	if len(seen) != len(c.Want) || len(rows) > 2*len(c.Want) {
		t.Errorf("%d rows of %d records, want all %d", len(rows), len(seen), len(c.Want))
	}
	return rows
}

// hub is a store that knows of rows by key, as the real one does.
type hub struct {
	rows map[string]record.Row
	// came counts how often a key came.
	came map[string]int
}

func newHub() *hub { return &hub{map[string]record.Row{}, map[string]int{}} }

func (h *hub) land(b connectors.Batch) {
	for _, r := range b.Rows {
		h.came[r.Key]++
		if r.Deleted {
			delete(h.rows, r.Key)
			continue
		}
		h.rows[r.Key] = r
	}
}

// holds compares the store with the desk.
func (h *hub) holds(t *testing.T, d *desk) {
	t.Helper()
	d.mu.Lock()
	defer d.mu.Unlock()
	for id, want := range d.tickets {
		got, ok := h.rows[strconv.Itoa(id)]
		if !ok {
			t.Errorf("ticket %d is lost", id)
			continue
		}
		if g, w := fmt.Sprint(got.Data), fmt.Sprint(want.row()); g != w {
			t.Errorf("ticket %d is\n got %s\nwant %s", id, g, w)
		}
	}
	for key := range h.rows {
		id, err := strconv.Atoi(key)
		if _, ok := d.tickets[id]; err != nil || !ok {
			t.Errorf("ticket %q is in the store, but not in the source", key)
		}
	}
}

var errKilled = errors.New("killed")

// lives reads with a program that is killed after every few batches, before
// the last of them has landed.
func lives(t *testing.T, h *hub, s connectors.Source, r connectors.Request, batches int) record.Position {
	t.Helper()
	for range 1000 {
		n := 0
		err := s.Read(t.Context(), r, func(_ context.Context, b connectors.Batch) error {
			if n++; n > batches {
				return errKilled
			}
			h.land(b)
			r.From = slices.Clone(b.Position)
			return nil
		})
		if err == nil {
			return r.From
		}
		if !errors.Is(err, errKilled) {
			t.Fatalf("Read: %v", err)
		}
	}
	t.Fatal("the read comes to no end")
	return nil
}

// Records that are deleted or added while a list is paged through make no
// other record pass unseen. (A list by page number without a total can't hold
// that; reverse and window lists are ordered by change and are read again.)
func TestDeletesWhilePaging(t *testing.T) {
	for _, stream := range []string{"offset", "offset_total", "page", "pages", "token", "next", "link", "keyset", "keyset_bare", "newest"} {
		t.Run(stream, func(t *testing.T) {
			d := newDesk(40)
			h := newHub()
			d.before = func(n int) {
				switch n {
				case 3, 5: // two of those that were read
					for range 2 {
						d.remove(d.sorted(false)[0].id, day(2))
					}
				case 4: // the last that was read, and more than a page before it
					for range 6 {
						d.remove(d.sorted(false)[1].id, day(2))
					}
				case 6:
					d.change(100, day(3))
				}
			}
			s := open(t, project(t, deskAPI), with(quick, params{"url": serve(t, d)}))
			lives(t, h, s, connectors.Request{Stream: stream, BatchRows: 3}, 1<<30)
			d.mu.Lock()
			defer d.mu.Unlock()
			for id := range d.tickets {
				if h.rows[strconv.Itoa(id)].Data == nil && (id != 100 || stream != "newest") {
					t.Errorf("ticket %d was passed over", id)
				}
			}
		})
	}
}

// Killed after each batch, with the list changing all the while, an
// incremental pipeline comes to hold what the source holds.
func TestIncrementalLives(t *testing.T) {
	for _, stream := range []string{"changed", "events", "delta"} {
		for _, batch := range []int{1, 3, 1000} {
			t.Run(fmt.Sprint(stream, batch), func(t *testing.T) {
				d := newDesk(23)
				d.remove(23, day(1))
				h := newHub()
				s := open(t, project(t, deskAPI), with(quick, params{"url": serve(t, d)}))
				r := connectors.Request{Stream: stream, Mode: connectors.Incremental, BatchRows: batch}
				r.From = lives(t, h, s, r, 2)
				h.holds(t, d)
				now := time.Now().UTC().Truncate(time.Second).Add(time.Second)
				later := now
				d.before = func(n int) {
					if n%3 == 0 && n < 60 {
						later = later.Add(time.Second)
						d.change(n%7+1, later)
					}
				}
				d.mu.Lock()
				d.change(3, now) // changed, made, deleted, all in one instant
				d.change(5, now)
				d.change(30, now)
				d.remove(9, now)
				d.remove(30, now)
				d.mu.Unlock()
				for range 3 {
					r.From = lives(t, h, s, r, 2)
				}
				d.mu.Lock()
				d.before = nil
				d.mu.Unlock()
				r.From = lives(t, h, s, r, 2)
				h.holds(t, d)
				h.came = map[string]int{}
				d.mu.Lock()
				d.asked = 0
				d.mu.Unlock()
				lives(t, h, s, r, 1<<30)
				if stream == "delta" && len(h.came) > 0 {
					t.Errorf("a quiet run reads %d records again", len(h.came))
				}
			})
		}
	}
}

// A list that is not ordered by its cursor: what changes behind the reader's
// back, while later records are read, is read by the next run.
func TestAnUnorderedListHidesNothing(t *testing.T) {
	d := newDesk(20)
	s := open(t, project(t, deskAPI), with(quick, params{"url": serve(t, d)}))
	h := newHub()
	r := connectors.Request{Stream: "unordered", Mode: connectors.Incremental}
	now := time.Now().UTC()
	d.before = func(n int) {
		if n == 3 {
			d.change(1, now)                   // read already
			d.change(20, now.Add(time.Second)) // comes later, with a greater cursor
		}
	}
	r.From = lives(t, h, s, r, 1<<30)
	lives(t, h, s, r, 1<<30)
	h.holds(t, d)
}

// A record of the future does not hide what changes until then.
func TestARecordOfTheFutureHidesNothing(t *testing.T) {
	d := newDesk(3)
	d.change(2, time.Date(2999, 1, 1, 0, 0, 0, 0, time.UTC))
	s := open(t, project(t, deskAPI), with(quick, params{"url": serve(t, d)}))
	h := newHub()
	r := connectors.Request{Stream: "changed", Mode: connectors.Incremental}
	r.From = lives(t, h, s, r, 1)
	d.mu.Lock()
	d.change(3, time.Now().Add(time.Minute))
	d.mu.Unlock()
	lives(t, h, s, r, 1)
	h.holds(t, d)
}

// An expired delta link makes the next read a whole one, by itself.
func TestAnExpiredDeltaLinkReadsAnew(t *testing.T) {
	d := newDesk(9)
	s := open(t, project(t, deskAPI), with(quick, params{"url": serve(t, d)}))
	h := newHub()
	r := connectors.Request{Stream: "delta", Mode: connectors.Incremental, BatchRows: 2}
	r.From = lives(t, h, s, r, 2)
	d.mu.Lock()
	d.change(4, day(9))
	d.token = 1 << 60
	d.mu.Unlock()
	lives(t, h, s, r, 2)
	h.holds(t, d)
}

// A window of which the server says that it holds too much is halved until it
// does not; where a second holds too much, the read fails.
func TestWindowsAreHalved(t *testing.T) {
	d := newDesk(40)
	d.window = 6
	s := open(t, project(t, deskAPI), with(quick, params{"url": serve(t, d)}))
	h := newHub()
	r := connectors.Request{Stream: "window", Mode: connectors.Incremental, BatchRows: 3}
	r.From = lives(t, h, s, r, 2)
	h.holds(t, d)
	d.mu.Lock()
	d.window = 4 // five share an instant
	d.mu.Unlock()
	err := s.Read(t.Context(), connectors.Request{Stream: "window"}, func(context.Context, connectors.Batch) error { return nil })
	wantFault(t, "too many", err, "E2315", fault.ExitFailed)
}

// More records at one instant than a search gives is an error, never a success.
func TestACapThatCannotBePassedIsAnError(t *testing.T) {
	d := newDesk(0)
	for i := range 9 {
		d.change(i+1, day(5))
	}
	d.window = 8
	s := open(t, project(t, deskAPI), with(quick, params{"url": serve(t, d)}))
	err := s.Read(t.Context(), connectors.Request{Stream: "search"}, func(context.Context, connectors.Batch) error { return nil })
	wantFault(t, "cap", err, "E2315", fault.ExitFailed)
}

func wantFault(t *testing.T, what string, err error, code fault.Code, exit int) {
	t.Helper()
	f := fault.Of(err)
	if f == nil || f.Code != code {
		t.Errorf("%s: %v, want %s", what, err, code)
		return
	}
	if got := fault.ExitCode(err); got != exit {
		t.Errorf("%s: exit code %d, want %d", what, got, exit)
	}
	for _, l := range []fault.Lang{fault.English, fault.Chinese} {
		for _, s := range []string{f.Line(l), f.Cause(l), f.Fix(l), f.Kept(l)} {
			if strings.Contains(strings.ReplaceAll(s, "${env:NAME}", ""), "{") {
				t.Errorf("%s: a name stands unfilled in %q", what, s)
			}
			if strings.Contains(s, "secret") {
				t.Errorf("%s: a secret stands in %q", what, s)
			}
		}
	}
}

func ids(rows []record.Row) string {
	var all []string
	for _, r := range rows {
		all = append(all, r.Key)
	}
	return strings.Join(all, " ")
}

// The first request of an incremental read asks one unit below the cursor and
// the overlap, so that records that share an instant are not parted.
func TestIncrementalAsksSinceTheCursor(t *testing.T) {
	d := newDesk(6)
	s := open(t, project(t, deskAPI), with(quick, params{"url": serve(t, d)}))
	_, at := read(t, s, connectors.Request{Stream: "changed", Mode: connectors.Incremental})
	d.mu.Lock()
	d.log = nil
	d.mu.Unlock()
	rows, _ := read(t, s, connectors.Request{Stream: "changed", Mode: connectors.Incremental, From: at, Overlap: time.Minute})
	if got, want := ids(rows), "1 2 3 4 5 6"; got != want {
		t.Errorf("keys %q, want %q", got, want)
	}
	if got, want := d.log[0], "GET /changed?limit=4&offset=0&updated_after=2026-01-01T09%3A59%3A59.999Z"; got != want {
		t.Errorf("asked %q, want %q", got, want)
	}
	var p struct {
		Next string `json:"next"`
	}
	if err := json.Unmarshal(at, &p); err != nil || p.Next != "2026-01-01T10:01:00.000000000Z" {
		t.Errorf("next %q (%v)", p.Next, err)
	}
}
