package golden

import (
	"bytes"
	"compress/flate"
	"context"
	"encoding/hex"
	"encoding/json"
	"io"
	"time"

	"crmhub/mdm/entity"
	"crmhub/store"
)

// Change is what one transaction changed, for those who follow the store. It
// holds ids and names of attributes, never a value.
type Change struct {
	Seq int64     `json:"-"`
	At  time.Time `json:"-"`
	Run int64     `json:"-"` // 0 where no run of a pipeline caused it
	// Created are ranges of record ids, first and last; Updated and Deleted record ids.
	Created [][2]int64    `json:"created,omitempty"`
	Updated []int64       `json:"updated,omitempty"`
	Deleted []int64       `json:"deleted,omitempty"`
	Golden  []GoldenEvent `json:"golden,omitempty"`
}

// GoldenEvent is one change of a golden record.
type GoldenEvent struct {
	// Event is created, updated, merged, restored or retired.
	Event   string `json:"event"`
	ID      string `json:"id"` // 32 hex digits
	Version int64  `json:"version,omitempty"`
	// Into is the golden record that a merged one redirects to.
	Into string `json:"into,omitempty"`
	// Attributes are the names of the values that changed.
	Attributes []string `json:"attributes,omitempty"`
}

func (c *Change) empty() bool {
	return len(c.Created)+len(c.Updated)+len(c.Deleted)+len(c.Golden) == 0
}

// created adds a record that is new; ids ascend.
func (c *Change) created(id int64) {
	if n := len(c.Created); n > 0 && c.Created[n-1][1] == id-1 {
		c.Created[n-1][1] = id
		return
	}
	c.Created = append(c.Created, [2]int64{id, id})
}

// write appends the change to the outbox, packed.
func (c *Change) write(ctx context.Context, tx *store.Tx, run int64) error {
	if c.empty() {
		return nil
	}
	raw, err := json.Marshal(c)
	if err != nil {
		return err
	}
	packed, err := deflate(raw)
	if err != nil {
		return err
	}
	return tx.Do(ctx, "INSERT INTO outbox (id, at, run, events) VALUES ((SELECT coalesce(max(id), 0) + 1 FROM outbox), $1, $2, $3)", tx.DB().Now().UnixMicro(), run, packed)
}

// shortest is how long a text is at least for which a compressor is made: that takes
// longer than writing what one record's change says.
const shortest = 2048

// deflate packs a text. A short one goes in whole: RFC 1951, 3.2.4.
func deflate(raw []byte) ([]byte, error) {
	if n := len(raw); n < shortest {
		return append([]byte{1, byte(n), byte(n >> 8), ^byte(n), ^byte(n >> 8)}, raw...), nil
	}
	var packed bytes.Buffer
	w, err := flate.NewWriter(&packed, flate.BestSpeed)
	if err != nil {
		return nil, err
	}
	if _, err := w.Write(raw); err != nil {
		return nil, err
	}
	err = w.Close()
	return packed.Bytes(), err
}

// Changes hands f the changes after a sequence number, ascending, at most limit of them.
func (s *Store) Changes(ctx context.Context, after int64, limit int, f func(Change) error) error {
	return s.db.View(ctx, func(tx *store.Tx) error {
		return tx.Each(ctx, func(r store.Row) error {
			raw, err := io.ReadAll(flate.NewReader(bytes.NewReader(r.Bytes(3))))
			if err != nil {
				return err
			}
			c := Change{}
			if err := json.Unmarshal(raw, &c); err != nil {
				return err
			}
			c.Seq, c.At, c.Run = r.Int(0), instant(r.Int(1)), r.Int(2)
			return f(c)
		}, "SELECT id, at, run, events FROM outbox WHERE id > $1 ORDER BY id LIMIT $2", after, limit)
	})
}

func hexID(id entity.ID) string { return hex.EncodeToString(id[:]) }
