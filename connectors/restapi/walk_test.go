package restapi_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"reflect"
	"testing"
	"testing/iotest"
	"time"

	"crmhub/connectors/restapi"
)

// FuzzWalk holds that a stream of records gives what decoding the whole
// document gives, however the bytes come.
func FuzzWalk(f *testing.F) {
	f.Add([]byte(`{"a":{"b":[{"id":1},"x",[2],null,1e5,{"s":"\"]}\\"}],"n":"t"},"z":[1]}`), "a.b")
	f.Add([]byte(`[{"id":1}, {"id":2}]`), "")
	f.Add([]byte(`{"a.b":[1]}`), "a.b")
	f.Add([]byte(`{"a":null}`), "a")
	f.Add([]byte(` 12 `), "")
	f.Add([]byte(`{"a":[1,]}`), "a")
	f.Fuzz(func(t *testing.T, data []byte, path string) {
		var want any
		d := json.NewDecoder(bytes.NewReader(data))
		d.UseNumber()
		whole := json.Valid(data) && d.Decode(&want) == nil
		collect := func(r io.Reader) ([]any, bool, error) {
			var got []any
			_, found, err := restapi.Records(r, restapi.JSON, path, func(raw []byte) error {
				var v any
				d := json.NewDecoder(bytes.NewReader(raw))
				d.UseNumber()
				if err := d.Decode(&v); err != nil {
					return err
				}
				got = append(got, v)
				return nil
			})
			return got, found, err
		}
		got, found, err := collect(bytes.NewReader(data))
		slow, foundSlow, errSlow := collect(iotest.OneByteReader(bytes.NewReader(data)))
		if !reflect.DeepEqual(got, slow) || found != foundSlow || (err == nil) != (errSlow == nil) {
			t.Errorf("byte by byte: %v %v %v, at once: %v %v %v", slow, foundSlow, errSlow, got, found, err)
		}
		if list, ok := restapi.Lookup(want, path).([]any); whole && ok && path != "*" && bytes.Count(data, []byte(`"`+path+`"`)) < 2 && err == nil && found {
			if len(list) > 0 && !reflect.DeepEqual(got, list) && unique(data) {
				t.Errorf("records %v, want %v", got, list)
			}
		}
	})
}

// unique says that no name stands twice in a document, which this test can't judge.
func unique(data []byte) bool {
	d := json.NewDecoder(bytes.NewReader(data))
	seen := map[string]bool{}
	for {
		tok, err := d.Token()
		if err != nil {
			return errors.Is(err, io.EOF)
		}
		if s, ok := tok.(string); ok {
			if seen[s] {
				return false
			}
			seen[s] = true
		}
	}
}

func TestInstant(t *testing.T) {
	shanghai, err := time.LoadLocation("Asia/Shanghai")
	if err != nil {
		t.Fatal(err)
	}
	want := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	for _, v := range []any{
		"2026-01-02T03:04:05Z", "2026-01-02T11:04:05+08:00", "2026-01-02T03:04:05.000+0000", "2026-01-02 11:04:05", "2026-01-02T11:04:05",
		"2026-01-02 03:04:05.000000+00:00", "2026/01/02 11:04:05", "20260102110405", "/Date(1767323045000+0000)/", "/Date(1767323045000)/",
		"Fri, 02 Jan 2026 03:04:05 GMT", "1767323045", json.Number("1767323045"), json.Number("1767323045000"), json.Number("1767323045000000"),
	} {
		got, ok := restapi.Instant(v, shanghai)
		if !ok || !got.Equal(want) {
			t.Errorf("Instant(%v) = %v, %v, want %v", v, got, ok, want)
		}
	}
	for _, v := range []any{nil, "", "yesterday", json.Number("12"), true, "0000-00-00 00:00:00"} {
		if got, ok := restapi.Instant(v, shanghai); ok {
			t.Errorf("Instant(%v) = %v, want none", v, got)
		}
	}
}

func TestDistance(t *testing.T) {
	now := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	for s, want := range map[string]time.Duration{
		"30": 30 * time.Second, "0.5": 500 * time.Millisecond, "1767323055": 10 * time.Second, "1767323055000": 10 * time.Second,
		"Fri, 02 Jan 2026 03:04:15 GMT": 10 * time.Second, "2026-01-02T03:04:15Z": 10 * time.Second, "1767323000": 0,
	} {
		if got, ok := restapi.Distance(s, now); !ok || got != want {
			t.Errorf("Distance(%q) = %v, %v, want %v", s, got, ok, want)
		}
	}
	for _, s := range []string{"", "soon", "-5"} {
		if _, ok := restapi.Distance(s, now); ok {
			t.Errorf("Distance(%q) is taken", s)
		}
	}
}
