package linkage_test

import (
	"fmt"
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"

	"crmhub/mdm/linkage"
)

// grid is cells of text.
type grid [][]string

func (g grid) Rows() int                   { return len(g) }
func (g grid) Cell(row, column int) []byte { return []byte(g[row][column]) }

// TestRowsTogetherAreRowsAlone holds that rows which are added many at once, in
// blocks of any size and whatever number of them was expected, are what they
// are one by one; so is text with white space around it, and what isn't UTF-8.
func TestRowsTogetherAreRowsAlone(t *testing.T) {
	r := rand.New(rand.NewPCG(6, 6))
	spaces := []string{"", "", "", " ", "\u00a0", "\u3000", "\t", "\xff", "\u4e00", "\U0001f642", "\xe4\xb8"}
	rows, _ := people(400, 2)
	var g grid
	for _, row := range rows {
		cells := strings.Split(row, "|")
		for k := 1; k < len(cells); k++ {
			if r.IntN(6) == 0 {
				cells[k] = spaces[r.IntN(len(spaces))] + cells[k] + spaces[r.IntN(len(spaces))]
			}
		}
		g = append(g, cells)
	}
	g[7][1] = strings.Repeat("\u674e", 2000) // more than is compared
	one := linkage.NewTable(strings.Split(peopleHeaders, "|"))
	to := make([]int, len(one.Headers()))
	for k := range to {
		to[k] = k
	}
	for _, cells := range g {
		one.Add(cells)
	}
	want := dedupe(t, one, linkage.Options{})
	for _, expected := range []int{0, 10, len(g), 3 * len(g)} {
		t.Run(fmt.Sprint(expected), func(t *testing.T) {
			many := linkage.NewTable(one.Headers())
			for from := 0; from < len(g); {
				many.Expect(expected)
				n := min(1+r.IntN(300), len(g)-from)
				many.AddCells(0, g[from:from+n], to)
				from += n
			}
			if many.Rows() != len(g) {
				t.Fatalf("Rows = %d, want %d", many.Rows(), len(g))
			}
			if got := dedupe(t, many, linkage.Options{}); !reflect.DeepEqual(got, want) {
				t.Errorf("%d clusters, %d pairs, want %d and %d, and all else equal", got.Clusters, len(got.Pairs), want.Clusters, len(want.Pairs))
			}
		})
	}
}
