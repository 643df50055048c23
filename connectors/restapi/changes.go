package restapi

import (
	"context"
	"errors"
	"maps"
	"net/http"
	"slices"
	"time"

	"crmhub/fault"
)

// changes reads an event log for the ids of what changed, and then fetches
// each of these records once, as it is now. The ids are fetched in their
// order, so that a position can stand between them.
func (rd *reader) changes(ctx context.Context) error {
	ids, err := rd.changed(ctx)
	if err != nil {
		return err
	}
	for _, id := range ids {
		if id <= rd.pos.After {
			continue
		}
		if err := rd.fetch(ctx, id); err != nil {
			return err
		}
	}
	rd.pos.High = rd.pos.Until
	return nil
}

// changed lists the ids, in order. What is known by a resumed read beyond
// what was known at its beginning is left for the next one.
func (rd *reader) changed(ctx context.Context) ([]string, error) {
	ch := rd.st.Changes
	if oldest := rd.s.cfg.Now().UTC().Add(-ch.Cursor.Reach).Format(canonical); ch.Cursor.Reach > 0 && rd.pos.Since < oldest {
		return nil, errExpired // the log does not reach back that far
	}
	log := eventLog{rd: rd, ids: map[string]struct{}{}, since: rd.pos.Since}
	for {
		err := log.read(ctx)
		if errors.Is(err, errTooMany) {
			// Begin again where the server gave no more.
			if !ch.Cursor.less(log.since, log.high) {
				return nil, rd.tooMany(err)
			}
			log.since = log.high
			continue
		}
		if err != nil && !errors.Is(err, errOlder) {
			return nil, err
		}
		break
	}
	if rd.pos.Until == "" {
		rd.pos.Until = log.high
	}
	return slices.Sorted(maps.Keys(log.ids)), nil
}

// eventLog collects the ids that a log of changes names.
type eventLog struct {
	rd    *reader
	ids   map[string]struct{}
	since string
	high  string
}

// read reads the log from since on, as far as the server gives it.
func (l *eventLog) read(ctx context.Context) error {
	rd, ch := l.rd, l.rd.st.Changes
	zone := ch.Cursor.zone(rd.s.cfg.Zone)
	since := ch.Cursor.below(l.since, zone)
	query := map[string]string{}
	if ch.Cursor.Param != "" && since != "" {
		query[ch.Cursor.Param] = since
	}
	at, rows := place{}, int64(0)
	return rd.s.c.list(ctx, list{
		call: &ch.List, vars: rd.s.vars.with(vars{"since": since}), query: query, at: &at, name: rd.name,
		take: func(_ context.Context, i item) error { return l.take(i, zone) },
		paged: func(r result) error {
			if rows += int64(r.rows); ch.List.Paging.Cap > 0 && rows >= ch.List.Paging.Cap {
				return errTooMany
			}
			return nil
		},
	})
}

// take notes an entry of the log.
func (l *eventLog) take(i item, zone *time.Location) error {
	rd, c := l.rd, &l.rd.st.Changes.Cursor
	if when, ok := c.read(lookup(i.data, c.Field), zone); ok {
		if c.Order == Descending && c.Param == "" && c.less(when, rd.pos.Since) {
			return errOlder
		}
		if c.less(l.high, when) {
			l.high = when
		}
	}
	if id := text(lookup(i.data, rd.st.Changes.ID)); id != "" {
		l.ids[id] = struct{}{}
	}
	if limit := rd.s.api.Limits.Changes; int64(len(l.ids)) > limit {
		return fault.New("E2316", rd.s.c.place(rd.name), "stream", rd.name, "limit", "limits.changes", "count", limit)
	}
	return nil
}

// fetch reads one record; one that is not there any more is reported as gone.
func (rd *reader) fetch(ctx context.Context, id string) error {
	ch := rd.st.Changes
	at := place{}
	err := rd.s.c.list(ctx, list{
		call: &ch.Fetch, vars: rd.s.vars.with(vars{"changed": id}), key: rd.key, at: &at, name: rd.name,
		take: func(ctx context.Context, i item) error {
			rd.pos.After = id
			return rd.add(ctx, i, rd.key, false)
		},
	})
	f := fault.Of(err)
	if f == nil || f.Code != "E2305" {
		return err
	}
	switch f.Args["status"] {
	case statusText(http.StatusNotFound), statusText(http.StatusGone):
		rd.pos.After = id
		data := map[string]any{}
		for _, k := range rd.key {
			data[k] = id
		}
		return rd.add(ctx, item{data: data}, rd.key, true)
	}
	return err
}
