package store

import "context"

// Integrity asks the database whether its own structure is whole. A damaged
// SQLite file is E5009. PostgreSQL has no such question that a client may ask:
// that it answers is all that is checked.
func (d *DB) Integrity(ctx context.Context) error {
	return d.View(ctx, func(t *Tx) error {
		if d.kind == Postgres {
			_, err := t.Int(ctx, "SELECT 1")
			return err
		}
		ok := false
		_, err := t.One(ctx, func(r Row) error {
			ok = string(r.Text(0)) == "ok"
			return nil
		}, "PRAGMA quick_check(1)")
		if err == nil && !ok {
			err = fault("E5009", d.place, nil)
		}
		return err
	})
}
