package backup

import (
	"context"
	"errors"
	"sync"

	"crmhub/fault"
	"crmhub/governance/crypt"
	"crmhub/store"
)

// batchBytes is how many bytes of rows go into the store at once.
const batchBytes = 2 << 20

// Restore fills an empty store, of either kind, with a snapshot ("latest" for
// the newest) and returns its manifest. All is written in one transaction: a
// restore that fails or is killed leaves the store empty as it was. What was
// written is read back and compared before the transaction is committed. A
// store that is not empty is refused (E8012), as is one that somebody writes to.
//
// Data keys and store keys are wrapped anew where o.Ring, which opens the
// snapshot, is another key ring than the store's.
func Restore(ctx context.Context, db *store.DB, t Target, snapshot string, o Options) (Manifest, error) {
	source := o.Ring
	if source == nil {
		source = db.Ring()
	}
	release, err := db.Lock(ctx, "backup restore")
	if err != nil {
		return Manifest{}, err
	}
	m, err := restore(ctx, db, t, snapshot, source, o)
	return m, interrupted(ctx, t, errors.Join(err, release()))
}

func restore(ctx context.Context, db *store.DB, t Target, snapshot string, source *crypt.Ring, o Options) (Manifest, error) {
	id, err := resolve(ctx, t, snapshot)
	if err != nil {
		return Manifest{}, err
	}
	m, k, err := openManifest(ctx, t, id, source)
	if err != nil {
		return m, err
	}
	if m.StoreVersion > store.Version() || m.StoreVersion < 1 {
		return m, fault.New("E8014", t.String()+"/"+id, "found", m.StoreVersion, "known", store.Version())
	}
	l := loader{target: t, m: m, k: k, o: o}
	if source.Fingerprint() != db.Ring().Fingerprint() {
		l.rewrap = &store.Rewrap{From: source, To: db.Ring(), StoreID: m.StoreID}
	}
	return m, db.Load(ctx, m.StoreVersion, func(tx *store.Tx) error { return l.load(ctx, tx) })
}

// loader writes a snapshot's rows into a store.
type loader struct {
	target Target
	m      Manifest
	k      keys
	o      Options
	rewrap *store.Rewrap // nil where the rings are the same

	written map[string]string // digest of each table's rows as they are inserted
}

// batch is some rows of one table.
type batch struct {
	table int
	rows  [][]any
	bytes int
	done  *Progress // set on the last batch of an object
}

func (l *loader) load(ctx context.Context, tx *store.Tx) error {
	l.written = map[string]string{}
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	batches := make(chan batch, 2)
	var wait sync.WaitGroup
	wait.Go(func() {
		defer close(batches)
		if err := l.read(ctx, batches); err != nil {
			cancel(err)
		}
	})
	err := l.insert(ctx, tx, batches)
	if err != nil {
		cancel(err)
	}
	wait.Wait()
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	return l.compare(ctx, tx)
}

// read opens all objects and hands on their rows, keys wrapped for the target.
func (l *loader) read(ctx context.Context, out chan<- batch) error {
	r, err := newReader(l.target, l.m, l.k)
	if err != nil {
		return err
	}
	defer r.close()
	send := func(b batch) error {
		select {
		case out <- b:
			return nil
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
	var p Progress
	var moved []byte
	for i, table := range l.m.Tables {
		columns := table.columns()
		sum := newDigest(l.k.digest, table.Name)
		written := sum
		if l.rewrap != nil {
			written = newDigest(l.k.digest, table.Name)
		}
		var rows int64
		for n, part := range table.Objects {
			b := batch{table: i}
			err := r.part(ctx, table, n, func(body []byte) error {
				sum.add(body)
				rows++
				row, err := parseRow(body, len(columns))
				if err != nil {
					return fault.New("E8007", r.place(part)).Because(err)
				}
				if l.rewrap != nil {
					if err := l.rewrap.Row(table.Name, columns, row); err != nil {
						return err
					}
					moved = appendValues(moved[:0], row)
					written.add(moved)
				}
				b.rows, b.bytes = append(b.rows, row), b.bytes+len(body)
				if b.bytes < batchBytes {
					return nil
				}
				full := b
				b = batch{table: i}
				return send(full)
			})
			if err != nil {
				return err
			}
			p = Progress{Table: table.Name, Rows: p.Rows + part.Rows, Bytes: p.Bytes + part.Size}
			done := p
			b.done = &done
			if err := send(b); err != nil {
				return err
			}
		}
		if rows != table.Rows || sum.String() != table.Digest {
			return fault.New("E8011", l.target.String()+"/"+l.m.Snapshot, "table", table.Name, "want", table.Rows, "got", rows)
		}
		l.written[table.Name] = written.String()
	}
	return nil
}

// insert writes batches until there are no more.
func (l *loader) insert(ctx context.Context, tx *store.Tx, in <-chan batch) error {
	for b := range in {
		if err := ctx.Err(); err != nil {
			return context.Cause(ctx)
		}
		table := l.m.Tables[b.table]
		err := tx.Insert(ctx, table.Name, table.columns(), len(b.rows), func(i int, v []any) { copy(v, b.rows[i]) })
		if err != nil {
			return err
		}
		if b.done != nil && l.o.Progress != nil {
			l.o.Progress(*b.done)
		}
	}
	return nil
}

// compare reads everything back and compares it with what was inserted.
func (l *loader) compare(ctx context.Context, tx *store.Tx) error {
	for _, table := range l.m.Tables {
		t, err := table.stored()
		if err != nil {
			return err
		}
		got := newDigest(l.k.digest, table.Name)
		var rows int64
		var body []byte
		err = tx.Dump(ctx, t, func(r store.Row) error {
			var err error
			if body, err = appendRow(body[:0], t, r); err != nil {
				return err
			}
			got.add(body)
			rows++
			return nil
		})
		if err != nil {
			return err
		}
		if rows != table.Rows || got.String() != l.written[table.Name] {
			return fault.New("E8016", tx.DB().Place(), "table", table.Name, "want", table.Rows, "got", rows)
		}
	}
	return nil
}

// columns returns the names of the table's columns.
func (t Table) columns() []string {
	names := make([]string, len(t.Columns))
	for i, c := range t.Columns {
		names[i] = c.Name
	}
	return names
}

// stored returns the table as the store of its version has it.
func (t Table) stored() (store.Table, error) {
	out := store.Table{Name: t.Name}
	for _, c := range t.Columns {
		found := false
		for kind, name := range kindNames {
			if name == c.Kind {
				out.Columns = append(out.Columns, store.Column{Name: c.Name, Kind: kind})
				found = true
			}
		}
		if !found {
			return out, fault.New("E8008", manifestName)
		}
	}
	return out, nil
}
