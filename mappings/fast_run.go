package mappings

import (
	"slices"
	"strings"

	"crmhub/record"
)

// quick applies the assignments to a row. The result is tidy already where
// the assignments are flat. ok is false where Bloblang has to.
func quick(all []assignment, in *input) (result any, ok bool) {
	var root any
	for _, a := range all {
		v, ok := a.value(in)
		if !ok {
			return nil, false
		}
		if len(a.path) == 0 {
			root = v
			continue
		}
		if root == nil {
			root = make(map[string]any, len(all))
		}
		object, ok := root.(map[string]any)
		if !ok {
			return nil, false
		}
		for _, name := range a.path[:len(a.path)-1] {
			inner, there := object[name]
			if !there {
				next := map[string]any{}
				object[name] = next
				object = next
				continue
			}
			if object, ok = inner.(map[string]any); !ok {
				return nil, false
			}
		}
		last := a.path[len(a.path)-1]
		v, keep, _, ok := tidy(v)
		switch {
		case !ok:
			return nil, false
		case keep:
			object[last] = v
		default:
			delete(object, last)
		}
	}
	return root, true
}

// plainOnes reports assignments that cannot meet: no target lies inside
// another, and where one sets the whole root the others set its fields.
// Bloblang refuses to set a field of what is no object.
func plainOnes(all []assignment) bool {
	whole := wholeRoot(all)
	for i, a := range all {
		if whole && len(a.path) > 1 {
			return false
		}
		for j, b := range all {
			if i != j && len(a.path) > 0 && len(a.path) < len(b.path) && slices.Equal(a.path, b.path[:len(a.path)]) {
				return false
			}
		}
	}
	return true
}

// flat reports that every assignment sets a field of the root, of a name that
// a record may have, and which of them are the envelope's.
func flat(all []assignment) (names []string, ok bool) {
	for _, a := range all {
		switch {
		case len(a.path) != 1:
			return nil, false
		case slices.Contains(envelope[:], a.path[0]):
			if !slices.Contains(names, a.path[0]) {
				names = append(names, a.path[0])
			}
		case strings.HasPrefix(a.path[0], "_"):
			return nil, false
		}
	}
	slices.SortFunc(names, func(a, b string) int { return slices.Index(envelope[:], a) - slices.Index(envelope[:], b) })
	return names, true
}

func wholeRoot(all []assignment) bool {
	return slices.ContainsFunc(all, func(a assignment) bool { return len(a.path) == 0 })
}

func constant(v any) expression { return func(*input) (any, bool) { return v, true } }

// input is a row: an object, or cells and the columns among them that the
// mapping's names are, -1 for those that are none.
type input struct {
	row     map[string]any
	cells   *record.Cells
	columns []int
	seen    []record.Repeated // by name
}

// cell returns the value of a name in a row of cells.
func (in *input) cell(name int) any {
	column := in.columns[name]
	if column < 0 {
		return nil
	}
	s := in.cells.Cell(column)
	if s == "" || in.cells.IsNumber(column) {
		return in.cells.Value(column)
	}
	return in.seen[name].Box(s)
}

// whole returns the row as an object.
func (in *input) whole() map[string]any {
	if in.cells != nil {
		return in.cells.Map()
	}
	return in.row
}

// get returns the value of a path, or null. A list on the way means something
// else in Bloblang. What is no scalar is copied: the row is not ours.
func (p *parser) get(path []string) expression {
	if len(path) == 0 {
		return func(in *input) (any, bool) { return own1(in.whole()), true }
	}
	at, name := p.column(path[0]), path[0]
	if len(path) == 1 {
		return func(in *input) (any, bool) {
			if in.cells != nil {
				return in.cell(at), true
			}
			return own1(in.row[name]), true
		}
	}
	return func(in *input) (any, bool) {
		if in.cells != nil {
			return nil, true // text has no parts
		}
		var v any = in.row
		for _, name := range path {
			switch object := v.(type) {
			case map[string]any:
				v = object[name]
			case []any:
				return nil, false
			default:
				return nil, true
			}
		}
		return own1(v), true
	}
}

// column returns the place of a name among those that are asked for.
func (p *parser) column(name string) int {
	if i := slices.Index(p.columns, name); i >= 0 {
		return i
	}
	p.columns = append(p.columns, name)
	return len(p.columns) - 1
}

func own1(v any) any {
	switch v.(type) {
	case map[string]any, []any:
		return copied(v)
	}
	return v
}

// coalesce returns the first value that is not null.
func coalesce(all []expression) expression {
	return func(in *input) (any, bool) {
		for _, x := range all {
			if v, ok := x(in); !ok || v != nil {
				return v, ok
			}
		}
		return nil, true
	}
}

func listOf(all []expression) expression {
	return func(in *input) (any, bool) {
		var list []any // most lists have one value or none
		for _, x := range all {
			v, ok := x(in)
			if !ok {
				return nil, false
			}
			v, keep, _, ok := tidy(v)
			switch {
			case !ok:
				return nil, false
			case !keep:
			case list == nil:
				list = append(make([]any, 0, len(all)), v)
			default:
				list = append(list, v)
			}
		}
		if list == nil {
			return emptyList, true
		}
		return list, true
	}
}

// emptyList is a list that holds nothing, in no memory of its own.
var emptyList any = []any{}

func objectOf(names []string, all []expression) expression {
	return func(in *input) (any, bool) {
		object := make(map[string]any, len(all))
		for i, x := range all {
			v, ok := x(in)
			if !ok {
				return nil, false
			}
			if v, keep, _, ok := tidy(v); !ok {
				return nil, false
			} else if keep {
				object[names[i]] = v
			}
		}
		return object, true
	}
}

// applied returns the call of a method that is known here, or nil. Methods
// other than ours want text; anything else is left to Bloblang.
func applied(on expression, name, argument string, has bool) expression {
	if f := textCall(name, argument, has); f != nil {
		return func(in *input) (any, bool) {
			v, ok := on(in)
			s, isText := v.(string)
			if !ok || !isText {
				return nil, false
			}
			return f(s), true
		}
	}
	for _, m := range methodsOfOurs() {
		if m.name != name || m.takesNull || len(m.params) > 0 && m.name != "split_list" || len(m.params) == 0 && has {
			continue
		}
		var args []any
		if m.name == "split_list" {
			if args = []any{listSeparators}; has {
				args[0] = argument
			}
		}
		f, err := m.make(args)
		if err != nil {
			return nil
		}
		return func(in *input) (any, bool) {
			v, ok := on(in)
			if !ok || v == nil {
				return nil, ok
			}
			v, err := f(v)
			return v, err == nil
		}
	}
	return nil
}

// textCall returns Bloblang's own method of text.
func textCall(name, argument string, has bool) func(string) any {
	switch {
	case name == "trim" && !has:
		return func(s string) any { return strings.TrimSpace(s) }
	case name == "lowercase" && !has:
		return func(s string) any { return strings.ToLower(s) }
	case name == "uppercase" && !has:
		return func(s string) any { return strings.ToUpper(s) }
	case name == "string" && !has:
		return func(s string) any { return s }
	case name == "trim_prefix" && has:
		return func(s string) any { return strings.TrimPrefix(s, argument) }
	case name == "trim_suffix" && has:
		return func(s string) any { return strings.TrimSuffix(s, argument) }
	}
	return nil
}
