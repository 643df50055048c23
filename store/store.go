// Package store opens the database that a hub keeps its records in: embedded SQLite or PostgreSQL, one code for both.
package store

import (
	"context"
	"encoding/hex"
	"errors"
	"log/slog"
	"path/filepath"
	"strings"
	"time"

	"crmhub/governance/crypt"
)

// Config says which store to open. Ring is required; the other fields have
// useful zero values.
type Config struct {
	// URL is sqlite:PATH (relative to Dir) or postgres://….
	URL string
	Dir string
	// Ring wraps the store's own keys and the data keys of its records.
	Ring *crypt.Ring
	Log  *slog.Logger
	Now  func() time.Time
}

// The kinds of store.
const (
	SQLite   = "sqlite"
	Postgres = "postgres"
)

// DB is an open store. It is safe for concurrent use: reads see one moment
// each, writes wait for each other.
type DB struct {
	engine engine
	kind   string
	place  string // the store's address without user and password, for faults
	path   string // SQLite's file; empty for PostgreSQL
	url    string
	log    *slog.Logger
	now    func() time.Time
	ring   *crypt.Ring

	id    string
	keyAD []byte // DataKeyAD, made once
	keys  storeKeys
}

// engine is what a database does for the store. A session it hands out is
// used by one goroutine.
type engine interface {
	// write runs f in a transaction that may write.
	write(ctx context.Context, f func(session) error) error
	// soon is write without waiting for the disk.
	soon(ctx context.Context, f func(session) error) error
	// read runs f in a transaction that sees one moment and writes nothing.
	read(ctx context.Context, f func(session) error) error
	// glance runs f without a transaction: each statement sees its own moment, and none writes.
	glance(ctx context.Context, f func(session) error) error
	lock(ctx context.Context, h holder) (release func() error, err error)
	close() error
}

// session is one transaction of one database.
type session interface {
	exec(ctx context.Context, sql string, args []any) (int64, error)
	// do is exec of which nobody asks the result: it may fail later.
	do(ctx context.Context, sql string, args []any) error
	query(ctx context.Context, sql string, args []any, row func(Row) error) error
	// in runs sql once or more, with ($keys) standing for some of the keys.
	in(ctx context.Context, sql string, keys keySet, args []any, row func(Row) error) error
	doIn(ctx context.Context, sql string, keys keySet, args []any) error
	// each runs sql, in which $key stands for a key, for every key.
	each(ctx context.Context, sql string, keys [][]byte, args []any, row func(i int, r Row) error) error
	bulk(ctx context.Context, b bulk, n int, row func(i int, v []any)) (int64, error)
	script(ctx context.Context, sql string) error
}

// Open opens the store, makes it where there is none, and brings it to this
// program's version. It returns E5001 for an address it does not understand,
// E5002 where it cannot be opened, E5003 for a store of a newer program, E5004
// where the key ring is another one than the store's.
func Open(ctx context.Context, c Config) (*DB, error) {
	if c.Ring == nil {
		return nil, errors.New("store: no key ring given")
	}
	d := &DB{log: c.Log, now: c.Now, ring: c.Ring, url: c.URL}
	if d.log == nil {
		d.log = slog.New(slog.DiscardHandler)
	}
	if d.now == nil {
		d.now = time.Now
	}
	var err error
	switch scheme, rest, _ := strings.Cut(c.URL, ":"); scheme {
	case "sqlite":
		path := strings.TrimPrefix(rest, "//")
		if path == "" || strings.ContainsRune(path, 0) {
			return nil, fault("E5001", "", nil)
		}
		if !filepath.IsAbs(path) {
			path = filepath.Join(c.Dir, path)
		}
		d.url = "sqlite:" + path
		d.kind, d.place, d.path = SQLite, filepath.Base(path), path
		d.engine, err = openSQLite(path)
	case "postgres", "postgresql":
		d.kind = Postgres
		d.engine, d.place, err = openPostgres(ctx, c.URL)
	default:
		return nil, fault("E5001", "", nil)
	}
	if err != nil {
		return nil, d.fault(err)
	}
	err = d.migrate(ctx)
	if err == nil {
		err = d.openKeys(ctx)
	}
	if err != nil {
		return nil, errors.Join(err, d.engine.close())
	}
	return d, nil
}

// Close closes the store; transactions that are under way are awaited.
func (d *DB) Close() error {
	if err := d.engine.close(); err != nil {
		return d.fault(err)
	}
	return nil
}

// Kind returns SQLite or Postgres.
func (d *DB) Kind() string { return d.kind }

// Place names the store for people: a file name, or host and database. It
// holds neither user nor password.
func (d *DB) Place() string { return d.place }

// Path returns the file of an embedded store, "" for PostgreSQL.
func (d *DB) Path() string { return d.path }

// URL returns the address that opens the same store again, whatever the folder.
// It may hold a password.
func (d *DB) URL() string { return d.url }

// ID returns the store's own id, which everything sealed in it is bound to: 32 hex digits.
func (d *DB) ID() string { return hex.EncodeToString([]byte(d.id)) }

// Ring returns the key ring that the store was opened with.
func (d *DB) Ring() *crypt.Ring { return d.ring }

// Log returns the store's logger.
func (d *DB) Log() *slog.Logger { return d.log }

// Now returns the time in UTC, in whole microseconds, as the store keeps it.
func (d *DB) Now() time.Time { return d.now().UTC().Truncate(time.Microsecond) }

// Update runs f in one transaction that may write. It is committed when f
// returns nil and rolled back, whole, on an error or a panic. Faults of f pass
// unchanged; the database's own errors become faults of the E5xxx family.
func (d *DB) Update(ctx context.Context, f func(*Tx) error) error {
	return d.fault(d.engine.write(ctx, func(s session) error { return f(&Tx{s: s, db: d}) }))
}

// UpdateSoon is Update for what can be done again: it does not wait until the disk
// has it. A power cut may take it back, whole; what is committed later never outlives it.
func (d *DB) UpdateSoon(ctx context.Context, f func(*Tx) error) error {
	return d.fault(d.engine.soon(ctx, func(s session) error { return f(&Tx{s: s, db: d}) }))
}

// View runs f in one transaction that sees the store as it is at one moment,
// whatever is written meanwhile.
func (d *DB) View(ctx context.Context, f func(*Tx) error) error {
	return d.fault(d.engine.read(ctx, func(s session) error { return f(&Tx{s: s, db: d}) }))
}

// Glance is View for a single query: it is spared the ways to a server and back that
// a transaction takes. Were there several, each would see the store at its own moment.
func (d *DB) Glance(ctx context.Context, f func(*Tx) error) error {
	return d.fault(d.engine.glance(ctx, func(s session) error { return f(&Tx{s: s, db: d}) }))
}
