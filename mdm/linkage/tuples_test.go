package linkage_test

import (
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"

	"crmhub/mdm/linkage"
)

// TestTuplesOfManyColumns holds that addresses of more columns than a number
// has room for are told apart, in whatever order their columns stand.
func TestTuplesOfManyColumns(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	headers := strings.Split("id|street|district|city|region|postcode|country|full_name", "|")
	var rows [][]string
	for i := range 500 {
		n := r.IntN(330)
		row := []string{
			fmt.Sprint(i), fmt.Sprintf("%d Mill Road", n), fmt.Sprintf("Ward%d", n%311), fmt.Sprintf("Town%d", n%97),
			fmt.Sprintf("Shire%d", n%13), fmt.Sprintf("AB%d 1CD", n%89), "GB", fmt.Sprintf("Ann%d Lee%d", n%29, n),
		}
		if n%5 == 0 {
			row[1+r.IntN(6)] = ""
		}
		rows = append(rows, row)
	}
	clusters := func(columns []int) []uint32 {
		var names []string
		for _, c := range columns {
			names = append(names, headers[c])
		}
		tab := linkage.NewTable(names)
		for _, row := range rows {
			var cells []string
			for _, c := range columns {
				cells = append(cells, row[c])
			}
			tab.Add(cells)
		}
		return dedupe(t, tab, linkage.Options{ID: "id"}).Cluster
	}
	got, want := clusters([]int{7, 6, 5, 4, 3, 2, 1, 0}), clusters([]int{0, 1, 2, 3, 4, 5, 6, 7})
	if !reflect.DeepEqual(got, want) {
		t.Error("another order of the columns gives other clusters, want the same")
	}
	if n := int(slices.Max(want)) + 1; n < 200 || n > 330 {
		t.Errorf("%d clusters, want about as many as there are people", n)
	}
}
