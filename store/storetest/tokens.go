package storetest

import (
	"context"
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"crmhub/mdm"
	"crmhub/mdm/entity"
	"crmhub/record"
	"crmhub/store"
)

// testManyTokens holds that the token index is the same whether it came line
// by line, was worked into the segments, or was replaced whole.
func testManyTokens(t *testing.T, open Open) {
	for seed := range uint64(6) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			t.Parallel()
			x := &indexed{hub: newHub(t, open), rng: rand.New(rand.NewPCG(seed, 5)), limit: 4}
			for range 12 {
				x.change()
			}
		})
	}
	t.Run("many", func(t *testing.T) {
		t.Parallel()
		x := &indexed{hub: newHub(t, open), rng: rand.New(rand.NewPCG(1, 1)), limit: 40}
		const many = 9000
		rows := make(landings, many)
		for i := range rows {
			rows[i] = customer("c", fmt.Sprint(i), 1, "x", fmt.Sprintf("p%d@x.cn", i%(many/41)), fmt.Sprintf("own%d@x.cn", i)) // 41 hold each of the first
		}
		x.land("c", rows...)
		x.sync(many) // past what stays line by line
		if got := x.count("SELECT count(*) FROM token"); got != 0 {
			t.Errorf("%d lines beside the segments after a great change, want none", got)
		}
		for range 4 {
			x.change()
		}
		x.land("c", customer("c", "another", 1, "x", "p0@x.cn"))
		x.sync(1)
		if got := x.count("SELECT count(*) FROM token"); got == 0 {
			t.Error("no line beside the segments after small changes")
		}
		x.replace()
		x.change()
	})
}

// indexed compares a store's token index with what a map holds.
type indexed struct {
	*hub
	rng     *rand.Rand
	limit   int
	version int
	held    map[entity.Token][]entity.RecordID // before the last sync
}

// change lands some new versions and deletes, and brings the index in line in one of the ways there are.
func (x *indexed) change() {
	x.Helper()
	x.version++
	var rows landings
	for range 1 + x.rng.IntN(12) {
		key := fmt.Sprint(x.rng.IntN(40))
		if x.rng.IntN(4) == 0 {
			gone := row("c", key)
			gone.Deleted = true
			rows = append(rows, gone)
			continue
		}
		rows = append(rows, customer("c", key, 1+x.version, "x", fmt.Sprintf("p%d@x.cn", x.rng.IntN(8)), fmt.Sprintf("own%d@x.cn", x.rng.IntN(90))))
	}
	x.land("c", rows...)
	if x.rng.IntN(3) == 0 {
		x.replace()
	} else {
		x.sync(1 + x.rng.IntN(20))
	}
}

// tokens returns what the index must hold: the current records by their tokens.
func (x *indexed) tokens() (blocks, all map[entity.Token][]entity.RecordID) {
	x.Helper()
	last, err := x.g.Last(context.Background())
	if err != nil {
		x.Fatal(err)
	}
	keys, err := x.g.Keys(context.Background(), 1, last)
	if err != nil {
		x.Fatal(err)
	}
	blocks, all = map[entity.Token][]entity.RecordID{}, map[entity.Token][]entity.RecordID{}
	for _, k := range keys {
		for _, part := range [][]byte{k.Blocks, k.Search} {
			for t := range slices.Chunk(part, len(entity.Token{})) {
				all[entity.Token(t)] = append(all[entity.Token(t)], k.ID)
			}
		}
		for t := range slices.Chunk(k.Blocks, len(entity.Token{})) {
			blocks[entity.Token(t)] = append(blocks[entity.Token(t)], k.ID)
		}
	}
	return blocks, all
}

// sync brings the index in line with the dirty records, so many of them at a time.
func (x *indexed) sync(step int) {
	x.Helper()
	blocks, all := x.tokens()
	dirty := x.dirty()
	var crossed []entity.RecordID
	for part := range slices.Chunk(dirty, step) {
		crossed = append(crossed, x.syncTokens(part, x.limit)...)
	}
	slices.Sort(crossed)
	if want, got := x.crossed(blocks), slices.Compact(crossed); !slices.Equal(got, want) && !passing(got, want, dirty) {
		x.Errorf("records %v crossed the limit, want %v", got, want)
	}
	x.check(all)
}

// passing reports whether all of want crossed or are dirty anyway: where
// records are synced in several parts, others may cross one way and back.
func passing(got, want []entity.RecordID, dirty []entity.Member) bool {
	for _, id := range want {
		_, found := slices.BinarySearch(got, id)
		if !found && !slices.ContainsFunc(dirty, func(m entity.Member) bool { return m.ID == id }) {
			return false
		}
	}
	return true
}

// crossed returns the holders of blocking tokens that crossed the limit since the last sync.
func (x *indexed) crossed(blocks map[entity.Token][]entity.RecordID) []entity.RecordID {
	var want []entity.RecordID
	for t, ids := range blocks {
		if (len(ids) > x.limit) != (len(x.held[t]) > x.limit) {
			want = append(want, ids...)
		}
	}
	slices.Sort(want)
	return slices.Compact(want)
}

// replace makes the index anew, in parts of a random number.
func (x *indexed) replace() {
	x.Helper()
	ctx := context.Background()
	blocks, all := x.tokens()
	want := x.crossed(blocks)
	if err := x.g.BeginPass(ctx); err != nil {
		x.Fatal(err)
	}
	var ids []entity.RecordID
	var lines []mdm.Line
	for t, holders := range all {
		for _, id := range holders {
			at, found := slices.BinarySearch(ids, id)
			if !found {
				ids = slices.Insert(ids, at, id)
			}
			_, block := blocks[t]
			lines = append(lines, mdm.Line{Token: binary.BigEndian.Uint64(t[:]), Record: int32(id), Block: block})
		}
	}
	for i := range lines {
		at, _ := slices.BinarySearch(ids, entity.RecordID(lines[i].Record))
		lines[i].Record = int32(at)
	}
	slices.SortFunc(lines, func(a, b mdm.Line) int {
		if a.Token != b.Token {
			if a.Token < b.Token {
				return -1
			}
			return 1
		}
		return int(a.Record - b.Record)
	})
	parts := uint64(1 + x.rng.IntN(5))
	for k := range parts {
		p := mdm.Part{First: k * (1<<63/parts*2 - 1)}
		if k+1 < parts {
			p.Next = (k + 1) * (1<<63/parts*2 - 1)
		}
		n := 0
		for n < len(lines) && (p.Next == 0 || lines[n].Token < p.Next) {
			n++
		}
		p.Lines, lines = lines[:n], lines[n:]
		if err := x.g.ReplaceTokens(ctx, p, ids, x.limit); err != nil {
			x.Fatalf("ReplaceTokens: %v", err)
		}
	}
	for _, id := range want {
		if x.count("SELECT count(*) FROM xref WHERE record = $1 AND dirty <> 0", int64(id)) != 1 {
			x.Errorf("record %d crossed and is not dirty", id)
		}
	}
	x.check(all)
}

// check compares the index with a map, and takes all records off the dirty set.
func (x *indexed) check(all map[entity.Token][]entity.RecordID) {
	x.Helper()
	ctx := context.Background()
	asked := make([]entity.Token, 0, len(all)+1)
	for t := range all {
		asked = append(asked, t)
	}
	for t := range x.held { // these may have lost all their holders
		asked = append(asked, t)
	}
	const limit = 10
	got, err := x.g.Holders(ctx, append(asked, entity.Token{1}), limit)
	if err != nil {
		x.Fatalf("Holders: %v", err)
	}
	for _, t := range asked {
		want := all[t]
		if len(want) > limit {
			want = nil
		}
		if !slices.Equal(got[t], want) {
			x.Errorf("%x is held by %v, want %v", t, got[t], want)
		}
		if _, ok := got[t]; ok != (len(all[t]) > 0) {
			x.Errorf("%x is listed: %v, and %d hold it", t, ok, len(all[t]))
		}
	}
	x.held = all
	err = x.db.Update(ctx, func(tx *store.Tx) error {
		_, err := tx.Exec(ctx, "UPDATE xref SET dirty = 0, stale = NULL")
		return err
	})
	if err != nil {
		x.Fatal(err)
	}
}

// testShortTokens holds that a search opens what it found before it says so:
// two values may have one token.
func testShortTokens(t *testing.T, open Open) {
	h := newHub(t, open)
	ctx := context.Background()
	h.land("c", customer("c", "1", 1, "a", "a@x.cn"), customer("c", "2", 1, "b", "b@x.cn"))
	h.resolve()
	find := func(email string) []string {
		h.Helper()
		found, err := h.g.Search(ctx, "emails", email, 5)
		if err != nil {
			h.Fatal(err)
		}
		var names []string
		for _, v := range found {
			names = append(names, fmt.Sprint(v.Fields["full_name"]))
		}
		return names
	}
	if got := find("a@x.cn"); !slices.Equal(got, []string{"a"}) {
		h.Fatalf("Search = %v, want a", got)
	}
	err := h.db.Update(ctx, func(tx *store.Tx) error { // the second record meets every token of the first
		_, err := tx.Exec(ctx, "INSERT INTO token (token, record, gone) SELECT token, 2, 0 FROM token WHERE record = 1 AND token NOT IN (SELECT token FROM token WHERE record = 2)")
		return err
	})
	if err != nil {
		h.Fatal(err)
	}
	if got := find("a@x.cn"); !slices.Equal(got, []string{"a"}) {
		h.Errorf("Search = %v, want a alone", got)
	}
	h.land("c", record.Landing{Key: "1", Deleted: true})
	if got := find("a@x.cn"); got != nil {
		h.Errorf("Search = %v after the record was deleted, want none", got)
	}
}
