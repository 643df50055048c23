package charset_test

import (
	"bytes"
	"io"
	"strings"
	"testing"
	"testing/iotest"
	"unicode/utf8"

	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/traditionalchinese"
	"golang.org/x/text/encoding/unicode"

	"crmhub/connectors/file/charset"
)

func TestName(t *testing.T) {
	for _, tt := range []struct{ in, want string }{
		{"UTF-8", "utf-8"},
		{"utf8", "utf-8"},
		{"us-ascii", "utf-8"},
		{"GB2312", "gb18030"},
		{"x-gbk", "gb18030"},
		{"eucgb2312_cn", "gb18030"},
		{"cp936", "gb18030"},
		{"\"gbk\"", "gb18030"},
		{"cp950", "big5"},
		{"windows-31j", "shift_jis"},
		{"latin1", "windows-1252"},
		{"cp1251", "windows-1251"},
		{"ISO-8859-2", "iso-8859-2"},
		{"utf-16", "utf-16"},
	} {
		got, _, ok := charset.Name(tt.in)
		if got != tt.want || !ok {
			t.Errorf("Name(%q) = %q %v, want %q", tt.in, got, ok, tt.want)
		}
		if !charset.Known(got) {
			t.Errorf("there is no decoder for %q", got)
		}
	}
	if _, nearest, ok := charset.Name("gb18300"); ok || nearest != "gb18030" {
		t.Errorf("Name(gb18300): %q %v, want the nearest gb18030", nearest, ok)
	}
	for _, in := range []string{"replacement", "", "no such thing"} {
		if got, _, ok := charset.Name(in); ok {
			t.Errorf("Name(%q) = %q, want none", in, got)
		}
	}
}

// TestNewReader holds that text comes out the same however its bytes arrive.
func TestNewReader(t *testing.T) {
	text := strings.Repeat("编号,姓名\r\n1,李雷 Zoë 😀\n2,\"王\n芳\"\n", 300) + "no line end"
	utf16, err := unicode.UTF16(unicode.BigEndian, unicode.IgnoreBOM).NewEncoder().String(text)
	if err != nil {
		t.Fatal(err)
	}
	gb, err := simplifiedchinese.GB18030.NewEncoder().String(text)
	if err != nil {
		t.Fatal(err)
	}
	for name, raw := range map[string]string{"utf-8": text, "utf-16be": utf16, "gb18030": gb} {
		for how, r := range map[string]io.Reader{
			"whole": strings.NewReader(raw), "byte by byte": iotest.OneByteReader(strings.NewReader(raw)),
			"halves": iotest.HalfReader(strings.NewReader(raw)), "with its end": iotest.DataErrReader(strings.NewReader(raw)),
		} {
			got, err := io.ReadAll(charset.NewReader(r, name))
			if err != nil || string(got) != text {
				t.Errorf("%s, %s: %d bytes, %v; want the %d of the text", name, how, len(got), err, len(text))
			}
		}
	}
}

// TestNewReaderKeepsWhatItCanNotRead holds that a line with bytes outside its
// encoding comes out as it was, and is no valid UTF-8.
func TestNewReaderKeepsWhatItCanNotRead(t *testing.T) {
	raw := "\xc0\xee\xc0\xd7\n\xcd\xf5\xff,x\r\n\xd5\xc5\n"
	got, err := io.ReadAll(charset.NewReader(strings.NewReader(raw), "gb18030"))
	if want := "李雷\n\xcd\xf5\xff,x\r\n张\n"; err != nil || string(got) != want {
		t.Errorf("got %q %v, want %q", got, err, want)
	}
	// What Big5 does not know may be valid UTF-8 by chance; it is marked.
	raw = "\xc2\x80\n"
	got, err = io.ReadAll(charset.NewReader(strings.NewReader(raw), "big5"))
	if err != nil || utf8.Valid(got) || !bytes.Contains(got, []byte(charset.Undecodable)) {
		t.Errorf("got %q %v, want it marked", got, err)
	}
	want := io.ErrClosedPipe
	if _, err := io.ReadAll(charset.NewReader(iotest.ErrReader(want), "big5")); err != want {
		t.Errorf("error %v, want that of the reader", err)
	}
}

func TestGuess(t *testing.T) {
	big, err := traditionalchinese.Big5.NewEncoder().String("您好,這是我們的訂單資料")
	if err != nil {
		t.Fatal(err)
	}
	for in, want := range map[string]string{"plain": "plain", "李雷": "李雷", "\xc4\xfa\xba\xc3": "您好", big: "您好,這是我們的訂單資料"} {
		if got := charset.Guess([]byte(in), ""); got != want {
			t.Errorf("Guess(%q) = %q, want %q", in, got, want)
		}
	}
}

func FuzzNewReader(f *testing.F) {
	f.Add([]byte("\xc0\xee\n\xff\n"), "gb18030")
	f.Add([]byte("\x00\xd8a\x00"), "utf-16le")
	f.Add([]byte("\xa4\x40\r\n\xc2\x80"), "big5")
	f.Fuzz(func(t *testing.T, b []byte, name string) {
		name, _, ok := charset.Name(name)
		if !ok {
			return
		}
		whole, err := io.ReadAll(charset.NewReader(bytes.NewReader(b), name))
		if err != nil {
			t.Fatal(err)
		}
		pieces, err := io.ReadAll(charset.NewReader(iotest.OneByteReader(bytes.NewReader(b)), name))
		if err != nil || !bytes.Equal(whole, pieces) {
			t.Fatalf("%s: %q in one, %q in pieces (%v)", name, whole, pieces, err)
		}
		if g := charset.Detect(b, true); g.Confidence < 0 || g.Confidence > 1 || g.BOM > len(b) {
			t.Errorf("Detect = %+v", g)
		}
	})
}
