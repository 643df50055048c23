package standardize_test

import (
	"math/rand/v2"
	"strings"
	"testing"

	"golang.org/x/text/language"

	"crmhub/mdm/standardize"
)

// TestQuickEmails holds that what is recognised as plain is what the long way
// gives: an address in brackets always takes it.
func TestQuickEmails(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 9))
	const letters = "aab.@-_+9Z ,"
	for range 200_000 {
		var b strings.Builder
		for range r.IntN(9) {
			b.WriteByte(letters[r.IntN(len(letters))])
		}
		s := b.String()
		got, ok := standardize.Email(s)
		want, wantOK := standardize.Email("<" + s + ">")
		if ok != wantOK || got != want {
			t.Fatalf("Email(%q) = %q, %v, want %q, %v", s, got, ok, want, wantOK)
		}
	}
}

func TestQuickLanguages(t *testing.T) {
	for _, s := range strings.Fields("zh zh-CN zh-Hans zh-Hant zh-TW zh-HK en en-US en-GB ja ko de fr es it pt ru nl iw in") {
		want, err := language.Parse(s)
		if got, ok := standardize.Language(s); err != nil || !ok || got != want.String() {
			t.Errorf("Language(%s) = %q, %v, want %q, %v", s, got, ok, want, err)
		}
	}
}
