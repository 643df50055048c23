package golden

import (
	"context"
	"encoding/binary"
	"encoding/json"
	"slices"
	"strconv"

	"crmhub/mdm/entity"
	"crmhub/record"
	"crmhub/store"
)

// Commit lands prepared batches in one transaction, with the run's counters and
// its position. Rows land as if each came alone, one after the other. A run
// that does not stand at from, or is not open, gives E5011 and nothing is written.
func (s *Store) Commit(ctx context.Context, id record.RunID, prepared []any, from, to record.Position) (record.Counts, error) {
	var counts record.Counts
	err := s.db.Update(ctx, func(tx *store.Tx) error {
		x, err := s.fence(ctx, tx, id, from)
		if err != nil {
			return err
		}
		c := newCommit(s, tx, x)
		var rows []*preparedRow
		for _, p := range prepared {
			b := p.(*batch)
			for i := range b.rows {
				rows = append(rows, &b.rows[i])
			}
		}
		if err := c.load(ctx, rows); err != nil {
			return err
		}
		for _, r := range rows {
			if err := c.land(ctx, r); err != nil {
				return err
			}
		}
		if err := c.flush(ctx); err != nil {
			return err
		}
		counts = x.counts
		counts.Records = nil
		counts.Add(record.Counts{Records: x.counts.Records})
		counts.Add(c.counts)
		return s.advance(ctx, tx, x, counts, to)
	})
	return counts, err
}

// advance writes a run's counters and position.
func (s *Store) advance(ctx context.Context, tx *store.Tx, x storedRun, counts record.Counts, to record.Position) error {
	wrapped, sealed, tag, err := s.sealPosition(x.spec.Pipeline, to)
	if err != nil {
		return err
	}
	raw, err := json.Marshal(counts)
	if err != nil {
		return err
	}
	err = tx.Do(ctx, "UPDATE run SET counts = $2, wrapped = $3, position = $4, position_tag = $5 WHERE n = $1", x.n, raw, wrapped, sealed, tag)
	return err
}

// stored is a record as it stands in the store, or will at the end of the commit.
type stored struct {
	id       int64
	stream   int64
	typ      record.Type
	ref      [16]byte
	content  [16]byte
	updated  int64
	observed int64
	run      int64
	version  int64
	deleted  bool
	self     bool // its own row, the one of its key, emits it
	tokens   []byte
	refs     []byte
	wrapped  []byte // these two are read only where they are needed
	payload  []byte

	own     entity.ID
	created bool // not in the database yet
	full    bool // a new version with a payload is to be written
	light   bool // only what is not payload changed
	dirty   bool
	loud    bool     // whom it may be compared with, or to what end, changed for certain
	quiet   bool     // what is compared of it did not change
	stale   [][]byte // packed tokens of versions that this commit superseded
}

// emission says that a source row became a record whose key is not the row's.
type emission struct {
	row    [16]byte
	record int64
}

type parent struct {
	ref    [16]byte
	record int64
}

// commit is one landing transaction at work.
type commit struct {
	s      *Store
	tx     *store.Tx
	run    storedRun
	now    int64
	sealer sealer
	seen   seen
	counts record.Counts
	change Change

	streams map[record.Type]int64 // of the run's source and stream
	known   map[[16]byte]*stored  // nil where no record has the ref
	byID    map[int64]*stored
	emitted map[[16]byte]map[int64]bool // records by the row that emits them, where the keys differ
	emitter map[int64]int64             // how many rows emit a record, where counted
	linked  map[int64]int64             // how many emissions of a record links adds up to
	links   map[emission]int            // emissions to add (1) or remove (-1)
	own     map[int64]bool              // whether a record's own row emitted it, of those where that changes alone
	parents map[parent]int              // the same for children
	rules   map[int64]string            // fingerprints of rules by run

	newcomers *newcomers

	next    int64 // the last record id in use
	first   int64 // the last record id before this commit
	created []*stored
	touched []*stored
	past    []int64  // records whose version in the database goes to history
	history []stored // versions that came and went inside this commit

	quarantine quarantine
}

func newCommit(s *Store, tx *store.Tx, x storedRun) *commit {
	c := &commit{
		s: s, tx: tx, run: x, now: s.db.Now().UnixMicro(), sealer: sealer{s: s},
		known: map[[16]byte]*stored{}, byID: map[int64]*stored{}, emitted: map[[16]byte]map[int64]bool{}, emitter: map[int64]int64{}, linked: map[int64]int64{},
		links: map[emission]int{}, own: map[int64]bool{}, parents: map[parent]int{}, rules: map[int64]string{x.n: x.spec.Rules},
	}
	c.seen = seen{tx: tx, run: x.n, chunks: map[int64]*seenChunk{}}
	c.quarantine = quarantine{commit: c, items: map[[16]byte]*item{}, byRow: map[[16]byte][]*item{}}
	return c
}

// sweeps reports whether the run has to know what it saw.
func (c *commit) sweeps() bool { return c.run.spec.Sweep && !c.run.spec.Replay }

const storedColumns = "id, stream, ref, content, updated, observed, run, version, deleted, self, tokens, refs"

func (c *commit) scan(r store.Row) error {
	x := &stored{
		id: r.Int(0), stream: r.Int(1), ref: [16]byte(r.Bytes(2)), content: [16]byte(r.Bytes(3)), updated: r.Int(4), observed: r.Int(5),
		run: r.Int(6), version: r.Int(7), deleted: r.Int(8) != 0, self: r.Int(9) != 0, tokens: r.Bytes(10), refs: r.Bytes(11),
	}
	for t, id := range c.streams {
		if id == x.stream {
			x.typ = t
		}
	}
	c.known[x.ref], c.byID[x.id] = x, x
	return nil
}

// load reads what the rows may touch: the records of their refs and keys, what
// the rows emitted before, and quarantine items.
func (c *commit) load(ctx context.Context, rows []*preparedRow) error {
	var err error
	if c.streams, err = streamIDs(ctx, c.tx, c.run.spec.Source, c.run.spec.Stream); err != nil {
		return err
	}
	if c.first, err = c.tx.Int(ctx, "SELECT coalesce(max(id), 0) FROM record"); err != nil {
		return err
	}
	c.next = c.first
	if c.newcomers, err = c.s.newcomersOf(ctx, c.tx, &c.run.run, c.streamNumbers()); err != nil {
		return err
	}
	if err := c.quarantine.load(ctx, rows); err != nil {
		return err
	}
	if len(c.streams) == 0 {
		return nil
	}
	var refs [][]byte
	var keyed []*preparedRow
	want := func(ref [16]byte) {
		if _, ok := c.known[ref]; !ok {
			c.known[ref] = nil
			if !c.newcomers.new(ref) {
				refs = append(refs, slices.Clone(ref[:]))
			}
		}
	}
	for _, r := range rows {
		for i := range r.records {
			want(r.records[i].ref)
		}
		if r.key == "" || r.refusal != nil && !c.sweeps() {
			continue
		}
		keyed = append(keyed, r)
		for t := range c.streams {
			if !slices.ContainsFunc(r.records, func(p prepared) bool { return p.self && p.typ == t }) {
				want(c.ownRef(t, r.key))
			}
		}
	}
	// Keys in order walk the index from left to right.
	slices.SortFunc(refs, slices.Compare)
	if err := c.tx.InBytes(ctx, refs, c.scan, "SELECT "+storedColumns+" FROM record WHERE ref IN ($keys)"); err != nil {
		return err
	}
	return c.loadEmissions(ctx, keyed)
}

// ownRef names the record of a type that has its row's own key.
func (c *commit) ownRef(t record.Type, key string) [16]byte {
	return c.s.db.RefToken(record.Ref{Source: c.run.spec.Source, Stream: c.run.spec.Stream, Type: t, Key: key}.Canonical())
}

// loadEmissions reads the records that the rows emitted under other keys.
func (c *commit) loadEmissions(ctx context.Context, rows []*preparedRow) error {
	any, err := c.tx.Int(ctx, "SELECT count(*) FROM (SELECT 1 FROM emission LIMIT 1) AS x")
	if err != nil || any == 0 {
		return err
	}
	sources := make([][]byte, len(rows))
	for i, r := range rows {
		t := c.token(r)
		sources[i] = t[:]
	}
	var more []int64
	err = c.tx.InBytes(ctx, sources, func(r store.Row) error {
		row, id := [16]byte(r.Bytes(0)), r.Int(1)
		c.emits(row)[id] = true
		if c.byID[id] == nil && !slices.Contains(more, id) {
			more = append(more, id)
		}
		return nil
	}, "SELECT source_row, record FROM emission WHERE source_row IN ($keys)")
	if err != nil {
		return err
	}
	return c.tx.InInts(ctx, more, c.scan, "SELECT "+storedColumns+" FROM record WHERE id IN ($keys)")
}

// token names the source row; it is made only where it is asked for, and zero
// where the row has no key.
func (c *commit) token(r *preparedRow) [16]byte {
	if r.row == ([16]byte{}) && r.key != "" {
		r.row = c.s.db.RowToken(c.run.spec.Source, c.run.spec.Stream, r.key)
	}
	return r.row
}

func (c *commit) emits(row [16]byte) map[int64]bool {
	m, ok := c.emitted[row]
	if !ok {
		m = map[int64]bool{}
		c.emitted[row] = m
	}
	return m
}

// stamp returns the next number of what is made dirty.
func stamp(ctx context.Context, tx *store.Tx) (int64, error) {
	n, err := currentStamp(ctx, tx)
	if err != nil {
		return 0, err
	}
	return n + 1, tx.SetMeta(ctx, stampName, strconv.AppendInt(nil, n+1, 10))
}

func currentStamp(ctx context.Context, tx *store.Tx) (int64, error) {
	raw, err := tx.Meta(ctx, stampName)
	if err != nil {
		return 1, err
	}
	return stampOf(raw)
}

// stampName is the row of meta that holds the last number of what was made dirty.
const stampName = "stamp"

func stampOf(raw []byte) (int64, error) {
	if raw == nil {
		return 1, nil
	}
	return strconv.ParseInt(string(raw), 10, 64)
}

// mergeStale joins packed token sets, less the tokens that now stand.
func mergeStale(now []byte, old ...[]byte) []byte {
	group := func(pick func([]byte) []byte) []entity.Token {
		var all []entity.Token
		for _, o := range old {
			all = append(all, tokens(pick(o))...)
		}
		stands := map[entity.Token]bool{}
		for _, t := range tokens(pick(now)) {
			stands[t] = true
		}
		all = compact(all)
		return slices.DeleteFunc(all, func(t entity.Token) bool { return stands[t] })
	}
	blocks := group(func(p []byte) []byte { b, _ := splitTokens(p); return b })
	search := group(func(p []byte) []byte { _, s := splitTokens(p); return s })
	if len(blocks)+len(search) == 0 {
		return nil
	}
	packed := binary.AppendUvarint(nil, uint64(len(blocks)))
	for _, t := range blocks {
		packed = append(packed, t[:]...)
	}
	for _, t := range search {
		packed = append(packed, t[:]...)
	}
	return packed
}
