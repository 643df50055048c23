package storetest

import (
	"context"
	"slices"
	"strings"

	"crmhub/mdm"
	"crmhub/mdm/entity"
	"crmhub/record"
	"crmhub/store"
)

// crowded is the limit of holders that the suite's resolver asks for.
const crowded = 50

// resolve is the plainest resolver there is: whatever shares a token is one
// entity, recomputed from all records each time. It shows what the store does with what
// a resolver decides, not how to decide. Every other time it tells the store that it resolves all.
func (h *hub) resolve() {
	h.Helper()
	ctx := context.Background()
	if _, _, err := h.g.Stat(ctx); err != nil {
		h.Fatalf("Stat: %v", err)
	}
	dirty := h.dirty()
	all := h.resolved%2 == 0
	h.resolved++
	if all {
		if err := h.g.BeginAll(ctx); err != nil {
			h.Fatalf("BeginAll: %v", err)
		}
	}
	var r entity.Resolution
	for _, m := range dirty {
		if m.Deleted {
			r.Cleared = append(r.Cleared, m.ID)
		}
	}
	h.syncTokens(dirty, crowded)
	current := h.current()
	root := map[entity.RecordID]entity.RecordID{}
	var find func(entity.RecordID) entity.RecordID
	find = func(id entity.RecordID) entity.RecordID {
		if root[id] == id {
			return id
		}
		root[id] = find(root[id])
		return root[id]
	}
	held := map[entity.Token]entity.RecordID{}
	for _, m := range current {
		root[m.ID] = m.ID
		for _, t := range m.Blocks {
			if o, ok := held[t]; ok {
				a, b := find(o), find(m.ID)
				root[max(a, b)] = min(a, b)
			}
			held[t] = m.ID
		}
	}
	groups := map[entity.RecordID][]entity.Member{}
	for _, m := range current {
		groups[find(m.ID)] = append(groups[find(m.ID)], m)
	}
	alive, was := map[entity.ID]bool{}, map[entity.ID]entity.ID{}
	var alone []entity.RecordID
	for _, members := range groups {
		if len(members) == 1 {
			alone = append(alone, members[0].ID)
		}
	}
	slices.Sort(alone)
	rest, err := h.g.Alone(ctx, alone)
	if err != nil {
		h.Fatalf("Alone: %v", err)
	}
	for _, members := range groups {
		if m := members[0]; len(members) == 1 && !slices.Contains(rest, m.ID) {
			alive[m.Own], was[m.Entity] = true, m.Own
			continue
		}
		g := survivor(members)
		if all {
			g.Alone = 0 // then it is to hold a copy
		}
		alive[g.ID] = true
		component := members[0].ID
		if len(members) == 1 {
			component = 0
		}
		r.Components = append(r.Components, entity.Component{ID: component, Entities: []entity.Golden{g}})
		for _, m := range members {
			if !m.Entity.Zero() {
				was[m.Entity] = g.ID
			}
		}
	}
	r.Redirects = map[entity.ID]entity.ID{}
	for id, to := range was {
		if !alive[id] {
			r.Redirects[id] = to
		}
	}
	for _, m := range dirty {
		if _, moved := was[m.Entity]; m.Deleted && !m.Entity.Zero() && !moved && !alive[m.Entity] {
			r.Retired = append(r.Retired, m.Entity)
		}
	}
	if err := h.g.Apply(ctx, r); err != nil {
		h.Fatalf("Apply: %v", err)
	}
	if all {
		if err := h.g.EndAll(ctx); err != nil {
			h.Fatalf("EndAll: %v", err)
		}
	}
	if n, _, err := h.g.Stat(ctx); err != nil || n != 0 {
		h.Errorf("%d records are dirty after a resolve (%v)", n, err)
	}
}

// dirty begins a pass and returns the dirty records, opened.
func (h *hub) dirty() []entity.Member {
	h.Helper()
	ctx := context.Background()
	if err := h.g.BeginPass(ctx); err != nil {
		h.Fatalf("BeginPass: %v", err)
	}
	var ids []entity.RecordID
	for after := entity.RecordID(0); ; after = ids[len(ids)-1] {
		part, err := h.g.Dirty(ctx, after, 700)
		if err != nil {
			h.Fatalf("Dirty: %v", err)
		}
		if len(part) == 0 {
			break
		}
		ids = append(ids, part...)
	}
	all, err := h.g.Members(ctx, ids)
	if err != nil || len(all) != len(ids) {
		h.Fatalf("Members returns %d of %d: %v", len(all), len(ids), err)
	}
	return all
}

// syncTokens brings the token index in line with records, and returns those that crossed.
func (h *hub) syncTokens(dirty []entity.Member, limit int) []entity.RecordID {
	h.Helper()
	ids := make([]entity.RecordID, len(dirty))
	for i, m := range dirty {
		ids[i] = m.ID
	}
	crossed, err := h.g.SyncTokens(context.Background(), ids, limit)
	if err != nil {
		h.Fatalf("SyncTokens: %v", err)
	}
	return crossed
}

// survivor takes each value from the member with the smallest ref that has it, and all e-mails.
func survivor(members []entity.Member) entity.Golden {
	if len(members) == 1 {
		g := mdm.Alone(members[0])
		g.ID = members[0].Own
		return g
	}
	sorted := slices.Clone(members)
	slices.SortFunc(sorted, func(a, b entity.Member) int { return strings.Compare(a.Ref.Canonical(), b.Ref.Canonical()) })
	g := entity.Golden{ID: members[0].Own, Fields: record.Fields{}, Provenance: map[string]entity.Provenance{}}
	for _, m := range sorted {
		g.Members = append(g.Members, m.ID)
		for n, v := range m.Fields {
			if _, ok := g.Fields[n]; !ok {
				g.Fields[n], g.Provenance[n] = v, entity.Provenance{From: m.ID, Rule: "smallest_ref"}
			}
		}
	}
	slices.Sort(g.Members)
	var emails []any
	var from []entity.RecordID
	for _, m := range sorted {
		list, _ := m.Fields["emails"].([]any)
		for _, e := range list {
			if !slices.Contains(emails, e) {
				emails = append(emails, e)
			}
		}
		if len(list) > 0 {
			from = append(from, m.ID)
		}
	}
	if len(from) > 1 {
		slices.Sort(from)
		g.Fields["emails"], g.Provenance["emails"] = emails, entity.Provenance{All: from, Rule: "union"}
	}
	return g
}

// current returns all current customers.
func (h *hub) current() []entity.Member {
	h.Helper()
	var all []entity.Member
	for {
		after := entity.RecordID(0)
		if len(all) > 0 {
			after = all[len(all)-1].ID
		}
		part, err := h.g.Current(context.Background(), after, 100)
		if err != nil {
			h.Fatalf("Current: %v", err)
		}
		if len(part) == 0 {
			return all
		}
		all = append(all, part...)
	}
}

// member returns the current customer with that key.
func (h *hub) member(stream, key string) entity.Member {
	h.Helper()
	for _, m := range h.current() {
		if m.Ref == ref(stream, record.Customer, key) {
			return m
		}
	}
	h.Fatalf("no current customer %s of %s", key, stream)
	return entity.Member{}
}

// dirtyAll makes all customers dirty.
func (h *hub) dirtyAll() {
	h.Helper()
	ctx := context.Background()
	err := h.db.Update(ctx, func(tx *store.Tx) error {
		_, err := tx.Exec(ctx, "UPDATE xref SET dirty = 1")
		return err
	})
	if err != nil {
		h.Fatal(err)
	}
}
