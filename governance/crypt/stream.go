package crypt

import (
	"bufio"
	"encoding/binary"
	"errors"
	"io"

	"crmhub/fault"
)

// ChunkSize is the plaintext of one chunk of a sealed stream, in bytes.
const ChunkSize = 64 << 10

// errClosed is returned by writes to a closed stream.
var errClosed = errors.New("crypt: write to a closed stream")

// sealWriter seals a stream in chunks. Each chunk is a sealed value whose
// associated data ends with the chunk's index (8 bytes) and whether it is the
// last (1 byte), so that cutting, reordering and repeating chunks is noticed.
// All chunks but the last are full.
type sealWriter struct {
	w      io.Writer
	k      DataKey
	ad     []byte
	plain  []byte
	sealed []byte
	next   uint64
	err    error
}

// NewSealWriter returns a writer that seals what is written to it under k with
// the associated data ad, and writes it to w. Only Close completes the stream;
// it does not close w. Not safe for concurrent use.
func NewSealWriter(w io.Writer, k DataKey, ad []byte) io.WriteCloser {
	return &sealWriter{w: w, k: k, ad: append([]byte(nil), ad...), plain: make([]byte, 0, ChunkSize)}
}

// Write implements io.Writer.
func (s *sealWriter) Write(p []byte) (int, error) {
	n := 0
	for len(p) > 0 {
		if s.err != nil {
			return n, s.err
		}
		// A full chunk waits for the byte after it: until then it may be the last.
		if len(s.plain) == ChunkSize {
			s.flush(false)
			continue
		}
		m := min(len(p), ChunkSize-len(s.plain))
		s.plain = append(s.plain, p[:m]...)
		p, n = p[m:], n+m
	}
	return n, s.err
}

// Close writes the last chunk.
func (s *sealWriter) Close() error {
	if s.err != nil {
		return s.err
	}
	s.flush(true)
	if s.err != nil {
		return s.err
	}
	s.err = errClosed
	return nil
}

func (s *sealWriter) flush(last bool) {
	if s.next >= maxSeals {
		s.err = fault.New("E7006", "", "key", hexID(s.k.Ref()))
		return
	}
	s.sealed = s.k.Seal(s.sealed[:0], s.plain, chunkAD(s.ad, s.next, last))
	_, s.err = s.w.Write(s.sealed)
	clear(s.plain)
	s.plain, s.next = s.plain[:0], s.next+1
}

// chunkAD appends a chunk's index and last flag to the stream's data.
func chunkAD(ad []byte, index uint64, last bool) []byte {
	out := make([]byte, 0, len(ad)+9)
	out = binary.BigEndian.AppendUint64(append(out, ad...), index)
	if last {
		return append(out, 1)
	}
	return append(out, 0)
}

// openReader opens what a sealWriter wrote.
type openReader struct {
	r      *bufio.Reader
	k      DataKey
	ad     []byte
	sealed []byte
	plain  []byte // all that was opened of this chunk
	rest   []byte // what of it was not yet read
	next   uint64
	err    error
}

// NewOpenReader returns a reader of the plaintext that NewSealWriter sealed
// under k with ad. It returns io.EOF after the last chunk alone; a stream that
// was cut, reordered, repeated or changed gives E7005 and none of the chunk
// that is wrong; another key gives E7004. Not safe for concurrent use.
func NewOpenReader(r io.Reader, k DataKey, ad []byte) io.Reader {
	return &openReader{
		r: bufio.NewReaderSize(r, ChunkSize+Overhead+1), k: k, ad: append([]byte(nil), ad...),
		sealed: make([]byte, ChunkSize+Overhead), plain: make([]byte, 0, ChunkSize),
	}
}

// Read implements io.Reader.
func (o *openReader) Read(p []byte) (int, error) {
	for len(o.rest) == 0 {
		if o.err != nil {
			return 0, o.err
		}
		o.fill()
	}
	n := copy(p, o.rest)
	o.rest = o.rest[n:]
	return n, nil
}

func (o *openReader) fill() {
	n, err := io.ReadFull(o.r, o.sealed)
	last := false
	switch {
	case err == io.EOF || err == io.ErrUnexpectedEOF:
		last = true
	case err != nil:
		o.err = err
		return
	default:
		_, err := o.r.Peek(1)
		if err != nil && err != io.EOF {
			o.err = err
			return
		}
		last = err == io.EOF
	}
	o.plain, err = o.k.Open(o.plain[:0], o.sealed[:n], chunkAD(o.ad, o.next, last))
	switch {
	case err != nil:
		o.plain, o.err = nil, err
	case last:
		o.err = io.EOF
	}
	o.rest, o.next = o.plain, o.next+1
}
