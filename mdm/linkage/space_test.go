package linkage_test

import (
	"context"
	"reflect"
	"runtime"
	"strings"
	"testing"

	"crmhub/mdm/linkage"
	"crmhub/mdm/spill"
)

// veil hides bytes from nobody.
type veil struct{}

func (veil) XOR(p []byte, at uint64) {
	for i := range p {
		p[i] ^= byte(at+uint64(i))*13 | 0x80
	}
}

// spilled returns a table of people in a space that keeps to limit bytes.
func spilled(t *testing.T, limit int64, key spill.Keystream, rows []string) *linkage.Table {
	t.Helper()
	_, space, err := spill.Open(context.Background(), t.TempDir(), limit, key)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := space.Close(); err != nil {
			t.Error(err)
		}
	})
	tab := linkage.NewTableIn(space, strings.Split(peopleHeaders, "|"))
	for _, r := range rows {
		tab.Add(strings.Split(r, "|"))
	}
	return tab
}

// TestDedupeInASpace holds that where arrays lie changes nothing, though all
// of them are taken out of memory over and over.
func TestDedupeInASpace(t *testing.T) {
	if runtime.GOOS != "linux" {
		if _, _, err := spill.Open(context.Background(), t.TempDir(), 1, veil{}); err == nil {
			t.Error("Open = nil, want an error where files can't be mapped")
		}
		return
	}
	rows, _ := people(2000, 9)
	want := dedupe(t, table(peopleHeaders, rows...), linkage.Options{})
	tab := spilled(t, 1, veil{}, rows)
	got := dedupe(t, tab, linkage.Options{Discard: true})
	if !reflect.DeepEqual(got, want) {
		t.Errorf("%d clusters, %d pairs, want %d and %d, and all else equal", got.Clusters, len(got.Pairs), want.Clusters, len(want.Pairs))
	}
}

// TestLinkInASpace holds the same for the rows of two files, of which those of
// one are not compared.
func TestLinkInASpace(t *testing.T) {
	if runtime.GOOS != "linux" {
		return
	}
	for n, o := range map[int]linkage.Options{300: {OneToOne: true}, 2500: {}} {
		rows, _ := people(n, 6)
		want, err := linkage.Link(t.Context(), twoFiles(rows), o)
		if err != nil {
			t.Fatal(err)
		}
		o.Discard = true
		got, err := linkage.Link(t.Context(), halved(spilled(t, 1, veil{}, nil), rows), o)
		if err != nil {
			t.Fatal(err)
		}
		if !reflect.DeepEqual(got, want) || len(want.Pairs) == 0 {
			t.Errorf("%+v: %d links of %d pairs, want %d of %d, and all else equal", o, len(got.Pairs), got.Compared, len(want.Pairs), want.Compared)
		}
	}
}

// TestBlocksThatAreTooLargeAreSplit holds that rows of a very common value are
// still compared where they share something beside.
func TestBlocksThatAreTooLargeAreSplit(t *testing.T) {
	rows, _ := people(2000, 4)
	for i := range rows {
		cells := strings.Split(rows[i], "|")
		cells[3] = []string{"york", "bonn"}[min(i/2500, 1)]
		rows[i] = strings.Join(cells, "|")
	}
	blocks := func(add []string, drop ...int) *linkage.Proposals {
		b, err := linkage.Blocks(context.Background(), table(peopleHeaders, rows...), linkage.Options{}, add, drop)
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	var all []int
	for i := range blocks(nil).Rules {
		all = append(all, i+1)
	}
	b := blocks([]string{"city exact", "date_of_birth year + phone prefix"}, all...)
	if r := b.Rules[0]; r.Pairs < 20_000 || r.Largest > 200 {
		t.Errorf("%v proposes %d pairs, its largest block has %d rows; want those of the few and parts of the many", r.Rule, r.Pairs, r.Largest)
	}
}
