package mdm

import (
	"cmp"
	"slices"

	"crmhub/mdm/entity"
)

// changes are what a resolve does to ids.
type changes struct {
	redirects map[entity.ID]entity.ID
	owns      map[entity.RecordID]entity.ID
	retired   []entity.ID
}

func (c *changes) redirect(from, to entity.ID) {
	if from.Zero() || from == to {
		return
	}
	if c.redirects == nil {
		c.redirects = map[entity.ID]entity.ID{}
	}
	c.redirects[from] = to
}

// identify names the entities of one bundle, and notes in c which ids change
// hands, redirect or retire. Every record has an id of its own; that of the
// oldest founder in the entity names it: a founder is a record whose own id
// named its entity before. Where there is none, the oldest record names it.
//
//   - Merged: the oldest founder's id stays, the others redirect to it.
//   - Split: the part with the founder keeps the id, the others go by their
//     oldest records' own ids, which are the ones that they had before they merged.
//   - A founder that was deleted leaves its id to the oldest record that stayed.
func identify(groups [][]*entity.Member, tombs []tomb, c *changes) []entity.ID {
	own := inherit(groups, tombs, c)
	ids := make([]entity.ID, len(groups))
	named := map[entity.ID]bool{}
	for i, g := range groups {
		head := slices.MinFunc(g, func(a, b *entity.Member) int {
			if x, y := founder(a, own), founder(b, own); x != y {
				if x {
					return -1
				}
				return 1
			}
			return cmp.Compare(a.ID, b.ID)
		})
		ids[i] = own(head)
		named[ids[i]] = true
	}
	follow(groups, tombs, ids, named, own, c)
	return ids
}

func founder(m *entity.Member, own func(*entity.Member) entity.ID) bool {
	return !m.Entity.Zero() && own(m) == m.Entity
}

// inherit gives the ids of deleted founders to the oldest records of their
// entities, and returns what each record's own id is from now on.
func inherit(groups [][]*entity.Member, tombs []tomb, c *changes) func(*entity.Member) entity.ID {
	for _, t := range tombs {
		if t.entity.Zero() || t.own != t.entity {
			continue
		}
		var heir *entity.Member
		for _, g := range groups {
			for _, m := range g {
				if m.Entity == t.entity && (heir == nil || m.ID < heir.ID) {
					heir = m
				}
			}
		}
		if heir == nil {
			c.retired = append(c.retired, t.entity)
			continue
		}
		if c.owns == nil {
			c.owns = map[entity.RecordID]entity.ID{}
		}
		c.owns[heir.ID] = t.entity
	}
	return func(m *entity.Member) entity.ID {
		if id, ok := c.owns[m.ID]; ok {
			return id
		}
		return m.Own
	}
}

// follow redirects the ids that name nothing any more: an id goes where its
// own record went, or where the oldest record that it named went.
func follow(groups [][]*entity.Member, tombs []tomb, ids []entity.ID, named map[entity.ID]bool, own func(*entity.Member) entity.ID, c *changes) {
	to := map[entity.ID]entity.ID{}
	oldest := map[entity.ID]entity.RecordID{}
	for i, g := range groups {
		for _, m := range g {
			if at, ok := oldest[m.Entity]; !m.Entity.Zero() && (!ok || m.ID < at) {
				oldest[m.Entity], to[m.Entity] = m.ID, ids[i]
			}
		}
	}
	for i, g := range groups {
		for _, m := range g {
			if _, stood := to[own(m)]; stood {
				to[own(m)] = ids[i]
			}
		}
	}
	for e, id := range to {
		if !named[e] {
			c.redirect(e, id)
		}
	}
	for i, g := range groups {
		for _, m := range g {
			moved := !m.Entity.Zero() && m.Entity != ids[i]
			if o := own(m); moved && !named[o] {
				c.redirect(o, ids[i])
			}
			if o := own(m); o != m.Own && !named[m.Own] {
				c.redirect(m.Own, ids[i]) // its former id, given up for an older one
			}
		}
	}
	for _, t := range tombs {
		// A record that named nothing when it was deleted may have named
		// something before: its id stays with the entity that it left.
		if !t.entity.Zero() && t.own != t.entity && !named[t.own] {
			if id, ok := to[t.entity]; ok {
				c.redirect(t.own, id)
			}
		}
	}
}
