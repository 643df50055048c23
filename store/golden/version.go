package golden

import (
	"bytes"
	"context"
	"encoding/json"
	"slices"

	"crmhub/record"
	"crmhub/store"
)

// twin reports whether a record of the row contradicts one that this run
// landed before: same ref, other content, neither dated.
func (c *commit) twin(ctx context.Context, r *preparedRow) (bool, error) {
	for i := range r.records {
		p := &r.records[i]
		x := c.known[p.ref]
		if x == nil || p.op != record.Upsert || p.updated != undated || x.updated != undated {
			continue
		}
		if !x.deleted && x.content == p.content {
			continue
		}
		if seen, err := c.seen.has(ctx, x.id); err != nil || seen {
			return seen, err
		}
	}
	return false, nil
}

// older reports whether the row is an older version of what its own record
// came from: then none of its records lands.
func (c *commit) older(ctx context.Context, r *preparedRow, before []*stored) (bool, error) {
	var stands, comes int64 = undated, undated
	for _, b := range before {
		if b.self {
			stands = max(stands, b.updated)
		}
	}
	for i := range r.records {
		p := &r.records[i]
		comes = max(comes, p.updated)
		if x := c.known[p.ref]; p.self && x != nil && x.self {
			stands = max(stands, x.updated)
		}
	}
	if stands == undated || comes == undated {
		return false, nil
	}
	if comes != stands {
		return comes < stands, nil
	}
	for i := range r.records {
		p := &r.records[i]
		x := c.known[p.ref]
		if !p.self || x == nil || !x.self || x.updated != p.updated {
			continue
		}
		newer, err := c.wins(ctx, p, x)
		if err != nil {
			return false, err
		}
		if !newer && (x.deleted || p.op == record.Delete || x.content != p.content) {
			return true, nil
		}
	}
	return false, nil
}

// wins reports whether the version that comes replaces the one that stands.
// Dated beats undated, the later beats the earlier; of two of one instant a delete
// wins, else the greater plaintext, unless the rules that made them differ:
// then the one that comes is of the rules in force.
func (c *commit) wins(ctx context.Context, p *prepared, x *stored) (bool, error) {
	switch {
	case p.updated == undated && x.updated == undated:
		return x.deleted != (p.op == record.Delete) || x.content != p.content, nil
	case p.updated != x.updated:
		return p.updated > x.updated, nil
	}
	isDelete := p.op == record.Delete
	if x.deleted == isDelete && (isDelete || x.content == p.content) {
		return false, nil
	}
	rules, err := c.rulesOf(ctx, x.run)
	if err != nil {
		return false, err
	}
	if rules != c.run.spec.Rules {
		return true, nil
	}
	if x.deleted || isDelete {
		return isDelete, nil
	}
	if err := c.withPayload(ctx, x); err != nil {
		return false, err
	}
	o, err := c.s.open(x.wrapped, x.payload, string(x.typ), x.ref[:], false)
	if err != nil {
		return false, err
	}
	stands := slices.Clone(c.sealer.canonical(o.fields, o.invalid))
	if o, err = c.opened(p); err != nil {
		return false, err
	}
	return bytes.Compare(c.sealer.canonical(o.fields, o.invalid), stands) > 0, nil
}

func (c *commit) rulesOf(ctx context.Context, run int64) (string, error) {
	if r, ok := c.rules[run]; ok {
		return r, nil
	}
	var spec record.RunSpec
	_, err := c.tx.One(ctx, func(r store.Row) error {
		return json.Unmarshal(r.Bytes(0), &spec)
	}, "SELECT spec FROM run WHERE n = $1", run)
	c.rules[run] = spec.Rules
	return spec.Rules, err
}

// withPayload reads the payload of a version that stands in the database.
func (c *commit) withPayload(ctx context.Context, x *stored) error {
	if x.payload != nil {
		return nil
	}
	_, err := c.tx.One(ctx, func(r store.Row) error {
		x.wrapped, x.payload = r.Bytes(0), r.Bytes(1)
		return nil
	}, "SELECT wrapped, payload FROM record WHERE id = $1", x.id)
	return err
}

// supersede keeps the version that stands, before it changes.
func (c *commit) supersede(ctx context.Context, x *stored) error {
	if !x.created && !x.full && !x.light {
		c.past = append(c.past, x.id)
		c.touched = append(c.touched, x)
		return nil
	}
	if err := c.withPayload(ctx, x); err != nil {
		return err
	}
	c.history = append(c.history, *x)
	return nil
}

// replace puts a new version in the place of the one that stands.
func (c *commit) replace(ctx context.Context, x *stored, p *prepared) error {
	if err := c.supersede(ctx, x); err != nil {
		return err
	}
	if !x.created && x.typ == record.Customer && !bytes.Equal(x.tokens, p.tokens) && len(x.tokens) > 0 {
		x.stale = append(x.stale, x.tokens)
	}
	x.loud = x.loud || x.deleted || !sameBlocks(x.tokens, p.tokens)
	if !bytes.Equal(x.refs, p.refs) {
		c.adopt(x, x.refs, -1)
		c.adopt(x, p.refs, 1)
	}
	x.content, x.updated, x.observed, x.tokens, x.refs, x.wrapped, x.payload = p.content, p.updated, p.observed, p.tokens, p.refs, p.wrapped, p.payload
	x.run, x.deleted, x.full = c.run.n, false, true
	x.version++
	x.dirty = x.typ == record.Customer
	if !x.created {
		c.change.Updated = append(c.change.Updated, x.id)
	}
	return nil
}

// tombstone marks a record as gone; its last content stays sealed in it, so
// that a rollback can bring it back.
func (c *commit) tombstone(ctx context.Context, x *stored, at int64) error {
	if err := c.supersede(ctx, x); err != nil {
		return err
	}
	x.run, x.deleted, x.updated, x.observed, x.light, x.loud = c.run.n, true, at, c.now, true, true
	x.version++
	x.dirty = x.typ == record.Customer
	c.change.Deleted = append(c.change.Deleted, x.id)
	return nil
}
