package storetest

import (
	"context"
	"reflect"
	"slices"
	"testing"

	"crmhub/mdm"
	"crmhub/mdm/entity"
	"crmhub/record"
	"crmhub/store"
	"crmhub/store/golden"
	"crmhub/store/journal"
)

// copied resolves a store whose customers all stand alone by golden records
// that hold copies of them.
func (h *hub) copied() {
	h.Helper()
	var r entity.Resolution
	for _, m := range h.current() {
		g := mdm.Alone(m)
		g.ID, g.Alone = m.Own, 0
		r.Components = append(r.Components, entity.Component{Entities: []entity.Golden{g}})
	}
	if err := h.g.Apply(context.Background(), r); err != nil {
		h.Fatalf("Apply: %v", err)
	}
}

// names are the full names of some views, in their order.
func names(views []golden.View) []any {
	var all []any
	for _, v := range views {
		all = append(all, v.Fields["full_name"])
	}
	return all
}

// events returns the last events of golden records.
func (h *hub) events() []golden.GoldenEvent {
	h.Helper()
	var last []golden.GoldenEvent
	err := h.g.Changes(context.Background(), 0, 1000, func(c golden.Change) error {
		if len(c.Golden) > 0 {
			last = c.Golden
		}
		return nil
	})
	if err != nil {
		h.Fatalf("Changes: %v", err)
	}
	return last
}

// testAlone holds that a golden record that names a record's version cannot be
// told from one that holds a copy of it.
func testAlone(t *testing.T, open Open) {
	ctx := context.Background()
	for _, tt := range []struct {
		name string
		f    func(*hub)
	}{
		{"it reads as a copy does", func(h *hub) {
			rows := landings{
				customer("c", "1", 1, "Li Wei", "li@x.cn", "li@x.cn", "wei@x.cn"), customer("c", "2", 0, "Ann"),
				row("c", "3", record.Record{Ref: ref("c", record.Customer, "3"), Fields: record.Fields{"full_name": "王伟", "unheard_of": "x"}, Invalid: []record.Invalid{{Path: "/birth_date", Rule: "format", Code: "E3301", Value: "x"}}}),
			}
			h.land("c", rows...)
			h.resolve()
			if n := h.count("SELECT count(*) FROM golden WHERE record <> 0 AND payload IS NULL"); n != 3 {
				h.Fatalf("%d golden records name a record, want 3", n)
			}
			other := newHub(h.TB, open)
			other.land("c", rows...)
			other.copied()
			if n := other.count("SELECT count(*) FROM golden WHERE record = 0 AND payload IS NOT NULL"); n != 3 {
				h.Fatalf("%d golden records are copies, want 3", n)
			}
			if got, want := h.digest(), other.digest(); got != want {
				h.Errorf("digest %s, of copies %s", got, want)
			}
			for _, key := range []string{"1", "2", "3"} {
				got, want := h.get(h.member("c", key).Own), other.get(other.member("c", key).Own)
				if !reflect.DeepEqual(got.Fields, want.Fields) || !reflect.DeepEqual(got.Provenance, want.Provenance) || got.Version != want.Version {
					h.Errorf("%s reads\n%+v, its copy\n%+v", key, got, want)
				}
				ids := []entity.ID{got.ID}
				gs, err := h.g.Goldens(ctx, ids)
				if want := mdm.Alone(h.member("c", key)); err != nil || len(gs) != 1 || !reflect.DeepEqual(gs[0].Fields, want.Fields) || !reflect.DeepEqual(gs[0].Provenance, want.Provenance) || !slices.Equal(gs[0].Members, want.Members) {
					h.Errorf("Goldens = %+v, %v, want %+v", gs, err, want)
				}
			}
		}},
		{"it keeps the values that it was resolved with", func(h *hub) {
			h.land("c", customer("c", "1", 1, "one"))
			h.resolve()
			own := h.member("c", "1").Own
			h.land("c", customer("c", "1", 2, "two"))
			if v := h.get(own); v.Fields["full_name"] != "one" || v.Version != 1 {
				h.Errorf("before it is resolved again Get = %+v", v)
			}
			h.resolve()
			if got := h.events(); len(got) != 1 || got[0].Event != "updated" || !slices.Equal(got[0].Attributes, []string{"full_name"}) {
				h.Errorf("events = %+v", got)
			}
			h.land("c", customer("c", "1", 3, "three"))
			h.resolve()
			all, err := h.g.History(ctx, own)
			if err != nil || !reflect.DeepEqual(names(all), []any{"three", "two", "one"}) {
				h.Fatalf("History = %+v, %v", all, err)
			}
			for _, v := range all {
				was, err := h.g.AsOf(ctx, own, v.UpdatedAt)
				if err != nil || !reflect.DeepEqual(was, v) {
					h.Errorf("AsOf = %+v, %v, want %+v", was, err, v)
				}
			}
		}},
		{"one that changes names its new version", func(h *hub) {
			model := mdm.DefaultModel()
			h.g = golden.New(h.db, golden.Options{Schemas: Schemas(h), Features: model.Features, Model: model.Version()})
			copies := func(want int64) {
				h.Helper()
				if n := h.count("SELECT count(*) FROM golden WHERE payload IS NOT NULL"); n != want {
					h.Errorf("%d golden records hold copies, want %d", n, want)
				}
			}
			land := func(rows ...record.Landing) {
				h.Helper()
				h.land("c", rows...)
				Resolved(h, h.g, model, mdm.Options{Bulk: 2})
			}
			land(customer("c", "1", 1, "Ann Lee", "ann.lee@x.cn"), customer("c", "2", 1, "Somebody Else", "else@x.cn"))
			own := h.member("c", "1").Own
			land(customer("c", "1", 2, "Ann Lee", "ann.lee@y.cn"))
			copies(0)
			if got := h.events(); len(got) != 1 || !slices.Equal(got[0].Attributes, []string{"emails"}) {
				h.Errorf("events = %+v", got)
			}
			land(customer("c", "2", 2, "Ann Lee", "ann.lee@y.cn"))
			copies(1)
			land(customer("c", "2", 3, "Somebody Else", "else@x.cn"))
			copies(0)
			id, err := h.g.Override(ctx, entity.Override{Record: 1, Attribute: "status", Value: "vip", By: "steward", At: day(4)})
			if err != nil {
				h.Fatal(err)
			}
			Resolved(h, h.g, model, mdm.Options{Bulk: 2})
			copies(1)
			if err := h.g.EndOverride(ctx, id); err != nil {
				h.Fatal(err)
			}
			Resolved(h, h.g, model, mdm.Options{Bulk: 2})
			copies(0)
			all, err := h.g.History(ctx, own)
			if err != nil || len(all) != 6 || all[5].Fields["emails"].([]any)[0] != "ann.lee@x.cn" || len(all[3].Members) != 2 || all[1].Fields["status"] != "vip" || all[0].Fields["status"] != nil {
				h.Errorf("History = %+v, %v", all, err)
			}
			if v, err := mdm.NewResolver(h.g, model, mdm.Options{}).Verify(ctx); err != nil || v.Different != 0 {
				h.Errorf("Verify = %+v, %v", v, err)
			}
		}},
		{"what says the same is not written again", func(h *hub) {
			h.land("c", customer("c", "1", 1, "one"), customer("c", "2", 1, "two"))
			h.resolve()
			written := func() int64 {
				return h.count("SELECT count(*) FROM golden_history") + h.count("SELECT CAST(coalesce(sum(version), 0) AS BIGINT) FROM golden")
			}
			before := written()
			h.dirtyAll()
			h.resolve()
			// A record that was deleted and is back has another version, and the same values.
			h.land("c", record.Landing{Key: "1", Deleted: true})
			h.land("c", customer("c", "1", 1, "one"))
			h.resolve()
			if got := written(); got != before {
				h.Errorf("%d versions and history, want %d", got, before)
			}
			if n, _, err := h.g.Stat(ctx); err != nil || n != 0 {
				h.Errorf("%d dirty (%v), want 0", n, err)
			}
		}},
		{"a rollback leaves the history readable", func(h *hub) {
			h.land("c", customer("c", "1", 1, "one"))
			h.resolve()
			own, before := h.member("c", "1").Own, h.digest()
			h.land("c", customer("c", "1", 2, "two"), customer("c", "2", 1, "new"))
			h.resolve()
			j := journal.New(h.db)
			runs, err := j.Runs(ctx, "", 1)
			if err != nil {
				h.Fatal(err)
			}
			if _, err := j.Rollback(ctx, string(runs[0].ID), false); err != nil {
				h.Fatalf("Rollback: %v", err)
			}
			h.resolve()
			if got := h.digest(); got != before {
				h.Errorf("digest after the rollback %s, before the run %s", got, before)
			}
			all, err := h.g.History(ctx, own)
			if err != nil || !reflect.DeepEqual(names(all), []any{"one", "two", "one"}) {
				h.Errorf("History = %v, %v", names(all), err)
			}
		}},
		{"an id that redirects comes back", func(h *hub) {
			h.land("c", customer("c", "1", 1, "one"), customer("c", "2", 1, "second"))
			h.land("c", customer("c", "2", 2, "two"))
			one, two := h.member("c", "1"), h.member("c", "2")
			err := h.db.Update(ctx, func(tx *store.Tx) error {
				_, err := tx.Exec(ctx, "INSERT INTO redirect (id, target, at) VALUES ($1, $2, 1)", two.Own[:], one.Own[:])
				return err
			})
			if err != nil {
				h.Fatal(err)
			}
			h.dirty() // the resolver reads first
			rest, err := h.g.Alone(ctx, []entity.RecordID{one.ID, two.ID})
			if err != nil || !slices.Equal(rest, []entity.RecordID{two.ID}) {
				h.Errorf("Alone = %v, %v, want to leave the second", rest, err)
			}
			h.resolve()
			if v := h.get(two.Own); v.ID != two.Own || v.Fields["full_name"] != "two" {
				h.Errorf("Get = %+v", v)
			}
		}},
		{"a resolve of all that broke off", func(h *hub) {
			rows := landings{customer("c", "1", 1, "one"), customer("c", "2", 1, "two"), customer("c", "3", 1, "three"), customer("c", "4", 1, "four")}
			h.land("c", rows...)
			all := h.dirty()
			if err := h.g.BeginAll(ctx); err != nil {
				h.Fatal(err)
			}
			if rest, err := h.g.Alone(ctx, []entity.RecordID{all[0].ID, all[1].ID}); err != nil || len(rest) != 0 {
				h.Fatalf("Alone = %v, %v", rest, err)
			}
			if n := h.count("SELECT count(*) FROM xref"); n != 0 {
				h.Errorf("%d cross-references, want none for those that stand alone", n)
			}
			next := &hub{TB: h.TB, db: h.db, g: Golden(h.TB, h.db)}
			next.land("c", customer("c", "1", 2, "uno"), customer("c", "5", 1, "five"))
			dirty := next.dirty()
			var ids []entity.RecordID
			for _, m := range dirty {
				ids = append(ids, m.ID)
				if known := m.ID == all[0].ID; !known && !m.Entity.Zero() || known && m.Entity != m.Own {
					h.Errorf("record %d is of %v, own id %v", m.ID, m.Entity, m.Own)
				}
			}
			if !slices.Equal(ids, []entity.RecordID{all[0].ID, all[2].ID, all[3].ID, all[3].ID + 1}) {
				h.Errorf("%v are dirty, want all but the second", ids)
			}
			next.resolve()
			if v := next.get(all[1].Own); v.Version != 1 || len(v.Members) != 1 {
				h.Errorf("the second reads %+v", v)
			}
			if v := next.get(all[0].Own); v.Version != 2 || v.Fields["full_name"] != "uno" {
				h.Errorf("the first reads %+v", v)
			}
			other := newHub(h.TB, open)
			rows[0] = customer("c", "1", 2, "uno")
			other.land("c", append(rows, customer("c", "5", 1, "five"))...)
			other.resolve()
			if got, want := next.digest(), other.digest(); got != want {
				h.Errorf("digest %s, of an unbroken resolve %s", got, want)
			}
		}},
		{"what lands while all are resolved is dirty", func(h *hub) {
			h.land("c", customer("c", "1", 1, "one"), customer("c", "2", 1, "two"))
			all := h.dirty()
			if err := h.g.BeginAll(ctx); err != nil {
				h.Fatal(err)
			}
			h.land("c", customer("c", "3", 1, "three"), customer("c", "4", 1, "four"))
			if rest, err := h.g.Alone(ctx, []entity.RecordID{all[0].ID, all[1].ID, all[1].ID + 1}); err != nil || len(rest) != 0 {
				h.Fatalf("Alone = %v, %v", rest, err)
			}
			if err := h.g.EndAll(ctx); err != nil {
				h.Fatal(err)
			}
			if h.db.Kind() == store.Postgres && h.count("SELECT reltuples::bigint FROM pg_class WHERE oid = 'xref'::regclass") < 0 {
				h.Error("the server's planner was not told what xref holds")
			}
			if dirty := h.dirty(); len(dirty) != 1 || dirty[0].ID != all[1].ID+2 {
				h.Errorf("%d are dirty, want the fourth", len(dirty))
			}
			h.resolve()
			if dirty, current, err := h.g.Stat(ctx); dirty != 0 || current != 4 || err != nil {
				h.Errorf("Stat = %d, %d, %v", dirty, current, err)
			}
		}},
		{"what changed since the resolver read it is left", func(h *hub) {
			h.land("c", customer("c", "1", 1, "one"), customer("c", "2", 1, "two"))
			all := h.dirty()
			h.land("c", customer("c", "1", 2, "uno"), record.Landing{Key: "2", Deleted: true})
			rest, err := h.g.Alone(ctx, []entity.RecordID{all[0].ID, all[1].ID})
			if err != nil || len(rest) != 2 {
				h.Errorf("Alone = %v, %v, want to leave both", rest, err)
			}
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			tt.f(newHub(t, open))
		})
	}
}
