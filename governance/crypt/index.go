package crypt

import "encoding/binary"

// Index makes keyed tokens: equal values of one space have equal tokens, and
// without the key a token tells nothing. It is safe for concurrent use.
type Index struct{ mac *cmac }

// NewIndex returns the index under a key of 32 random bytes, which serves
// nothing else; it panics on another length, which is a mistake in the program.
func NewIndex(key []byte) *Index { return &Index{mac: newCMAC(key)} }

// Token returns the AES-256-CMAC of the space's length (uvarint), the space
// and the value.
func (x *Index) Token(space, value string) [16]byte { return token(x, space, value) }

// TokenOf is Token of a value in bytes.
func (x *Index) TokenOf(space string, value []byte) [16]byte { return token(x, space, value) }

func token[T string | []byte](x *Index, space string, value T) [16]byte {
	c := x.mac.begin()
	c.used = binary.PutUvarint(c.room[:], uint64(len(space)))
	write(c, space)
	write(c, value)
	return x.mac.end(c)
}
