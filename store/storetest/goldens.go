package storetest

import (
	"context"
	"fmt"
	"reflect"
	"slices"
	"testing"

	"crmhub/mdm/entity"
	"crmhub/record"
	"crmhub/store/golden"
)

func (h *hub) judge(a, b entity.RecordID, kind entity.Kind) {
	h.Helper()
	if err := h.g.Judge(context.Background(), entity.Judgement{A: a, B: b, Kind: kind, By: "steward", Reason: "seen the papers"}); err != nil {
		h.Errorf("Judge: %v", err)
	}
}

func judgement(a, b entity.RecordID, reason string) entity.Judgement {
	return entity.Judgement{A: a, B: b, Kind: entity.MustLink, By: "steward", Reason: reason}
}

func (h *hub) get(id entity.ID) golden.View {
	h.Helper()
	v, err := h.g.Get(context.Background(), id)
	if err != nil {
		h.Fatalf("Get: %v", err)
	}
	return v
}

func testGoldens(t *testing.T, open Open) {
	ctx := context.Background()
	for _, tt := range []struct {
		name string
		f    func(*hub)
	}{
		{"records become golden, and the same again writes nothing", func(h *hub) {
			h.land("c", customer("c", "1", 1, "Li Wei", "li@x.cn"), customer("c", "2", 2, "李伟", "li@x.cn", "wei@x.cn"), customer("c", "3", 1, "Ann"))
			h.resolve()
			one, two := h.member("c", "1"), h.member("c", "2")
			if one.Entity != two.Entity || one.Entity != one.Own || one.Component != one.ID || h.member("c", "3").Component != 0 {
				h.Errorf("members %+v and %+v are not one entity with the older one's id", one, two)
			}
			v := h.get(one.Own)
			if v.ID != one.Own || v.Fields["full_name"] != "Li Wei" || len(v.Members) != 2 || v.Version != 1 || v.Status != golden.Active {
				h.Errorf("Get = %+v", v)
			}
			if got := v.Provenance["full_name"]; got.From != one.Ref || got.Rule != "smallest_ref" {
				h.Errorf("provenance = %+v", got)
			}
			if got := v.Provenance["emails"]; !reflect.DeepEqual(got.All, []record.Ref{one.Ref, two.Ref}) || got.From.Key != "" {
				h.Errorf("provenance of a union = %+v", got)
			}
			if v.Members[1].Fields["full_name"] != "李伟" || !v.Members[1].UpdatedAt.Equal(day(2)) {
				h.Errorf("members = %+v", v.Members)
			}
			outbox, hist := h.count("SELECT count(*) FROM outbox"), h.count("SELECT count(*) FROM golden_history")
			h.dirtyAll()
			h.resolve()
			if h.count("SELECT count(*) FROM outbox") != outbox || h.count("SELECT count(*) FROM golden_history") != hist {
				h.Error("resolving the same again wrote golden records")
			}
		}},
		{"a merge redirects, an unmerge gives the id back", func(h *hub) {
			h.land("c", customer("c", "1", 1, "a", "a@x.cn"), customer("c", "2", 1, "b", "b@x.cn"), customer("c", "3", 1, "c", "c@x.cn"))
			h.resolve()
			one, two, three := h.member("c", "1"), h.member("c", "2"), h.member("c", "3")
			h.land("c", customer("c", "3", 2, "c", "c@x.cn", "b@x.cn"))
			h.resolve()
			if v := h.get(three.Own); v.ID != two.Own || v.RedirectedFrom != three.Own || v.Version != 2 {
				h.Errorf("after the merge Get = %+v", v)
			}
			h.land("c", customer("c", "2", 3, "b", "b@x.cn", "a@x.cn"))
			h.resolve()
			for _, m := range []entity.Member{two, three} {
				if v := h.get(m.Own); v.ID != one.Own || v.RedirectedFrom != m.Own || len(v.Members) != 3 {
					h.Errorf("after the second merge Get(%x) = %+v", m.Own, v)
				}
			}
			if got := h.count("SELECT count(*) FROM redirect WHERE target IN (SELECT id FROM redirect)"); got != 0 {
				h.Errorf("%d redirects lead to redirects", got)
			}
			h.land("c", customer("c", "2", 4, "b", "b@x.cn"), customer("c", "3", 4, "c", "c@x.cn"))
			h.resolve()
			if v := h.get(three.Own); v.ID != three.Own || v.RedirectedFrom != (entity.ID{}) || v.Fields["full_name"] != "c" {
				h.Errorf("after the unmerge Get = %+v", v)
			}
			all, err := h.g.History(ctx, three.Own)
			if err != nil || len(all) != 3 || all[0].Status != golden.Active || all[1].Status != golden.Redirected || all[2].Fields["full_name"] != "c" {
				h.Errorf("History = %+v, %v", all, err)
			}
			// As of the time of the merge its members were with another.
			v, err := h.g.AsOf(ctx, two.Own, all[1].UpdatedAt)
			if err != nil || len(v.Members) != 2 {
				h.Errorf("AsOf = %+v, %v", v, err)
			}
			if _, err := h.g.AsOf(ctx, two.Own, day(1)); err == nil {
				h.Error("AsOf finds a golden record before there was one")
			}
		}},
		{"an entity without members is retired", func(h *hub) {
			h.land("c", customer("c", "1", 1, "a", "a@x.cn"))
			h.resolve()
			own := h.member("c", "1").Own
			h.land("c", record.Landing{Key: "1", Deleted: true})
			h.resolve()
			if v := h.get(own); v.Status != golden.Retired || len(v.Members) != 0 {
				h.Errorf("Get = %+v", v)
			}
			if found, err := h.g.Search(ctx, "", "a@x.cn", 5); err != nil || len(found) != 0 {
				h.Errorf("Search finds %d retired ones (%v)", len(found), err)
			}
			h.land("c", customer("c", "1", 2, "a", "a@x.cn"))
			h.resolve()
			if v := h.get(own); v.Status != golden.Active || v.Version != 3 {
				h.Errorf("after it came back Get = %+v", v)
			}
		}},
		{"search finds by indexed fields, ids by their beginning", func(h *hub) {
			h.land("c", customer("c", "1", 1, "Li Wei", "li@x.cn"), customer("c", "2", 1, "Ann Lee", "ann@x.cn"))
			h.resolve()
			for _, tt := range []struct {
				field, value string
				want         int
			}{{"emails", "li@x.cn", 1}, {"emails", "LI@x.cn ", 1}, {"", "Ann Lee", 1}, {"full_name", "li@x.cn", 0}, {"tags", "x", 0}, {"", "nobody", 0}} {
				found, err := h.g.Search(ctx, tt.field, tt.value, 0)
				if err != nil || len(found) != tt.want {
					h.Errorf("Search(%s, %s) finds %d (%v), want %d", tt.field, tt.value, len(found), err, tt.want)
				}
			}
			h.land("c", customer("c", "1", 2, "Li Wei", "new@x.cn"))
			h.resolve()
			if found, err := h.g.Search(ctx, "emails", "li@x.cn", 0); err != nil || len(found) != 0 {
				h.Errorf("a value of an earlier version is found (%v)", err)
			}
			own := h.member("c", "1").Own
			text := golden.IDText(own)
			if id, err := h.g.ResolveID(ctx, text); err != nil || id != own {
				h.Errorf("ResolveID(whole) = %x, %v", id, err)
			}
			if id, err := h.g.ResolveID(ctx, text[:30]); err != nil || id != own {
				h.Errorf("ResolveID(beginning) = %x, %v", id, err)
			}
			_, err := h.g.ResolveID(ctx, text[:4])
			h.wantCode(err, "E5021")
			_, err = h.g.ResolveID(ctx, "ffff")
			h.wantCode(err, "E5020")
			if v, err := h.g.Find(ctx, ref("c", record.Customer, "2")); err != nil || v.Fields["full_name"] != "Ann Lee" {
				h.Errorf("Find = %+v, %v", v, err)
			}
			n := 0
			if err := h.g.Each(ctx, func(v golden.View) error { n += len(v.Members); return nil }); err != nil || n != 2 {
				h.Errorf("Each lists %d members (%v), want 2", n, err)
			}
		}},
		{"orders and their payments follow a merge", func(h *hub) {
			s := spec("o")
			link := func(t record.Type, key string) map[string]any {
				return map[string]any{"source": "shop", "stream": map[record.Type]string{record.Customer: "c", record.Order: "o"}[t], "type": string(t), "key": key}
			}
			h.land("c", customer("c", "1", 1, "a", "a@x.cn"), customer("c", "2", 1, "b", "b@x.cn"))
			h.run(s, landings{
				row("o", "10", record.Record{Ref: ref("o", record.Order, "10"), Fields: record.Fields{"number": "10", "customer_ref": link(record.Customer, "2")}, UpdatedAt: day(1)}),
				row("o", "11", record.Record{Ref: ref("o", record.Payment, "11"), Fields: record.Fields{"number": "11", "order_ref": link(record.Order, "10")}, UpdatedAt: day(1)}),
			})
			h.resolve()
			one, two := h.member("c", "1").Own, h.member("c", "2").Own
			related := func(id entity.ID, t record.Type) int {
				all, err := h.g.Related(ctx, id, t)
				if err != nil {
					h.Fatalf("Related: %v", err)
				}
				return len(all)
			}
			if related(one, record.Order) != 0 || related(two, record.Order) != 1 || related(two, record.Payment) != 1 {
				h.Error("orders and payments are not found through their customer")
			}
			h.land("c", customer("c", "2", 2, "b", "b@x.cn", "a@x.cn"))
			h.resolve()
			if related(one, record.Order) != 1 || related(two, record.Payment) != 1 {
				h.Error("orders and payments did not follow the merge")
			}
			h.run(s, landings{row("o", "10", record.Record{Ref: ref("o", record.Order, "10"), Fields: record.Fields{"number": "10"}, UpdatedAt: day(2)})})
			if related(one, record.Order) != 0 {
				h.Error("an order that names nobody any more is still found")
			}
		}},
		{"a token that too many hold makes its holders dirty, both ways", func(h *hub) {
			var rows landings
			for i := range 6 {
				rows = append(rows, customer("c", fmt.Sprint(i), 1, "x", "same@x.cn"))
			}
			h.land("c", rows[:3]...)
			sync := func(want int) {
				h.Helper()
				dirty := h.dirty()
				r := entity.Resolution{}
				for _, m := range dirty {
					if m.Deleted {
						r.Cleared = append(r.Cleared, m.ID)
					} else {
						r.Components = append(r.Components, entity.Component{Entities: []entity.Golden{{ID: m.Own, Fields: m.Fields, Members: []entity.RecordID{m.ID}}}})
					}
				}
				crossed := h.syncTokens(dirty, 3)
				if len(crossed) != want {
					h.Errorf("SyncTokens returns %d crossing, want %d", len(crossed), want)
				}
				for _, id := range crossed {
					if h.count("SELECT count(*) FROM xref WHERE record = $1 AND dirty <> 0", int64(id)) != 1 {
						h.Errorf("record %d crossed and is not dirty", id)
					}
				}
				if !slices.IsSorted(crossed) {
					h.Errorf("crossing ids %v do not ascend", crossed)
				}
				if err := h.g.Apply(ctx, r); err != nil {
					h.Fatal(err)
				}
			}
			sync(0)
			token := h.member("c", "0").Blocks[0]
			holders := func() []entity.RecordID {
				m, err := h.g.Holders(ctx, []entity.Token{token}, 3)
				if err != nil {
					h.Fatal(err)
				}
				return m[token]
			}
			if got := holders(); len(got) != 3 {
				h.Errorf("holders = %v, want 3", got)
			}
			h.land("c", rows[3:]...)
			sync(6)
			if got := holders(); got != nil {
				h.Errorf("holders = %v, want nil: too many", got)
			}
			h.land("c", customer("c", "7", 1, "x", "same@x.cn"))
			sync(0)
			h.land("c", customer("c", "0", 2, "x"), record.Landing{Key: "1", Deleted: true}, customer("c", "2", 2, "x", "other@x.cn"), record.Landing{Key: "3", Deleted: true})
			sync(3)
			if got := holders(); len(got) != 3 {
				h.Errorf("holders = %v, want 3", got)
			}
		}},
		{"what changes while the resolver works stays dirty", func(h *hub) {
			h.land("c", customer("c", "1", 1, "a", "a@x.cn"))
			dirty := h.dirty()
			if len(dirty) != 1 {
				h.Fatalf("%d records are dirty, want 1", len(dirty))
			}
			h.land("c", customer("c", "1", 2, "b", "a@x.cn"))
			m := dirty[0]
			err := h.g.Apply(ctx, entity.Resolution{Components: []entity.Component{{Entities: []entity.Golden{{ID: m.Own, Fields: m.Fields, Members: []entity.RecordID{m.ID}}}}}})
			if err != nil {
				h.Fatal(err)
			}
			if n, _, err := h.g.Stat(ctx); err != nil || n != 1 {
				h.Errorf("%d dirty (%v), want 1", n, err)
			}
			h.resolve()
			if v := h.get(m.Own); v.Fields["full_name"] != "b" {
				h.Errorf("Get = %+v", v)
			}
		}},
		{"judgements: the later word on a pair is in force", func(h *hub) {
			h.land("c", customer("c", "1", 1, "a"), customer("c", "2", 1, "b"), customer("c", "3", 1, "c"))
			h.resolve()
			a, b := h.member("c", "1").ID, h.member("c", "2").ID
			h.judge(b, a, entity.CannotLink)
			if n, _, err := h.g.Stat(ctx); err != nil || n != 2 {
				h.Errorf("%d dirty (%v), want 2", n, err)
			}
			h.resolve()
			h.judge(a, b, entity.CannotLink)
			if n, _, err := h.g.Stat(ctx); err != nil || n != 0 {
				h.Errorf("the same word again made %d dirty (%v)", n, err)
			}
			h.judge(a, b, entity.MustLink)
			got, err := h.g.Judgements(ctx, []entity.RecordID{b})
			if err != nil || len(got) != 1 || got[0].Kind != entity.MustLink || got[0].A != a || got[0].Reason != "seen the papers" || got[0].By != "steward" {
				h.Errorf("Judgements = %+v, %v", got, err)
			}
			if all, err := h.g.Judgements(ctx, nil); err != nil || len(all) != 1 {
				h.Errorf("Judgements(nil) = %+v, %v", all, err)
			}
			if err := h.g.Skip(ctx, entity.Judgement{A: b, B: a, By: "steward", At: day(3), Reason: "ask the shop"}); err != nil {
				h.Errorf("Skip: %v", err)
			}
			if left, err := h.g.Judgements(ctx, nil); err != nil || len(left) != 1 || left[0].Kind != entity.MustLink {
				h.Errorf("after a skip Judgements = %+v, %v", left, err)
			}
			if skips, err := h.g.Skipped(ctx); err != nil || len(skips) != 1 || !skips[fmt.Sprintf("%d-%d", a, b)] {
				h.Errorf("Skipped = %v, %v", skips, err)
			}
			h.wantCode(h.g.Skip(ctx, entity.Judgement{A: a, B: 999}), "E5022")
			places, err := h.g.Places(ctx, []entity.RecordID{a, b, 999})
			if p := places[a]; err != nil || len(places) != 2 || p.Record != a || p.Version != 1 || p.Size != 1 || p.Entity != h.member("c", "1").Entity {
				h.Errorf("Places = %+v, %v", places, err)
			}
			h.wantCode(h.g.Judge(ctx, entity.Judgement{A: a, B: 999, Kind: entity.MustLink}), "E5022")
			h.wantCode(h.g.Judge(ctx, entity.Judgement{A: a, B: a, Kind: entity.MustLink}), "E5022")
		}},
		{"a deleted founder leaves its id to the heir and gets another", func(h *hub) {
			h.land("c", customer("c", "1", 1, "a", "a@x.cn"), customer("c", "2", 1, "a", "a@x.cn"))
			h.resolve()
			one, two := h.member("c", "1"), h.member("c", "2")
			gone := row("c", "1")
			gone.Deleted = true
			h.land("c", gone)
			g := survivor([]entity.Member{two})
			g.ID = one.Own
			err := h.g.Apply(ctx, entity.Resolution{
				Components: []entity.Component{{Entities: []entity.Golden{g}}},
				Owns:       map[entity.RecordID]entity.ID{two.ID: one.Own},
				Redirects:  map[entity.ID]entity.ID{two.Own: one.Own},
				Cleared:    []entity.RecordID{one.ID},
			})
			if err != nil {
				h.Fatalf("Apply: %v", err)
			}
			if heir := h.member("c", "2"); heir.Own != one.Own || heir.Entity != one.Own {
				h.Errorf("the heir's own id is %x in %x, want %x", heir.Own, heir.Entity, one.Own)
			}
			h.land("c", customer("c", "1", 2, "a", "other@x.cn"))
			if back := h.member("c", "1"); back.Own == one.Own || back.Own.Zero() || !back.Entity.Zero() {
				h.Errorf("the founder is back with the id %x in %x, want a new one in none", back.Own, back.Entity)
			}
		}},
		{"another model makes tokens anew and everything dirty", func(h *hub) {
			h.land("c", customer("c", "1", 1, "a", "a@x.cn"))
			h.resolve()
			old := h.member("c", "1").Blocks
			next := golden.New(h.db, golden.Options{Schemas: Schemas(h), Model: "test 2", Features: func(dst []byte, _ record.Fields, block func([]byte)) []byte {
				block([]byte("all"))
				return dst
			}})
			if n, _, err := next.Stat(ctx); err != nil || n != 1 {
				h.Errorf("%d dirty (%v), want 1", n, err)
			}
			h.g = next
			if dirty := h.dirty(); len(dirty) != 1 {
				h.Errorf("%d records are dirty, want 1", len(dirty))
			}
			m := h.member("c", "1")
			if reflect.DeepEqual(m.Blocks, old) || !reflect.DeepEqual(m.Stale, old) {
				h.Errorf("tokens %x, stale %x, want new ones and %x stale", m.Blocks, m.Stale, old)
			}
			h.resolve()
			if n, _, err := next.Stat(ctx); err != nil || n != 0 {
				h.Errorf("%d dirty (%v), want 0", n, err)
			}
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			tt.f(newHub(t, open))
		})
	}
}
