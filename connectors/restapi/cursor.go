package restapi

import (
	"encoding/json"
	"math/big"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// canonical is how instants are kept: of one length, in UTC, so that they sort
// as text. A cursor that is a number is kept as it is.
const canonical = "2006-01-02T15:04:05.000000000Z"

var (
	// layouts are the ways in which systems write times; those with a zone first.
	layouts = []string{
		time.RFC3339Nano, "2006-01-02T15:04:05.999999999Z0700", "2006-01-02 15:04:05.999999999Z07:00",
		"2006-01-02 15:04:05.999999999 -0700", "2006-01-02T15:04Z07:00", time.RFC1123, time.RFC1123Z,
		"2006-01-02T15:04:05.999999999", "2006-01-02 15:04:05.999999999", "2006-01-02T15:04", "2006-01-02 15:04",
		"2006/01/02 15:04:05", time.DateOnly, "20060102150405", "20060102",
	}
	// oDataDate is the way of OData 2: /Date(1767225660000+0000)/.
	oDataDate = regexp.MustCompile(`^/Date\((-?\d+)(?:[+-]\d{4})?\)/$`)
)

// instant reads a time as systems write it: text, or seconds, milliseconds or
// microseconds since 1970, told apart by their size.
func instant(v any, zone *time.Location) (time.Time, bool) {
	switch v := v.(type) {
	case json.Number:
		return epoch(v.String())
	case string:
		if m := oDataDate.FindStringSubmatch(v); m != nil {
			n, err := strconv.ParseInt(m[1], 10, 64)
			return time.UnixMilli(n).UTC(), err == nil
		}
		for _, l := range layouts {
			if len(v) > 20 && len(l) <= 10 {
				continue
			}
			if t, err := time.ParseInLocation(l, v, zone); err == nil {
				return t.UTC(), true
			}
		}
		return epoch(v)
	}
	return time.Time{}, false
}

func epoch(s string) (time.Time, bool) {
	whole, frac, _ := strings.Cut(s, ".")
	n, err := strconv.ParseInt(whole, 10, 64)
	if err != nil || n < 1e8 {
		return time.Time{}, false
	}
	switch {
	case n >= 1e17:
		return time.Unix(0, n).UTC(), true
	case n >= 1e14:
		return time.UnixMicro(n).UTC(), true
	case n >= 1e11:
		return time.UnixMilli(n).UTC(), true
	}
	t := time.Unix(n, 0).UTC()
	if len(frac) > 0 && len(frac) <= 9 {
		if ns, err := strconv.ParseInt((frac + "000000000")[:9], 10, 64); err == nil {
			t = t.Add(time.Duration(ns))
		}
	}
	return t, true
}

// read returns a record's cursor as it is kept.
func (c *Cursor) read(v any, zone *time.Location) (string, bool) {
	if c.Format == Number {
		s := text(v)
		_, ok := new(big.Rat).SetString(s)
		return s, ok
	}
	if n, ok := v.(json.Number); ok && (c.Format == Compact || c.Format == DateCompact) {
		v = n.String() // not seconds since 1970
	}
	t, ok := instant(v, zone)
	if !ok || t.Year() < 1 || t.Year() > 9999 {
		return "", false
	}
	return t.Format(canonical), true
}

// less compares two kept cursors; "" is less than all.
func (c *Cursor) less(a, b string) bool {
	if c.Format != Number || a == "" || b == "" {
		return a < b
	}
	x, okX := new(big.Rat).SetString(a)
	y, okY := new(big.Rat).SetString(b)
	return okX && okY && x.Cmp(y) < 0
}

// earlier moves a kept instant back.
func (c *Cursor) earlier(s string, d time.Duration) string {
	t, err := time.Parse(canonical, s)
	if err != nil || d <= 0 {
		return s
	}
	return t.Add(-d).Format(canonical)
}

// below writes a kept cursor as the lower bound of a request: one unit of
// what the request can tell apart lower, since the server may take a bound as
// "after" it, and records that share an instant must not be parted.
func (c *Cursor) below(s string, zone *time.Location) string {
	if s == "" {
		return c.Start
	}
	if c.Format == Number {
		if n, ok := new(big.Int).SetString(s, 10); ok {
			return n.Sub(n, big.NewInt(1)).String()
		}
		return s
	}
	t, err := time.Parse(canonical, s)
	if err != nil {
		return ""
	}
	unit := time.Second
	switch c.Format {
	case RFC3339Ms, UnixMillis:
		unit = time.Millisecond
	case DateOnly, DateCompact:
		unit = 0 // a day is inclusive wherever one is asked for
	}
	return c.write(t.Add(-unit), zone)
}

// above writes a kept instant as an upper bound, one unit higher.
func (c *Cursor) above(s string, zone *time.Location) string {
	t, err := time.Parse(canonical, s)
	if err != nil {
		return ""
	}
	unit := time.Second
	switch c.Format {
	case RFC3339Ms, UnixMillis:
		unit = time.Millisecond
	}
	return c.write(t.Add(unit), zone)
}

func (c *Cursor) write(t time.Time, zone *time.Location) string {
	switch c.Format {
	case RFC3339Ms:
		return t.UTC().Format("2006-01-02T15:04:05.000Z")
	case DateTime:
		return t.In(zone).Format(time.DateTime)
	case DateTimeT:
		return t.In(zone).Format("2006-01-02T15:04:05")
	case Compact:
		return t.In(zone).Format("20060102150405")
	case DateOnly:
		return t.In(zone).Format(time.DateOnly)
	case DateCompact:
		return t.In(zone).Format("20060102")
	case HTTPDate:
		return t.UTC().Format(http.TimeFormat)
	case UnixSeconds:
		return strconv.FormatInt(t.Unix(), 10)
	case UnixMillis:
		return strconv.FormatInt(t.UnixMilli(), 10)
	}
	return t.UTC().Format("2006-01-02T15:04:05Z")
}

// zone is that of times without one.
func (c *Cursor) zone(otherwise *time.Location) *time.Location {
	if c != nil && c.Zone != "" {
		if z, err := time.LoadLocation(c.Zone); err == nil {
			return z
		}
	}
	if otherwise == nil {
		return time.UTC
	}
	return otherwise
}
