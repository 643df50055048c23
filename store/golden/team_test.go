package golden_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"crmhub/mdm"
	"crmhub/mdm/entity"
	"crmhub/record"
	"crmhub/store"
	"crmhub/store/golden"
	"crmhub/store/storetest"
)

// node is one worker at work on a store: in a process of its own, with nothing in memory that
// another has, or in one with others that have the same node.
type node struct {
	db *store.DB
	g  *golden.Store
}

// tightModel is the shipped model with a max_block that tokens cross often.
func tightModel(t testing.TB) *mdm.Model {
	t.Helper()
	m, err := mdm.ParseModel("m.yaml", []byte(strings.Replace(mdm.CustomerModel(), "max_block: 100", "max_block: 6", 1)))
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func openNode(t testing.TB, c store.Config, m *mdm.Model) node {
	t.Helper()
	db, err := store.Open(context.Background(), c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	return node{db, golden.New(db, golden.Options{Schemas: storetest.Schemas(t), Features: m.Features, Model: m.Version()})}
}

// world makes batches of changes to few people with few values, so that they meet
// in every way: most records are a duplicate of another.
type world struct {
	r       *rand.Rand
	version int64
	live    []string
	last    map[string]record.Fields // of each record that lives
}

func (w *world) pick(of ...string) string { return of[w.r.IntN(len(of))] }

func (w *world) row(key string) record.Landing {
	w.version++
	f := record.Fields{"full_name": w.pick("John Smith", "Jon Smith", "Mary Jones", "Maria Jones", "William Brown", "Bill Brown", "张伟", "王芳", "王方")}
	put := func(name string, of ...any) {
		if w.r.IntN(3) > 0 {
			f[name] = of[w.r.IntN(len(of))]
		}
	}
	put("birth_date", "1980-02-03", "1980-03-02", "1975-06-07", "1991-12-30")
	put("emails", []any{"js@example.com"}, []any{"mary@example.org"}, []any{"zw@example.cn"}, []any{fmt.Sprintf("p%d@example.com", w.r.IntN(40))})
	put("phones", []any{"+8613911112222"}, []any{"+442079460018"}, []any{fmt.Sprintf("+4479460%05d", w.r.IntN(40))})
	put("addresses", []any{map[string]any{"city": "London", "street": fmt.Sprintf("%d Baker Street", w.r.IntN(9)), "postcode": "NW1 6XE"}}, []any{map[string]any{"city": "上海市", "street": "文三路12号", "postcode": "310000"}})
	return w.landing(key, record.Record{Fields: f})
}

// noted is a row of which nothing changed that is compared.
func (w *world) noted(key string) record.Landing {
	w.version++
	f := maps.Clone(w.last[key])
	f["owner"] = w.pick("ann", "ben", "cem")
	return w.landing(key, record.Record{Fields: f})
}

func (w *world) landing(key string, r record.Record) record.Landing {
	r.Ref = record.Ref{Source: "shop", Stream: "c", Type: record.Customer, Key: key}
	if w.last == nil {
		w.last = map[string]record.Fields{}
	}
	w.last[key] = r.Fields
	r.UpdatedAt, r.Observed = time.Unix(1_700_000_000+w.version, 0), time.Unix(1_760_000_000, 0)
	return record.Landing{Key: key, Place: record.Place{Name: "c.csv", Line: w.version}, Records: []record.Record{r}}
}

// changes are some new records, some edits and some deletes.
func (w *world) changes(n int) []record.Landing {
	var rows []record.Landing
	chosen := map[string]bool{}
	for range n {
		key := fmt.Sprintf("k%d", len(w.live))
		if len(w.live) > 40 && w.r.IntN(3) == 0 {
			key = w.pick(w.live...)
		} else {
			w.live = append(w.live, key)
		}
		if chosen[key] {
			continue
		}
		chosen[key] = true
		if w.r.IntN(9) == 0 {
			w.version++
			rows = append(rows, w.landing(key, record.Record{Op: record.Delete}))
		} else if w.last[key] != nil && w.r.IntN(3) == 0 {
			rows = append(rows, w.noted(key))
		} else {
			rows = append(rows, w.row(key))
		}
	}
	return rows
}

func landRows(t testing.TB, g *golden.Store, rows []record.Landing) {
	t.Helper()
	ctx := context.Background()
	run, err := g.Begin(ctx, record.RunSpec{Pipeline: "p", Source: "shop", Stream: "c", Type: record.Customer})
	if err != nil {
		t.Fatal(err)
	}
	p, err := g.Prepare(ctx, run.ID, rows)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := g.Commit(ctx, run.ID, []any{p}, nil, record.Position(`{"at":1}`)); err != nil {
		t.Fatal(err)
	}
	if _, err := g.End(ctx, run.ID, record.Done, nil); err != nil {
		t.Fatal(err)
	}
}

// entities are the members of each entity, by their keys, with the key of the
// record whose id names it.
func entities(t testing.TB, g *golden.Store) map[string]string {
	t.Helper()
	members, named := map[entity.ID][]string{}, map[entity.ID]string{}
	for after := entity.RecordID(0); ; {
		part, err := g.Current(context.Background(), after, 1000)
		if err != nil {
			t.Fatal(err)
		}
		if len(part) == 0 {
			break
		}
		for _, m := range part {
			after = m.ID
			members[m.Entity] = append(members[m.Entity], m.Ref.Key)
			if m.Own == m.Entity {
				named[m.Entity] = m.Ref.Key
			}
		}
	}
	out := map[string]string{}
	for id, keys := range members {
		slices.Sort(keys)
		out[strings.Join(keys, " ")] = named[id]
	}
	return out
}

func digest(t testing.TB, g *golden.Store) string {
	t.Helper()
	d, err := g.Digest(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	return fmt.Sprint(d)
}

// chaos is a worker whose part is cut off now and then: by its own context, or
// because the server ends somebody's session, whatever that one is in the middle of.
type chaos struct {
	*golden.Team
	mu     sync.Mutex
	r      *rand.Rand
	cancel context.CancelFunc
	db     *store.DB
	// struck counts what was done to somebody.
	struck *atomic.Int64
}

func (c *chaos) strike(ctx context.Context) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	switch c.r.IntN(16) {
	case 0:
		c.struck.Add(1)
		c.cancel()
	case 1:
		c.struck.Add(1)
		return c.db.View(ctx, func(tx *store.Tx) error {
			_, err := tx.Int(ctx, `SELECT count(pg_terminate_backend(pid)) FROM (SELECT pid FROM pg_stat_activity
				WHERE datname = current_database() AND pid <> pg_backend_pid() ORDER BY random() LIMIT 1) AS x`)
			return err
		})
	}
	return nil
}

func (c *chaos) Members(ctx context.Context, ids []entity.RecordID) ([]entity.Member, error) {
	if err := c.strike(ctx); err != nil {
		return nil, err
	}
	return c.Team.Members(ctx, ids)
}

func (c *chaos) Apply(ctx context.Context, r entity.Resolution) error {
	if err := c.strike(ctx); err != nil {
		return err
	}
	return c.Team.Apply(ctx, r)
}

// work lets all nodes resolve at once until nothing is dirty. Those that are cut
// off stay away; when all are, they all come again, the last time unharmed.
// It returns how often somebody was.
func work(t testing.TB, nodes []node, m *mdm.Model, seed uint64, harm bool) int64 {
	t.Helper()
	var struck atomic.Int64
	for try := 0; ; try++ {
		errs := make([]error, len(nodes))
		resolvers := map[*golden.Store]*mdm.Resolver{}
		for _, n := range nodes {
			resolvers[n.g] = mdm.NewResolver(n.g, m, mdm.Options{Batch: 8, Chunk: 5, Bulk: 2, Workers: 1})
		}
		var wg sync.WaitGroup
		for i, n := range nodes {
			wg.Go(func() {
				ctx, cancel := context.WithCancel(context.Background())
				defer cancel()
				team, ok, err := n.g.Join(ctx)
				if err != nil || !ok {
					errs[i] = fmt.Errorf("join: %v %w", ok, err)
					return
				}
				var store mdm.Team = team
				if harm && try < 4 {
					store = &chaos{Team: team, r: rand.New(rand.NewPCG(seed, uint64(10*try+i))), cancel: cancel, db: n.db, struck: &struck}
				}
				_, errs[i] = resolvers[n.g].Work(ctx, store, nil)
				errs[i] = errors.Join(errs[i], team.Close())
			})
		}
		wg.Wait()
		if slices.ContainsFunc(errs, func(err error) bool { return err == nil }) {
			return struck.Load()
		}
		if try == 8 {
			t.Fatal(errs)
		}
	}
}

// loose is the store as one of four resolvers sees it who know nothing of each other:
// each has a part of the dirty records, and nobody waits for anybody, but that all have
// looked before the first writes.
type loose struct {
	*golden.Store
	part   int
	looked *sync.WaitGroup
	once   sync.Once
}

func (l *loose) Dirty(ctx context.Context, after entity.RecordID, limit int) ([]entity.RecordID, error) {
	ids, err := l.Store.Dirty(ctx, after, limit)
	return slices.DeleteFunc(ids, func(id entity.RecordID) bool { return int(id)%4 != l.part }), err
}

func (l *loose) Waiting(ctx context.Context, _ float64) (int64, bool, error) {
	ids, err := l.Dirty(ctx, 0, 10_000)
	return int64(len(ids)), false, err
}

func (l *loose) Apply(ctx context.Context, r entity.Resolution) error {
	l.once.Do(l.looked.Done)
	l.looked.Wait()
	return l.Store.Apply(ctx, r)
}

// free is work without locks. What stumbles is tried again, and what is left in
// the end is resolved by one.
func free(t testing.TB, nodes []node, m *mdm.Model) {
	t.Helper()
	var wg, looked sync.WaitGroup
	looked.Add(len(nodes))
	for i, n := range nodes {
		wg.Go(func() {
			l := &loose{Store: n.g, part: i, looked: &looked}
			defer l.once.Do(looked.Done)
			for range 3 {
				if _, err := mdm.NewResolver(l, m, mdm.Options{Bulk: 2, Workers: 1}).Resolve(context.Background(), nil); err == nil {
					break
				}
			}
		})
	}
	wg.Wait()
	if _, err := mdm.NewResolver(nodes[0].g, m, mdm.Options{Bulk: 2}).Resolve(context.Background(), nil); err != nil {
		t.Log(err) // so broken can it be
	}
}

// trial lands batch after batch in a store on the server that four nodes
// resolve, and the same in one that a single resolver resolves at once, and
// returns in how many rounds they differ.
func trial(t *testing.T, seed uint64, resolve func(nodes []node, m *mdm.Model)) int {
	t.Helper()
	m, ring := tightModel(t), storetest.Ring(t)
	url := storetest.Database(t)
	shared := func() node { return openNode(t, store.Config{URL: url, Ring: ring, Now: storetest.Clock()}, m) }
	nodes := []node{shared(), shared(), shared(), shared()}
	if seed%2 == 1 { // two processes with two workers each
		nodes[1], nodes[3] = nodes[0], nodes[2]
	}
	oracle := openNode(t, store.Config{URL: "sqlite:store.db", Dir: t.TempDir(), Ring: ring, Now: storetest.Clock()}, m)
	w := &world{r: rand.New(rand.NewPCG(seed, 1))}
	wrong := 0
	for round := range 4 {
		rows := w.changes(120)
		judged := [][2]string{{w.pick(w.live...), w.pick(w.live...)}, {w.pick(w.live...), w.pick(w.live...)}}
		for _, n := range []node{shared(), oracle} { // not one whose sessions were ended
			landRows(t, n.g, rows)
			judge(t, n.g, judged, round)
		}
		resolve(nodes, m)
		if _, err := mdm.NewResolver(oracle.g, m, mdm.Options{Bulk: 1e-9}).Resolve(context.Background(), nil); err != nil {
			t.Fatal(err)
		}
		after := shared()
		got, want := entities(t, after.g), entities(t, oracle.g)
		same := maps.Equal(got, want) && digest(t, after.g) == digest(t, oracle.g)
		if len(want) > len(w.live)*9/10 {
			t.Fatalf("%d entities of %d records: the trial proves nothing", len(want), len(w.live))
		}
		if !same {
			t.Logf("round %d:%s", round, difference(got, want))
			wrong++
		}
	}
	return wrong
}

// difference names the entities of either that the other has not, with who names them.
func difference(got, want map[string]string) string {
	var b strings.Builder
	for k, v := range got {
		if w, ok := want[k]; !ok || w != v {
			fmt.Fprintf(&b, " got{%s} named %s", k, v)
		}
	}
	for k, v := range want {
		if g, ok := got[k]; !ok || g != v {
			fmt.Fprintf(&b, " want{%s} named %s", k, v)
		}
	}
	return b.String()
}

func judge(t testing.TB, g *golden.Store, pairs [][2]string, round int) {
	t.Helper()
	ids := map[string]entity.RecordID{}
	part, err := g.Current(context.Background(), 0, 10_000)
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range part {
		ids[m.Ref.Key] = m.ID
	}
	for i, p := range pairs {
		a, b := ids[p[0]], ids[p[1]]
		if a == 0 || b == 0 || a == b {
			continue
		}
		j := entity.Judgement{A: min(a, b), B: max(a, b), Kind: []entity.Kind{entity.MustLink, entity.CannotLink}[i], At: time.Unix(int64(round), 0), By: "s", Reason: "r"}
		if err := g.Judge(context.Background(), j); err != nil {
			t.Fatal(err)
		}
	}
}

// Several workers, cut off in every way, give what one gives who resolves all at once.
func TestWorkersGiveWhatOneGives(t *testing.T) {
	for seed := range uint64(4) {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
			harm, struck := seed > 0, int64(0)
			if wrong := trial(t, seed, func(nodes []node, m *mdm.Model) { struck += work(t, nodes, m, seed, harm) }); wrong > 0 {
				t.Errorf("%d rounds differ from one resolver's", wrong)
			}
			if harm && struck == 0 {
				t.Error("nobody was cut off: the trial proves nothing")
			}
		})
	}
}

// The same trial finds fault with workers who do not meet: it can tell.
func TestWorkersWithoutLocksAreWrong(t *testing.T) {
	wrong := 0
	for seed := range uint64(3) {
		wrong += trial(t, seed, func(nodes []node, m *mdm.Model) { free(t, nodes, m) })
		if wrong > 0 {
			return
		}
	}
	t.Error("without locks the result is right: the trial cannot tell")
}
