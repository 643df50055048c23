package odata

import (
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"time"

	"crmhub/connectors/restapi"
	"crmhub/record"
)

var (
	// ticks is a time as OData 2 writes it in JSON: milliseconds, and minutes
	// beside UTC where the property has a zone.
	ticks = regexp.MustCompile(`^/Date\((-?\d{1,18})([+-]\d{4})?\)/$`)
	// duration is a time of day in OData 2.
	duration = regexp.MustCompile(`^PT(?:(\d{1,2})H)?(?:(\d{1,2})M)?(?:(\d{1,2})(\.\d+)?S)?$`)
)

// plain gives an entity the shape that a mapping reads: without the protocol's
// own members (@odata…, __metadata, links not followed), with lists as lists and times as
// RFC 3339. A time without a zone keeps none. Annotations that name a value for people
// stay beside it: statecode@OData…FormattedValue becomes statecode_label.
func plain(v any) any {
	switch x := v.(type) {
	case map[string]any:
		// OData 2 puts the list of an expanded link into results.
		if list, ok := x["results"].([]any); ok && len(x) <= 2 {
			return plain(list)
		}
		return plainObject(x)
	case []any:
		for i := range x {
			x[i] = plain(x[i])
		}
	case string:
		return plainText(x)
	}
	return v
}

const formatted = "@OData.Community.Display.V1.FormattedValue"

func plainObject(m map[string]any) map[string]any {
	out := make(map[string]any, len(m))
	for name, v := range m {
		switch {
		case name == "__metadata", strings.HasPrefix(name, "@"):
		case strings.HasSuffix(name, formatted):
			out[strings.TrimSuffix(name, formatted)+"_label"] = v
		case strings.Contains(name, "@"):
		default:
			if link, ok := v.(map[string]any); ok && len(link) == 1 && link["__deferred"] != nil {
				continue
			}
			out[name] = plain(v)
		}
	}
	return out
}

func plainText(s string) any {
	if len(s) > 40 || len(s) < 3 {
		return s
	}
	if m := ticks.FindStringSubmatch(s); m != nil {
		ms, err := strconv.ParseInt(m[1], 10, 64)
		if err != nil {
			return s
		}
		t := time.UnixMilli(ms).UTC()
		if m[2] == "" {
			return t.Format("2006-01-02T15:04:05.999")
		}
		return t.Format(time.RFC3339Nano)
	}
	if m := duration.FindStringSubmatch(s); m != nil && s != "PT" {
		part := func(i int) string {
			return strings.Repeat("0", 2-len(m[i])) + m[i]
		}
		return part(1) + ":" + part(2) + ":" + part(3) + m[4]
	}
	return s
}

// entity is a row as it goes on: its values plain, its key known, and whether
// it says of itself that it is gone, as the entries of a list of changes do.
func entity(set *entitySet, r restapi.Row) restapi.Row {
	_, removed := r.Data["@removed"]
	context, _ := r.Data["@odata.context"].(string)
	if !removed && !strings.HasSuffix(context, "/$deletedEntity") {
		r.Data = plainObject(r.Data)
		return r
	}
	r.Deleted = true
	if r.Key == "" {
		for _, name := range []string{"id", "@id", "@odata.id"} {
			if id, ok := r.Data[name].(string); ok && id != "" {
				r.Key = keyOf(set, id)
				break
			}
		}
	}
	r.Data = plainObject(r.Data)
	return r
}

// keyOf takes the key from an entity's id: the bare key, or an address that ends in
// contacts(key) or items(Order='1',Item=2).
func keyOf(set *entitySet, id string) string {
	if open := strings.LastIndexByte(id, '('); open >= 0 && strings.HasSuffix(id, ")") {
		id = id[open+1 : len(id)-1]
	}
	bare := func(s string) string {
		s = strings.TrimSpace(s)
		if plain, err := url.PathUnescape(s); err == nil {
			s = plain
		}
		if len(s) >= 2 && s[0] == '\'' && s[len(s)-1] == '\'' {
			s = strings.ReplaceAll(s[1:len(s)-1], "''", "'")
		}
		return s
	}
	if len(set.keys) == 1 && !strings.HasPrefix(id, set.keys[0]+"=") {
		return record.JoinKey(bare(id))
	}
	values := map[string]string{}
	for _, part := range strings.Split(id, ",") {
		name, value, _ := strings.Cut(part, "=")
		values[strings.TrimSpace(name)] = bare(value)
	}
	parts := make([]string, len(set.keys))
	for i, name := range set.keys {
		parts[i] = values[name]
	}
	return record.JoinKey(parts...)
}
