package storetest

import (
	"context"
	"fmt"
	"slices"
	"testing"

	"crmhub/store"
)

// testKeys holds that statements for many keys find, change and remove these
// rows and no others, whether the keys lie beside each other, far apart, or are not there.
func testKeys(t *testing.T, open Open) {
	ctx := context.Background()
	db := open(t)
	const rows = 1000
	for _, tt := range []struct {
		name string
		keys []int64
		want int64
	}{
		{"one", []int64{500}, 1},
		{"side by side", []int64{10, 11, 12, 13}, 4},
		{"every third", []int64{21, 24, 27, 30, 33}, 5},
		{"in no order", []int64{47, 41, 44}, 3},
		{"far apart", []int64{1, 600, 1000}, 3},
		{"some missing", []int64{-5, 999, 1000, 1001, 5000}, 2},
		{"all missing", []int64{1001, 1002, 1003}, 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var found, changed []int64
			var removed int64
			err := db.Update(ctx, func(tx *store.Tx) error {
				if _, err := tx.Exec(ctx, "DELETE FROM outbox"); err != nil {
					return err
				}
				err := tx.Insert(ctx, "outbox", []string{"id", "at", "run", "events"}, rows, func(i int, v []any) {
					v[0], v[1], v[2], v[3] = int64(i+1), int64(0), int64(0), []byte{1}
				})
				if err != nil {
					return err
				}
				err = tx.InInts(ctx, tt.keys, func(r store.Row) error {
					found = append(found, r.Int(0))
					return nil
				}, "SELECT o.id FROM outbox o WHERE (o.id IN ($keys)) AND o.at = $1", int64(0))
				if err != nil {
					return err
				}
				err = tx.Change(ctx, "outbox", []string{"id", "run"}, len(tt.keys), func(i int, v []any) { v[0], v[1] = tt.keys[i], int64(7) })
				if err != nil {
					return err
				}
				err = tx.Each(ctx, func(r store.Row) error {
					changed = append(changed, r.Int(0))
					return nil
				}, "SELECT id FROM outbox WHERE run = 7 ORDER BY id")
				if err != nil {
					return err
				}
				if removed, err = tx.Remove(ctx, "outbox", len(tt.keys), func(i int, v []any) { v[0] = tt.keys[i] }); err != nil {
					return err
				}
				left, err := tx.Int(ctx, "SELECT count(*) FROM outbox")
				if err == nil && left != rows-removed {
					err = fmt.Errorf("%d rows left, %d removed", left, removed)
				}
				return err
			})
			if err != nil {
				t.Fatal(err)
			}
			slices.Sort(found)
			if int64(len(found)) != tt.want || !slices.Equal(found, changed) || removed != tt.want {
				t.Errorf("found %v, changed %v, removed %d, want %d of %v", found, changed, removed, tt.want, tt.keys)
			}
		})
	}
}
