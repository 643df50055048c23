package journal

import (
	"context"
	"encoding/json"
	"strconv"
	"time"

	"crmhub/fault"
	"crmhub/record"
	"crmhub/store"
)

// Item is one row in quarantine. It holds no personal value but in Row, which
// is filled only where a method says so.
type Item struct {
	ID       string
	Pipeline string
	Place    string
	Stage    record.Stage
	Fault    *fault.Error // why it was refused
	Count    int64        // how often it was read
	Open     bool
	// Corrected says that a corrected row waits to be replayed.
	Corrected         bool
	FirstRun, LastRun record.RunID
	FirstAt, LastAt   time.Time
	// Row is the source row, as canonical JSON or raw: the corrected one where
	// there is one.
	Row []byte
	// Original is the row as it was read.
	Original []byte
}

// Filter chooses quarantine items; its zero value chooses all open ones.
type Filter struct {
	Pipeline string // "" for all
	Code     fault.Code
	Closed   bool // closed ones too
	// After is the id of the last item of the page before, "" for the first.
	After string
	// Limit is how many at most; 0 means all.
	Limit int
}

const itemSelect = `SELECT q.id, q.pipeline, q.place, q.stage, q.code, q.args, q.count, q.open, f.id, l.id, q.first_at, q.last_at, q.item, q.wrapped, q.row_data, q.fixed_wrapped, q.fixed
	FROM quarantine q LEFT JOIN run f ON f.n = q.first_run LEFT JOIN run l ON l.n = q.last_run`

// scan reads a row of itemSelect; opened opens the sealed rows.
func (j *Journal) scan(r store.Row, opened bool) (Item, error) {
	i := Item{
		ID: strconv.FormatInt(r.Int(0), 10), Pipeline: r.Text(1), Place: string(r.Bytes(2)), Stage: record.Stage(r.Text(3)), Count: r.Int(6), Open: r.Int(7) != 0,
		FirstRun: record.RunID(r.Text(8)), LastRun: record.RunID(r.Text(9)), FirstAt: time.UnixMicro(r.Int(10)).UTC(), LastAt: time.UnixMicro(r.Int(11)).UTC(), Corrected: !r.Null(16),
	}
	i.Fault = &fault.Error{Code: fault.Code(r.Text(4)), Place: i.Place}
	if args := r.Bytes(5); args != nil {
		if err := json.Unmarshal(args, &i.Fault.Args); err != nil {
			return i, err
		}
	}
	if !opened {
		return i, nil
	}
	var err error
	if i.Original, err = j.db.OpenOne("quarantine", r.Bytes(12), r.Bytes(13), r.Bytes(14)); err != nil {
		return i, err
	}
	i.Row = i.Original
	if i.Corrected {
		i.Row, err = j.db.OpenOne("quarantine correction", r.Bytes(12), r.Bytes(15), r.Bytes(16))
	}
	return i, err
}

// Quarantine returns the items that the filter chooses, oldest first, rows unopened.
func (j *Journal) Quarantine(ctx context.Context, f Filter) ([]Item, error) {
	var all []Item
	err := j.each(ctx, f, false, func(i Item) error {
		all = append(all, i)
		return nil
	})
	return all, err
}

// EachItem hands yield the items that the filter chooses, oldest first, rows
// opened. yield may use the store: items are read in parts.
func (j *Journal) EachItem(ctx context.Context, f Filter, yield func(Item) error) error {
	return j.each(ctx, f, true, yield)
}

func (j *Journal) each(ctx context.Context, f Filter, opened bool, yield func(Item) error) error {
	const most = 500
	after, left := number(f.After), f.Limit
	if left <= 0 {
		left = 1 << 60
	}
	for left > 0 {
		var part []Item
		err := j.db.View(ctx, func(tx *store.Tx) error {
			return tx.Each(ctx, func(r store.Row) error {
				i, err := j.scan(r, opened)
				part = append(part, i)
				return err
			}, itemSelect+" WHERE q.id > $1 AND (q.pipeline = $2 OR $2 = '') AND (q.code = $3 OR $3 = '') AND q.open >= $4 ORDER BY q.id LIMIT $5",
				after, f.Pipeline, string(f.Code), 1-flag(f.Closed), min(left, most))
		})
		if err != nil || len(part) == 0 {
			return err
		}
		for _, i := range part {
			if err := yield(i); err != nil {
				return err
			}
		}
		after, left = number(part[len(part)-1].ID), left-len(part)
	}
	return nil
}

func flag(b bool) int64 {
	if b {
		return 1
	}
	return 0
}

func number(id string) int64 {
	n, err := strconv.ParseInt(id, 10, 64)
	if err != nil {
		return 0
	}
	return n
}

// Item returns one item with its row opened. Unknown ids give E5019.
func (j *Journal) Item(ctx context.Context, id string) (Item, error) {
	var out Item
	err := j.db.View(ctx, func(tx *store.Tx) error {
		found, err := tx.One(ctx, func(r store.Row) (err error) {
			out, err = j.scan(r, true)
			return err
		}, itemSelect+" WHERE q.id = $1", number(id))
		if err == nil && !found {
			err = fault.New("E5019", "", "item", number(id))
		}
		return err
	})
	return out, err
}

// Correct puts a corrected row beside an open item, in the place of which it is
// replayed. The original stays. Unknown and closed items give E5019.
func (j *Journal) Correct(ctx context.Context, id string, row []byte) error {
	return j.db.Update(ctx, func(tx *store.Tx) error {
		var item []byte
		found, err := tx.One(ctx, func(r store.Row) error {
			item = r.Bytes(0)
			return nil
		}, "SELECT item FROM quarantine WHERE id = $1 AND open = 1", number(id))
		if err != nil {
			return err
		}
		if !found {
			return fault.New("E5019", "", "item", number(id))
		}
		wrapped, sealed, err := j.db.SealOne("quarantine correction", item, row)
		if err != nil {
			return err
		}
		_, err = tx.Exec(ctx, "UPDATE quarantine SET fixed_wrapped = $2, fixed = $3 WHERE id = $1", number(id), wrapped, sealed)
		return err
	})
}

// Close closes items and returns how many were open.
func (j *Journal) Close(ctx context.Context, ids ...string) (int64, error) {
	var n int64
	err := j.db.Update(ctx, func(tx *store.Tx) error {
		n = 0
		for _, id := range ids {
			closed, err := tx.Exec(ctx, "UPDATE quarantine SET open = 0 WHERE id = $1 AND open = 1", number(id))
			if err != nil {
				return err
			}
			n += closed
		}
		return nil
	})
	return n, err
}

// Reasons counts the open items by pipeline, stage and code.
func (j *Journal) Reasons(ctx context.Context) ([]Reason, error) {
	var all []Reason
	err := j.db.View(ctx, func(tx *store.Tx) error {
		return tx.Each(ctx, func(r store.Row) error {
			all = append(all, Reason{r.Text(0), record.Stage(r.Text(1)), fault.Code(r.Text(2)), r.Int(3)})
			return nil
		}, "SELECT pipeline, stage, code, count(*) FROM quarantine WHERE open = 1 GROUP BY pipeline, stage, code ORDER BY pipeline, stage, code")
	})
	return all, err
}

// Reason is why some rows are in quarantine.
type Reason struct {
	Pipeline string
	Stage    record.Stage
	Code     fault.Code
	Rows     int64
}
