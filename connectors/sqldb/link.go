package sqldb

import (
	"context"
	"strconv"
	"time"

	"crmhub/connectors"
)

// A link is one connection inside one read-only transaction (a snapshot,
// where the database has them). It is not safe for concurrent use.
type link interface {
	// query runs one statement. The rows must be closed before the next one.
	query(ctx context.Context, sql string, args ...value) (rows, error)
	exec(ctx context.Context, sql string) error
	// snapshot says whether all statements see one state of the database.
	snapshot() bool
	close() error
}

// rows are the result of one statement, streamed from the server.
type rows interface {
	columns() []column
	// next reads one row into b; io.EOF after the last.
	next(b *builder) error
	// raw returns column i of the row that was just read, as the database holds
	// it: fit to be compared with that column again, in this or a later session.
	raw(i int) value
	close() error
}

// A dialect is what differs between the databases.
type dialect interface {
	name() string
	// connect opens a link. Its errors are driver errors, for explain.
	connect(ctx context.Context) (link, error)
	// address is the server or file, for messages; never with user or password.
	address() string
	quote(name string) string
	// selected is how a column stands in the select list, under its name.
	selected(expr, name string) string
	// argument returns the text that stands for v when compared with column c,
	// and appends what is to be bound.
	argument(c column, v value, args *[]value) string
	// ordered returns the expression by which c is sorted and compared.
	ordered(c column, expr string) string
	// tuples says whether (a, b) > (x, y) uses an index.
	tuples() bool
	// nullsFirst is the suffix that sorts NULL before everything else.
	nullsFirst() string
	// describe completes the columns of a result, where the wire says too little.
	describe(ctx context.Context, l link, cols []column) error
	// tables lists the tables and views of a schema, with columns and keys; only
	// the named one, if name is not empty.
	tables(ctx context.Context, l link, schema, name string) ([]table, error)
	// schema is the schema where unqualified names live.
	schema(ctx context.Context, l link) (string, error)
	// now is the server's time.
	now(ctx context.Context, l link) (time.Time, error)
	// count prepares l so that counting rows ends after a few seconds.
	hurry(ctx context.Context, l link) error
	// relax undoes what a failed statement did to the link; where that fails,
	// the link is broken.
	relax(ctx context.Context, l link) error
	// explain says what kind of fault a driver's error is.
	explain(err error) trouble
}

// kind says how a column's values are read.
type kind uint8

const (
	kindText     kind = iota
	kindNumber        // digits, exact
	kindBool          // PostgreSQL's t and f
	kindDate          // 2006-01-02
	kindDateTime      // without a zone: read in the connection's zone
	kindInstant       // in UTC
	kindBytes         // text where it is text, else base64
	kindBinary        // always base64: fixed-length binary such as a UUID
	kindBits          // MySQL's BIT: a number
	kindJSON
	kindMoney // PostgreSQL's money
	kindArray // PostgreSQL's arrays
)

// column is one column of a table or result.
type column struct {
	name string
	typ  string // the database's own word
	null bool
	kind kind
	// elem and oid are PostgreSQL's: the element's kind of an array, the type's number.
	elem kind
	oid  uint32
	// charset is the column's character set, where the database has them by column.
	charset string
	// fix is how double-encoded text in it is repaired; nil: not at all.
	fix *repair
}

// table is a table or view as the catalogue tells of it.
type table struct {
	schema, name string
	view         bool
	columns      []column
	primary      []string
	// unique are further keys whose columns can't be NULL.
	unique [][]string
	// estimate is the catalogue's row count; -1 where it has none.
	estimate int64
	// locking says that a long read would block writers (MyISAM).
	locking bool
	// rowid is SQLite's hidden key, "" where there is none; schemaVersion
	// tells when it may have been renumbered.
	rowid         string
	schemaVersion string
	notes         []connectors.Note
}

// key returns the primary key, or the first unique key without NULLs.
func (t table) key() []string {
	if len(t.primary) > 0 {
		return t.primary
	}
	if len(t.unique) > 0 {
		return t.unique[0]
	}
	return nil
}

// names returns the names of columns.
func names(cols []column) []string {
	out := make([]string, len(cols))
	for i, c := range cols {
		out[i] = c.name
	}
	return out
}

// value is one database value that survives JSON exactly: in positions, and
// as an argument.
type value struct {
	Type valueType `json:"t"`
	Text string    `json:"v,omitempty"`
}

// valueType is the storage class of a value.
type valueType string

const (
	valueNull  valueType = "null"
	valueInt   valueType = "int"   // fits int64 or uint64
	valueFloat valueType = "float" // shortest text that gives the same float64
	valueText  valueType = "text"
	valueBytes valueType = "bytes" // base64
)

func intValue(n int64) value { return value{valueInt, strconv.FormatInt(n, 10)} }

func floatValue(f float64) value { return value{valueFloat, strconv.FormatFloat(f, 'g', -1, 64)} }

func textValue(s string) value { return value{valueText, s} }

// list runs a catalogue query and returns its rows.
func list(ctx context.Context, l link, sql string, args ...value) ([]map[string]any, error) {
	rs, err := l.query(ctx, sql, args...)
	if err != nil {
		return nil, err
	}
	b := newBuilder(rs.columns(), len(rs.columns()), time.UTC, nil)
	var out []map[string]any
	for {
		if err = rs.next(b); err != nil {
			break
		}
		out = append(out, b.row())
	}
	if closeErr := rs.close(); closeErr != nil && isEOF(err) {
		return nil, closeErr
	}
	if !isEOF(err) {
		return nil, err
	}
	return out, nil
}
