package golden

import (
	"context"
	"runtime"
	"slices"
	"sync"

	"crmhub/mdm/entity"
	"crmhub/record"
	"crmhub/store"
)

// memberColumns and what follows them read a customer with its cross-reference.
const memberSelect = "SELECT r.id, r.stream, r.ref, r.updated, r.deleted, r.tokens, r.wrapped, r.payload, r.own, x.own, x.entity, x.component, x.stale, x.record, r.version FROM record r LEFT JOIN xref x ON x.record = r.id"

// sealedMember is a customer as it was read, not yet opened.
type sealedMember struct {
	entity.Member
	stream           int64
	rowless          bool // it has no cross-reference
	name             streamName
	ref              []byte
	wrapped, payload []byte
	invalid          []record.Invalid
}

// scanMember reads a row of memberSelect.
func scanMember(r store.Row) *sealedMember {
	m := &sealedMember{stream: r.Int(1), rowless: r.Null(13), ref: r.Bytes(2), wrapped: r.Bytes(6), payload: r.Bytes(7)}
	m.ID, m.UpdatedAt, m.Deleted, m.Component, m.Version = entity.RecordID(r.Int(0)), instant(r.Int(3)), r.Int(4) != 0, entity.RecordID(r.Int(11)), r.Int(14)
	own := r.Bytes(9)
	if own == nil {
		own = r.Bytes(8)
	}
	copy(m.Own[:], own)
	copy(m.Entity[:], r.Bytes(10))
	blocks, _ := splitTokens(r.Bytes(5))
	stale, _ := splitTokens(r.Bytes(12))
	m.Blocks, m.Stale = tokens(blocks), tokens(stale)
	if m.Deleted {
		m.Stale, m.Blocks = append(m.Stale, m.Blocks...), nil
	}
	return m
}

// streams reads the names of all streams by number.
func (s *Store) streams(ctx context.Context, tx *store.Tx) (map[int64]streamName, error) {
	names := map[int64]streamName{}
	err := tx.Each(ctx, func(r store.Row) error {
		names[r.Int(0)] = streamName{r.Text(1), r.Text(2), record.Type(r.Text(3))}
		return nil
	}, "SELECT id, source, stream, type FROM stream")
	return names, err
}

// streamOf returns the name of a stream, which never changes.
func (s *Store) streamOf(ctx context.Context, tx *store.Tx, id int64) (streamName, error) {
	s.mu.Lock()
	name, ok := s.streamNames[id]
	s.mu.Unlock()
	if ok {
		return name, nil
	}
	names, err := s.streams(ctx, tx)
	if err != nil {
		return streamName{}, err
	}
	s.mu.Lock()
	s.streamNames = names
	s.mu.Unlock()
	return names[id], nil
}

// members reads customers and opens them, in parallel and outside the transaction.
func (s *Store) members(ctx context.Context, read func(tx *store.Tx, take func(store.Row) error) error, keysOnly bool) ([]*sealedMember, error) {
	return s.membersBy(ctx, s.db.View, read, keysOnly)
}

// membersBy is members by a transaction of the caller's.
func (s *Store) membersBy(ctx context.Context, view updating, read func(tx *store.Tx, take func(store.Row) error) error, keysOnly bool) ([]*sealedMember, error) {
	var all []*sealedMember
	err := view(ctx, func(tx *store.Tx) (err error) {
		all, err = s.sealedMembers(ctx, tx, read)
		return err
	})
	if err != nil {
		return nil, err
	}
	slices.SortFunc(all, func(a, b *sealedMember) int { return int(a.ID - b.ID) })
	return all, parallel(ctx, len(all), func(i int) error { return s.openMember(all[i], keysOnly) })
}

// sealedMembers reads customers by a query of memberSelect.
func (s *Store) sealedMembers(ctx context.Context, tx *store.Tx, read func(tx *store.Tx, take func(store.Row) error) error) ([]*sealedMember, error) {
	var all []*sealedMember
	rowless := false
	err := read(tx, func(r store.Row) error {
		m := scanMember(r)
		rowless = rowless || m.rowless
		all = append(all, m)
		return nil
	})
	if err != nil {
		return nil, err
	}
	c := census{}
	if rowless {
		if c, err = readCensus(ctx, tx); err != nil {
			return nil, err
		}
	}
	for _, m := range all {
		if m.rowless && !m.Deleted && !c.fresh(int64(m.ID)) {
			m.Entity = m.Own
		}
		if m.name, err = s.streamOf(ctx, tx, m.stream); err != nil {
			return nil, err
		}
	}
	return all, nil
}

func (s *Store) openMember(m *sealedMember, keysOnly bool) error {
	o, err := s.open(m.wrapped, m.payload, string(m.name.typ), m.ref, keysOnly)
	if err != nil {
		return err
	}
	m.Ref = record.Ref{Source: m.name.source, Stream: m.name.stream, Type: m.name.typ, Key: o.key}
	m.wrapped, m.payload = nil, nil
	if !m.Deleted {
		m.Fields = o.fields
		m.invalid, err = setAside(o.invalid)
	}
	return err
}

// parallel calls f for 0 to n-1 on all processors and returns the first error.
func parallel(ctx context.Context, n int, f func(i int) error) error {
	workers := min(runtime.GOMAXPROCS(0), (n+63)/64)
	if workers <= 1 {
		for i := range n {
			if err := f(i); err != nil {
				return err
			}
		}
		return ctx.Err()
	}
	errs := make([]error, workers)
	var wg sync.WaitGroup
	for w := range workers {
		wg.Go(func() {
			for i := n * w / workers; i < n*(w+1)/workers; i++ {
				if errs[w] = f(i); errs[w] != nil || ctx.Err() != nil {
					return
				}
			}
		})
	}
	wg.Wait()
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return ctx.Err()
}

func plainMembers(all []*sealedMember) []entity.Member {
	out := make([]entity.Member, len(all))
	for i, m := range all {
		out[i] = m.Member
	}
	return out
}

// Stat returns how many customers are dirty, tombstones included, and how many
// are current. Where the store's records were landed under another model all of
// them are dirty: BeginPass makes them so.
func (s *Store) Stat(ctx context.Context) (dirty, current int64, err error) {
	err = s.db.View(ctx, func(tx *store.Tx) error {
		c, err := readCensus(ctx, tx)
		if err != nil {
			return err
		}
		if dirty, err = c.dirty(ctx, tx); err != nil {
			return err
		}
		gone, err := tx.Int(ctx, "SELECT count(*) FROM record WHERE deleted = 1 AND own IS NOT NULL")
		if err != nil {
			return err
		}
		current = c.all - gone
		other, err := s.otherModel(ctx, tx)
		if other {
			dirty = max(dirty, current)
		}
		return err
	})
	return dirty, current, err
}

// quietWorth is how many customers of which nothing changed that is compared are about as much work as
// one that is compared: of 200,000 in SQLite a changed owner took 0.16 ms of processor time, a changed phone 0.56.
const quietWorth = 4

// Waiting returns how many customers are dirty, tombstones included, and
// whether they are about as much work as this share of all would be.
func (s *Store) Waiting(ctx context.Context, share float64) (dirty int64, many bool, err error) {
	other := false
	err = s.db.Glance(ctx, func(tx *store.Tx) error {
		var model, counted []byte
		_, err := tx.One(ctx, func(r store.Row) error {
			model, counted, dirty = r.Bytes(0), r.Bytes(1), r.Int(2)
			return nil
		}, "SELECT (SELECT value FROM meta WHERE name = $1), (SELECT value FROM meta WHERE name = $2), (SELECT count(*) FROM xref WHERE dirty <> 0)", modelName, censusName)
		if other = s.o.Model != "" && string(model) != s.o.Model; err != nil || other {
			return err
		}
		c, err := censusOf(ctx, tx, counted)
		if err != nil {
			return err
		}
		left, err := c.unresolved(ctx, tx)
		dirty += left
		large := func(work int64) bool { return work > 0 && c.all <= int64(float64(work)/share) }
		if err != nil || !large(dirty) {
			return err
		}
		quiet, err := tx.Int(ctx, "SELECT count(*) FROM xref WHERE dirty <> 0 AND dirty < 0")
		many = large(dirty - quiet + (quiet+quietWorth-1)/quietWorth)
		return err
	})
	if err == nil && other {
		dirty, _, err = s.Stat(ctx)
		many = dirty > 0
	}
	return dirty, many, err
}

// otherModel reports whether the store's records were landed under another model.
func (s *Store) otherModel(ctx context.Context, tx *store.Tx) (bool, error) {
	if s.o.Model == "" {
		return false, nil
	}
	was, err := tx.Meta(ctx, modelName)
	return err == nil && string(was) != s.o.Model, err
}

// BeginPass begins a resolver's pass: it brings the tokens in line with the model,
// and from here on, what changes is dirty anew when Apply is through.
func (s *Store) BeginPass(ctx context.Context) error {
	return s.begin(ctx, 0)
}

// begin begins a pass: that of a team, by its number, or one of its own, which is 0.
func (s *Store) begin(ctx context.Context, team int64) error {
	met, other, broken := false, false, false
	var mark int64
	err := s.db.Glance(ctx, func(tx *store.Tx) error {
		about, err := tx.Metas(ctx, passName, modelName, stampName, censusName)
		if err != nil {
			return err
		}
		met, other = about[passName] != nil, s.o.Model != "" && string(about[modelName]) != s.o.Model
		if raw := about[censusName]; raw != nil {
			c, err := censusOf(ctx, tx, raw)
			if broken = c.passing; err != nil {
				return err
			}
		}
		mark, err = stampOf(about[stampName])
		return err
	})
	if err == nil && met && team == 0 {
		err = s.endTeams(ctx)
	}
	if err == nil && other {
		err = s.alignModel(ctx)
	}
	if err != nil {
		return err
	}
	s.setPass(nil)
	s.holders.begin(team, true)
	if other { // which marked all records anew
		err = s.db.Glance(ctx, func(tx *store.Tx) (err error) {
			mark, err = currentStamp(ctx, tx)
			return err
		})
	}
	if err != nil {
		return err
	}
	s.mu.Lock()
	s.mark = mark
	s.mu.Unlock()
	if !broken {
		return nil
	}
	return s.mend(ctx)
}

// Dirty returns the ids of the next dirty records after one, ascending.
func (s *Store) Dirty(ctx context.Context, after entity.RecordID, limit int) ([]entity.RecordID, error) {
	var ids []entity.RecordID
	err := s.db.Glance(ctx, func(tx *store.Tx) error {
		take := func(r store.Row) error {
			ids = append(ids, entity.RecordID(r.Int(0)))
			return nil
		}
		var counted []byte // the census comes with the first row
		err := tx.Each(ctx, func(r store.Row) error {
			if len(ids) == 0 {
				counted = r.Bytes(1)
			}
			return take(r)
		}, "SELECT record, (SELECT value FROM meta WHERE name = $3) FROM xref WHERE dirty <> 0 AND record > $1 ORDER BY record LIMIT $2", int64(after), limit, censusName)
		if err != nil {
			return err
		}
		c, err := census{}, error(nil)
		if counted != nil {
			c, err = censusOf(ctx, tx, counted)
		} else {
			c, err = readCensus(ctx, tx)
		}
		if err != nil {
			return err
		}
		if left, err := c.unresolved(ctx, tx); err != nil || left == 0 {
			return err
		}
		return tx.Each(ctx, take, `SELECT r.id FROM record r WHERE r.id > $1 AND r.own IS NOT NULL AND r.deleted = 0
			AND NOT EXISTS (SELECT 1 FROM xref x WHERE x.record = r.id) ORDER BY r.id LIMIT $2`, max(int64(after), c.first-1), limit)
	})
	slices.Sort(ids)
	return ids[:min(limit, len(ids))], err
}

// Current returns the next current records after an id, dirty or not, ascending, opened.
func (s *Store) Current(ctx context.Context, after entity.RecordID, limit int) ([]entity.Member, error) {
	all, err := s.members(ctx, func(tx *store.Tx, take func(store.Row) error) error {
		return tx.Each(ctx, take, memberSelect+" WHERE r.deleted = 0 AND r.own IS NOT NULL AND r.id > $1 ORDER BY r.id LIMIT $2", int64(after), limit)
	}, false)
	return plainMembers(all), err
}

// Members returns records by id, ascending, opened.
func (s *Store) Members(ctx context.Context, ids []entity.RecordID) ([]entity.Member, error) {
	all, err := s.membersBy(ctx, s.db.Glance, func(tx *store.Tx, take func(store.Row) error) error {
		if err := s.noteMark(ctx, tx, false); err != nil {
			return err
		}
		return tx.InInts(ctx, sortedInts(ids), take, memberSelect+" WHERE r.own IS NOT NULL AND r.id IN ($keys)")
	}, false)
	return plainMembers(all), err
}

// noteMark notes the stamp up to which what is dirty was read by the resolver.
func (s *Store) noteMark(ctx context.Context, tx *store.Tx, anew bool) error {
	s.mu.Lock()
	known := s.mark
	s.mu.Unlock()
	if known != 0 && !anew {
		return nil
	}
	n, err := currentStamp(ctx, tx)
	if err != nil {
		return err
	}
	s.mu.Lock()
	s.mark = n
	s.mu.Unlock()
	return nil
}

func (s *Store) marked() int64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	return max(s.mark, 1)
}

// sortedInts returns ids as the database takes them, ascending, each once.
func sortedInts[T ~int64](ids []T) []int64 {
	all := make([]int64, len(ids))
	for i, id := range ids {
		all[i] = int64(id)
	}
	slices.Sort(all)
	return slices.Compact(all)
}

func recordIDs(ids []int64) []entity.RecordID {
	slices.Sort(ids)
	ids = slices.Compact(ids)
	all := make([]entity.RecordID, len(ids))
	for i, id := range ids {
		all[i] = entity.RecordID(id)
	}
	return all
}

// InComponents returns the ids of the records of these components, ascending.
// A tombstone that is not dirty is of none.
func (s *Store) InComponents(ctx context.Context, components []entity.RecordID) ([]entity.RecordID, error) {
	var ids []int64
	err := s.db.Glance(ctx, func(tx *store.Tx) error {
		return tx.InInts(ctx, sortedInts(components), func(r store.Row) error {
			ids = append(ids, r.Int(0))
			return nil
		}, "SELECT record FROM xref WHERE component <> 0 AND component IN ($keys)")
	})
	return recordIDs(ids), err
}

// alignModel brings the tokens of records that were landed under another model
// in line with this one, and makes them dirty: entities depend on the model.
func (s *Store) alignModel(ctx context.Context) error {
	for after := entity.RecordID(0); ; {
		part, err := s.Current(ctx, after, 2000)
		if err != nil {
			return err
		}
		if len(part) == 0 {
			break
		}
		if err := s.retoken(ctx, part); err != nil {
			return err
		}
		after = part[len(part)-1].ID
	}
	return s.db.Update(ctx, func(tx *store.Tx) error { return tx.SetMeta(ctx, modelName, []byte(s.o.Model)) })
}

// modelName is the row of meta that holds the model under which tokens were made.
const modelName = "model"

func (s *Store) retoken(ctx context.Context, part []entity.Member) error {
	schema, _ := s.schema(record.Customer)
	fresh := make([][]byte, len(part))
	err := parallel(ctx, len(part), func(i int) error {
		p := sealer{s: s}
		fresh[i] = p.appendTokens(nil, record.Customer, schema, part[i].Fields)
		return nil
	})
	if err != nil {
		return err
	}
	return s.db.Update(ctx, func(tx *store.Tx) error {
		ids := make([]int64, len(part))
		byID := map[int64][]byte{}
		for i, m := range part {
			ids[i], byID[int64(m.ID)] = int64(m.ID), fresh[i]
		}
		type change struct {
			id         int64
			now, stale []byte
		}
		if err := enter(ctx, tx, ids); err != nil {
			return err
		}
		var changes []change
		err := tx.InInts(ctx, ids, func(r store.Row) error {
			now := byID[r.Int(0)]
			changes = append(changes, change{r.Int(0), now, mergeStale(now, r.Bytes(1), r.Bytes(2))})
			return nil
		}, "SELECT r.id, r.tokens, x.stale FROM record r JOIN xref x ON x.record = r.id WHERE r.id IN ($keys)")
		if err != nil {
			return err
		}
		mark, err := stamp(ctx, tx)
		if err != nil {
			return err
		}
		err = tx.Change(ctx, "record", []string{"id", "tokens"}, len(changes), func(i int, v []any) { v[0], v[1] = changes[i].id, changes[i].now })
		if err != nil {
			return err
		}
		return tx.Change(ctx, "xref", []string{"record", "dirty", "stale"}, len(changes), func(i int, v []any) { v[0], v[1], v[2] = changes[i].id, mark, changes[i].stale })
	})
}
