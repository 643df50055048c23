package column

import "crmhub/mdm/standardize"

// gender compares genders.
type gender struct{ base }

func newGender() *gender {
	return &gender{base{Gender, []string{"same", "different"}, []string{"exact"}}}
}

// Value reads a gender in words, letters or numbers.
func (c *gender) Value(text string) Value {
	g, ok := standardize.Gender(clean(text))
	if !ok || g == "unknown" {
		return Value{}
	}
	return Value{Text: g}
}

// Level compares two genders.
func (c *gender) Level(a, b *Value) uint8 {
	switch {
	case a.Text == "" || b.Text == "":
		return Missing
	case a.Text == b.Text:
		return 1
	}
	return 2
}

// Keys returns the gender.
func (c *gender) Keys(dst []Key, v *Value) []Key {
	if v.Text == "" {
		return dst
	}
	return append(dst, Key{0, hash(0, v.Text)})
}
