package evaluate_test

import (
	"fmt"
	"math"
	"testing"

	"crmhub/mdm/evaluate"
)

func TestCompare(t *testing.T) {
	truth := map[string]int{"a": 1, "b": 1, "c": 1, "d": 2, "e": 2, "f": 3}
	for _, tt := range []struct {
		name            string
		found           map[string]string
		pp, pr, bp, br  float64
		largest, record int64
	}{
		{"perfect", map[string]string{"a": "x", "b": "x", "c": "x", "d": "y", "e": "y", "f": "z"}, 1, 1, 1, 1, 3, 6},
		{"all one", map[string]string{"a": "x", "b": "x", "c": "x", "d": "x", "e": "x", "f": "x"}, 4.0 / 15, 1, (9 + 4 + 1) / 36.0, 1, 6, 6},
		{"nothing found", nil, 1, 0, 1, 3.0 / 6, 1, 6},
		{"one of each missing", map[string]string{"a": "x", "b": "x", "d": "y", "f": "z", "stranger": "x"}, 1, 1.0 / 4, 1, (4.0/3 + 1.0/3 + 0.5 + 0.5 + 1) / 6, 2, 6},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got := evaluate.Compare(tt.found, truth)
			for name, x := range map[string][2]float64{"pair precision": {got.Pairs.Precision, tt.pp}, "pair recall": {got.Pairs.Recall, tt.pr}, "cubed precision": {got.Cubed.Precision, tt.bp}, "cubed recall": {got.Cubed.Recall, tt.br}} {
				if math.Abs(x[0]-x[1]) > 1e-9 {
					t.Errorf("%s = %v, want %v", name, x[0], x[1])
				}
			}
			if got.Largest != tt.largest || got.Records != tt.record {
				t.Errorf("largest %d of %d records, want %d of %d", got.Largest, got.Records, tt.largest, tt.record)
			}
		})
	}
}

func ExampleCompare() {
	r := evaluate.Compare(map[string]int{"r1": 1, "r2": 1, "r3": 1}, map[string]string{"r1": "Li", "r2": "Li", "r3": "Wang"})
	fmt.Printf("precision %.2f, recall %.2f\n", r.Pairs.Precision, r.Pairs.Recall)
	// Output: precision 0.33, recall 1.00
}
