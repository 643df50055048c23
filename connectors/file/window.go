package file

import (
	"encoding/binary"
	"encoding/hex"
	"errors"
	"hash/crc32"
	"io"
)

// window is a growing view on a stream of bytes: what was read and not yet
// consumed. It keeps a running fingerprint of everything consumed, so that a
// later read can tell whether it is looking at the same beginning.
type window struct {
	r        io.Reader
	buf      []byte
	pos, end int
	base     int64 // the offset of buf[0] in the stream
	hashed   int   // buf[:hashed] is in the fingerprint
	sum      fingerprint
	err      error // what ended the stream; io.EOF at its end
}

const windowSize = 256 << 10

func newWindow(r io.Reader) *window {
	return &window{r: r, buf: make([]byte, windowSize)}
}

// bytes returns what can be looked at now; it is valid until the next call of
// more.
func (w *window) bytes() []byte { return w.buf[w.pos:w.end] }

// offset is how many bytes of the stream were consumed.
func (w *window) offset() int64 { return w.base + int64(w.pos) }

// advance consumes n bytes.
func (w *window) advance(n int) { w.pos += n }

// more reads further bytes behind those there are; false when the stream has
// ended or failed.
func (w *window) more() bool {
	if w.err != nil {
		return false
	}
	if w.pos > 0 && (w.end == len(w.buf) || w.pos > len(w.buf)/2) {
		w.digest()
		copy(w.buf, w.buf[w.pos:w.end])
		w.base += int64(w.pos)
		w.end -= w.pos
		w.pos, w.hashed = 0, 0
	}
	if w.end == len(w.buf) {
		larger := make([]byte, 2*len(w.buf))
		copy(larger, w.buf[:w.end])
		w.buf = larger
	}
	for range 100 {
		n, err := w.r.Read(w.buf[w.end:])
		w.end += n
		if err != nil {
			w.err = err
		}
		if n > 0 || err != nil {
			return n > 0
		}
	}
	w.err = io.ErrNoProgress
	return false
}

// failed returns the error that ended the stream, nil if it ended as it should.
func (w *window) failed() error {
	if w.err == nil || errors.Is(w.err, io.EOF) {
		return nil
	}
	return w.err
}

// digest brings the fingerprint up to what was consumed.
func (w *window) digest() {
	w.sum.add(w.buf[w.hashed:w.pos])
	w.hashed = w.pos
}

// consumed returns the fingerprint of everything consumed.
func (w *window) consumed() string {
	w.digest()
	return w.sum.String()
}

// skipTo consumes up to that offset; false if the stream ends before.
func (w *window) skipTo(offset int64) bool {
	for w.offset() < offset {
		have := int64(w.end - w.pos)
		if have == 0 {
			if !w.more() {
				return false
			}
			continue
		}
		w.advance(int(min(have, offset-w.offset())))
	}
	return w.offset() == offset
}

// fingerprint is a running checksum of 64 bits: two CRCs that the processor
// has instructions for, since it runs over every byte that is read. It tells
// a file that was rewritten from one that only grew; it is no defence against
// forgery, which a position needs none against.
type fingerprint struct {
	a, b uint32
}

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

func (f *fingerprint) add(p []byte) {
	f.a = crc32.Update(f.a, castagnoli, p)
	f.b = crc32.Update(f.b, crc32.IEEETable, p)
}

// String returns the checksum as 16 hexadecimal digits.
func (f *fingerprint) String() string {
	var b [8]byte
	binary.BigEndian.PutUint32(b[:4], f.a)
	binary.BigEndian.PutUint32(b[4:], f.b)
	return hex.EncodeToString(b[:])
}
