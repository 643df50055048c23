package golden

import (
	"bytes"
	"cmp"
	"context"
	"math"
	"slices"

	"crmhub/mdm/entity"
	"crmhub/record"
	"crmhub/schemas"
	"crmhub/store"
)

// The states of a golden record.
const (
	statusActive = iota
	statusRedirected
	statusRetired
)

// Apply writes one resolution in one transaction. Golden records are hashed and
// sealed before it begins, in parallel; those that equal what stands are not
// written. Records leave the dirty set unless they changed after the resolver began to read.
func (s *Store) Apply(ctx context.Context, r entity.Resolution) error {
	return s.apply(ctx, r, s.writing())
}

func (s *Store) apply(ctx context.Context, r entity.Resolution, w writing) error {
	var all []*sealedGolden
	for i := range r.Components {
		for j := range r.Components[i].Entities {
			all = append(all, &sealedGolden{Golden: &r.Components[i].Entities[j]})
		}
	}
	// Ids in order walk the table and make its index grow at its end.
	slices.SortFunc(all, func(a, b *sealedGolden) int { return bytes.Compare(a.ID[:], b.ID[:]) })
	if err := s.sealGoldens(ctx, all); err != nil {
		return err
	}
	var words *dictionary
	err := w.update(ctx, func(tx *store.Tx) error {
		words = &dictionary{s: s, tx: tx}
		schema, _ := s.schema(record.Customer)
		a := &application{s: s, schema: schema, tx: tx, words: words, now: s.db.Now().UnixMicro(), mark: s.marked()}
		_, err := tx.One(ctx, func(r store.Row) error {
			a.run, a.redirected, a.counted = r.Int(0), r.Int(1) > 0, r.Bytes(2)
			return nil
		}, "SELECT (SELECT coalesce(max(n), 0) FROM run), (SELECT count(*) FROM (SELECT 1 FROM redirect LIMIT 1) AS x), (SELECT value FROM meta WHERE name = $1)", censusName)
		if err != nil {
			return err
		}
		for _, step := range []func() error{
			func() error { return a.goldens(ctx, all) },
			func() error { return a.redirects(ctx, r.Redirects) },
			func() error { return a.retire(ctx, r.Retired) },
			func() error { return a.members(ctx, r) },
			func() error { return a.inherit(ctx, r.Heirs) },
			func() error { return w.last(ctx, tx) },
		} {
			if err := step(); err != nil {
				return err
			}
		}
		return a.change.write(ctx, tx, 0)
	})
	if err == nil && words != nil {
		words.keep()
	}
	return err
}

// application is one resolution on its way into the store.
type application struct {
	s      *Store
	tx     *store.Tx
	words  *dictionary
	schema *schemas.Schema
	now    int64
	run    int64
	mark   int64
	change Change
	// redirected says that some id redirects; counted is the census in its row.
	redirected bool
	counted    []byte
}

// goldens writes golden records that are new or differ.
func (a *application) goldens(ctx context.Context, all []*sealedGolden) error {
	var fresh, changed []*sealedGolden
	var ids [][]byte
	for _, g := range all {
		switch {
		case g.skip:
		case g.known:
			changed = append(changed, g)
			ids = append(ids, g.ID[:])
		default:
			fresh = append(fresh, g)
		}
	}
	if err := a.attributes(ctx, changed); err != nil {
		return err
	}
	if err := a.keep(ctx, ids); err != nil {
		return err
	}
	columns := []string{"id", "status", "version", "run", "updated", "record", "record_version", "content", "members", "prov", "wrapped", "payload"}
	prov := func(list []*sealedGolden) ([][]byte, error) {
		packed := make([][]byte, len(list))
		for i, g := range list {
			if g.Alone != 0 {
				continue
			}
			var err error
			if packed[i], err = a.words.packProvenance(ctx, g.Golden, a.schema); err != nil {
				return nil, err
			}
		}
		return packed, nil
	}
	fill := func(list []*sealedGolden, packed [][]byte) func(int, []any) {
		return func(i int, v []any) {
			g := list[i]
			v[0], v[1], v[2], v[3], v[4] = g.ID[:], int64(statusActive), g.was.version+1, a.run, a.now
			v[5], v[6], v[7], v[8], v[9], v[10], v[11] = int64(0), int64(0), g.content[:], packMembers(g.Members), packed[i], g.wrapped, g.payload
			if is := g.lone(); is.record != 0 {
				v[5], v[6], v[7], v[8] = is.record, is.version, nil, nil
			}
		}
	}
	packed, err := prov(fresh)
	if err != nil {
		return err
	}
	if err := a.tx.Insert(ctx, "golden", columns, len(fresh), fill(fresh, packed)); err != nil {
		return err
	}
	if packed, err = prov(changed); err != nil {
		return err
	}
	if err := a.tx.Change(ctx, "golden", columns, len(changed), fill(changed, packed)); err != nil {
		return err
	}
	for _, g := range fresh {
		a.change.Golden = append(a.change.Golden, GoldenEvent{Event: "created", ID: hexID(g.ID), Version: 1})
	}
	// An id that is alive, anew or for the first time, redirects nowhere.
	var alive [][]byte
	for _, g := range fresh {
		alive = append(alive, g.ID[:])
	}
	for _, g := range changed {
		e := GoldenEvent{Event: "updated", ID: hexID(g.ID), Version: g.was.version + 1, Attributes: g.changed}
		if g.was.status != statusActive {
			e.Event = "restored"
			alive = append(alive, g.ID[:])
		}
		a.change.Golden = append(a.change.Golden, e)
	}
	if !a.redirected {
		return nil
	}
	return a.tx.ExecBytes(ctx, alive, "DELETE FROM redirect WHERE id IN ($keys)")
}

// keep copies golden records as they stand into the history.
func (a *application) keep(ctx context.Context, ids [][]byte) error {
	if len(ids) == 0 {
		return nil
	}
	return a.tx.ExecBytes(ctx, ids, `INSERT INTO golden_history (id, version, status, run, valid_from, valid_to, record, record_version, members, prov, wrapped, payload)
		SELECT id, version, status, run, updated, $1, record, record_version, members, prov, wrapped, payload FROM golden WHERE id IN ($keys)`, a.now)
}

// redirects writes which ids answer for which, flattened: a redirect never
// leads to another.
func (a *application) redirects(ctx context.Context, redirects map[entity.ID]entity.ID) error {
	var from []entity.ID
	for id := range redirects {
		from = append(from, id)
	}
	slices.SortFunc(from, func(x, y entity.ID) int { return bytes.Compare(x[:], y[:]) })
	for _, id := range from {
		to := redirects[id]
		for range len(redirects) {
			next, ok := redirects[to]
			if !ok {
				break
			}
			to = next
		}
		if to == id {
			continue
		}
		changed, err := a.tx.Exec(ctx, `INSERT INTO redirect (id, target, at) VALUES ($1, $2, $3)
			ON CONFLICT (id) DO UPDATE SET target = excluded.target, at = excluded.at WHERE redirect.target <> excluded.target`, id[:], to[:], a.now)
		if err != nil {
			return err
		}
		if err := a.tx.Do(ctx, "UPDATE redirect SET target = $2, at = $3 WHERE target = $1", id[:], to[:], a.now); err != nil {
			return err
		}
		stood, err := a.rest(ctx, id, statusRedirected)
		if err != nil {
			return err
		}
		if changed > 0 || stood {
			a.change.Golden = append(a.change.Golden, GoldenEvent{Event: "merged", ID: hexID(id), Into: hexID(to)})
		}
	}
	return nil
}

// rest takes the values off a golden record that is no longer active; they
// stand in its history. It reports whether it was active.
func (a *application) rest(ctx context.Context, id entity.ID, status int64) (bool, error) {
	active, err := a.tx.Int(ctx, "SELECT count(*) FROM golden WHERE id = $1 AND status = 0", id[:])
	if err != nil || active == 0 {
		return false, err
	}
	if err := a.keep(ctx, [][]byte{id[:]}); err != nil {
		return false, err
	}
	err = a.tx.Do(ctx, `UPDATE golden SET status = $2, version = version + 1, run = $3, updated = $4, record = 0, record_version = 0, content = NULL, members = NULL, prov = NULL, wrapped = NULL, payload = NULL
		WHERE id = $1`, id[:], status, a.run, a.now)
	return true, err
}

func (a *application) retire(ctx context.Context, ids []entity.ID) error {
	for _, id := range ids {
		was, err := a.rest(ctx, id, statusRetired)
		if err != nil {
			return err
		}
		if was {
			a.change.Golden = append(a.change.Golden, GoldenEvent{Event: "retired", ID: hexID(id)})
		}
	}
	return nil
}

// membership is a cross-reference: as it stands, and as it is to be.
type membership struct {
	id        int64
	own       []byte
	entity    []byte
	component int64
	dirty     int64
	stale     []byte
}

// effective is a record's own id: the one that it got since, or the one that it landed with.
func effective(since, landed []byte) (id entity.ID) {
	if since == nil {
		since = landed
	}
	copy(id[:], since)
	return id
}

// members writes which record belongs to which entity and takes what was
// resolved off the dirty set.
func (a *application) members(ctx context.Context, r entity.Resolution) error {
	want := map[int64]membership{}
	for _, c := range r.Components {
		for i := range c.Entities {
			for _, id := range c.Entities[i].Members {
				want[int64(id)] = membership{entity: c.Entities[i].ID[:], component: int64(c.ID)}
			}
		}
	}
	for _, id := range r.Cleared {
		want[int64(id)] = membership{}
	}
	ids := make([]int64, 0, len(want)+len(r.Owns))
	for id := range want {
		ids = append(ids, id)
	}
	for id := range r.Owns {
		if _, ok := want[int64(id)]; !ok {
			ids = append(ids, int64(id))
		}
	}
	slices.Sort(ids)
	given := make(map[entity.ID]bool, len(r.Owns))
	for _, id := range r.Owns {
		given[id] = true
	}
	census, err := censusOf(ctx, a.tx, a.counted)
	if err != nil {
		return err
	}
	// Those whose ids change hands get a row, as it stands.
	if len(given) > 0 {
		if err := enter(ctx, a.tx, ids); err != nil {
			return err
		}
	}
	// What a record landed with is asked for only where ids change hands.
	landed := "NULL"
	if len(given) > 0 {
		landed = "(SELECT r.own FROM record r WHERE r.id = x.record)"
	}
	var changed []membership
	entered := make([]int64, 0, len(ids))
	read := func(row store.Row) error {
		is := membership{row.Int(0), row.Bytes(1), row.Bytes(2), row.Int(3), row.Int(4), row.Bytes(5)}
		entered = append(entered, is.id)
		to := is
		if w, ok := want[is.id]; ok {
			to.entity, to.component = w.entity, w.component
			if max(is.dirty, -is.dirty) <= a.mark {
				to.dirty, to.stale = 0, nil
			}
		}
		if own, ok := r.Owns[entity.RecordID(is.id)]; ok {
			to.own = own[:]
		} else if len(given) > 0 && given[effective(is.own, row.Bytes(6))] {
			// Its id stays with the entity that it left: elsewhere it would claim it.
			fresh := a.s.ids.next(a.s.db.Now(), 1)[0]
			to.own = fresh[:]
		}
		if !bytes.Equal(is.own, to.own) || !bytes.Equal(is.entity, to.entity) || is.component != to.component || is.dirty != to.dirty || !bytes.Equal(is.stale, to.stale) {
			changed = append(changed, to)
		}
		return nil
	}
	rows := "SELECT x.record, x.own, x.entity, x.component, x.dirty, x.stale, " + landed + " FROM xref x WHERE x.record IN ($keys)"
	if err := a.tx.InInts(ctx, ids, read, rows); err != nil {
		return err
	}
	slices.Sort(entered)
	fresh := without(ids, entered)
	// Those without a row that stand alone get theirs, as it stands.
	if at, _ := slices.BinarySearch(fresh, cmp.Or(census.first, math.MaxInt64)); at > 0 {
		if err := enter(ctx, a.tx, fresh[:at]); err != nil {
			return err
		}
		if err := a.tx.InInts(ctx, fresh[:at], read, rows); err != nil {
			return err
		}
		slices.Sort(entered)
		fresh = without(ids, entered)
	}
	err = a.tx.Insert(ctx, "xref", []string{"record", "entity", "component", "dirty"}, len(fresh), func(i int, v []any) {
		w := want[fresh[i]]
		v[0], v[1], v[2], v[3] = fresh[i], w.entity, w.component, int64(0)
	})
	if err != nil {
		return err
	}
	slices.SortFunc(changed, func(x, y membership) int { return int(x.id - y.id) })
	return a.tx.Change(ctx, "xref", []string{"record", "own", "entity", "component", "dirty", "stale"}, len(changed), func(i int, v []any) {
		m := changed[i]
		v[0], v[1], v[2], v[3], v[4], v[5] = m.id, m.own, m.entity, m.component, m.dirty, m.stale
	})
}
