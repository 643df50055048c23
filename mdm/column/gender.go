package column

import "crmhub/mdm/standardize"

// plainly is what comparers have in common whose packed values are their
// canonical texts.
type plainly struct{ base }

// AppendText appends the text.
func (*plainly) AppendText(dst []byte, v Packed) []byte { return append(dst, v...) }

// gender compares genders.
type gender struct{ plainly }

func newGender() *gender {
	return &gender{plainly{base{Gender, []string{"same", "different"}, []string{"exact"}}}}
}

// Append reads a gender in words, letters or numbers.
func (c *gender) Append(dst []byte, text string) []byte {
	g, ok := standardize.Gender(clean(text))
	if !ok || g == "unknown" {
		return dst
	}
	return append(dst, g...)
}

// Level compares two genders.
func (c *gender) Level(a, b Packed) uint8 {
	switch {
	case a == "" || b == "":
		return Missing
	case a == b:
		return 1
	}
	return 2
}

// Keys returns the gender.
func (c *gender) Keys(dst []Key, v Packed, _ uint32) []Key {
	if v == "" {
		return dst
	}
	return append(dst, Key{0, hash(0, string(v))})
}
