// Package mdmtest is a store in memory that keeps every promise of mdm.Store, for tests.
package mdmtest

import (
	"bytes"
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"maps"
	"reflect"
	"slices"
	"sync"

	"crmhub/mdm"
	"crmhub/mdm/compare"
	"crmhub/mdm/entity"
	"crmhub/record"
)

// Store is an mdm.Store in memory. It is safe for concurrent use.
type Store struct {
	mu         sync.Mutex
	blocks     func(record.Fields) []string
	records    []*row // by record id, from 1
	byRef      map[record.Ref]*row
	index      map[entity.Token]map[entity.RecordID]bool
	goldens    map[entity.ID]entity.Golden
	redirects  map[entity.ID]entity.ID
	judgements []entity.Judgement
	overrides  []entity.Override
	minted     uint64
	// Written counts the golden records that Apply wrote, removed or
	// redirected, and the memberships that it changed.
	Written int
	// Fail is called before every operation with its name; an error ends it.
	// It is how tests cut a resolve off.
	Fail func(op string) error
}

type row struct {
	entity.Member
	dirty bool
	quiet bool // dirty, and nothing that is compared changed since it was resolved
}

// soil makes the record dirty, for all that may hang on it.
func (x *row) soil() { x.dirty, x.quiet = true, false }

var _ mdm.Store = (*Store)(nil)

// New returns an empty store whose records have these blocking keys.
func New(blocks func(record.Fields) []string) *Store {
	return &Store{blocks: blocks, byRef: map[record.Ref]*row{}, index: map[entity.Token]map[entity.RecordID]bool{}, goldens: map[entity.ID]entity.Golden{}, redirects: map[entity.ID]entity.ID{}}
}

// Token returns the token of a blocking key: a hash stands for the store's keyed one.
func Token(key string) entity.Token {
	s := sha256.Sum256([]byte(key))
	return entity.Token(s[:8])
}

func (s *Store) mint() entity.ID {
	s.minted++
	var id entity.ID
	binary.BigEndian.PutUint64(id[8:], s.minted)
	id[0] = 1
	return id
}

// Land inserts or updates a record and marks it dirty; an equal one changes nothing.
func (s *Store) Land(r record.Record) {
	s.mu.Lock()
	defer s.mu.Unlock()
	x := s.byRef[r.Ref]
	if r.Op == record.Delete {
		if x != nil && !x.Deleted {
			x.Deleted = true
			x.soil()
			x.Stale = union(x.Stale, x.Blocks)
			x.Blocks = nil
		}
		return
	}
	var tokens []entity.Token
	for _, k := range s.blocks(r.Fields) {
		tokens = union(tokens, []entity.Token{Token(k)})
	}
	switch {
	case x == nil:
		x = &row{Member: entity.Member{ID: entity.RecordID(len(s.records) + 1), Ref: r.Ref, Own: s.mint()}}
		s.records = append(s.records, x)
		s.byRef[r.Ref] = x
	case !x.Deleted && reflect.DeepEqual(x.Fields, r.Fields) && x.UpdatedAt.Equal(r.UpdatedAt):
		return
	case x.Own.Zero():
		x.Own = s.mint()
	}
	quiet := !x.Entity.Zero() && !x.Deleted && (!x.dirty || x.quiet) && slices.Equal(x.Blocks, tokens) && bytes.Equal(compared(x.Fields), compared(r.Fields))
	x.Stale = union(x.Stale, x.Blocks)
	x.Fields, x.UpdatedAt, x.Blocks, x.Deleted, x.dirty, x.quiet = r.Fields, r.UpdatedAt, tokens, false, true, quiet
}

// compared is what comparing asks of a record.
func compared(f record.Fields) []byte { return compare.NewTransient().New(f).AppendPacked(nil) }

func union(a, b []entity.Token) []entity.Token {
	for _, t := range b {
		if !slices.Contains(a, t) {
			a = append(slices.Clip(a), t)
		}
	}
	return a
}

// Judge adds a judgement and marks its records dirty.
func (s *Store) Judge(j entity.Judgement) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.judgements = append(s.judgements, j)
	s.records[j.A-1].soil()
	s.records[j.B-1].soil()
}

// ID returns the record id of a ref, 0 for none.
func (s *Store) ID(ref record.Ref) entity.RecordID {
	s.mu.Lock()
	defer s.mu.Unlock()
	if x := s.byRef[ref]; x != nil {
		return x.ID
	}
	return 0
}

// EntityOf returns the entity of a record.
func (s *Store) EntityOf(id entity.RecordID) entity.ID {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.records[id-1].Entity
}

// Get returns the golden record that an id stands for, redirects followed.
func (s *Store) Get(id entity.ID) (entity.Golden, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if to, ok := s.redirects[id]; ok {
		id = to
	}
	g, ok := s.goldens[id]
	return g, ok
}

// All returns every golden record, by its oldest member.
func (s *Store) All() []entity.Golden {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.SortedFunc(maps.Values(s.goldens), func(a, b entity.Golden) int { return cmp.Compare(a.Members[0], b.Members[0]) })
}

// Refs returns the ref of every record by id.
func (s *Store) Refs() map[entity.RecordID]record.Ref {
	s.mu.Lock()
	defer s.mu.Unlock()
	m := map[entity.RecordID]record.Ref{}
	for _, x := range s.records {
		m[x.ID] = x.Ref
	}
	return m
}

func (s *Store) begin(ctx context.Context, op string) (func(), error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	s.mu.Lock()
	if s.Fail != nil {
		if err := s.Fail(op); err != nil {
			s.mu.Unlock()
			return nil, err
		}
	}
	return s.mu.Unlock, nil
}

// Stat implements mdm.Store.
func (s *Store) Stat(ctx context.Context) (dirty, current int64, err error) {
	end, err := s.begin(ctx, "stat")
	if err != nil {
		return 0, 0, err
	}
	defer end()
	for _, x := range s.records {
		if x.dirty {
			dirty++
		}
		if !x.Deleted {
			current++
		}
	}
	return dirty, current, nil
}

// Waiting implements mdm.Store.
func (s *Store) Waiting(ctx context.Context, share float64) (int64, bool, error) {
	dirty, _, err := s.Stat(ctx)
	return dirty, float64(dirty) >= share*float64(len(s.records)), err
}

// BeginPass implements mdm.Store.
func (s *Store) BeginPass(ctx context.Context) error {
	end, err := s.begin(ctx, "begin")
	if err != nil {
		return err
	}
	end()
	return nil
}

// Last implements mdm.Store.
func (s *Store) Last(ctx context.Context) (entity.RecordID, error) {
	end, err := s.begin(ctx, "last")
	if err != nil {
		return 0, err
	}
	defer end()
	return entity.RecordID(len(s.records)), nil
}

// Features implements mdm.Store.
func (s *Store) Features(ctx context.Context, ids []entity.RecordID, d *compare.Dictionary, f func(int, *compare.Features)) error {
	end, err := s.begin(ctx, "features")
	if err != nil {
		return err
	}
	defer end()
	for i, id := range ids {
		if x := s.records[id-1]; !x.Deleted {
			f(i, d.New(x.Fields))
		}
	}
	return nil
}

// Dirty implements mdm.Store.
func (s *Store) Dirty(ctx context.Context, after entity.RecordID, limit int) ([]entity.RecordID, error) {
	end, err := s.begin(ctx, "dirty")
	if err != nil {
		return nil, err
	}
	defer end()
	var out []entity.RecordID
	for _, x := range s.records[min(int(after), len(s.records)):] {
		if x.dirty && len(out) < limit {
			out = append(out, x.ID)
		}
	}
	return out, nil
}

// Members implements mdm.Store.
func (s *Store) Members(ctx context.Context, ids []entity.RecordID) ([]entity.Member, error) {
	end, err := s.begin(ctx, "members")
	if err != nil {
		return nil, err
	}
	defer end()
	out := make([]entity.Member, 0, len(ids))
	for _, id := range slices.Sorted(slices.Values(ids)) {
		if id >= 1 && int(id) <= len(s.records) {
			out = append(out, s.records[id-1].Member)
		}
	}
	return out, nil
}

// InComponents implements mdm.Store.
func (s *Store) InComponents(ctx context.Context, components []entity.RecordID) ([]entity.RecordID, error) {
	end, err := s.begin(ctx, "components")
	if err != nil {
		return nil, err
	}
	defer end()
	var out []entity.RecordID
	for _, x := range s.records {
		if x.Component != 0 && slices.Contains(components, x.Component) {
			out = append(out, x.ID)
		}
	}
	return out, nil
}

// Judgements implements mdm.Store.
func (s *Store) Judgements(ctx context.Context, ids []entity.RecordID) ([]entity.Judgement, error) {
	end, err := s.begin(ctx, "judgements")
	if err != nil {
		return nil, err
	}
	defer end()
	if ids == nil {
		return slices.Clone(s.judgements), nil
	}
	var out []entity.Judgement
	for _, j := range s.judgements {
		if slices.Contains(ids, j.A) || slices.Contains(ids, j.B) {
			out = append(out, j)
		}
	}
	return out, nil
}

// Goldens implements mdm.Store.
func (s *Store) Goldens(ctx context.Context, ids []entity.ID) ([]entity.Golden, error) {
	end, err := s.begin(ctx, "goldens")
	if err != nil {
		return nil, err
	}
	defer end()
	var out []entity.Golden
	for _, id := range ids {
		if g, ok := s.goldens[id]; ok {
			out = append(out, g)
		}
	}
	return out, nil
}

// Apply implements mdm.Store. It refuses a resolution that breaks a promise.
func (s *Store) Apply(ctx context.Context, r entity.Resolution) error {
	end, err := s.begin(ctx, "apply")
	if err != nil {
		return err
	}
	defer end()
	if err := s.valid(&r); err != nil {
		return err
	}
	for id, own := range r.Owns {
		for _, x := range s.records {
			if x.Own == own {
				x.Own = entity.ID{}
			}
		}
		s.records[id-1].Own = own
	}
	s.inherit(r.Heirs)
	for _, c := range r.Components {
		for _, g := range c.Entities {
			s.write(g)
			for _, id := range g.Members {
				x := s.records[id-1]
				if x.Entity != g.ID || x.Component != c.ID {
					s.Written++
				}
				x.Entity, x.Component, x.dirty = g.ID, c.ID, false
			}
		}
	}
	for from, to := range r.Redirects {
		s.remove(from)
		s.redirects[from] = to
	}
	for from, to := range s.redirects {
		if next, ok := s.redirects[to]; ok {
			s.redirects[from] = next
		}
	}
	for _, id := range r.Retired {
		s.remove(id)
	}
	for _, id := range r.Cleared {
		x := s.records[id-1]
		x.Entity, x.Component, x.dirty = entity.ID{}, 0, false
	}
	return nil
}

func (s *Store) write(g entity.Golden) {
	delete(s.redirects, g.ID)
	if stands, ok := s.goldens[g.ID]; ok && reflect.DeepEqual(stands, g) {
		return
	}
	s.Written++
	s.goldens[g.ID] = g
}

func (s *Store) remove(id entity.ID) {
	if _, ok := s.goldens[id]; ok {
		s.Written++
		delete(s.goldens, id)
	}
}
