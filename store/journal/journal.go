// Package journal answers what happened: the runs and their undoing, rows in quarantine, and who saw what.
package journal

import (
	"context"

	"crmhub/fault"
	"crmhub/record"
	"crmhub/store"
	"crmhub/store/golden"
)

// Journal reads and amends the records of what was done. It is safe for concurrent use.
type Journal struct {
	db *store.DB
	g  *golden.Store
}

// New returns the journal of a store.
func New(db *store.DB) *Journal { return &Journal{db: db, g: golden.New(db, golden.Options{})} }

// Runs returns the newest runs first, at most limit of them (all for 0), of one
// pipeline or, for "", of all.
func (j *Journal) Runs(ctx context.Context, pipeline string, limit int) ([]record.Run, error) {
	if limit <= 0 {
		limit = 1 << 30
	}
	var all []record.Run
	err := j.db.View(ctx, func(tx *store.Tx) error {
		rows, err := j.g.ReadRuns(ctx, tx, "WHERE pipeline = $1 OR $1 = '' ORDER BY n DESC LIMIT $2", pipeline, limit)
		for _, r := range rows {
			all = append(all, r.Run)
		}
		return err
	})
	return all, err
}

// Run returns the run of that id, or of the only id that begins so. It returns
// E5014 where there is none, or several.
func (j *Journal) Run(ctx context.Context, id string) (record.Run, error) {
	var out record.Run
	err := j.db.View(ctx, func(tx *store.Tx) error {
		r, err := j.find(ctx, tx, id)
		out = r.Run
		return err
	})
	return out, err
}

func (j *Journal) find(ctx context.Context, tx *store.Tx, id string) (golden.RunRow, error) {
	if len(id) < 4 {
		return golden.RunRow{}, fault.New("E5014", "", "run", id)
	}
	rows, err := j.g.ReadRuns(ctx, tx, "WHERE id >= $1 AND id < $2 ORDER BY id LIMIT 2", id, id+"~")
	if err != nil {
		return golden.RunRow{}, err
	}
	if len(rows) != 1 {
		return golden.RunRow{}, fault.New("E5014", "", "run", id)
	}
	return rows[0], nil
}

// Rollback says what undoing runs did.
type Rollback struct {
	// Runs were undone, the newest first.
	Runs []record.RunID
	golden.Undone
}

// Rollback undoes a run in one transaction: what it created is tombstoned, what
// it changed goes back to the version before it, what it deleted is restored, and the
// pipeline's position is what it was. While newer runs of the pipeline stand it returns E5015, unless through
// says that these are undone too. What changed is dirty: resolve afterwards.
func (j *Journal) Rollback(ctx context.Context, id string, through bool) (Rollback, error) {
	var done Rollback
	err := j.db.Update(ctx, func(tx *store.Tx) error {
		done = Rollback{}
		target, err := j.find(ctx, tx, id)
		if err != nil {
			return err
		}
		if target.Status == record.Running || target.Status == record.RolledBack {
			return fault.New("E5018", "", "run", target.ID, "status", target.Status)
		}
		newer, err := j.g.ReadRuns(ctx, tx, "WHERE pipeline = $1 AND n > $2 AND status <> 'rolled_back' ORDER BY n DESC", target.Pipeline, target.N)
		if err != nil {
			return err
		}
		if len(newer) > 0 && !through {
			return fault.New("E5015", "", "count", len(newer), "pipeline", target.Pipeline, "run", target.ID)
		}
		for _, r := range append(newer, target) {
			if r.Status == record.Running {
				return fault.New("E5018", "", "run", r.ID, "status", r.Status)
			}
			undone, err := j.g.Undo(ctx, tx, r)
			if err != nil {
				return err
			}
			done.Runs = append(done.Runs, r.ID)
			done.Add(undone)
		}
		return nil
	})
	return done, err
}

// Position returns where the pipeline's last good run ended; nil where there
// was none. It may hold keys.
func (j *Journal) Position(ctx context.Context, pipeline string) (record.Position, error) {
	var p record.Position
	err := j.db.View(ctx, func(tx *store.Tx) error {
		_, err := tx.One(ctx, func(r store.Row) (err error) {
			p, err = j.db.OpenOne("position", []byte(pipeline), r.Bytes(0), r.Bytes(1))
			return err
		}, "SELECT wrapped, position FROM position WHERE pipeline = $1", pipeline)
		return err
	})
	return p, err
}
