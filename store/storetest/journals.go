package storetest

import (
	"context"
	"fmt"
	"testing"

	"crmhub/record"
	"crmhub/store/journal"
)

func testJournal(t *testing.T, open Open) {
	ctx := context.Background()
	for _, tt := range []struct {
		name string
		f    func(h *hub, j *journal.Journal)
	}{
		{"a rollback gives back the content before the run", func(h *hub, j *journal.Journal) {
			s := spec("c")
			s.Sweep, s.Incremental = true, true
			h.run(s, landings{customer("c", "1", 1, "a", "a@x.cn"), customer("c", "2", 1, "b", "b@x.cn"), customer("c", "3", 1, "c", "c@x.cn"), customer("c", "4", 0, "d")})
			h.resolve()
			before := h.digest()
			// Two updates of one record, one new, one in quarantine, two swept.
			c := h.run(s, landings{customer("c", "1", 2, "a2", "b@x.cn"), customer("c", "1", 3, "a3", "b@x.cn")}, landings{customer("c", "2", 1, "b", "b@x.cn"), customer("c", "9", 1, "new"), refused("c", "8", `{"key":"8"}`)})
			h.want(c, 5, 1, 2, 1, 0, 0, 1)
			h.resolve()
			if h.digest() == before {
				h.Fatal("the run changed nothing")
			}
			after := h.digest()
			runs, err := j.Runs(ctx, "shop_c", 0)
			if err != nil || len(runs) != 2 {
				h.Fatalf("Runs = %+v, %v", runs, err)
			}
			done, err := j.Rollback(ctx, string(runs[0].ID), false)
			if err != nil || done.Removed != 1 || done.Reverted != 1 || done.Restored != 2 || len(done.Runs) != 1 {
				h.Errorf("Rollback = %+v, %v", done, err)
			}
			h.resolve()
			if got := h.digest(); got != before {
				h.Errorf("digest after the rollback %s, before the run %s", got, before)
			}
			if p, err := j.Position(ctx, "shop_c"); err != nil || string(p) != `{"at":1}` {
				h.Errorf("Position = %s, %v", p, err)
			}
			_, err = j.Rollback(ctx, string(runs[0].ID), false)
			h.wantCode(err, "E5018")
			// The same input again gives what it gave, and can be undone again.
			h.run(s, landings{customer("c", "1", 2, "a2", "b@x.cn"), customer("c", "1", 3, "a3", "b@x.cn")}, landings{customer("c", "2", 1, "b", "b@x.cn"), customer("c", "9", 1, "new"), refused("c", "8", `{"key":"8"}`)})
			h.resolve()
			if got := h.digest(); got != after {
				h.Errorf("digest after running again %s, want %s", got, after)
			}
			runs, err = j.Runs(ctx, "", 1)
			if err != nil {
				h.Fatal(err)
			}
			if _, err := j.Rollback(ctx, string(runs[0].ID)[:30], false); err != nil {
				h.Errorf("Rollback by the beginning of the id: %v", err)
			}
			h.resolve()
			if got := h.digest(); got != before {
				h.Errorf("digest after the second rollback %s, want %s", got, before)
			}
		}},
		{"after a rollback the next run ends as if nothing had been rolled back", func(h *hub, j *journal.Journal) {
			// Row 1 becomes itself and a partner, then drops the partner; row 2 takes
			// one up; row 3, whose partner is swept with it, is gone.
			partner := func(key string) record.Record {
				return record.Record{Ref: ref("c", record.Customer, "p"+key), Fields: record.Fields{"full_name": "partner " + key}, UpdatedAt: day(0)}
			}
			with := func(key string) record.Landing {
				l := customer("c", key, 0, "main "+key)
				return row("c", key, l.Records[0], partner(key))
			}
			before := []landings{{with("1"), customer("c", "2", 0, "main 2"), with("3")}}
			after := []landings{{customer("c", "1", 0, "main 1"), with("2")}}
			s := spec("c")
			s.Sweep = true
			h.run(s, before...)
			h.resolve()
			first := h.digest()
			h.run(s, after...)
			h.resolve()
			second := h.digest()
			for range 2 {
				runs, err := j.Runs(ctx, "shop_c", 1)
				if err != nil {
					h.Fatal(err)
				}
				if _, err := j.Rollback(ctx, string(runs[0].ID), false); err != nil {
					h.Fatalf("Rollback: %v", err)
				}
				h.resolve()
				if got := h.digest(); got != first {
					h.Errorf("digest after the rollback %s, before the run %s", got, first)
				}
				h.run(s, after...)
				h.resolve()
				if got := h.digest(); got != second {
					h.Errorf("digest of the run after the rollback %s, of the one rolled back %s", got, second)
				}
			}
		}},
		{"a rollback gives a row its record back that another row kept alive", func(h *hub, j *journal.Journal) {
			shared := func(key string, records ...string) record.Landing {
				var all []record.Record
				for _, k := range records {
					all = append(all, record.Record{Ref: ref("c", record.Customer, k), Fields: record.Fields{"full_name": "name " + k}, UpdatedAt: day(1)})
				}
				return row("c", key, all...)
			}
			current := func(want int64) {
				h.Helper()
				if got := h.count("SELECT count(*) FROM record WHERE deleted = 0"); got != want {
					h.Errorf("%d current records, want %d", got, want)
				}
			}
			back := func() {
				h.Helper()
				runs, err := j.Runs(ctx, "shop_c", 1)
				if err != nil {
					h.Fatal(err)
				}
				if _, err := j.Rollback(ctx, string(runs[0].ID), false); err != nil {
					h.Fatalf("Rollback: %v", err)
				}
			}
			h.land("c", shared("1", "1"), shared("2", "2", "1"))
			h.land("c", record.Landing{Key: "1"}) // row 1 is no longer its record, row 2 still is
			current(2)
			back()
			h.land("c", shared("2", "2"))
			current(2)
			back()
			h.land("c", record.Landing{Key: "1"})
			h.land("c", shared("1", "1")) // and now it is again
			back()
			h.land("c", shared("2", "2"))
			current(1)
		}},
		{"a rollback takes a row from the records that it began to become", func(h *hub, j *journal.Journal) {
			becomes := func(key string, records ...string) record.Landing {
				var all []record.Record
				for _, k := range records {
					all = append(all, record.Record{Ref: ref("c", record.Customer, k), Fields: record.Fields{"full_name": "name " + k}, UpdatedAt: day(1)})
				}
				return row("c", key, all...)
			}
			current := func(want int64) {
				h.Helper()
				h.resolve()
				if got := h.count("SELECT count(*) FROM record WHERE deleted = 0"); got != want {
					h.Errorf("%d current records, want %d", got, want)
				}
			}
			back := func(pipeline string) {
				h.Helper()
				runs, err := j.Runs(ctx, pipeline, 1)
				if err != nil {
					h.Fatal(err)
				}
				if _, err := j.Rollback(ctx, string(runs[0].ID), false); err != nil {
					h.Fatalf("Rollback: %v", err)
				}
			}
			h.land("c", becomes("1", "1", "p"), becomes("2", "2"))
			h.land("c", becomes("2", "2", "p"))
			back("shop_c")
			h.land("c", becomes("1", "1")) // row 2 must not keep the partner
			current(2)
			back("shop_c")
			current(3)

			// To and fro in one run: as it was before.
			h.run(spec("c"), landings{becomes("1", "1")}, landings{becomes("1", "1", "p")}, landings{becomes("2", "2", "p")}, landings{becomes("2", "2")})
			back("shop_c")
			h.land("c", becomes("2", "2"))
			current(3)
			back("shop_c")

			// Another pipeline of the stream drops the partner of row 1 while row 2,
			// whose run is then taken back, still becomes it.
			h.land("c", becomes("2", "2", "p"))
			other := spec("c")
			other.Pipeline = "shop_c_again"
			h.run(other, landings{becomes("1", "1")})
			current(3)
			back("shop_c")
			current(2)
		}},
		{"newer runs stand in the way of a rollback, unless it goes through them", func(h *hub, j *journal.Journal) {
			empty := h.digest()
			for v := 1; v <= 3; v++ {
				h.land("c", customer("c", "1", v, fmt.Sprint("v", v)))
			}
			h.land("other", customer("other", "1", 1, "x"))
			runs, err := j.Runs(ctx, "shop_c", 0)
			if err != nil {
				h.Fatal(err)
			}
			first := string(runs[2].ID)
			_, err = j.Rollback(ctx, first, false)
			h.wantCode(err, "E5015")
			done, err := j.Rollback(ctx, first, true)
			if err != nil || len(done.Runs) != 3 || done.Removed != 1 || done.Reverted != 2 {
				h.Errorf("Rollback = %+v, %v", done, err)
			}
			other, err := j.Runs(ctx, "shop_other", 1)
			if err != nil {
				h.Fatal(err)
			}
			if _, err := j.Rollback(ctx, string(other[0].ID), false); err != nil {
				h.Errorf("Rollback of another pipeline: %v", err)
			}
			h.resolve()
			if got := h.digest(); got != empty {
				h.Errorf("digest %s, of an empty store %s", got, empty)
			}
			if r, err := j.Run(ctx, first); err != nil || r.Status != record.RolledBack || r.Counts.Created != 1 {
				h.Errorf("Run = %+v, %v", r, err)
			}
		}},
		{"a run that goes on, or is not there, is not rolled back", func(h *hub, j *journal.Journal) {
			r := h.begin(spec("c"))
			_, err := j.Rollback(ctx, string(r.ID), false)
			h.wantCode(err, "E5018")
			_, err = j.Rollback(ctx, "0000", false)
			h.wantCode(err, "E5014")
			_, err = j.Run(ctx, "")
			h.wantCode(err, "E5014")
		}},
		{"quarantine is listed sealed, shown open, corrected and closed", func(h *hub, j *journal.Journal) {
			h.land("c", refused("c", "1", `{"name":"Li"}`), refused("c", "2", `{"name":"Wei"}`))
			all, err := j.Quarantine(ctx, journal.Filter{Pipeline: "shop_c"})
			if err != nil || len(all) != 2 {
				h.Fatalf("Quarantine = %+v, %v", all, err)
			}
			i := all[0]
			if i.Row != nil || i.Place != "c.csv:9" || i.Stage != record.StageValidate || i.Fault.Code != "E3402" || i.Fault.Args["type"] != "customer" || i.Count != 1 || !i.Open {
				h.Errorf("item = %+v", i)
			}
			if one, err := j.Item(ctx, i.ID); err != nil || string(one.Row) != `{"name":"Li"}` {
				h.Errorf("Item = %+v, %v", one, err)
			}
			if err := j.Correct(ctx, i.ID, []byte(`{"name":"Li Wei"}`)); err != nil {
				h.Error(err)
			}
			n := 0
			if err := j.EachItem(ctx, journal.Filter{}, func(x journal.Item) error {
				n++
				if x.ID == i.ID && (string(x.Row) != `{"name":"Li Wei"}` || string(x.Original) != `{"name":"Li"}` || !x.Corrected) {
					h.Errorf("corrected item = %+v", x)
				}
				return nil
			}); err != nil || n != 2 {
				h.Errorf("EachItem: %d items, %v", n, err)
			}
			if reasons, err := j.Reasons(ctx); err != nil || len(reasons) != 1 || reasons[0].Rows != 2 {
				h.Errorf("Reasons = %+v, %v", reasons, err)
			}
			if n, err := j.Close(ctx, i.ID, i.ID, "99"); err != nil || n != 1 {
				h.Errorf("Close = %d, %v", n, err)
			}
			h.wantCode(j.Correct(ctx, i.ID, []byte("{}")), "E5019")
			_, err = j.Item(ctx, "nobody")
			h.wantCode(err, "E5019")
			page, err := j.Quarantine(ctx, journal.Filter{Closed: true, After: i.ID, Limit: 1})
			if err != nil || len(page) != 1 || page[0].ID != all[1].ID {
				h.Errorf("the next page = %+v, %v", page, err)
			}
		}},
		{"who saw clear values is recorded", func(h *hub, j *journal.Journal) {
			for i := range 2 {
				if err := j.Reveal(ctx, "auditor", fmt.Sprint("golden get ", i), "ticket 7"); err != nil {
					h.Fatal(err)
				}
			}
			all, err := j.Reveals(ctx, 1)
			if err != nil || len(all) != 1 || all[0].What != "golden get 1" || all[0].Who != "auditor" || all[0].Why != "ticket 7" || all[0].At.IsZero() {
				h.Errorf("Reveals = %+v, %v", all, err)
			}
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			h := newHub(t, open)
			tt.f(h, journal.New(h.db))
		})
	}
}
