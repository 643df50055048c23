package crypt

import (
	"crypto/aes"
	"crypto/cipher"
	"encoding/binary"
	"sync"
)

// Pad is an endless stream of secret bytes that is made anew with each Pad and
// that nothing can restore: AES-256 in counter mode under a random key. It
// hides what a process puts aside for itself, and doesn't notice changes. It is
// safe for concurrent use.
type Pad struct {
	block cipher.Block
	// rooms are *padRoom: what is handed to the block would be made anew each time.
	rooms sync.Pool
}

type padRoom struct{ counter, pad [aes.BlockSize]byte }

// NewPad returns a pad under a key of its own.
func NewPad() *Pad {
	key := random(KeySize)
	defer clear(key)
	block, err := aes.NewCipher(key)
	if err != nil {
		panic(err) // the length is right
	}
	return &Pad{block: block, rooms: sync.Pool{New: func() any { return &padRoom{} }}}
}

// padLong is from how many bytes on it pays to set up a stream.
const padLong = 512

// XOR changes p in place by the bytes of the pad that begin at at. Doing so
// twice gives p again; no part may hide two different texts.
func (k *Pad) XOR(p []byte, at uint64) {
	n, skip := at/aes.BlockSize, at%aes.BlockSize
	if len(p) >= padLong {
		head := min(len(p), int((aes.BlockSize-skip)%aes.BlockSize))
		k.XOR(p[:head], at)
		var counter [aes.BlockSize]byte
		binary.BigEndian.PutUint64(counter[8:], (at+uint64(head))/aes.BlockSize)
		cipher.NewCTR(k.block, counter[:]).XORKeyStream(p[head:], p[head:])
		return
	}
	r := k.rooms.Get().(*padRoom)
	defer k.rooms.Put(r)
	for len(p) > 0 {
		binary.BigEndian.PutUint64(r.counter[8:], n)
		k.block.Encrypt(r.pad[:], r.counter[:])
		pad := r.pad[skip:]
		for i := range min(len(pad), len(p)) {
			p[i] ^= pad[i]
		}
		p = p[min(len(pad), len(p)):]
		skip = 0
		n++
	}
}
