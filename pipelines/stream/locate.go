package stream

import (
	"encoding/json"
	"strconv"
	"strings"

	"crmhub/fault"
	"crmhub/record"
)

// locate gives a schema's fault its place: the cell that the refused value
// came from, where exactly one cell of the row holds it, or the row. It maps
// the row once more, because values are changed on the way to the schema.
func (m *mapping) locate(err error, row *record.Row, input map[string]any, output int) error {
	values := row.Values()
	if input == nil {
		input = values
	}
	f := fault.Of(err)
	if f == nil {
		return fault.New("E3253", row.Place.String()).Because(err)
	}
	place := row.Place.String()
	if path := f.Args["path"]; path != "" && values != nil {
		if outputs, err := m.s.r.Mapper.Map(input); err == nil && output < len(outputs) {
			if column, ok := cellOf(values, valueAt(map[string]any(outputs[output].Fields), path)); ok {
				place = row.Place.Cell(column)
			}
		}
	}
	return at(place, f)
}

// valueAt returns the value at a path such as addresses[0].country or /addresses/0/country.
func valueAt(v any, path string) any {
	path = strings.NewReplacer("[", "/", "]", "", ".", "/").Replace(path)
	for part := range strings.SplitSeq(strings.Trim(path, "/"), "/") {
		switch x := v.(type) {
		case map[string]any:
			v = x[part]
		case []any:
			i, err := strconv.Atoi(part)
			if err != nil || i < 0 || i >= len(x) {
				return nil
			}
			v = x[i]
		default:
			return nil
		}
	}
	return v
}

// cellOf returns the only column of a row that holds a plain value.
func cellOf(row map[string]any, v any) (column string, ok bool) {
	want, plain := plainText(v)
	if !plain || want == "" {
		return "", false
	}
	for name, cell := range row {
		if s, isPlain := plainText(cell); isPlain && s == want {
			if ok {
				return "", false
			}
			column, ok = name, true
		}
	}
	return column, ok
}

func plainText(v any) (string, bool) {
	switch v := v.(type) {
	case string:
		return strings.TrimSpace(v), true
	case json.Number:
		return v.String(), true
	case bool:
		return strconv.FormatBool(v), true
	}
	return "", false
}
