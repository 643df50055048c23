package store

import (
	"context"
	"embed"
	"strconv"
	"strings"
)

// migrations are numbered and never edited: a store of any age is brought
// forward one by one.
//
//go:embed migrations/*.sql
var migrations embed.FS

// versionName is the row of meta that holds the number of the last migration.
const versionName = "version"

// migrate brings the store to the last migration, each in a transaction of its
// own. A store that stands there already is only read, so that opening it waits for nobody.
func (d *DB) migrate(ctx context.Context) error {
	version := 0
	err := d.View(ctx, func(t *Tx) error {
		sql := "SELECT count(*) FROM sqlite_schema WHERE type = 'table' AND name = 'meta'"
		if d.kind == Postgres {
			sql = "SELECT count(*) FROM pg_class WHERE oid = to_regclass('meta')"
		}
		there, err := t.Int(ctx, sql)
		if err != nil || there == 0 {
			return err
		}
		version, err = t.version(ctx)
		return err
	})
	for err == nil && version < Version() {
		err = d.Update(ctx, func(t *Tx) error {
			if d.kind == Postgres {
				// Two programs may open a new store at once.
				if _, err := t.Exec(ctx, "SELECT pg_advisory_xact_lock($1, hashtext(current_schema()))", migrateLock); err != nil {
					return err
				}
			}
			if err := t.s.script(ctx, d.ddl("CREATE TABLE IF NOT EXISTS meta (name {text} PRIMARY KEY, value {bytes})")); err != nil {
				return err
			}
			if version, err = t.version(ctx); err != nil || version >= Version() {
				return err
			}
			if err := d.step(ctx, t, version, version+1); err != nil {
				return err
			}
			version++
			return nil
		})
	}
	if err == nil && version > Version() {
		return fault("E5003", d.place, []any{"found", version, "known", Version()})
	}
	return err
}

// version returns the number of the store's last migration, 0 for none.
func (t *Tx) version(ctx context.Context) (int, error) {
	raw, err := t.meta(ctx, versionName)
	if err != nil || raw == nil {
		return 0, err
	}
	version, err := strconv.Atoi(string(raw))
	if err != nil {
		return 0, fault("E5009", t.db.place, nil)
	}
	return version, nil
}

// ddl puts the database's own words into a migration.
func (d *DB) ddl(sql string) string {
	if d.kind == SQLite {
		return strings.NewReplacer("{int}", "INTEGER", "{bytes}", "BLOB", "{text}", "TEXT", "{clustered}", "WITHOUT ROWID").Replace(sql)
	}
	return strings.NewReplacer("{int}", "BIGINT", "{bytes}", "BYTEA", "{text}", "TEXT", "{clustered}", "").Replace(sql)
}

// Version returns the number of the last migration that this program knows.
func Version() int {
	files, err := migrations.ReadDir("migrations")
	if err != nil {
		panic(err) // the folder is embedded
	}
	return len(files)
}

func (t *Tx) meta(ctx context.Context, name string) ([]byte, error) {
	var value []byte
	_, err := t.One(ctx, func(r Row) error {
		value = r.Bytes(0)
		return nil
	}, "SELECT value FROM meta WHERE name = $1", name)
	return value, err
}

// Meta returns a value that the store keeps about itself, nil where there is none.
func (t *Tx) Meta(ctx context.Context, name string) ([]byte, error) { return t.meta(ctx, name) }

// Metas returns those of some values that the store keeps about itself that there are.
func (t *Tx) Metas(ctx context.Context, names ...string) (map[string][]byte, error) {
	marks, args, found := make([]string, len(names)), make([]any, len(names)), make(map[string][]byte, len(names))
	for i, n := range names {
		marks[i], args[i] = "$"+strconv.Itoa(i+1), n
	}
	err := t.Each(ctx, func(r Row) error {
		found[r.Text(0)] = r.Bytes(1)
		return nil
	}, "SELECT name, value FROM meta WHERE name IN ("+strings.Join(marks, ", ")+")", args...)
	return found, err
}

// SetMeta sets a value that the store keeps about itself.
func (t *Tx) SetMeta(ctx context.Context, name string, value []byte) error {
	return t.Do(ctx, "INSERT INTO meta (name, value) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET value = excluded.value", name, value)
}
