package golden

import (
	"context"
	"encoding/binary"
	"math"
	"slices"

	"crmhub/mdm"
	"crmhub/mdm/entity"
	"crmhub/store"
)

// stretch is the tokens from the first up to and without next, which is 0
// after the last token there is.
type stretch struct{ first, next uint64 }

func (s stretch) last() uint64 { return s.next - 1 } // 0 wraps to the last token

// where is the condition that rows of a stretch meet, with its arguments.
func (s stretch) where() (string, []any) {
	if s.next == 0 {
		return " WHERE token >= $1", []any{tokenOf(s.first)}
	}
	return " WHERE token >= $1 AND token < $2", []any{tokenOf(s.first), tokenOf(s.next)}
}

// mergePart is about how many holdings one transaction works into the segments.
const mergePart = 250_000

// merge works changes, which are sorted, and all lines of the token table into
// the segments.
func (s *Store) merge(ctx context.Context, changes []change, limit int, update updating) ([]int64, error) {
	var size indexSize
	err := s.db.View(ctx, func(tx *store.Tx) (err error) {
		size, err = readIndexSize(ctx, tx)
		return err
	})
	if err != nil {
		return nil, err
	}
	// Tokens are hashes: stretches of one length hold about as many.
	parts := uint64(size.packed+size.loose+int64(len(changes)))/mergePart + 1
	var crossed []int64
	for k := range parts {
		part := stretch{first: k * (math.MaxUint64 / parts)}
		if k+1 < parts {
			part.next = (k + 1) * (math.MaxUint64 / parts)
		}
		n := 0
		for n < len(changes) && changes[n].token <= part.last() {
			n++
		}
		of := changes[:n]
		changes = changes[n:]
		err := update(ctx, func(tx *store.Tx) error {
			x := &rewrite{s: s, stretch: part, limit: limit}
			if err := x.read(ctx, tx); err != nil {
				return err
			}
			x.after = make([]holding, 0, len(x.before)+len(of))
			var blocks []uint64
			at := 0
			for _, c := range of {
				if c.block && (len(blocks) == 0 || blocks[len(blocks)-1] != c.token) {
					blocks = append(blocks, c.token)
				}
				for at < len(x.before) && x.before[at].compare(c.holding) < 0 {
					x.after = append(x.after, x.before[at])
					at++
				}
				if at < len(x.before) && x.before[at] == c.holding {
					at++
				}
				if c.add {
					x.after = append(x.after, c.holding)
				}
			}
			x.after = append(x.after, x.before[at:]...)
			ids, err := x.write(ctx, tx, blocks)
			crossed = append(crossed, ids...)
			return err
		})
		if err != nil {
			return nil, err
		}
	}
	return crossed, nil
}

// ReplaceTokens makes part of the token index hold these lines and no others.
// Parts come one after the other from the first to the last token. A blocking token whose holders
// cross limit makes all of them dirty in the same transaction.
// A power cut may take parts back, the last first: the resolve that they were for is not through then.
func (s *Store) ReplaceTokens(ctx context.Context, part mdm.Part, ids []entity.RecordID, limit int) error {
	return s.replaceTokens(ctx, part, ids, limit, s.db.UpdateSoon)
}

func (s *Store) replaceTokens(ctx context.Context, part mdm.Part, ids []entity.RecordID, limit int, update updating) error {
	return update(ctx, func(tx *store.Tx) error {
		x := &rewrite{s: s, stretch: stretch{part.First, part.Next}, limit: limit, allDirty: part.AllDirty}
		s.holders.forget()
		if err := x.read(ctx, tx); err != nil {
			return err
		}
		room, _ := s.holdings.Get().(*[]holding)
		defer s.holdings.Put(room)
		x.after = slices.Grow((*room)[:0], len(part.Lines))
		defer func() { *room = x.after }()
		var blocks []uint64
		for _, l := range part.Lines {
			h := holding{l.Token, int64(ids[l.Record])}
			if n := len(x.after); n == 0 || x.after[n-1] != h {
				x.after = append(x.after, h)
			}
			if l.Block && (len(blocks) == 0 || blocks[len(blocks)-1] != l.Token) {
				blocks = append(blocks, l.Token)
			}
		}
		_, err := x.write(ctx, tx, blocks)
		return err
	})
}

// rewrite is the segments of a stretch on their way from before to after.
type rewrite struct {
	s *Store
	stretch
	limit    int
	allDirty bool // no record need be made dirty
	// before and after are the holdings in the stretch, beyond those of its last
	// segment that are past it; packed and loose are how many stood where.
	before, after, beyond []holding
	packed, loose         int64
}

// read reads what stands. Stretches are rewritten from the first token on and
// what is beyond one becomes a segment of its own: no segment begins before the stretch and ends in it.
func (x *rewrite) read(ctx context.Context, tx *store.Tx) error {
	where, args := x.where()
	err := tx.Each(ctx, func(r store.Row) error {
		var err error
		x.before, err = unpack(x.before, segment{binary.BigEndian.Uint64(r.Bytes(0)), r.Bytes(1)}, 0, math.MaxUint64)
		return err
	}, "SELECT token, held FROM token_segment"+where+" ORDER BY token", args...)
	if err != nil {
		return err
	}
	x.packed = int64(len(x.before))
	if end := len(x.before); end > 0 && x.before[end-1].token > x.last() {
		at, _ := slices.BinarySearchFunc(x.before, holding{x.last(), math.MaxInt64}, holding.compare)
		x.before, x.beyond = x.before[:at:at], x.before[at:]
		x.packed -= int64(len(x.beyond))
	}
	var changes []change
	err = tx.Each(ctx, func(r store.Row) error {
		changes = append(changes, change{holding: holding{binary.BigEndian.Uint64(r.Bytes(0)), r.Int(1)}, add: r.Int(2) == 0})
		return nil
	}, "SELECT token, record, gone FROM token"+where+" ORDER BY token, record", args...)
	if x.loose = int64(len(changes)); err != nil || x.loose == 0 {
		return err
	}
	now := make([]holding, 0, len(x.before)+len(changes))
	at := 0
	for _, c := range changes {
		for at < len(x.before) && x.before[at].compare(c.holding) < 0 {
			now = append(now, x.before[at])
			at++
		}
		if c.add {
			now = append(now, c.holding)
		} else if at < len(x.before) && x.before[at] == c.holding {
			at++
		}
	}
	x.before = append(now, x.before[at:]...)
	return nil
}

// write writes what stands after, and makes the holders dirty of those of the
// blocking tokens, sorted, that crossed the limit; it returns them.
func (x *rewrite) write(ctx context.Context, tx *store.Tx, blocks []uint64) ([]int64, error) {
	if x.loose > 0 || len(x.beyond) > 0 || !slices.Equal(x.before, x.after) {
		where, args := x.where()
		for _, table := range []string{"token_segment", "token"} {
			if x.packed+x.loose+int64(len(x.beyond)) == 0 {
				break
			}
			if _, err := tx.Exec(ctx, "DELETE FROM "+table+where, args...); err != nil {
				return nil, err
			}
		}
		list := append(pack(x.after), pack(x.beyond)...)
		err := tx.Insert(ctx, "token_segment", []string{"token", "held"}, len(list), func(i int, v []any) {
			v[0], v[1] = tokenOf(list[i].first), list[i].held
		})
		if err != nil {
			return nil, err
		}
		size, err := readIndexSize(ctx, tx)
		if err != nil {
			return nil, err
		}
		size.packed += int64(len(x.after)) - x.packed
		size.loose -= x.loose
		if err := size.write(ctx, tx); err != nil {
			return nil, err
		}
	}
	if x.allDirty {
		return nil, nil
	}
	var crossed []int64
	before, after := x.before, x.after
	for _, t := range blocks {
		var stood, stands []holding
		stood, before = of(before, t)
		stands, after = of(after, t)
		if (len(stood) > x.limit) == (len(stands) > x.limit) {
			continue
		}
		for _, h := range stands {
			crossed = append(crossed, h.record)
		}
	}
	if len(crossed) == 0 {
		return nil, nil
	}
	return crossed, x.s.soil(ctx, tx, crossed)
}

// of returns the holdings of a token, and what comes after them.
func of(all []holding, token uint64) (these, rest []holding) {
	from := 0
	for from < len(all) && all[from].token < token {
		from++
	}
	to := from
	for to < len(all) && all[to].token == token {
		to++
	}
	return all[from:to], all[to:]
}
