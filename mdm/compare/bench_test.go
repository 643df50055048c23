package compare_test

import (
	"testing"

	"crmhub/mdm/compare"
	"crmhub/record"
)

func BenchmarkCompare(b *testing.B) {
	d := compare.NewDictionary(flat{})
	home := func(street string) []any {
		return []any{map[string]any{"street": street, "city": "London", "postcode": "NW1 6XE"}}
	}
	x := d.New(record.Fields{"full_name": "William Featherstone", "birth_date": "1980-03-04", "emails": []any{"wfeather@example.com"}, "phones": []any{"+447911123456"}, "addresses": home("12 Baker Street")})
	y := d.New(record.Fields{"full_name": "Wiliam Fetherstone", "birth_date": "1980-04-03", "emails": []any{"wfeathr@example.com"}, "phones": []any{"+447911123457"}, "addresses": home("12 Bakre Street")})
	z := d.New(record.Fields{"full_name": "张晓明", "birth_date": "1980-03-04", "phones": []any{"+8613912345670"}})
	u := d.New(record.Fields{"full_name": "张小明", "birth_date": "1980-03-05", "phones": []any{"+8613912345671"}})
	for _, bb := range []struct {
		name string
		a, b *compare.Features
	}{{"slips everywhere", x, y}, {"equal", x, x}, {"Chinese", z, u}, {"two people", x, z}} {
		b.Run(bb.name, func(b *testing.B) {
			var v compare.Vector
			for b.Loop() {
				compare.Compare(bb.a, bb.b, &v)
			}
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "pairs/s")
		})
	}
}
