package storetest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"testing"

	"crmhub/fault"
	"crmhub/record"
)

func testRuns(t *testing.T, open Open) {
	ctx := context.Background()
	for _, tt := range []struct {
		name string
		f    func(*hub)
	}{
		{"an unfinished run is continued under its id, counters and position", func(h *hub) {
			s := spec("c")
			s.Incremental = true
			r := h.begin(s)
			h.commit(r.ID, "", `{"line":1}`, customer("c", "1", 1, "a"))
			again := h.begin(s)
			if again.ID != r.ID || !again.Resumed || string(again.Position) != `{"line":1}` || again.Counts.Read != 1 {
				h.Errorf("Begin = %+v, want run %s resumed at line 1 with one row", again, r.ID)
			}
			h.commit(r.ID, `{"line":1}`, `{"line":2}`, customer("c", "2", 1, "b"))
			stopped, err := h.g.End(ctx, r.ID, record.Interrupted, nil)
			if err != nil || stopped.Status != record.Interrupted {
				h.Fatalf("End = %+v, %v", stopped, err)
			}
			if again = h.begin(s); again.ID != r.ID || again.Counts.Created != 2 || again.Status != record.Running {
				h.Errorf("Begin after an interruption = %+v", again)
			}
			done := h.end(r.ID)
			h.want(done.Counts, 2, 2, 0, 0, 0, 0, 0)
			if done.Finished.IsZero() || done.Status != record.Done {
				h.Errorf("End = %+v", done)
			}
			next := h.begin(s)
			if next.ID == r.ID || next.Resumed || string(next.Position) != `{"line":2}` {
				h.Errorf("the next run begins as %+v, want a new one at line 2", next)
			}
		}},
		{"a failed run leaves the position of the last good one", func(h *hub) {
			s := spec("c")
			s.Incremental = true
			h.run(s, landings{customer("c", "1", 1, "a")})
			r := h.begin(s)
			h.commit(r.ID, string(r.Position), `{"line":9}`, customer("c", "2", 1, "b"))
			failed, err := h.g.End(ctx, r.ID, record.Failed, fault.New("E5008", "db"))
			if err != nil || failed.Status != record.Failed || fault.Of(failed.Error) == nil || fault.Of(failed.Error).Code != "E5008" {
				h.Errorf("End = %+v, %v", failed, err)
			}
			if next := h.begin(s); string(next.Position) != `{"at":1}` || next.ID == r.ID {
				h.Errorf("the next run begins at %s, want at 1", next.Position)
			}
			if got := h.count("SELECT count(*) FROM record"); got != 2 {
				h.Errorf("%d records, want 2: what landed stays", got)
			}
		}},
		{"a full refresh and a snapshot begin at the beginning", func(h *hub) {
			s := spec("c")
			s.Incremental = true
			h.run(s, landings{customer("c", "1", 1, "a")})
			left := h.begin(s)
			s.FullRefresh = true
			if r := h.begin(s); r.Position != nil || r.ID == left.ID {
				h.Errorf("a full refresh begins as %+v", r)
			}
			h.wantCode(func() error { _, err := h.tryCommit(ctx, left.ID, `{"at":1}`, `{"at":2}`); return err }(), "E5011")
			h.run(spec("s"), landings{customer("s", "1", 1, "a")})
			if r := h.begin(spec("s")); r.Position != nil {
				h.Errorf("a snapshot begins at %s", r.Position)
			}
		}},
		{"a worker that was left behind is refused", func(h *hub) {
			r := h.begin(spec("c"))
			h.commit(r.ID, "", `{"line":1}`, customer("c", "1", 1, "a"))
			_, err := h.tryCommit(ctx, r.ID, "", `{"line":1}`, customer("c", "2", 1, "b"))
			h.wantCode(err, "E5011")
			h.end(r.ID)
			_, err = h.tryCommit(ctx, r.ID, `{"line":1}`, `{"line":2}`, customer("c", "2", 1, "b"))
			h.wantCode(err, "E5011")
			_, err = h.g.End(ctx, r.ID, record.Done, nil)
			h.wantCode(err, "E5011")
			_, err = h.g.Prepare(ctx, "no such run", nil)
			h.wantCode(err, "E5014")
			if got := h.count("SELECT count(*) FROM record"); got != 1 {
				h.Errorf("%d records, want 1", got)
			}
		}},
		{"a sweep deletes what the run did not see, within its limit", func(h *hub) {
			var rows landings
			for i := range 20 {
				rows = append(rows, customer("c", fmt.Sprint(i), i%2, "a"))
			}
			s := spec("c")
			s.Sweep, s.MaxDeleted = true, 0.1
			h.run(s, rows)
			// Two are missing, a third is in quarantine: that one counts as seen.
			c := h.run(s, append(rows[3:], refused("c", "2", `{"key":"2"}`)))
			h.want(c, 18, 0, 0, 17, 0, 0, 1)
			if c.Swept != 2 {
				h.Errorf("swept %d, want 2", c.Swept)
			}
			r := h.begin(s)
			h.commit(r.ID, "", `{"at":1}`, rows[:3]...)
			failed, err := h.g.End(ctx, r.ID, record.Done, nil)
			h.wantCode(err, "E5013")
			if failed.Status != record.Failed || fault.Of(failed.Error).Code != "E5013" {
				h.Errorf("the run ends as %+v", failed)
			}
			if got := h.count("SELECT count(*) FROM record WHERE deleted = 0"); got != 20 {
				h.Errorf("%d current records, want 20: nothing deleted, two came back", got)
			}
			if got := h.count("SELECT count(*) FROM run_seen"); got != 0 {
				h.Errorf("%d chunks of what ended runs saw", got)
			}
		}},
		{"a sweep remembers what was seen before an interruption", func(h *hub) {
			s := spec("c")
			s.Sweep = true
			h.run(s, landings{customer("c", "1", 1, "a"), customer("c", "2", 1, "b"), customer("c", "3", 1, "c")})
			r := h.begin(s)
			h.commit(r.ID, "", `{"at":1}`, customer("c", "1", 1, "a"))
			if _, err := h.g.End(ctx, r.ID, record.Interrupted, nil); err != nil {
				h.Fatal(err)
			}
			r = h.begin(s)
			h.commit(r.ID, `{"at":1}`, `{"at":2}`, customer("c", "2", 1, "b"))
			if done := h.end(r.ID); done.Counts.Swept != 1 {
				h.Errorf("swept %d, want 1", done.Counts.Swept)
			}
		}},
		{"a cancelled or failing commit leaves nothing", func(h *hub) {
			r := h.begin(spec("c"))
			h.commit(r.ID, "", `{"at":1}`, customer("c", "1", 1, "a"))
			before := h.digest()
			cancelled, cancel := context.WithCancel(ctx)
			p, err := h.g.Prepare(ctx, r.ID, landings{customer("c", "1", 2, "b"), customer("c", "2", 2, "b"), refused("c", "3", "{}")})
			if err != nil {
				h.Fatal(err)
			}
			cancel()
			if _, err := h.g.Commit(cancelled, r.ID, []any{p}, record.Position(`{"at":1}`), record.Position(`{"at":2}`)); !errors.Is(err, context.Canceled) {
				h.Errorf("a cancelled commit returns %v", err)
			}
			if got := h.digest(); got != before {
				h.Error("a cancelled commit left something")
			}
			if _, err := h.g.Commit(ctx, r.ID, []any{p}, record.Position(`{"at":1}`), record.Position(`{"at":2}`)); err != nil {
				h.Errorf("the same again: %v", err)
			}
			h.want(h.end(r.ID).Counts, 4, 2, 1, 0, 0, 0, 1)
		}},
		{"a replay is a run of its own and moves no position", func(h *hub) {
			s := spec("c")
			s.Incremental = true
			h.run(s, landings{refused("c", "1", `{"key":"1"}`)})
			going := h.begin(s)
			re := s
			re.Replay = true
			r := h.begin(re)
			if r.ID == going.ID || r.Position != nil || !r.Replay {
				h.Errorf("a replay begins as %+v", r)
			}
			h.commit(r.ID, "", "", customer("c", "1", 1, "good"))
			h.want(h.end(r.ID).Counts, 1, 1, 0, 0, 0, 0, 0)
			if got := h.count("SELECT count(*) FROM quarantine WHERE open = 1"); got != 0 {
				h.Errorf("%d open items, want 0", got)
			}
			if again := h.begin(s); again.ID != going.ID || !bytes.Equal(again.Position, going.Position) {
				h.Errorf("the run that went on is %+v, want %+v", again, going)
			}
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			tt.f(newHub(t, open))
		})
	}
}
