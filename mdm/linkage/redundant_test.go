package linkage_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"crmhub/mdm/linkage"
)

// wide returns a table of columns of random texts, each of which stands in
// copies columns, often with a word more; a share of the cells is empty.
func wide(columns, copies, rows int, empty float64) *linkage.Table {
	r := rand.New(rand.NewPCG(8, 9))
	headers, cells := make([]string, columns), make([]string, columns)
	for k := range headers {
		headers[k] = fmt.Sprintf("remark %d", k)
	}
	t := linkage.NewTable(headers)
	for range rows {
		for k := range cells {
			switch {
			case r.Float64() < empty:
				cells[k] = ""
			case k%copies == 0 || cells[k-1] == "":
				cells[k] = fmt.Sprintf("%x %x %x", r.IntN(1<<20), r.IntN(1<<20), r.IntN(1<<20))
			case r.IntN(16) == 0:
				cells[k] = cells[k-1] + fmt.Sprintf(" %x", r.IntN(1<<20))
			default:
				cells[k] = cells[k-1]
			}
		}
		t.Add(cells)
	}
	return t
}

// TestTheSearchForRepeatedColumnsIsBounded holds that the comparisons of texts
// by which columns are found that repeat others don't grow with the rows, and up
// to some hundred columns with these, not with their square.
func TestTheSearchForRepeatedColumnsIsBounded(t *testing.T) {
	for _, tt := range []struct{ columns, copies, rows, most int }{
		{12, 3, 800, 2 * 800 * 12 * 12},
		{60, 4, 1800, 2 * 1400 * 60 * 60},
		{150, 5, 900, 2 * 540 * 150 * 150},
		{150, 5, 300, 2 * 300 * 150 * 150},
	} {
		compared, kept, left, err := linkage.Redundancy(context.Background(), wide(tt.columns, tt.copies, tt.rows, 0))
		if err != nil {
			t.Fatal(err)
		}
		if compared > tt.most || kept > 64<<20 {
			t.Errorf("%d columns of %d rows: %d texts are compared, %d bytes kept, want at most %d and 64 MiB", tt.columns, tt.rows, compared, kept, tt.most)
		}
		if want := tt.columns / tt.copies; len(left) != want {
			t.Errorf("%d columns of which each stands in %d: %d are left (%s), want %d", tt.columns, tt.copies, len(left), strings.Join(left, ", "), want)
		}
	}
}

// TestRepeatedColumnsAreFoundAmongEmptyOnes holds that columns with few values
// are compared by those, not by the first rows.
func TestRepeatedColumnsAreFoundAmongEmptyOnes(t *testing.T) {
	r := rand.New(rand.NewPCG(4, 4))
	headers := make([]string, 40)
	for k := range headers {
		headers[k] = fmt.Sprintf("remark %d", k)
	}
	tab := linkage.NewTable(headers)
	for range 4000 {
		cells := make([]string, len(headers))
		for k := 0; k < len(cells); k += 2 {
			if r.IntN(50) == 0 {
				cells[k] = fmt.Sprintf("%x %x", r.IntN(1<<20), r.IntN(1<<20))
				cells[k+1] = cells[k]
			}
		}
		tab.Add(cells)
	}
	_, _, left, err := linkage.Redundancy(context.Background(), tab)
	if err != nil {
		t.Fatal(err)
	}
	for k := 0; k < len(headers); k += 2 {
		if slices.Contains(left, headers[k]) == slices.Contains(left, headers[k+1]) {
			t.Errorf("%q and its copy %q: want one of them left of %q", headers[k], headers[k+1], left)
		}
	}
}

// ending is a context that ends when it was looked at so many times.
type ending struct {
	context.Context
	left, looks *atomic.Int64
}

func (c ending) Err() error {
	c.looks.Add(1)
	if c.left.Add(-1) < 0 {
		return context.Canceled
	}
	return nil
}

// TestAWideTableIsBrokenOff holds that a run looks whether it is to end between
// any two columns that it compares, and ends wherever it is told to.
func TestAWideTableIsBrokenOff(t *testing.T) {
	run := func(after int64) (int64, error) {
		ctx := ending{context.Background(), &atomic.Int64{}, &atomic.Int64{}}
		ctx.left.Store(after)
		_, err := linkage.Dedupe(ctx, wide(50, 1, 120, 0.1), linkage.Options{})
		return ctx.looks.Load(), err
	}
	all, err := run(1 << 40)
	if err != nil || all < 50*49 {
		t.Fatalf("a whole run looks %d times and gives %v, want %d at least and no error", all, err, 50*49)
	}
	for _, after := range []int64{0, 1, 40, 100, 300, 1000, 2000} {
		if looks, err := run(after); !errors.Is(err, context.Canceled) || looks > after+200 {
			t.Errorf("ended after %d looks a run gives %v after %d, want context.Canceled soon", after, err, looks)
		}
	}
}
