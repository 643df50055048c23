package crypt

import (
	"crypto/aes"
	"crypto/cipher"
	"encoding/binary"
	"slices"
	"sync/atomic"

	"crmhub/fault"
)

// DataKey is one AES-256 key ready for use: a cheap value to pass about, safe
// for concurrent use. Sealed values have the form
//
//	0x01 | suite (1) | key ref (4) | nonce (12) | ciphertext | tag (16)
//
// and authenticate that header beside the associated data. The key ref is a
// check value of the key, so that a value sealed under another key is told
// apart from a damaged one: AES-GCM alone does not commit to its key. The
// zero DataKey panics when used.
type DataKey struct{ *dataKey }

type dataKey struct {
	aead   cipher.AEAD
	header [headerSize]byte
	seals  atomic.Uint64
	room   [aes.BlockSize]byte
}

// KeyOf returns the data key with these 32 bytes, which it does not keep. It
// panics on another length, which is a mistake in the program.
func KeyOf(key []byte) DataKey {
	k := &dataKey{header: [headerSize]byte{formatV1, suiteAES256G}}
	k.aead = newAEAD(key, &k.room)
	copy(k.header[2:], k.room[:])
	return DataKey{k}
}

// TemporaryKey returns a random data key that nothing can restore: what is
// sealed under it lasts as long as the process.
func TemporaryKey() DataKey {
	key := random(KeySize)
	defer clear(key)
	return KeyOf(key)
}

// newAEAD returns AES-256-GCM under key and writes the encrypted block of ones,
// whose first four bytes are the key's check value. GCM itself never encrypts
// that block: it would need the all-ones nonce and a message of 64 GiB.
func newAEAD(key []byte, check *[aes.BlockSize]byte) cipher.AEAD {
	if len(key) != KeySize {
		panic("crypt: a key has 32 bytes")
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		panic(err) // the length was checked
	}
	aead, err := cipher.NewGCM(block)
	if err != nil {
		panic(err) // AES has the block size that GCM wants
	}
	for i := range check {
		check[i] = 0xff
	}
	block.Encrypt(check[:], check[:])
	return aead
}

// Ref returns the key's check value, which its sealed values carry.
func (k DataKey) Ref() uint32 { return binary.BigEndian.Uint32(k.header[2:]) }

// Seal appends plain, sealed with the associated data ad, to dst and returns
// the longer slice; it adds Overhead bytes to the plaintext. It panics at the
// 2^31st seal under one DataKey, which a key of one record never reaches and a
// stream refuses before.
func (k DataKey) Seal(dst, plain, ad []byte) []byte {
	if k.seals.Add(1) >= maxSeals {
		panic(fault.New("E7006", "", "key", "data key"))
	}
	s := scratches.Get().(*scratch)
	nonce := s.random(nonceSize)
	s.ad = append(append(s.ad[:0], k.header[:]...), ad...)
	dst = slices.Grow(dst, Overhead+len(plain))
	dst = append(dst, k.header[:]...)
	dst = append(dst, nonce...)
	dst = k.aead.Seal(dst, nonce, plain, s.ad)
	scratches.Put(s)
	return dst
}

// Open appends the plaintext of sealed to dst and returns the longer slice.
// It returns E7004 when sealed names another key, and E7005 when it does not
// authenticate: damaged, cut, changed, or moved from another place (ad).
func (k DataKey) Open(dst, sealed, ad []byte) ([]byte, error) {
	if len(sealed) < Overhead || sealed[0] != formatV1 || sealed[1] != suiteAES256G {
		return nil, fault.New("E7005", "")
	}
	if [headerSize]byte(sealed) != k.header {
		return nil, fault.New("E7004", "", "key", hexID(binary.BigEndian.Uint32(sealed[2:])))
	}
	s := scratches.Get().(*scratch)
	s.ad = append(append(s.ad[:0], k.header[:]...), ad...)
	body := sealed[headerSize:]
	out, err := k.aead.Open(dst, body[:nonceSize], body[nonceSize:], s.ad)
	scratches.Put(s)
	if err != nil {
		return nil, fault.New("E7005", "").Because(err)
	}
	return out, nil
}
