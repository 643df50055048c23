package restapi

import (
	"encoding/json"
	"strings"

	"crmhub/record"
)

// lookup returns what stands at a path (a.b.c) in decoded JSON, nil where
// nothing does. A name that holds dots itself is found as it is.
func lookup(v any, path string) any {
	if path == "" {
		return v
	}
	m, ok := v.(map[string]any)
	if !ok {
		return nil
	}
	if x, ok := m[path]; ok {
		return x
	}
	for at := 0; ; {
		i := strings.IndexByte(path[at:], '.')
		if i < 0 {
			return nil
		}
		at += i
		if inner, ok := m[path[:at]]; ok {
			if x := lookup(inner, path[at+1:]); x != nil {
				return x
			}
		}
		at++
	}
}

// put sets a value at a path in a JSON body, making the objects on the way.
func put(m map[string]any, path string, v any) {
	head, rest, nested := strings.Cut(path, ".")
	if !nested {
		m[path] = v
		return
	}
	inner, ok := m[head].(map[string]any)
	if !ok {
		inner = map[string]any{}
		m[head] = inner
	}
	put(inner, rest, v)
}

// text is a value as it is written in a key or a parameter; "" for null.
func text(v any) string {
	switch v := v.(type) {
	case nil:
		return ""
	case string:
		return v
	case json.Number:
		return v.String()
	case bool:
		if v {
			return "true"
		}
		return "false"
	}
	b, err := json.Marshal(v)
	if err != nil {
		return ""
	}
	return string(b)
}

// joined joins the values of a key's fields; "" where one is empty.
func joined(data map[string]any, key []string) string {
	parts := make([]string, len(key))
	for i, name := range key {
		parts[i] = text(lookup(data, name))
	}
	return record.JoinKey(parts...)
}
