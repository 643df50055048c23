package golden

import (
	"bytes"
	"context"
	"slices"
	"time"

	"crmhub/fault"
	"crmhub/mdm/entity"
	"crmhub/record"
	"crmhub/store"
)

// Status is the state of a golden record.
type Status string

// The states of a golden record.
const (
	Active     Status = "active"
	Redirected Status = "redirected" // another one answers for it
	Retired    Status = "retired"    // it has no members left
)

var statuses = [...]Status{Active, Redirected, Retired}

// View is one golden record, opened, as it stands or stood.
type View struct {
	ID     entity.ID
	Type   record.Type
	Status Status
	Fields record.Fields
	// Provenance says of each top-level field where its value comes from.
	Provenance map[string]Provenance
	// Members are the source records behind it, the oldest first.
	Members []Member
	// RedirectedFrom is the id that was asked for, where this one answers for it.
	RedirectedFrom entity.ID
	Version        int64
	// Run is the last run that had begun when this version was written.
	Run       record.RunID
	UpdatedAt time.Time
	// Until is when a later version took its place; zero for the one that stands.
	Until time.Time
}

// Member is a source record behind a golden record.
type Member struct {
	Ref      record.Ref
	RecordID entity.RecordID
	// Own is the entity id that the record has of its own: it gets it back when it is unmerged.
	Own       entity.ID
	UpdatedAt time.Time // zero when undated
	// Fields and Invalid are nil where the view lists its members by name only.
	Fields  record.Fields
	Invalid []record.Invalid
}

// Provenance is where a golden value comes from, by name.
type Provenance struct {
	// From is the record that the value was taken from; zero where it was put
	// together from several.
	From record.Ref
	All  []record.Ref
	Rule string
}

// row is a golden record as it was read.
type row struct {
	id                               entity.ID
	status, version, run, from, till int64
	members, prov, wrapped, payload  []byte
	lone                             lone
}

// list are the ids of the members.
func (x *row) list() ([]entity.RecordID, error) {
	if x.lone.record != 0 {
		return []entity.RecordID{entity.RecordID(x.lone.record)}, nil
	}
	return unpackMembers(x.members)
}

const (
	goldenSelect  = "SELECT id, status, version, run, updated, 0, members, prov, wrapped, payload, record, record_version FROM golden"
	historySelect = "SELECT id, status, version, run, valid_from, valid_to, members, prov, wrapped, payload, record, record_version FROM golden_history"
)

func scanGolden(r store.Row) row {
	return row{entity.ID(r.Bytes(0)), r.Int(1), r.Int(2), r.Int(3), r.Int(4), r.Int(5), r.Bytes(6), r.Bytes(7), r.Bytes(8), r.Bytes(9), lone{r.Int(10), r.Int(11)}}
}

// viewOf opens a golden record. whole opens its members too.
func (s *Store) viewOf(ctx context.Context, tx *store.Tx, x row, whole bool) (View, error) {
	views, err := s.views(ctx, tx, []row{x}, whole)
	if err != nil {
		return View{}, err
	}
	return views[0], nil
}

func (s *Store) views(ctx context.Context, tx *store.Tx, rows []row, whole bool) ([]View, error) {
	lists := make([][]entity.RecordID, len(rows))
	var ids []entity.RecordID
	for i, x := range rows {
		var err error
		if lists[i], err = x.list(); err != nil {
			return nil, err
		}
		ids = append(ids, lists[i]...)
	}
	alone, err := s.openLone(ctx, tx, loneOf(rows))
	if err != nil {
		return nil, err
	}
	members, err := s.membersIn(ctx, tx, ids, !whole)
	if err != nil {
		return nil, err
	}
	out := make([]View, len(rows))
	provs := make([]map[string]entity.Provenance, len(rows))
	for i, x := range rows {
		if provs[i], err = s.unpackProvenance(ctx, tx, x.prov, lists[i]); err != nil {
			return nil, err
		}
		run, err := s.runID(ctx, tx, x.run)
		if err != nil {
			return nil, err
		}
		out[i] = View{ID: x.id, Type: record.Customer, Status: statuses[x.status], Version: x.version, Run: run, UpdatedAt: instant(x.from)}
		if x.till != 0 {
			out[i].Until = instant(x.till)
		}
	}
	err = parallel(ctx, len(rows), func(i int) error {
		x, v := rows[i], &out[i]
		if x.lone.record != 0 {
			g := alone[x.lone]
			v.Fields, provs[i] = g.Fields, g.Provenance
		} else if x.payload != nil {
			o, err := s.open(x.wrapped, x.payload, goldenKind, x.id[:], false)
			if err != nil {
				return err
			}
			v.Fields = o.fields
			if err := addOrigins(provs[i], o.origins); err != nil {
				return err
			}
		}
		for _, id := range lists[i] {
			if m := members[id]; m != nil {
				v.Members = append(v.Members, Member{Ref: m.Ref, RecordID: id, Own: m.Own, UpdatedAt: m.UpdatedAt, Fields: m.Fields, Invalid: m.invalid})
			}
		}
		v.Provenance = make(map[string]Provenance, len(provs[i]))
		for n, p := range provs[i] {
			named := Provenance{Rule: p.Rule}
			if m := members[p.From]; m != nil {
				named.From = m.Ref
			}
			for _, id := range p.All {
				if m := members[id]; m != nil {
					named.All = append(named.All, m.Ref)
				}
			}
			v.Provenance[n] = named
		}
		return nil
	})
	return out, err
}

// membersIn reads and opens customers inside a transaction.
func (s *Store) membersIn(ctx context.Context, tx *store.Tx, ids []entity.RecordID, keysOnly bool) (map[entity.RecordID]*sealedMember, error) {
	all, err := s.sealedMembers(ctx, tx, func(tx *store.Tx, take func(store.Row) error) error {
		return tx.InInts(ctx, sortedInts(ids), take, memberSelect+" WHERE r.own IS NOT NULL AND r.id IN ($keys)")
	})
	if err != nil {
		return nil, err
	}
	byID := make(map[entity.RecordID]*sealedMember, len(all))
	for _, m := range all {
		byID[m.ID] = m
	}
	return byID, parallel(ctx, len(all), func(i int) error { return s.openMember(all[i], keysOnly) })
}

func (s *Store) runID(ctx context.Context, tx *store.Tx, n int64) (record.RunID, error) {
	s.mu.Lock()
	id, ok := s.runIDs[n]
	s.mu.Unlock()
	if ok || n == 0 {
		return id, nil
	}
	_, err := tx.One(ctx, func(r store.Row) error {
		id = record.RunID(r.Text(0))
		return nil
	}, "SELECT id FROM run WHERE n = $1", n)
	if err == nil {
		s.mu.Lock()
		s.runIDs[n] = id
		s.mu.Unlock()
	}
	return id, err
}

// Get returns the golden record of that id with its members, opened. For the id
// of a merged one it returns the record that answers for it, and says so. Unknown ids
// give E5020.
func (s *Store) Get(ctx context.Context, id entity.ID) (View, error) {
	var v View
	err := s.db.View(ctx, func(tx *store.Tx) (err error) {
		v, err = s.get(ctx, tx, id)
		return err
	})
	return v, err
}

func (s *Store) get(ctx context.Context, tx *store.Tx, id entity.ID) (View, error) {
	at, err := s.target(ctx, tx, id)
	if err != nil {
		return View{}, err
	}
	var x row
	found, err := tx.One(ctx, func(r store.Row) error {
		x = scanGolden(r)
		return nil
	}, goldenSelect+" WHERE id = $1", at[:])
	if err != nil {
		return View{}, err
	}
	if !found {
		return View{}, fault.New("E5020", "", "id", idText(id))
	}
	v, err := s.viewOf(ctx, tx, x, true)
	if at != id {
		v.RedirectedFrom = id
	}
	return v, err
}

// target returns the id that answers for id.
func (s *Store) target(ctx context.Context, tx *store.Tx, id entity.ID) (entity.ID, error) {
	to := id
	_, err := tx.One(ctx, func(r store.Row) error {
		to = entity.ID(r.Bytes(0))
		return nil
	}, "SELECT target FROM redirect WHERE id = $1", id[:])
	return to, err
}

// eachPart is how many golden records Each holds at a time.
const eachPart = 500

// Each hands yield every active golden record, by ascending id, all of one
// moment. Members are listed by name only.
func (s *Store) Each(ctx context.Context, yield func(View) error) error {
	return s.db.View(ctx, func(tx *store.Tx) error {
		return s.eachIn(ctx, tx, func(views []View) error {
			for _, v := range views {
				if err := yield(v); err != nil {
					return err
				}
			}
			return nil
		})
	})
}

func (s *Store) eachIn(ctx context.Context, tx *store.Tx, yield func([]View) error) error {
	var after entity.ID
	for {
		var rows []row
		err := tx.Each(ctx, func(r store.Row) error {
			rows = append(rows, scanGolden(r))
			return nil
		}, goldenSelect+" WHERE id > $1 AND status = 0 ORDER BY id LIMIT $2", after[:], eachPart)
		if err != nil || len(rows) == 0 {
			return err
		}
		views, err := s.views(ctx, tx, rows, false)
		if err != nil {
			return err
		}
		if err := yield(views); err != nil {
			return err
		}
		after = rows[len(rows)-1].id
	}
}

// History returns the versions of a golden record, the one that stands first. Members are listed by name only.
func (s *Store) History(ctx context.Context, id entity.ID) ([]View, error) {
	var all []View
	err := s.db.View(ctx, func(tx *store.Tx) error {
		var rows []row
		scan := func(r store.Row) error {
			rows = append(rows, scanGolden(r))
			return nil
		}
		if err := tx.Each(ctx, scan, goldenSelect+" WHERE id = $1", id[:]); err != nil {
			return err
		}
		if err := tx.Each(ctx, scan, historySelect+" WHERE id = $1 ORDER BY version DESC", id[:]); err != nil {
			return err
		}
		if len(rows) == 0 {
			return fault.New("E5020", "", "id", idText(id))
		}
		var err error
		all, err = s.views(ctx, tx, rows, false)
		return err
	})
	return all, err
}

// AsOf returns a golden record as it stood at a time. Members are listed by
// name only. It returns E5020 where there was none.
func (s *Store) AsOf(ctx context.Context, id entity.ID, at time.Time) (View, error) {
	all, err := s.History(ctx, id)
	if err != nil {
		return View{}, err
	}
	for _, v := range all {
		if v.UpdatedAt.After(at) {
			continue
		}
		if v.Status == Redirected {
			var to entity.ID
			if err := s.db.View(ctx, func(tx *store.Tx) (err error) {
				to, err = s.target(ctx, tx, id)
				return err
			}); err != nil || to == id {
				return v, err
			}
			w, err := s.AsOf(ctx, to, at)
			w.RedirectedFrom = id
			return w, err
		}
		return v, nil
	}
	return View{}, fault.New("E5020", "", "id", idText(id))
}

// Goldens returns the golden records of these entities; retired and unknown
// ids are left out.
func (s *Store) Goldens(ctx context.Context, ids []entity.ID) ([]entity.Golden, error) {
	keys := make([][]byte, len(ids))
	for i := range ids {
		keys[i] = ids[i][:]
	}
	slices.SortFunc(keys, bytes.Compare)
	var rows []row
	var out []entity.Golden
	var alone map[lone]entity.Golden
	err := s.db.View(ctx, func(tx *store.Tx) error {
		err := tx.InBytes(ctx, slices.CompactFunc(keys, bytes.Equal), func(r store.Row) error {
			rows = append(rows, scanGolden(r))
			return nil
		}, goldenSelect+" WHERE id IN ($keys) AND status = 0")
		if err != nil {
			return err
		}
		if alone, err = s.openLone(ctx, tx, loneOf(rows)); err != nil {
			return err
		}
		out = make([]entity.Golden, len(rows))
		for i, x := range rows {
			out[i].ID = x.id
			if out[i].Members, err = x.list(); err != nil {
				return err
			}
			if out[i].Provenance, err = s.unpackProvenance(ctx, tx, x.prov, out[i].Members); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	err = parallel(ctx, len(rows), func(i int) error {
		if x := rows[i].lone; x.record != 0 {
			out[i].Fields, out[i].Provenance = alone[x].Fields, alone[x].Provenance
			return nil
		}
		o, err := s.open(rows[i].wrapped, rows[i].payload, goldenKind, rows[i].id[:], false)
		if err != nil {
			return err
		}
		out[i].Fields = o.fields
		return addOrigins(out[i].Provenance, o.origins)
	})
	return out, err
}
