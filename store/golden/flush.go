package golden

import (
	"context"
	"slices"

	"crmhub/record"
	"crmhub/store"
)

// chunkShift makes the chunks of record ids in which a stream's records are
// looked for: 4,096 each.
const chunkShift = 12

var recordColumns = []string{"id", "stream", "ref", "own", "content", "updated", "observed", "run", "version", "deleted", "self", "tokens", "refs", "wrapped", "payload"}

const historyColumns = "id, version, stream, content, updated, observed, run, deleted, self, tokens, refs, wrapped, payload"

// flush writes what the commit holds in memory.
func (c *commit) flush(ctx context.Context) error {
	mark := int64(0)
	if slices.ContainsFunc(c.created, func(x *stored) bool { return x.dirty }) || slices.ContainsFunc(c.touched, func(x *stored) bool { return x.dirty }) {
		var err error
		if mark, err = stamp(ctx, c.tx); err != nil {
			return err
		}
	}
	for _, step := range []func(context.Context) error{
		c.hush,
		c.writePast,
		c.writeOwn,
		c.writeCreated,
		c.writeTouched,
		func(ctx context.Context) error { return c.writeXRefs(ctx, mark) },
		c.writeLinks, c.writeParents, c.quarantine.flush, c.seen.flush,
	} {
		if err := step(ctx); err != nil {
			return err
		}
	}
	return c.change.write(ctx, c.tx, c.run.n)
}

// writePast keeps the versions that this commit supersedes.
func (c *commit) writePast(ctx context.Context) error {
	if err := keepVersions(ctx, c.tx, c.past); err != nil {
		return err
	}
	return c.tx.Insert(ctx, "record_history", []string{"id", "version", "stream", "content", "updated", "observed", "run", "deleted", "self", "tokens", "refs", "wrapped", "payload"},
		len(c.history), func(i int, v []any) {
			x := &c.history[i]
			v[0], v[1], v[2], v[3], v[4], v[5], v[6] = x.id, x.version, x.stream, x.content[:], x.updated, x.observed, x.run
			v[7], v[8], v[9], v[10], v[11], v[12] = bit(x.deleted), bit(x.self), x.tokens, x.refs, x.wrapped, x.payload
		})
}

// keepVersions copies the versions of records that stand into the history.
func keepVersions(ctx context.Context, tx *store.Tx, ids []int64) error {
	return tx.ExecInts(ctx, ids, "INSERT INTO record_history ("+historyColumns+") SELECT "+historyColumns+" FROM record WHERE id IN ($keys)")
}

func bit(b bool) int64 {
	if b {
		return 1
	}
	return 0
}

// writeCreated adds the records that are new.
func (c *commit) writeCreated(ctx context.Context) error {
	if len(c.created) == 0 {
		return nil
	}
	var named []*stored
	chunks := map[[2]int64]bool{}
	for _, x := range c.created {
		if x.typ == record.Customer {
			named = append(named, x)
		}
		chunks[[2]int64{x.stream, x.id >> chunkShift}] = true
	}
	for i, id := range c.s.ids.next(c.s.db.Now(), len(named)) {
		named[i].own = id
	}
	err := c.tx.Insert(ctx, "record", recordColumns, len(c.created), func(i int, v []any) {
		x := c.created[i]
		v[0], v[1], v[2], v[3], v[4], v[5], v[6], v[7] = x.id, x.stream, x.ref[:], nil, x.content[:], x.updated, x.observed, x.run
		v[8], v[9], v[10], v[11], v[12], v[13], v[14] = x.version, bit(x.deleted), bit(x.self), x.tokens, x.refs, x.wrapped, x.payload
		if x.typ == record.Customer {
			v[3] = x.own[:]
		}
	})
	if err != nil {
		return err
	}
	if err := c.enrol(ctx, named); err != nil {
		return err
	}
	list := make([][2]int64, 0, len(chunks))
	for k := range chunks {
		list = append(list, k)
	}
	_, err = c.tx.InsertNew(ctx, "stream_chunk", []string{"stream", "chunk"}, len(list), func(i int, v []any) { v[0], v[1] = list[i][0], list[i][1] })
	return err
}

// enrol counts the customers that are new. Those that came as tombstones get a
// cross-reference that says so: nothing is to be resolved of them.
func (c *commit) enrol(ctx context.Context, named []*stored) error {
	if len(named) == 0 {
		return nil
	}
	first := named[0].id
	var tombs []*stored
	for _, x := range named {
		if first = min(first, x.id); x.deleted {
			tombs = append(tombs, x)
		}
	}
	if err := enrol(ctx, c.tx, first, int64(len(named))); err != nil {
		return err
	}
	return c.tx.Insert(ctx, "xref", []string{"record", "component", "dirty"}, len(tombs), func(i int, v []any) {
		v[0], v[1], v[2] = tombs[i].id, int64(0), int64(0)
	})
}

// writeTouched writes the new versions of records that stand in the database.
func (c *commit) writeTouched(ctx context.Context) error {
	slices.SortFunc(c.touched, func(a, b *stored) int { return int(a.id - b.id) })
	var full, light []*stored
	for _, x := range c.touched {
		if x.full {
			full = append(full, x)
		} else {
			light = append(light, x)
		}
	}
	err := c.tx.Change(ctx, "record", []string{"id", "content", "updated", "observed", "run", "version", "deleted", "self", "tokens", "refs", "wrapped", "payload"}, len(full), func(i int, v []any) {
		x := full[i]
		v[0], v[1], v[2], v[3], v[4], v[5], v[6] = x.id, x.content[:], x.updated, x.observed, x.run, x.version, bit(x.deleted)
		v[7], v[8], v[9], v[10], v[11] = bit(x.self), x.tokens, x.refs, x.wrapped, x.payload
	})
	if err != nil {
		return err
	}
	return c.tx.Change(ctx, "record", []string{"id", "updated", "observed", "run", "version", "deleted", "self"}, len(light), func(i int, v []any) {
		x := light[i]
		v[0], v[1], v[2], v[3], v[4], v[5], v[6] = x.id, x.updated, x.observed, x.run, x.version, bit(x.deleted), bit(x.self)
	})
}

// writeXRefs makes the customers that changed dirty, and notes the tokens that
// their superseded versions may still have in the token table.
func (c *commit) writeXRefs(ctx context.Context, mark int64) error {
	var changed []*stored
	var ids []int64
	for _, x := range c.touched {
		if x.dirty {
			changed = append(changed, x)
			ids = append(ids, x.id)
		}
	}
	if err := enter(ctx, c.tx, ids); err != nil {
		return err
	}
	old, resolved := map[int64][]byte{}, map[int64]bool{}
	err := c.tx.InInts(ctx, ids, func(r store.Row) error {
		old[r.Int(0)], resolved[r.Int(0)] = r.Bytes(1), r.Int(2) != 0
		return nil
	}, "SELECT record, stale, CASE WHEN dirty <= 0 AND entity IS NOT NULL THEN 1 ELSE 0 END FROM xref WHERE record IN ($keys) AND (stale IS NOT NULL OR dirty <= 0)")
	if err != nil {
		return err
	}
	return c.tx.Change(ctx, "xref", []string{"record", "dirty", "stale"}, len(changed), func(i int, v []any) {
		x := changed[i]
		v[0], v[1], v[2] = x.id, mark, mergeStale(x.tokens, append(x.stale, old[x.id])...)
		if x.quiet && resolved[x.id] {
			v[1] = -mark
		}
	})
}

// writeParents writes which records hang on which refs.
func (c *commit) writeParents(ctx context.Context) error {
	var add, del []parent
	for p, by := range c.parents {
		switch {
		case by > 0:
			add = append(add, p)
		case by < 0:
			del = append(del, p)
		}
	}
	slices.SortFunc(add, func(a, b parent) int { return slices.Compare(a.ref[:], b.ref[:]) })
	if _, err := c.tx.Remove(ctx, "child", len(del), func(i int, v []any) { v[0], v[1] = del[i].ref[:], del[i].record }); err != nil {
		return err
	}
	_, err := c.tx.InsertNew(ctx, "child", []string{"parent", "record"}, len(add), func(i int, v []any) { v[0], v[1] = add[i].ref[:], add[i].record })
	return err
}
