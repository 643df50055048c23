package golden

import (
	"context"
	"slices"

	"crmhub/fault"
	"crmhub/record"
	"crmhub/store/canon"
)

// land lands one row, whole or not at all, on what stands in memory.
func (c *commit) land(ctx context.Context, r *preparedRow) error {
	c.counts.Read++
	if r.refusal != nil {
		return c.refuse(ctx, r, r.refusal)
	}
	before, err := c.standing(ctx, r)
	if err != nil {
		return err
	}
	if twin, err := c.twin(ctx, r); err != nil {
		return err
	} else if twin {
		raw, err := c.source(r)
		if err != nil {
			return err
		}
		f, err := c.s.refuse(&c.run.run, record.StageLand, fault.New("E3401", r.place.String()), raw)
		if err != nil {
			return err
		}
		return c.refuse(ctx, r, f)
	}
	c.quarantine.closeRow(r)
	if r.deleted {
		return c.gone(ctx, r, before)
	}
	if stale, err := c.older(ctx, r, before); err != nil {
		return err
	} else if stale {
		c.counts.Unchanged++
		c.countRecords(r)
		for _, b := range before {
			if err := c.mark(ctx, b); err != nil {
				return err
			}
		}
		return c.markAll(ctx, r)
	}
	var did outcome
	for i := range r.records {
		o, err := c.apply(ctx, r, &r.records[i])
		if err != nil {
			return err
		}
		did = max(did, o)
	}
	// What the row became before and does not become any more.
	for _, b := range before {
		if r.holds(b.ref) {
			continue
		}
		dropped, err := c.drop(ctx, r, b)
		if err != nil {
			return err
		}
		if dropped {
			did = max(did, deleted)
		}
	}
	c.countRecords(r)
	switch {
	case did == created:
		c.counts.Created++
	case did == updated:
		c.counts.Updated++
	case did == deleted:
		c.counts.Deleted++
	case len(r.records) == 0:
		c.counts.Filtered++
	default:
		c.counts.Unchanged++
	}
	return nil
}

// outcome is what landing did to a record; a row counts as the greatest.
type outcome int

const (
	unchanged outcome = iota
	deleted
	updated
	created
)

func (c *commit) countRecords(r *preparedRow) {
	for i := range r.records {
		if r.records[i].op == record.Upsert {
			if c.counts.Records == nil {
				c.counts.Records = map[record.Type]int64{}
			}
			c.counts.Records[r.records[i].typ]++
		}
	}
}

// holds reports whether the row became that record.
func (r *preparedRow) holds(ref [16]byte) bool {
	for i := range r.records {
		if r.records[i].ref == ref {
			return true
		}
	}
	return false
}

// source is the row as it goes to quarantine.
func (c *commit) source(r *preparedRow) ([]byte, error) {
	if r.raw != nil {
		return r.raw(), nil
	}
	all := make([]any, len(r.records))
	for i := range r.records {
		o, err := c.opened(&r.records[i])
		if err != nil {
			return nil, err
		}
		all[i] = map[string]any(o.fields)
	}
	return canon.Append(nil, all), nil
}

// opened opens what Prepare sealed, in the few cases in which it is needed again.
func (c *commit) opened(p *prepared) (opened, error) {
	return c.s.open(p.wrapped, p.payload, string(p.typ), p.ref[:], false)
}

// standing returns the current records that the row became before.
func (c *commit) standing(ctx context.Context, r *preparedRow) ([]*stored, error) {
	if r.key == "" {
		return nil, nil
	}
	var all []*stored
	for t := range c.streams {
		var own [16]byte
		found := false
		for i := range r.records {
			if p := &r.records[i]; p.self && p.typ == t {
				own, found = p.ref, true
			}
		}
		if !found {
			own = c.ownRef(t, r.key)
		}
		if x := c.known[own]; x != nil && x.self && !x.deleted {
			all = append(all, x)
		}
	}
	if len(c.emitted) == 0 {
		return all, nil
	}
	for id := range c.emitted[c.token(r)] {
		if x := c.byID[id]; x != nil && !x.deleted {
			all = append(all, x)
		}
	}
	return all, nil
}

// refuse puts the row into quarantine. What it became before counts as seen.
func (c *commit) refuse(ctx context.Context, r *preparedRow, f *refusal) error {
	c.counts.Quarantined++
	if c.sweeps() {
		before, err := c.standing(ctx, r)
		if err != nil {
			return err
		}
		for _, b := range before {
			if err := c.seen.add(ctx, b.id); err != nil {
				return err
			}
		}
	}
	return c.quarantine.add(ctx, r, f)
}

// mark notes that the run saw a record, where it has to know.
func (c *commit) mark(ctx context.Context, x *stored) error {
	if x != nil && (c.sweeps() || x.updated == undated) {
		return c.seen.add(ctx, x.id)
	}
	return nil
}

func (c *commit) markAll(ctx context.Context, r *preparedRow) error {
	for i := range r.records {
		if err := c.mark(ctx, c.known[r.records[i].ref]); err != nil {
			return err
		}
	}
	return nil
}

// apply lands one record of a row.
func (c *commit) apply(ctx context.Context, r *preparedRow, p *prepared) (outcome, error) {
	x := c.known[p.ref]
	if x == nil {
		return c.create(ctx, r, p)
	}
	did := unchanged
	newer, err := c.wins(ctx, p, x)
	if err != nil {
		return 0, err
	}
	switch {
	case newer && p.op == record.Delete:
		if !x.deleted {
			did = deleted
			if err := c.tombstone(ctx, x, p.updated); err != nil {
				return 0, err
			}
		} else if x.updated != p.updated {
			x.updated = p.updated // so that an older version stays dead
			c.touch(x)
			x.light = true
		}
	case newer:
		did = updated
		if err := c.replace(ctx, x, p); err != nil {
			return 0, err
		}
	case p.op == record.Delete && !x.deleted && p.updated == undated:
		// A delete that says no time is of now.
		did = deleted
		if err := c.tombstone(ctx, x, undated); err != nil {
			return 0, err
		}
	}
	if p.op == record.Upsert && !x.deleted {
		c.link(r, p, x)
	}
	return did, c.mark(ctx, x)
}

// create lands a record that is new. A dated delete of something unknown is
// kept, so that an older version that is read later does not bring it back.
func (c *commit) create(ctx context.Context, r *preparedRow, p *prepared) (outcome, error) {
	if p.op == record.Delete && p.updated == undated {
		return unchanged, nil
	}
	stream, ok := c.streams[p.typ]
	if !ok {
		var err error
		if stream, err = addStream(ctx, c.tx, streamName{c.run.spec.Source, c.run.spec.Stream, p.typ}); err != nil {
			return 0, err
		}
		c.streams[p.typ] = stream
	}
	c.next++
	x := &stored{
		id: c.next, stream: stream, typ: p.typ, ref: p.ref, content: p.content, updated: p.updated, observed: p.observed, run: c.run.n,
		version: 1, deleted: p.op == record.Delete, tokens: p.tokens, refs: p.refs, wrapped: p.wrapped, payload: p.payload,
		created: true, dirty: p.typ == record.Customer && p.op == record.Upsert,
	}
	c.known[x.ref], c.byID[x.id] = x, x
	c.created = append(c.created, x)
	c.newcomers.add(x.ref)
	c.adopt(x, x.refs, 1)
	if err := c.mark(ctx, x); err != nil {
		return 0, err
	}
	if x.deleted {
		return unchanged, nil
	}
	c.change.created(x.id)
	c.link(r, p, x)
	return created, nil
}

// touch puts a record that stands in the database on the list of those to write.
func (c *commit) touch(x *stored) {
	if !x.created && !x.full && !x.light {
		c.touched = append(c.touched, x)
	}
}

// adopt adds (1) or removes (-1) a record as a child of the refs in packed.
func (c *commit) adopt(x *stored, packed []byte, by int) {
	for ref := range slices.Chunk(packed, 16) {
		c.parents[parent{[16]byte(ref), x.id}] += by
	}
}

// link notes that the row became the record.
func (c *commit) link(r *preparedRow, p *prepared, x *stored) {
	switch {
	case r.key == "":
	case p.self:
		if !x.self {
			c.owned(x)
			c.touch(x)
			x.self, x.light = true, true
		}
	case !c.emits(c.token(r))[x.id]:
		c.emits(c.token(r))[x.id] = true
		c.links[emission{c.token(r), x.id}]++
		c.linked[x.id]++
		if n, ok := c.emitter[x.id]; ok {
			c.emitter[x.id] = n + 1
		}
	}
}

// owned notes whether a record's own row emits it, before that changes. Where
// the record gets a new version its history says so.
func (c *commit) owned(x *stored) {
	if _, known := c.own[x.id]; !known && !x.created && !x.full {
		c.own[x.id] = x.self
	}
}

// drop notes that the row no longer becomes the record, and tombstones it
// where no other row does. It reports whether it did.
func (c *commit) drop(ctx context.Context, r *preparedRow, x *stored) (bool, error) {
	if len(c.emitted) > 0 && c.emits(c.token(r))[x.id] {
		n, err := c.emitters(ctx, x)
		if err != nil {
			return false, err
		}
		delete(c.emits(c.token(r)), x.id)
		c.links[emission{c.token(r), x.id}]--
		c.linked[x.id]--
		c.emitter[x.id] = n - 1
	} else if x.self {
		c.owned(x)
		c.touch(x)
		x.self, x.light = false, true
	}
	n, err := c.emitters(ctx, x)
	if err != nil || n > 0 || x.self {
		return false, err
	}
	// The tombstone is undated: when the row becomes the record again, it is back.
	return true, c.tombstone(ctx, x, undated)
}

// emitters counts the rows that emit a record under another key than their own.
func (c *commit) emitters(ctx context.Context, x *stored) (int64, error) {
	if n, ok := c.emitter[x.id]; ok {
		return n, nil
	}
	n, err := c.tx.Int(ctx, "SELECT count(*) FROM emission WHERE record = $1", x.id)
	if err != nil {
		return 0, err
	}
	n += c.linked[x.id]
	c.emitter[x.id] = n
	return n, nil
}

// gone lands a row that its source reports as deleted.
func (c *commit) gone(ctx context.Context, r *preparedRow, before []*stored) error {
	did := false
	for _, x := range before {
		own := x.self
		dropped, err := c.drop(ctx, r, x)
		if err != nil {
			return err
		}
		did = did || dropped
		if !own {
			continue // another row may become this record yet
		}
		if err := c.mark(ctx, x); err != nil {
			return err
		}
	}
	if did {
		c.counts.Deleted++
	} else {
		c.counts.Unchanged++
	}
	return nil
}
