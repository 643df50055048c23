package sqldb

import (
	"encoding/json"
	"strconv"
)

// text returns a catalogue cell as text; "" for NULL.
func text(r map[string]any, name string) string {
	switch v := r[name].(type) {
	case string:
		return v
	case json.Number:
		return v.String()
	}
	return ""
}

// number returns a catalogue cell as a number; false for NULL.
func number(r map[string]any, name string) (int64, bool) {
	n, err := strconv.ParseInt(text(r, name), 10, 64)
	return n, err == nil
}

// flag returns a catalogue cell as a boolean.
func flag(r map[string]any, name string) bool {
	switch v := r[name].(type) {
	case bool:
		return v
	case json.Number:
		return v != "0"
	}
	return false
}
