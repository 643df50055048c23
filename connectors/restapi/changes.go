package restapi

import (
	"context"
	"errors"
	"maps"
	"net/http"
	"slices"

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
	ids := map[string]struct{}{}
	high := ""
	zone := ch.Cursor.zone(rd.s.cfg.Zone)
	since := ch.Cursor.below(rd.pos.Since, zone)
	v := rd.s.vars.with(vars{"since": since})
	query := map[string]string{}
	if ch.Cursor.Param != "" && since != "" {
		query[ch.Cursor.Param] = since
	}
	at := place{}
	err := rd.s.c.list(ctx, list{
		call: &ch.List, vars: v, query: query, key: nil, at: &at, name: rd.name,
		take: func(_ context.Context, i item) error {
			if when, ok := ch.Cursor.read(lookup(i.data, ch.Cursor.Field), zone); ok {
				if ch.Cursor.Order == Descending && ch.Cursor.Param == "" && ch.Cursor.less(when, rd.pos.Since) {
					return errOlder
				}
				if ch.Cursor.less(high, when) {
					high = when
				}
			}
			if id := text(lookup(i.data, ch.ID)); id != "" {
				ids[id] = struct{}{}
			}
			if limit := rd.s.api.Limits.Changes; int64(len(ids)) > limit {
				return fault.New("E2316", rd.s.c.place(rd.name), "stream", rd.name, "limit", "limits.changes", "count", limit)
			}
			return nil
		},
	})
	if err != nil && !errors.Is(err, errOlder) {
		return nil, err
	}
	if rd.pos.Until == "" {
		rd.pos.Until = high
	}
	return slices.Sorted(maps.Keys(ids)), nil
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
