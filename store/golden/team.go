package golden

import (
	"context"
	"encoding/binary"
	"errors"
	"math"

	"crmhub/fault"
	"crmhub/mdm"
	"crmhub/mdm/entity"
	"crmhub/store"
)

// Team is the store as one of several resolvers sees it that work on it at
// once, in one process or in many. Passes are numbered; what a Team writes holds a lock on the
// number of the pass that it is in, so that no pass is opened before it is
// committed, and nothing of a former pass is written once another is open: not by one who lost
// the connection that he was inside by, either. It is used by one resolver.
type Team struct {
	*Store
	gate *store.Gate
	pass int64
}

var _ mdm.Team = (*Team)(nil)

// Join returns a Team of the store, which is to be closed; ok is false for an embedded
// store. Who joins has the store's lock, alone or shared (store.DB.Share): nothing
// else is written meanwhile.
func (s *Store) Join(ctx context.Context) (t *Team, ok bool, err error) {
	gate, ok, err := s.db.Gate(ctx)
	if err != nil || !ok {
		return nil, ok, err
	}
	err = s.db.Update(ctx, func(tx *store.Tx) error {
		for _, name := range []string{passName, shareName} {
			if _, err := tx.Exec(ctx, "INSERT INTO meta (name, value) VALUES ($1, $2) ON CONFLICT (name) DO NOTHING", name, teamPass{}.pack()); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return nil, true, errors.Join(err, gate.Close())
	}
	return &Team{Store: s, gate: gate}, true, nil
}

// The rows of meta that hold the pass that was opened last, and which share of which pass is taken next.
const (
	passName  = "resolve_pass"
	shareName = "resolve_share"
)

// Close ends the team member's session.
func (t *Team) Close() error { return t.gate.Close() }

// teamPass is a pass as meta holds it: its number, the stamp up to which records
// were dirty, and the bounds of its shares.
type teamPass struct {
	number, stamp int64
	shares        int64 // 0 where there is none to take; for the row of shares: the next
	bounds        []uint64
}

func (p teamPass) pack() []byte {
	var raw []byte
	for _, v := range []int64{p.number, p.stamp, p.shares} {
		raw = binary.AppendUvarint(raw, uint64(v))
	}
	for _, b := range p.bounds {
		raw = binary.BigEndian.AppendUint64(raw, b)
	}
	return raw
}

func unpackPass(raw []byte) (teamPass, error) {
	var v [3]int64
	for i := range v {
		x, n := binary.Uvarint(raw)
		if n <= 0 || x > math.MaxInt64 {
			return teamPass{}, errPayload
		}
		v[i], raw = int64(x), raw[n:]
	}
	p := teamPass{number: v[0], stamp: v[1], shares: v[2], bounds: make([]uint64, 0, len(raw)/8)}
	for ; len(raw) >= 8; raw = raw[8:] {
		p.bounds = append(p.bounds, binary.BigEndian.Uint64(raw))
	}
	return p, nil
}

// readLocked reads a row of meta, which nobody else changes until the transaction ends.
func readLocked(ctx context.Context, tx *store.Tx, name, strength string) (p teamPass, err error) {
	_, err = tx.One(ctx, func(r store.Row) error {
		p, err = unpackPass(r.Bytes(0))
		return err
	}, "SELECT value FROM meta WHERE name = $1 FOR "+strength, name)
	return p, err
}

// Meet implements mdm.Team.
func (t *Team) Meet(ctx context.Context, open func() ([]uint64, error)) (bounds []uint64, err error) {
	if err := t.gate.Alone(ctx); err != nil {
		return nil, err
	}
	inside := false
	defer func() {
		if !inside {
			err = errors.Join(err, t.gate.Leave(context.WithoutCancel(ctx)))
		}
	}()
	var stands teamPass
	joined := false
	err = t.db.Update(ctx, func(tx *store.Tx) error {
		var err error
		if stands, err = readLocked(ctx, tx, passName, "UPDATE"); err != nil {
			return err
		}
		next, err := readLocked(ctx, tx, shareName, "UPDATE")
		if err != nil {
			return err
		}
		stamp, err := currentStamp(ctx, tx)
		if err != nil {
			return err
		}
		if joined = next.number == stands.number && next.shares < stands.shares && stamp == stands.stamp; joined {
			return nil
		}
		stands = teamPass{number: stands.number + 1, stamp: stamp}
		return stands.write(ctx, tx, 0)
	})
	if err != nil {
		return nil, err
	}
	t.pass = stands.number
	if joined {
		t.holders.begin(t.pass, false)
		err = t.db.View(ctx, func(tx *store.Tx) error { return t.noteMark(ctx, tx, true) })
	} else if stands.bounds, err = open(); err == nil && stands.bounds != nil {
		stands.shares = int64(len(stands.bounds)) + 1
		err = t.update(ctx, func(tx *store.Tx) error {
			var err error
			if stands.stamp, err = currentStamp(ctx, tx); err != nil {
				return err
			}
			return stands.write(ctx, tx, 0)
		})
	}
	if err != nil || stands.bounds == nil {
		return nil, err
	}
	if err := t.gate.Admit(ctx); err != nil {
		return nil, err
	}
	inside = true
	return stands.bounds, nil
}

// write writes the pass and the share that is taken next.
func (p teamPass) write(ctx context.Context, tx *store.Tx, next int64) error {
	if err := tx.SetMeta(ctx, passName, p.pack()); err != nil {
		return err
	}
	return tx.SetMeta(ctx, shareName, teamPass{number: p.number, shares: next}.pack())
}

// Take implements mdm.Team.
func (t *Team) Take(ctx context.Context) (share int, ok bool, err error) {
	err = t.db.UpdateSoon(ctx, func(tx *store.Tx) error {
		pass, err := readLocked(ctx, tx, passName, "SHARE")
		if err != nil {
			return err
		}
		next, err := readLocked(ctx, tx, shareName, "UPDATE")
		if err != nil {
			return err
		}
		if ok = pass.number == t.pass && next.number == t.pass && next.shares < pass.shares; !ok {
			return nil
		}
		share = int(next.shares)
		next.shares++
		return tx.SetMeta(ctx, shareName, next.pack())
	})
	return share, ok && err == nil, err
}

// Pass implements mdm.Team.
func (t *Team) Pass() int64 { return t.pass }

// Left implements mdm.Team.
func (t *Team) Left(ctx context.Context, ids []entity.RecordID) ([]entity.RecordID, error) {
	var left []int64
	err := t.db.Glance(ctx, func(tx *store.Tx) error {
		return tx.InInts(ctx, sortedInts(ids), func(r store.Row) error {
			left = append(left, r.Int(0))
			return nil
		}, "SELECT record FROM xref WHERE record IN ($keys) AND dirty <> 0")
	})
	return recordIDs(left), err
}

// Leave implements mdm.Team.
func (t *Team) Leave(ctx context.Context) error { return t.gate.Leave(ctx) }

// update runs f in a transaction that is part of the pass, or not at all: E6104.
func (t *Team) update(ctx context.Context, f func(*store.Tx) error) error {
	return t.fenced(ctx, t.db.Update, f)
}

// updateSoon is update that need not be on disk when it returns.
func (t *Team) updateSoon(ctx context.Context, f func(*store.Tx) error) error {
	return t.fenced(ctx, t.db.UpdateSoon, f)
}

func (t *Team) fenced(ctx context.Context, run updating, f func(*store.Tx) error) error {
	return run(ctx, func(tx *store.Tx) error {
		pass, err := readLocked(ctx, tx, passName, "SHARE")
		if err != nil {
			return err
		}
		if pass.number != t.pass {
			return fault.New("E6104", "")
		}
		return f(tx)
	})
}

// write is how a Team writes.
func (t *Team) write() writing {
	return writing{t.update, func(ctx context.Context, tx *store.Tx) error {
		// Changes are numbered in the order in which they are committed.
		_, err := readLocked(ctx, tx, shareName, "UPDATE")
		return err
	}}
}

// BeginPass implements mdm.Store.
func (t *Team) BeginPass(ctx context.Context) error { return t.begin(ctx, t.pass) }

// Apply implements mdm.Store.
func (t *Team) Apply(ctx context.Context, r entity.Resolution) error {
	first := true
	w := t.write()
	w.update = func(ctx context.Context, f func(*store.Tx) error) error {
		return t.update(ctx, func(tx *store.Tx) error {
			var err error
			if first, err = t.first(ctx, tx, r); err != nil || !first {
				return err
			}
			return f(tx)
		})
	}
	if err := t.apply(ctx, r, w); err != nil || first {
		return err
	}
	return mdm.ErrResolved
}

// first locks the records of a resolution, always in the same order, and reports
// whether nobody resolved any of them before.
func (t *Team) first(ctx context.Context, tx *store.Tx, r entity.Resolution) (bool, error) {
	resolved := false
	err := tx.InInts(ctx, sortedInts(r.Dirty), func(row store.Row) error {
		resolved = resolved || row.Int(0) == 0
		return nil
	}, "SELECT dirty FROM xref WHERE record IN ($keys) ORDER BY record FOR UPDATE")
	return !resolved, err
}

// Alone implements mdm.Lone.
func (t *Team) Alone(ctx context.Context, ids []entity.RecordID) ([]entity.RecordID, error) {
	return t.alone(ctx, ids, t.write())
}

// SyncTokens implements mdm.Store.
func (t *Team) SyncTokens(ctx context.Context, ids []entity.RecordID, limit int) ([]entity.RecordID, error) {
	// Rows are what workers lock, and see that another one was there.
	err := t.update(ctx, func(tx *store.Tx) error { return enterFresh(ctx, tx, sortedInts(ids), t.marked()) })
	if err != nil {
		return nil, err
	}
	return t.syncTokens(ctx, ids, limit, t.updateSoon, t.update)
}

// ReplaceTokens implements mdm.Store.
func (t *Team) ReplaceTokens(ctx context.Context, part mdm.Part, ids []entity.RecordID, limit int) error {
	return t.replaceTokens(ctx, part, ids, limit, t.updateSoon)
}

// endTeams ends the pass that a team may be in, so that nothing of it is written any more.
func (s *Store) endTeams(ctx context.Context) error {
	return s.db.Update(ctx, func(tx *store.Tx) error {
		p, err := readLocked(ctx, tx, passName, "UPDATE")
		if err != nil {
			return err
		}
		return teamPass{number: p.number + 1}.write(ctx, tx, 0)
	})
}

// writing is how a transaction of a resolve is made.
type writing struct {
	update func(context.Context, func(*store.Tx) error) error
	// last is called when all is written but the change events.
	last func(context.Context, *store.Tx) error
}

// writing is how one writes who resolves alone.
func (s *Store) writing() writing {
	return writing{s.db.Update, func(context.Context, *store.Tx) error { return nil }}
}
