package golden

import (
	"context"
	"slices"
	"sync"

	"crmhub/mdm/entity"
	"crmhub/store"
)

// knownHolders are who holds the blocking tokens that this process brought in line
// last, which are those that a resolve asks for next. They stand as long as nobody
// changes the index: to the end of the pass.
type knownHolders struct {
	mu sync.Mutex
	// pass is the number of the team's pass that they are of, 0 for one that a resolver has alone.
	pass  int64
	of    map[uint64][]entity.RecordID
	lines int
}

// knownMost is how many holdings are remembered at most, some 16 bytes each.
const knownMost = 4_000_000

func (k *knownHolders) forget() {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.of, k.lines = nil, 0
}

// begin forgets what is known of another pass than this one, which begins anew where
// this process opens it.
func (k *knownHolders) begin(pass int64, anew bool) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if anew || k.pass != pass {
		k.pass, k.of, k.lines = pass, nil, 0
	}
}

// learn remembers what a transaction that stands brought in line.
func (k *knownHolders) learn(of map[uint64][]entity.RecordID) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.of == nil {
		k.of = make(map[uint64][]entity.RecordID, len(of))
	}
	for t, ids := range of {
		k.lines += len(ids) - len(k.of[t])
		k.of[t] = ids
	}
	if k.lines > knownMost {
		k.of, k.lines = nil, 0
	}
}

// take moves what is known of some tokens into found, and returns the others.
func (k *knownHolders) take(asked []entity.Token, limit int, found map[entity.Token][]entity.RecordID) []uint64 {
	k.mu.Lock()
	defer k.mu.Unlock()
	left := make([]uint64, 0, len(asked))
	for _, t := range asked {
		n := number(t)
		ids, ok := k.of[n]
		switch {
		case !ok:
			left = append(left, n)
		case len(ids) > limit:
			found[t] = nil
		case len(ids) > 0:
			found[t] = ids
		}
	}
	return left
}

// Holders returns, for each token asked, the records that hold it, ascending,
// or nil where more than limit do. Tokens that nobody holds have no entry.
func (s *Store) Holders(ctx context.Context, asked []entity.Token, limit int) (map[entity.Token][]entity.RecordID, error) {
	found := make(map[entity.Token][]entity.RecordID, len(asked))
	numbers := s.holders.take(asked, limit, found)
	if len(numbers) == 0 {
		return found, nil
	}
	slices.Sort(numbers)
	err := s.db.Glance(ctx, func(tx *store.Tx) error {
		size, err := readIndexSize(ctx, tx)
		if err != nil {
			return err
		}
		return s.held(ctx, tx, size, slices.Compact(numbers), func(token uint64, _, now []int64) {
			if len(now) == 0 {
				return
			}
			t := entity.Token(tokenOf(token))
			if found[t] = nil; len(now) <= limit {
				found[t] = recordIDs(now)
			}
		})
	})
	return found, err
}
