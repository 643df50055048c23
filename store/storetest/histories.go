package storetest

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"crmhub/mdm"
	"crmhub/mdm/entity"
	"crmhub/mdm/mdmtest"
	"crmhub/record"
	"crmhub/store/golden"
)

// historiesAtOnce is how many histories, of people that have nothing in common, one store holds.
const historiesAtOnce = 40

// Resolve resolves what is dirty in a store.
type Resolve func(t testing.TB, g *golden.Store, m *mdm.Model, o mdm.Options)

// Resolved is the resolver as the program uses it.
func Resolved(t testing.TB, g *golden.Store, m *mdm.Model, o mdm.Options) {
	t.Helper()
	if _, err := mdm.NewResolver(g, m, o).Resolve(context.Background(), nil); err != nil {
		t.Fatalf("Resolve: %v", err)
	}
}

// Histories holds promise 4 for a database: histories of adds, edits, deletes, judgements and
// unmerges, resolved step by step in any batches by either engine, end as one bulk resolve of
// what is left, landed in another order. It plays so many times forty of them, from fixed seeds, and returns
// how many ended otherwise; those are named in the test's log.
func Histories(t *testing.T, open Open, times int, resolve Resolve) int {
	t.Helper()
	wrong := 0
	for seed := range uint64(times) {
		h := &histories{hub: newHub(t, open), seed: seed, random: rand.New(rand.NewPCG(seed, 21)), model: blocksOf(t, seed)}
		h.g = golden.New(h.db, golden.Options{Schemas: Schemas(t), Features: h.model.Features, Model: h.model.Version()})
		wrong += h.play(open, resolve)
		if err := h.db.Close(); err != nil {
			t.Fatal(err)
		}
	}
	return wrong
}

// blocksOf returns the shipped model; every other one has a max_block that tokens cross often.
func blocksOf(t testing.TB, seed uint64) *mdm.Model {
	t.Helper()
	text := mdm.CustomerModel()
	if seed%2 == 1 {
		text = strings.Replace(text, "max_block: 100", "max_block: 3", 1)
	}
	m, err := mdm.ParseModel("m.yaml", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// histories are some that happen in one store.
type histories struct {
	*hub
	seed   uint64
	random *rand.Rand
	model  *mdm.Model
	// live are the current records by key, known all that ever were.
	live       map[string]record.Record
	known      map[string]bool
	version    int64
	judgements []ruling
}

// ruling is a judgement by the keys of its records.
type ruling struct {
	a, b string
	kind entity.Kind
	at   time.Time
}

// play plays the histories and returns how many end otherwise than they should.
func (h *histories) play(open Open, resolve Resolve) int {
	h.Helper()
	h.live, h.known = map[string]record.Record{}, map[string]bool{}
	for step := range 4 {
		h.landAll(h.changes())
		h.decide(step)
		o := mdm.Options{Bulk: 2, Batch: 1 + h.random.IntN(60), Chunk: 1 + h.random.IntN(40)}
		switch h.random.IntN(4) {
		case 0:
			o.Bulk = 1e-9
		case 1:
			o.Batch, o.Chunk = 0, 0
		}
		if h.random.IntN(4) > 0 || step == 3 {
			resolve(h, h.g, h.model, o)
		}
	}
	want := h.again(open)
	got, expected := h.parted(), want.parted()
	wrong := 0
	for mark := range historiesAtOnce {
		if got[mark+1] != expected[mark+1] {
			wrong++
			h.Logf("seed %d, history %d:\n got %s\nwant %s", h.seed, mark+1, got[mark+1], expected[mark+1])
		}
	}
	if wrong == 0 && h.digest() != want.digest() {
		wrong++
		h.Logf("seed %d: the entities are the same, the digests differ", h.seed)
	}
	v, err := mdm.NewResolver(h.g, h.model, mdm.Options{}).Verify(context.Background())
	if err != nil || v.Different != 0 || v.Checked == 0 {
		h.Logf("seed %d: Verify = %+v, %v", h.seed, v, err)
		wrong++
	}
	if err := want.db.Close(); err != nil {
		h.Fatal(err)
	}
	return wrong
}

// changes are one step of all histories: records that come, change and go.
func (h *histories) changes() []record.Landing {
	var rows []record.Landing
	for mark := range historiesAtOnce {
		p := mdmtest.Population{Random: h.random, Mark: mark + 1}
		chosen := map[int]bool{}
		for range 1 + h.random.IntN(4) {
			key := h.random.IntN(8)
			if chosen[key] {
				continue
			}
			chosen[key] = true
			r := p.Record(key)
			r.Ref.Source, r.Ref.Stream = "shop", "c"
			h.version++
			name := r.Ref.Key
			was, lives := h.live[name]
			if lives && h.random.IntN(3) == 0 {
				r = p.Noted(was)
			}
			r.UpdatedAt = time.Unix(1_700_000_000+h.version, 0)
			if lives && h.random.IntN(3) == 0 {
				delete(h.live, name)
				r.Op, r.Fields = record.Delete, nil
			} else {
				h.live[name] = r
			}
			h.known[name] = true
			rows = append(rows, row("c", name, r))
		}
	}
	return rows
}

// landAll lands rows in one to three commits.
func (h *histories) landAll(rows []record.Landing) {
	h.Helper()
	h.random.Shuffle(len(rows), func(i, j int) { rows[i], rows[j] = rows[j], rows[i] })
	var batches []landings
	for size := max(1, len(rows)/(1+h.random.IntN(3))); len(rows) > 0; rows = rows[min(size, len(rows)):] {
		batches = append(batches, rows[:min(size, len(rows))])
	}
	h.run(spec("c"), batches...)
}

// decide has a steward link, part and unmerge records here and there.
func (h *histories) decide(step int) {
	h.Helper()
	at := time.Unix(int64(step), 0).UTC()
	members := map[entity.ID][]string{}
	for _, m := range h.current() {
		if !m.Entity.Zero() {
			members[m.Entity] = append(members[m.Entity], m.Ref.Key)
		}
	}
	merged := slices.SortedFunc(maps.Values(members), slices.Compare)
	merged = slices.DeleteFunc(merged, func(keys []string) bool { return len(keys) < 2 })
	var decided []ruling
	for _, keys := range merged { // unmerge: the last from each of the others
		if slices.Sort(keys); h.random.IntN(6) == 0 {
			for _, k := range keys[:len(keys)-1] {
				decided = append(decided, ruling{k, keys[len(keys)-1], entity.CannotLink, at})
			}
		}
	}
	for mark := range historiesAtOnce {
		p := mdmtest.Population{Mark: mark + 1}
		a, b := p.Ref(h.random.IntN(8)).Key, p.Ref(h.random.IntN(8)).Key
		if a != b && h.known[a] && h.known[b] && h.random.IntN(2) == 0 {
			decided = append(decided, ruling{a, b, []entity.Kind{entity.MustLink, entity.CannotLink}[h.random.IntN(2)], at})
		}
	}
	h.rule(decided)
	h.judgements = append(h.judgements, decided...)
}

// rule gives judgements in a store in which all these records landed.
func (h *hub) rule(all []ruling) {
	h.Helper()
	for _, j := range all {
		a, b := h.idOf(j.a), h.idOf(j.b)
		err := h.g.Judge(context.Background(), entity.Judgement{A: min(a, b), B: max(a, b), Kind: j.kind, At: j.at, By: "steward", Reason: fmt.Sprint(j.at)})
		if err != nil {
			h.Fatalf("Judge: %v", err)
		}
	}
}

// idOf returns the id of a record, deleted or not.
func (h *hub) idOf(key string) entity.RecordID {
	token := h.db.RefToken(ref("c", record.Customer, key).Canonical())
	return entity.RecordID(h.count("SELECT id FROM record WHERE ref = $1", token[:]))
}

// again lands what is left in another order in a store of its own, and resolves
// it at once.
func (h *histories) again(open Open) *histories {
	h.Helper()
	w := &histories{hub: newHub(h.TB, open), seed: h.seed, random: h.random, model: h.model}
	w.g = golden.New(w.db, golden.Options{Schemas: Schemas(h), Features: h.model.Features, Model: h.model.Version()})
	var rows, gone []record.Landing
	for _, name := range slices.Sorted(maps.Keys(h.known)) {
		r, lives := h.live[name]
		if !lives { // a record that is gone still has its judgements
			r = record.Record{Ref: ref("c", record.Customer, name), Fields: record.Fields{"full_name": "gone"}, UpdatedAt: time.Unix(1_600_000_000, 0)}
			d := record.Record{Ref: r.Ref, Op: record.Delete, UpdatedAt: time.Unix(1_600_000_001, 0)}
			gone = append(gone, row("c", name, d))
		}
		rows = append(rows, row("c", name, r))
	}
	w.landAll(rows)
	if len(gone) > 0 {
		w.landAll(gone)
	}
	w.rule(h.judgements)
	Resolved(h, w.g, h.model, mdm.Options{Bulk: 1e-9})
	return w
}

// parted are the entities of each history: the keys of their members.
func (h *histories) parted() map[int]string {
	h.Helper()
	members := map[entity.ID][]string{}
	for _, m := range h.current() {
		members[m.Entity] = append(members[m.Entity], m.Ref.Key)
	}
	for id := range members {
		slices.Sort(members[id])
	}
	out := map[int]string{}
	for _, keys := range slices.SortedFunc(maps.Values(members), func(a, b []string) int { return cmp.Compare(a[0], b[0]) }) {
		mark := 0
		if _, err := fmt.Sscanf(keys[0], "%d.", &mark); err != nil {
			h.Fatal(err)
		}
		out[mark] += fmt.Sprint(keys)
	}
	return out
}
