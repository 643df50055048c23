package mongodb

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"time"

	"go.mongodb.org/mongo-driver/bson"
	"go.mongodb.org/mongo-driver/mongo"
	"go.mongodb.org/mongo-driver/mongo/options"

	"crmhub/connectors"
	"crmhub/fault"
	"crmhub/record"
)

// Read reads a collection.
//
// A full read goes through the documents in the order of _id. An incremental
// read first does the same, and afterwards reads documents whose cursor is not
// less than where the last one ended, less the overlap: one that has the same
// cursor as the last is read again rather than missed. Documents without a
// cursor, or with one of another type, are read every time. MongoDB has no
// snapshot that lasts: a document that changes during a read is read in
// either state, and again by the next.
func (s *source) Read(ctx context.Context, r connectors.Request, emit connectors.Emit) (err error) {
	if r.Query != "" {
		return fault.New("E2227", s.place(r.Stream), "connector", "mongodb")
	}
	db, closed, err := s.connect(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, closed()) }()
	rd := &reader{s: s, db: db, c: db.Collection(r.Stream), r: r, emit: emit, size: r.BatchRows, key: r.Key, cursor: r.Cursor}
	if rd.size <= 0 {
		rd.size = 1000
	}
	if len(rd.key) == 0 {
		rd.key = []string{"_id"}
	}
	if err := rd.prepare(ctx); err != nil {
		return s.explain(ctx, err, s.place(r.Stream))
	}
	return rd.read(ctx)
}

// heavy is how much a batch may hold, in bytes of BSON, before it is handed
// over with fewer documents than asked for.
const heavy = 16 << 20

// reader is one read under way.
type reader struct {
	s      *source
	db     *mongo.Database
	c      *mongo.Collection
	r      connectors.Request
	emit   connectors.Emit
	size   int
	key    []string
	cursor string
	pos    position
	batch  []record.Row
	// lastID and lastCursor are those of the document read last.
	lastID     *value
	lastCursor *value
	weight     int // of batch, in bytes of BSON
	total      int
}

// prepare holds that what the request names exists.
func (rd *reader) prepare(ctx context.Context) error {
	all, err := rd.db.ListCollectionNames(ctx, bson.D{})
	if code, _ := trouble(err); err != nil && code != "E2207" { // who may not list may read all the same
		return err
	}
	if err == nil && !slices.Contains(all, rd.r.Stream) {
		return fault.New("E2205", rd.s.cfg.Name, "table", rd.r.Stream, "nearest", fault.Nearest(rd.r.Stream, all))
	}
	fields, err := rd.s.fields(ctx, rd.c)
	if err != nil {
		return err
	}
	if rd.r.Mode == connectors.Incremental && rd.cursor == "" {
		if rd.cursor = likelyCursor(fields); rd.cursor == "" {
			return fault.New("E2211", rd.s.place(rd.r.Stream), "stream", rd.r.Stream)
		}
	}
	named := slices.Clone(rd.key)
	if rd.r.Mode == connectors.Incremental {
		named = append(named, rd.cursor)
	}
	if rd.r.Deleted != "" {
		named = append(named, rd.r.Deleted)
	}
	for _, name := range named {
		if err := rd.exists(ctx, name, fields); err != nil {
			return err
		}
	}
	return nil
}

// exists holds that some document has the field; an empty collection has all.
func (rd *reader) exists(ctx context.Context, name string, fields []field) error {
	top, _, _ := strings.Cut(name, ".")
	if name == "_id" || len(fields) == 0 || (top == name && slices.ContainsFunc(fields, func(f field) bool { return f.name == name })) {
		return nil
	}
	err := rd.c.FindOne(ctx, bson.D{{Key: name, Value: bson.D{{Key: "$exists", Value: true}}}}).Err()
	if errors.Is(err, mongo.ErrNoDocuments) {
		var known []string
		for _, f := range fields {
			known = append(known, f.name)
		}
		return fault.New("E2206", rd.s.place(rd.r.Stream), "stream", rd.r.Stream, "column", name, "nearest", fault.Nearest(name, known))
	}
	return err
}

func (rd *reader) print() string {
	parts := append([]string{rd.r.Stream, rd.cursor}, rd.key...)
	b, err := json.Marshal(parts)
	if err != nil {
		return ""
	}
	return string(b)
}

func (rd *reader) read(ctx context.Context) error {
	pos, found := decodePosition(rd.r.From, rd.r.Mode, rd.print())
	incremental := rd.r.Mode == connectors.Incremental
	switch {
	case !found, incremental && pos.Done && pos.Next == nil:
		rd.pos = position{Mode: rd.r.Mode, Print: rd.print(), Phase: phaseLoad}
		if incremental {
			var err error
			if rd.pos.Next, err = rd.highest(ctx); err != nil {
				return rd.s.explain(ctx, err, rd.s.place(rd.r.Stream))
			}
		}
	case pos.Done && !incremental:
		return nil
	case pos.Done:
		start := pos.Next.earlier(rd.r.Overlap)
		rd.pos = position{Mode: pos.Mode, Print: pos.Print, Phase: phaseOther, Start: &start, Next: pos.Next}
	default:
		rd.pos = pos
		if pos.Phase == phaseCursor && pos.Since == nil {
			rd.pos.Since = pos.Cursor
		}
	}
	for {
		if err := rd.phase(ctx); err != nil {
			return err
		}
		if rd.full() {
			return rd.flush(ctx)
		}
		if rd.pos.Phase != phaseOther {
			return rd.finish(ctx)
		}
		if err := rd.flush(ctx); err != nil {
			return err
		}
		rd.pos.Phase, rd.pos.ID = phaseCursor, nil
	}
}

// highest returns the greatest cursor: of the dates, if there are any.
func (rd *reader) highest(ctx context.Context) (*value, error) {
	dates := bson.D{{Key: rd.cursor, Value: bson.D{{Key: "$type", Value: "date"}}}}
	some := bson.D{{Key: rd.cursor, Value: bson.D{{Key: "$ne", Value: nil}}}}
	for _, filter := range []bson.D{dates, some} {
		o := options.FindOne().SetSort(bson.D{{Key: rd.cursor, Value: -1}})
		raw, err := rd.c.FindOne(ctx, filter, o).Raw()
		if errors.Is(err, mongo.ErrNoDocuments) {
			continue
		}
		if err != nil {
			return nil, err
		}
		if v, err := raw.LookupErr(strings.Split(rd.cursor, ".")...); err == nil {
			return valueOf(v), nil
		}
	}
	return nil, nil
}

// phase reads the phase that the position is in to its end. Where the server
// drops a cursor that was idle for too long, it goes on with a new one.
func (rd *reader) phase(ctx context.Context) error {
	for {
		before := rd.total
		err := rd.find(ctx)
		if err == nil || !vanished(err) || rd.total == before {
			return rd.s.explain(ctx, err, rd.s.place(rd.r.Stream))
		}
		if err := rd.flush(ctx); err != nil {
			return err
		}
	}
}

func (rd *reader) find(ctx context.Context) (err error) {
	filter, sort := rd.query()
	o := options.Find().SetSort(sort).SetBatchSize(int32(min(rd.size, 5000))).SetAllowDiskUse(true)
	if left := rd.r.Limit - rd.total; rd.r.Limit > 0 {
		o.SetLimit(int64(left))
	}
	cur, err := rd.c.Find(ctx, filter, o)
	if err != nil {
		return err
	}
	defer func() {
		if closeErr := cur.Close(context.WithoutCancel(ctx)); err == nil {
			err = closeErr
		}
	}()
	for cur.Next(ctx) {
		rd.take(cur.Current)
		if rd.full() {
			return nil
		}
		if len(rd.batch) == rd.size || rd.weight > heavy {
			if err := rd.flush(ctx); err != nil {
				return err
			}
		}
	}
	return cur.Err()
}

// query returns filter and order of what is left of the phase.
func (rd *reader) query() (filter, sort bson.D) {
	sort = bson.D{{Key: "_id", Value: 1}}
	filter = bson.D{}
	switch rd.pos.Phase {
	case phaseOther:
		same := bson.D{{Key: "$type", Value: aliases(bracket(rd.pos.Start.Type))}}
		filter = bson.D{{Key: rd.cursor, Value: bson.D{{Key: "$not", Value: same}}}}
	case phaseCursor:
		sort = bson.D{{Key: rd.cursor, Value: 1}, {Key: "_id", Value: 1}}
		if rd.pos.Cursor == nil || rd.pos.ID == nil {
			return bson.D{{Key: rd.cursor, Value: bson.D{{Key: "$gte", Value: rd.pos.Start.raw()}}}}, sort
		}
		at := rd.pos.Cursor.raw()
		branches := bson.A{bson.D{{Key: rd.cursor, Value: bson.D{{Key: "$gt", Value: at}}}}}
		for _, b := range afterID(*rd.pos.ID) {
			branches = append(branches, append(bson.D{{Key: rd.cursor, Value: at}}, b...))
		}
		return bson.D{{Key: "$or", Value: branches}}, sort
	}
	if rd.pos.ID == nil {
		return filter, sort
	}
	branches := bson.A{}
	for _, b := range afterID(*rd.pos.ID) {
		branches = append(branches, append(slices.Clone(filter), b...))
	}
	return bson.D{{Key: "$or", Value: branches}}, sort
}

// afterID returns the filters of which documents behind an _id meet one:
// greater ones of its own bracket of types, and those that are in no bracket
// up to it. The latter are told by what they are not, since not every server
// knows the names of all types.
func afterID(id value) []bson.D {
	greater := bson.D{{Key: "_id", Value: bson.D{{Key: "$gt", Value: id.raw()}}}}
	at := bracket(id.Type)
	if id.Type == bson.TypeMinKey {
		return []bson.D{{{Key: "_id", Value: bson.D{{Key: "$ne", Value: id.raw()}}}}}
	}
	if at < 0 || id.Type == bson.TypeMaxKey {
		return []bson.D{greater}
	}
	passed := bson.A{}
	for i := 1; i <= at; i++ {
		passed = append(passed, aliases(i)...)
	}
	later := bson.D{{Key: "$not", Value: bson.D{{Key: "$type", Value: passed}}}}
	return []bson.D{greater, {{Key: "_id", Value: later}}}
}

// full reports whether the request's limit is reached.
func (rd *reader) full() bool { return rd.r.Limit > 0 && rd.total >= rd.r.Limit }

// take adds a document to the batch.
func (rd *reader) take(raw bson.Raw) {
	rd.total++
	rd.weight += len(raw)
	row := record.Row{Place: record.Place{Name: rd.r.Stream}}
	if id, err := raw.LookupErr("_id"); err == nil {
		rd.lastID = valueOf(id)
	}
	if rd.pos.Phase == phaseCursor {
		if v, err := raw.LookupErr(strings.Split(rd.cursor, ".")...); err == nil {
			rd.lastCursor = valueOf(v)
		}
	}
	data, err := document(raw, 0)
	if err != nil {
		row.Fault = fault.New("E2223", row.Place.String()).Because(err)
		row.Raw = slices.Clone(raw)
	} else {
		row.Data = data
		row.Key = joined(data, rd.key)
		row.Deleted = rd.r.Deleted != "" && record.Truth(lookup(data, rd.r.Deleted))
	}
	rd.batch = append(rd.batch, row)
}

// flush hands over the batch, with the position after it.
func (rd *reader) flush(ctx context.Context) error {
	if len(rd.batch) == 0 {
		return nil
	}
	rd.advance()
	return rd.hand(ctx)
}

// advance moves the position behind the last document.
func (rd *reader) advance() {
	if len(rd.batch) == 0 {
		return
	}
	rd.pos.ID = rd.lastID
	if rd.pos.Phase == phaseCursor {
		rd.pos.Cursor = rd.lastCursor
	}
}

func (rd *reader) hand(ctx context.Context) error {
	b := connectors.Batch{Rows: rd.batch}
	rd.batch, rd.weight = nil, 0
	return connectors.HandOver(ctx, rd.emit, b, rd.pos)
}

// finish hands over what is left and the position of a finished read.
func (rd *reader) finish(ctx context.Context) error {
	rd.advance()
	done := position{Mode: rd.pos.Mode, Print: rd.pos.Print, Next: rd.pos.Next, Done: true}
	if rd.pos.Phase == phaseCursor && rd.pos.Cursor != nil {
		done.Next = rd.pos.Cursor
	}
	if rd.pos.Since != nil {
		done.Next = rd.pos.Since
	}
	if done.Next != nil {
		next := done.Next.notAfter(rd.now(ctx))
		done.Next = &next
	}
	rd.pos = done
	return rd.hand(ctx)
}

// now is the server's time, ours where it does not tell.
func (rd *reader) now(ctx context.Context) time.Time {
	raw, err := rd.db.RunCommand(ctx, bson.D{{Key: "hello", Value: 1}}).Raw()
	if err == nil {
		if v, err := raw.LookupErr("localTime"); err == nil && v.Type == bson.TypeDateTime {
			return v.Time()
		}
	}
	return rd.s.cfg.Now()
}

// joined joins the key's fields; "" where one of them is empty.
func joined(data map[string]any, key []string) string {
	parts := make([]string, len(key))
	for i, name := range key {
		parts[i] = keyText(lookup(data, name))
	}
	return record.JoinKey(parts...)
}

func keyText(v any) string {
	switch v := v.(type) {
	case nil:
		return ""
	case string:
		return v
	case json.Number:
		return v.String()
	}
	b, err := json.Marshal(v)
	if err != nil {
		return ""
	}
	return string(b)
}

// lookup returns a field by its name or path (a.b).
func lookup(data map[string]any, name string) any {
	if v, ok := data[name]; ok {
		return v
	}
	top, rest, ok := strings.Cut(name, ".")
	if !ok {
		return nil
	}
	inner, ok := data[top].(map[string]any)
	if !ok {
		return nil
	}
	return lookup(inner, rest)
}
