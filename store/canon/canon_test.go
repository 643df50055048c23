package canon_test

import (
	"bytes"
	"encoding/json"
	"reflect"
	"testing"

	"crmhub/store/canon"
)

func TestNumbersHaveOneSpelling(t *testing.T) {
	for _, tt := range []struct{ in, want string }{
		{"0", "0"},
		{"-0", "0"},
		{"0.000", "0"},
		{"1", "1"},
		{"1.0", "1"},
		{"1.00", "1"},
		{"10e-1", "1"},
		{"1E2", "100"},
		{"1e+2", "100"},
		{"9007199254740993", "9007199254740993"},
		{"1234567890123456.78", "1234567890123456.78"},
		{"0.1", "0.1"},
		{"00.1", "0.1"},
		{"-12.340", "-12.34"},
		{"1e400", "1e400"},
		{"12e399", "1.2e400"},
		{"0.00001", "0.00001"},
		{"1e-400", "1e-400"},
		{"123456789012345678901234567890.5", "123456789012345678901234567890.5"},
		{"abc", `"abc"`},
		{"", `""`},
		{"1e99999999999999999999", `"1e99999999999999999999"`},
	} {
		if got := string(canon.Number(nil, tt.in)); got != tt.want {
			t.Errorf("Number(%s) = %s, want %s", tt.in, got, tt.want)
		}
	}
}

func TestEqualValuesHaveEqualBytes(t *testing.T) {
	a := map[string]any{"b": []any{json.Number("1.0"), "x\"\\\n\x01", nil, true}, "a": map[string]any{"z": "李", "y": false}}
	b := map[string]any{"a": map[string]any{"y": false, "z": "李"}, "b": []any{json.Number("1"), "x\"\\\n\x01", nil, true}}
	got, want := string(canon.Append(nil, a)), `{"a":{"y":false,"z":"李"},"b":[1,"x\"\\\n\u0001",null,true]}`
	if got != want {
		t.Errorf("Append = %s, want %s", got, want)
	}
	if other := string(canon.Append(nil, b)); other != got {
		t.Errorf("equal values give %s and %s", got, other)
	}
	if got := string(canon.Append(nil, "a\xffb")); got != "\"a\ufffdb\"" {
		t.Errorf("bytes that are not UTF-8 give %q", got)
	}
}

// FuzzDecode holds that Decode takes what encoding/json takes, gives the same
// values, and that Append is stable.
func FuzzDecode(f *testing.F) {
	for _, s := range []string{`{"a":[1,2.50,-0,1e5],"b":"\u674e\ud83d\ude00\ud800x","c":{}}`, ` [ ] `, `"a`, `01`, `1.`, `{"a":1,}`, `"\x"`, `tru`, `"\ud83d\u0041"`} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, in []byte) {
		got, err := canon.Decode(in)
		d := json.NewDecoder(bytes.NewReader(in))
		d.UseNumber()
		var want any
		wantErr := d.Decode(&want)
		if wantErr == nil && d.More() || !json.Valid(in) {
			wantErr = canon.ErrJSON
		}
		if err != nil {
			if wantErr == nil && bytes.Equal(in, bytes.ToValidUTF8(in, nil)) {
				t.Fatalf("Decode(%q): %v, encoding/json takes it", in, err)
			}
			return
		}
		if wantErr != nil {
			t.Fatalf("Decode takes %q, encoding/json does not", in)
		}
		if !reflect.DeepEqual(got, want) {
			t.Fatalf("Decode(%q) = %#v, want %#v", in, got, want)
		}
		once := canon.Append(nil, got)
		again, err := canon.Decode(once)
		if err != nil {
			t.Fatalf("Decode(Append) of %q: %v", in, err)
		}
		if twice := canon.Append(nil, again); !bytes.Equal(once, twice) {
			t.Fatalf("Append is not stable: %q and %q", once, twice)
		}
	})
}
