package linkage_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"crmhub/mdm/linkage"
)

// systems returns the rows of customers whom two systems know by other things: their
// rows share nothing but a name that others have too, and one row shares all.
func systems(n int) (rows []string, truth []int) {
	rng := rand.New(rand.NewPCG(9, 17))
	syllables := []string{"ba", "ri", "mo", "len", "tas", "ko", "vi", "dor", "shu", "pel", "na", "gri", "wen", "ola"}
	word := func(k int) string {
		s := ""
		for range k {
			s += syllables[rng.IntN(len(syllables))]
		}
		return s
	}
	for i := range n {
		name := word(1) + " " + word(1)
		phone := fmt.Sprintf("020 7%03d %04d", rng.IntN(1000), rng.IntN(10000))
		mail := fmt.Sprintf("%s%d@mail.example", word(3), rng.IntN(100))
		born := fmt.Sprintf("%d-%02d-%02d", 1940+rng.IntN(60), 1+rng.IntN(12), 1+rng.IntN(28))
		add := func(cells ...string) {
			rows, truth = append(rows, strings.Join(cells, "|")), append(truth, i)
		}
		for range 4 {
			add(name, phone, "", "")
			add(name, "", "", born)
		}
		add(name, phone, mail, born)
	}
	return rows, truth
}

// TestWhatRowsLackPartsNobody holds that pairs of rows that share little
// don't speak against what the others say.
func TestWhatRowsLackPartsNobody(t *testing.T) {
	rows, truth := systems(400)
	got := dedupe(t, table("full_name|phone|email|date_of_birth", rows...), linkage.Options{})
	found, right, all := agrees(got.Cluster, truth)
	if float64(right) < 0.97*float64(all) || float64(right) < 0.99*float64(found) {
		t.Errorf("found %d pairs, %d of them right, want %d", found, right, all)
	}
	if p := float64(right) / float64(found); got.Precision > p+0.02 {
		t.Errorf("expected precision %.3f, want about %.3f", got.Precision, p)
	}
}
