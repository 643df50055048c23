package column_test

import (
	"testing"

	"crmhub/mdm/column"
)

// TestDurations holds that a duration is the same however it is written.
func TestDurations(t *testing.T) {
	c := column.New(column.Number, column.Options{Values: []string{"149 min", "2 hr. 29 min.", "3:45", "3m 45sec"}})
	for _, tt := range [][2]string{
		{"149 min", "2 hr. 29 min."}, {"2h 29min", "2:29:00"}, {"3:45", "3m 45sec"}, {"2小时29分", "149 min"}, {"2 hrs", "120 min"},
	} {
		a, b := column.Packed(c.Append(nil, tt[0])), column.Packed(c.Append(nil, tt[1]))
		if got := c.Levels()[c.Level(a, b)-1]; got != "exact" {
			t.Errorf("%q and %q are %s, want exact", tt[0], tt[1], got)
		}
	}
}
