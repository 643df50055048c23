package store

import (
	"slices"
)

// Kind is the type of a column; the two databases have one name each for it.
type Kind int

// The kinds of columns.
const (
	IntKind   Kind = iota // 64 bits; instants are microseconds since 1970, UTC
	BytesKind             // null when empty
	TextKind
)

// Column is one column of a table.
type Column struct {
	Name string
	Kind Kind
}

// Table is one table of the store as the last migration leaves it. A column
// called wrapped, or that ends in _wrapped, holds a data key under the key ring, with
// DB.DataKeyAD as its associated data, in every table that has one.
type Table struct {
	Name    string
	Columns []Column
	Key     []string
}

// Column returns the column of that name.
func (t Table) Column(name string) (Column, bool) {
	i := slices.IndexFunc(t.Columns, func(c Column) bool { return c.Name == name })
	if i < 0 {
		return Column{}, false
	}
	return t.Columns[i], true
}

// Names returns the names of the columns, in order.
func (t Table) Names() []string {
	names := make([]string, len(t.Columns))
	for i, c := range t.Columns {
		names[i] = c.Name
	}
	return names
}

func ints(names ...string) []Column  { return columns(IntKind, names) }
func bytes(names ...string) []Column { return columns(BytesKind, names) }
func texts(names ...string) []Column { return columns(TextKind, names) }

func columns(k Kind, names []string) []Column {
	all := make([]Column, len(names))
	for i, n := range names {
		all[i] = Column{n, k}
	}
	return all
}

// tables are the store's tables, in the order in which a backup writes them.
var tables = []Table{
	{"meta", slices.Concat(texts("name"), bytes("value")), []string{"name"}},
	{"word", slices.Concat(ints("id"), texts("text")), []string{"id"}},
	{"stream", slices.Concat(ints("id"), texts("source", "stream", "type")), []string{"id"}},
	{"stream_chunk", ints("stream", "chunk"), []string{"stream", "chunk"}},
	{"record", slices.Concat(ints("id", "stream"), bytes("ref", "own", "content"), ints("updated", "observed", "run", "version", "deleted", "self"), bytes("tokens", "refs", "wrapped", "payload")), []string{"id"}},
	{"record_history", slices.Concat(ints("id", "version", "stream"), bytes("content"), ints("updated", "observed", "run", "deleted", "self"), bytes("tokens", "refs", "wrapped", "payload")), []string{"id", "version"}},
	{"xref", slices.Concat(ints("record"), bytes("own", "entity"), ints("component", "dirty"), bytes("stale")), []string{"record"}},
	{"emission", slices.Concat(bytes("source_row"), ints("record")), []string{"source_row", "record"}},
	{"emission_history", slices.Concat(ints("run"), bytes("source_row"), ints("record")), []string{"run", "source_row", "record"}},
	{"child", slices.Concat(bytes("parent"), ints("record")), []string{"parent", "record"}},
	{"token", slices.Concat(bytes("token"), ints("record", "gone")), []string{"token", "record"}},
	{"token_segment", bytes("token", "held"), []string{"token"}},
	{"golden", slices.Concat(bytes("id"), ints("status", "version", "run", "updated", "record", "record_version"), bytes("content", "members", "prov", "wrapped", "payload")), []string{"id"}},
	{"golden_history", slices.Concat(bytes("id"), ints("version", "status", "run", "valid_from", "valid_to", "record", "record_version"), bytes("members", "prov", "wrapped", "payload")), []string{"id", "version"}},
	{"redirect", slices.Concat(bytes("id", "target"), ints("at")), []string{"id"}},
	{"judgement", slices.Concat(ints("id", "a", "b"), texts("kind"), bytes("decided_by"), ints("at"), bytes("wrapped", "reason")), []string{"id"}},
	{"golden_override", slices.Concat(ints("id", "record"), texts("attribute"), bytes("decided_by"), ints("at", "until", "ended"), texts("ending"), bytes("wrapped", "payload")), []string{"id"}},
	{"outbox", slices.Concat(ints("id", "at", "run"), bytes("events")), []string{"id"}},
	{"run", slices.Concat(ints("n"), texts("id", "pipeline"), bytes("spec"), texts("status"), bytes("counts"), ints("started", "finished"), bytes("failure", "wrapped", "position", "position_tag", "base_wrapped", "base")), []string{"n"}},
	{"run_seen", slices.Concat(ints("run", "chunk"), bytes("bits")), []string{"run", "chunk"}},
	{"position", slices.Concat(texts("pipeline"), bytes("wrapped", "position"), ints("run")), []string{"pipeline"}},
	{"quarantine", slices.Concat(ints("id"), bytes("item"), texts("pipeline", "stage", "code"), bytes("place", "args", "source_row", "wrapped", "row_data", "fixed_wrapped", "fixed"), ints("count", "open", "first_run", "last_run", "first_at", "last_at")), []string{"id"}},
	{"reveal", slices.Concat(ints("id", "at"), bytes("who", "what", "why")), []string{"id"}},
}

// Tables returns the store's tables, in the order in which a backup writes them.
func Tables() []Table { return slices.Clone(tables) }

// TableOf returns the table of that name.
func TableOf(name string) (Table, bool) {
	i := slices.IndexFunc(tables, func(t Table) bool { return t.Name == name })
	if i < 0 {
		return Table{}, false
	}
	return tables[i], true
}

// mustTable is TableOf for names that stand in the program.
func mustTable(name string) Table {
	t, ok := TableOf(name)
	if !ok {
		panic("store: no table " + name)
	}
	return t
}
