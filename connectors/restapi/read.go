package restapi

import (
	"context"
	"errors"
	"maps"
	"slices"
	"time"

	"crmhub/connectors"
	"crmhub/fault"
	"crmhub/record"
)

// heavy is how much a batch may hold, in bytes of JSON, before it is handed
// over with fewer rows than asked for.
const heavy = 16 << 20

// reader is one read under way.
type reader struct {
	s    *source
	name string
	st   *Stream
	r    connectors.Request
	emit connectors.Emit
	size int
	// fresh are the keys of what came as new, which reread passes over.
	fresh map[string]bool
	// warned says that a bound which the server passes over was told of.
	warned bool
	key    []string
	cursor *Cursor
	zone   *time.Location
	pos    position
	batch  []record.Row
	weight int
	total  int
}

// Read reads a stream.
//
// A full read takes the list, and then the list of what was deleted, if there
// is one. An incremental read does the same once; afterwards it asks for what
// changed since the greatest cursor of the last read, but never since later
// than that read began: a list that is not ordered by its cursor may have
// passed a record before it changed.
func (s *source) Read(ctx context.Context, r connectors.Request, emit connectors.Emit) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	st, known := s.api.Streams[r.Stream]
	if !known {
		names := slices.Sorted(maps.Keys(s.api.Streams))
		return fault.New("E2320", s.cfg.Name, "stream", r.Stream, "nearest", fault.Nearest(r.Stream, names), "known", join(names))
	}
	if r.Query != "" {
		return fault.New("E2227", s.c.place(r.Stream), "connector", "rest")
	}
	rd := &reader{s: s, name: r.Stream, st: st, r: r, emit: emit, size: r.BatchRows, key: r.Key, cursor: st.Cursor}
	if rd.size <= 0 {
		rd.size = 1000
	}
	if len(rd.key) == 0 {
		rd.key = st.Key
	}
	if st.Cursor != nil && r.Cursor != "" && r.Cursor != st.Cursor.Field {
		c := *st.Cursor
		c.Field = r.Cursor
		rd.cursor = &c
	}
	if r.Mode == connectors.Incremental && rd.cursor == nil && st.Changes == nil && st.List.Paging.Delta == "" {
		return fault.New("E2321", s.c.place(r.Stream), "stream", r.Stream)
	}
	rd.zone = rd.cursor.zone(s.cfg.Zone)
	err := rd.read(ctx)
	if errors.Is(err, errFull) {
		return rd.flush(ctx)
	}
	return err
}

func join(names []string) string {
	if len(names) > 20 {
		names = append(names[:20:20], "…")
	}
	out := ""
	for i, n := range names {
		if i > 0 {
			out += ", "
		}
		out += n
	}
	return out
}

// read goes through the phases.
func (rd *reader) read(ctx context.Context) error {
	print := fingerprint(rd.name, rd.st, rd.r)
	pos, found := decodePosition(rd.r.From, rd.r.Mode, print)
	switch {
	case found && pos.Done && rd.r.Mode == connectors.Full:
		return nil
	case found && pos.Done:
		rd.pos = position{Mode: pos.Mode, Print: print, Next: pos.Next, NextGone: pos.NextGone, Delta: pos.Delta, Whole: pos.Whole}
		rd.pos.Begun = rd.began()
		if rd.wholeDue() {
			rd.pos.Whole = rd.pos.Begun
			rd.pos.begin(phaseRows, "")
		} else if rd.st.Changes != nil {
			rd.pos.begin(phaseChanges, rd.st.Changes.Cursor.earlier(pos.Next, max(rd.r.Overlap, rd.st.Changes.Cursor.Overlap)))
		} else {
			rd.pos.begin(phaseRows, rd.back(pos.Next))
		}
	case found:
		rd.pos = pos
	default:
		rd.restart(print)
	}
	for again := found; ; {
		err := rd.phase(ctx)
		if errors.Is(err, errExpired) && again && len(rd.pos.Places) > 0 {
			// The page at which an unfinished read stood is no longer known: the
			// list begins anew, the rest of the position stands.
			if err := rd.flush(ctx); err != nil {
				return err
			}
			again, rd.pos.Places = false, nil
			continue
		}
		if errors.Is(err, errExpired) && !rd.pos.First {
			// The server no longer knows the position: read everything once more.
			if err := rd.flush(ctx); err != nil {
				return err
			}
			rd.s.cfg.Log.Warn("position expired, reading anew", "connection", rd.s.cfg.Name, "stream", rd.name)
			rd.restart(print)
			continue
		}
		if err != nil {
			return plainFault(err)
		}
		if !rd.advance() {
			return rd.finish(ctx)
		}
	}
}

// restart begins as if nothing had been read before.
func (rd *reader) restart(print string) {
	rd.pos = position{Mode: rd.r.Mode, Print: print, First: true, Begun: rd.began()}
	rd.pos.Whole = rd.pos.Begun
	rd.pos.begin(phaseRows, "")
}

// plainFault takes the fault out of errors that were joined to it to be told apart.
func plainFault(err error) error {
	if errors.Is(err, errExpired) || errors.Is(err, errTooMany) {
		if f := fault.Of(err); f != nil {
			return f
		}
	}
	return err
}

// began is the instant from which on changes may be missed by this read: a
// little before now.
func (rd *reader) began() string {
	rd.s.c.date = time.Time{}
	return rd.s.cfg.Now().UTC().Add(-time.Minute).Format(canonical)
}

// byServer moves the beginning back where the server's clock is behind ours.
func (rd *reader) byServer() {
	if d := rd.s.c.date; !d.IsZero() {
		rd.pos.Begun = min(rd.pos.Begun, d.UTC().Add(-time.Second).Format(canonical))
	}
}

// back moves a cursor back by the overlap.
func (rd *reader) back(next string) string {
	if rd.cursor == nil {
		return next
	}
	return rd.cursor.earlier(next, max(rd.r.Overlap, rd.cursor.Overlap))
}

// phase reads the phase that the position is in.
func (rd *reader) phase(ctx context.Context) error {
	switch rd.pos.Phase {
	case phaseChanges:
		return rd.changes(ctx)
	case phaseGone:
		d := rd.st.Deletes
		key := rd.key
		if len(d.Key) > 0 {
			key = d.Key
		}
		return rd.slices(ctx, slice{call: d.List, cursor: d.Cursor, vars: rd.s.vars, key: key, gone: true})
	}
	s := slice{call: &rd.st.List, cursor: rd.cursor, key: rd.key}
	switch {
	case rd.pos.Phase == phaseReread:
		s.call, s.cursor = rd.st.Reread, nil
	case rd.st.Incremental != nil && rd.pos.Since != "":
		s.call = rd.st.Incremental
	}
	return rd.each(ctx, rd.st, 1, rd.s.vars, func(ctx context.Context, v vars) error {
		s.vars = v
		return rd.slices(ctx, s)
	})
}

// advance enters the next phase; false where there is none.
func (rd *reader) advance() bool {
	rd.byServer()
	p := &rd.pos
	switch p.Phase {
	case phaseRows:
		p.Next = rd.next(rd.cursor, p.Next)
		if rd.st.Changes != nil {
			p.Next = p.Begun
		}
		if rd.st.Reread != nil && p.Since != "" {
			p.begin(phaseReread, "")
			return true
		}
	case phaseChanges:
		p.Next = rd.next(&rd.st.Changes.Cursor, p.Next)
	case phaseGone:
		p.NextGone = rd.next(rd.st.Deletes.Cursor, p.NextGone)
		return false
	}
	if d := rd.st.Deletes; d == nil || d.List == nil {
		return false
	}
	if p.First && rd.r.Mode == connectors.Incremental {
		// What was gone before the first read was never here.
		p.NextGone = p.Begun
		return false
	}
	since := p.NextGone
	if d := rd.st.Deletes; d.Cursor != nil {
		since = d.Cursor.earlier(since, max(rd.r.Overlap, d.Cursor.Overlap))
	}
	p.begin(phaseGone, since)
	return true
}

// next is where the next incremental read begins: at the greatest cursor that
// was seen, but not behind the instant at which this read began.
func (rd *reader) next(c *Cursor, before string) string {
	p := &rd.pos
	if c == nil {
		return before
	}
	next := p.High
	if c.Field == "" {
		next = p.Begun
	}
	if c.less(next, before) {
		next = before
	}
	if c.Format != Number && p.Begun < next {
		next = p.Begun
	}
	if next == "" && c.Format != Number {
		next = p.Begun // nothing yet: all that comes is new
	}
	return next
}

// add puts a row into the batch, and hands the batch over when it is full.
func (rd *reader) add(ctx context.Context, i item, key []string, gone bool) error {
	row := record.Row{Place: record.Place{Name: rd.name}, Data: i.data}
	if i.data == nil {
		row.Fault = fault.New("E2314", row.Place.String())
		row.Raw = slices.Clone(i.raw)
		return rd.put(ctx, row, len(i.raw))
	}
	row.Key, row.Deleted = joined(i.data, key), gone || rd.isGone(i.data)
	if rd.again(row.Key) {
		return nil
	}
	if connectors.HalfCharacter(i.raw) >= 0 {
		row.Fault, row.Raw, row.Data = fault.New("E3117", row.Place.String()), slices.Clone(i.raw), nil
		return rd.put(ctx, row, len(i.raw))
	}
	if rd.s.hooks.Expand == nil {
		return rd.put(ctx, row, len(i.raw))
	}
	rows := rd.s.hooks.Expand(rd.name, Row{Key: row.Key, Data: row.Data, Deleted: row.Deleted})
	for n, x := range rows {
		if n > 0 && rd.full() {
			return errFull
		}
		row.Key, row.Data, row.Deleted = x.Key, x.Data, x.Deleted
		if err := rd.hold(ctx, row, len(i.raw), n == len(rows)-1); err != nil {
			return err
		}
	}
	return nil
}

func (rd *reader) isGone(data map[string]any) bool {
	if rd.r.Deleted != "" {
		return record.Truth(lookup(data, rd.r.Deleted))
	}
	d := rd.st.Deletes
	if d == nil || d.Field == "" {
		return false
	}
	v := lookup(data, d.Field)
	if len(d.Values) > 0 {
		return v != nil && slices.Contains(d.Values, text(v))
	}
	return record.Truth(v)
}

func (rd *reader) put(ctx context.Context, row record.Row, weight int) error {
	return rd.hold(ctx, row, weight, true)
}

// hold adds a row. whole says that the rows of its record are all there, so
// that a position may stand behind it.
func (rd *reader) hold(ctx context.Context, row record.Row, weight int, whole bool) error {
	rd.batch = append(rd.batch, row)
	rd.total++
	rd.weight += weight
	switch {
	case rd.full():
		return errFull
	case whole && (len(rd.batch) >= rd.size || rd.weight > heavy):
		return rd.flush(ctx)
	}
	return ctx.Err()
}

func (rd *reader) full() bool { return rd.r.Limit > 0 && rd.total >= rd.r.Limit }

// flush hands over the batch with the position after it.
func (rd *reader) flush(ctx context.Context) error {
	if len(rd.batch) == 0 {
		return nil
	}
	return rd.hand(ctx)
}

func (rd *reader) hand(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if rd.pos.Begun != "" {
		rd.byServer()
	}
	at, err := rd.pos.encode()
	if err != nil {
		return err
	}
	b := connectors.Batch{Rows: rd.batch, Position: at}
	rd.batch, rd.weight = nil, 0
	if err := rd.emit(ctx, b); err != nil {
		return err
	}
	return ctx.Err()
}

// finish hands over what is left and the position of a finished read.
func (rd *reader) finish(ctx context.Context) error {
	p := rd.pos
	rd.pos = position{Mode: p.Mode, Print: p.Print, Next: p.Next, NextGone: p.NextGone, Delta: p.Delta, Whole: p.Whole, Done: true}
	return rd.hand(ctx)
}
