package crypt

import (
	"crypto/cipher"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"crmhub/fault"
)

// Ring is a key ring: versioned 256-bit keys that wrap data keys. One key is
// the primary, under which new keys are wrapped; the others open what was
// wrapped before. A key is chosen by its id, never by trial. A Ring is safe
// for concurrent use.
type Ring struct {
	id   [8]byte
	path string // where it was read from, for faults

	mu      sync.RWMutex
	keys    []*ringKey // in order of creation
	primary *ringKey
}

type ringKey struct {
	id      uint32
	created time.Time
	key     []byte
	aead    cipher.AEAD
	wraps   atomic.Uint64
}

// KeyInfo is what may be shown of a ring's key.
type KeyInfo struct {
	ID      string // eight hex digits
	Created time.Time
	Primary bool
	Wraps   uint64 // keys wrapped under it, as far as this process knows (see Resume)
}

// NewRing returns a ring with one fresh primary key.
func NewRing(now time.Time) (*Ring, error) {
	r := &Ring{id: [8]byte(random(8))}
	return r, r.Rotate(now)
}

// Rotate adds a fresh key, which becomes the primary. The keys before it stay
// and open what they wrapped. The ring's file is not touched (see Replace).
func (r *Ring) Rotate(now time.Time) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	for {
		id := binary.BigEndian.Uint32(random(4))
		if id != 0 && r.find(id) == nil {
			r.primary = r.add(id, now.UTC().Truncate(time.Second), random(KeySize))
			return nil
		}
	}
}

// add adds a key; the ring is locked or not yet shared.
func (r *Ring) add(id uint32, created time.Time, key []byte) *ringKey {
	k := &ringKey{id: id, created: created, key: key}
	k.aead = newAEAD(key, new([tagSize]byte))
	r.keys = append(r.keys, k)
	return k
}

func (r *Ring) find(id uint32) *ringKey {
	for _, k := range r.keys {
		if k.id == id {
			return k
		}
	}
	return nil
}

// Fingerprint returns the ring's own id, 16 hex digits. It stays the same when
// the ring is rotated and tells nothing of the keys.
func (r *Ring) Fingerprint() string { return hex.EncodeToString(r.id[:]) }

// Keys returns what may be shown of the keys, oldest first.
func (r *Ring) Keys() []KeyInfo {
	r.mu.RLock()
	defer r.mu.RUnlock()
	all := make([]KeyInfo, len(r.keys))
	for i, k := range r.keys {
		all[i] = KeyInfo{ID: hexID(k.id), Created: k.created, Primary: k == r.primary, Wraps: k.wraps.Load()}
	}
	return all
}

// Resume adds n to the count of keys wrapped under the key with that id
// (KeyInfo.ID), for a store that keeps the counts between processes. An
// unknown id is ignored.
func (r *Ring) Resume(id string, n uint64) {
	r.mu.RLock()
	defer r.mu.RUnlock()
	for _, k := range r.keys {
		if hexID(k.id) == id {
			k.wraps.Add(n)
		}
	}
}

// Wrap seals a key under the ring's primary key with the associated data ad:
//
//	key id (4) | nonce (12) | ciphertext | tag (16)
//
// It returns E7006 once the primary has wrapped 2^31 keys.
func (r *Ring) Wrap(key, ad []byte) ([]byte, error) {
	r.mu.RLock()
	k := r.primary
	r.mu.RUnlock()
	if k.wraps.Add(1) > maxSeals {
		return nil, fault.New("E7006", r.path, "key", hexID(k.id))
	}
	s := scratches.Get().(*scratch)
	defer scratches.Put(s)
	nonce := s.random(nonceSize)
	out := make([]byte, 0, WrapOverhead+len(key))
	out = binary.BigEndian.AppendUint32(out, k.id)
	out = append(out, nonce...)
	s.ad = appendWrapAD(s.ad[:0], k.id, ad)
	return k.aead.Seal(out, nonce, key, s.ad), nil
}

// Unwrap opens what Wrap sealed. It returns E7004 when the ring has no such
// key or the key does not open it.
func (r *Ring) Unwrap(wrapped, ad []byte) ([]byte, error) { return r.unwrap(nil, wrapped, ad) }

// unwrap is Unwrap onto dst.
func (r *Ring) unwrap(dst, wrapped, ad []byte) ([]byte, error) {
	if len(wrapped) < WrapOverhead {
		return nil, fault.New("E7004", r.path, "key", "?")
	}
	id := binary.BigEndian.Uint32(wrapped)
	r.mu.RLock()
	k := r.find(id)
	r.mu.RUnlock()
	if k == nil {
		return nil, fault.New("E7004", r.path, "key", hexID(id))
	}
	s := scratches.Get().(*scratch)
	defer scratches.Put(s)
	s.ad = appendWrapAD(s.ad[:0], id, ad)
	key, err := k.aead.Open(dst, wrapped[4:4+nonceSize], wrapped[4+nonceSize:], s.ad)
	if err != nil {
		return nil, fault.New("E7004", r.path, "key", hexID(id)).Because(err)
	}
	return key, nil
}

// appendWrapAD sets wrapped keys apart from sealed values and binds the key id.
func appendWrapAD(dst []byte, id uint32, ad []byte) []byte {
	dst = append(dst, "wrap1"...)
	dst = binary.BigEndian.AppendUint32(dst, id)
	return append(dst, ad...)
}

// NewDataKey returns a random data key and its wrapped form (64 bytes).
func (r *Ring) NewDataKey(ad []byte) (k DataKey, wrapped []byte, err error) {
	s := scratches.Get().(*scratch)
	defer scratches.Put(s)
	key := s.random(KeySize)
	defer clear(key)
	if wrapped, err = r.Wrap(key, ad); err != nil {
		return DataKey{}, nil, err
	}
	return KeyOf(key), wrapped, nil
}

// OpenDataKey returns the data key whose wrapped form NewDataKey gave with the
// same ad. It returns E7004 as Unwrap does.
func (r *Ring) OpenDataKey(wrapped, ad []byte) (DataKey, error) {
	s := scratches.Get().(*scratch)
	defer scratches.Put(s)
	key, err := r.unwrap(s.key[:0], wrapped, ad)
	if err != nil {
		return DataKey{}, err
	}
	defer clear(key)
	if len(key) != KeySize {
		return DataKey{}, fault.New("E7004", r.path, "key", hexID(binary.BigEndian.Uint32(wrapped)))
	}
	return KeyOf(key), nil
}

// Rewrap opens a wrapped key with the ring from and wraps it under r, with the
// same associated data. It returns what Unwrap and Wrap return.
func (r *Ring) Rewrap(from *Ring, wrapped, ad []byte) ([]byte, error) {
	key, err := from.Unwrap(wrapped, ad)
	if err != nil {
		return nil, err
	}
	defer clear(key)
	return r.Wrap(key, ad)
}

func hexID(id uint32) string { return fmt.Sprintf("%08x", id) }
