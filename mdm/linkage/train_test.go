package linkage_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"crmhub/mdm/linkage"
)

// word makes up a word of so many syllables.
func word(rng *rand.Rand, syllables int) string {
	const text = "ba ri mo len tas ko vi dor shu pel na gri ul fen"
	all := strings.Fields(text)
	var b strings.Builder
	for range syllables {
		b.WriteString(all[rng.IntN(len(all))])
	}
	return b.String()
}

// slip leaves out a letter.
func slip(rng *rand.Rand, s string) string {
	i := 1 + rng.IntN(len(s)-1)
	return s[:i] + s[i+1:]
}

// TestNeighboursAreNoMatches holds that people of one place are not taken for
// one person where there are many more such pairs than matches.
func TestNeighboursAreNoMatches(t *testing.T) {
	rng := rand.New(rand.NewPCG(4, 4))
	var rows []string
	var truth []int
	towns := make([]string, 60)
	for i := range towns {
		towns[i] = word(rng, 3)
	}
	for i := range 2400 {
		town := rng.IntN(len(towns))
		given, family, code := word(rng, 2), word(rng, 3), fmt.Sprintf("%05d", 20011+town*37+rng.IntN(3)*13)
		for range 1 + rng.IntN(2) {
			cells := []string{given, family, towns[town], code}
			for k := range 3 {
				if rng.IntN(5) == 0 {
					cells[k] = slip(rng, cells[k])
				}
			}
			rows, truth = append(rows, strings.Join(cells, "|")), append(truth, i)
		}
	}
	r := dedupe(t, table("givenname|surname|suburb|postcode", rows...), linkage.Options{})
	found, right, all := agrees(r.Cluster, truth)
	if f1 := 2 * float64(right) / float64(found+all); f1 < 0.95 {
		t.Errorf("F1 %.4f, want at least 0.95", f1)
	}
}

// TestManyRowsOfFewThings holds that rows which are nearly all of things with
// dozens of rows are put together.
func TestManyRowsOfFewThings(t *testing.T) {
	rng := rand.New(rand.NewPCG(6, 6))
	var rows []string
	var truth []int
	for i := range 40 {
		var title []string
		for range 4 + rng.IntN(4) {
			title = append(title, word(rng, 1+rng.IntN(3)))
		}
		author, year := word(rng, 2)+" "+word(rng, 3), fmt.Sprint(1980+rng.IntN(30))
		for range 1 + rng.IntN(30) {
			cells := []string{author, strings.Join(title, " "), year, ""}
			if rng.IntN(3) == 0 {
				cells[0] = author[:1] + " " + strings.Fields(author)[1]
			}
			if rng.IntN(3) == 0 {
				cells[1] = slip(rng, cells[1])
			}
			if rng.IntN(3) == 0 {
				cells[2] = ""
			}
			if rng.IntN(5) == 0 {
				cells[3] = word(rng, 2)
			}
			rows, truth = append(rows, strings.Join(cells, "|")), append(truth, i)
		}
	}
	r := dedupe(t, table("author|title|year|address", rows...), linkage.Options{})
	found, right, all := agrees(r.Cluster, truth)
	if f1 := 2 * float64(right) / float64(found+all); f1 < 0.95 {
		t.Errorf("F1 %.4f, want at least 0.95", f1)
	}
}

// TestLinkWithoutSharedColumns holds that a column of one file only does not
// take part.
func TestLinkWithoutSharedColumns(t *testing.T) {
	rows, truth := people(300, 8)
	tab := linkage.NewTable(strings.Split(peopleHeaders+"|age|birth_year", "|"))
	file := make([]int, len(rows))
	for i, r := range rows {
		file[i] = 1
		if i > 0 && truth[i] == truth[i-1] {
			file[i] = 2
		}
		cells := strings.Split(r, "|")
		if file[i] == 1 {
			cells = append(cells, fmt.Sprint(i%80), "")
		} else {
			cells = append(cells, "", fmt.Sprint(1900+i%80))
		}
		tab.AddFrom(file[i], cells)
	}
	r, err := linkage.Link(t.Context(), tab, linkage.Options{OneToOne: true})
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range r.Model.Fields {
		if f.Name == "age" || f.Name == "birth_year" {
			t.Errorf("%s is compared, which one file only has", f.Name)
		}
	}
	right := 0
	for _, p := range r.Pairs {
		if truth[p.Left] == truth[p.Right] {
			right++
		}
	}
	if want := 100; right != want || len(r.Pairs) != want {
		t.Errorf("%d links, %d of them right, want %d", len(r.Pairs), right, want)
	}
}
