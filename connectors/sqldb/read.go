package sqldb

import (
	"context"
	"encoding/json"
	"slices"

	"crmhub/connectors"
	"crmhub/fault"
	"crmhub/record"
)

// pageRows is how many rows one statement reads at least, where pages are cheap.
const pageRows = 10_000

// heavy is how much text a batch may hold, in bytes, before it is handed over
// with fewer rows than asked for.
const heavy = 16 << 20

// Read reads a table, view or query.
//
// A full read goes through the rows in key order. An incremental read first
// does the same, and afterwards reads rows whose cursor is not less than where
// the last one ended, less the overlap: a row that has the same cursor as the
// last one is read again rather than missed. Rows without a cursor are read
// every time. The end of an incremental read never lies in the server's
// future.
func (s *source) Read(ctx context.Context, r connectors.Request, emit connectors.Emit) error {
	l, err := s.connect(ctx)
	if err != nil {
		return err
	}
	defer s.leave(l)
	p, err := s.plan(ctx, l, r)
	if err != nil {
		return err
	}
	size := r.BatchRows
	if size <= 0 {
		size = 1000
	}
	rd := &reader{s: s, l: l, p: p, r: r, emit: emit, size: size, name: r.Stream}
	return rd.read(ctx)
}

// reader is one read under way.
type reader struct {
	s    *source
	l    link
	p    *plan
	r    connectors.Request
	emit connectors.Emit
	b    *builder
	// room takes rows that may come as cells; nil where they may not.
	room *cellRoom
	size int
	name string
	pos  position
	// last are the values of the row read last that its statement sorts by.
	last  []value
	batch []record.Row
	// weight is the text in batch, in bytes.
	weight int
	total  int
}

func (rd *reader) read(ctx context.Context) error {
	pos, found := decodePosition(rd.r.From, rd.r.Mode, rd.p.print)
	incremental := rd.r.Mode == connectors.Incremental
	switch {
	case !found, incremental && pos.Done && pos.Next == nil:
		if err := rd.begin(ctx); err != nil {
			return err
		}
	case pos.Done && !incremental:
		return nil
	case pos.Done:
		if err := rd.next(ctx, pos); err != nil {
			return err
		}
	default:
		rd.pos = pos
		if pos.Phase == phaseCursor && pos.Cursor != nil && pos.Since == nil {
			rd.pos.Since = pos.Cursor
		}
	}
	rd.repair()
	rd.b = newBuilder(rd.p.columns, rd.p.shown, rd.s.zone, rd.s.charset)
	if rd.r.Cells {
		rd.room = newCellRoom(rd.p.columns[:rd.p.shown])
	}
	for {
		end, err := rd.phase(ctx)
		if err != nil {
			return err
		}
		if rd.full() {
			return rd.flush(ctx)
		}
		if end {
			break
		}
	}
	return rd.finish(ctx)
}

// begin prepares a read from the start.
func (rd *reader) begin(ctx context.Context) error {
	rd.pos = position{Mode: rd.r.Mode, Print: rd.p.print, Phase: phaseLoad}
	if rd.s.fix == fixAuto {
		found, err := rd.s.detect(ctx, rd.l, rd.p)
		if err != nil {
			return rd.s.explain(ctx, err, rd.s.place(rd.name))
		}
		for _, f := range found {
			if f.confidence() >= enough {
				rd.pos.Fixed = append(rd.pos.Fixed, f.column)
			}
		}
	}
	if rd.r.Mode != connectors.Incremental {
		return nil
	}
	top, err := rd.highest(ctx)
	rd.pos.Next = top
	return err
}

// next prepares an incremental read after a finished one.
func (rd *reader) next(ctx context.Context, done position) error {
	start := done.Next.earlier(rd.r.Overlap, rd.s.zoneOf(rd.p.columns[rd.p.cursor]))
	rd.pos = position{
		Mode: done.Mode, Print: done.Print, Fixed: done.Fixed, Phase: phaseCursor, Start: &start, Next: done.Next,
	}
	if rd.p.columns[rd.p.cursor].null {
		rd.pos.Phase = phaseNull
	}
	if rd.l.snapshot() {
		return nil
	}
	// Without a snapshot, rows that change while we read move ahead of us for ever.
	var err error
	rd.pos.Upper, err = rd.highest(ctx)
	return err
}

// highest returns the greatest cursor, nil if there is none.
func (rd *reader) highest(ctx context.Context) (*value, error) {
	// MAX would do, if PostgreSQL had it for every type that sorts.
	expr := rd.p.sorted(rd.p.cursor)
	rs, err := rd.l.query(ctx, "SELECT "+rd.p.d.selected(expr, "top")+" FROM "+rd.p.from+" WHERE "+rd.p.expr(rd.p.cursor)+" IS NOT NULL ORDER BY "+expr+" DESC LIMIT 1")
	if err != nil {
		return nil, rd.s.explain(ctx, err, rd.s.place(rd.name))
	}
	b := newBuilder(rs.columns(), 1, rd.s.zone, rd.s.charset)
	var top *value
	for {
		if err = rs.next(b); err != nil {
			break
		}
		v := rs.raw(0)
		top = &v
	}
	if closeErr := rs.close(); isEOF(err) {
		err = closeErr
	}
	return top, rd.s.explain(ctx, err, rd.s.place(rd.name))
}

// repair sets which columns are repaired: those decided on at the start, or all.
func (rd *reader) repair() {
	for i := range rd.p.columns {
		c := &rd.p.columns[i]
		if c.kind != kindText {
			continue
		}
		if rd.s.fix != fixAuto {
			c.fix = repairs(rd.s.fix)
		} else if slices.Contains(rd.pos.Fixed, c.name) {
			c.fix = repairs(fixUTF8)
		}
	}
}

// phase reads the phase that the position is in to its end, and moves to the
// next; true after the last.
func (rd *reader) phase(ctx context.Context) (bool, error) {
	var base clause
	cols := rd.p.order
	from, equal := rd.pos.Key, !rd.p.unique
	switch rd.pos.Phase {
	case phaseNull:
		base.where = []string{rd.p.expr(rd.p.cursor) + " IS NULL"}
	case phaseCursor:
		cols = []int{rd.p.cursor}
		for _, i := range rd.p.order {
			if i != rd.p.cursor {
				cols = append(cols, i)
			}
		}
		if rd.pos.Upper != nil {
			base.where = []string{rd.p.compare(&base, rd.p.cursor, " <= ", *rd.pos.Upper)}
		}
		from = rd.cursorKey(cols)
		if from == nil {
			from, equal = []value{*rd.pos.Start}, true
		}
	}
	base.order = cols
	if slices.ContainsFunc(from, func(v value) bool { return v.Type == valueNull }) {
		from = nil
	}
	// Without a snapshot a statement under way keeps writers out: each reads one
	// batch, which is handed over when it is done.
	short := rd.p.paged && !rd.l.snapshot()
	paged := short || (rd.p.paged && rd.pos.Phase != phaseCursor)
	for {
		c := clause{where: slices.Clone(base.where), args: slices.Clone(base.args), order: base.order}
		if from != nil {
			rd.p.after(&c, cols[:len(from)], from, equal)
		}
		if paged {
			c.limit = max(pageRows, rd.size)
		}
		if short {
			c.limit = rd.size
		}
		if left := rd.r.Limit - rd.total; rd.r.Limit > 0 && (c.limit == 0 || left < c.limit) {
			c.limit = left
		}
		n, err := rd.statement(ctx, c, short)
		if err != nil {
			return false, err
		}
		if len(rd.batch) >= rd.size {
			if err := rd.flush(ctx); err != nil {
				return false, err
			}
		}
		if rd.full() || !paged || n < c.limit {
			break
		}
		if equal = false; slices.Equal(from, rd.last) {
			return false, fault.New("E2224", rd.s.place(rd.name), "stream", rd.name)
		}
		from = slices.Clone(rd.last)
	}
	if rd.full() || rd.pos.Phase != phaseNull {
		return true, nil
	}
	if err := rd.flush(ctx); err != nil {
		return false, err
	}
	rd.pos.Phase, rd.pos.Key = phaseCursor, nil
	return false, nil
}

// cursorKey returns where a cursor phase stands: the values of cols of the
// last row, or nil at its start.
func (rd *reader) cursorKey(cols []int) []value {
	if rd.pos.Cursor == nil {
		return nil
	}
	out := []value{*rd.pos.Cursor}
	if !rd.p.unique {
		return out
	}
	for _, i := range cols[1:] {
		at := slices.Index(rd.p.order, i)
		if at >= len(rd.pos.Key) {
			return out[:1]
		}
		out = append(out, rd.pos.Key[at])
	}
	return out
}

// full reports whether the request's limit is reached.
func (rd *reader) full() bool { return rd.r.Limit > 0 && rd.total >= rd.r.Limit }

// statement runs one statement and hands over its rows, or keeps them all for
// its caller.
func (rd *reader) statement(ctx context.Context, c clause, keep bool) (n int, err error) {
	rs, err := rd.l.query(ctx, rd.p.statement(c), c.args...)
	if err != nil {
		return 0, rd.s.explain(ctx, err, rd.s.place(rd.name))
	}
	defer func() {
		closeErr := rs.close()
		if err == nil {
			err = rd.s.explain(ctx, closeErr, rd.s.place(rd.name))
		}
	}()
	for {
		if err := rs.next(rd.b); isEOF(err) {
			return n, nil
		} else if err != nil {
			return n, rd.s.explain(ctx, err, rd.s.place(rd.name))
		}
		n++
		rd.total++
		rd.take(rs, c.order)
		if (len(rd.batch) == rd.size && !keep) || rd.weight > heavy {
			if err := rd.flush(ctx); err != nil {
				return n, err
			}
		}
	}
}

// take adds the row that was read last to the batch.
func (rd *reader) take(rs rows, order []int) {
	rd.last = rd.last[:0]
	for _, i := range order {
		rd.last = append(rd.last, rs.raw(i))
	}
	row := record.Row{Place: record.Place{Name: rd.name}}
	if rd.room != nil && rd.b.fault == nil {
		row.Cells, _ = rd.room.row(rd.b)
	}
	if row.Cells.Header == nil {
		row.Data = rd.b.row()
	}
	row.Key = rd.key(&row)
	if rd.b.fault != nil {
		rd.b.fault.Place = row.Place.Cell(rd.b.fault.Args["column"])
		row.Fault = rd.b.fault
	}
	if rd.p.deleted >= 0 {
		row.Deleted = record.Truth(rd.value(&row, rd.p.deleted))
	}
	if rd.batch == nil {
		rd.batch = make([]record.Row, 0, rd.size)
	}
	rd.batch = append(rd.batch, row)
	rd.weight += len(rd.b.buf)
}

// flush hands over the batch, with the position after it.
func (rd *reader) flush(ctx context.Context) error {
	if len(rd.batch) == 0 {
		return nil
	}
	rd.advance()
	return rd.hand(ctx)
}

// advance moves the position behind the last row of the batch.
func (rd *reader) advance() {
	if len(rd.batch) == 0 {
		return
	}
	rd.pos.Rows += int64(len(rd.batch))
	if rd.pos.Phase != phaseCursor {
		rd.pos.Key = slices.Clone(rd.last)
		return
	}
	c := rd.last[0]
	rd.pos.Cursor = &c
	rd.pos.Key = make([]value, 0, len(rd.p.order))
	next := 1
	for _, i := range rd.p.order {
		if i == rd.p.cursor {
			rd.pos.Key = append(rd.pos.Key, c)
			continue
		}
		rd.pos.Key = append(rd.pos.Key, rd.last[next])
		next++
	}
}

func (rd *reader) hand(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return err
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
	rd.advance()
	done := position{Mode: rd.pos.Mode, Print: rd.pos.Print, Fixed: rd.pos.Fixed, Next: rd.pos.Next, Done: true}
	if rd.pos.Phase == phaseCursor && rd.pos.Cursor != nil {
		done.Next = rd.pos.Cursor
	}
	if rd.pos.Since != nil {
		done.Next = rd.pos.Since
	}
	if done.Next != nil {
		now, err := rd.s.d.now(ctx, rd.l)
		if err != nil {
			return rd.s.explain(ctx, err, rd.s.place(rd.name))
		}
		next := done.Next.notAfter(now, rd.s.zoneOf(rd.p.columns[rd.p.cursor]))
		done.Next = &next
	}
	rd.pos = done
	return rd.hand(ctx)
}

// key joins the key's columns; "" where one of them is empty.
func (rd *reader) key(row *record.Row) string {
	if len(rd.p.key) == 1 {
		return rd.keyOf(row, rd.p.key[0])
	}
	parts := make([]string, len(rd.p.key))
	for i, c := range rd.p.key {
		parts[i] = rd.keyOf(row, c)
	}
	return record.JoinKey(parts...)
}

// keyOf is a column's value as a key has it. That of a cell is its text.
func (rd *reader) keyOf(row *record.Row, column int) string {
	if row.Cells.Header != nil && column < rd.p.shown {
		return row.Cells.Cell(column)
	}
	return keyText(rd.value(row, column))
}

// value is a column's value; nil for one that is not shown.
func (rd *reader) value(row *record.Row, column int) any {
	if row.Cells.Header == nil {
		return row.Data[rd.p.columns[column].name]
	}
	if column >= rd.p.shown {
		return nil
	}
	return row.Cells.Value(column)
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
