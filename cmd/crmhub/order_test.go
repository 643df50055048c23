package main_test

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

const orderHeader = "id,name,email,phone,street,city,national_id,changed\n"

// households writes n rows, one line each, of people who are hard to tell
// apart: families share a surname, a street, a telephone; a person stands up
// to five times, each time with a part of what is known and with slips.
func households(n int) []string {
	r := rand.New(rand.NewPCG(7, 11))
	pick := func(of []string) string { return of[r.IntN(len(of))] }
	family := []string{"Harris", "Harrison", "Smith", "Smyth", "Müller", "Mueller", "Zhang", "Wang", "Okafor", "Nguyen", "Taylor", "Baker"}
	given := []string{"John", "Jon", "Jonathan", "Mary", "Marie", "Anna", "Ann", "Wei", "Min", "Robert", "Bob", "Elizabeth", "Liz"}
	slip := func(s string) string {
		if i := r.IntN(len(s) * 6); i+1 < len(s) && s[i] < 0x80 && s[i+1] < 0x80 {
			return s[:i] + string(s[i+1]) + string(s[i]) + s[i+2:]
		}
		return s
	}
	maybe := func(s string, often float64) string {
		if r.Float64() < often {
			return s
		}
		return ""
	}
	var rows []string
	for house := 0; len(rows) < n; house++ {
		surname, street, home := pick(family), fmt.Sprintf("%d %s Street", 1+r.IntN(40), pick(family)), fmt.Sprintf("138%08d", r.IntN(1e8))
		for person := range 1 + r.IntN(4) {
			name, mail := pick(given), fmt.Sprintf("%s.%d.%d@example.com", surname, house, person)
			own := fmt.Sprintf("139%08d", r.IntN(1e8))
			for range 1 + r.IntN(5) {
				phone := own
				if r.IntN(3) == 0 {
					phone = home
				}
				rows = append(rows, fmt.Sprintf("%d,%s,%s,%s,%s,%s,,2026-01-%02dT03:04:05Z\n", len(rows)+1, slip(name)+" "+slip(surname),
					maybe(mail, .5), maybe(phone, .5), maybe(slip(street), .7), maybe("Shanghai", .8), 1+r.IntN(28)))
			}
		}
	}
	return rows[:n]
}

// TestOrderDoesNotMatter holds that the same records give the same entities
// and the same digest in whatever order they come, in how many batches, and
// whatever stood there in between.
func TestOrderDoesNotMatter(t *testing.T) {
	rows := households(2000)
	text := func(rows []string) string { return orderHeader + strings.Join(rows, "") }
	run := func(t *testing.T, dir string, files ...string) (sets []string, digest string) {
		t.Helper()
		for _, f := range files {
			write(t, filepath.Join(dir, "people.csv"), f)
			must(t, "-C", dir, "run", "people")
		}
		sets, _ = entities(t, dir)
		return sets, must(t, "-C", dir, "store", "digest")
	}
	want, digest := run(t, project(t, ""), text(rows))
	if len(want) < 300 || len(want) > 1500 {
		t.Fatalf("%d entities of 2000 records: the rows prove nothing", len(want))
	}

	reversed, shuffled := slices.Clone(rows), slices.Clone(rows)
	slices.Reverse(reversed)
	rand.New(rand.NewPCG(3, 4)).Shuffle(len(shuffled), func(i, j int) { shuffled[i], shuffled[j] = shuffled[j], shuffled[i] })
	var growing []string
	for _, n := range []int{100, 101, 400, 1200, 2000} {
		growing = append(growing, text(shuffled[:n]))
	}
	// At first some rows are others, some are not there yet, and some are too many.
	churn := slices.Clone(shuffled[100:])
	for i := 0; i < len(churn); i += 9 {
		id, _, _ := strings.Cut(churn[i], ",")
		other := strings.Split(churn[(i+1)%len(churn)], ",")
		other[0], other[7] = id, "2025-01-01T00:00:00Z\n"
		churn[i] = strings.Join(other, ",")
	}
	for i := range 150 {
		_, rest, _ := strings.Cut(rows[i*13], ",")
		churn = append(churn, fmt.Sprintf("%d,%s", 5000+i, rest))
	}

	for name, files := range map[string][]string{
		"reversed": {text(reversed)},
		"shuffled": {text(shuffled)},
		"growing":  growing,
		"churn":    {text(churn), text(append(slices.Clone(churn[:1500]), shuffled[:100]...)), text(reversed)},
	} {
		t.Run(name, func(t *testing.T) {
			dir := project(t, "")
			if name == "churn" {
				file := filepath.Join(dir, "pipelines", "people.yaml")
				yaml, err := os.ReadFile(file)
				if err != nil {
					t.Fatal(err)
				}
				write(t, file, strings.Replace(string(yaml), "key: id}", "key: id, deletes: sweep}", 1)+"limits: {max_deleted: 50%}\n")
			}
			got, d := run(t, dir, files...)
			if !slices.Equal(got, want) {
				n, first := differing(got, want)
				t.Errorf("%d entities, want %d; %d are others, such as\n%s", len(got), len(want), n, first)
			}
			if d != digest {
				t.Errorf("digest\n%s\nwant\n%s", d, digest)
			}
		})
	}
}

// differing counts the sets of got that want has not, and shows the first.
func differing(got, want []string) (n int, first string) {
	for _, s := range got {
		if _, ok := slices.BinarySearch(want, s); !ok {
			if n++; n == 1 {
				first = s
			}
		}
	}
	return n, first
}
