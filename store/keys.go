package store

import (
	"context"
	"crypto/rand"
	"encoding/binary"
	"errors"

	"crmhub/governance/crypt"
)

// storeKeys are the store's own random keys. They are wrapped by the ring and
// kept in meta; a rotation of the ring wraps them anew and changes no token.
type storeKeys struct{ refs, contents, tokens *crypt.Index }

// Names of the rows of meta that hold the store's id, the ring's fingerprint and the store's keys.
const (
	idName       = "store_id"
	ringName     = "ring"
	refsName     = "key_refs"
	contentsName = "key_contents"
	tokensName   = "key_tokens"
)

// StoreKeys are the names of the rows of meta that hold the store's own keys,
// wrapped by the key ring with StoreKeyAD as their associated data.
var StoreKeys = [...]string{refsName, contentsName, tokensName}

// StoreKeyAD is what a wrapped key of the store is bound to.
func StoreKeyAD(storeID, name string) []byte {
	return crypt.AppendAD(nil, "crmhub store key 1", storeID, name)
}

// DataKeyAD is what the wrapped data keys of a store are bound to. What a data key
// seals is bound to its place; the key itself to its store alone, so that all of them
// can be wrapped anew in one pass.
func (d *DB) DataKeyAD() []byte { return crypt.AppendAD(nil, "crmhub data key 1", d.id) }

// openKeys makes the store's id and keys, or opens them.
func (d *DB) openKeys(ctx context.Context) error {
	fresh := false
	err := d.View(ctx, func(t *Tx) error {
		id, err := t.meta(ctx, idName)
		fresh = id == nil
		return err
	})
	if err != nil {
		return err
	}
	if fresh {
		if err := d.Update(ctx, func(t *Tx) error { return d.makeKeys(ctx, t) }); err != nil {
			return err
		}
	}
	return d.View(ctx, func(t *Tx) error {
		id, err := t.meta(ctx, idName)
		if err != nil {
			return err
		}
		d.id = string(id)
		d.keyAD = d.DataKeyAD()
		for _, name := range StoreKeys {
			wrapped, err := t.meta(ctx, name)
			if err != nil {
				return err
			}
			key, err := d.ring.Unwrap(wrapped, StoreKeyAD(d.id, name))
			if err != nil {
				ring, e := t.meta(ctx, ringName)
				return errors.Join(fault("E5004", d.place, []any{"want", string(ring), "got", d.ring.Fingerprint()}).Because(err), e)
			}
			index := crypt.NewIndex(key)
			switch name {
			case refsName:
				d.keys.refs = index
			case contentsName:
				d.keys.contents = index
			case tokensName:
				d.keys.tokens = index
			}
		}
		return nil
	})
}

func (d *DB) makeKeys(ctx context.Context, t *Tx) error {
	if id, err := t.meta(ctx, idName); err != nil || id != nil {
		return err // another program was faster
	}
	id := make([]byte, 16)
	if _, err := rand.Read(id); err != nil {
		return err
	}
	for _, name := range StoreKeys {
		key := make([]byte, crypt.KeySize)
		if _, err := rand.Read(key); err != nil {
			return err
		}
		wrapped, err := d.ring.Wrap(key, StoreKeyAD(string(id), name))
		if err != nil {
			return err
		}
		if err := t.SetMeta(ctx, name, wrapped); err != nil {
			return err
		}
	}
	if err := t.SetMeta(ctx, ringName, []byte(d.ring.Fingerprint())); err != nil {
		return err
	}
	return t.SetMeta(ctx, idName, id)
}

// RefToken names a ref (its canonical form) inside this store.
func (d *DB) RefToken(canonical string) [16]byte { return d.keys.refs.Token("ref", canonical) }

// RefTokenOf is RefToken of bytes.
func (d *DB) RefTokenOf(canonical []byte) [16]byte { return d.keys.refs.TokenOf("ref", canonical) }

// RowToken names a source row inside this store.
func (d *DB) RowToken(source, stream, key string) [16]byte {
	return d.keys.refs.Token("row", string(crypt.AppendAD(nil, source, stream, key)))
}

// ContentToken is equal for equal canonical contents of one space inside this store.
func (d *DB) ContentToken(space, canonical string) [16]byte {
	return d.keys.contents.Token(space, canonical)
}

// ContentTokenOf is ContentToken of bytes.
func (d *DB) ContentTokenOf(space string, canonical []byte) [16]byte {
	return d.keys.contents.TokenOf(space, canonical)
}

// BlindToken is the blind index of a value, a blocking key or an indexed field:
// the first eight bytes of its keyed hash.
func (d *DB) BlindToken(space, value string) [8]byte {
	t := d.keys.tokens.Token(space, value)
	return [8]byte(t[:])
}

// BlindTokenOf is BlindToken of bytes.
func (d *DB) BlindTokenOf(space string, value []byte) [8]byte {
	t := d.keys.tokens.TokenOf(space, value)
	return [8]byte(t[:])
}

// NewDataKey returns a fresh data key and its wrapped form.
func (d *DB) NewDataKey() (crypt.DataKey, []byte, error) {
	return d.ring.NewDataKey(d.keyAD)
}

// OpenDataKey returns the data key of its wrapped form.
func (d *DB) OpenDataKey(wrapped []byte) (crypt.DataKey, error) {
	return d.ring.OpenDataKey(wrapped, d.keyAD)
}

// FieldAD is what a sealed value is bound to: the store, its kind (a canonical
// type, or what holds it), its immutable subject, its field and its class.
func (d *DB) FieldAD(kind string, subject []byte, field, class string) []byte {
	return crypt.AppendAD(d.SubjectAD(nil, kind, subject), field, class)
}

// SubjectAD appends the part of FieldAD that all fields of a subject share.
func (d *DB) SubjectAD(dst []byte, kind string, subject []byte) []byte {
	dst = crypt.AppendAD(dst, "crmhub field 1", d.id, kind)
	dst = binary.AppendUvarint(dst, uint64(len(subject)))
	return append(dst, subject...)
}

// SealOne seals one value under a data key of its own. Empty values stay empty.
func (d *DB) SealOne(kind string, subject, plain []byte) (wrapped, sealed []byte, err error) {
	if len(plain) == 0 {
		return nil, nil, nil
	}
	k, wrapped, err := d.NewDataKey()
	if err != nil {
		return nil, nil, err
	}
	return wrapped, k.Seal(nil, plain, d.FieldAD(kind, subject, "", "")), nil
}

// OpenOne opens what SealOne sealed.
func (d *DB) OpenOne(kind string, subject, wrapped, sealed []byte) ([]byte, error) {
	if len(sealed) == 0 {
		return nil, nil
	}
	k, err := d.OpenDataKey(wrapped)
	if err != nil {
		return nil, err
	}
	return k.Open(nil, sealed, d.FieldAD(kind, subject, "", ""))
}
