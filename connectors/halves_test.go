package connectors_test

import (
	"testing"

	"crmhub/connectors"
)

func TestHalfCharacter(t *testing.T) {
	for _, tt := range []struct {
		in   string
		want int
	}{
		{`{"a":"plain"}`, -1},
		{`{"a":"\u00e9 \ud83d\ude00 \uD83D\uDE00"}`, -1},
		{`{"a":"\ud83d"}`, 6},
		{`{"a":"x\ude00"}`, 7},
		{`{"a":"\ud83d\u0041"}`, 6},
		{`{"a":"\ud83d\ud83d\ude00"}`, 6},
		{`{"a":"\\ud83d"}`, -1}, // a backslash, and then letters
		{`{"a":"\\\ud83d"}`, 8},
		{`{"a":"\ud8`, -1},
		{`\`, -1},
	} {
		if got := connectors.HalfCharacter([]byte(tt.in)); got != tt.want {
			t.Errorf("HalfCharacter(%s) = %d, want %d", tt.in, got, tt.want)
		}
	}
}
