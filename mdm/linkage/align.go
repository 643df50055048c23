package linkage

import (
	"bytes"
	"cmp"
	"context"
	"slices"
	"strings"

	"crmhub/mdm/column"
)

// Alignment is two columns of two tables that tell of the same.
type Alignment struct {
	Left  string `json:"left"`
	Right string `json:"right"`
	// Kind is what both are taken for; Shared is the share of the values of the
	// one with fewer different values that stand in the other too.
	Kind   string  `json:"kind"`
	Shared float64 `json:"shared"`
}

// Align lays the columns of two tables of samples beside each other that are
// named differently: by what they are taken for, and by the values that they
// share. Columns in skipLeft and skipRight are left out, as they are paired
// already. A column has one partner at most.
func Align(ctx context.Context, left, right *Table, skipLeft, skipRight []string) ([]Alignment, error) {
	a, err := left.classify(ctx)
	if err != nil {
		return nil, err
	}
	b, err := right.classify(ctx)
	if err != nil {
		return nil, err
	}
	var all []Alignment
	for i, g := range a {
		for k, h := range b {
			x := Alignment{left.headers[i], right.headers[k], g.Kind.String(), 0}
			if g.Kind != h.Kind || slices.Contains(skipLeft, x.Left) || slices.Contains(skipRight, x.Right) {
				continue
			}
			x.Shared = left.columns[i].values.shared(right.columns[k].values)
			if x.Shared >= enough(g.Kind, onlyOne(a, i, left.headers, skipLeft) && onlyOne(b, k, right.headers, skipRight)) {
				all = append(all, x)
			}
		}
	}
	slices.SortStableFunc(all, func(x, y Alignment) int { return cmp.Compare(y.Shared, x.Shared) })
	var out []Alignment
	for _, x := range all {
		if !slices.ContainsFunc(out, func(y Alignment) bool { return x.Left == y.Left || x.Right == y.Right }) {
			out = append(out, x)
		}
	}
	return out, nil
}

// enough is the share of values that columns of a kind must have in common. A
// kind that says little of what a column is for needs more of them; where each
// table has one column of a telling kind, that is enough.
func enough(k column.Kind, only bool) float64 {
	switch k {
	case column.Ignored:
		return 2 // never
	case column.Text, column.Category, column.Number, column.Identifier, column.Title, column.Place, column.Year:
		return 0.2
	}
	if only {
		return 0
	}
	return 0.02
}

// onlyOne reports whether no other column that is left has the kind of column i.
func onlyOne(guesses []column.Guess, i int, headers, skip []string) bool {
	for k, g := range guesses {
		if k != i && g.Kind == guesses[i].Kind && !slices.Contains(skip, headers[k]) {
			return false
		}
	}
	return true
}

// shared returns the share of the values of the smaller dictionary that stand
// in the other, without regard to case and signs.
func (d *dictionary) shared(o *dictionary) float64 {
	if d.len() > o.len() {
		d, o = o, d
	}
	if d.len() < 2 {
		return 0
	}
	plain := func(s []byte) string {
		return strings.ToLower(string(bytes.Map(func(r rune) rune {
			if strings.ContainsRune(" -.,;:/()'\t", r) {
				return -1
			}
			return r
		}, s)))
	}
	have := make(map[string]bool, o.len())
	for c := 1; c < o.len(); c++ {
		have[plain(o.text(uint32(c)))] = true
	}
	n := 0
	for c := 1; c < d.len(); c++ {
		if have[plain(d.text(uint32(c)))] {
			n++
		}
	}
	return float64(n) / float64(d.len()-1)
}
