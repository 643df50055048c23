package backup

import (
	"bytes"
	"context"
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strconv"
	"time"

	"crmhub/fault"
	"crmhub/governance/crypt"
)

// format is the version of manifests and objects that Create writes. Older
// ones are read for ever.
const format = 1

// manifestName is the object that makes a snapshot exist; it is written last.
const manifestName = "manifest.json"

// maxManifest bounds what is read as a manifest, in bytes: some 300,000 objects.
const maxManifest = 64 << 20

// Manifest says what a snapshot holds. It is authenticated with a key that
// only the key ring gives, and has no personal value: names of tables, counts,
// sizes and keyed digests.
type Manifest struct {
	Format   int       `json:"format"`
	Snapshot string    `json:"snapshot"`
	Time     time.Time `json:"time"` // when the store was as it is in the snapshot
	Program  string    `json:"program,omitempty"`
	// StoreID, StoreKind and StoreVersion are the store's id, its database
	// and the number of its last migration.
	StoreID      string `json:"store_id"`
	StoreKind    string `json:"store_kind"`
	StoreVersion int    `json:"store_version"`
	// StoreDigest is the store digest at that moment, where it was asked for.
	StoreDigest string `json:"store_digest,omitempty"`
	// Ring is the fingerprint of the key ring that wraps Key, from which
	// the keys of the objects, digests and manifest are derived.
	Ring   string  `json:"ring"`
	Key    []byte  `json:"key"`
	Tables []Table `json:"tables"`
}

// Table is one table in a snapshot.
type Table struct {
	Name    string   `json:"name"`
	Columns []Column `json:"columns"`
	Rows    int64    `json:"rows"`
	Digest  string   `json:"digest"` // see digest
	Objects []Part   `json:"objects"`
}

// Column is one column of a table: kind int, bytes or text.
type Column struct {
	Name string `json:"name"`
	Kind string `json:"kind"`
}

// Part is one object of a table, with its size and SHA-256 as it lies in the target.
type Part struct {
	Name   string `json:"name"`
	Rows   int64  `json:"rows"`
	Size   int64  `json:"size"`
	SHA256 string `json:"sha256"`
}

// Rows returns the rows of all tables.
func (m Manifest) Rows() int64 {
	var n int64
	for _, t := range m.Tables {
		n += t.Rows
	}
	return n
}

// Size returns the size of all objects in bytes.
func (m Manifest) Size() int64 {
	var n int64
	for _, t := range m.Tables {
		for _, p := range t.Objects {
			n += p.Size
		}
	}
	return n
}

// envelope is the manifest's file. The HMAC is of the bytes of Manifest as
// they stand in it.
type envelope struct {
	Manifest json.RawMessage `json:"manifest"`
	HMAC     string          `json:"hmac"`
}

// snapshotID is a moment and a random number, so that names sort by time.
var snapshotID = regexp.MustCompile(`^\d{8}T\d{6}\.\d{3}Z-[0-9a-f]{8}$`)

// partName names the n-th object of a table, from 1.
func partName(table string, n int) string { return fmt.Sprintf("%s-%06d", table, n) }

// keys are what a snapshot's own random key gives.
type keys struct {
	data     crypt.DataKey // seals objects
	digest   *crypt.MAC    // of rows
	manifest []byte        // authenticates the manifest
}

func deriveKeys(secret []byte) (k keys, err error) {
	derive := func(purpose string) []byte {
		b, e := hkdf.Key(sha256.New, secret, nil, "crmhub backup 1 "+purpose, crypt.KeySize)
		err = errors.Join(err, e)
		return b
	}
	objects, digests, manifest := derive("objects"), derive("digests"), derive("manifest")
	if err != nil {
		return keys{}, err
	}
	defer clear(objects)
	defer clear(digests)
	k.data, k.manifest = crypt.KeyOf(objects), manifest
	k.digest, err = crypt.NewMAC(digests)
	return k, err
}

// keyAD is what a snapshot's wrapped key is bound to.
func keyAD(snapshot, storeID string) []byte {
	return crypt.AppendAD(nil, "crmhub backup key 1", snapshot, storeID)
}

// partAD is what an object is bound to.
func partAD(snapshot, table string, n int) []byte {
	return crypt.AppendAD(nil, "crmhub backup part 1", snapshot, table, strconv.Itoa(n))
}

// seal returns the manifest's file.
func (m Manifest) seal(k keys) ([]byte, error) {
	body, err := json.MarshalIndent(m, "", "  ")
	if err != nil {
		return nil, err
	}
	mac := hmac.New(sha256.New, k.manifest)
	mac.Write(body)
	var b bytes.Buffer
	b.WriteString("{\"manifest\": ")
	b.Write(body)
	b.WriteString(",\n\"hmac\": \"" + hex.EncodeToString(mac.Sum(nil)) + "\"}\n")
	return b.Bytes(), nil
}

// readManifest returns a snapshot's manifest, not yet authenticated, and its
// file. place is for faults.
func readManifest(ctx context.Context, t Target, snapshot string) (m Manifest, e envelope, err error) {
	name := snapshot + "/" + manifestName
	place := t.String() + "/" + name
	r, err := t.Get(ctx, name)
	if errors.Is(err, ErrNotFound) {
		return m, e, fault.New("E8005", t.String(), "snapshot", snapshot)
	} else if err != nil {
		return m, e, err
	}
	data, err := io.ReadAll(io.LimitReader(r, maxManifest+1))
	if err := errors.Join(err, r.Close()); err != nil {
		return m, e, err
	}
	// The version is looked at first: what a newer program wrote may have fields
	// that this one does not know.
	var head struct {
		Manifest struct {
			Format int `json:"format"`
		} `json:"manifest"`
	}
	if len(data) > maxManifest || json.Unmarshal(data, &head) != nil || json.Unmarshal(data, &e) != nil {
		return m, e, fault.New("E8008", place)
	}
	if head.Manifest.Format > format {
		return m, e, fault.New("E8009", place, "found", head.Manifest.Format, "known", format)
	}
	d := json.NewDecoder(bytes.NewReader(e.Manifest))
	d.DisallowUnknownFields()
	if err := d.Decode(&m); err != nil || m.Format < 1 || m.Snapshot != snapshot {
		return m, e, fault.New("E8008", place)
	}
	return m, e, nil
}

// openManifest returns a snapshot's manifest, authenticated, and its keys.
func openManifest(ctx context.Context, t Target, snapshot string, ring *crypt.Ring) (Manifest, keys, error) {
	m, e, err := readManifest(ctx, t, snapshot)
	if err != nil {
		return m, keys{}, err
	}
	place := t.String() + "/" + snapshot + "/" + manifestName
	secret, err := ring.Unwrap(m.Key, keyAD(m.Snapshot, m.StoreID))
	if err != nil {
		if m.Ring == ring.Fingerprint() && ringHas(ring, m.Key) {
			return m, keys{}, fault.New("E8008", place).Because(err)
		}
		return m, keys{}, fault.New("E8010", place, "want", m.Ring, "got", ring.Fingerprint()).Because(err)
	}
	defer clear(secret)
	k, err := deriveKeys(secret)
	if err != nil {
		return m, keys{}, err
	}
	mac := hmac.New(sha256.New, k.manifest)
	mac.Write(e.Manifest)
	want, err := hex.DecodeString(e.HMAC)
	if err != nil || !hmac.Equal(want, mac.Sum(nil)) {
		return m, keys{}, fault.New("E8008", place)
	}
	return m, k, nil
}

// ringHas reports whether the ring has the key that a wrapped key names: then
// it is damage that keeps it from opening, not another ring.
func ringHas(ring *crypt.Ring, wrapped []byte) bool {
	if len(wrapped) < 4 {
		return true
	}
	for _, k := range ring.Keys() {
		if k.ID == hex.EncodeToString(wrapped[:4]) {
			return true
		}
	}
	return false
}
