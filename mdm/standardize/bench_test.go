package standardize_test

import (
	"testing"

	"crmhub/mdm/standardize"
)

func BenchmarkValue(b *testing.B) {
	for _, bb := range []struct{ name, kind, in string }{
		{"name Latin", "person_name", "John Smith"},
		{"name Chinese", "person_name", "张伟"},
		{"phone Chinese", "phone", "138 0013 8000"},
		{"phone standard", "phone", "+8613800138000"},
		{"phone foreign", "phone", "+44 20 7946 0018"},
		{"email", "email", "li.wei@example.com"},
		{"date", "date", "1990/1/2"},
		{"date ISO", "date", "1990-01-02"},
		{"instant", "instant", "2024-03-01 08:00:00"},
		{"company", "company", "深圳市腾讯计算机系统有限公司"},
		{"money", "money", "1234.50"},
		{"address", "address", "广东省深圳市南山区科技园路1号"},
		{"country", "country", "China"},
	} {
		b.Run(bb.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				china.Value(bb.kind, bb.in)
			}
		})
	}
}

func BenchmarkFold(b *testing.B) {
	for b.Loop() {
		standardize.Fold("José Núñez O'Brien")
	}
}
