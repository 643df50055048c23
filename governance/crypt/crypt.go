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

// scratch is what one seal needs for a moment: nonces drawn 4 KiB at a time,
// which costs a third of a system call for each, and a buffer for associated
// data. No two goroutines hold the same one, so no nonce is handed out twice.
type scratch struct {
	nonces [4096 / nonceSize * nonceSize]byte
	left   int
	ad     []byte
	key    [KeySize]byte // a data key on its way, cleared at once
}

var scratches = sync.Pool{New: func() any { return new(scratch) }}

// nonce returns the next random nonce; it is valid until the next call.
func (s *scratch) nonce() []byte {
	if s.left == 0 {
		if _, err := rand.Read(s.nonces[:]); err != nil {
			panic(err) // crypto/rand never returns an error; it ends the program itself
		}
		s.left = len(s.nonces)
	}
	n := s.nonces[len(s.nonces)-s.left:][:nonceSize]
	s.left -= nonceSize
	return n
}

// random returns n random bytes.
func random(n int) []byte {
	b := make([]byte, n)
	if _, err := rand.Read(b); err != nil {
		panic(err) // as above
	}
	return b
}
