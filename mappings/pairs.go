package mappings

import (
	"bytes"
	"encoding/json"
	"errors"
	"io/fs"
	"maps"
	"path"
	"slices"
	"strconv"
	"strings"

	"crmhub/fault"
	"crmhub/record"
)

// Pair is one golden pair of a mapping: testdata/NAME/CASE.in.json is a row,
// testdata/NAME/CASE.out.json the list of records that it becomes, fields and
// envelope together; or {"error": "E3203"} where it is refused.
type Pair struct {
	// Mapping is the name of the mapping's file, Case that of the pair.
	Mapping, Case string
	// Outputs are what the row became.
	Outputs []Output
	// Err is nil where the mapping gives what the pair says, else a fault:
	// E4125 with the path of the first difference, E4126 for a pair that
	// cannot be read, or the mapping's own.
	Err error
}

const (
	inSuffix  = ".in.json"
	outSuffix = ".out.json"
)

// TestPairs runs the golden pairs in the folder testdata of fsys, a mappings
// folder: the project's own, or Embedded's. The mappings are those of Load. It
// returns an error only where the mappings cannot be loaded at all.
func TestPairs(fsys fs.FS) ([]Pair, error) {
	set, err := Load(fsys)
	if err != nil {
		return nil, err
	}
	names, err := fs.Glob(fsys, "testdata/*/*"+inSuffix)
	if err != nil {
		return nil, fault.New("E4126", "testdata", "what", "the folder cannot be read").Because(err)
	}
	outs, err := fs.Glob(fsys, "testdata/*/*"+outSuffix)
	if err != nil {
		return nil, fault.New("E4126", "testdata", "what", "the folder cannot be read").Because(err)
	}
	var pairs []Pair
	for _, in := range names {
		pairs = append(pairs, set.test(fsys, in))
	}
	for _, out := range outs {
		if in := strings.TrimSuffix(out, outSuffix) + inSuffix; !slices.Contains(names, in) {
			pairs = append(pairs, Pair{mappingOf(out), caseOf(out, outSuffix), nil, fault.New("E4126", out, "what", path.Base(in)+" is missing")})
		}
	}
	return pairs, nil
}

func mappingOf(name string) string { return path.Base(path.Dir(name)) + suffix }

func caseOf(name, suffix string) string { return strings.TrimSuffix(path.Base(name), suffix) }

func (s *Set) test(fsys fs.FS, in string) Pair {
	p := Pair{Mapping: mappingOf(in), Case: caseOf(in, inSuffix)}
	m, err := s.Mapping(p.Mapping)
	if err != nil {
		p.Err = err
		return p
	}
	var row map[string]any
	if p.Err = readJSON(fsys, in, &row); p.Err != nil {
		return p
	}
	out := strings.TrimSuffix(in, inSuffix) + outSuffix
	var want any
	if p.Err = readJSON(fsys, out, &want); p.Err != nil {
		return p
	}
	outputs, err := m.Map(row)
	p.Outputs = outputs
	if refused, ok := want.(map[string]any); ok && len(refused) == 1 && refused["error"] != nil {
		if f := fault.Of(err); f == nil || string(f.Code) != refused["error"] {
			p.Err = fault.New("E4125", out, "difference", "error").Because(err)
		}
		return p
	}
	if err != nil {
		p.Err = err
		return p
	}
	if at, differs := difference(Laid(outputs), want, ""); differs {
		p.Err = fault.New("E4125", out, "difference", either(at, "the number of records"))
	}
	return p
}

// Laid writes outputs as the JSON of a pair: fields and envelope together.
func Laid(outputs []Output) []any {
	list := make([]any, 0, len(outputs))
	for _, o := range outputs {
		object := maps.Clone(map[string]any(o.Fields))
		if object == nil {
			object = map[string]any{}
		}
		if o.Type != "" {
			object["_type"] = string(o.Type)
		}
		if o.Key != "" {
			object["_key"] = o.Key
		}
		if o.UpdatedAt != nil {
			object["_updated_at"] = o.UpdatedAt
		}
		if o.Op == record.Delete {
			object["_op"] = "delete"
		}
		list = append(list, object)
	}
	return list
}

func readJSON(fsys fs.FS, name string, into any) error {
	data, err := fs.ReadFile(fsys, name)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return fault.New("E4126", name, "what", path.Base(name)+" is missing").Because(err)
	case err != nil:
		return fault.New("E4126", name, "what", "the file cannot be read").Because(err)
	}
	d := json.NewDecoder(bytes.NewReader(data))
	d.UseNumber()
	if err := d.Decode(into); err != nil {
		return fault.New("E4126", name, "what", "it is not JSON of the right shape").Because(err)
	}
	return nil
}

// difference returns the path of the first value in which two JSON values
// differ.
func difference(got, want any, at string) (string, bool) {
	switch g := got.(type) {
	case map[string]any:
		w, ok := want.(map[string]any)
		if !ok {
			return at, true
		}
		names := maps.Clone(g)
		maps.Copy(names, w)
		for _, name := range slices.Sorted(maps.Keys(names)) {
			x, inGot := g[name]
			y, inWant := w[name]
			if inGot != inWant {
				return at + "." + name, true
			}
			if place, differs := difference(x, y, at+"."+name); differs {
				return place, true
			}
		}
		return "", false
	case []any:
		w, ok := want.([]any)
		if !ok || len(g) != len(w) {
			return at, true
		}
		for i := range g {
			if place, differs := difference(g[i], w[i], at+"["+strconv.Itoa(i)+"]"); differs {
				return place, true
			}
		}
		return "", false
	}
	return at, got != want
}

func either(a, b string) string {
	if a != "" {
		return a
	}
	return b
}
