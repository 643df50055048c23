package column_test

import (
	"math/rand/v2"
	"testing"

	"crmhub/mdm/column"
)

// TestPartsMakeWhatTheTupleMakes holds that values taken apart alone and then
// joined are what the whole tuple is.
func TestPartsMakeWhatTheTupleMakes(t *testing.T) {
	values := []string{
		"", "n/a", "Mr", "张", "張偉", "伟", "欧阳 修", "Anna Maria", "Smith-Jones", "O'Brien", "Dr Anna Smith", "Smith, Anna", "Earl",
		"12 High Street", "Flat 3, 12 The Avenue", "中国广东省深圳市南山区科技园路12号3栋", "北京市朝阳区", "建国路十二号", "深圳", "深圳市", "南山区", "Leeds", "City of Leeds",
		"上海", "SW1A 1AA", "518000", "00000", "UK", "China", "中国", "广东", "Éire", "\u3000北京\u3000", "a\xffb", "無", "(x)",
	}
	r := rand.New(rand.NewPCG(5, 8))
	for _, tt := range []struct {
		kind  column.Kind
		parts []column.Kind
	}{
		{column.FullName, []column.Kind{column.FullName, column.GivenName, column.FamilyName}},
		{column.FullName, []column.Kind{column.FamilyName, column.GivenName}},
		{column.Address, []column.Kind{column.Street, column.City, column.Postcode, column.Country}},
		{column.Address, []column.Kind{column.Region, column.District, column.Street, column.City}},
	} {
		c, _ := column.NewComposite(tt.kind, tt.parts)
		if !c.Parted() {
			t.Errorf("Parted of %v = false, want true", tt.parts)
		}
		for range 20_000 {
			tuple, parts := make([]string, len(tt.parts)), make([]column.Packed, len(tt.parts))
			for k := range tuple {
				if tuple[k] = values[r.IntN(len(values))]; tuple[k] != "" {
					parts[k] = column.Packed(c.Part(nil, k, tuple[k]))
				}
			}
			if got, want := string(c.Join(nil, parts)), string(c.Combine(nil, tuple)); got != want {
				t.Fatalf("Join of %q = %q, want %q", tuple, got, want)
			}
		}
	}
	for _, tt := range []struct {
		kind  column.Kind
		parts []column.Kind
	}{
		{column.FullName, []column.Kind{column.GivenName, column.MiddleName, column.FamilyName}},
		{column.FullName, []column.Kind{column.FullName, column.FullName}},
		{column.Address, []column.Kind{column.HouseNumber, column.Street, column.City}},
		{column.Address, []column.Kind{column.Street, column.Street, column.City}},
	} {
		if c, _ := column.NewComposite(tt.kind, tt.parts); c.Parted() {
			t.Errorf("Parted of %v = true, want false", tt.parts)
		}
	}
}
