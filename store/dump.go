package store

import (
	"context"
	"encoding/hex"
	"fmt"
	"strconv"
	"strings"

	"crmhub/governance/crypt"
)

// lockName is the row of meta that says who holds the lock of a PostgreSQL store.
const lockName = "lock"

// Dump hands every row of a table to f, in the order of its columns. Of meta
// it leaves out what belongs to the database and not to its content: the
// number of the last migration and the holder of the lock.
func (t *Tx) Dump(ctx context.Context, table Table, f func(Row) error) error {
	sql := "SELECT " + strings.Join(table.Names(), ", ") + " FROM " + table.Name
	if table.Name != "meta" {
		return t.Each(ctx, f, sql)
	}
	return t.Each(ctx, f, sql+" WHERE name <> $1 AND name <> $2", versionName, lockName)
}

// Rows returns how many rows a table has, of those that Dump hands out.
func (t *Tx) Rows(ctx context.Context, table Table) (int64, error) {
	if table.Name != "meta" {
		return t.Int(ctx, "SELECT count(*) FROM "+table.Name)
	}
	return t.Int(ctx, "SELECT count(*) FROM meta WHERE name <> $1 AND name <> $2", versionName, lockName)
}

// Empty reports whether no table but meta has a row, and names one that has.
func (t *Tx) Empty(ctx context.Context) (empty bool, table string, err error) {
	for _, table := range tables {
		if table.Name == "meta" {
			continue
		}
		n, err := t.Int(ctx, "SELECT count(*) FROM (SELECT 1 FROM "+table.Name+" LIMIT 1) AS one")
		if err != nil || n > 0 {
			return false, table.Name, err
		}
	}
	return true, "", nil
}

// Load fills the store from a dump that was made at that version of the
// tables: it brings them back to that version, empty, lets load insert the
// rows of every table, meta included, and brings the whole forward again. All
// of it is one transaction: a load that fails or is killed leaves the store as
// it was. load must begin with a look at Empty. Afterwards the store has the
// dump's id and keys; what was made from d before must not be used any more.
func (d *DB) Load(ctx context.Context, version int, load func(*Tx) error) error {
	err := d.Update(ctx, func(t *Tx) error {
		empty, table, err := t.Empty(ctx)
		if err != nil {
			return err
		}
		if !empty {
			return fault("E8012", d.place, []any{"table", table})
		}
		for _, table := range tables {
			if table.Name == "meta" {
				continue
			}
			if err := t.s.script(ctx, "DROP TABLE "+table.Name); err != nil {
				return err
			}
		}
		if _, err := t.Exec(ctx, "DELETE FROM meta WHERE name <> $1 AND name <> $2", versionName, lockName); err != nil {
			return err
		}
		if err := d.step(ctx, t, 0, version); err != nil {
			return err
		}
		if err := load(t); err != nil {
			return err
		}
		if err := d.step(ctx, t, version, Version()); err != nil {
			return err
		}
		if d.kind == Postgres {
			return t.s.script(ctx, "ANALYZE")
		}
		return nil
	})
	if err != nil {
		return err
	}
	return d.openKeys(ctx)
}

// step runs the migrations after the first from, up to the number to.
func (d *DB) step(ctx context.Context, t *Tx, from, to int) error {
	files, err := migrations.ReadDir("migrations")
	if err != nil {
		return err
	}
	for _, f := range files[from:to] {
		sql, err := migrations.ReadFile("migrations/" + f.Name())
		if err != nil {
			return err
		}
		if err := t.s.script(ctx, d.ddl(string(sql))); err != nil {
			return fmt.Errorf("migration %s: %w", f.Name(), err)
		}
	}
	return t.SetMeta(ctx, versionName, []byte(strconv.Itoa(to)))
}

// Rewrap moves the wrapped keys in dumped rows from one key ring to another.
type Rewrap struct {
	From, To *crypt.Ring
	// StoreID is the id of the store that the rows are of, as DB.ID gives it.
	StoreID string
}

// Row replaces, in one row of a table, what is wrapped under From by the same
// keys wrapped under To: every column that is called wrapped or ends in
// _wrapped, and the store's own keys in meta.
func (w Rewrap) Row(table string, columns []string, row []any) error {
	raw, err := hex.DecodeString(w.StoreID)
	if err != nil {
		return err
	}
	if table == "meta" {
		return w.meta(string(raw), row)
	}
	var ad []byte
	for i, c := range columns {
		wrapped, ok := row[i].([]byte)
		if !ok || c != "wrapped" && !strings.HasSuffix(c, "_wrapped") {
			continue
		}
		if ad == nil {
			ad = (&DB{id: string(raw)}).DataKeyAD()
		}
		if row[i], err = w.To.Rewrap(w.From, wrapped, ad); err != nil {
			return err
		}
	}
	return nil
}

func (w Rewrap) meta(id string, row []any) error {
	name, _ := row[0].(string)
	if name == ringName {
		row[1] = []byte(w.To.Fingerprint())
		return nil
	}
	for _, key := range StoreKeys {
		if name != key {
			continue
		}
		wrapped, _ := row[1].([]byte)
		moved, err := w.To.Rewrap(w.From, wrapped, StoreKeyAD(id, name))
		if err != nil {
			return err
		}
		row[1] = moved
	}
	return nil
}
