package storetest

import (
	"context"
	"fmt"
	"testing"

	"crmhub/mdm"
	"crmhub/mdm/entity"
	"crmhub/record"
	"crmhub/store"
)

// testManyTokens holds that bringing the index in line for very many records at
// once, by appending, and for some thousands, by walking beside the table, leaves what
// one by one would.
func testManyTokens(t *testing.T, open Open) {
	ctx := context.Background()
	h := newHub(t, open)
	const many, limit = 20_500, 40
	email := func(i int) string { return fmt.Sprintf("p%d@x.cn", i%(many/41)) } // 41 hold each
	var rows landings
	for i := range many {
		rows = append(rows, customer("c", fmt.Sprint(i), 1, "x", email(i), fmt.Sprintf("own%d@x.cn", i)))
	}
	h.land("c", rows...)
	sync := func() int {
		h.Helper()
		crossed := map[entity.RecordID]bool{}
		var r entity.Resolution
		for after := entity.RecordID(0); ; {
			part, err := h.g.Dirty(ctx, after, 5000)
			if err != nil {
				h.Fatal(err)
			}
			if len(part) == 0 {
				break
			}
			after = part[len(part)-1].ID
			var changes []mdm.TokenChange
			for _, m := range part {
				changes = append(changes, mdm.TokenChange{ID: m.ID, Add: m.Blocks, Drop: m.Stale})
				if m.Deleted {
					r.Cleared = append(r.Cleared, m.ID)
				} else {
					r.Components = append(r.Components, entity.Component{Entities: []entity.Golden{{ID: m.Own, Members: []entity.RecordID{m.ID}}}})
				}
			}
			ids, err := h.g.SyncTokens(ctx, changes, limit)
			if err != nil {
				h.Fatal(err)
			}
			for _, id := range ids {
				crossed[id] = true
			}
		}
		if err := h.g.Apply(ctx, r); err != nil {
			h.Fatal(err)
		}
		return len(crossed)
	}
	check := func(current int64) {
		h.Helper()
		// Two blocking tokens and three for search: both addresses and the name.
		if got, want := h.count("SELECT count(*) FROM token"), 5*current; got != want {
			h.Errorf("%d lines in the token table, want %d", got, want)
		}
		if got := h.count("SELECT count(*) FROM token t LEFT JOIN record r ON r.id = t.record AND r.deleted = 0 WHERE r.id IS NULL"); got != 0 {
			h.Errorf("%d lines of records that are not current", got)
		}
		if got := h.count("SELECT count(*) FROM xref WHERE dirty <> 0 OR stale IS NOT NULL"); got != 0 {
			h.Errorf("%d cross-references are dirty or have stale tokens", got)
		}
	}
	if got := sync(); got != many {
		h.Errorf("%d records crossed the limit, want all %d", got, many)
	}
	check(many)
	// Some thousands change, a few go: their crowds cross back.
	rows = nil
	for i := range 3000 {
		if i%3 == 0 {
			rows = append(rows, record.Landing{Key: fmt.Sprint(i), Deleted: true})
		} else {
			rows = append(rows, customer("c", fmt.Sprint(i), 2, "x", email(i), fmt.Sprintf("new%d@x.cn", i)))
		}
	}
	h.land("c", rows...)
	if got := sync(); got == 0 {
		h.Error("no record crossed back")
	}
	for range 2 { // those that crossed are dirty by now
		sync()
	}
	check(many - 1000)
	err := h.db.Update(ctx, func(tx *store.Tx) error {
		_, err := tx.Exec(ctx, "UPDATE xref SET dirty = 1")
		return err
	})
	if err != nil {
		h.Fatal(err)
	}
	before := h.count("SELECT count(*) FROM outbox")
	h.g = Golden(h, h.db) // a process that knows nothing of what was synced
	if got := sync(); got != 0 {
		h.Errorf("%d records crossed though nothing changed", got)
	}
	check(many - 1000)
	if got := h.count("SELECT count(*) FROM outbox"); got != before {
		h.Error("applying the same again wrote golden records")
	}
}
