// Package golden keeps source records, entities and golden records: the one place where personal data is sealed on its way into the store.
package golden

import (
	"context"
	"strings"
	"sync"
	"sync/atomic"
	"unicode/utf8"

	"crmhub/mdm/compare"
	"crmhub/mdm/entity"
	"crmhub/record"
	"crmhub/schemas"
	"crmhub/store"
)

// Options say what the store has to know of the canonical model and of the match model.
type Options struct {
	Schemas *schemas.Set
	// Features appends to dst what comparing asks of a customer, packed, which is kept sealed
	// beside its fields, and calls block with each of its plain blocking keys, which are kept as
	// keyed tokens only. Nil means none.
	Features func(dst []byte, f record.Fields, block func(key []byte)) []byte
	// Model is the version of the match model that the blocking keys belong to. Where
	// the store's records were landed under another one, their tokens are made
	// anew by Retoken.
	Model string
}

// Store lands records and keeps what the resolver makes of them. It is safe
// for concurrent use, but one run lands and one resolver works at a time: see DB.Lock.
type Store struct {
	db *store.DB
	o  Options

	mu    sync.Mutex
	words map[string]int64
	texts map[int64]string
	runs  map[record.RunID]*run
	// streamNames are those of the streams by number, as far as they were asked for.
	streamNames map[int64]streamName
	// runIDs are the ids of runs by number.
	runIDs map[int64]record.RunID
	mark   int64 // records made dirty after this stamp changed after the resolver began to read
	// passing is the resolve of all customers under way, nil for none.
	passing *pass
	// holders is what is known of the token index.
	holders knownHolders
	// headless says that most customers looked at last landed without what is compared.
	headless atomic.Bool

	ids idSource
	// layouts are those of the schemas, which never change.
	layouts map[*schemas.Schema]*layout
	// names are those of the entries of payloads, attributes those of them that comparing asks for.
	names      map[string]string
	attributes map[string]bool
	plains     sync.Pool
	// holdings is room for a part of the token index.
	holdings sync.Pool
}

// streamName is a stream of records of one type, which the store keeps once
// under a small number.
type streamName struct {
	source, stream string
	typ            record.Type
}

// New returns the golden store in db.
func New(db *store.DB, o Options) *Store {
	s := &Store{db: db, o: o, words: map[string]int64{}, texts: map[int64]string{}, runs: map[record.RunID]*run{}, runIDs: map[int64]record.RunID{}, layouts: layouts(o.Schemas)}
	s.names, s.plains.New = s.entryNames(), func() any { return &plainText{} }
	s.attributes = map[string]bool{extrasEntry: true}
	for _, name := range compare.Attributes() {
		s.attributes[name] = true
	}
	s.holdings.New = func() any { return &[]holding{} }
	return s
}

// undated is the source_updated_at of a record that has none.
const undated = -1 << 63

// streamIDs returns the numbers of a source's stream, by type.
func streamIDs(ctx context.Context, tx *store.Tx, source, stream string) (map[record.Type]int64, error) {
	ids := map[record.Type]int64{}
	err := tx.Each(ctx, func(r store.Row) error {
		ids[record.Type(r.Text(1))] = r.Int(0)
		return nil
	}, "SELECT id, type FROM stream WHERE source = $1 AND stream = $2", source, stream)
	return ids, err
}

// addStream gives a stream its number.
func addStream(ctx context.Context, tx *store.Tx, n streamName) (int64, error) {
	id, err := tx.Int(ctx, "SELECT coalesce(max(id), 0) + 1 FROM stream")
	if err != nil {
		return 0, err
	}
	err = tx.Do(ctx, "INSERT INTO stream (id, source, stream, type) VALUES ($1, $2, $3, $4)", id, n.source, n.stream, string(n.typ))
	return id, err
}

// dictionary gives numbers to the texts that golden records repeat: the names of
// survivorship rules and of a record's attributes. It belongs to one
// transaction; what it added is kept for the next when that one stands.
type dictionary struct {
	s     *Store
	tx    *store.Tx
	added map[string]int64
}

func (d *dictionary) number(ctx context.Context, text string) (int64, error) {
	d.s.mu.Lock()
	id, ok := d.s.words[text]
	d.s.mu.Unlock()
	if !ok {
		id, ok = d.added[text]
	}
	if ok {
		return id, nil
	}
	// Another resolver may take the number, or write the word, at the same moment: whoever
	// comes second waits for the first and then looks again.
	for id == 0 {
		var err error
		if id, err = d.tx.Int(ctx, "SELECT id FROM word WHERE text = $1", text); err != nil {
			return 0, err
		}
		if id != 0 {
			break
		}
		fresh, err := d.tx.Int(ctx, "SELECT coalesce(max(id), 0) + 1 FROM word")
		if err != nil {
			return 0, err
		}
		added, err := d.tx.Exec(ctx, "INSERT INTO word (id, text) VALUES ($1, $2) ON CONFLICT DO NOTHING", fresh, text)
		if err != nil {
			return 0, err
		}
		id = fresh * added
	}
	if d.added == nil {
		d.added = map[string]int64{}
	}
	d.added[text] = id
	return id, nil
}

// keep is called once the transaction stands.
func (d *dictionary) keep() {
	d.s.mu.Lock()
	defer d.s.mu.Unlock()
	for text, id := range d.added {
		d.s.words[text], d.s.texts[id] = id, text
	}
}

// text returns the text of that number.
func (s *Store) text(ctx context.Context, tx *store.Tx, id int64) (string, error) {
	s.mu.Lock()
	t, ok := s.texts[id]
	s.mu.Unlock()
	if ok {
		return t, nil
	}
	_, err := tx.One(ctx, func(r store.Row) error {
		t = r.Text(0)
		return nil
	}, "SELECT text FROM word WHERE id = $1", id)
	if err == nil && t != "" {
		s.mu.Lock()
		s.words[t], s.texts[id] = id, t
		s.mu.Unlock()
	}
	return t, err
}

// fold is how an indexed value is compared: without case and outer space.
func fold(s string) string { return strings.ToLower(strings.TrimSpace(s)) }

// appendFold appends fold(s) to dst.
func appendFold(dst []byte, s string) []byte {
	for i := range len(s) {
		if s[i] >= utf8.RuneSelf {
			return append(dst, fold(s)...)
		}
	}
	at := len(dst)
	dst = append(dst, strings.TrimSpace(s)...)
	for i := at; i < len(dst); i++ {
		if c := dst[i]; 'A' <= c && c <= 'Z' {
			dst[i] = c + 'a' - 'A'
		}
	}
	return dst
}

// tokens are packed tokens one by one.
func tokens(packed []byte) []entity.Token {
	if len(packed) == 0 {
		return nil
	}
	all := make([]entity.Token, len(packed)/len(entity.Token{}))
	for i := range all {
		copy(all[i][:], packed[len(all[i])*i:])
	}
	return all
}
