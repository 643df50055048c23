// Package entity holds the nouns of matching: records as the resolver sees them, judgements, and the entities that come out.
package entity

import (
	"time"

	"crmhub/record"
)

// RecordID names a source record inside one store, in the order in which
// records first landed: the smaller, the older.
type RecordID int64

// ID names an entity and its golden record: a UUIDv7.
type ID [16]byte

// Zero reports whether id names nothing.
func (id ID) Zero() bool { return id == ID{} }

// Token is a blocking or search key as it persists: the first eight bytes of a
// keyed hash under the store's own key. Fewer bytes tell less and cost less; two keys that meet by
// chance propose a pair too many, or one golden record to look into.
type Token [8]byte

// Member is one source record of type customer as the resolver sees it, opened.
type Member struct {
	ID        RecordID
	Ref       record.Ref
	Fields    record.Fields
	UpdatedAt time.Time // zero when undated
	// Version counts the versions of the record in its store; 0 where these are not told apart.
	Version int64
	// Deleted records are tombstones: they belong to no entity.
	Deleted bool
	// Own is the id that the record got when it landed; the oldest member's own
	// id names the entity.
	Own ID
	// Entity is the entity that the record belongs to now; zero before its first resolve.
	Entity ID
	// Component is the smallest record id among the records that were connected
	// with this one when last resolved; 0 when it stood alone or was never resolved.
	Component RecordID
	// Blocks are the tokens that propose pairs, Stale those of an earlier
	// version that may still stand in the token index.
	Blocks, Stale []Token
}

// Kind is what a steward, or an exact rule, says of two records.
type Kind string

// The kinds of judgement.
const (
	MustLink   Kind = "link"
	CannotLink Kind = "cannot_link"
)

// Judgement is a steward's word on a pair of records. The later one on the
// same pair wins.
type Judgement struct {
	A, B   RecordID
	Kind   Kind
	By     string
	At     time.Time
	Reason string // stored sealed
}

// Golden is the best version of the truth about one entity.
type Golden struct {
	ID     ID
	Fields record.Fields
	// Provenance says of each top-level field where its value comes from.
	Provenance map[string]Provenance
	// Members are the source records behind it, ascending.
	Members []RecordID
	// Alone is the version of its one member where it has that one's values as they are; 0 where a value
	// was chosen or set, or it is not known.
	Alone int64
}

// Provenance is where a golden value comes from.
type Provenance struct {
	// From is the record that the value was taken from; 0 where it was derived
	// from several (a union of lists).
	From RecordID
	// All are the contributors of a value that was put together, ascending.
	All []RecordID
	// Rule is the survivorship strategy that chose it.
	Rule string
}

// Resolution is what a resolve decided about whole components.
type Resolution struct {
	Components []Component
	// Redirects are ids that no longer name an entity, and the entity that
	// answers for them.
	Redirects map[ID]ID
	// Owns are records whose own id changed hands: a tombstoned founder leaves
	// its id to the entity's oldest member.
	Owns map[RecordID]ID
	// Heirs are the records that overrides on deleted founders move to.
	Heirs map[RecordID]RecordID
	// Retired are entities without members.
	Retired []ID
	// Cleared are tombstoned records that leave the dirty set.
	Cleared []RecordID
	// Dirty are the records of the above, ascending, that were dirty when they were
	// read. It is left empty where all records are resolved at once.
	Dirty []RecordID
}

// Component is some connected records and the entities that they form.
type Component struct {
	// ID is the smallest member's, 0 for a record that stands alone.
	ID       RecordID
	Entities []Golden
}
