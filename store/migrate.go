package store

import (
	"context"
	"embed"
	"fmt"
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

// migrate brings the store to the last migration, each in a transaction of its own.
func (d *DB) migrate(ctx context.Context) error {
	files, err := migrations.ReadDir("migrations")
	if err != nil {
		return err
	}
	for {
		last := false
		err := d.Update(ctx, func(t *Tx) error {
			if d.kind == Postgres {
				// Two programs may open a new store at once.
				if _, err := t.Exec(ctx, "SELECT pg_advisory_xact_lock($1)", migrateLock); err != nil {
					return err
				}
			}
			if err := t.s.script(ctx, d.ddl("CREATE TABLE IF NOT EXISTS meta (name {text} PRIMARY KEY, value {bytes})")); err != nil {
				return err
			}
			raw, err := t.meta(ctx, versionName)
			if err != nil {
				return err
			}
			version := 0
			if raw != nil {
				if version, err = strconv.Atoi(string(raw)); err != nil {
					return fault("E5009", d.place, nil)
				}
			}
			if version > len(files) {
				return fault("E5003", d.place, []any{"found", version, "known", len(files)})
			}
			if version == len(files) {
				last = true
				return nil
			}
			sql, err := migrations.ReadFile("migrations/" + files[version].Name())
			if err != nil {
				return err
			}
			if err := t.s.script(ctx, d.ddl(string(sql))); err != nil {
				return fmt.Errorf("migration %s: %w", files[version].Name(), err)
			}
			return t.SetMeta(ctx, versionName, []byte(strconv.Itoa(version+1)))
		})
		if err != nil || last {
			return err
		}
	}
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

// SetMeta sets a value that the store keeps about itself.
func (t *Tx) SetMeta(ctx context.Context, name string, value []byte) error {
	_, err := t.Exec(ctx, "INSERT INTO meta (name, value) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET value = excluded.value", name, value)
	return err
}
