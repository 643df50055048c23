package golden

import (
	"bytes"
	"cmp"
	"context"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"crmhub/fault"
	"crmhub/governance/crypt"
	"crmhub/mdm/entity"
	"crmhub/record"
	"crmhub/schemas"
	"crmhub/store/canon"
)

// batch is what Prepare makes of some rows.
type batch struct{ rows []preparedRow }

// preparedRow is one source row, ready to be landed.
type preparedRow struct {
	place   record.Place
	key     string
	row     [16]byte // see commit.token
	records []prepared
	deleted bool
	refusal *refusal
	raw     func() []byte
}

// prepared is one record, hashed and sealed.
type prepared struct {
	typ      record.Type
	ref      [16]byte
	content  [16]byte
	op       record.Op
	self     bool // the record has its row's own key
	updated  int64
	observed int64
	tokens   []byte
	refs     []byte
	wrapped  []byte
	payload  []byte
}

// refusal is a row on its way to quarantine.
type refusal struct {
	stage   record.Stage
	code    fault.Code
	args    []byte
	item    [16]byte
	wrapped []byte
	sealed  []byte
}

// largest is how large a payload may be.
const largest = 256 << 20

// Prepare hashes and seals rows for Commit. It uses no database and may be
// called concurrently.
func (s *Store) Prepare(ctx context.Context, run record.RunID, rows []record.Landing) (any, error) {
	r, err := s.openRun(ctx, run)
	if err != nil {
		return nil, err
	}
	b := &batch{rows: make([]preparedRow, len(rows))}
	p := sealer{s: s}
	defer p.clear()
	kept := slab{records: make([]prepared, 0, len(rows))}
	for i := range rows {
		if i%256 == 0 && ctx.Err() != nil {
			return nil, ctx.Err()
		}
		if err := s.prepareRow(&p, &kept, r, &rows[i], &b.rows[i]); err != nil {
			return nil, err
		}
	}
	return b, nil
}

func (s *Store) prepareRow(p *sealer, kept *slab, run *run, l *record.Landing, out *preparedRow) error {
	*out = preparedRow{place: l.Place, key: l.Key, deleted: l.Deleted, raw: l.Raw}
	out.place.Columns = nil
	var err error
	if l.Refusal != nil {
		out.refusal, err = s.refuse(run, l.Refusal.Stage, l.Refusal.Fault, l.Refusal.Row)
		return err
	}
	if l.Deleted {
		return nil
	}
	if f := misfit(run, l); f != nil {
		out.refusal, err = s.refuse(run, record.StageLand, f, rawRow(l.Raw, l.Records))
		return err
	}
	out.records = kept.room(len(l.Records))
	for i := range l.Records {
		rec := &l.Records[i]
		if err := s.prepareRecord(p, kept, l.Key, rec, &out.records[i]); err != nil {
			return err
		}
		if size := len(out.records[i].payload); size > largest {
			f := fault.New("E3405", l.Place.String(), "type", rec.Ref.Type, "megabytes", size>>20)
			out.records = nil
			out.refusal, err = s.refuse(run, record.StageLand, f, rawRow(l.Raw, l.Records))
			return err
		}
	}
	return nil
}

// misfit says why a row's records cannot land together, nil where they can.
func misfit(run *run, l *record.Landing) error {
	for i := range l.Records {
		switch ref := l.Records[i].Ref; {
		case ref.Key == "":
			return fault.New("E3403", l.Place.String(), "type", ref.Type)
		case ref.Source != run.spec.Source || ref.Stream != run.spec.Stream:
			return fault.New("E3404", l.Place.String(), "type", ref.Type)
		case slices.ContainsFunc(l.Records[:i], func(o record.Record) bool { return o.Ref == ref }):
			return fault.New("E3402", l.Place.String(), "type", ref.Type)
		}
	}
	return nil
}

// rawRow is the row as it goes to quarantine when the store itself refuses it.
func rawRow(raw func() []byte, records []record.Record) []byte {
	if raw != nil {
		return raw()
	}
	all := make([]any, len(records))
	for i, r := range records {
		all[i] = map[string]any(r.Fields)
	}
	return canon.Append(nil, all)
}

func micros(t time.Time) int64 {
	if t.IsZero() {
		return undated
	}
	return t.UnixMicro()
}

func instant(micros int64) time.Time {
	if micros == undated {
		return time.Time{}
	}
	return time.UnixMicro(micros).UTC()
}

func (s *Store) prepareRecord(p *sealer, kept *slab, rowKey string, rec *record.Record, out *prepared) error {
	p.value = rec.Ref.AppendCanonical(p.value[:0])
	*out = prepared{
		typ: rec.Ref.Type, ref: s.db.RefTokenOf(p.value), op: rec.Op, self: rec.Ref.Key == rowKey && rowKey != "",
		updated: micros(rec.UpdatedAt), observed: rec.Observed.UnixMicro(),
	}
	schema, _ := s.schema(rec.Ref.Type)
	p.layout = s.layoutOf(schema)
	fields, invalid := rec.Fields, invalidJSON(rec.Invalid)
	if rec.Op == record.Delete {
		fields, invalid = nil, nil
	}
	p.features = p.features[:0]
	content := p.canonical(fields, invalid)
	out.content = s.contentToken(content, out.updated)
	if rec.Op == record.Upsert {
		p.packed = p.appendTokens(p.packed[:0], rec.Ref.Type, schema, fields)
		out.tokens = kept.keep(p.packed)
		if p.refs {
			out.refs = s.parents(fields)
		}
		if bytes.Contains(content, replaced) {
			p.features = p.features[:0] // what is read again may differ from fields
		}
	}
	k, wrapped, err := s.db.NewDataKey()
	if err != nil {
		return err
	}
	out.wrapped = wrapped
	p.packed = p.pack(p.packed[:0], k, string(rec.Ref.Type), out.ref[:], schema, rec.Ref.Key)
	out.payload = kept.keep(p.packed)
	return nil
}

// replaced stands in canonical plaintexts where bytes were no text.
var replaced = []byte("\uFFFD")

// contentToken is equal for versions of one content and instant.
func (s *Store) contentToken(content []byte, updated int64) [16]byte {
	return s.db.ContentTokenOf("record", binary.BigEndian.AppendUint64(content, uint64(updated)))
}

func (s *Store) schema(t record.Type) (*schemas.Schema, bool) {
	if s.o.Schemas == nil {
		return nil, false
	}
	return s.o.Schemas.Schema(t)
}

// slab holds what is kept of many records in few pieces of memory.
type slab struct {
	free []byte
	size int // of the last piece
	// records are those of rows with one record, which most rows have.
	records []prepared
}

// slabBytes is how large a piece may be; the first is the smallest. What is
// larger than a part of it gets a piece of its own.
const slabBytes = 64 << 10

// room returns room for n records.
func (s *slab) room(n int) []prepared {
	at := len(s.records)
	if at+n > cap(s.records) {
		return make([]prepared, n)
	}
	s.records = s.records[:at+n]
	return s.records[at : at+n : at+n]
}

// keep returns a copy of b; nil for an empty one.
func (s *slab) keep(b []byte) []byte {
	switch n := len(b); {
	case n == 0:
		return nil
	case n > slabBytes/8:
		return bytes.Clone(b)
	case n > len(s.free):
		s.size = min(max(2*s.size, slabBytes/8), slabBytes)
		s.free = make([]byte, s.size)
	}
	own := s.free[:len(b):len(b)]
	s.free = s.free[copy(own, b):]
	return own
}

// appendTokens appends a customer's blind tokens to dst: how many are for blocking
// (uvarint), those, then the ones for search, each group sorted and without doubles.
// Other types have none: only customers are resolved and searched. Beside, it leaves what
// comparing asks of the customer in features.
func (p *sealer) appendTokens(dst []byte, t record.Type, schema *schemas.Schema, f record.Fields) []byte {
	s := p.s
	if t != record.Customer {
		return dst
	}
	p.tokens = p.tokens[:0]
	if s.o.Features != nil {
		if p.block == nil { // made once, for it costs memory
			p.block = func(key []byte) { p.tokens = append(p.tokens, s.db.BlindTokenOf("block", key)) }
		}
		p.features = s.o.Features(p.features, f, p.block)
	}
	p.tokens = compact(p.tokens)
	n := len(p.tokens)
	for _, x := range s.layoutOf(schema).indexed {
		if v, ok := f[x.name]; ok {
			leaves(v, func(text string) {
				p.value = appendFold(p.value[:0], text)
				p.tokens = append(p.tokens, s.db.BlindTokenOf(x.space, p.value))
			})
		}
	}
	p.tokens = p.tokens[:n+len(compact(p.tokens[n:]))]
	if len(p.tokens) == 0 {
		return dst
	}
	dst = binary.AppendUvarint(dst, uint64(n))
	for i := range p.tokens {
		dst = append(dst, p.tokens[i][:]...)
	}
	return dst
}

func (s *Store) searchToken(field, value string) entity.Token {
	return s.db.BlindToken(searchSpace(field), fold(value))
}

// searchSpace is the space of a field's search tokens.
func searchSpace(field string) string { return "search:" + field }

// tokenSize is how many bytes a token has.
const tokenSize = len(entity.Token{})

// compact sorts tokens and takes doubles out.
func compact(all []entity.Token) []entity.Token {
	slices.SortFunc(all, func(a, b entity.Token) int {
		return cmp.Compare(binary.BigEndian.Uint64(a[:]), binary.BigEndian.Uint64(b[:]))
	})
	return slices.Compact(all)
}

// leaves calls f with every text in v.
func leaves(v any, f func(string)) {
	switch x := v.(type) {
	case string:
		f(x)
	case json.Number:
		f(string(x))
	case []any:
		for _, e := range x {
			leaves(e, f)
		}
	case map[string]any:
		for _, e := range x {
			leaves(e, f)
		}
	}
}

// splitTokens takes a record's packed tokens apart, still packed: blocking, search.
func splitTokens(packed []byte) (blocks, search []byte) {
	n, size := binary.Uvarint(packed)
	if size <= 0 || uint64(len(packed)-size)/uint64(tokenSize) < n {
		return nil, nil
	}
	return packed[size : size+tokenSize*int(n)], packed[size+tokenSize*int(n):]
}

// parents are the tokens of the refs that a record's fields hold, packed and
// sorted: through them an order is found from its customer.
func (s *Store) parents(f record.Fields) []byte {
	var all [][16]byte
	for _, v := range f {
		if ref, ok := reference(v); ok {
			all = append(all, s.db.RefToken(ref.Canonical()))
		}
	}
	if len(all) == 0 {
		return nil
	}
	slices.SortFunc(all, func(a, b [16]byte) int { return bytes.Compare(a[:], b[:]) })
	var packed []byte
	for _, t := range slices.Compact(all) {
		packed = append(packed, t[:]...)
	}
	return packed
}

// reference returns the ref that a field holds: an object of source, stream,
// type and key.
func reference(v any) (record.Ref, bool) {
	m, ok := v.(map[string]any)
	if !ok || len(m) != 4 {
		return record.Ref{}, false
	}
	part := func(name string) string {
		t, is := m[name].(string)
		ok = ok && is && t != ""
		return t
	}
	ref := record.Ref{Source: part("source"), Stream: part("stream"), Type: record.Type(part("type")), Key: part("key")}
	return ref, ok
}

// refuse seals a row for quarantine. The item is the pipeline and the row.
func (s *Store) refuse(run *run, stage record.Stage, cause error, row []byte) (*refusal, error) {
	f := fault.Of(cause)
	if f == nil {
		return nil, fmt.Errorf("stage %s refused a row without a fault: %w", stage, cause)
	}
	r := &refusal{stage: stage, code: f.Code}
	if len(f.Args) > 0 {
		var err error
		if r.args, err = json.Marshal(f.Args); err != nil {
			return nil, fmt.Errorf("arguments of %s: %w", f.Code, err)
		}
	}
	named := crypt.AppendAD(nil, run.spec.Pipeline)
	r.item = s.db.ContentToken("quarantine", string(append(named, row...)))
	if len(row) == 0 {
		row = []byte("null")
	}
	var err error
	r.wrapped, r.sealed, err = s.db.SealOne("quarantine", r.item[:], row)
	return r, err
}
