package mdm

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"

	"crmhub/mdm/compare"
)

// figures rounds to four figures, which is more than an estimate is worth.
func figures(x float64) float64 {
	if x <= 0 {
		return 0
	}
	scale := math.Pow(10, 3-math.Floor(math.Log10(x)))
	return math.Round(x*scale) / scale
}

func plain(x float64) string { return strconv.FormatFloat(figures(x), 'f', -1, 64) }

// rewrite returns a model file with what was learnt in place of what it said; the
// rest of it, comments too, stays as it is.
func rewrite(text []byte, f *file) []byte {
	var c, q strings.Builder
	c.WriteString("comparisons:\n")
	for k := range compare.NumComparisons {
		levels, ok := f.Comparisons[k.String()]
		if !ok {
			continue
		}
		fmt.Fprintf(&c, "  %s:\n", k)
		for l := 1; l <= k.Levels(); l++ {
			name := k.LevelName(compare.Level(l))
			if p, ok := levels[name]; ok {
				fmt.Fprintf(&c, "    %-10s {m: %s, u: %s}\n", name+":", plain(p.M), plain(p.U))
			}
		}
	}
	c.WriteString("\n")
	q.WriteString("frequencies:\n")
	for _, space := range slices.Sorted(maps.Keys(f.Frequencies)) {
		s := f.Frequencies[space]
		fmt.Fprintf(&q, "  %s:\n    default: %s\n", space, plain(s.Default))
		if s.DefaultHan > 0 {
			fmt.Fprintf(&q, "    default_han: %s\n", plain(s.DefaultHan))
		}
		q.WriteString("    values:\n")
		for _, h := range slices.Sorted(maps.Keys(s.Values)) {
			fmt.Fprintf(&q, "      %q: %s\n", h, plain(s.Values[h]))
		}
	}
	out := section(string(text), "prior", fmt.Sprintf("prior: %s\n", strconv.FormatFloat(f.Prior, 'f', -1, 64)))
	out = section(out, "records", fmt.Sprintf("records: %d\n", f.Records))
	out = section(out, "comparisons", c.String())
	if len(f.Frequencies) > 0 {
		out = section(out, "frequencies", q.String())
	}
	return []byte(out)
}

// section replaces a top-level entry of a YAML file, or adds it at the end.
func section(text, name, with string) string {
	from := 0
	if !strings.HasPrefix(text, name+":") {
		if from = strings.Index(text, "\n"+name+":") + 1; from == 0 {
			return strings.TrimRight(text, "\n") + "\n" + with
		}
	}
	to := from
	for to < len(text) {
		end := strings.IndexByte(text[to:], '\n') + 1
		if end == 0 {
			end = len(text) - to
		}
		to += end
		if to < len(text) && text[to] != ' ' && text[to] != '\n' && text[to] != '\r' {
			break
		}
	}
	return text[:from] + with + text[to:]
}
