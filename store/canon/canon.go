// Package canon writes one form of bytes for equal JSON values, and reads it back.
package canon

import (
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"strconv"
	"unicode/utf8"
)

// Append appends the canonical JSON of v: object names sorted by their bytes,
// no white space, numbers in one spelling (see Number), strings escaped only
// where JSON demands it, and bytes that are not UTF-8 replaced. v is what
// decoded JSON is made of: nil, bool, string, json.Number, []any and
// map[string]any (or a named type of these); Go's own integers and floats are
// taken too. It panics on other types, which is a mistake in the program.
func Append(dst []byte, v any) []byte {
	switch x := v.(type) {
	case string:
		return String(dst, x)
	case nil:
		return append(dst, "null"...)
	case bool:
		return strconv.AppendBool(dst, x)
	case json.Number:
		return Number(dst, string(x))
	case map[string]any:
		return object(dst, x)
	case []any:
		dst = append(dst, '[')
		for i, e := range x {
			if i > 0 {
				dst = append(dst, ',')
			}
			dst = Append(dst, e)
		}
		return append(dst, ']')
	case []string:
		dst = append(dst, '[')
		for i, e := range x {
			if i > 0 {
				dst = append(dst, ',')
			}
			dst = String(dst, e)
		}
		return append(dst, ']')
	case int:
		return strconv.AppendInt(dst, int64(x), 10)
	case int64:
		return strconv.AppendInt(dst, x, 10)
	case uint64:
		return strconv.AppendUint(dst, x, 10)
	case float64:
		if math.IsNaN(x) || math.IsInf(x, 0) {
			return append(dst, "null"...)
		}
		return Number(dst, strconv.FormatFloat(x, 'g', -1, 64))
	}
	return other(dst, v)
}

// other takes named types of maps and lists by way of encoding/json.
func other(dst []byte, v any) []byte {
	raw, err := json.Marshal(v)
	if err != nil {
		panic(fmt.Sprintf("canon: a value of type %T", v))
	}
	plain, err := Decode(raw)
	if err != nil {
		panic(fmt.Sprintf("canon: a value of type %T", v))
	}
	return Append(dst, plain)
}

func object(dst []byte, m map[string]any) []byte {
	var room [24]string
	names := Names(room[:0], m)
	dst = append(dst, '{')
	for i, n := range names {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = append(String(dst, n), ':')
		dst = Append(dst, m[n])
	}
	return append(dst, '}')
}

// Names appends the names of m in canonical order.
func Names(dst []string, m map[string]any) []string {
	at := len(dst)
	for n := range m {
		dst = append(dst, n)
	}
	slices.Sort(dst[at:])
	return dst
}

const hex = "0123456789abcdef"

// asIs are the bytes that stand for themselves in a JSON string, whatever
// stands around them.
var asIs = func() (all [256]bool) {
	for c := 0x20; c < utf8.RuneSelf; c++ {
		all[c] = c != '"' && c != '\\'
	}
	return all
}()

// String appends s as a JSON string.
func String(dst []byte, s string) []byte {
	dst = append(dst, '"')
	from := 0
	for i := 0; i < len(s); {
		c := s[i]
		if asIs[c] {
			i++
			continue
		}
		if c < utf8.RuneSelf {
			dst = append(dst, s[from:i]...)
			switch c {
			case '"', '\\':
				dst = append(dst, '\\', c)
			case '\n':
				dst = append(dst, '\\', 'n')
			case '\r':
				dst = append(dst, '\\', 'r')
			case '\t':
				dst = append(dst, '\\', 't')
			default:
				dst = append(dst, '\\', 'u', '0', '0', hex[c>>4], hex[c&15])
			}
			i++
			from = i
			continue
		}
		r, size := utf8.DecodeRuneInString(s[i:])
		if r == utf8.RuneError && size == 1 {
			dst = append(dst, s[from:i]...)
			dst = append(dst, "\ufffd"...)
			i++
			from = i
			continue
		}
		i += size
	}
	dst = append(dst, s[from:]...)
	return append(dst, '"')
}
