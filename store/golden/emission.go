package golden

import (
	"context"
	"maps"
	"slices"

	"crmhub/store"
)

// writeLinks writes which rows emit records under other keys than their own.
func (c *commit) writeLinks(ctx context.Context) error {
	var add, del []emission
	for l, by := range c.links {
		switch {
		case by > 0:
			add = append(add, l)
		case by < 0:
			del = append(del, l)
		}
	}
	order := func(a, b emission) int { return slices.Compare(a.row[:], b.row[:]) }
	slices.SortFunc(add, order)
	slices.SortFunc(del, order)
	if err := c.keepLinks(ctx, add, del); err != nil {
		return err
	}
	if _, err := c.tx.Remove(ctx, "emission", len(del), func(i int, v []any) { v[0], v[1] = del[i].row[:], del[i].record }); err != nil {
		return err
	}
	_, err := c.tx.InsertNew(ctx, "emission", []string{"source_row", "record"}, len(add), func(i int, v []any) { v[0], v[1] = add[i].row[:], add[i].record })
	return err
}

// begun is the mark in emission_history of a row that began to emit a record;
// the row alone marks that it ceased to.
func begun(row [16]byte) []byte { return append(row[:], 1) }

// keepLinks keeps how it was before the run with the records that stood before
// this commit: the first change of what emits them says it. Records that the run
// made go with all that emits them when it is taken back.
func (c *commit) keepLinks(ctx context.Context, add, del []emission) error {
	type mark struct {
		row    []byte
		record int64
	}
	var marks []mark
	var opposite [][]byte
	for _, l := range del {
		marks, opposite = append(marks, mark{l.row[:], l.record}), append(opposite, begun(l.row))
	}
	for _, l := range add {
		if l.record <= c.first {
			marks, opposite = append(marks, mark{begun(l.row), l.record}), append(opposite, l.row[:])
		}
	}
	known := map[emission]bool{} // by an earlier commit of the run
	if err := c.tx.InBytes(ctx, opposite, func(r store.Row) error {
		known[emission{[16]byte(r.Bytes(0)), r.Int(1)}] = true
		return nil
	}, "SELECT source_row, record FROM emission_history WHERE source_row IN ($keys) AND run = $1", c.run.n); err != nil {
		return err
	}
	marks = slices.DeleteFunc(marks, func(m mark) bool { return known[emission{[16]byte(m.row), m.record}] })
	_, err := c.tx.InsertNew(ctx, "emission_history", []string{"run", "source_row", "record"}, len(marks), func(i int, v []any) {
		v[0], v[1], v[2] = c.run.n, marks[i].row, marks[i].record
	})
	return err
}

// ownRow are the marks in emission_history of records that lived on with the
// version they had while their own row began (0) or ceased (1) to emit them.
var ownRow = map[bool][]byte{false: {0}, true: {1}}

// writeOwn keeps what the records' own rows said before the run.
func (c *commit) writeOwn(ctx context.Context) error {
	ids := slices.Sorted(maps.Keys(c.own))
	if err := c.tx.InInts(ctx, ids, func(r store.Row) error {
		delete(c.own, r.Int(0)) // an earlier commit of the run kept it
		return nil
	}, "SELECT record FROM emission_history WHERE record IN ($keys) AND run = $1 AND source_row IN ($2, $3)", c.run.n, ownRow[false], ownRow[true]); err != nil {
		return err
	}
	ids = slices.Sorted(maps.Keys(c.own))
	return c.tx.Insert(ctx, "emission_history", []string{"run", "source_row", "record"}, len(ids), func(i int, v []any) {
		v[0], v[1], v[2] = c.run.n, ownRow[c.own[ids[i]]], ids[i]
	})
}
