package evaluate_test

import (
	"slices"
	"testing"

	"crmhub/mdm/evaluate"
)

func TestThreshold(t *testing.T) {
	marks := func(same []int32, not ...int32) []evaluate.Mark {
		var out []evaluate.Mark
		for _, h := range same {
			out = append(out, evaluate.Mark{Height: h, Same: true})
		}
		for _, h := range not {
			out = append(out, evaluate.Mark{Height: h})
		}
		return out
	}
	sure := func(more ...evaluate.Mark) []evaluate.Mark {
		for range evaluate.Enough {
			more = append(more, evaluate.Mark{Height: 9000, Same: true}, evaluate.Mark{Height: -1 << 31})
		}
		return more
	}
	for _, tt := range []struct {
		name  string
		marks []evaluate.Mark
		want  int32
	}{
		{"nothing said", nil, -1500},
		{"matches alone tell nothing", marks([]int32{-2000, -2000, -2000, -2000, -2000, -2000, -2000, -2000, -2000, -2000, -2000}), -1500},
		{"all agree", sure(marks([]int32{3000, 4000, 100}, -2000, -3000)...), -1500},
		{"one pair is chance", sure(marks([]int32{3000}, -1000)...), -1500},
		{"what is joined wrongly moves it up", sure(marks([]int32{3000, 4000}, -1000, 0, 500, 1000)...), 2000},
		{"what is missed moves it down", sure(marks([]int32{-2000, -2500, -3000}, -5000)...), -4000},
		{"what is never joined cannot be mended", sure(marks([]int32{-1 << 31, -1 << 31, -1 << 31, -1 << 31})...), -1500},
		{"as many wrong as right", sure(marks([]int32{0, 500, 1000}, -1000, 0, 500, 1000)...), -1500},
	} {
		t.Run(tt.name, func(t *testing.T) {
			for range 2 {
				if got := evaluate.Threshold(tt.marks, -1500, -6000, 20000); got != tt.want {
					t.Errorf("Threshold = %d, want %d", got, tt.want)
				}
				slices.Reverse(tt.marks)
			}
		})
	}
}
