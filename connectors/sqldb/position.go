package sqldb

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"strconv"
	"strings"
	"time"

	"crmhub/connectors"
	"crmhub/record"
)

// position is where a read stands; connectors keep it as JSON. It holds keys
// and cursors as the database has them, so it is stored sealed.
type position struct {
	Mode connectors.Mode `json:"mode"`
	// Print is the fingerprint of what the position belongs to: database kind,
	// table or query, order, cursor. Another one means: start anew.
	Print string `json:"print"`
	Phase phase  `json:"phase,omitempty"`
	// Key and Cursor are those of the last row handed over.
	Key    []value `json:"key,omitempty"`
	Cursor *value  `json:"cursor,omitempty"`
	// Rows counts what was handed over where a table has no order to resume in.
	Rows int64 `json:"rows,omitempty"`
	// Start is where the cursor phase of an unfinished read began; Upper where
	// it ends, in a database without snapshots.
	Start *value `json:"start,omitempty"`
	Upper *value `json:"upper,omitempty"`
	// Next is where the next incremental read begins (less its overlap).
	Next *value `json:"next,omitempty"`
	// Since is where an unfinished incremental read was first taken up again:
	// rows before it may have committed in between, so the next read begins
	// there.
	Since *value `json:"since,omitempty"`
	// Fixed names the columns whose double encoding is undone. It is decided
	// once: the same row must read the same in every run.
	Fixed []string `json:"fixed,omitempty"`
	Done  bool     `json:"done,omitempty"`
}

// phase is a part of a read.
type phase string

const (
	// phaseLoad reads all rows in key order.
	phaseLoad phase = "load"
	// phaseNull reads the rows without a cursor, in key order: they may be new.
	phaseNull phase = "null"
	// phaseCursor reads from a cursor on, in the order (cursor, key).
	phaseCursor phase = "cursor"
)

// decodePosition returns the position, or false where there is none that fits.
func decodePosition(from record.Position, mode connectors.Mode, print string) (position, bool) {
	var p position
	if len(from) == 0 || json.Unmarshal(from, &p) != nil {
		return position{}, false
	}
	if p.Mode != mode || p.Print != print {
		return position{}, false
	}
	return p, true
}

func (p position) encode() (record.Position, error) {
	return json.Marshal(p)
}

// fingerprint names what a position belongs to.
func fingerprint(parts ...string) string {
	h := sha256.New()
	for _, p := range parts {
		h.Write([]byte(strconv.Itoa(len(p)) + ":" + p))
	}
	return hex.EncodeToString(h.Sum(nil)[:12])
}

// instant returns v as a time with the layout it is written in, if it is one.
func (v value) instant(zone *time.Location) (time.Time, string, bool) {
	if v.Type != valueText {
		return time.Time{}, "", false
	}
	layout, ok := layoutOf(v.Text)
	if !ok {
		return time.Time{}, "", false
	}
	t, err := time.ParseInLocation(layout, v.Text, zone)
	return t, layout, err == nil
}

// earlier returns v moved back by d. Numbers are taken for seconds,
// milliseconds or microseconds since 1970, by their size: where they are
// none, a few rows are read once more. Other values stay.
func (v value) earlier(d time.Duration, zone *time.Location) value {
	if d <= 0 {
		return v
	}
	if t, layout, ok := v.instant(zone); ok {
		t = t.Add(-d)
		if t.Year() < 1 {
			return v
		}
		return textValue(t.Format(layout))
	}
	if v.Type != valueInt {
		return v
	}
	n, err := strconv.ParseInt(v.Text, 10, 64)
	if err != nil {
		return v
	}
	step := d.Seconds()
	switch {
	case n >= 1e17:
		step = float64(d.Nanoseconds())
	case n >= 1e14:
		step = float64(d.Microseconds())
	case n >= 1e11:
		step = float64(d.Milliseconds())
	}
	return intValue(n - int64(step))
}

// notAfter returns v, or now spelt like v where v lies in the future: a row
// dated 2099 must not hide everything that changes until then.
func (v value) notAfter(now time.Time, zone *time.Location) value {
	t, layout, ok := v.instant(zone)
	if !ok || !t.After(now) {
		return v
	}
	return textValue(now.In(t.Location()).Format(layout))
}

// layoutOf returns the layout in which a date or time is written, so that
// another one can be written to sort among its like.
func layoutOf(s string) (string, bool) {
	if len(s) < 10 || s[4] != '-' || s[7] != '-' {
		return "", false
	}
	if len(s) == 10 {
		return time.DateOnly, true
	}
	if len(s) < 16 || (s[10] != ' ' && s[10] != 'T') {
		return "", false
	}
	layout := "2006-01-02" + s[10:11] + "15:04"
	at := 16
	if at < len(s) && s[at] == ':' {
		layout += ":05"
		at += 3
	}
	if at < len(s) && (s[at] == '.' || s[at] == ',') {
		n := 1
		for at+n < len(s) && isDigit(s[at+n]) {
			n++
		}
		layout += s[at:at+1] + strings.Repeat("0", n-1)
		at += n
	}
	if at > len(s) {
		return "", false
	}
	switch zone := s[at:]; {
	case zone == "":
		return layout, true
	case zone == "Z":
		return layout + "Z07:00", true
	case zone[0] != '+' && zone[0] != '-':
		return "", false
	case len(zone) == 3:
		return layout + "-07", true
	case len(zone) == 5:
		return layout + "-0700", true
	case len(zone) == 6:
		return layout + "-07:00", true
	}
	return "", false
}

// bytesValue keeps bytes exactly.
func bytesValue(raw []byte) value {
	return value{valueBytes, base64.StdEncoding.EncodeToString(raw)}
}

// bytes returns the bytes of a valueBytes.
func (v value) bytes() []byte {
	b, err := base64.StdEncoding.DecodeString(v.Text)
	if err != nil {
		return nil
	}
	return b
}
