package journal

import (
	"context"
	"time"

	"crmhub/store"
)

// Revealed is one look at clear values.
type Revealed struct {
	At             time.Time
	Who, What, Why string
}

// Reveal records that someone looked at clear values, before they are shown.
// what names the command and ids, never a value.
func (j *Journal) Reveal(ctx context.Context, who, what, why string) error {
	return j.db.Update(ctx, func(tx *store.Tx) error {
		id, err := tx.Int(ctx, "SELECT coalesce(max(id), 0) + 1 FROM reveal")
		if err != nil {
			return err
		}
		_, err = tx.Exec(ctx, "INSERT INTO reveal (id, at, who, what, why) VALUES ($1, $2, $3, $4, $5)", id, j.db.Now().UnixMicro(), []byte(who), []byte(what), []byte(why))
		return err
	})
}

// Reveals returns the looks at clear values, the newest first, at most limit of
// them (all for 0).
func (j *Journal) Reveals(ctx context.Context, limit int) ([]Revealed, error) {
	if limit <= 0 {
		limit = 1 << 30
	}
	var all []Revealed
	err := j.db.View(ctx, func(tx *store.Tx) error {
		return tx.Each(ctx, func(r store.Row) error {
			all = append(all, Revealed{time.UnixMicro(r.Int(0)).UTC(), string(r.Bytes(1)), string(r.Bytes(2)), string(r.Bytes(3))})
			return nil
		}, "SELECT at, who, what, why FROM reveal ORDER BY id DESC LIMIT $1", limit)
	})
	return all, err
}
