package golden

import (
	"context"
	"math"

	"crmhub/fault"
	"crmhub/store"
)

// sweep tombstones the current records of the run's stream that a complete run
// did not see, and returns how many. Where they are more than the run's limit it
// returns E5013 and deletes nothing.
func (s *Store) sweep(ctx context.Context, tx *store.Tx, x storedRun) (int64, error) {
	streams, err := streamIDs(ctx, tx, x.spec.Source, x.spec.Stream)
	if err != nil {
		return 0, err
	}
	saw := seen{tx: tx, run: x.n, chunks: map[int64]*seenChunk{}}
	var current int64
	var missing []int64
	for _, stream := range streams {
		var chunks []int64
		err := tx.Each(ctx, func(r store.Row) error {
			chunks = append(chunks, r.Int(0))
			return nil
		}, "SELECT chunk FROM stream_chunk WHERE stream = $1 ORDER BY chunk", stream)
		if err != nil {
			return 0, err
		}
		for _, chunk := range chunks {
			var ids []int64
			err := tx.Each(ctx, func(r store.Row) error {
				ids = append(ids, r.Int(0))
				return nil
			}, "SELECT id FROM record WHERE id >= $1 AND id < $2 AND stream = $3 AND deleted = 0", chunk<<chunkShift, (chunk+1)<<chunkShift, stream)
			if err != nil {
				return 0, err
			}
			current += int64(len(ids))
			for _, id := range ids {
				has, err := saw.has(ctx, id)
				if err != nil {
					return 0, err
				}
				if !has {
					missing = append(missing, id)
				}
			}
		}
	}
	allowed := int64(math.Floor(x.spec.MaxDeleted*float64(current) + 1e-9))
	if x.spec.MaxDeletedRows != 0 {
		allowed = x.spec.MaxDeletedRows
	}
	if int64(len(missing)) > allowed {
		return 0, fault.New("E5013", x.spec.Pipeline, "missing", len(missing), "current", current, "allowed", allowed)
	}
	return int64(len(missing)), s.bury(ctx, tx, x.n, missing)
}

// bury tombstones current records, undated: whatever is read of them later
// brings them back.
func (s *Store) bury(ctx context.Context, tx *store.Tx, run int64, ids []int64) error {
	if len(ids) == 0 {
		return nil
	}
	mark, err := stamp(ctx, tx)
	if err != nil {
		return err
	}
	if err := keepVersions(ctx, tx, ids); err != nil {
		return err
	}
	now := s.db.Now().UnixMicro()
	for _, step := range []struct {
		sql  string
		args []any
	}{
		{"UPDATE record SET version = version + 1, deleted = 1, self = 0, run = $1, updated = $2, observed = $3 WHERE id IN ($keys)", []any{run, int64(undated), now}},
		{"INSERT INTO emission_history (run, source_row, record) SELECT CAST($1 AS BIGINT), source_row, record FROM emission WHERE record IN ($keys) ON CONFLICT DO NOTHING", []any{run}},
		{"DELETE FROM emission WHERE record IN ($keys)", nil},
	} {
		if err := tx.ExecInts(ctx, ids, step.sql, step.args...); err != nil {
			return err
		}
	}
	if err := soil(ctx, tx, ids, mark); err != nil {
		return err
	}
	c := Change{Deleted: ids}
	return c.write(ctx, tx, run)
}
