package golden

import (
	"bytes"
	"context"

	"crmhub/record"
	"crmhub/store"
)

// Undone counts what a rollback did to records.
type Undone struct {
	// Removed were created by the run, Reverted go back to an earlier version,
	// Restored had been deleted by it.
	Removed, Reverted, Restored int64
}

// Add adds v to u.
func (u *Undone) Add(v Undone) {
	u.Removed += v.Removed
	u.Reverted += v.Reverted
	u.Restored += v.Restored
}

// undoPart is how many records are held at a time.
const undoPart = 2000

// Undo takes back what a run wrote, inside a transaction: records that it
// created are tombstoned, others go back to their last version that no
// rolled-back run wrote, the pipeline's position to where the run began. What a later run
// of another pipeline wrote stays. The versions taken back stand in the history.
func (s *Store) Undo(ctx context.Context, tx *store.Tx, run RunRow) (Undone, error) {
	var done Undone
	names, err := s.streams(ctx, tx)
	if err != nil {
		return done, err
	}
	mark, err := stamp(ctx, tx)
	if err != nil {
		return done, err
	}
	ids, err := recordsOf(ctx, tx, run)
	if err != nil {
		return done, err
	}
	for len(ids) > 0 {
		n := min(undoPart, len(ids))
		u := undo{s: s, tx: tx, run: run, mark: mark, names: names}
		part, err := u.part(ctx, ids[:n])
		if err != nil {
			return done, err
		}
		done.Add(part)
		ids = ids[n:]
	}
	orphans, err := s.undoEmissions(ctx, tx, run.N)
	if err != nil {
		return done, err
	}
	done.Removed += orphans
	if _, err := tx.Exec(ctx, "UPDATE quarantine SET open = 0 WHERE first_run = $1", run.N); err != nil {
		return done, err
	}
	if _, err := tx.Exec(ctx, "DELETE FROM run_seen WHERE run = $1", run.N); err != nil {
		return done, err
	}
	if _, err := tx.Exec(ctx, "UPDATE run SET status = 'rolled_back', finished = $2 WHERE n = $1", run.N, s.db.Now().UnixMicro()); err != nil {
		return done, err
	}
	if run.Spec.Replay {
		return done, nil
	}
	// The run that stood before this one reads on from where this one began.
	_, err = tx.Exec(ctx, `UPDATE position SET wrapped = r.base_wrapped, position = r.base,
		run = coalesce((SELECT max(p.n) FROM run p WHERE p.pipeline = r.pipeline AND p.n < r.n AND p.status = 'done'), r.n)
		FROM run r WHERE r.n = $1 AND position.pipeline = r.pipeline`, run.N)
	return done, err
}

// undoEmissions has rows emit again what the run found that they no longer do,
// and no longer what it found them to emit anew; without this, nobody would know
// whose a record is when it is dropped the next time. Records that nothing emits
// any more, as a run of another pipeline dropped them meanwhile, are tombstoned;
// it returns how many.
func (s *Store) undoEmissions(ctx context.Context, tx *store.Tx, run int64) (int64, error) {
	for _, step := range []struct {
		sql  string
		args []any
	}{
		{"UPDATE record SET self = 0 WHERE deleted = 0 AND id IN (SELECT record FROM emission_history WHERE run = $1 AND source_row = $2)", []any{run, ownRow[false]}},
		{"UPDATE record SET self = 1 WHERE deleted = 0 AND id IN (SELECT record FROM emission_history WHERE run = $1 AND source_row = $2)", []any{run, ownRow[true]}},
		{`INSERT INTO emission (source_row, record) SELECT h.source_row, h.record FROM emission_history h JOIN record r ON r.id = h.record
			WHERE h.run = $1 AND length(h.source_row) = 16 AND r.deleted = 0 ON CONFLICT DO NOTHING`, []any{run}},
		{`DELETE FROM emission WHERE (source_row, record) IN (SELECT substr(h.source_row, 1, 16), h.record FROM emission_history h
			WHERE h.run = $1 AND length(h.source_row) = 17)`, []any{run}},
	} {
		if _, err := tx.Exec(ctx, step.sql, step.args...); err != nil {
			return 0, err
		}
	}
	var orphans []int64
	if err := tx.Each(ctx, func(r store.Row) error {
		orphans = append(orphans, r.Int(0))
		return nil
	}, `SELECT DISTINCT r.id FROM emission_history h JOIN record r ON r.id = h.record
		WHERE h.run = $1 AND length(h.source_row) = 17 AND r.deleted = 0 AND r.self = 0
		AND NOT EXISTS (SELECT 1 FROM emission e WHERE e.record = r.id) ORDER BY r.id`, run); err != nil {
		return 0, err
	}
	if err := s.bury(ctx, tx, run, orphans); err != nil {
		return 0, err
	}
	_, err := tx.Exec(ctx, "DELETE FROM emission_history WHERE run = $1", run)
	return int64(len(orphans)), err
}

// recordsOf returns the records whose version that stands was written by the run.
func recordsOf(ctx context.Context, tx *store.Tx, run RunRow) ([]int64, error) {
	streams, err := streamIDs(ctx, tx, run.Spec.Source, run.Spec.Stream)
	if err != nil {
		return nil, err
	}
	var ids []int64
	for _, stream := range streams {
		var chunks []int64
		if err := tx.Each(ctx, func(r store.Row) error {
			chunks = append(chunks, r.Int(0))
			return nil
		}, "SELECT chunk FROM stream_chunk WHERE stream = $1 ORDER BY chunk", stream); err != nil {
			return nil, err
		}
		for _, c := range chunks {
			if err := tx.Each(ctx, func(r store.Row) error {
				ids = append(ids, r.Int(0))
				return nil
			}, "SELECT id FROM record WHERE id >= $1 AND id < $2 AND stream = $3 AND run = $4", c<<chunkShift, (c+1)<<chunkShift, stream, run.N); err != nil {
				return nil, err
			}
		}
	}
	return ids, nil
}

// undo takes back one part of a run's records.
type undo struct {
	s     *Store
	tx    *store.Tx
	run   RunRow
	mark  int64
	names map[int64]streamName
}

func (u *undo) part(ctx context.Context, ids []int64) (Undone, error) {
	var done Undone
	now := map[int64]*stored{}
	err := u.tx.InInts(ctx, ids, func(r store.Row) error {
		now[r.Int(0)] = &stored{id: r.Int(0), typ: u.names[r.Int(1)].typ, version: r.Int(2), deleted: r.Int(3) != 0, tokens: r.Bytes(4), refs: r.Bytes(5)}
		return nil
	}, "SELECT id, stream, version, deleted, tokens, refs FROM record WHERE id IN ($keys)")
	if err != nil {
		return done, err
	}
	before := map[int64]*stored{}
	err = u.tx.InInts(ctx, ids, func(r store.Row) error {
		id, version := r.Int(0), r.Int(1)
		if b := before[id]; b != nil && b.version > version {
			return nil
		}
		before[id] = &stored{
			id: id, version: version, content: [16]byte(r.Bytes(2)), updated: r.Int(3), observed: r.Int(4), run: r.Int(5), deleted: r.Int(6) != 0,
			self: r.Int(7) != 0, tokens: r.Bytes(8), refs: r.Bytes(9), wrapped: r.Bytes(10), payload: r.Bytes(11),
		}
		return nil
	}, `SELECT id, version, content, updated, observed, run, deleted, self, tokens, refs, wrapped, payload FROM record_history
		WHERE id IN ($keys) AND run <> $1 AND run NOT IN (SELECT n FROM run WHERE status = 'rolled_back')`, u.run.N)
	if err != nil {
		return done, err
	}
	if err := keepVersions(ctx, u.tx, ids); err != nil {
		return done, err
	}
	c := newCommit(u.s, u.tx, storedRun{run: run{n: u.run.N}})
	var back, gone []*stored
	var change Change
	for _, id := range ids {
		is, was := now[id], before[id]
		switch {
		case was == nil:
			if !is.deleted {
				done.Removed++
				change.Deleted = append(change.Deleted, id)
			}
			is.deleted = true
			gone = append(gone, is)
			continue
		case is.deleted && !was.deleted:
			done.Restored++
		default:
			done.Reverted++
		}
		change.Updated = append(change.Updated, id)
		if !bytes.Equal(is.tokens, was.tokens) {
			was.stale = append(was.stale, is.tokens)
		}
		if !bytes.Equal(is.refs, was.refs) {
			c.adopt(is, is.refs, -1)
			c.adopt(is, was.refs, 1)
		}
		was.typ, was.version, was.dirty, was.full = is.typ, is.version+1, is.typ == record.Customer, true
		back = append(back, was)
	}
	c.touched = back
	for _, step := range []func() error{
		func() error { return c.writeTouched(ctx) },
		func() error { return u.bury(ctx, gone) },
		func() error { return c.writeXRefs(ctx, u.mark) },
		func() error { return c.writeParents(ctx) },
		func() error { return change.write(ctx, u.tx, u.run.N) },
	} {
		if err := step(); err != nil {
			return done, err
		}
	}
	return done, nil
}

// bury tombstones what the run created; undated, so that a row that is read
// again brings it back.
func (u *undo) bury(ctx context.Context, gone []*stored) error {
	ids := make([]int64, len(gone))
	for i, x := range gone {
		ids[i] = x.id
	}
	err := u.tx.ExecInts(ctx, ids, "UPDATE record SET version = version + 1, deleted = 1, self = 0, updated = $1, observed = $2 WHERE id IN ($keys)", int64(undated), u.s.db.Now().UnixMicro())
	if err != nil {
		return err
	}
	if err := u.tx.ExecInts(ctx, ids, "DELETE FROM emission WHERE record IN ($keys)"); err != nil {
		return err
	}
	return soil(ctx, u.tx, ids, u.mark)
}
