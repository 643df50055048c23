package crypt

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/subtle"
	"sync"
)

// cmac is AES-256-CMAC: NIST SP 800-38B, and RFC 4493 with the longer key. The
// key schedule is made once for each goroutine that uses it at a time, and a
// sum allocates nothing. It is safe for concurrent use.
type cmac struct {
	whole, padded [aes.BlockSize]byte // K1 and K2, for a last block that is whole or padded
	chains        sync.Pool           // of *chain
}

// chain is one CBC encryption that goes on for ever. A sum begins it anew by
// adding to its first block what the last sum left, which CBC takes away again.
type chain struct {
	cbc  cipher.BlockMode
	last [aes.BlockSize]byte // what the chain adds to the next block
	room [64 * aes.BlockSize]byte
	used int
	any  bool // a block of this sum was encrypted
}

// newCMAC returns the CMAC under a key of 32 bytes; it panics on another
// length, which is a mistake in the program.
func newCMAC(key []byte) *cmac {
	if len(key) != KeySize {
		panic("crypt: a key has 32 bytes")
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		panic(err) // the length was checked
	}
	m := &cmac{}
	block.Encrypt(m.whole[:], m.whole[:])
	double(&m.whole)
	m.padded = m.whole
	double(&m.padded)
	m.chains.New = func() any {
		return &chain{cbc: cipher.NewCBCEncrypter(block, make([]byte, aes.BlockSize))}
	}
	return m
}

// double multiplies by x in GF(2^128), as SP 800-38B, 6.1 does for the subkeys.
func double(b *[aes.BlockSize]byte) {
	carry := b[0] >> 7
	for i := range len(b) - 1 {
		b[i] = b[i]<<1 | b[i+1]>>7
	}
	b[len(b)-1] = b[len(b)-1]<<1 ^ carry*0x87
}

// begin returns a chain for one sum; end gives it back.
func (m *cmac) begin() *chain {
	c := m.chains.Get().(*chain)
	c.used, c.any = 0, false
	return c
}

// write adds a part of the input. The last block stays in the room, since it
// is treated apart.
func write[T string | []byte](c *chain, part T) {
	for len(part) > 0 {
		if c.used == len(c.room) {
			c.encrypt()
		}
		n := copy(c.room[c.used:], part)
		c.used, part = c.used+n, part[n:]
	}
}

// encrypt takes the whole blocks in the room into the chain.
func (c *chain) encrypt() {
	if !c.any {
		subtle.XORBytes(c.room[:aes.BlockSize], c.room[:aes.BlockSize], c.last[:])
		c.any = true
	}
	c.cbc.CryptBlocks(c.room[:c.used], c.room[:c.used])
	copy(c.last[:], c.room[c.used-aes.BlockSize:c.used])
	c.used = 0
}

// end returns the CMAC of what was written.
func (m *cmac) end(c *chain) (sum [aes.BlockSize]byte) {
	subkey, from := &m.whole, c.used-aes.BlockSize
	if over := c.used % aes.BlockSize; over != 0 || c.used == 0 {
		subkey, from = &m.padded, c.used-over
		clear(c.room[c.used : from+aes.BlockSize])
		c.room[c.used] = 0x80
		c.used = from + aes.BlockSize
	}
	last := c.room[from:c.used]
	subtle.XORBytes(last, last, subkey[:])
	c.encrypt() // over the input: nothing of it stays behind
	sum = c.last
	m.chains.Put(c)
	return sum
}
