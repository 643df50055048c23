// Package crypt seals personal data with AES-256-GCM, keeps the key ring that wraps data keys, and makes keyed tokens for equality.
package crypt

import (
	"crypto/rand"
	"encoding/binary"
	"sync"
)

// Sizes in bytes.
const (
	KeySize   = 32 // of ring keys and data keys
	nonceSize = 12
	tagSize   = 16
	// Overhead is what Seal adds to a plaintext.
	Overhead = headerSize + nonceSize + tagSize
	// WrapOverhead is what Wrap adds to a key.
	WrapOverhead = 4 + nonceSize + tagSize

	headerSize = 6 // format, suite, key ref (4)
)

const (
	formatV1     = 0x01
	suiteAES256G = 0x01 // AES-256-GCM with a random 96-bit nonce
)

// maxSeals bounds the seals under one key. SP 800-38D allows 2^32 with random
// nonces; half of it leaves room for the seals of a process that died before
// it could report them.
const maxSeals = 1 << 31

// AppendAD appends parts to dst, each with its length (uvarint) in front, so
// that different parts never give the same associated data.
func AppendAD(dst []byte, parts ...string) []byte {
	for _, p := range parts {
		dst = binary.AppendUvarint(dst, uint64(len(p)))
		dst = append(dst, p...)
	}
	return dst
}

// scratch is what one seal needs for a moment: random bytes drawn 4 KiB at a
// time, which saves a system call for each nonce and key, and a buffer for
// associated data. No two goroutines hold the same one, so no byte is handed
// out twice.
type scratch struct {
	drawn [4096]byte
	left  int
	ad    []byte
	key   [KeySize]byte // a data key on its way, cleared at once
}

var scratches = sync.Pool{New: func() any { return new(scratch) }}

// random returns the next n random bytes, 32 at most; they are valid until
// the next call. Keys are to be cleared.
func (s *scratch) random(n int) []byte {
	if s.left < n {
		if _, err := rand.Read(s.drawn[:]); err != nil {
			panic(err) // crypto/rand never returns an error; it ends the program itself
		}
		s.left = len(s.drawn)
	}
	b := s.drawn[len(s.drawn)-s.left:][:n]
	s.left -= n
	return b
}

// random returns n random bytes.
func random(n int) []byte {
	b := make([]byte, n)
	if _, err := rand.Read(b); err != nil {
		panic(err) // as above
	}
	return b
}
