package linkage

import (
	"slices"

	"crmhub/mdm/column"
)

// Names of things hold names of what they belong to: a beer's its brewery's, a
// song's its artist's. Where that has a column of its own, words of it would
// count twice, and all that one maker makes would look alike.

// makers returns the columns that may tell what the titles of a field belong
// to: names of people or companies, and other titles where there are far fewer.
func (t *Table) makers(f *field, all []*field, as map[*field]column.Kind) []*tableColumn {
	if as[f] != column.Title {
		return nil
	}
	titles := t.columns[f.columns[0]].values.len()
	var out []*tableColumn
	for _, other := range all {
		c, k := &t.columns[other.columns[0]], as[other]
		if len(other.columns) == 1 && (k == column.FullName || k == column.Organisation || k == column.Title && 2*c.values.len() < titles) {
			out = append(out, c)
		}
	}
	return out
}

// toldBy is how many values of a column are looked at for words of makers.
const toldBy = 10 * sampleValues

// told returns the words of a column's values that stand in a maker's name of
// their row in most rows that have both.
func (t *Table) told(titles *tableColumn, makers []*tableColumn) []string {
	if len(makers) == 0 {
		return nil
	}
	var room []byte
	texts := map[uint32][]string{}
	for _, x := range titles.sampleCodes(toldBy) {
		room = titles.values.view(room, x)
		texts[x] = column.Words(string(room))
	}
	type count struct{ rows, told int }
	var out []string
	for _, maker := range makers {
		counts, names := map[string]count{}, map[uint32][]string{}
		for row, x := range titles.codes {
			words, y := texts[x], maker.codes[row]
			if words == nil || y == 0 {
				continue
			}
			if names[y] == nil {
				room = maker.values.view(room, y)
				names[y] = column.Words(string(room))
			}
			for _, w := range words {
				n := counts[w]
				n.rows++
				if slices.Contains(names[y], w) {
					n.told++
				}
				counts[w] = n
			}
		}
		for w, n := range counts {
			if 2*n.told > n.rows {
				out = append(out, w)
			}
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}
