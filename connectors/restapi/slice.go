package restapi

import (
	"context"
	"errors"
	"hash/crc64"
	"maps"
	"slices"
	"strings"
	"time"

	"crmhub/connectors"
	"crmhub/fault"
)

// slice is a list within bounds of its cursor.
type slice struct {
	call   *Call
	cursor *Cursor
	vars   vars
	key    []string
	gone   bool
	// covered is the upper bound that the answers told, "" where none did.
	covered string
}

// slices reads a call from the phase's lower bound on: in one piece, in
// windows of time, or in pieces that each begin where the server gave no more.
func (rd *reader) slices(ctx context.Context, s slice) error {
	p := &rd.pos
	at := p.place(0)
	if rd.st.List.Paging.Delta != "" && !s.gone && !at.Set && p.Since == "" && p.Delta != "" {
		*at = place{Page: page{Token: p.Delta, Total: -1}, Set: true}
	}
	if c := s.cursor; c == nil || rd.r.Mode == connectors.Full && c.Window == 0 && s.call.Paging.Cap == 0 {
		return rd.pieces(ctx, s, nil, nil)
	}
	if p.From == "" {
		p.From = p.Since
	}
	if s.cursor.Window > 0 {
		return rd.windows(ctx, s)
	}
	for {
		from := s.cursor.below(p.From, s.cursor.zone(rd.s.cfg.Zone))
		s.vars = s.vars.with(vars{"since": from})
		query := map[string]string{}
		if s.cursor.Param != "" && from != "" {
			query[s.cursor.Param] = from
		}
		err := rd.capped(ctx, &s, query)
		if !errors.Is(err, errTooMany) {
			return err
		}
		// Begin again at the last cursor; rows that share it come once more.
		if !s.cursor.less(p.From, p.Top) {
			return rd.tooMany(err)
		}
		p.From, p.Top, p.Count = p.Top, "", 0
		*p.place(0) = place{}
	}
}

func (rd *reader) tooMany(err error) error {
	if f := fault.Of(err); f != nil {
		return f
	}
	return fault.New("E2315", rd.s.c.place(rd.name), "address", rd.s.c.base.Host, "stream", rd.name, "status", "-", "code", "-")
}

// capped reads a piece, which ends with errTooMany where the server's cap of
// results is reached.
func (rd *reader) capped(ctx context.Context, s *slice, query map[string]string) error {
	p, most := &rd.pos, s.call.Paging.Cap
	return rd.pieces(ctx, *s, query, func(r result) error {
		if told, ok := s.cursor.read(r.value(s.cursor.Covered), s.cursor.zone(rd.s.cfg.Zone)); ok && (s.covered == "" || told < s.covered) {
			s.covered = told
		}
		if p.Count += int64(r.rows); most > 0 && p.Count >= most {
			return errTooMany
		}
		return nil
	})
}

// windows reads one window of time after the other up to the beginning of the
// read, and halves a window of which the server says that it holds too much.
func (rd *reader) windows(ctx context.Context, s slice) error {
	p, c := &rd.pos, s.cursor
	zone := c.zone(rd.s.cfg.Zone)
	begun, err := time.Parse(canonical, p.Begun)
	if err != nil {
		return err
	}
	end := begun.Add(2 * time.Minute).Format(canonical) // what is written now is in it
	if c.Closed {
		end = p.Begun
	}
	if p.From == "" {
		start, ok := instant(c.Start, zone)
		if !ok {
			start = begun.Add(-c.Reach)
		}
		p.From = start.UTC().Format(canonical)
	} else if oldest := begun.Add(-c.Reach).Format(canonical); c.Reach > 0 && p.From < oldest {
		rd.s.cfg.Noticed(fault.New("W2301", rd.s.cfg.Name+"/"+rd.name, "since", p.From, "reach", oldest))
		p.From = oldest
	}
	if p.Span == 0 {
		p.Span = int64(c.Window)
	}
	for p.From < end {
		to := min(c.earlierBy(p.From, -time.Duration(p.Span)), end)
		since, until := c.below(p.From, zone), c.above(to, zone)
		s.vars = s.vars.with(vars{"since": since, "until": until})
		query := map[string]string{}
		if c.Param != "" {
			query[c.Param] = since
		}
		if c.Until != "" {
			query[c.Until] = until
		}
		s.covered = ""
		err := rd.capped(ctx, &s, query)
		p.Count = 0
		switch {
		case errors.Is(err, errTooMany):
			if p.Span /= 2; p.Span < int64(time.Second) {
				return rd.tooMany(err)
			}
			*p.place(0) = place{}
			continue
		case err != nil:
			return err
		}
		if s.covered != "" && s.covered < to {
			if s.covered <= p.From { // there is nothing beyond it yet
				p.Begun = min(p.Begun, s.covered)
				return nil
			}
			to = s.covered
		}
		p.From, p.Span = to, min(2*p.Span, int64(c.Window))
		*p.place(0) = place{}
	}
	return nil
}

// earlierBy moves a kept instant by d, which may be negative: later.
func (c *Cursor) earlierBy(s string, d time.Duration) string {
	t, err := time.Parse(canonical, s)
	if err != nil {
		return s
	}
	return t.Add(-d).Format(canonical)
}

// pieces reads one piece of a call.
func (rd *reader) pieces(ctx context.Context, s slice, query map[string]string, paged func(result) error) error {
	p := &rd.pos
	at := p.place(0)
	probe := func() bool { return s.call.Paging.Type == PagingReverse && !at.Page.Begun }
	delta := s.call.Paging.Delta
	err := rd.s.c.list(ctx, list{
		call: s.call, vars: s.vars, query: query, key: s.key, at: at, name: rd.name,
		started: rd.hand,
		take: func(ctx context.Context, i item) error {
			if probe() {
				at.Rows, at.Sum = 0, 0 // this page was only asked for the number of pages
				return nil
			}
			if rd.older(s, i) {
				return errOlder
			}
			if s.gone && rd.known(s.cursor, i) {
				return nil
			}
			for name, v := range s.vars {
				if field, ok := strings.CutPrefix(name, "parent."); ok && i.data != nil && containsText(rd.st.Parent, field) {
					i.data["parent_"+field] = v
				}
			}
			if rd.st.Detail != nil && !s.gone && i.data != nil {
				return rd.detail(ctx, i, s)
			}
			return rd.add(ctx, i, s.key, s.gone)
		},
		paged: func(r result) error {
			if delta != "" {
				if d := r.value(delta); d != "" {
					u, err := r.url.Parse(d)
					if err != nil {
						return fault.New("E2311", rd.s.c.place(rd.name), "address", rd.s.c.base.Host)
					}
					p.Delta = u.RequestURI()
				}
			}
			if paged != nil {
				return paged(r)
			}
			return nil
		},
	})
	if errors.Is(err, errOlder) {
		return nil
	}
	return err
}

func containsText(p *Parent, field string) bool {
	return p != nil && slices.Contains(p.Fields, field)
}

// older notes the cursor of a row, and reports whether a list that begins with
// the newest, and takes no lower bound, has come to what was read before.
func (rd *reader) older(s slice, i item) bool {
	c := s.cursor
	if c == nil || i.data == nil {
		return false
	}
	at, ok := c.read(lookup(i.data, c.Field), c.zone(rd.s.cfg.Zone))
	if !ok {
		return false
	}
	p := &rd.pos
	rd.obeyed(c, at)
	if c.Order == Descending && c.Param == "" && rd.r.Mode == connectors.Incremental && c.less(at, p.Since) {
		return true
	}
	if c.less(p.High, at) {
		p.High = at
	}
	if c.less(p.Top, at) {
		p.Top = at
	}
	return false
}

// known reports whether a deleted record, of a list that can't be asked since
// an instant, was gone at the last read already.
func (rd *reader) known(c *Cursor, i item) bool {
	if c == nil || c.Param != "" || rd.r.Mode != connectors.Incremental {
		return false
	}
	at, ok := c.read(lookup(i.data, c.Field), c.zone(rd.s.cfg.Zone))
	return ok && c.less(at, rd.pos.Since)
}

// each calls leaf once for each record of a stream's parents; once for a
// stream that has none. depth is that of the parent's place.
func (rd *reader) each(ctx context.Context, st *Stream, depth int, v vars, leaf func(context.Context, vars) error) error {
	if st.Parent == nil {
		return leaf(ctx, v)
	}
	parent := rd.s.api.Streams[st.Parent.Stream]
	needed := parentFields(st)
	return rd.each(ctx, parent, depth+1, v, func(ctx context.Context, v vars) error {
		return rd.children(ctx, parent, st.Parent.Stream, needed, depth, v, leaf)
	})
}

// parentFields are the fields of its parent that a stream uses.
func parentFields(st *Stream) []string {
	fields := append([]string{}, st.Parent.Fields...)
	calls := []*Call{&st.List}
	if st.Incremental != nil {
		calls = append(calls, st.Incremental)
	}
	for _, c := range calls {
		for _, name := range c.placeholders() {
			if f, ok := strings.CutPrefix(name, "parent."); ok {
				fields = append(fields, f)
			}
		}
	}
	return fields
}

// children reads the parent's list page by page, keeping of each record only
// the fields that are needed, and calls leaf for each.
func (rd *reader) children(ctx context.Context, parent *Stream, name string, needed []string, depth int, v vars, leaf func(context.Context, vars) error) error {
	at := rd.pos.place(depth)
	var rows []vars
	read := place{Page: at.Page, Set: at.Set} // the page itself is always read whole
	return rd.s.c.list(ctx, list{
		call: &parent.List, vars: v, key: parent.Key, at: &read, name: name,
		take: func(_ context.Context, i item) error {
			row := vars{}
			for _, f := range needed {
				row["parent."+f] = text(lookup(i.data, f))
			}
			for name, x := range v {
				if f, ok := strings.CutPrefix(name, "parent."); ok {
					row["parent.parent."+f] = x
				}
			}
			rows = append(rows, row)
			return nil
		},
		paged: func(result) error {
			at = rd.pos.place(depth)
			if !at.Set || !samePage(at.Page, read.Page) {
				*at = place{Page: read.Page, Set: true}
				rd.pos.restart(depth - 1)
			}
			if sumOf(rows[:min(at.Rows, len(rows))]) != at.Sum || at.Rows > len(rows) {
				at.Rows, at.Sum = 0, 0
				rd.pos.restart(depth - 1)
			}
			for at.Rows < len(rows) {
				if err := leaf(ctx, v.with(rows[at.Rows])); err != nil {
					return err
				}
				at = rd.pos.place(depth)
				at.Rows++
				at.Sum = sumOf(rows[:at.Rows])
				rd.pos.restart(depth - 1)
			}
			rows = rows[:0]
			read.Rows, read.Sum = 0, 0
			return nil
		},
	})
}

func samePage(a, b page) bool { return a.N == b.N && a.Token == b.Token && a.Job == b.Job }

// sumOf is a checksum of the parents that were gone through.
func sumOf(rows []vars) uint64 {
	var sum uint64
	for _, r := range rows {
		for _, name := range slices.Sorted(maps.Keys(r)) {
			sum = crc64.Update(sum, table64, []byte(name+"\x00"+r[name]+"\x00"))
		}
	}
	return sum
}
