package linkage_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"crmhub/mdm/linkage"
)

// f1 is the pairwise F1 of a table's clusters with all defaults.
func f1(t *testing.T, headers string, rows []string, truth []int) float64 {
	t.Helper()
	r := dedupe(t, table(headers, rows...), linkage.Options{})
	found, right, all := agrees(r.Cluster, truth)
	return 2 * float64(right) / float64(found+all)
}

// TestFamiliesOfOnePractice holds that an identifier which many rows share, the
// code of a surgery, does not make one person of a family.
func TestFamiliesOfOnePractice(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 5))
	given := make([]string, 80)
	for i := range given {
		given[i] = word(rng, 2)
	}
	var rows []string
	var truth []int
	person := 0
	for range 2500 {
		family, practice := word(rng, 3), fmt.Sprintf("%c%05d", "ABCD"[rng.IntN(4)], 81001+rng.IntN(100))
		postcode := fmt.Sprintf("LS%d %dAB", 1+rng.IntN(29), rng.IntN(10))
		for range 1 + rng.IntN(4) {
			name, born := given[rng.IntN(len(given))], fmt.Sprintf("%d-%02d-%02d", 1930+rng.IntN(80), 1+rng.IntN(12), 1+rng.IntN(28))
			for range 1 + rng.IntN(2) {
				cells := []string{name, family, born, postcode, practice}
				if rng.IntN(8) == 0 {
					cells[0] = slip(rng, name)
				}
				if rng.IntN(8) == 0 {
					cells[3] = ""
				}
				rows, truth = append(rows, strings.Join(cells, "|")), append(truth, person)
			}
			person++
		}
	}
	if got := f1(t, "forename|surname|date_of_birth|postcode|gp_practice", rows, truth); got < 0.9 {
		t.Errorf("F1 %.4f, want at least 0.9", got)
	}
}

// TestMoversOfOneAddressColumn holds that who moved is found again where the
// address, the town and the postal code stand in columns of their own: that
// they all differ says no more than that one does.
func TestMoversOfOneAddressColumn(t *testing.T) {
	rng := rand.New(rand.NewPCG(8, 8))
	given, streets := make([]string, 100), make([]string, 300)
	for i := range given {
		given[i] = word(rng, 2)
	}
	for i := range streets {
		streets[i] = word(rng, 3) + []string{" Street", " Road", " Lane"}[rng.IntN(3)]
	}
	home := func() string {
		town := rng.IntN(50)
		return fmt.Sprintf("%d %s|%s|%05d", 1+rng.IntN(900), streets[rng.IntN(len(streets))], strings.ToUpper(streets[town][:4])+"ville", 20011+37*town)
	}
	var rows []string
	var truth []int
	for i := range 4000 {
		name, family, born, at := given[rng.IntN(len(given))], word(rng, 2), 1930+rng.IntN(70), home()
		for range 1 + rng.IntN(2) {
			if rng.IntN(6) == 0 {
				at = home()
			}
			first := name
			if rng.IntN(10) == 0 {
				first = slip(rng, name)
			}
			rows, truth = append(rows, fmt.Sprintf("%s|%s|%d|%s", first, family, born, at)), append(truth, i)
		}
	}
	if got := f1(t, "first_name|last_name|birth_year|street_address|city|zip_code", rows, truth); got < 0.9 {
		t.Errorf("F1 %.4f, want at least 0.9", got)
	}
}

// TestModelsOfOneMaker holds that what matches are told by is the title, where
// far more pairs of products share a maker's words than are one, and matches
// never share a shop.
func TestModelsOfOneMaker(t *testing.T) {
	rng := rand.New(rand.NewPCG(12, 12))
	maker, kind := make([]string, 15), make([]string, 15)
	for i := range maker {
		maker[i], kind[i] = word(rng, 3), word(rng, 2)+" "+word(rng, 2)
	}
	talk := func(words int) string {
		var out []string
		for range words {
			out = append(out, word(rng, 1+rng.IntN(3)))
		}
		return strings.Join(out, " ")
	}
	var rows []string
	var truth []int
	for i := range 1500 {
		m, k, price := maker[rng.IntN(len(maker))], kind[rng.IntN(len(kind))], 20+rng.IntN(2000)
		model := strings.ToUpper(word(rng, 1)) + fmt.Sprint(10+rng.IntN(9990))
		rows, truth = append(rows, fmt.Sprintf("one|%s %s - %s|%s %s %s|$%d.49", m, k, model, m, model, talk(12), price)), append(truth, i)
		if rng.IntN(3) > 0 {
			rows, truth = append(rows, fmt.Sprintf("other|%s %s %s|%s|$%d.00", m, model, k, talk(5), price*(80+rng.IntN(25))/100)), append(truth, i)
		}
	}
	if got := f1(t, "shop|name|description|price", rows, truth); got < 0.7 {
		t.Errorf("F1 %.4f, want at least 0.7", got)
	}
}

// branches returns the rows of companies in several towns; each branch is a
// thing of its own.
func branches(n int) (rows []string, truth []int) {
	rng := rand.New(rand.NewPCG(3, 14))
	towns, streets := make([]string, 60), make([]string, 200)
	for i := range towns {
		towns[i] = strings.ToUpper(word(rng, 1)) + word(rng, 2)
	}
	for i := range streets {
		streets[i] = word(rng, 3) + []string{" Street", " Road", " Lane"}[rng.IntN(3)]
	}
	trades := []string{"Logistics", "Foods", "Printing", "Motors", "Dental", "Textiles", "Partners", "Energy"}
	at := 0
	for range n {
		name := word(rng, 2) + " " + trades[rng.IntN(len(trades))]
		for range 1 + rng.IntN(4) {
			town := towns[rng.IntN(len(towns))]
			street := fmt.Sprintf("%d %s", 1+rng.IntN(200), streets[rng.IntN(len(streets))])
			for range 1 + rng.IntN(2) {
				called := name + []string{" Ltd", " Limited", ""}[rng.IntN(3)]
				if rng.IntN(4) == 0 {
					called = slip(rng, called)
				}
				where := street
				if rng.IntN(5) == 0 {
					where = ""
				}
				rows, truth = append(rows, strings.Join([]string{called, where, town}, "|")), append(truth, at)
			}
			at++
		}
	}
	return rows, truth
}

// TestBranchesOfOneCompany holds that branches in other towns are not taken
// for one where most pairs that rules propose share the name.
func TestBranchesOfOneCompany(t *testing.T) {
	rows, truth := branches(1200)
	if got := f1(t, "company|street|town", rows, truth); got < 0.75 {
		t.Errorf("F1 %.4f, want at least 0.75", got)
	}
}

// TestMailboxesMadeOfNames holds that people who are called alike, and have
// mailboxes made of their names, are not taken for one where nothing but name and mailbox is known.
func TestMailboxesMadeOfNames(t *testing.T) {
	rng := rand.New(rand.NewPCG(4, 21))
	given, family := make([]string, 120), make([]string, 250)
	for i := range given {
		given[i] = word(rng, 2)
	}
	for i := range family {
		family[i] = word(rng, 2)
	}
	var rows []string
	var truth []int
	for i := range 3000 {
		first, last := given[rng.IntN(len(given))], family[rng.IntN(len(family))]
		mailbox := fmt.Sprintf("%s.%s%d@mail.example", first, last, rng.IntN(100))
		for range 1 + rng.IntN(2) {
			name := first
			if rng.IntN(10) > 2 {
				name += " " + last
			}
			rows, truth = append(rows, name+"|"+mailbox), append(truth, i)
		}
	}
	if got := f1(t, "name|email", rows, truth); got < 0.7 {
		t.Errorf("F1 %.4f, want at least 0.7", got)
	}
}
