package yamlfile

import (
	"encoding"
	"errors"
	"fmt"
	"math"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"

	"crmhub/fault"

	"github.com/goccy/go-yaml/ast"
)

// Worder is a type of text that takes a few words only.
type Worder interface{ Words() []string }

// Wanter says in a few words what a type's text looks like ("a percentage
// such as 2%"), for faults. It goes with encoding.TextUnmarshaler.
type Wanter interface{ Want() string }

// Strings is a list of text that may be written as one text.
type Strings []string

// Decode fills the struct that into points to. Fields are named by the tag
// `yaml:"name"`; `yaml:",inline"` on a map[string]any takes the keys that no other
// field has. Durations are written 10m or 7d; a type with UnmarshalText reads
// scalars itself; numbers given for text keep their spelling. References
// such as ${env:NAME} are text. Every fault found is returned, joined; what
// could be decoded is set.
func (d *Doc) Decode(into any) error {
	v := reflect.ValueOf(into)
	if v.Kind() != reflect.Pointer || v.IsNil() {
		return fmt.Errorf("decode %s: want a pointer, got %T", d.path, into)
	}
	if d.root == nil {
		return nil
	}
	w := &walk{doc: d, budget: 1 << 20}
	w.value(d.root, v.Elem(), "", 0)
	slices.SortStableFunc(w.faults, func(a, b placed) int {
		if a.line != b.line {
			return a.line - b.line
		}
		return a.col - b.col
	})
	switch len(w.faults) {
	case 0:
		return nil
	case 1:
		return w.faults[0].err
	}
	all := make([]error, len(w.faults))
	for i, f := range w.faults {
		all[i] = f.err
	}
	return errors.Join(all...)
}

type walk struct {
	doc    *Doc
	faults []placed
	// budget bounds what aliases may multiply.
	budget int
}

type placed struct {
	line, col int
	err       error
}

func (w *walk) fail(n ast.Node, code fault.Code, args ...any) {
	place := w.doc.at(n)
	parts := strings.Split(place, ":")
	line, errLine := strconv.Atoi(parts[len(parts)-2])
	col, errCol := strconv.Atoi(parts[len(parts)-1])
	if errLine != nil || errCol != nil {
		line, col = 0, 0
	}
	w.faults = append(w.faults, placed{line, col, fault.New(code, place, args...)})
}

func (w *walk) wrong(n ast.Node, name, want string) {
	if s, ok := w.doc.resolve(n).(*ast.StringNode); ok && strings.HasPrefix(want, "keys") && strings.Contains(s.Value, "\uff1a") {
		w.fail(n, "E1008")
		return
	}
	if name == "" {
		name = "the file"
	}
	w.fail(n, "E1003", "name", name, "want", want, "found", kindOf(w.doc.resolve(n)))
}

var (
	textType     = reflect.TypeFor[encoding.TextUnmarshaler]()
	durationType = reflect.TypeFor[time.Duration]()
	stringsType  = reflect.TypeFor[Strings]()
	worderType   = reflect.TypeFor[Worder]()
)

// value decodes n into v. name is the key that n stands under.
func (w *walk) value(n ast.Node, v reflect.Value, name string, depth int) {
	at := n
	n = w.doc.resolve(n)
	if w.budget--; depth > maxDepth || w.budget < 0 {
		if w.budget >= 0 || w.budget == -1 {
			w.fail(at, "E1001", "what", "aliases make it too large")
		}
		return
	}
	if _, null := n.(*ast.NullNode); null || n == nil {
		return
	}
	t := v.Type()
	switch {
	case t.Kind() == reflect.Pointer:
		v.Set(reflect.New(t.Elem()))
		w.value(n, v.Elem(), name, depth)
	case reflect.PointerTo(t).Implements(textType):
		w.text(at, n, v, name)
	case t == durationType:
		w.duration(at, n, v, name)
	case t == stringsType && isScalar(n):
		s := ""
		w.value(n, reflect.ValueOf(&s).Elem(), name, depth+1)
		v.Set(reflect.ValueOf(Strings{s}))
	case t.Kind() == reflect.Struct:
		w.structure(at, n, v, name, depth)
	case t.Kind() == reflect.Map:
		w.mapping(at, n, v, name, depth)
	case t.Kind() == reflect.Slice:
		w.list(at, n, v, name, depth)
	case t.Kind() == reflect.Interface:
		if x := w.any(n, depth); x != nil {
			v.Set(reflect.ValueOf(x))
		}
	default:
		w.scalar(at, n, v, name)
	}
}

func (w *walk) text(at, n ast.Node, v reflect.Value, name string) {
	u := v.Addr().Interface().(encoding.TextUnmarshaler)
	if s, ok := scalarText(n); ok && u.UnmarshalText([]byte(s)) == nil {
		return
	}
	want := "text of another form"
	if x, ok := u.(Wanter); ok {
		want = x.Want()
	}
	w.wrong(at, name, want)
}

func (w *walk) duration(at, n ast.Node, v reflect.Value, name string) {
	if s, ok := scalarText(n); ok {
		if d, err := Duration(s); err == nil {
			v.SetInt(int64(d))
			return
		}
	}
	w.wrong(at, name, "a duration such as 10m, 36h or 7d")
}

// Duration parses a duration as Go writes it, or a number of days (7d).
func Duration(s string) (time.Duration, error) {
	if days, ok := strings.CutSuffix(s, "d"); ok {
		n, err := strconv.Atoi(days)
		if err != nil || n < 0 || n > 36500 {
			return 0, fmt.Errorf("parse a number of days: want 0 to 36500")
		}
		return time.Duration(n) * 24 * time.Hour, nil
	}
	return time.ParseDuration(s)
}

func (w *walk) scalar(at, n ast.Node, v reflect.Value, name string) {
	t := v.Type()
	switch t.Kind() {
	case reflect.String:
		s, ok := scalarText(n)
		if !ok {
			w.wrong(at, name, "text")
			return
		}
		if t.Implements(worderType) {
			words := v.Interface().(Worder).Words()
			if !slices.Contains(words, s) {
				w.fail(at, "E1006", "name", name, "words", strings.Join(words, " | "), "nearest", fault.Nearest(s, words))
				return
			}
		}
		v.SetString(s)
	case reflect.Bool:
		b, ok := n.(*ast.BoolNode)
		if !ok {
			w.wrong(at, name, "true or false")
			return
		}
		v.SetBool(b.Value)
	case reflect.Int, reflect.Int64, reflect.Int32:
		x, ok := integer(n)
		if !ok || v.OverflowInt(x) {
			w.wrong(at, name, "a whole number")
			return
		}
		v.SetInt(x)
	case reflect.Float64:
		f, ok := float(n)
		if !ok {
			w.wrong(at, name, "a number")
			return
		}
		v.SetFloat(f)
	default:
		w.wrong(at, name, t.String())
	}
}

func (w *walk) list(at, n ast.Node, v reflect.Value, name string, depth int) {
	s, ok := n.(*ast.SequenceNode)
	if !ok {
		w.wrong(at, name, "a list")
		return
	}
	out := reflect.MakeSlice(v.Type(), len(s.Values), len(s.Values))
	for i, x := range s.Values {
		w.value(x, out.Index(i), name, depth+1)
	}
	v.Set(out)
}

func (w *walk) mapping(at, n ast.Node, v reflect.Value, name string, depth int) {
	if isScalar(n) || v.Type().Key().Kind() != reflect.String {
		w.wrong(at, name, "keys with values")
		return
	}
	if _, list := n.(*ast.SequenceNode); list {
		w.wrong(at, name, "keys with values")
		return
	}
	out := reflect.MakeMap(v.Type())
	for _, e := range w.unique(n) {
		x := reflect.New(v.Type().Elem()).Elem()
		w.value(e.Value, x, keyText(e.Key), depth+1)
		out.SetMapIndex(reflect.ValueOf(keyText(e.Key)).Convert(v.Type().Key()), x)
	}
	v.Set(out)
}

func (w *walk) structure(at, n ast.Node, v reflect.Value, name string, depth int) {
	if _, list := n.(*ast.SequenceNode); list || isScalar(n) {
		w.wrong(at, name, "keys with values")
		return
	}
	fields, known, inline := shape(v.Type())
	rest := map[string]any{}
	for _, e := range w.unique(n) {
		key := keyText(e.Key)
		i, ok := fields[key]
		switch {
		case ok:
			w.value(e.Value, v.Field(i), key, depth+1)
		case inline >= 0:
			rest[key] = w.any(w.doc.resolve(e.Value), depth+1)
		default:
			w.fail(e.Key, "E1002", "name", safeKey(key), "nearest", fault.Nearest(key, known), "known", strings.Join(known, ", "))
		}
	}
	if inline >= 0 && len(rest) > 0 {
		v.Field(inline).Set(reflect.ValueOf(rest))
	}
}

// unique returns a mapping's entries with merge keys followed, and faults keys
// that stand twice.
func (w *walk) unique(n ast.Node) []*ast.MappingValueNode {
	var out, merged []*ast.MappingValueNode
	lines := map[string]int{}
	for _, e := range w.doc.entries(n) {
		if e.Key.IsMergeKey() {
			merged = append(merged, w.merged(e.Value)...)
			continue
		}
		key := keyText(e.Key)
		if line, twice := lines[key]; twice {
			w.fail(e.Key, "E1004", "name", safeKey(key), "line", line)
			continue
		}
		lines[key] = e.Key.GetToken().Position.Line
		out = append(out, e)
	}
	for _, e := range merged {
		if _, own := lines[keyText(e.Key)]; !own {
			lines[keyText(e.Key)] = 0
			out = append(out, e)
		}
	}
	return out
}

func (w *walk) merged(n ast.Node) []*ast.MappingValueNode {
	if s, ok := w.doc.resolve(n).(*ast.SequenceNode); ok {
		var out []*ast.MappingValueNode
		for _, x := range s.Values {
			out = append(out, w.doc.entries(w.doc.resolve(x))...)
		}
		return out
	}
	return w.doc.entries(w.doc.resolve(n))
}

// any decodes n as it stands: string, bool, int64, uint64, float64, []any, map[string]any.
func (w *walk) any(n ast.Node, depth int) any {
	if w.budget--; depth > maxDepth || w.budget < 0 {
		if w.budget >= 0 || w.budget == -1 {
			w.fail(n, "E1001", "what", "aliases make it too large")
		}
		return nil
	}
	switch n := n.(type) {
	case *ast.MappingNode, *ast.MappingValueNode:
		m := map[string]any{}
		for _, e := range w.unique(n) {
			m[keyText(e.Key)] = w.any(w.doc.resolve(e.Value), depth+1)
		}
		return m
	case *ast.SequenceNode:
		s := make([]any, len(n.Values))
		for i, x := range n.Values {
			s[i] = w.any(w.doc.resolve(x), depth+1)
		}
		return s
	case *ast.BoolNode:
		return n.Value
	case *ast.IntegerNode:
		if x, ok := integer(n); ok {
			return x
		}
		return n.Value
	case *ast.FloatNode:
		return n.Value
	case *ast.InfinityNode:
		return n.Value
	case *ast.NanNode:
		return math.NaN()
	case nil, *ast.NullNode:
		return nil
	}
	if s, ok := scalarText(n); ok {
		return s
	}
	return nil
}

// shape returns a struct's fields by key, the keys in order, and the index of
// the inline field or -1.
func shape(t reflect.Type) (fields map[string]int, known []string, inline int) {
	fields, inline = map[string]int{}, -1
	for i := range t.NumField() {
		f := t.Field(i)
		name, option, _ := strings.Cut(f.Tag.Get("yaml"), ",")
		switch {
		case !f.IsExported() || name == "-":
		case option == "inline":
			inline = i
		default:
			if name == "" {
				name = strings.ToLower(f.Name)
			}
			fields[name] = i
			known = append(known, name)
		}
	}
	return fields, known, inline
}
