package column_test

import (
	"strings"
	"testing"

	"crmhub/mdm/column"
)

// TestLongTexts holds that no text is too long to be packed: those that folding
// makes longer, and those that are nothing but words or numbers.
func TestLongTexts(t *testing.T) {
	texts := []string{
		strings.Repeat("ﷺ", 1500), strings.Repeat("张1号 a", 600), strings.Repeat("1 ", 2500), strings.Repeat("深圳市南山区", 300),
		strings.Repeat("a.b-c+", 300) + "@" + strings.Repeat("ß", 900) + ".com",
	}
	check := func(c column.Comparer, a, b column.Packed) {
		if there, back := c.Level(a, b), c.Level(b, a); there != back {
			t.Errorf("%v: level %d there, %d back", c.Kind(), there, back)
		}
		if len(c.AppendText(nil, a)) > 1<<17 || len(c.Keys(nil, a, ^uint32(0))) > 1<<14 {
			t.Errorf("%v: a text of %d bytes, %d keys", c.Kind(), len(c.AppendText(nil, a)), len(c.Keys(nil, a, ^uint32(0))))
		}
	}
	for k := column.Ignored; k.String() != "unknown"; k++ {
		c := column.New(k, column.Options{})
		for _, s := range texts {
			check(c, pack(c, s), pack(c, s[:len(s)/2]))
		}
	}
	for kind, parts := range map[column.Kind][]column.Kind{
		column.FullName: {column.GivenName, column.FamilyName, column.FullName},
		column.Address:  {column.HouseNumber, column.Street, column.Street, column.City, column.Region, column.Postcode},
	} {
		c, _ := column.NewComposite(kind, parts)
		for _, s := range texts {
			tuple := make([]string, len(parts))
			for i := range tuple {
				tuple[i] = s
			}
			whole := column.Packed(c.Combine(nil, tuple))
			tuple[0] = "12"
			check(c, whole, column.Packed(c.Combine(nil, tuple)))
		}
	}
}

// TestALongWordIsNotComparedLetterByLetter holds that a slip of the keys is
// looked for in words alone, not in what is longer than any word.
func TestALongWordIsNotComparedLetterByLetter(t *testing.T) {
	c := column.New(column.Text, column.Options{})
	for _, tt := range []struct {
		times int
		want  string
	}{{30, "high"}, {600, "different"}} {
		word := strings.Repeat("kotari", tt.times)
		if got := c.Levels()[c.Level(pack(c, word+"m"), pack(c, word+"l"))-1]; got != tt.want {
			t.Errorf("words of %d letters that differ in one are %q, want %q", len(word)+1, got, tt.want)
		}
	}
}

// TestALongNameIsNotComparedLetterByLetter holds the same of names, companies
// and addresses: of thousands of letters each finds its like in any other.
func TestALongNameIsNotComparedLetterByLetter(t *testing.T) {
	for _, tt := range []struct {
		kind  column.Kind
		times int
		want  string
	}{
		{column.Organisation, 20, "near"},
		{column.Organisation, 600, "different"},
		{column.FamilyName, 20, "near"},
		{column.FamilyName, 600, "different"},
		{column.Place, 20, "near"},
		{column.Place, 600, "different"},
	} {
		c, word := column.New(tt.kind, column.Options{}), strings.Repeat("kotari", tt.times)
		if got := c.Levels()[c.Level(pack(c, "m"+word), pack(c, "l"+word))-1]; got != tt.want {
			t.Errorf("%v: words of %d letters that differ in one are %q, want %q", tt.kind, len(word)+1, got, tt.want)
		}
	}
}
