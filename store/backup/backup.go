// Package backup takes snapshots of a store to a folder or bucket, verifies them, and restores them into a store of either kind.
package backup

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"time"

	"crmhub/fault"
	"crmhub/governance/crypt"
	"crmhub/store"
)

// partSize is how many bytes of rows one object takes, before compression.
const partSize = 32 << 20

// Options sharpens Create, Verify and Restore; its zero value is useful.
type Options struct {
	// Ring opens the snapshot where it is not the key ring of the store that
	// is restored into: keys are then wrapped anew. Verify always needs it.
	Ring *crypt.Ring
	// Program names the program and its version, for the manifest.
	Program string
	// Digest computes the store digest for the manifest, of the same moment
	// as the snapshot. Without it the manifest has none.
	Digest func(ctx context.Context, tx *store.Tx) (string, error)
	// Progress, where set, is called after each object, by one goroutine at a time.
	Progress func(Progress)

	// partSize is smaller in tests.
	partSize int
}

// Progress is how far a backup, a verification or a restore has come.
type Progress struct {
	Table string
	Rows  int64 // so far, of all tables
	Bytes int64 // so far, as they lie in the target
}

// Create takes a snapshot of the store as it is at one moment, whatever is
// written meanwhile, and returns its manifest. Memory is bounded whatever the
// size of the store. A snapshot exists when its manifest does, which is written
// last: one that was interrupted (E8018) is a Leftover.
func Create(ctx context.Context, db *store.DB, t Target, o Options) (Manifest, error) {
	if o.partSize == 0 {
		o.partSize = partSize
	}
	m := Manifest{
		Format: format, Time: db.Now(), Program: o.Program, StoreID: db.ID(), StoreKind: db.Kind(),
		StoreVersion: store.Version(), Ring: db.Ring().Fingerprint(),
	}
	number := make([]byte, 4)
	secret := make([]byte, crypt.KeySize)
	defer clear(secret)
	for _, b := range [][]byte{number, secret} {
		if _, err := rand.Read(b); err != nil {
			return m, err
		}
	}
	m.Snapshot = m.Time.UTC().Format("20060102T150405.000Z") + "-" + hex.EncodeToString(number)
	var err error
	if m.Key, err = db.Ring().Wrap(secret, keyAD(m.Snapshot, m.StoreID)); err != nil {
		return m, err
	}
	k, err := deriveKeys(secret)
	if err != nil {
		return m, err
	}
	if err := write(ctx, db, t, o, &m, k); err != nil {
		cleanUp(ctx, db, t, m)
		return m, interrupted(ctx, t, err)
	}
	return m, nil
}

// write writes all objects and then the manifest.
func write(ctx context.Context, db *store.DB, t Target, o Options, m *Manifest, k keys) error {
	err := db.View(ctx, func(tx *store.Tx) error {
		if o.Digest != nil {
			var err error
			if m.StoreDigest, err = o.Digest(ctx, tx); err != nil {
				return err
			}
		}
		w := newWriter(ctx, t, o, m.Snapshot, k)
		for _, table := range store.Tables() {
			if err := w.table(tx, table); err != nil {
				return w.abort(err)
			}
		}
		var err error
		m.Tables, err = w.close()
		return err
	})
	if err != nil {
		return err
	}
	body, err := m.seal(k)
	if err != nil {
		return err
	}
	return put(ctx, t, m.Snapshot+"/"+manifestName, body, sha256.Sum256(body))
}

// put uploads one object with its SHA-256 and checks what the target then holds.
func put(ctx context.Context, t Target, name string, body []byte, sum [32]byte) error {
	if err := t.Put(ctx, name, body, sum); err != nil {
		return missing(t, name, err)
	}
	o, err := t.Stat(ctx, name)
	if err != nil {
		return missing(t, name, err)
	}
	if o.Size != int64(len(body)) || o.SHA256 != nil && [32]byte(o.SHA256) != sum {
		return fault.New("E8015", t.String()+"/"+name)
	}
	return nil
}

// missing names an object that ought to be there.
func missing(t Target, name string, err error) error {
	if errors.Is(err, ErrNotFound) {
		return fault.New("E8006", t.String()+"/"+name)
	}
	return err
}

// cleanUp removes, within ten seconds, what a broken Create wrote. Where that
// fails too, the next List tells of it.
func cleanUp(ctx context.Context, db *store.DB, t Target, m Manifest) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
	defer cancel()
	_, rest, err := scan(ctx, t)
	if err == nil {
		for _, l := range rest {
			if l.Snapshot != m.Snapshot {
				continue
			}
			for _, name := range l.names {
				err = errors.Join(err, t.Remove(ctx, name))
			}
		}
	}
	if err != nil {
		db.Log().Warn("backup leftovers stay", "snapshot", m.Snapshot, "target", t.String())
	}
}

// interrupted makes a fault of a context that ended.
func interrupted(ctx context.Context, t Target, err error) error {
	if ctx.Err() != nil && fault.Of(err) == nil {
		return fault.New("E8018", t.String()).Because(err)
	}
	return err
}
