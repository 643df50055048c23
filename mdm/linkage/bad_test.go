package linkage_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"crmhub/fault"
	"crmhub/mdm/linkage"
)

// TestBadTables holds that whatever a table looks like, a run ends with a
// sound result or says what is wrong.
func TestBadTables(t *testing.T) {
	rows, _ := people(200, 1)
	with := func(change func(i int, cells []string) []string) []string {
		out := make([]string, len(rows))
		for i, r := range rows {
			out[i] = strings.Join(change(i, strings.Split(r, "|")), "|")
		}
		return out
	}
	wide := make([]string, 500)
	for i := range wide {
		wide[i] = fmt.Sprintf("field%d", i)
	}
	for _, tt := range []struct {
		name    string
		headers string
		rows    []string
		code    string // of the fault that is wanted
		largest int    // the largest cluster that is sound
	}{
		{"no rows", peopleHeaders, nil, "", 0},
		{"one row", peopleHeaders, rows[:1], "", 1},
		{"two rows", peopleHeaders, rows[:2], "", 2},
		{"all rows the same", peopleHeaders, make60(rows[0]), "", 60},
		{"an empty column", peopleHeaders + "|x", with(func(_ int, c []string) []string { return append(c, "") }), "", 4},
		{"a constant column", peopleHeaders + "|x", with(func(_ int, c []string) []string { return append(c, "same") }), "", 4},
		{"a unique column", peopleHeaders + "|x", with(func(i int, c []string) []string { return append(c, fmt.Sprintf("%08x", i*2654435761)) }), "", 4},
		{"one value in half the rows", peopleHeaders, with(func(i int, c []string) []string {
			if i%2 == 0 {
				c[4] = "020 7946 0000"
			}
			return c
		}), "", 4},
		{"placeholders", peopleHeaders, with(func(i int, c []string) []string {
			if i%3 == 0 {
				c[2], c[4] = "1900-01-01", "13800000000"
			}
			return c
		}), "", 4},
		{"short rows", peopleHeaders, with(func(i int, c []string) []string { return c[:1+i%5] }), "", 100},
		{"invalid UTF-8", peopleHeaders, with(func(i int, c []string) []string {
			if i%4 == 0 {
				c[1] += "\xff\xfe"
			}
			return c
		}), "", 4},
		{"values of 1 MB", peopleHeaders + "|notes", with(func(i int, c []string) []string {
			if i%50 == 0 {
				return append(c, strings.Repeat("word ", 200_000))
			}
			return append(c, "a short note on "+c[0])
		}), "", 4},
		{"500 columns", strings.Join(wide, "|"), with(func(i int, c []string) []string {
			out := make([]string, 500)
			for k := range out {
				out[k] = c[k%5] + strings.Repeat("z", k%7)
			}
			return out
		}), "", 12},
		{"only empty columns", "a|b", []string{"|", "|", "|"}, "E6209", 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r, err := linkage.Dedupe(context.Background(), table(tt.headers, tt.rows...), linkage.Options{})
			if tt.code != "" {
				if f := fault.Of(err); f == nil || string(f.Code) != tt.code {
					t.Fatalf("Dedupe = %v, want %s", err, tt.code)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if len(r.Cluster) != len(tt.rows) || r.Largest > tt.largest {
				t.Errorf("%d rows in clusters of at most %d, want %d rows and at most %d", len(r.Cluster), r.Largest, len(tt.rows), tt.largest)
			}
		})
	}
}

// TestSameRowsAreOne holds that rows which all say the same are one cluster.
func TestSameRowsAreOne(t *testing.T) {
	r, err := linkage.Dedupe(context.Background(), table("id|name|city", "1|Ann Lee|Ulm", "2|Ann Lee|Ulm", "3|Ann Lee|Ulm"), linkage.Options{ID: "id"})
	if err != nil {
		t.Fatal(err)
	}
	if r.Clusters != 1 || r.Largest != 3 {
		t.Errorf("%d clusters, the largest of %d rows, want 1 of 3", r.Clusters, r.Largest)
	}
}

func make60(row string) []string {
	out := make([]string, 60)
	for i := range out {
		out[i] = row
	}
	return out
}
