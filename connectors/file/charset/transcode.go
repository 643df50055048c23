package charset

import (
	"bytes"
	"errors"
	"io"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/transform"
)

// transcoder turns a stream in a legacy encoding into UTF-8, line by line. A
// line with bytes that the encoding does not know passes as it was: it is not
// valid UTF-8, so whoever reads the row sees the fault and has the original
// bytes.
type transcoder struct {
	r       io.Reader
	dec     *encoding.Decoder // nil for UTF-16
	big     bool              // UTF-16 with the high byte first
	in, out []byte
	at      int // out[:at] was handed over
	err     error
}

// NewReader returns r, which stands behind any byte order mark, as UTF-8. A
// line with bytes that the named encoding does not know passes as it was.
func NewReader(r io.Reader, name string) io.Reader {
	switch {
	case IsUTF16(name):
		return &transcoder{r: r, big: name == UTF16BE}
	case decoderOf(name) == nil:
		return r
	}
	return &transcoder{r: r, dec: decoderOf(name)}
}

// Read hands over decoded text.
func (t *transcoder) Read(p []byte) (int, error) {
	for t.at == len(t.out) {
		if t.err != nil {
			return 0, t.err
		}
		t.fill()
	}
	n := copy(p, t.out[t.at:])
	t.at += n
	return n, nil
}

// fill reads a piece and decodes what of it is whole.
func (t *transcoder) fill() {
	const piece = 64 << 10
	t.out, t.at = t.out[:0], 0
	have := len(t.in)
	if cap(t.in)-have < piece {
		larger := make([]byte, have, 2*cap(t.in)+piece)
		copy(larger, t.in)
		t.in = larger
	}
	n, err := t.r.Read(t.in[have : have+piece])
	t.in = t.in[:have+n]
	t.err = err
	whole := len(t.in)
	if err == nil {
		whole = t.whole(have)
	}
	if whole == 0 {
		return
	}
	if t.dec == nil {
		var used int
		t.out, used = AppendUTF16(t.out, t.in[:whole], t.big)
		if err != nil {
			// An odd byte at the very end passes as it is: no valid UTF-8.
			t.out = append(t.out, t.in[used:whole]...)
			used = whole
		}
		whole = used
	} else {
		t.decode(t.in[:whole])
	}
	t.in = t.in[:copy(t.in, t.in[whole:])]
}

// whole returns how much of the input ends with a line, so that no character
// is cut; a line of a megabyte without an end is cut where it is.
func (t *transcoder) whole(from int) int {
	if t.dec == nil {
		return len(t.in)
	}
	if i := bytes.LastIndexAny(t.in[from:], "\n\r"); i >= 0 {
		return from + i + 1
	}
	if len(t.in) > 1<<20 {
		// Between two ASCII characters below any trail byte nothing is cut.
		for i := len(t.in) - 1; i > 0; i-- {
			if t.in[i] < 0x30 {
				return i + 1
			}
		}
	}
	if len(t.in) > 64<<20 {
		return len(t.in)
	}
	return 0
}

func (t *transcoder) decode(in []byte) {
	var ok bool
	if t.out, ok = t.append(t.out, in); ok {
		return
	}
	t.out = t.out[:0]
	for len(in) > 0 {
		end := len(in)
		if i := bytes.IndexAny(in, "\n\r"); i >= 0 {
			end = i + 1
		}
		line := in[:end]
		in = in[end:]
		before := len(t.out)
		if t.out, ok = t.append(t.out, line); ok {
			continue
		}
		text := bytes.TrimRight(line, "\r\n")
		t.out = append(t.out[:before], text...)
		if utf8.Valid(text) {
			t.out = append(t.out, Undecodable...)
		}
		t.out = append(t.out, line[len(text):]...)
	}
}

// Undecodable is put behind a line that its encoding does not know although
// it happens to be valid UTF-8; no UTF-8 has these bytes.
const Undecodable = "\xff\xfe"

// append decodes src behind dst; false where it has bytes that can't be decoded.
func (t *transcoder) append(dst, src []byte) ([]byte, bool) {
	start := len(dst)
	t.dec.Reset()
	for {
		if cap(dst)-len(dst) < len(src)+64 {
			larger := make([]byte, len(dst), 2*cap(dst)+3*len(src)+64)
			copy(larger, dst)
			dst = larger
		}
		n, used, err := t.dec.Transform(dst[len(dst):cap(dst)], src, true)
		dst, src = dst[:len(dst)+n], src[used:]
		if err == nil {
			return dst, !bytes.Contains(dst[start:], []byte("\uFFFD"))
		}
		if !errors.Is(err, transform.ErrShortDst) {
			return dst, false
		}
	}
}

// AppendUTF16 decodes the whole units of src behind dst and returns how many
// bytes it took. A surrogate without its half passes in the shape of UTF-8,
// which is not valid UTF-8.
func AppendUTF16(dst, src []byte, big bool) ([]byte, int) {
	unit := func(i int) rune {
		if big {
			return rune(src[i])<<8 | rune(src[i+1])
		}
		return rune(src[i+1])<<8 | rune(src[i])
	}
	i := 0
	for i+1 < len(src) {
		r := unit(i)
		switch {
		case r < 0xd800 || r > 0xdfff:
			dst = utf8.AppendRune(dst, r)
			i += 2
		case r < 0xdc00 && i+3 >= len(src):
			return dst, i
		case r < 0xdc00 && unit(i+2) >= 0xdc00 && unit(i+2) <= 0xdfff:
			dst = utf8.AppendRune(dst, (r-0xd800)<<10|(unit(i+2)-0xdc00)+0x10000)
			i += 4
		default:
			dst = append(dst, 0xe0|byte(r>>12), 0x80|byte(r>>6)&0xbf, 0x80|byte(r)&0xbf)
			i += 2
		}
	}
	return dst, i
}
