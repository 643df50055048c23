package linkage

import (
	"context"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Fields that repeat others are found in the first rows, which are as good as
// chosen at random. The work grows with the square of the fields, so that of
// more fields than are compared fewer rows are looked at.
const (
	redundantRows = 5000
	leastRows     = 256
	// redundantTexts bounds the bytes of texts that are kept for all fields together.
	redundantTexts = 64 << 20
)

// distinctFields leaves out the fields that repeat what others say: those
// whose words stand in another field of the same row nearly always. Their
// agreement would count twice.
func (d *data) distinctFields(ctx context.Context) error {
	r, err := newRepeats(ctx, d.fields)
	if err != nil {
		return err
	}
	repeated := make([]bool, len(d.fields))
	err = parallel(ctx, len(d.fields), func(i int) {
		repeated[i] = slices.ContainsFunc(r.fields, func(g *glimpse) bool {
			return g != r.fields[i] && ctx.Err() == nil && r.repeats(r.fields[i], g)
		})
	})
	if err != nil {
		return err
	}
	var out []*field
	for i, f := range d.fields {
		if !repeated[i] {
			out = append(out, f)
		}
	}
	d.fields = out
	return nil
}

// repeats tells which fields repeat others.
type repeats struct {
	fields []*glimpse
	// rows is how many rows with a value are looked at of a field.
	rows int
	// few says that there are so many fields that a few rows must tell apart
	// those that have nothing to do with each other.
	few bool
}

// glimpse is what is looked at of a field: the rows with a value among the
// first, and the texts of the very first, one after the other.
type glimpse struct {
	*field
	rows  []uint32
	texts string
	ends  []uint32
}

func newRepeats(ctx context.Context, fields []*field) (*repeats, error) {
	r := &repeats{fields: make([]*glimpse, len(fields)), rows: redundantRows}
	if len(fields) > maxFields {
		r.rows, r.few = max(leastRows, redundantRows*maxFields/len(fields)), true
	}
	return r, parallel(ctx, len(fields), func(i int) { r.fields[i] = fields[i].glimpse(r.rows, redundantTexts/len(fields)) })
}

// glimpse looks at so many rows with a value; its texts take so many bytes, or
// a little more.
func (f *field) glimpse(rows, bytes int) *glimpse {
	g := &glimpse{field: f}
	var text []byte
	for i, c := range f.codes[:min(len(f.codes), redundantRows)] {
		if c != 0 && len(g.rows) < rows {
			g.rows = append(g.rows, uint32(i))
		}
		if i < 2*rows && len(text) < bytes {
			if c != 0 {
				text = f.comparer.AppendText(text, f.values.at(c))
			}
			g.ends = append(g.ends, uint32(len(text)))
		}
	}
	g.texts = string(text)
	return g
}

// said returns the canonical text of a row's value.
func (g *glimpse) said(row uint32) string {
	switch {
	case int(row) >= len(g.ends):
		return g.text(g.codes[row])
	case row == 0:
		return g.texts[:g.ends[0]]
	}
	return g.texts[g.ends[row-1]:g.ends[row]]
}

// repeats reports whether f says nothing that g doesn't say better. Of two
// that repeat each other or are of one kind the one with fewer different
// values stays: it has less noise.
func (r *repeats) repeats(f, g *glimpse) bool {
	if g.filled < f.filled*4/5 {
		return false
	}
	alike := f.comparer.Kind() == g.comparer.Kind()
	inG := r.within(f, g) >= nearly
	if !inG && !alike {
		return false
	}
	inF := r.within(g, f) >= nearly
	switch {
	case !inG && !inF:
		return false
	case inG && inF || alike:
		if len(f.holders) != len(g.holders) {
			return len(f.holders) > len(g.holders)
		}
		return f.name > g.name
	}
	return inG
}

// nearly is the share of rows from which on one field repeats another.
const nearly = 0.8

// within returns the share of rows in which all words of f stand in g, of
// those that have both, 0 where the first rows leave no doubt that it is less
// than nearly: they are in no order that tells anything. Values of a letter or
// two say too little to tell.
func (r *repeats) within(f, g *glimpse) float64 {
	both, inside := 0, 0
	for _, i := range f.rows {
		if g.codes[i] == 0 {
			continue
		}
		both++
		if contains(g.said(i), f.said(i)) {
			inside++
		}
		if both%64 == 0 && 2*inside < both || r.few && both == 8 && inside < 2 {
			return 0
		}
	}
	if both < 20 {
		return 0
	}
	return float64(inside) / float64(both)
}

// contains reports whether all words of part, of which there is one at least,
// stand in a text: long ones anywhere, short ones as words.
func contains(text, part string) bool {
	if text == part {
		return part != ""
	}
	for w := range strings.FieldsSeq(part) {
		if !strings.Contains(text, w) || len(w) < 6 && !containsWord(text, w) {
			return false
		}
	}
	return part != ""
}

// containsWord reports whether a word stands in a text between white space.
func containsWord(text, word string) bool {
	for from := 0; ; {
		at := strings.Index(text[from:], word)
		if at < 0 {
			return false
		}
		before, _ := utf8.DecodeLastRuneInString(text[:from+at])
		after, _ := utf8.DecodeRuneInString(text[from+at+len(word):])
		if (from+at == 0 || unicode.IsSpace(before)) && (from+at+len(word) == len(text) || unicode.IsSpace(after)) {
			return true
		}
		from += at + 1
	}
}
