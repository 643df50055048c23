package mdmtest

import (
	"fmt"
	"maps"
	"slices"

	"crmhub/mdm/entity"
)

// valid refuses a resolution that breaks a promise.
func (s *Store) valid(r *entity.Resolution) error {
	seen := map[entity.RecordID]bool{}
	ids := map[entity.ID]bool{}
	for _, c := range r.Components {
		smallest := entity.RecordID(0)
		n := 0
		for _, g := range c.Entities {
			if g.ID.Zero() || ids[g.ID] || len(g.Members) == 0 || !slices.IsSorted(g.Members) {
				return fmt.Errorf("component %d: entity %x without id, twice, without members or out of order", c.ID, g.ID)
			}
			ids[g.ID] = true
			for _, id := range g.Members {
				if seen[id] || s.records[id-1].Deleted {
					return fmt.Errorf("component %d: record %d twice, or deleted", c.ID, id)
				}
				seen[id] = true
				n++
				if smallest == 0 || id < smallest {
					smallest = id
				}
			}
		}
		if n == 1 && c.ID != 0 || n > 1 && c.ID != smallest {
			return fmt.Errorf("component of %d records is called %d, want its smallest, %d", n, c.ID, smallest)
		}
	}
	for _, c := range r.Cleared {
		if !s.records[c-1].Deleted {
			return fmt.Errorf("record %d is cleared and not deleted", c)
		}
	}
	for from := range r.Redirects {
		if ids[from] {
			return fmt.Errorf("id %x names an entity and redirects", from)
		}
	}
	return nil
}

// Check returns what is not as it should be when nothing is dirty: golden
// records and memberships that contradict each other, redirects to nothing.
func (s *Store) Check() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, x := range s.records {
		if x.dirty {
			return fmt.Errorf("record %d is dirty", x.ID)
		}
		if x.Deleted {
			continue
		}
		g, ok := s.goldens[x.Entity]
		if !ok || !slices.Contains(g.Members, x.ID) {
			return fmt.Errorf("record %d is not a member of its entity", x.ID)
		}
	}
	for id, g := range s.goldens {
		owned := false
		for _, m := range g.Members {
			if s.records[m-1].Entity != id || s.records[m-1].Deleted {
				return fmt.Errorf("entity %x holds record %d, which is elsewhere", id, m)
			}
			owned = owned || s.records[m-1].Own == id
		}
		if !owned {
			return fmt.Errorf("entity %x has an id that none of its members owns", id)
		}
	}
	for from, to := range s.redirects {
		if _, ok := s.goldens[from]; ok {
			return fmt.Errorf("id %x stands and redirects", from)
		}
		if _, chain := s.redirects[to]; chain {
			return fmt.Errorf("redirect of %x is a chain", from)
		}
	}
	return nil
}

// Soil marks every record dirty.
func (s *Store) Soil() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, x := range s.records {
		x.soil()
	}
}

// Own returns the id that is a record's own.
func (s *Store) Own(id entity.RecordID) entity.ID {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.records[id-1].Own
}

// MembersOf returns the members of the entity that a record belongs to.
func (s *Store) MembersOf(id entity.RecordID) []entity.RecordID {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.goldens[s.records[id-1].Entity].Members
}

// Tamper changes a golden record behind the resolver's back.
func (s *Store) Tamper(id entity.ID, change func(*entity.Golden)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	g := s.goldens[id]
	g.Fields = maps.Clone(g.Fields)
	change(&g)
	s.goldens[id] = g
}
