// Package record holds the words that every package speaks: a source row, its place, and the canonical records it became.
package record

import (
	"encoding/json"
	"strconv"
	"strings"
	"time"
)

// Type names one of the canonical types.
type Type string

// The canonical types. Only customers are resolved to golden records; the
// others hang on customers by refs.
const (
	Customer    Type = "customer"
	Order       Type = "order"
	Payment     Type = "payment"
	Shipment    Type = "shipment"
	Interaction Type = "interaction"
)

// Types lists the canonical types in the order in which they are shown.
var Types = []Type{Customer, Order, Payment, Shipment, Interaction}

// Op says what a source row does to its record.
type Op uint8

// The operations of a record.
const (
	Upsert Op = iota
	Delete
)

// Ref is one record's name: the connection it was read from, the stream in
// it, the canonical type, and the source's own key. The key may be personal
// (an e-mail address used as a key): it is never printed by String.
type Ref struct {
	Source, Stream string
	Type           Type
	Key            string
}

// String returns the ref without its key, fit for logs and errors.
func (r Ref) String() string {
	return r.Source + "/" + r.Stream + " " + string(r.Type)
}

// Canonical returns the whole ref, key included, in a form that is equal for
// equal refs only: its parts are length-prefixed. It is for keyed hashes and for
// sorting in memory; it never leaves the process.
func (r Ref) Canonical() string {
	return string(r.AppendCanonical(make([]byte, 0, len(r.Source)+len(r.Stream)+len(r.Type)+len(r.Key)+16)))
}

// AppendCanonical appends what Canonical returns to b.
func (r Ref) AppendCanonical(b []byte) []byte {
	for _, p := range [...]string{r.Source, r.Stream, string(r.Type), r.Key} {
		b = strconv.AppendInt(b, int64(len(p)), 10)
		b = append(b, ':')
		b = append(b, p...)
	}
	return b
}

// Fields are the values of one canonical record, as decoded JSON: string,
// bool, json.Number, []any and map[string]any. Numbers are json.Number so
// that no digit is lost; null and empty values are absent.
type Fields map[string]any

// JoinKey makes a key of the values of its columns: of one column the value
// itself, of several a|b with | and \ escaped. It is "" where a value is
// empty: such a row has no key. Whoever reads, replays or corrects a row names
// it by this, or one row would become two records.
func JoinKey(values ...string) string {
	var b strings.Builder
	for i, v := range values {
		if v == "" {
			return ""
		}
		if len(values) == 1 {
			return v
		}
		if i > 0 {
			b.WriteByte('|')
		}
		for j := 0; j < len(v); j++ {
			if v[j] == '|' || v[j] == '\\' {
				b.WriteByte('\\')
			}
			b.WriteByte(v[j])
		}
	}
	return b.String()
}

// Truth says whether the value of a column that marks rows as gone says so:
// true, a number but 0, or a text that says neither no nor nothing, such as
// the date of the deletion. Zero dates and the byte 0 are how databases write
// nothing. Every connector asks this, or a row would be gone in one and not in another.
func Truth(v any) bool {
	switch v := v.(type) {
	case nil:
		return false
	case bool:
		return v
	case json.Number:
		digits, _, _ := strings.Cut(strings.ToLower(string(v)), "e")
		return strings.Trim(digits, "-+0.") != ""
	case string:
		s := strings.ToLower(strings.TrimSpace(v))
		switch s {
		case "", "0", "f", "false", "n", "no", "off", "null", "否", "\x00":
			return false
		}
		return !strings.HasPrefix(s, "0000-00-00")
	}
	return true
}

// Record is one canonical record at one moment, mapped from a source row.
type Record struct {
	Ref    Ref
	Op     Op
	Fields Fields
	// UpdatedAt is the source's own time of the last change; zero when the
	// source gives none (the record is undated).
	UpdatedAt time.Time
	// Observed is when the row was read.
	Observed time.Time
	// Invalid holds optional values that validation set aside.
	Invalid []Invalid
}

// Invalid is one value that its schema refused, set aside so that the record
// can go on. It is stored sealed, never printed.
type Invalid struct {
	Path  string `json:"path"`  // JSON Pointer into Fields
	Rule  string `json:"rule"`  // the schema keyword that refused it: format, pattern, enum, …
	Code  string `json:"code"`  // the fault's code
	Value any    `json:"value"` // the value as it came
}
