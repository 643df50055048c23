package golden

import (
	"context"

	"crmhub/record"
	"crmhub/store"
)

// quarantine is the part of a commit that keeps refused rows. An item is the
// pipeline and the row: reading it again raises its count, a good row of its
// key closes it.
type quarantine struct {
	commit *commit
	items  map[[16]byte]*item
	byRow  map[[16]byte][]*item
	added  []*item
}

// item is one row in quarantine.
type item struct {
	id       int64
	token    [16]byte
	row      []byte
	stage    record.Stage
	code     string
	place    []byte
	args     []byte
	wrapped  []byte
	sealed   []byte
	count    int64
	open     bool
	firstRun int64
	firstAt  int64
	fresh    bool
	changed  bool
}

// load reads the items that the rows may touch: those of refused rows, and
// open ones of the rows' keys.
func (q *quarantine) load(ctx context.Context, rows []*preparedRow) error {
	c := q.commit
	var tokens [][]byte
	for _, r := range rows {
		if r.refusal != nil {
			tokens = append(tokens, r.refusal.item[:])
		}
	}
	const columns = "id, item, source_row, count, open, first_run, first_at, pipeline"
	scan := func(r store.Row) error {
		if r.Text(7) != c.run.spec.Pipeline {
			return nil // another pipeline reads the same stream
		}
		i := &item{id: r.Int(0), token: [16]byte(r.Bytes(1)), row: r.Bytes(2), count: r.Int(3), open: r.Int(4) != 0, firstRun: r.Int(5), firstAt: r.Int(6)}
		if q.items[i.token] == nil {
			q.put(i)
		}
		return nil
	}
	if err := c.tx.InBytes(ctx, tokens, scan, "SELECT "+columns+" FROM quarantine WHERE item IN ($keys)"); err != nil {
		return err
	}
	open, err := c.tx.Int(ctx, "SELECT count(*) FROM (SELECT 1 FROM quarantine WHERE pipeline = $1 AND open = 1 LIMIT 1) AS x", c.run.spec.Pipeline)
	if err != nil || open == 0 {
		return err
	}
	var keys [][]byte
	for _, r := range rows {
		if r.refusal == nil && r.key != "" {
			t := c.token(r)
			keys = append(keys, t[:])
		}
	}
	return c.tx.InBytes(ctx, keys, scan, "SELECT "+columns+" FROM quarantine WHERE source_row IN ($keys) AND open = 1")
}

func (q *quarantine) put(i *item) {
	q.items[i.token] = i
	if len(i.row) == 16 {
		q.byRow[[16]byte(i.row)] = append(q.byRow[[16]byte(i.row)], i)
	}
}

// add puts a row into quarantine, or counts it once more.
func (q *quarantine) add(ctx context.Context, r *preparedRow, f *refusal) error {
	i := q.items[f.item]
	if i == nil && f.stage == record.StageLand {
		// The store's own refusal was not known when the items were read.
		var found *item
		if _, err := q.commit.tx.One(ctx, func(r store.Row) error {
			found = &item{id: r.Int(0), token: f.item, row: r.Bytes(1), count: r.Int(2), open: r.Int(3) != 0, firstRun: r.Int(4), firstAt: r.Int(5)}
			return nil
		}, "SELECT id, source_row, count, open, first_run, first_at FROM quarantine WHERE item = $1", f.item[:]); err != nil {
			return err
		}
		if i = found; i != nil {
			q.put(i)
		}
	}
	if i == nil {
		i = &item{token: f.item, wrapped: f.wrapped, sealed: f.sealed, firstRun: q.commit.run.n, firstAt: q.commit.now, fresh: true}
		if r.key != "" {
			t := q.commit.token(r)
			i.row = t[:]
		}
		q.put(i)
		q.added = append(q.added, i)
	}
	if !i.open {
		i.firstRun = q.commit.run.n // the run that opened it, for a rollback
	}
	i.stage, i.code, i.args, i.place = f.stage, string(f.code), f.args, []byte(r.place.String())
	i.count++
	i.open, i.changed = true, true
	return nil
}

// closeRow closes the open items of a row that landed.
func (q *quarantine) closeRow(r *preparedRow) {
	if r.key == "" || len(q.byRow) == 0 {
		return
	}
	for _, i := range q.byRow[q.commit.token(r)] {
		if i.open {
			i.open, i.changed = false, true
		}
	}
}

func (q *quarantine) flush(ctx context.Context) error {
	c := q.commit
	if len(q.added) > 0 {
		next, err := c.tx.Int(ctx, "SELECT coalesce(max(id), 0) FROM quarantine")
		if err != nil {
			return err
		}
		for n, i := range q.added {
			i.id = next + int64(n) + 1
		}
		err = c.tx.Insert(ctx, "quarantine", []string{"id", "item", "pipeline", "stage", "code", "place", "args", "source_row", "wrapped", "row_data", "count", "open", "first_run", "last_run", "first_at", "last_at"}, len(q.added), func(n int, v []any) {
			i := q.added[n]
			v[0], v[1], v[2], v[3], v[4], v[5], v[6], v[7] = i.id, i.token[:], c.run.spec.Pipeline, string(i.stage), i.code, i.place, i.args, i.row
			v[8], v[9], v[10], v[11], v[12], v[13], v[14], v[15] = i.wrapped, i.sealed, i.count, bit(i.open), i.firstRun, c.run.n, i.firstAt, c.now
		})
		if err != nil {
			return err
		}
	}
	var again, closed []*item
	for _, i := range q.items {
		switch {
		case i.fresh || !i.changed:
		case i.code == "": // it was closed only, not read again
			closed = append(closed, i)
		default:
			again = append(again, i)
		}
	}
	err := c.tx.Change(ctx, "quarantine", []string{"id", "stage", "code", "place", "args", "count", "open", "first_run", "last_run", "last_at"}, len(again), func(n int, v []any) {
		i := again[n]
		v[0], v[1], v[2], v[3], v[4], v[5], v[6], v[7], v[8], v[9] = i.id, string(i.stage), i.code, i.place, i.args, i.count, bit(i.open), i.firstRun, c.run.n, c.now
	})
	if err != nil {
		return err
	}
	return c.tx.Change(ctx, "quarantine", []string{"id", "open"}, len(closed), func(n int, v []any) { v[0], v[1] = closed[n].id, bit(closed[n].open) })
}
