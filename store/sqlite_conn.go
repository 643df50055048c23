package store

import (
	"errors"
	"fmt"
	"strings"
	"sync"
	"unsafe"

	"modernc.org/libc"
	sqlite3 "modernc.org/sqlite/lib"
)

// sqliteConn is one connection and its prepared statements. SQLite is called
// directly: a driver would allocate for every value that goes in or out, and
// look for each by its name.
type sqliteConn struct {
	tls   *libc.TLS
	db    uintptr
	stmts map[string]*sqliteStmt
	out   uintptr // room for what SQLite returns through pointers
}

// sqliteError is what SQLite refused. Its text may hold values.
type sqliteError struct {
	code int // extended
	text string
}

func (e *sqliteError) Error() string { return fmt.Sprintf("sqlite: %s (%d)", e.text, e.code) }

const (
	pointerSize = unsafe.Sizeof(uintptr(0))
	outSize     = 64
	// Each statement builds its row in memory that it gives back. Taken from the
	// system, as rows of more than a kilobyte would be, that costs more than the row.
	lookasideSize, lookasideCount = 4096, 64
)

// reservePages sets aside the memory that pages of the file are kept in, once for the
// process. Taken page by page from the allocator each would cost a call to the
// system, and twice its size: with its header it is a little more than a power of two.
var reservePages = sync.OnceFunc(func() {
	tls := libc.NewTLS()
	defer tls.Close()
	room := libc.Xmalloc(tls, cachedPages*pageSlot)
	args := libc.Xmalloc(tls, 64)
	if room != 0 && args != 0 {
		// Where SQLite is in use already, by a connector, it refuses, and takes pages one by one.
		if rc := sqlite3.Xsqlite3_config(tls, sqlite3.SQLITE_CONFIG_PAGECACHE, libc.VaList(args, room, int32(pageSlot), int32(cachedPages))); rc != sqlite3.SQLITE_OK {
			libc.Xfree(tls, room)
		}
	}
	libc.Xfree(tls, args)
})

const (
	// pageSlot holds a page and what SQLite notes of it.
	pageSlot = pageSize + 512
	// cachedPages are those of the writer and two busy readers; more are taken one by one.
	cachedPages = (writerCache + 2*readerCache) << 10 / pageSize
)

// connect opens a connection, which one goroutine uses at a time.
func connect(path string) (*sqliteConn, error) {
	c := &sqliteConn{tls: libc.NewTLS(), stmts: map[string]*sqliteStmt{}}
	c.out = sqlite3.Xsqlite3_malloc64(c.tls, outSize)
	name := c.text(path)
	if name == 0 || c.out == 0 {
		return nil, outOfMemory
	}
	defer sqlite3.Xsqlite3_free(c.tls, name)
	const flags = sqlite3.SQLITE_OPEN_READWRITE | sqlite3.SQLITE_OPEN_CREATE | sqlite3.SQLITE_OPEN_NOMUTEX
	rc := sqlite3.Xsqlite3_open_v2(c.tls, name, c.out, flags, 0)
	c.db = c.returned(0)
	if rc == sqlite3.SQLITE_OK {
		rc = sqlite3.Xsqlite3_extended_result_codes(c.tls, c.db, 1)
	}
	if rc == sqlite3.SQLITE_OK {
		room := libc.VaList(c.out, uintptr(0), int32(lookasideSize), int32(lookasideCount))
		rc = sqlite3.Xsqlite3_db_config(c.tls, c.db, sqlite3.SQLITE_DBCONFIG_LOOKASIDE, room)
	}
	if rc == sqlite3.SQLITE_OK {
		return c, nil
	}
	return nil, errors.Join(c.failed(rc), c.close())
}

// text copies a text to where SQLite can read it; it is to be freed.
func (c *sqliteConn) text(s string) uintptr {
	p := sqlite3.Xsqlite3_malloc64(c.tls, uint64(len(s))+1)
	if p != 0 {
		room := libc.GoBytes(p, len(s)+1)
		room[copy(room, s)] = 0
	}
	return p
}

var outOfMemory = &sqliteError{sqlite3.SQLITE_NOMEM, "out of memory"}

// returned is the i-th pointer that SQLite left in c.out.
func (c *sqliteConn) returned(i int) uintptr {
	room := libc.GoBytes(c.out, outSize)
	return *(*uintptr)(unsafe.Pointer(&room[i*int(pointerSize)]))
}

// failed is the error of a call that returned rc.
func (c *sqliteConn) failed(rc int32) error {
	if c.db == 0 {
		return &sqliteError{int(rc), libc.GoString(sqlite3.Xsqlite3_errstr(c.tls, rc))}
	}
	return &sqliteError{int(rc), libc.GoString(sqlite3.Xsqlite3_errmsg(c.tls, c.db))}
}

func (c *sqliteConn) close() error {
	for _, s := range c.stmts {
		s.close()
	}
	c.stmts = nil
	var err error
	if c.db != 0 {
		if rc := sqlite3.Xsqlite3_close_v2(c.tls, c.db); rc != sqlite3.SQLITE_OK {
			err = c.failed(rc)
		}
	}
	sqlite3.Xsqlite3_free(c.tls, c.out)
	c.tls.Close()
	return err
}

// run runs some statements without arguments; rows that they give are dropped.
func (c *sqliteConn) run(sql string) error {
	text := c.text(sql)
	if text == 0 {
		return outOfMemory
	}
	defer sqlite3.Xsqlite3_free(c.tls, text)
	if rc := sqlite3.Xsqlite3_exec(c.tls, c.db, text, 0, 0, 0); rc != sqlite3.SQLITE_OK {
		return c.failed(rc)
	}
	return nil
}

// sqliteStmt is one prepared statement.
type sqliteStmt struct {
	c      *sqliteConn
	p      uintptr
	params int
	busy   bool
	// room holds the bytes and texts that are bound, as long as they are.
	room uintptr
	size int
}

// compile prepares one statement.
func (c *sqliteConn) compile(sql string) (*sqliteStmt, error) {
	text := c.text(numbered(sql))
	if text == 0 {
		return nil, outOfMemory
	}
	defer sqlite3.Xsqlite3_free(c.tls, text)
	if rc := sqlite3.Xsqlite3_prepare_v3(c.tls, c.db, text, -1, sqlite3.SQLITE_PREPARE_PERSISTENT, c.out, 0); rc != sqlite3.SQLITE_OK {
		return nil, fmt.Errorf("prepare %.60q: %w", sql, c.failed(rc))
	}
	s := &sqliteStmt{c: c, p: c.returned(0)}
	s.params = int(sqlite3.Xsqlite3_bind_parameter_count(c.tls, s.p))
	return s, nil
}

// numbered turns the placeholders $1 into ?1, which SQLite finds by number.
func numbered(sql string) string {
	var b strings.Builder
	for i := range len(sql) {
		if sql[i] == '$' && i+1 < len(sql) && sql[i+1] >= '0' && sql[i+1] <= '9' {
			b.WriteByte('?')
		} else {
			b.WriteByte(sql[i])
		}
	}
	return b.String()
}

func (s *sqliteStmt) close() {
	// What finalize returns is the error of the last step, which was told.
	sqlite3.Xsqlite3_finalize(s.c.tls, s.p)
	sqlite3.Xsqlite3_free(s.c.tls, s.room)
}

// bind gives the statement its arguments, of which it keeps copies.
func (s *sqliteStmt) bind(args []any) error {
	if len(args) < s.params {
		return fmt.Errorf("argument $%d is missing", s.params)
	}
	args = args[:s.params]
	need := 0
	for _, a := range args {
		switch x := a.(type) {
		case []byte:
			need += len(x)
		case string:
			need += len(x) + 1 // a pointer to somewhere, for the empty one too
		}
	}
	tls := s.c.tls
	if need > s.size {
		sqlite3.Xsqlite3_free(tls, s.room)
		s.size = max(2*s.size, need, 256)
		if s.room = sqlite3.Xsqlite3_malloc64(tls, uint64(s.size)); s.room == 0 {
			s.size = 0
			return outOfMemory
		}
	}
	room, at := libc.GoBytes(s.room, s.size), 0
	for i, a := range args {
		n, rc := int32(i+1), int32(sqlite3.SQLITE_OK)
		switch x := a.(type) {
		case nil:
			rc = sqlite3.Xsqlite3_bind_null(tls, s.p, n)
		case int64:
			rc = sqlite3.Xsqlite3_bind_int64(tls, s.p, n, x)
		case int:
			rc = sqlite3.Xsqlite3_bind_int64(tls, s.p, n, int64(x))
		case []byte:
			if len(x) == 0 {
				rc = sqlite3.Xsqlite3_bind_null(tls, s.p, n)
				break
			}
			rc = sqlite3.Xsqlite3_bind_blob(tls, s.p, n, s.room+uintptr(at), int32(copy(room[at:], x)), 0)
			at += len(x)
		case string:
			rc = sqlite3.Xsqlite3_bind_text(tls, s.p, n, s.room+uintptr(at), int32(copy(room[at:], x)), 0)
			at += len(x) + 1
		default:
			return fmt.Errorf("argument $%d has the type %T", n, x)
		}
		if rc != sqlite3.SQLITE_OK {
			return s.c.failed(rc)
		}
	}
	return nil
}

// step goes to the next row and reports whether there is one.
func (s *sqliteStmt) step() (bool, error) {
	switch rc := sqlite3.Xsqlite3_step(s.c.tls, s.p); rc {
	case sqlite3.SQLITE_ROW:
		return true, nil
	case sqlite3.SQLITE_DONE:
		return false, nil
	default:
		return false, s.c.failed(rc)
	}
}

// reset makes the statement ready to be run again.
func (s *sqliteStmt) reset() { sqlite3.Xsqlite3_reset(s.c.tls, s.p) }

// changed is how many rows the last statement changed.
func (c *sqliteConn) changed() int64 { return sqlite3.Xsqlite3_changes64(c.tls, c.db) }

func (s *sqliteStmt) null(i int) bool {
	return sqlite3.Xsqlite3_column_type(s.c.tls, s.p, int32(i)) == sqlite3.SQLITE_NULL
}

func (s *sqliteStmt) int(i int) int64 { return sqlite3.Xsqlite3_column_int64(s.c.tls, s.p, int32(i)) }

// view is the bytes of column i as they stand in SQLite, until the next step.
func (s *sqliteStmt) view(i int) []byte {
	p := sqlite3.Xsqlite3_column_blob(s.c.tls, s.p, int32(i))
	n := int(sqlite3.Xsqlite3_column_bytes(s.c.tls, s.p, int32(i)))
	if p == 0 || n == 0 {
		return nil
	}
	return libc.GoBytes(p, n)
}
