package linkage_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"crmhub/mdm/linkage"
)

// TestAWideTableTellsWhatItLeavesOut holds that columns beyond those that are
// compared are named, those that tell least first among them.
func TestAWideTableTellsWhatItLeavesOut(t *testing.T) {
	r := rand.New(rand.NewPCG(2, 3))
	var headers []string
	for k := range 20 {
		headers = append(headers, fmt.Sprintf("field_%c_code", 'a'+k))
	}
	for _, tt := range []struct {
		columns int
		told    bool
	}{{16, false}, {20, true}} {
		tab := linkage.NewTable(headers[:tt.columns])
		for range 300 {
			cells := make([]string, tt.columns)
			for k := range cells {
				cells[k] = fmt.Sprintf("%c%c-%04d", 'q'+k%7, 'b'+k, 1000+r.IntN(20+400*k))
			}
			tab.Add(cells)
			if r.IntN(3) == 0 {
				tab.Add(cells)
			}
		}
		var notes []string
		for _, n := range dedupe(t, tab, linkage.Options{}).Notes {
			if strings.Contains(n.English, "tell most") {
				notes = append(notes, n.English, n.Chinese)
			}
		}
		if !tt.told {
			if len(notes) > 0 {
				t.Errorf("%d columns give the notes %q, want none", tt.columns, notes)
			}
			continue
		}
		if len(notes) != 2 || !strings.Contains(notes[0], "field_a_code") || !strings.Contains(notes[1], "field_a_code") || strings.Contains(notes[0], "field_t_code") {
			t.Errorf("%d columns give the notes %q, want field_a_code named and field_t_code not", tt.columns, notes)
		}
	}
}
