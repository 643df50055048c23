package mdmtest

import (
	"context"
	"encoding/binary"
	"maps"
	"slices"

	"crmhub/mdm"
	"crmhub/mdm/entity"
)

// Keys implements mdm.Store.
func (s *Store) Keys(ctx context.Context, first, last entity.RecordID) ([]mdm.Key, error) {
	end, err := s.begin(ctx, "keys")
	if err != nil {
		return nil, err
	}
	defer end()
	var out []mdm.Key
	for _, x := range s.records[first-1 : last] {
		if !x.Deleted || x.dirty {
			out = append(out, keyOf(x))
		}
	}
	return out, nil
}

// KeysOf implements mdm.Store.
func (s *Store) KeysOf(ctx context.Context, ids []entity.RecordID) ([]mdm.Key, error) {
	end, err := s.begin(ctx, "keys")
	if err != nil {
		return nil, err
	}
	defer end()
	var out []mdm.Key
	for _, id := range slices.Sorted(slices.Values(ids)) {
		out = append(out, keyOf(s.records[id-1]))
	}
	return out, nil
}

func keyOf(x *row) mdm.Key {
	if x.Deleted {
		return mdm.Key{ID: x.ID, Component: x.Component, Dirty: x.dirty, Deleted: true, Own: x.Own, Entity: x.Entity}
	}
	k := mdm.Key{ID: x.ID, Component: x.Component, Dirty: x.dirty, Quiet: x.dirty && x.quiet}
	for _, t := range x.Blocks {
		k.Blocks = append(k.Blocks, t[:]...)
	}
	return k
}

// Holders implements mdm.Store.
func (s *Store) Holders(ctx context.Context, tokens []entity.Token, limit int) (map[entity.Token][]entity.RecordID, error) {
	end, err := s.begin(ctx, "holders")
	if err != nil {
		return nil, err
	}
	defer end()
	m := map[entity.Token][]entity.RecordID{}
	for _, t := range tokens {
		m[t] = nil
		if len(s.index[t]) <= limit {
			m[t] = slices.Sorted(maps.Keys(s.index[t]))
		}
	}
	return m, nil
}

// SyncTokens implements mdm.Store.
func (s *Store) SyncTokens(ctx context.Context, ids []entity.RecordID, limit int) ([]entity.RecordID, error) {
	end, err := s.begin(ctx, "sync")
	if err != nil {
		return nil, err
	}
	defer end()
	before := map[entity.Token]int{}
	for _, id := range ids {
		x := s.records[id-1]
		for _, t := range union(x.Stale, x.Blocks) {
			if _, ok := before[t]; !ok {
				before[t] = len(s.index[t])
			}
			if x.Deleted || !slices.Contains(x.Blocks, t) {
				delete(s.index[t], id)
			} else {
				s.hold(t, id)
			}
		}
		x.Stale = nil
	}
	return s.cross(before, limit), nil
}

func (s *Store) hold(t entity.Token, id entity.RecordID) {
	if s.index[t] == nil {
		s.index[t] = map[entity.RecordID]bool{}
	}
	s.index[t][id] = true
}

// cross makes the holders of tokens dirty that had that many holders before
// and crossed the limit.
func (s *Store) cross(before map[entity.Token]int, limit int) []entity.RecordID {
	crossed := map[entity.RecordID]bool{}
	for t, n := range before {
		if (n > limit) != (len(s.index[t]) > limit) {
			for id := range s.index[t] {
				crossed[id] = true
				s.records[id-1].soil()
			}
		}
	}
	return slices.Sorted(maps.Keys(crossed))
}

// ReplaceTokens implements mdm.Store.
func (s *Store) ReplaceTokens(ctx context.Context, part mdm.Part, ids []entity.RecordID, limit int) error {
	end, err := s.begin(ctx, "replace")
	if err != nil {
		return err
	}
	defer end()
	before := map[entity.Token]int{}
	for t, held := range s.index {
		if n := binary.BigEndian.Uint64(t[:]); n >= part.First && (n < part.Next || part.Next == 0) {
			before[t] = len(held)
			delete(s.index, t)
		}
	}
	for _, l := range part.Lines {
		var t entity.Token
		binary.BigEndian.PutUint64(t[:], l.Token)
		if _, ok := before[t]; !ok {
			before[t] = 0
		}
		s.hold(t, ids[l.Record])
	}
	if !part.AllDirty {
		s.cross(before, limit)
	}
	return nil
}
