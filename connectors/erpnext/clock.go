package erpnext

import (
	"strings"
	"time"
)

// wall is how a site writes times: in its zone, which it does not say.
const wall = "2006-01-02 15:04:05.000000"

// instant reads a time of the site.
func instant(text string, zone *time.Location) (time.Time, bool) {
	for _, layout := range []string{"2006-01-02 15:04:05.999999", "2006-01-02T15:04:05.999999", time.DateOnly} {
		if t, err := time.ParseInLocation(layout, text, zone); err == nil {
			return t, true
		}
	}
	return time.Time{}, false
}

// earlier is the time from which on changes are asked for: the overlap before
// the last that was seen. Around the hour that the clocks repeat in autumn it
// is that hour earlier, or what changed in it would be passed over.
func earlier(last string, overlap time.Duration, zone *time.Location) string {
	t, ok := instant(last, zone)
	if !ok {
		return ""
	}
	const around = 3 * time.Hour
	_, before := t.Add(-overlap - around).Zone()
	_, after := t.Add(around).Zone()
	// Wall clocks, not instants: the site compares texts.
	naive, err := time.Parse(wall, t.Format(wall))
	if err != nil {
		return last
	}
	back := overlap + max(0, time.Duration(before-after)*time.Second)
	return naive.Add(-back).Format(wall)
}

// inUTC writes a time of the site in UTC, always of one length; "" for none.
func inUTC(v any, zone *time.Location) string {
	text, _ := v.(string)
	t, ok := instant(text, zone)
	if !ok {
		return ""
	}
	return t.UTC().Format("2006-01-02T15:04:05.000000Z")
}

// zoned writes a time of the site with its distance from UTC; what is none stays.
func zoned(v any, zone *time.Location) any {
	text, _ := v.(string)
	t, ok := instant(text, zone)
	if !ok {
		return v
	}
	return t.Format("2006-01-02T15:04:05.999999Z07:00")
}

// cutPlace parts a place into connection and stream.
func cutPlace(place string) (connection, stream string) {
	connection, stream, _ = strings.Cut(place, "/")
	return connection, stream
}
