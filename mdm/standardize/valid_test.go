package standardize_test

import (
	"math/rand/v2"
	"testing"
	"unicode/utf8"

	"crmhub/mdm/standardize"
)

func TestValid(t *testing.T) {
	pieces := []string{"a", "\u674e", "\xe4\xb8", "\xe9", "\xff", "\ufffd", "\u00e9", "\U0001f642", "\xf0\x9f", "\xed\xa0\x80", "\x80"}
	r := rand.New(rand.NewPCG(4, 2))
	for range 20_000 {
		s := ""
		for range r.IntN(5) {
			s += pieces[r.IntN(len(pieces))]
		}
		want := utf8.ValidString(s)
		if got, bytes := standardize.Valid(s), standardize.Valid([]byte(s)); got != want || bytes != want {
			t.Fatalf("Valid of %q = %v, of its bytes %v, want %v", s, got, bytes, want)
		}
	}
}
