package storetest

import (
	"context"
	"encoding/json"
	"reflect"
	"testing"
	"time"

	"crmhub/mdm/entity"
	"crmhub/store/golden"
)

func (h *hub) override(o entity.Override) int64 {
	h.Helper()
	id, err := h.g.Override(context.Background(), o)
	if err != nil {
		h.Fatalf("Override: %v", err)
	}
	return id
}

func (h *hub) wantDirty(want int64) {
	h.Helper()
	if n, _, err := h.g.Stat(context.Background()); err != nil || n != want {
		h.Errorf("%d records are dirty (%v), want %d", n, err, want)
	}
}

func testOverrides(t *testing.T, open Open) {
	ctx := context.Background()
	for _, tt := range []struct {
		name string
		f    func(h *hub)
	}{
		{"a steward's value stands until the next one", func(h *hub) {
			h.land("c", customer("c", "1", 1, "a", "a@x.cn"), customer("c", "2", 1, "b", "b@x.cn"))
			h.resolve()
			before := h.digest()
			m := h.member("c", "1")
			o := entity.Override{Record: m.ID, Attribute: "full_name", Value: "Aa", By: "li.na", At: day(5), Reason: "passport seen"}
			first := h.override(o)
			h.wantDirty(1)
			h.resolve()
			if again := h.override(o); again != first {
				h.Errorf("the same word again is number %d, want %d", again, first)
			}
			h.wantDirty(0)
			if h.digest() == before {
				h.Error("an override doesn't change the digest")
			}
			o.Value, o.At, o.Until = "Ab", day(6), day(20)
			h.override(o)
			list := entity.Override{Record: m.ID, Attribute: "tags", Value: []any{"vip", json.Number("1.5"), map[string]any{"a": nil}}, By: "li.na", At: day(7)}
			h.override(list)
			got, err := h.g.Overrides(ctx, []entity.RecordID{m.ID, 99})
			if want := []entity.Override{o, list}; err != nil || !reflect.DeepEqual(got, want) {
				h.Errorf("Overrides = %+v, %v\nwant %+v", got, err, want)
			}
			if all, err := h.g.Overrides(ctx, nil); err != nil || len(all) != 2 {
				h.Errorf("Overrides(nil) = %+v, %v", all, err)
			}
			if ids, err := h.g.Overridden(ctx); err != nil || !reflect.DeepEqual(ids, []entity.RecordID{m.ID}) {
				h.Errorf("Overridden = %v, %v", ids, err)
			}
			every, err := h.g.ListOverrides(ctx, true)
			if err != nil || len(every) != 3 || every[0].Ending != golden.Superseded || !every[0].Ended.Equal(day(6)) || every[1].Ending != "" || every[1].Entity != m.Own {
				h.Errorf("ListOverrides = %+v, %v", every, err)
			}
			_, err = h.g.Override(ctx, entity.Override{Record: 99, Attribute: "full_name"})
			h.wantCode(err, "E5022")
		}},
		{"it is taken back, or lapses when a run says so", func(h *hub) {
			h.land("c", customer("c", "1", 1, "a"), customer("c", "2", 1, "b"))
			h.resolve()
			a, b := h.member("c", "1").ID, h.member("c", "2").ID
			before := h.digest()
			first := h.override(entity.Override{Record: a, Attribute: "full_name", Value: "x", At: day(2), Until: day(9)})
			second := h.override(entity.Override{Record: b, Attribute: "full_name", Value: "y", At: day(2)})
			h.resolve()
			if n, err := h.g.LapseOverrides(ctx, day(9).Add(-time.Second)); err != nil || n != 0 {
				h.Errorf("%d lapsed before their time (%v)", n, err)
			}
			h.wantDirty(0)
			if n, err := h.g.LapseOverrides(ctx, day(9)); err != nil || n != 1 {
				h.Errorf("%d lapsed (%v), want 1", n, err)
			}
			h.wantDirty(1)
			h.wantCode(h.g.EndOverride(ctx, first), "E5023")
			if err := h.g.EndOverride(ctx, second); err != nil {
				h.Errorf("EndOverride: %v", err)
			}
			h.wantDirty(2)
			h.wantCode(h.g.EndOverride(ctx, second), "E5023")
			if left, err := h.g.ListOverrides(ctx, false); err != nil || len(left) != 0 {
				h.Errorf("%+v stand (%v)", left, err)
			}
			all, err := h.g.ListOverrides(ctx, true)
			if err != nil || len(all) != 2 || all[0].Ending != golden.Lapsed || all[1].Ending != golden.Revoked {
				h.Errorf("ListOverrides = %+v, %v", all, err)
			}
			h.resolve()
			if h.digest() != before {
				h.Error("ended overrides stay in the digest")
			}
		}},
		{"a deleted founder's override moves to the heir", func(h *hub) {
			h.land("c", customer("c", "1", 1, "a", "a@x.cn"), customer("c", "2", 1, "a", "a@x.cn"))
			h.resolve()
			one, two := h.member("c", "1"), h.member("c", "2")
			h.override(entity.Override{Record: one.ID, Attribute: "owner", Value: "li.na", At: day(2)})
			gone := row("c", "1")
			gone.Deleted = true
			h.land("c", gone)
			g := survivor([]entity.Member{two})
			g.ID = one.Own
			err := h.g.Apply(ctx, entity.Resolution{
				Components: []entity.Component{{Entities: []entity.Golden{g}}},
				Owns:       map[entity.RecordID]entity.ID{two.ID: one.Own},
				Redirects:  map[entity.ID]entity.ID{two.Own: one.Own},
				Heirs:      map[entity.RecordID]entity.RecordID{one.ID: two.ID},
				Cleared:    []entity.RecordID{one.ID},
			})
			if err != nil {
				h.Fatalf("Apply: %v", err)
			}
			if got, err := h.g.Overrides(ctx, []entity.RecordID{two.ID}); err != nil || len(got) != 1 || got[0].Value != "li.na" {
				h.Errorf("Overrides = %+v, %v", got, err)
			}
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			tt.f(newHub(t, open))
		})
	}
}
