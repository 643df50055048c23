package crypt

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"hash"
	"sync"
)

// Index makes keyed tokens: equal values of one space have equal tokens, and
// without the key a token tells nothing. It is safe for concurrent use.
type Index struct{ pool sync.Pool }

type indexState struct {
	mac hash.Hash
	buf []byte
}

// NewIndex returns the index under key, of at least 32 random bytes; it
// panics on fewer, which is a mistake in the program.
func NewIndex(key []byte) *Index {
	if len(key) < KeySize {
		panic("crypt: an index key has at least 32 bytes")
	}
	own := append([]byte(nil), key...)
	x := &Index{}
	x.pool.New = func() any { return &indexState{mac: hmac.New(sha256.New, own)} }
	return x
}

// Token returns the first 16 bytes of the HMAC-SHA-256 of the space's length
// (uvarint), the space and the value.
func (x *Index) Token(space, value string) [16]byte {
	full := x.Sum(space, value)
	return [16]byte(full[:])
}

// TokenOf is Token of a value in bytes.
func (x *Index) TokenOf(space string, value []byte) [16]byte {
	s := x.begin(space)
	s.buf = append(s.buf, value...)
	full := x.end(s)
	return [16]byte(full[:])
}

// Sum returns all 32 bytes of which Token returns the first 16.
func (x *Index) Sum(space, value string) [32]byte {
	s := x.begin(space)
	s.buf = append(s.buf, value...)
	return x.end(s)
}

func (x *Index) begin(space string) *indexState {
	s := x.pool.Get().(*indexState)
	s.buf = binary.AppendUvarint(s.buf[:0], uint64(len(space)))
	s.buf = append(s.buf, space...)
	return s
}

func (x *Index) end(s *indexState) [32]byte {
	s.mac.Reset()
	s.mac.Write(s.buf)
	clear(s.buf)
	s.buf = s.mac.Sum(s.buf[:0])
	out := [32]byte(s.buf)
	x.pool.Put(s)
	return out
}
