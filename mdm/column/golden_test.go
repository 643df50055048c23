package column_test

import (
	"flag"
	"fmt"
	"hash/fnv"
	"math/rand/v2"
	"os"
	"strings"
	"testing"

	"crmhub/mdm/column"
)

var update = flag.Bool("update", false, "rewrite testdata/*.golden")

// slip returns a text with up to three slips of the keys.
func slip(rng *rand.Rand, s string) string {
	letters := []rune("aeiou019 -,.()张伟李éß'&#/@省市区路号楼abst")
	rs := []rune(s)
	for range rng.IntN(4) {
		if len(rs) == 0 {
			break
		}
		i, j := rng.IntN(len(rs)), rng.IntN(len(rs))
		switch rng.IntN(4) {
		case 0:
			rs = append(rs[:i:i], rs[i+1:]...)
		case 1:
			rs[i], rs[j] = rs[j], rs[i]
		case 2:
			rs[i] = letters[rng.IntN(len(letters))]
		case 3:
			rs = append(append([]rune{}, rs[i:]...), append([]rune{' '}, rs[:i]...)...)
		}
	}
	return string(rs)
}

// sum tells in one line what a comparer says of values: how many pairs reach
// each level, and hashes of all levels, canonical texts and keys.
func sum(c column.Comparer, values []column.Packed) string {
	texts, keys, pairs := fnv.New64a(), fnv.New64a(), fnv.New64a()
	counts := make([]int, len(c.Levels())+1)
	for i, v := range values {
		fmt.Fprintf(texts, "%q", c.AppendText(nil, v))
		fmt.Fprint(keys, c.Keys(nil, v, ^uint32(0)))
		for j := range i + 1 {
			if (i+j)%31 != 0 && i-j >= 12 {
				continue
			}
			l := c.Level(v, values[j])
			counts[l]++
			pairs.Write([]byte{l})
		}
	}
	return fmt.Sprintf("levels %016x texts %016x keys %016x %v", pairs.Sum64(), texts.Sum64(), keys.Sum64(), counts)
}

// TestLevelsStay holds what every kind makes of many values: no change of how
// they are packed or compared shows.
func TestLevelsStay(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 7))
	var texts []string
	for _, tt := range levels {
		texts = append(texts, tt.a, tt.b, slip(rng, tt.a), slip(rng, tt.b))
	}
	var got strings.Builder
	for k := column.Ignored; k.String() != "unknown"; k++ {
		for _, o := range []column.Options{{}, {Values: texts, Country: "US"}} {
			c := column.New(k, o)
			fmt.Fprintln(&got, k, len(o.Values), sum(c, packed(c, texts)))
		}
	}
	for _, parts := range [][]column.Kind{
		{column.GivenName, column.MiddleName, column.FamilyName, column.FullName},
		{column.HouseNumber, column.Street, column.District, column.City, column.Region, column.Postcode, column.Country},
	} {
		kind := column.FullName
		if len(parts) > 4 {
			kind = column.Address
		}
		c, _ := column.NewComposite(kind, parts)
		pools := make([][]string, len(parts))
		for i, k := range parts {
			pools[i] = append(of(k), "", "")
		}
		var values []column.Packed
		tuple := make([]string, len(parts))
		for range 400 {
			for i, pool := range pools {
				if rng.IntN(3) == 0 {
					tuple[i] = slip(rng, pool[rng.IntN(len(pool))])
				}
			}
			values = append(values, column.Packed(c.Combine(nil, tuple)))
		}
		fmt.Fprintln(&got, "composite", kind, sum(c, values))
	}
	const golden = "testdata/levels.golden"
	if *update {
		if err := os.WriteFile(golden, []byte(got.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if got.String() != string(want) {
		for i, line := range strings.Split(got.String(), "\n") {
			if w := strings.Split(string(want), "\n"); i >= len(w) || w[i] != line {
				t.Errorf("got  %s\nwant %s", line, w[min(i, len(w)-1)])
			}
		}
	}
}
