package mappings

import (
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"strconv"
	"time"
	"unicode"
	"unicode/utf8"
)

// tidy writes a value as decoded JSON (string, bool, json.Number, lists and
// objects, which are changed in place) without what is null or empty. keep is
// false where nothing is left; ok is false for what is no JSON value, with the
// path to it.
func tidy(v any) (out any, keep bool, bad []string, ok bool) {
	// What stays is returned as it came: to wrap it anew would allocate.
	switch x := v.(type) {
	case nil:
		return nil, false, nil, true
	case string:
		return v, !white(x), nil, true
	case json.Number, bool:
		return v, true, nil, true
	case map[string]any:
		bad, ok := tidyObject(x)
		return v, len(x) > 0, bad, ok
	case []any:
		list, bad, ok := tidyList(x)
		if list = slices.DeleteFunc(list, kindAlone); len(list) == len(x) {
			return v, len(list) > 0, bad, ok
		}
		return list, len(list) > 0, bad, ok
	case int64:
		return json.Number(strconv.FormatInt(x, 10)), true, nil, true
	case float64:
		if math.IsNaN(x) || math.IsInf(x, 0) {
			return nil, false, nil, false
		}
		return json.Number(strconv.FormatFloat(x, 'f', -1, 64)), true, nil, true
	case int, int32, int16, int8, uint, uint64, uint32, uint16, uint8:
		return json.Number(fmt.Sprint(x)), true, nil, true
	case float32:
		return tidy(float64(x))
	case []byte:
		return string(x), len(x) > 0, nil, utf8.Valid(x)
	case time.Time:
		return x.Format(time.RFC3339Nano), true, nil, true
	}
	return nil, false, nil, false
}

func tidyObject(m map[string]any) (bad []string, ok bool) {
	for name, x := range m {
		if s, isText := x.(string); isText {
			if white(s) {
				delete(m, name)
			}
			continue
		}
		out, keep, bad, ok := tidy(x)
		switch {
		case !ok:
			return append([]string{name}, bad...), false
		case !keep:
			delete(m, name)
		default:
			m[name] = out
		}
	}
	return nil, true
}

func tidyList(list []any) (kept []any, bad []string, ok bool) {
	kept = list[:0]
	for i, x := range list {
		out, keep, bad, ok := tidy(x)
		if !ok {
			return nil, append([]string{strconv.Itoa(i)}, bad...), false
		}
		if keep {
			kept = append(kept, out)
		}
	}
	return kept, nil, true
}

// kindAlone reports an element of a list that says only of what kind it would
// be: an address whose parts are all empty, an id that is null.
func kindAlone(v any) bool {
	object, ok := v.(map[string]any)
	if !ok || len(object) != 1 {
		return false
	}
	_, ok = object["kind"]
	return ok
}

// white reports text of nothing but white space.
func white(s string) bool {
	for i := 0; i < len(s); i++ {
		if c := s[i]; c >= utf8.RuneSelf {
			for _, r := range s[i:] {
				if !unicode.IsSpace(r) && r != '\u200b' && r != '\ufeff' {
					return false
				}
			}
			return true
		} else if c != ' ' && (c < '\t' || c > '\r') {
			return false
		}
	}
	return true
}

// typeName is the type of a value in the words of JSON.
func typeName(v any) string {
	switch v.(type) {
	case nil:
		return "null"
	case string:
		return "text"
	case bool:
		return "a truth value"
	case []any:
		return "a list"
	case map[string]any:
		return "an object"
	case []byte:
		return "bytes"
	case time.Time:
		return "a time"
	}
	return "a number"
}
