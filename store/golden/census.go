package golden

import (
	"context"
	"encoding/binary"
	"fmt"

	"crmhub/mdm"
	"crmhub/mdm/entity"
	"crmhub/store"
)

// A customer need have no row in the table of cross-references. Without one it
//
//   - was never resolved, where its id is one of those that landed since all were resolved last;
//   - otherwise stands alone under the id that it landed with, and is not dirty.
//
// So landing writes nothing beside the record, and a first resolve nothing for
// those that stand alone but their golden records. Whatever happens to such a
// customer afterwards gives it its row first: see enter.

// census is what the store knows of its customers as a whole. It is one row of meta.
type census struct {
	// all counts the customers that ever landed, tombstones too.
	all int64
	// first is the id from which on customers without a row were never resolved, 0
	// where there are none; landed counts the customers from it on, whether they have a row or not.
	first, landed int64
	// passing says that a resolve of all is under way, or was broken off: golden records
	// of those that stand alone may be written from first on.
	passing bool
}

const censusName = "customers"

func readCensus(ctx context.Context, tx *store.Tx) (census, error) {
	raw, err := tx.Meta(ctx, censusName)
	if err != nil {
		return census{}, err
	}
	return censusOf(ctx, tx, raw)
}

// censusOf is the census in its row of meta.
func censusOf(ctx context.Context, tx *store.Tx, raw []byte) (census, error) {
	if raw == nil { // then each has a row
		all, err := tx.Int(ctx, "SELECT count(*) FROM xref")
		return census{all: all}, err
	}
	var v [4]int64
	for i := range v {
		x, n := binary.Uvarint(raw)
		if n <= 0 {
			return census{}, errCensus
		}
		v[i], raw = int64(x), raw[n:]
	}
	return census{v[0], v[1], v[2], v[3] != 0}, nil
}

var errCensus = fmt.Errorf("a count of customers that this program does not understand")

// changeCensus changes the census; nobody else does until the transaction ends.
func changeCensus(ctx context.Context, tx *store.Tx, change func(*census) error) error {
	if err := tx.Do(ctx, "UPDATE meta SET value = value WHERE name = $1", censusName); err != nil {
		return err
	}
	c, err := readCensus(ctx, tx)
	if err != nil {
		return err
	}
	if err := change(&c); err != nil {
		return err
	}
	var raw []byte
	for _, v := range [...]int64{c.all, c.first, c.landed, bit(c.passing)} {
		raw = binary.AppendUvarint(raw, uint64(v))
	}
	return tx.SetMeta(ctx, censusName, raw)
}

// fresh reports whether a customer without a row was never resolved.
func (c census) fresh(id int64) bool { return c.first != 0 && id >= c.first }

// unresolved counts the customers without a row that were never resolved.
func (c census) unresolved(ctx context.Context, tx *store.Tx) (int64, error) {
	if c.landed == 0 {
		return 0, nil
	}
	entered, err := tx.Int(ctx, "SELECT count(*) FROM xref WHERE record >= $1", c.first)
	return c.landed - entered, err
}

// dirty counts the customers that are dirty, tombstones included.
func (c census) dirty(ctx context.Context, tx *store.Tx) (int64, error) {
	left, err := c.unresolved(ctx, tx)
	if err != nil {
		return 0, err
	}
	marked, err := tx.Int(ctx, "SELECT count(*) FROM xref WHERE dirty <> 0")
	return left + marked, err
}

// enrol counts customers that land, the first of which has that id.
func enrol(ctx context.Context, tx *store.Tx, first, n int64) error {
	return changeCensus(ctx, tx, func(c *census) error {
		left, err := c.unresolved(ctx, tx)
		if err != nil {
			return err
		}
		if left == 0 && !c.passing {
			c.first, c.landed = first, 0
		}
		c.all += n
		c.landed += n
		return nil
	})
}

// enter gives customers without a row theirs, with what it stood for.
func enter(ctx context.Context, tx *store.Tx, ids []int64) error {
	return tx.ExecInts(ctx, ids, `INSERT INTO xref (record, entity, component, dirty)
		SELECT r.id, (SELECT g.id FROM golden g WHERE g.id = r.own AND g.record = r.id), 0, 0 FROM record r
		WHERE r.id IN ($keys) AND r.own IS NOT NULL AND NOT EXISTS (SELECT 1 FROM xref x WHERE x.record = r.id) ON CONFLICT DO NOTHING`)
}

// enterFresh gives customers that were never resolved their rows, dirty with that mark.
func enterFresh(ctx context.Context, tx *store.Tx, ids []int64, mark int64) error {
	c, err := readCensus(ctx, tx)
	if err != nil || c.first == 0 {
		return err
	}
	return tx.ExecInts(ctx, ids, `INSERT INTO xref (record, component, dirty) SELECT r.id, 0, $1 FROM record r
		WHERE r.id >= $2 AND r.id IN ($keys) AND r.own IS NOT NULL AND r.deleted = 0 AND NOT EXISTS (SELECT 1 FROM xref x WHERE x.record = r.id) ON CONFLICT DO NOTHING`, mark, c.first)
}

// entitySelect reads records with the entities that customers belong to; null where
// one was not resolved yet.
const entitySelect = `SELECT r.id, CASE WHEN x.record IS NULL THEN (SELECT g.id FROM golden g WHERE g.id = r.own AND g.record = r.id) ELSE x.entity END
	FROM record r LEFT JOIN xref x ON x.record = r.id WHERE `

// soil makes customers dirty, with that mark.
func soil(ctx context.Context, tx *store.Tx, ids []int64, mark int64) error {
	if err := enter(ctx, tx, ids); err != nil {
		return err
	}
	return tx.ExecInts(ctx, ids, "UPDATE xref SET dirty = $1 WHERE record IN ($keys)", mark)
}

// pass is a resolve of all customers, as this process makes it.
type pass struct {
	// first and last are the ids from and up to which customers without a row are resolved by
	// it, landed how many the census counts of these.
	first, last, landed int64
}

var _ mdm.Whole = (*Store)(nil)

// mend gives their rows to those that a resolve of all which was broken off left
// without, though it wrote their golden records.
func (s *Store) mend(ctx context.Context) error {
	return s.db.Update(ctx, func(tx *store.Tx) error {
		return changeCensus(ctx, tx, func(c *census) error {
			c.passing = false
			err := tx.Do(ctx, `INSERT INTO xref (record, entity, component, dirty) SELECT r.id, r.own, 0, 0 FROM record r JOIN golden g ON g.id = r.own AND g.record = r.id
				WHERE r.id >= $1 AND NOT EXISTS (SELECT 1 FROM xref x WHERE x.record = r.id) ON CONFLICT DO NOTHING`, c.first)
			return err
		})
	})
}

// BeginAll begins a resolve of all customers.
func (s *Store) BeginAll(ctx context.Context) error {
	p := &pass{}
	err := s.db.Update(ctx, func(tx *store.Tx) error {
		return changeCensus(ctx, tx, func(c *census) error {
			if c.landed == 0 {
				return nil
			}
			last, err := tx.Int(ctx, "SELECT coalesce(max(id), 0) FROM record")
			*p = pass{c.first, last, c.landed}
			c.passing = true
			return err
		})
	})
	if err == nil {
		s.setPass(p)
	}
	return err
}

// EndAll ends a resolve of all customers that came to its end.
func (s *Store) EndAll(ctx context.Context) error {
	p := s.pass()
	s.setPass(nil)
	if p == nil || p.landed == 0 {
		return nil
	}
	return s.db.Update(ctx, func(tx *store.Tx) error {
		err := changeCensus(ctx, tx, func(c *census) error {
			c.passing = false
			c.first, c.landed = p.last+1, c.landed-p.landed
			if c.landed == 0 {
				c.first = 0
			}
			return nil
		})
		if err != nil {
			return err
		}
		// Or the next resolve, of a record or two, would look through all of xref for them.
		return tx.Analyze(ctx, "xref", "token_segment")
	})
}

func (s *Store) pass() *pass {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.passing
}

func (s *Store) setPass(p *pass) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.passing = p
}

// covers reports whether the pass resolves that customer, where it has no row.
func (p *pass) covers(id entity.RecordID) bool {
	return p != nil && p.first != 0 && int64(id) >= p.first && int64(id) <= p.last
}
