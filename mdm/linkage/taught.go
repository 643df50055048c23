package linkage

import (
	"cmp"
	"context"
	"math"
	"slices"

	"crmhub/fault"
	"crmhub/mdm/evaluate"
)

// Lesson is what labels taught.
type Lesson struct {
	// Model is what was learnt from the rows, with the threshold and the blocking
	// rules as the labels have it.
	Model *Model
	// Before and After are the thresholds in bits, and WrongBefore and WrongAfter
	// how many of the Labels each decides otherwise.
	Before, After           float64
	Labels                  int
	WrongBefore, WrongAfter int
	// Unproposed counts the matches among the labels that no rule proposed; Added
	// are the rules that were added to propose them.
	Unproposed int
	Added      [][]string
}

// The least and the greatest threshold that labels teach, in millibits.
const (
	taughtLow  = -6_000
	taughtHigh = clip
)

// Teach learns a model from the rows of a table, or takes over that of the
// options, and corrects it by what people said of pairs of rows: rules are
// added that propose the matches which none did, and the threshold moves where
// the labels say so clearly. How often fields agree (m, u) is not learnt from
// labels: people are asked about doubtful pairs, which don't stand for all. The
// order of labels makes no difference.
func Teach(ctx context.Context, t *Table, o Options, labels []Judgement) (*Lesson, error) {
	if i := Contradiction(t.rows, labels); i >= 0 {
		return nil, fault.New("E6211", labels[i].Place)
	}
	o.Judged = nil
	e, err := prepared(ctx, t, &o)
	if err != nil {
		return nil, err
	}
	at := make([]uint32, t.rows)
	for i, r := range e.d.order {
		at[r] = uint32(i)
	}
	pairs := make([][2]uint32, len(labels))
	for i, j := range labels {
		a, b := at[j.Left], at[j.Right]
		pairs[i] = [2]uint32{min(a, b), max(a, b)}
	}
	l := &Lesson{Labels: len(labels)}
	if err := e.teachRules(ctx, l, pairs, labels); err != nil {
		return nil, err
	}
	_, edges, err := e.clusters(ctx)
	if err != nil {
		return nil, err
	}
	if e.tree, err = e.grow(ctx, edges, taughtLow); err != nil {
		return nil, err
	}
	marks := make([]evaluate.Mark, len(labels))
	for i, h := range e.tree.heights(pairs) {
		marks[i] = evaluate.Mark{Height: h, Same: labels[i].Same}
	}
	after := e.merge
	if o.Threshold == nil {
		after = evaluate.Threshold(marks, e.merge, taughtLow, taughtHigh)
	}
	l.Before, l.After = float64(e.merge)/1000, float64(after)/1000
	l.WrongBefore, l.WrongAfter = evaluate.Wrong(marks, e.merge), evaluate.Wrong(marks, after)
	l.Model = e.d.model(t, e.p, e.rules, l.After)
	return l, nil
}

// heights returns, for pairs of canonical rows, the greatest threshold up to
// which both are in one cluster; the least number there is where they never are.
func (t *tree) heights(pairs [][2]uint32) []millibits {
	order := make([]int, len(t.joins))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(x, y int) int { return cmp.Compare(t.joins[y].height, t.joins[x].height) })
	// A forest of small depth that remembers when each row was hung below another.
	const never = math.MaxInt
	parent, when, size := make([]uint32, t.rows), make([]int, t.rows), make([]int, t.rows)
	for i := range parent {
		parent[i], when[i], size[i] = uint32(i), never, 1
	}
	top := func(i uint32) uint32 {
		for parent[i] != i {
			i = parent[i]
		}
		return i
	}
	for n, i := range order {
		a, b := top(t.joins[i].a), top(t.joins[i].b)
		if a == b {
			continue
		}
		if size[a] > size[b] || size[a] == size[b] && a < b {
			a, b = b, a
		}
		parent[a], when[a] = b, n
		size[b] += size[a]
	}
	out := make([]millibits, len(pairs))
	for i, p := range pairs {
		a, b, last := p[0], p[1], -1
		for a != b && (when[a] != never || when[b] != never) {
			if when[b] < when[a] {
				a, b = b, a
			}
			last = when[a]
			a = parent[a]
		}
		switch {
		case a != b:
			out[i] = math.MinInt32
		case last < 0:
			out[i] = math.MaxInt32
		default:
			out[i] = t.joins[order[last]].height
		}
	}
	return out
}

// Shift tells how one grouping of rows differs from another.
type Shift struct {
	// Same counts the clusters that stay as they are; Joined the pairs of rows
	// that come together, Parted those that come apart.
	Same   int   `json:"same"`
	Joined int64 `json:"joined_pairs"`
	Parted int64 `json:"parted_pairs"`
	// Examples are pairs of rows, one for each cluster that changes, by their numbers.
	JoinedExamples [][2]int `json:"-"`
	PartedExamples [][2]int `json:"-"`
}

// Shifted compares two groupings of the same rows; at most n examples of each
// kind are given, the first ones.
func Shifted(before, after []uint32, n int) Shift {
	c := Shift{}
	type cell struct{ before, after uint32 }
	cells := map[cell]int64{}
	was, is := map[uint32]int64{}, map[uint32]int64{}
	for i := range before {
		cells[cell{before[i], after[i]}]++
		was[before[i]]++
		is[after[i]]++
	}
	pairs := func(k int64) int64 { return k * (k - 1) / 2 }
	for _, k := range was {
		c.Parted += pairs(k)
	}
	for _, k := range is {
		c.Joined += pairs(k)
	}
	for x, k := range cells {
		c.Parted -= pairs(k)
		c.Joined -= pairs(k)
		if k == was[x.before] && k == is[x.after] {
			c.Same++
		}
	}
	c.JoinedExamples = differing(after, before, n)
	c.PartedExamples = differing(before, after, n)
	return c
}

// differing returns pairs of rows that are together in one grouping and not in
// the other, at most one for each cluster and n in all.
func differing(together, apart []uint32, n int) [][2]int {
	first, told := map[uint32]int{}, map[uint32]bool{}
	var out [][2]int
	for i, c := range together {
		k, seen := first[c]
		switch {
		case len(out) == n:
			return out
		case !seen:
			first[c] = i
		case apart[k] != apart[i] && !told[c]:
			told[c] = true
			out = append(out, [2]int{k, i})
		}
	}
	return out
}
