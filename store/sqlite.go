package store

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"syscall"
)

// sqliteEngine is an embedded store: one connection writes, a few read, each
// at its own moment (WAL).
//
// Every commit is synced to the disk (synchronous=FULL): commits hold thousands
// of rows, so it costs little, and a steward's word survives a power cut.
// temp_store=MEMORY keeps clear values out of SQLite's temporary files.
type sqliteEngine struct {
	path   string
	writer chan *sqliteConn // holds the one writer while it is free
	// room holds a token for each reader that may work; idle are those that do not, the last
	// that worked at the end: it is the next to work, for its cache is warm.
	room chan struct{}
	mu   sync.Mutex
	idle []*sqliteConn
}

const sqliteReaders = 4

// What a connection keeps of the file, in KiB of pages.
const (
	writerCache = 24 << 10
	readerCache = 4 << 10
)

// pageSize suits rows of about 1 KiB; measured against 4 and 16 KiB.
const pageSize = 8192

func openSQLite(path string) (engine, error) {
	reservePages()
	if fi, err := os.Stat(filepath.Dir(path)); err != nil {
		return nil, err
	} else if !fi.IsDir() {
		return nil, &fs.PathError{Op: "open", Path: path, Err: syscall.ENOTDIR}
	}
	// The file is made here, not by SQLite, so that nobody else may read it.
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, err
	}
	if err := f.Close(); err != nil {
		return nil, err
	}
	e := &sqliteEngine{path: path, writer: make(chan *sqliteConn, 1), room: make(chan struct{}, sqliteReaders)}
	w, err := openSQLiteConn(path, writerCache, true)
	if err != nil {
		return nil, err
	}
	e.writer <- w
	for range sqliteReaders {
		e.room <- struct{}{}
	}
	return e, nil
}

func (e *sqliteEngine) write(ctx context.Context, f func(session) error) error {
	return e.writing(ctx, func(c *sqliteConn) error { return c.transact(ctx, "BEGIN IMMEDIATE", f) })
}

func (e *sqliteEngine) soon(ctx context.Context, f func(session) error) error {
	return e.writing(ctx, func(c *sqliteConn) error {
		if err := c.run("PRAGMA synchronous = NORMAL"); err != nil {
			return err
		}
		return errors.Join(c.transact(ctx, "BEGIN IMMEDIATE", f), c.run("PRAGMA synchronous = FULL"))
	})
}

// writing hands out the one writer.
func (e *sqliteEngine) writing(ctx context.Context, f func(*sqliteConn) error) error {
	var c *sqliteConn
	select {
	case c = <-e.writer:
	case <-ctx.Done():
		return ctx.Err()
	}
	if c == nil {
		e.writer <- nil
		return errClosed
	}
	defer func() { e.writer <- c }()
	return f(c)
}

func (e *sqliteEngine) glance(ctx context.Context, f func(session) error) error {
	return e.read(ctx, f)
}

func (e *sqliteEngine) read(ctx context.Context, f func(session) error) error {
	select {
	case <-e.room:
	case <-ctx.Done():
		return ctx.Err()
	}
	defer func() { e.room <- struct{}{} }()
	c := e.reader()
	if c == nil {
		var err error
		if c, err = openSQLiteConn(e.path, readerCache, false); err != nil {
			return err
		}
	}
	defer func() {
		e.mu.Lock()
		defer e.mu.Unlock()
		e.idle = append(e.idle, c)
	}()
	return c.transact(ctx, "BEGIN", f)
}

// reader takes the idle reader that worked last, nil where there is none.
func (e *sqliteEngine) reader() *sqliteConn {
	e.mu.Lock()
	defer e.mu.Unlock()
	last := len(e.idle) - 1
	if last < 0 {
		return nil
	}
	c := e.idle[last]
	e.idle = e.idle[:last]
	return c
}

var errClosed = errors.New("the store is closed")

// close waits for the transactions under way.
func (e *sqliteEngine) close() error {
	var errs []error
	for range sqliteReaders {
		<-e.room
	}
	for c := e.reader(); c != nil; c = e.reader() {
		errs = append(errs, c.close())
	}
	if c := <-e.writer; c != nil {
		errs = append(errs, c.close())
	}
	e.writer <- nil
	for range sqliteReaders {
		e.room <- struct{}{}
	}
	return errors.Join(errs...)
}

func openSQLiteConn(path string, cacheKiB int, writes bool) (*sqliteConn, error) {
	c, err := connect(path)
	if err != nil {
		return nil, err
	}
	pragmas := []string{
		"busy_timeout = 30000", // a run's commit may take a few seconds
		fmt.Sprintf("page_size = %d", pageSize),
		fmt.Sprintf("cache_size = -%d", cacheKiB),
		"temp_store = MEMORY",
		"trusted_schema = OFF",
		"secure_delete = FAST",
	}
	if writes {
		pragmas = append(pragmas, "journal_mode = WAL", "synchronous = FULL", "wal_autocheckpoint = 8000", "journal_size_limit = 67108864")
	} else {
		pragmas = append(pragmas, "query_only = ON")
	}
	for _, p := range pragmas {
		if err := c.run("PRAGMA " + p); err != nil {
			return nil, errors.Join(err, c.close())
		}
	}
	return c, nil
}
