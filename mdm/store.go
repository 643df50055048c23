package mdm

import (
	"context"

	"crmhub/mdm/entity"
)

// Store is what the resolver asks of a store. The store guarantees one
// resolver at a time.
type Store interface {
	// Stat returns how many records are dirty (tombstones included) and how
	// many are current.
	Stat(ctx context.Context) (dirty, current int64, err error)
	// Dirty returns the next dirty records after an id, ascending, at most
	// limit of them, opened.
	Dirty(ctx context.Context, after entity.RecordID, limit int) ([]entity.Member, error)
	// Current returns the next current records after an id, dirty or not,
	// ascending, opened. Verification walks the whole store by it.
	Current(ctx context.Context, after entity.RecordID, limit int) ([]entity.Member, error)
	// Members returns records by id, ascending, opened.
	Members(ctx context.Context, ids []entity.RecordID) ([]entity.Member, error)
	// InComponents returns the ids of the current records of these components, ascending.
	InComponents(ctx context.Context, components []entity.RecordID) ([]entity.RecordID, error)
	// Holders returns, for each token asked, the current records that hold it,
	// ascending, or nil where more than limit do.
	Holders(ctx context.Context, tokens []entity.Token, limit int) (map[entity.Token][]entity.RecordID, error)
	// SyncTokens brings the token index in line with the Blocks and Stale of
	// these records (a tombstone holds none). A token whose holders cross limit in either direction makes all of its
	// holders dirty in the same transaction; their ids are returned, ascending.
	SyncTokens(ctx context.Context, records []TokenChange, limit int) ([]entity.RecordID, error)
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

// TokenChange is one record's part in SyncTokens.
type TokenChange struct {
	ID   entity.RecordID
	Add  []entity.Token
	Drop []entity.Token
}
