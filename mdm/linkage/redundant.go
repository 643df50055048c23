package linkage

import (
	"slices"
	"strings"
)

// redundantRows is how many rows are looked at to find fields that repeat others.
const redundantRows = 5000

// distinctFields leaves out the fields that repeat what others say: those
// whose words stand in another field of the same row nearly always. Their
// agreement would count twice.
func (d *data) distinctFields() {
	var out []*field
	for _, f := range d.fields {
		repeated := slices.ContainsFunc(d.fields, func(g *field) bool { return g != f && f.repeats(g) })
		if !repeated {
			out = append(out, f)
		}
	}
	d.fields = out
}

// repeats reports whether f says nothing that g doesn't say better. Of two
// that repeat each other or are of one kind the one with fewer different
// values stays: it has less noise.
func (f *field) repeats(g *field) bool {
	if g.filled < f.filled*4/5 {
		return false
	}
	inG, inF := f.within(g), g.within(f)
	switch {
	case inG < nearly && inF < nearly:
		return false
	case inG >= nearly && inF >= nearly || f.comparer.Kind() == g.comparer.Kind():
		if len(f.holders) != len(g.holders) {
			return len(f.holders) > len(g.holders)
		}
		return f.name > g.name
	}
	return inG >= nearly
}

// nearly is the share of rows from which on one field repeats another.
const nearly = 0.8

// within returns the share of rows in which all words of f stand in g, of
// those that have both, 0 where the first rows leave no doubt that it is less
// than nearly: they are in no order that tells anything. Values of a letter or
// two say too little to tell.
func (f *field) within(g *field) float64 {
	both, inside := 0, 0
	for i := range min(len(f.codes), redundantRows) {
		a, b := f.codes[i], g.codes[i]
		if a == 0 || b == 0 {
			continue
		}
		both++
		if contains(g.text(b), f.text(a)) {
			inside++
		}
		if both%64 == 0 && 2*inside < both {
			return 0
		}
	}
	if both < 20 {
		return 0
	}
	return float64(inside) / float64(both)
}

func contains(text, part string) bool {
	words := strings.Fields(text)
	for w := range strings.FieldsSeq(part) {
		if !slices.Contains(words, w) && (len(w) < 6 || !strings.Contains(text, w)) {
			return false
		}
	}
	return part != ""
}
