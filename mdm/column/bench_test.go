package column_test

import (
	"fmt"
	"testing"

	"crmhub/mdm/column"
)

// of returns the values of a kind's cases.
func of(k column.Kind) []string {
	var out []string
	for _, tt := range levels {
		if tt.kind == k {
			out = append(out, tt.a, tt.b)
		}
	}
	return out
}

// pack returns a text as a comparer packs it.
func pack(c column.Comparer, text string) column.Packed {
	return column.Packed(c.Append(nil, text))
}

// packed returns texts as a comparer packs them.
func packed(c column.Comparer, texts []string) []column.Packed {
	var out []column.Packed
	for _, s := range texts {
		out = append(out, pack(c, s))
	}
	return out
}

func TestLevelAllocatesNothing(t *testing.T) {
	for k := column.FullName; k.String() != "unknown"; k++ {
		c := column.New(k, column.Options{})
		values := packed(c, of(k))
		if n := testing.AllocsPerRun(10, func() {
			for i := range values {
				for j := range values {
					c.Level(values[i], values[j])
				}
			}
		}); n > 0 {
			t.Errorf("%v: %v allocations in %d levels, want none", k, n, len(values)*len(values))
		}
	}
}

func TestLevelOfTuplesAllocatesNothing(t *testing.T) {
	for _, tt := range composites {
		c, _ := column.NewComposite(tt.kind, tt.parts)
		var values []column.Packed
		for _, tuple := range tt.tuples {
			values = append(values, column.Packed(c.Combine(nil, tuple)))
		}
		if n := testing.AllocsPerRun(10, func() {
			for i := range values {
				for j := range values {
					c.Level(values[i], values[j])
				}
			}
		}); n > 0 {
			t.Errorf("%v: %v allocations in %d levels, want none", tt.kind, n, len(values)*len(values))
		}
	}
}

func BenchmarkLevel(b *testing.B) {
	for k := column.FullName; k.String() != "unknown"; k++ {
		c := column.New(k, column.Options{})
		values := packed(c, of(k))
		if len(values) == 0 {
			continue
		}
		b.Run(fmt.Sprint(k), func(b *testing.B) {
			i := 0
			for b.Loop() {
				c.Level(values[i%len(values)], values[i*7%len(values)])
				i++
			}
		})
	}
}

func BenchmarkValue(b *testing.B) {
	for k := column.FullName; k.String() != "unknown"; k++ {
		c, texts := column.New(k, column.Options{}), of(k)
		if len(texts) == 0 {
			continue
		}
		b.Run(fmt.Sprint(k), func(b *testing.B) {
			b.ReportAllocs()
			size, i := 0, 0
			var dst []byte
			for b.Loop() {
				dst = c.Append(dst[:0], texts[i%len(texts)])
				size += len(dst)
				i++
			}
			b.ReportMetric(float64(size)/float64(i), "bytes/value")
		})
	}
}

// composites are tuples of values of several columns.
var composites = []struct {
	kind   column.Kind
	parts  []column.Kind
	tuples [][]string
}{
	{column.FullName, []column.Kind{column.FullName, column.GivenName, column.FamilyName}, [][]string{{"John Smith", "John", "Smith"}, {"", "Mary", "Jones"}, {"张伟", "", ""}, {"Xiaoming Wang", "", ""}}},
	{column.Address, []column.Kind{column.Street, column.City, column.Postcode, column.Country}, [][]string{{"12 High Street", "Leeds", "LS1 4AB", "GB"}, {"南山区科技园路1号2栋301室", "深圳市", "518000", "中国"}, {"Flat 26, 11 Meadow Street", "Sherport", "E235BT", "GB"}, {"186 HURSTFORD AVE, LONDON E18 3AH", "", "E18 3AH", ""}}},
}

func BenchmarkCombine(b *testing.B) {
	for _, bb := range composites {
		c, _ := column.NewComposite(bb.kind, bb.parts)
		b.Run(bb.kind.String(), func(b *testing.B) {
			b.ReportAllocs()
			size, i := 0, 0
			var dst []byte
			for b.Loop() {
				dst = c.Combine(dst[:0], bb.tuples[i%len(bb.tuples)])
				size += len(dst)
				i++
			}
			b.ReportMetric(float64(size)/float64(i), "bytes/value")
		})
	}
}
