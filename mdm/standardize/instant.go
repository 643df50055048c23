package standardize

import (
	"strconv"
	"strings"
	"time"
)

// instantLayouts are the forms of an instant with a date in ISO order.
var instantLayouts = []string{
	"2006-01-02T15:04:05.999999999Z07:00", "2006-01-02T15:04:05.999999999Z0700", "2006-01-02T15:04:05.999999999Z07", "2006-01-02T15:04Z07:00",
	"2006-01-02 15:04:05.999999999 -0700", "2006-01-02 15:04:05.999999999 -07:00", "2006-01-02 15:04:05.999999999Z07:00", "2006-01-02 15:04:05.999999999-07",
}

// localLayouts are those of a time without a zone.
var localLayouts = []string{
	"15:04:05.999999999", "15:04", "3:04:05 PM", "3:04 PM", "3:04:05PM", "3:04PM", "150405",
}

// Instant returns an instant as RFC 3339 in UTC, with the digits of its
// seconds that matter. A time without a zone is one of l.Zone, a date its
// midnight there.
func (l Locale) Instant(s string) (utc string, ok bool) {
	t, ok := l.Time(s)
	if !ok {
		return "", false
	}
	return t.UTC().Format(time.RFC3339Nano), true
}

// Time is Instant as a time.Time.
func (l Locale) Time(s string) (time.Time, bool) {
	if len(s) >= 20 && s[4] == '-' && s[10] == 'T' {
		if t, err := time.Parse(time.RFC3339Nano, s); err == nil {
			return t, inRange(t)
		}
	}
	s = strings.TrimSpace(Text(s))
	if len(s) == 19 && (s[4] == '-' || s[4] == '/') && (s[10] == ' ' || s[10] == 'T') {
		if t, ok := l.localTime(s); ok {
			return t, true
		}
	}
	for _, layout := range instantLayouts {
		if t, err := time.Parse(layout, s); err == nil {
			return t, inRange(t)
		}
	}
	for _, layout := range []string{time.RFC1123Z, time.RFC1123, "Mon, 2 Jan 2006 15:04:05 -0700", "2 Jan 2006 15:04:05 -0700"} {
		if t, err := time.Parse(layout, s); err == nil {
			return t, inRange(t)
		}
	}
	return l.localTime(s)
}

func (l Locale) localTime(s string) (time.Time, bool) {
	zone := l.Zone
	if zone == nil {
		zone = time.UTC
	}
	y, m, d, rest, ok := l.parseDate(s)
	if !ok {
		return time.Time{}, false
	}
	if len(s) == 14 && digitsOnly(s) {
		rest = s[8:]
	}
	date, ok := formatDate(y, m, d)
	if !ok {
		return time.Time{}, false
	}
	if h, min, sec, ok := clock(rest); ok {
		t := time.Date(y, time.Month(m), d, h, min, sec, 0, zone)
		return t, inRange(t)
	}
	rest = strings.TrimSpace(strings.TrimLeft(rest, "T ,-"))
	if rest == "" {
		t, err := time.ParseInLocation(time.DateOnly, date, zone)
		return t, err == nil && inRange(t)
	}
	if han := strings.NewReplacer("时", ":", "分", ":", "秒", "", "上午", "", "點", ":", "点", ":").Replace(rest); han != rest {
		rest = strings.TrimRight(han, ":")
	}
	if pm, found := strings.CutPrefix(rest, "下午"); found {
		rest = strings.TrimSpace(pm) + " PM"
	}
	rest = strings.ToUpper(strings.TrimSpace(rest))
	for _, layout := range localLayouts {
		if t, err := time.ParseInLocation(time.DateOnly+" "+layout, date+" "+rest, zone); err == nil {
			return t, inRange(t)
		}
	}
	for _, layout := range instantLayouts {
		if t, err := time.Parse(layout, date+"T"+rest); err == nil {
			return t, inRange(t)
		}
	}
	return time.Time{}, false
}

// clock reads " 15:04:05", the form that nearly every export has.
func clock(s string) (h, m, sec int, ok bool) {
	if len(s) != 9 || s[0] != ' ' && s[0] != 'T' || s[3] != ':' || s[6] != ':' {
		return 0, 0, 0, false
	}
	h, m, sec = number(s[1:3]), number(s[4:6]), number(s[7:9])
	return h, m, sec, h >= 0 && h < 24 && m >= 0 && m < 60 && sec >= 0 && sec < 60 && s[1] != '+' && s[4] != '+' && s[7] != '+'
}

func inRange(t time.Time) bool {
	y := t.UTC().Year()
	return y >= 1 && y <= 9999
}

// epoch reads seconds or milliseconds since 1970 where a source typed them as
// numbers: nothing before 2001 is taken for seconds.
func epoch(s string) (string, bool) {
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil || n < 1e9 || n > 4e12 || n > 4e9 && n < 1e12 {
		return "", false
	}
	t := time.Unix(n, 0)
	if n >= 1e12 {
		t = time.UnixMilli(n)
	}
	return t.UTC().Format(time.RFC3339Nano), true
}
