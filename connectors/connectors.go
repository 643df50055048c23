// Package connectors is the contract between source systems and the hub: what a connector tells of itself, and how it is read.
package connectors

import (
	"cmp"
	"context"
	"log/slog"
	"time"

	"crmhub/fault"
	"crmhub/record"
)

// Connector makes sources of one kind. It is a value without state, safe for
// concurrent use.
type Connector interface {
	Spec() Spec
	// Open checks the configuration and returns a source; it opens no
	// connection. A missing or wrong parameter is a fault that names it.
	Open(c Config) (Source, error)
}

// Source is one connection to one system. Its methods may be called one after
// the other; a Source is not safe for concurrent use.
type Source interface {
	// Check connects and asks for the least that proves that reading will
	// work: address, credentials, permission.
	Check(ctx context.Context) error
	// Discover lists the streams, with keys, cursors, columns and row counts
	// as far as the system tells them.
	Discover(ctx context.Context) ([]Stream, error)
	// Read reads one stream from a position to its end, handing over batches
	// in order. It returns when everything was handed over, emit failed, or
	// ctx ended. Rows that cannot be read are emitted with a Fault and reading
	// goes on; a source that fails, or repeats a page for ever, is an error: the
	// last position handed over stands before the fault. A source without any
	// row where a file or table exists is not an error.
	Read(ctx context.Context, r Request, emit Emit) error
	Close() error
}

// Notifier is a Source that can send notices to people.
type Notifier interface {
	// Notify sends a notice, or a fault that says why it was not taken.
	Notify(ctx context.Context, n Notice) error
}

// Notice is a message about the hub's own work. It holds no value of a record.
type Notice struct {
	// To are e-mail addresses.
	To            []string
	Subject, Text string
}

// Emit takes one batch. It may block; its error ends the read. The batch
// belongs to the receiver afterwards.
type Emit func(ctx context.Context, b Batch) error

// Batch is some rows in the order of reading and the position after them. Rows
// may be empty where only the position moved.
type Batch struct {
	Rows     []record.Row
	Position record.Position
}

// Mode says what a read covers.
type Mode string

// The modes of reading.
const (
	// Full reads the whole stream; a position only resumes an unfinished read.
	Full Mode = "full"
	// Incremental reads what changed since the position of the last good run.
	Incremental Mode = "incremental"
)

// Request says what to read.
type Request struct {
	Stream string
	// Key names the columns that make the key, in order; empty: the connector's
	// own (a primary key). Joined keys are written a|b with | and \ escaped.
	Key []string
	// Cursor names the column that grows with each change; empty: the
	// connector's own, if the stream has one.
	Cursor string
	Mode   Mode
	// Overlap is how far before the stored cursor an incremental read begins
	// again, for rows that committed late.
	Overlap time.Duration
	// From is nil at the start, or a position that Read handed over before. A
	// position whose fingerprint no longer fits its source starts anew.
	From record.Position
	// BatchRows bounds the rows of a batch; 0 means 1000.
	BatchRows int
	// Query is a query of the source's own language in place of the stream's
	// table, where the connector's Spec says so.
	Query string
	// Deleted names a column whose truth (1, true, a date) marks a row as gone.
	Deleted string
	// Cells says that rows may come as Row.Cells in place of Row.Data.
	Cells bool
	// Limit ends the read after that many rows; 0 means none. For previews.
	Limit int
}

// Stream is a set of like records in a source.
type Stream struct {
	Name    string   `json:"name"`
	Key     []string `json:"key,omitempty"`
	Cursor  string   `json:"cursor,omitempty"`
	Columns []Column `json:"columns,omitempty"`
	// Rows is how many rows there are; -1 where the system does not tell.
	Rows int64 `json:"rows"`
	// Encoding and Confidence (0 to 1) say how text is read, where that was detected.
	Encoding   string  `json:"encoding,omitempty"`
	Confidence float64 `json:"confidence,omitempty"`
	// Notes says what a reader should know: delimiter, header row, views.
	Notes []Note `json:"notes,omitempty"`
}

// Note is a remark in English and Chinese, without a full stop. One that reads
// the same in both is in English alone. JSON has the English one.
type Note fault.Text

// In returns the remark in that language.
func (n Note) In(l fault.Lang) string { return cmp.Or(n[l], n[fault.English]) }

// MarshalText implements encoding.TextMarshaler.
func (n Note) MarshalText() ([]byte, error) { return []byte(n[fault.English]), nil }

// Column is one column of a stream.
type Column struct {
	Name string `json:"name"`
	Type string `json:"type,omitempty"` // the system's own word
	Null bool   `json:"null,omitempty"`
}

// Spec is what a connector tells of itself; documentation and configuration
// checks come from it.
type Spec struct {
	Name     string
	Title    fault.Text
	Category Category
	Doc      fault.Text // a few sentences: what is read, what deletes it sees
	Params   []Param
	Modes    []Mode
	Query    bool // Request.Query is understood
	// Tested names the systems and versions it was run against in tests.
	Tested []Note
	// Streams are those that every system of this kind has; empty where they
	// are the system's own (tables, files, collections).
	Streams []StreamSpec
	// Limits says what a reader of this connector never sees, and why.
	Limits fault.Text
}

// StreamSpec is a stream that every system of a connector's kind has.
type StreamSpec struct {
	Name string
	Doc  fault.Text
	// Key and Cursor are those that a pipeline needs not name; without a cursor
	// every read is a full one.
	Key    []string
	Cursor string
	// Mapping is the bundled mapping that takes its rows; empty where there is none.
	Mapping string
}

// Category is the kind of system that a connector speaks to.
type Category string

// The categories.
const (
	Files     Category = "files"
	Database  Category = "database"
	ERP       Category = "erp"
	Ecommerce Category = "e-commerce"
	Payment   Category = "payment"
	Logistics Category = "logistics"
	Email     Category = "e-mail"
	CRM       Category = "crm"
	API       Category = "api" // any system, by a description of its interface
)

// Param is one parameter of a connection in hub.yaml.
type Param struct {
	Name     string
	Type     ParamType
	Required bool
	Default  any
	Enum     []string // for String, the words allowed
	Doc      fault.Text
}

// ParamType is the type of a parameter's value.
type ParamType string

// The types of parameters: Go values string, int64, bool, time.Duration,
// []string. A Secret is a string that is never shown.
const (
	String   ParamType = "string"
	Secret   ParamType = "secret"
	Int      ParamType = "int"
	Bool     ParamType = "bool"
	Duration ParamType = "duration"
	Strings  ParamType = "strings"
)

// Config is one connection's configuration.
type Config struct {
	// Name is the connection's name in hub.yaml.
	Name string
	// Params are the values given, checked against Spec.Params by
	// Spec.Decode: types as in ParamType, defaults filled in.
	Params Params
	// Dir is the folder that relative paths start from.
	Dir string
	// Zone is how times without a zone are read; nil means UTC.
	Zone *time.Location
	Log  *slog.Logger
	// Warn takes what a person should look at though reading goes on: an
	// encoding that was guessed, a gap that the system can't fill. It may be
	// nil; Noticed calls it.
	Warn func(w *fault.Error)
	Now  func() time.Time
	// TempDir takes spills, which are sealed.
	TempDir string
}

// Noticed hands a warning to whoever opened the source.
func (c Config) Noticed(w *fault.Error) {
	if c.Warn != nil {
		c.Warn(w)
	}
}

// Registry is the connectors that a program knows, by name.
type Registry map[string]Connector
