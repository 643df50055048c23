package review_test

import (
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"
	"time"

	"crmhub/mdm/entity"
	"crmhub/mdm/review"
)

func side(record, of, size int) review.Side {
	return review.Side{Record: entity.RecordID(record), Entity: entity.ID{15: byte(of)}, Size: size, Version: 1}
}

func TestQueue(t *testing.T) {
	pairs := []review.Pair{
		{A: side(1, 1, 1), B: side(9, 9, 1), Score: 500, Cause: review.Band},
		{A: side(2, 2, 3), B: side(5, 5, 2), Score: 100, Cause: review.Band},
		{A: side(3, 2, 3), B: side(6, 5, 2), Score: 300, Cause: review.Bridge},
		{A: side(4, 5, 2), B: side(7, 2, 3), Score: 300, Cause: review.Band},
		{A: side(1, 1, 1), B: side(8, 8, 1), Score: 700, Cause: review.Band},
		{A: side(10, 10, 9), B: side(11, 11, 9), Score: 900, Cause: review.Band},
	}
	rng := rand.New(rand.NewPCG(1, 2))
	for range 20 {
		var got []string
		for _, i := range review.Queue(pairs, map[string]bool{"10-11": true}) {
			got = append(got, fmt.Sprint(i.ID(), " ", i.Pairs, " ", i.Impact, " ", i.Skipped))
		}
		want := []string{"3-6 3 5 false", "1-8 1 2 false", "1-9 1 2 false", "10-11 1 18 true"}
		if !slices.Equal(got, want) {
			t.Fatalf("Queue = %q\nwant    %q", got, want)
		}
		rng.Shuffle(len(pairs), func(i, j int) { pairs[i], pairs[j] = pairs[j], pairs[i] })
	}
}

func TestParse(t *testing.T) {
	p := review.Pair{A: side(17, 1, 1), B: side(204, 2, 1)}
	if a, b, ok := review.ParseID(" " + p.ID()); !ok || a != 17 || b != 204 {
		t.Errorf("ParseID(%q) = %d, %d, %v", p.ID(), a, b, ok)
	}
	for _, id := range []string{"", "17", "17-", "204-17", "5-5", "a-b", "-1-2", "1-2-3"} {
		if _, _, ok := review.ParseID(id); ok {
			t.Errorf("ParseID(%q) is taken", id)
		}
	}
	for word, want := range map[string]review.Answer{"Link": review.Link, " 是 ": review.Link, "NO": review.Not, "不同": review.Not, "跳过": review.Skip} {
		if got, ok := review.ParseAnswer(word); !ok || got != want {
			t.Errorf("ParseAnswer(%q) = %q, %v, want %q", word, got, ok, want)
		}
	}
	if _, ok := review.ParseAnswer("maybe"); ok {
		t.Error("maybe is taken for an answer")
	}
}

func TestContradictions(t *testing.T) {
	judged := func(a, b int, k entity.Kind) entity.Judgement {
		return entity.Judgement{A: entity.RecordID(a), B: entity.RecordID(b), Kind: k}
	}
	says := func(a, b int, w review.Answer) review.Decision {
		return review.Decision{A: entity.RecordID(a), B: entity.RecordID(b), Answer: w}
	}
	for _, tt := range []struct {
		name      string
		decisions []review.Decision
		stand     []entity.Judgement
		want      []int
	}{
		{"none", []review.Decision{says(1, 2, review.Link), says(2, 3, review.Not)}, nil, nil},
		{"the same pair twice", []review.Decision{says(1, 2, review.Link), says(1, 2, review.Not)}, nil, []int{1}},
		{"the same word twice", []review.Decision{says(1, 2, review.Link), says(1, 2, review.Link)}, nil, nil},
		{"a triangle", []review.Decision{says(1, 2, review.Link), says(2, 3, review.Link), says(1, 3, review.Not), says(7, 8, review.Link)}, nil, []int{0, 1, 2}},
		{"against what stands", []review.Decision{says(1, 2, review.Link)}, []entity.Judgement{judged(2, 3, entity.MustLink), judged(1, 3, entity.CannotLink)}, []int{0}},
		{"in place of what stands", []review.Decision{says(1, 2, review.Link)}, []entity.Judgement{judged(1, 2, entity.CannotLink)}, nil},
		{"a skip is no word", []review.Decision{says(1, 2, review.Link), says(2, 3, review.Link), says(1, 3, review.Skip)}, nil, nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := review.Contradictions(tt.decisions, tt.stand); !reflect.DeepEqual(got, tt.want) {
				t.Errorf("Contradictions = %v, want %v", got, tt.want)
			}
		})
	}
}

func TestStands(t *testing.T) {
	early, late := time.Unix(1, 0), time.Unix(2, 0)
	judged := []entity.Judgement{
		{A: 1, B: 2, Kind: entity.MustLink, At: early},
		{A: 2, B: 1, Kind: entity.CannotLink, At: late},
		{A: 3, B: 4, Kind: entity.MustLink, At: early},
	}
	for _, tt := range []struct {
		d    review.Decision
		want bool
	}{
		{review.Decision{A: 1, B: 2, Answer: review.Not}, true},
		{review.Decision{A: 1, B: 2, Answer: review.Link}, false},
		{review.Decision{A: 3, B: 4, Answer: review.Link}, true},
		{review.Decision{A: 3, B: 4, Answer: review.Skip}, false},
		{review.Decision{A: 5, B: 6, Answer: review.Not}, false},
	} {
		if got := review.Stands(tt.d, judged); got != tt.want {
			t.Errorf("Stands(%+v) = %v, want %v", tt.d, got, tt.want)
		}
	}
}
