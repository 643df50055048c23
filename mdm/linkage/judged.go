package linkage

import (
	"cmp"
	"slices"

	"crmhub/fault"
	"crmhub/mdm/cluster"
)

// Judgement is what a person says of two rows of a table, by their numbers.
type Judgement struct {
	Left, Right int
	// Same says that they are one thing; otherwise they are two.
	Same bool
	// Place is where it was said, for faults.
	Place string
}

// judged is what is known of rows beside what they say, by canonical rows.
type judged struct {
	// must and cannot are pairs that are one, and pairs that are two.
	must, cannot [][2]uint32
	// source numbers the source of each row, of which a cluster has one row at
	// most; nil where that doesn't matter.
	source []uint32
}

func (j *judged) none() bool { return len(j.must) == 0 && len(j.cannot) == 0 && j.source == nil }

// Contradiction returns the first judgement, in their order, that keeps two
// rows apart of which others say, perhaps in several steps, that they are one;
// -1 where there is none. Rows are numbered from 0 to rows-1.
func Contradiction(rows int, list []Judgement) int {
	sets := newUnion(rows)
	for _, x := range list {
		if x.Same {
			sets.join(uint32(x.Left), uint32(x.Right))
		}
	}
	return slices.IndexFunc(list, func(x Judgement) bool {
		return !x.Same && sets.find(uint32(x.Left)) == sets.find(uint32(x.Right))
	})
}

// known takes over what is known of the rows.
func (e *engine) known() error {
	if i := Contradiction(e.t.rows, e.o.Judged); i >= 0 {
		return fault.New("E6211", e.o.Judged[i].Place)
	}
	if len(e.o.Judged) > 0 {
		at := make([]uint32, e.t.rows)
		for i, r := range e.d.order {
			at[r] = uint32(i)
		}
		for _, x := range e.o.Judged {
			a, b := at[x.Left], at[x.Right]
			p := [2]uint32{min(a, b), max(a, b)}
			if x.Same {
				e.links.must = append(e.links.must, p)
			} else {
				e.links.cannot = append(e.links.cannot, p)
			}
		}
		for _, list := range [][][2]uint32{e.links.must, e.links.cannot} {
			slices.SortFunc(list, func(x, y [2]uint32) int { return cmp.Or(cmp.Compare(x[0], y[0]), cmp.Compare(x[1], y[1])) })
		}
	}
	if e.o.OnePerSource {
		c := &e.t.columns[e.t.Column(e.o.Source)]
		e.links.source = make([]uint32, e.t.rows)
		for i, r := range e.d.order {
			e.links.source[i] = c.codes[r]
		}
	}
	return nil
}

// within tells a component's graph what is known of its rows, which are ascending.
func (j *judged) within(rows []uint32, g *cluster.Graph) {
	for _, list := range []struct {
		from [][2]uint32
		to   *[]cluster.Pair
	}{{j.must, &g.MustLinks}, {j.cannot, &g.CannotLinks}} {
		for _, r := range rows {
			i, _ := slices.BinarySearchFunc(list.from, r, func(p [2]uint32, r uint32) int { return cmp.Compare(p[0], r) })
			for ; i < len(list.from) && list.from[i][0] == r; i++ {
				a, _ := slices.BinarySearch(rows, r)
				if b, ok := slices.BinarySearch(rows, list.from[i][1]); ok {
					*list.to = append(*list.to, cluster.Pair{A: a, B: b})
				}
			}
		}
	}
	if j.source == nil {
		return
	}
	g.Source = make([]uint32, len(rows))
	for i, r := range rows {
		g.Source[i] = j.source[r]
	}
}

// Row returns the cells of a row as they are compared, one for each header.
func (t *Table) Row(i int) []string {
	out := make([]string, len(t.columns))
	for k := range t.columns {
		c := &t.columns[k]
		out[k] = string(c.values.text(c.codes[i]))
	}
	return out
}
