package storetest

import (
	"context"
	"fmt"
	"math/rand/v2"
	"testing"

	"crmhub/record"
)

// history makes rows of some customers and orders: several versions of each
// key at different instants, doubles, versions of one instant, deletes, guests, refused rows.
func history(r *rand.Rand) landings {
	var rows landings
	for key := range 12 {
		k := fmt.Sprint(key)
		for v := range 1 + r.IntN(4) {
			email := fmt.Sprintf("p%d@x.cn", r.IntN(8))
			rows = append(rows, customer("c", k, 1+r.IntN(6), fmt.Sprintf("name %d %d", key, v), email))
		}
		if r.IntN(4) == 0 {
			rows = append(rows, row("c", k, record.Record{Ref: ref("c", record.Customer, k), Op: record.Delete, UpdatedAt: day(1 + r.IntN(6))}))
		}
	}
	for i := range 4 {
		rows = append(rows, customer("c", fmt.Sprintf("u%d", i), 0, fmt.Sprintf("unique %d", i), fmt.Sprintf("p%d@x.cn", i)))
		rows = append(rows, refused("c", fmt.Sprintf("bad%d", i), fmt.Sprintf(`{"bad":%d}`, i)))
	}
	for range 5 {
		rows = append(rows, rows[r.IntN(len(rows))])
	}
	// An undated row may come twice only as itself.
	return rows
}

// testOrder holds promise 4 for the store: any order and batching of rows that
// are dated, or unique, gives the same content.
func testOrder(t *testing.T, open Open) {
	for seed := range uint64(4) {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
			t.Parallel()
			r := rand.New(rand.NewPCG(seed, 1))
			rows := history(r)
			want := ""
			for try := range 4 {
				r.Shuffle(len(rows), func(i, j int) { rows[i], rows[j] = rows[j], rows[i] })
				h := newHub(t, open)
				for rest := rows; len(rest) > 0; {
					var batches []landings
					for n := 1 + r.IntN(3); n > 0 && len(rest) > 0; n-- {
						size := min(1+r.IntN(20), len(rest))
						batches = append(batches, rest[:size])
						rest = rest[size:]
					}
					h.run(spec("c"), batches...)
					if r.IntN(2) == 0 {
						h.resolve()
					}
				}
				h.resolve()
				got := h.digest()
				if want == "" {
					want = got
				}
				if got != want {
					d, err := h.g.Digest(context.Background())
					t.Errorf("try %d: digest %+v (%v), want %s", try, d, err, want)
				}
				if err := h.db.Close(); err != nil {
					t.Error(err)
				}
			}
		})
	}
}

// Equal holds that the same rows give the same digest in both databases.
func Equal(t *testing.T, a, b Open) {
	r := rand.New(rand.NewPCG(9, 9))
	rows := history(r)
	digest := func(open Open) string {
		h := newHub(t, open)
		h.run(spec("c"), rows)
		h.resolve()
		m := h.current()
		h.judge(m[0].ID, m[1].ID, "cannot_link")
		h.resolve()
		return h.digest()
	}
	if x, y := digest(a), digest(b); x != y {
		t.Errorf("digests %s and %s", x, y)
	}
}
