package synthetic_test

import (
	"os"
	"strings"
	"testing"

	"crmhub/mdm/standardize"
)

// Traditional forms lead back to the characters that names are made of, and
// each of these has a reading.
func TestVocabularyIsSound(t *testing.T) {
	text, err := os.ReadFile("vocabulary.txt")
	if err != nil {
		t.Fatal(err)
	}
	_, pairs, ok := strings.Cut(string(text), "[traditional] a character and its traditional form\n")
	if !ok {
		t.Fatal("no traditional forms")
	}
	for _, w := range strings.Fields(pairs) {
		r := []rune(w)
		if len(r) != 2 || standardize.Simplified(string(r[1])) != string(r[0]) {
			t.Errorf("%q: %s is not the simplified form", w, string(r[:1]))
		}
	}
	for _, r := range string(text) {
		if r >= 0x3400 && r <= 0x9FFF && standardize.Pinyin(r) == "" && standardize.Pinyin([]rune(standardize.Simplified(string(r)))[0]) == "" {
			t.Errorf("%c has no reading", r)
		}
	}
}
