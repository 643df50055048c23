package mongodb

import (
	"bytes"
	"encoding/json"
	"slices"
	"time"

	"go.mongodb.org/mongo-driver/bson"
	"go.mongodb.org/mongo-driver/bson/bsontype"

	"crmhub/connectors"
	"crmhub/record"
)

// position is where a read stands, as JSON. It holds ids and cursors as BSON,
// so that they come back with type and every bit.
type position struct {
	Mode connectors.Mode `json:"mode"`
	// Print is what the position belongs to: collection, cursor, key.
	Print string `json:"print"`
	Phase phase  `json:"phase,omitempty"`
	// ID and Cursor are those of the last document handed over.
	ID     *value `json:"id,omitempty"`
	Cursor *value `json:"cursor,omitempty"`
	// Start is where the cursor phase of an unfinished read began, Next where
	// the next incremental read begins, Since where an unfinished one was first
	// taken up again: what came in between behind it is read by the next.
	Start *value `json:"start,omitempty"`
	Next  *value `json:"next,omitempty"`
	Since *value `json:"since,omitempty"`
	Done  bool   `json:"done,omitempty"`
}

// phase is a part of a read.
type phase string

const (
	// phaseLoad reads all documents in the order of _id.
	phaseLoad phase = "load"
	// phaseOther reads those whose cursor is missing or of another type.
	phaseOther phase = "other"
	// phaseCursor reads from a cursor on, in the order (cursor, _id).
	phaseCursor phase = "cursor"
)

func decodePosition(from record.Position, mode connectors.Mode, print string) (position, bool) {
	var p position
	if len(from) == 0 || json.Unmarshal(from, &p) != nil || p.Mode != mode || p.Print != print {
		return position{}, false
	}
	return p, true
}

// value is one BSON value.
type value struct {
	Type bsontype.Type `json:"t"`
	Data []byte        `json:"v"`
}

func valueOf(v bson.RawValue) *value {
	return &value{Type: v.Type, Data: bytes.Clone(v.Value)}
}

// raw returns the value for use in a filter.
func (v value) raw() bson.RawValue { return bson.RawValue{Type: v.Type, Value: v.Data} }

// brackets are the groups of types that MongoDB compares with each other, in
// its order. A comparison such as $gt sees values of its own group only.
var brackets = [][]bsontype.Type{
	{bson.TypeMinKey},
	{bson.TypeNull, bson.TypeUndefined},
	{bson.TypeDouble, bson.TypeInt32, bson.TypeInt64, bson.TypeDecimal128},
	{bson.TypeString, bson.TypeSymbol},
	{bson.TypeEmbeddedDocument},
	{bson.TypeArray},
	{bson.TypeBinary},
	{bson.TypeObjectID},
	{bson.TypeBoolean},
	{bson.TypeDateTime},
	{bson.TypeTimestamp},
	{bson.TypeRegex},
	{bson.TypeMaxKey},
}

// types are the aliases of types in filters.
var types = map[bsontype.Type]string{
	bson.TypeMinKey: "minKey", bson.TypeNull: "null", bson.TypeDouble: "double", bson.TypeInt32: "int", bson.TypeInt64: "long",
	bson.TypeDecimal128: "decimal", bson.TypeString: "string", bson.TypeEmbeddedDocument: "object", bson.TypeArray: "array",
	bson.TypeBinary: "binData", bson.TypeObjectID: "objectId", bson.TypeBoolean: "bool", bson.TypeDateTime: "date",
	bson.TypeTimestamp: "timestamp", bson.TypeRegex: "regex", bson.TypeMaxKey: "maxKey",
}

func bracket(t bsontype.Type) int {
	return slices.IndexFunc(brackets, func(b []bsontype.Type) bool { return slices.Contains(b, t) })
}

// aliases returns the filter words of the types of one bracket.
func aliases(at int) bson.A {
	var out bson.A
	if at < 0 {
		return out
	}
	if slices.Contains(brackets[at], bson.TypeInt32) {
		return bson.A{"number"} // all four of them
	}
	for _, t := range brackets[at] {
		if name, ok := types[t]; ok {
			out = append(out, name)
		}
	}
	return out
}

// earlier returns v moved back by d, where it is a time or a number that may
// be one: seconds, milliseconds or microseconds since 1970, by its size.
func (v value) earlier(d time.Duration) value {
	if d <= 0 {
		return v
	}
	r := v.raw()
	switch v.Type {
	case bson.TypeDateTime:
		return number(bson.TypeDateTime, r.DateTime()-d.Milliseconds())
	case bson.TypeInt64:
		n := r.Int64()
		step := int64(d.Seconds())
		switch {
		case n >= 1e14:
			step = d.Microseconds()
		case n >= 1e11:
			step = d.Milliseconds()
		}
		return number(bson.TypeInt64, n-step)
	case bson.TypeInt32:
		return number(bson.TypeInt64, int64(r.Int32())-int64(d.Seconds()))
	case bson.TypeString:
		if t, layout, ok := instant(r.StringValue()); ok {
			return word(t.Add(-d).Format(layout))
		}
	}
	return v
}

// notAfter returns v, or now where v lies in the future: a document dated 2099
// must not hide everything that changes until then.
func (v value) notAfter(now time.Time) value {
	switch v.Type {
	case bson.TypeDateTime:
		if v.raw().DateTime() > now.UnixMilli() {
			return number(bson.TypeDateTime, now.UnixMilli())
		}
	case bson.TypeString:
		if t, layout, ok := instant(v.raw().StringValue()); ok && t.After(now) {
			return word(now.In(t.Location()).Format(layout))
		}
	}
	return v
}

func number(t bsontype.Type, n int64) value {
	b := make([]byte, 8)
	for i := range b {
		b[i] = byte(uint64(n) >> (8 * i))
	}
	return value{Type: t, Data: b}
}

func word(s string) value {
	n := len(s) + 1
	b := []byte{byte(n), byte(n >> 8), byte(n >> 16), byte(n >> 24)}
	return value{Type: bson.TypeString, Data: append(append(b, s...), 0)}
}

// layouts are the spellings of times in text that can be moved back.
var layouts = []string{
	"2006-01-02T15:04:05.000Z07:00", time.RFC3339, "2006-01-02T15:04:05.000000Z07:00", "2006-01-02T15:04:05", "2006-01-02T15:04:05.000",
	"2006-01-02T15:04:05.000000", time.DateTime, "2006-01-02 15:04:05.000", time.DateOnly,
}

func instant(s string) (time.Time, string, bool) {
	for _, l := range layouts {
		if t, err := time.Parse(l, s); err == nil && t.Format(l) == s {
			return t, l, true
		}
	}
	return time.Time{}, "", false
}
