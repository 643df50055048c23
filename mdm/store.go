package mdm

import (
	"context"

	"crmhub/mdm/compare"
	"crmhub/mdm/entity"
)

// Store is what the resolver asks of a store. The store guarantees one
// resolver at a time. Reads are called from several goroutines at once.
type Store interface {
	// Stat returns how many records are dirty (tombstones included) and how
	// many are current.
	Stat(ctx context.Context) (dirty, current int64, err error)
	// Waiting returns how many records are dirty (tombstones included), and whether resolving them
	// is about as much work as resolving this share of all records. What it costs grows with the dirty ones alone.
	Waiting(ctx context.Context, share float64) (dirty int64, many bool, err error)
	// BeginPass begins a pass: what changes from here on is dirty anew when Apply
	// is through.
	BeginPass(ctx context.Context) error
	// Last returns the largest record id, 0 where there are none.
	Last(ctx context.Context) (entity.RecordID, error)
	// Keys returns what blocking asks of the current records and the dirty
	// tombstones with ids from first to last, ascending. None is opened.
	Keys(ctx context.Context, first, last entity.RecordID) ([]Key, error)
	// KeysOf returns what blocking asks of these records, tombstones too,
	// ascending. None is opened.
	KeysOf(ctx context.Context, ids []entity.RecordID) ([]Key, error)
	// Features hands f what comparing asks of each of these records that is current, its
	// values kept in d. i is the record's place in ids, which ascend.
	Features(ctx context.Context, ids []entity.RecordID, d *compare.Dictionary, f func(i int, x *compare.Features)) error
	// Dirty returns the ids of the next dirty records after one, ascending, at
	// most limit of them.
	Dirty(ctx context.Context, after entity.RecordID, limit int) ([]entity.RecordID, error)
	// Members returns records by id, ascending, opened.
	Members(ctx context.Context, ids []entity.RecordID) ([]entity.Member, error)
	// InComponents returns the ids of the records of these components, ascending:
	// the current ones and the dirty tombstones.
	InComponents(ctx context.Context, components []entity.RecordID) ([]entity.RecordID, error)
	// Holders returns, for each token asked, the current records that hold it,
	// ascending, or nil where more than limit do.
	Holders(ctx context.Context, tokens []entity.Token, limit int) (map[entity.Token][]entity.RecordID, error)
	// SyncTokens brings the token index in line with these records (a
	// tombstone holds none). A blocking token whose holders cross limit in either direction makes all of its
	// holders dirty in the same transaction; their ids are returned, ascending.
	SyncTokens(ctx context.Context, ids []entity.RecordID, limit int) ([]entity.RecordID, error)
	// ReplaceTokens makes part of the token index hold these lines and no
	// others. Tokens that cross limit make their holders dirty, as in SyncTokens. Parts come one after
	// the other from the first to the last token; ids are the records by their places.
	ReplaceTokens(ctx context.Context, part Part, ids []entity.RecordID, limit int) error
	// Judgements returns the judgements in force on any of these records; nil
	// ids asks for all.
	Judgements(ctx context.Context, ids []entity.RecordID) ([]entity.Judgement, error)
	// Goldens returns the golden records of these entities; retired and
	// unknown ids are left out.
	Goldens(ctx context.Context, ids []entity.ID) ([]entity.Golden, error)
	// Apply writes one resolution in one transaction and takes its records off the dirty set:
	// memberships, golden records that differ from what stands (with history and change
	// events), redirects. Equal golden records are not written.
	Apply(ctx context.Context, r entity.Resolution) error
}

// Key is a record as blocking sees it: nothing of it is opened.
type Key struct {
	ID, Component entity.RecordID
	// Dirty records wait for a resolve.
	Dirty bool
	// Quiet records are dirty, but nothing that is compared of them changed since they were resolved, nor
	// their blocking tokens: their entities stand, only the values of these are to be chosen anew.
	Quiet bool
	// Changed says that the record's tokens changed since it was resolved: a hint of what
	// is worth looking at, no more.
	Changed bool
	// Deleted records are tombstones; Own and Entity are theirs alone, as in entity.Member.
	Deleted     bool
	Own, Entity entity.ID
	// Blocks and Search are a current record's tokens, one after the other.
	Blocks, Search []byte
}

// Part is a part of the token index: all tokens from First up to and without
// Next, as big-endian numbers; Next is 0 after the last. Lines are sorted.
type Part struct {
	First, Next uint64
	Lines       []Line
	// AllDirty says that no record need be made dirty: all of them are.
	AllDirty bool
}

// Line says that a record holds a token.
type Line struct {
	Token  uint64 // big-endian, so that numbers sort as tokens do
	Record int32  // the record's place in a list
	// Block says that the token proposes pairs; the others serve search.
	Block bool
}
