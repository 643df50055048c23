package mdm

import (
	"context"
	"encoding/binary"
	"fmt"
	"maps"
	"slices"

	"crmhub/fault"
	"crmhub/mdm/entity"
)

// fresh are the records that are dirty when a pass begins, tombstones too: what
// is to be resolved in it. It does not change while the pass lasts, so that what
// belongs together is the same whoever asks, and whatever was resolved by then.
type fresh struct {
	ids  []entity.RecordID // ascending
	keys []Key             // of ids
	// lines say which of them hold a blocking token, sorted, of those that are not quiet.
	lines []Line
}

// freshBatch is how many dirty records are read at once.
const freshBatch = 20_000

// readFresh reads what blocking asks of dirty records, which ascend. Those that somebody
// removed meanwhile give E6102.
func (r *run) readFresh(ctx context.Context, ids []entity.RecordID) error {
	f := &fresh{ids: ids, keys: make([]Key, 0, len(ids))}
	for part := range slices.Chunk(ids, freshBatch) {
		keys, err := r.store.KeysOf(ctx, part)
		if err != nil {
			return fmt.Errorf("read tokens: %w", err)
		}
		if len(keys) != len(part) {
			return fault.New("E6102", "", "count", len(part)-len(keys), "want", len(part))
		}
		for i := range keys {
			keys[i].Search = nil
			place := int32(len(f.keys))
			if !keys[i].Deleted && !keys[i].Quiet {
				for p := keys[i].Blocks; len(p) >= tokenBytes; p = p[tokenBytes:] {
					f.lines = append(f.lines, Line{Token: binary.BigEndian.Uint64(p), Record: place})
				}
			}
			f.keys = append(f.keys, keys[i])
		}
	}
	slices.SortFunc(f.lines, Line.compare)
	r.fresh = f
	return nil
}

// at returns the place of a record, -1 where it is not among them.
func (f *fresh) at(id entity.RecordID) int {
	if i, found := slices.BinarySearch(f.ids, id); found {
		return i
	}
	return -1
}

// key returns what is known of a record, nil where it is not among them.
func (f *fresh) key(id entity.RecordID) *Key {
	if i := f.at(id); i >= 0 {
		return &f.keys[i]
	}
	return nil
}

// loud reports whether a record is among them and not quiet: pairs with it may be new.
func (f *fresh) loud(id entity.RecordID) bool {
	k := f.key(id)
	return k != nil && !k.Quiet
}

// quiet are those of some records that are among them and quiet.
func (f *fresh) quiet(ids []entity.RecordID) []entity.RecordID {
	var quiet []entity.RecordID
	for _, id := range ids {
		if k := f.key(id); k != nil && k.Quiet {
			quiet = append(quiet, id)
		}
	}
	return quiet
}

// changed reports whether a record changed since it was resolved, as far as one knows.
func (r *run) changed(id entity.RecordID) bool {
	if r.fresh == nil {
		return false
	}
	k := r.fresh.key(id)
	return k != nil && (k.Changed || k.Quiet)
}

// holding hands out the records that hold a token, those that are quiet left out.
func (f *fresh) holding(t entity.Token, hand func(entity.RecordID)) {
	n := binary.BigEndian.Uint64(t[:])
	at, _ := slices.BinarySearchFunc(f.lines, Line{Token: n}, Line.compare)
	for ; at < len(f.lines) && f.lines[at].Token == n; at++ {
		hand(f.ids[f.lines[at].Record])
	}
}

// rank orders records so that those that share tokens tend to stand together: it
// is the least of a record's tokens, which records have in common as often as they have
// tokens in common. It depends on the record alone.
func (f *fresh) rank(place int) uint64 {
	k := &f.keys[place]
	if k.Deleted || len(k.Blocks) < tokenBytes {
		return uint64(k.ID) * 0x9E3779B97F4A7C15 // spread evenly
	}
	least := ^uint64(0)
	for p := k.Blocks; len(p) >= tokenBytes; p = p[tokenBytes:] {
		least = min(least, binary.BigEndian.Uint64(p))
	}
	return least
}

// sync brings the token index in line with the dirty records, and notes
// them and those that became dirty because a token crossed the limit.
func (r *run) sync(ctx context.Context) error {
	dirty := map[entity.RecordID]bool{}
	for after, more := entity.RecordID(0), true; more; {
		ids, err := r.store.Dirty(ctx, after, syncBatch)
		if err != nil {
			return fmt.Errorf("read dirty records: %w", err)
		}
		if more = len(ids) == syncBatch; len(ids) == 0 {
			break
		}
		after = ids[len(ids)-1]
		crossed, err := r.store.SyncTokens(ctx, ids, r.model.maxBlock)
		if err != nil {
			return fmt.Errorf("write tokens: %w", err)
		}
		for _, list := range [][]entity.RecordID{ids, crossed} {
			for _, id := range list {
				dirty[id] = true
			}
		}
		r.done += int64(len(ids))
		r.progress(Progress{Blocking, min(r.done, r.total), r.total})
	}
	// Records that become dirty from here on wait for the next pass: their
	// tokens were not brought in line.
	return r.readFresh(ctx, slices.Sorted(maps.Keys(dirty)))
}

// syncBatch is how many dirty records bring their tokens in line together.
const syncBatch = 200_000
