package evaluate_test

import (
	"math"
	"testing"

	"crmhub/mdm/evaluate"
)

func TestWilsonInterval(t *testing.T) {
	for _, tt := range []struct {
		right, of        int64
		value, low, high float64
	}{
		{0, 0, 1, 0, 1},
		{0, 10, 0, 0, 0.2775},
		{10, 10, 1, 0.7225, 1},
		{81, 263, 0.3080, 0.2553, 0.3662},
		{1, 2, 0.5, 0.0945, 0.9055},
	} {
		s := evaluate.NewShare(tt.right, tt.of)
		if math.Abs(s.Value-tt.value) > 1e-4 || math.Abs(s.Low-tt.low) > 1e-4 || math.Abs(s.High-tt.high) > 1e-4 {
			t.Errorf("%d of %d: %.4f in %.4f to %.4f, want %.4f in %.4f to %.4f", tt.right, tt.of, s.Value, s.Low, s.High, tt.value, tt.low, tt.high)
		}
	}
}

func TestLabelled(t *testing.T) {
	var tally evaluate.Tally
	for _, x := range [][2]bool{{true, true}, {true, true}, {true, false}, {false, true}, {false, false}} {
		tally.Add(x[0], x[1])
	}
	l := tally.Labelled()
	if l.Precision.Right != 2 || l.Precision.Of != 3 || l.Recall.Of != 3 || math.Abs(l.F1-2.0/3) > 1e-9 {
		t.Errorf("Labelled = %+v", l)
	}
}
