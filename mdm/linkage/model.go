package linkage

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"crmhub/fault"
	"crmhub/fault/yamlfile"
	"crmhub/mdm/column"
)

// ModelVersion is the version of model files that is written.
const ModelVersion = 1

// Model is what a run has learnt, as a file keeps it. It holds no value of
// any row. It is not changed by a run.
type Model struct {
	Version int `yaml:"version"`
	// Matches is how many matches each row had on average where it was learnt.
	Matches float64 `yaml:"matches_per_row"`
	// Threshold is the least weight of a match in bits, prior included.
	Threshold float64 `yaml:"threshold"`
	// Related is the share of pairs of different things that belong together
	// (a household, an album), for each match.
	Related float64 `yaml:"related_per_match"`
	// Namesakes is the same of pairs that share little but a name.
	Namesakes float64      `yaml:"namesakes_per_match"`
	Fields    []ModelField `yaml:"fields"`
	// Rules are the blocking rules: keys that are shared together.
	Rules []yamlfile.Strings `yaml:"rules"`
}

// ModelField is one field that is compared.
type ModelField struct {
	Name    string           `yaml:"name"`
	Kind    string           `yaml:"kind"`
	Columns yamlfile.Strings `yaml:"columns"`
	Kinds   yamlfile.Strings `yaml:"kinds"`
	Levels  []ModelLevel     `yaml:"levels"`
}

// ModelLevel is how often a level is seen among matches (m), among strangers
// (u), among pairs that belong together but are two (related), and among
// namesakes.
type ModelLevel struct {
	Name     string  `yaml:"name"`
	M        float64 `yaml:"m"`
	U        float64 `yaml:"u"`
	Related  float64 `yaml:"related"`
	Namesake float64 `yaml:"namesake"`
}

// ReadModel reads a model file. path names it in faults.
func ReadModel(path string, data []byte) (*Model, error) {
	doc, err := yamlfile.Parse(path, data)
	if err != nil {
		return nil, err
	}
	m := &Model{}
	if err := doc.Decode(m); err != nil {
		return nil, err
	}
	if m.Version != ModelVersion {
		return nil, fault.New("E6206", doc.Place("version"), "found", m.Version, "want", ModelVersion)
	}
	wrong := func(want string, at ...any) error {
		return fault.New("E6002", doc.Place(at...), "field", fieldPath(at), "want", want)
	}
	if len(m.Fields) == 0 || len(m.Fields) > maxFields {
		return nil, wrong(fmt.Sprintf("1 to %d fields", maxFields), "fields")
	}
	if math.Abs(m.Threshold) > MaxThreshold {
		return nil, wrong(fmt.Sprintf("at most %d", MaxThreshold), "threshold")
	}
	if m.Matches <= 0 {
		return nil, wrong("more than 0", "matches_per_row")
	}
	for i, f := range m.Fields {
		if k, ok := column.ParseKind(f.Kind); !ok || k == column.Ignored {
			return nil, wrong("a kind such as full_name", "fields", i, "kind")
		}
		if len(f.Columns) == 0 || len(f.Kinds) != len(f.Columns) {
			return nil, wrong("one column at least, and a kind for each", "fields", i, "columns")
		}
		for _, k := range f.Kinds {
			if _, ok := column.ParseKind(k); !ok {
				return nil, wrong("kinds such as full_name", "fields", i, "kinds")
			}
		}
		for j, l := range f.Levels {
			if l.M <= 0 || l.M > 1 || l.U <= 0 || l.U > 1 || l.Related < 0 || l.Related > 1 || l.Namesake < 0 || l.Namesake > 1 {
				return nil, wrong("m and u of more than 0 and at most 1", "fields", i, "levels", j)
			}
		}
	}
	return m, nil
}

func fieldPath(at []any) string {
	var b strings.Builder
	for _, x := range at {
		if i, ok := x.(int); ok {
			fmt.Fprintf(&b, "[%d]", i)
			continue
		}
		if b.Len() > 0 {
			b.WriteByte('.')
		}
		fmt.Fprint(&b, x)
	}
	return b.String()
}

// YAML returns the model as a file; the same model gives the same bytes.
func (m *Model) YAML() []byte {
	var b strings.Builder
	fmt.Fprintf(&b, "version: %d\nmatches_per_row: %s\nthreshold: %s\nrelated_per_match: %s\nnamesakes_per_match: %s\nfields:\n", m.Version, number(m.Matches), number(m.Threshold), number(m.Related), number(m.Namesakes))
	for _, f := range m.Fields {
		fmt.Fprintf(&b, "  - name: %s\n    kind: %s\n    columns: %s\n    kinds: %s\n    levels:\n", strconv.Quote(f.Name), f.Kind, quoted(f.Columns), quoted(f.Kinds))
		for _, l := range f.Levels {
			fmt.Fprintf(&b, "      - {name: %s, m: %s, u: %s, related: %s, namesake: %s}\n", strconv.Quote(l.Name), number(l.M), number(l.U), number(l.Related), number(l.Namesake))
		}
	}
	b.WriteString("rules:\n")
	for _, r := range m.Rules {
		fmt.Fprintf(&b, "  - %s\n", quoted(r))
	}
	return []byte(b.String())
}

func quoted(list []string) string {
	out := make([]string, len(list))
	for i, s := range list {
		out[i] = strconv.Quote(s)
	}
	return "[" + strings.Join(out, ", ") + "]"
}

// number writes a number in decimal notation with the digits that are kept.
func number(x float64) string { return strconv.FormatFloat(rounded(x), 'f', -1, 64) }

// rounded keeps six digits of a number, so that a model read back is the same.
func rounded(x float64) float64 {
	if x == 0 {
		return 0
	}
	y, err := strconv.ParseFloat(strconv.FormatFloat(x, 'e', 5, 64), 64)
	if err != nil {
		return x
	}
	return y
}

// round rounds parameters as a model file keeps them.
func (p *parameters) round() {
	for k := range p.m {
		for l := 1; l < len(p.m[k]); l++ {
			p.m[k][l], p.u[k][l] = rounded(p.m[k][l]), rounded(p.u[k][l])
			for c := range p.kin {
				p.kin[c][k][l] = rounded(p.kin[c][k][l])
			}
		}
	}
}

// model returns what was learnt as a model.
func (d *data) model(t *Table, p *parameters, rules []rule, threshold float64) *Model {
	m := &Model{Version: ModelVersion, Matches: p.matches / float64(max(1, d.rows)), Threshold: threshold, Related: p.perMatch[related], Namesakes: p.perMatch[namesake]}
	for k, f := range d.fields {
		x := ModelField{Name: f.name, Kind: f.comparer.Kind().String()}
		for i, c := range f.columns {
			x.Columns = append(x.Columns, t.headers[c])
			x.Kinds = append(x.Kinds, f.kinds[i].String())
		}
		for l, n := range f.comparer.Levels() {
			x.Levels = append(x.Levels, ModelLevel{n, p.m[k][l+1], p.u[k][l+1], p.kin[related][k][l+1], p.kin[namesake][k][l+1]})
		}
		m.Fields = append(m.Fields, x)
	}
	for _, r := range rules {
		names := yamlfile.Strings{}
		for _, q := range r {
			names = append(names, q.name(d))
		}
		m.Rules = append(m.Rules, names)
	}
	return m
}

// parameters returns a model's numbers for the fields of d, and its rules. A
// field whose levels are not those of the program is a fault.
func (m *Model) parameters(d *data) (*parameters, []rule, error) {
	p := &parameters{matches: m.Matches * float64(d.rows), perMatch: [classes]float64{m.Related, m.Namesakes}}
	for i, f := range m.Fields {
		names := d.fields[i].comparer.Levels()
		if len(names) != len(f.Levels) {
			return nil, nil, fault.New("E6207", "", "field", f.Name, "want", strings.Join(names, ", "))
		}
		mm, uu := make([]float64, len(names)+1), make([]float64, len(names)+1)
		kin := [classes][]float64{make([]float64, len(names)+1), make([]float64, len(names)+1)}
		for l, x := range f.Levels {
			if x.Name != names[l] {
				return nil, nil, fault.New("E6207", "", "field", f.Name, "want", strings.Join(names, ", "))
			}
			mm[l+1], uu[l+1], kin[related][l+1], kin[namesake][l+1] = x.M, x.U, x.Related, x.Namesake
		}
		p.m, p.u = append(p.m, mm), append(p.u, uu)
		for c := range kin {
			p.kin[c] = append(p.kin[c], kin[c])
		}
	}
	known, preds := d.predicates()
	var rules []rule
	for _, names := range m.Rules {
		r := rule{}
		for _, n := range names {
			i := slices.Index(known, n)
			if i < 0 {
				return nil, nil, fault.New("E6001", "", "what", "rules", "name", n, "nearest", fault.Nearest(n, known))
			}
			r = append(r, preds[i])
		}
		rules = append(rules, r)
	}
	return p, rules, nil
}

// predicates returns the keys that rules can be made of, and their names.
func (d *data) predicates() (known []string, preds []predicate) {
	for k, f := range d.fields {
		for n := range f.comparer.Predicates() {
			preds = append(preds, predicate{k, uint8(n)})
			known = append(known, preds[len(preds)-1].name(d))
		}
	}
	return known, preds
}
