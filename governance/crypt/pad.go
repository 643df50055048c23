package crypt

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"encoding/binary"
)

// Pad is an endless stream of secret bytes that is made anew with each Pad and
// that nothing can restore: AES-256 in counter mode under a random key. It
// hides what a process puts aside for itself, and doesn't notice changes. It is
// safe for concurrent use.
type Pad struct{ block cipher.Block }

// NewPad returns a pad under a key of its own.
func NewPad() *Pad {
	var key [32]byte
	rand.Read(key[:])
	block, err := aes.NewCipher(key[:])
	if err != nil {
		panic(err) // 32 bytes are a key
	}
	return &Pad{block}
}

// padLong is from how many bytes on it pays to set up a stream.
const padLong = 512

// XOR changes p in place by the bytes of the pad that begin at at. Doing so
// twice gives p again; no part may hide two different texts.
func (k *Pad) XOR(p []byte, at uint64) {
	var counter, pad [aes.BlockSize]byte
	n, skip := at/aes.BlockSize, at%aes.BlockSize
	if len(p) >= padLong {
		head := min(len(p), int((aes.BlockSize-skip)%aes.BlockSize))
		k.XOR(p[:head], at)
		binary.BigEndian.PutUint64(counter[8:], (at+uint64(head))/aes.BlockSize)
		cipher.NewCTR(k.block, counter[:]).XORKeyStream(p[head:], p[head:])
		return
	}
	for len(p) > 0 {
		binary.BigEndian.PutUint64(counter[8:], n)
		k.block.Encrypt(pad[:], counter[:])
		m := copy(pad[:], pad[skip:])
		for i := range min(m, len(p)) {
			p[i] ^= pad[i]
		}
		p = p[min(m, len(p)):]
		skip = 0
		n++
	}
}
