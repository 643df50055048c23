package sqldb_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"

	"crmhub/connectors/sqldb"
)

// What is appended as a number is one that JSON takes, of the same digits.
func FuzzAppendNumber(f *testing.F) {
	for _, s := range []string{"0", "-0.10", "007.50", ".5", "1e400", "NaN", "", "-", "1.", "+3", "12345678901234567890.123"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		out := string(sqldb.AppendNumber(nil, []byte(s)))
		if out == "" {
			return
		}
		if !json.Valid([]byte(out)) {
			t.Fatalf("%q became %q, which is no JSON", s, out)
		}
		if got, want := strings.TrimLeft(out, "-0."), strings.TrimLeft(s, "+-0."); got != want {
			t.Fatalf("%q became %q: other digits", s, out)
		}
	})
}

// What is appended as a time is RFC 3339 and the same instant.
func FuzzAppendTime(f *testing.F) {
	for _, s := range []string{
		"2024-02-29 12:30:45", "2024-02-30 12:30:45", "2024-06-01 12:30:45.120000+05:30", "2024-06-01T12:30Z", "0000-00-00 00:00:00",
		"1800-01-01 00:00:00+08:05:43", "9999-12-31 23:59:59.999999", "2024-06-01 12:30:4", "infinity", "0001-09-10 00:00+00",
	} {
		f.Add(s)
	}
	zone := location(f, "Europe/Berlin")
	f.Fuzz(func(t *testing.T, s string) {
		for _, z := range []*time.Location{time.UTC, zone} {
			out, ok := sqldb.AppendTime(nil, []byte(s), z)
			if !ok {
				continue
			}
			if _, err := time.Parse(time.RFC3339Nano, string(out)); err != nil && !strings.Contains(err.Error(), "time zone offset") {
				t.Fatalf("%q became %q: %v", s, out, err)
			}
		}
	})
}

func FuzzParseArray(f *testing.F) {
	for _, s := range []string{"{}", "{1,2}", `{"a,b",NULL,"q\"\\"}`, "{{1},{2}}", "[2:3]={1,2}", "{", "{,}", `{"a`, strings.Repeat("{", 100)} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		v, ok := sqldb.ParseArray(s)
		if !ok {
			return
		}
		if _, err := json.Marshal(v); err != nil {
			t.Fatalf("%q: %v", s, err)
		}
	})
}

// Undoing what a wrong connection did gives the text back, whatever it was.
func FuzzUndo(f *testing.F) {
	for _, s := range []string{"张伟", "José", "plain", "àéîõü", "😀", "Ã©", "a\u00a0b"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if !utf8.ValidString(s) {
			return
		}
		if out, ok := sqldb.Undo("latin1-utf8", []byte(s)); ok && !utf8.Valid(out) {
			t.Fatalf("%q became %q, which is no UTF-8", s, out)
		}
		var twice []rune
		high := false
		for _, b := range []byte(s) {
			high = high || b >= 0x80
			r := charmap.Windows1252.DecodeByte(b)
			if r == utf8.RuneError {
				r = rune(b)
			}
			twice = append(twice, r)
		}
		if !high {
			return
		}
		out, ok := sqldb.Undo("latin1-utf8", []byte(string(twice)))
		// A text that looks encoded twice itself is undone to the ground.
		if again, more := sqldb.Undo("latin1-utf8", []byte(s)); more {
			s = string(again)
		}
		if !ok || string(out) != s {
			t.Fatalf("%q came back as %q (%v)", s, out, ok)
		}
	})
}

// An overlap moves a time back and keeps its spelling, so that it sorts.
func TestEarlierKeepsTheSpelling(t *testing.T) {
	for _, tt := range []struct{ in, want string }{
		{"2026-01-01 00:00:00", "2025-12-31 23:50:00"},
		{"2026-01-01 00:00:00.123000", "2025-12-31 23:50:00.123000"},
		{"2026-01-01T00:05Z", "2025-12-31T23:55Z"},
		{"2026-01-01 00:05:00+08", "2025-12-31 23:55:00+08"},
		{"2026-01-01T00:05:00.5+0530", "2025-12-31T23:55:00.5+0530"},
		{"2026-01-01", "2025-12-31"},
		{"infinity", "infinity"},
		{"0000-00-00 00:00:00", "0000-00-00 00:00:00"},
		{"0001-01-01 00:00:00", "0001-01-01 00:00:00"},
	} {
		if got := sqldb.Earlier(tt.in, 10*time.Minute); got != tt.want {
			t.Errorf("Earlier(%q) = %q, want %q", tt.in, got, tt.want)
		}
	}
}
