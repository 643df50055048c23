package odoo

import (
	"encoding/json"
	"strconv"
	"strings"
)

// plain is a field's value as a row holds it: null for what Odoo writes as
// false, an object of id and name for a reference, RFC 3339 for a time.
func plain(kind string, v any) any {
	if v == nil {
		return nil
	}
	if empty, ok := v.(bool); ok && kind != "boolean" && !empty {
		return nil
	}
	switch kind {
	case "many2one":
		switch v := v.(type) {
		case []any:
			if len(v) == 0 {
				return nil
			}
			out := row{"id": v[0]}
			if len(v) > 1 {
				out["name"] = v[1]
			}
			return out
		case json.Number:
			return row{"id": v}
		}
	case "many2one_reference":
		if v == json.Number("0") {
			return nil
		}
	case "datetime":
		// UTC, said by nothing in it; microseconds where a module writes them.
		if s, ok := v.(string); ok && len(s) >= 19 && s[10] == ' ' {
			return s[:10] + "T" + s[11:] + "Z"
		}
	case "char", "text", "html", "selection":
		if s, ok := v.(string); ok && s == "" {
			return nil
		}
	}
	return v
}

// written is when a record was written last; "" where it does not say.
func written(r row) string {
	s, _ := r[cursor].(string)
	return s
}

// asDatabase writes a time of a row as Odoo takes it in a domain: to the second.
func asDatabase(at string) string {
	at = strings.TrimSuffix(strings.Replace(at, "T", " ", 1), "Z")
	at, _, _ = strings.Cut(at, ".")
	return at
}

// number is an id; 0 where there is none.
func number(v any) int64 {
	n, ok := v.(json.Number)
	if !ok {
		return 0
	}
	i, err := strconv.ParseInt(n.String(), 10, 64)
	if err != nil {
		return 0
	}
	return i
}

// refersTo is the id of a reference; 0 where there is none.
func refersTo(v any) int64 {
	switch v := v.(type) {
	case row:
		return number(v["id"])
	case json.Number:
		return number(v)
	}
	return 0
}
