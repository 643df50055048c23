package restapi

import (
	"io"
	"net/http"
	"time"
)

// NextLink is nextLink.
func NextLink(h http.Header) string { return nextLink(h) }

// Instant is instant.
func Instant(v any, zone *time.Location) (time.Time, bool) { return instant(v, zone) }

// Distance is distance.
func Distance(s string, now time.Time) (time.Duration, bool) { return distance(s, now) }

// Records is records.
func Records(r io.Reader, f Format, path string, record func(raw []byte) error) (any, bool, error) {
	return records(r, &Call{Format: f, Records: path}, record)
}

// Lookup is lookup.
func Lookup(v any, path string) any { return lookup(v, path) }
