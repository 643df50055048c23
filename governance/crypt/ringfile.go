package crypt

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"crmhub/fault"
)

// ringFormat is the version of the ring's file. Older versions are read for ever.
const ringFormat = 1

// maxRingFile bounds what is read as a ring: 64 KiB hold some 400 keys.
const maxRingFile = 64 << 10

// ringFile is a ring as JSON.
type ringFile struct {
	Format int           `json:"format"`
	Ring   string        `json:"ring"` // 16 hex digits
	Keys   []ringFileKey `json:"keys"` // oldest first
}

type ringFileKey struct {
	ID      string    `json:"id"` // eight hex digits
	Created time.Time `json:"created"`
	State   string    `json:"state"` // primary (exactly one) or retired
	Key     string    `json:"key"`   // base64 of 32 bytes
}

const (
	statePrimary = "primary"
	stateRetired = "retired"
)

// ReadRing reads a ring from its file. It returns E7001 when the file is
// missing, E7002 when people other than its owner may read or write it, E7003
// when it is malformed, E7008 when the system does not let us read it.
func ReadRing(path string) (*Ring, error) {
	f, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fault.New("E7001", path)
	} else if err != nil {
		return nil, unreachable(path, err)
	}
	defer f.Close()
	info, err := f.Stat()
	switch {
	case err != nil:
		return nil, unreachable(path, err)
	case !info.Mode().IsRegular():
		return nil, fault.New("E7003", path, "reason", "not a file")
	case info.Mode().Perm()&0o077 != 0:
		return nil, fault.New("E7002", path, "mode", info.Mode().Perm().String())
	case info.Size() > maxRingFile:
		return nil, fault.New("E7003", path, "reason", "too large")
	}
	data, err := io.ReadAll(io.LimitReader(f, maxRingFile))
	defer clear(data)
	if err != nil {
		return nil, unreachable(path, err)
	}
	r, reason := parseRing(data)
	if reason != "" {
		return nil, fault.New("E7003", path, "reason", reason)
	}
	r.path = path
	return r, nil
}

// parseRing returns the ring, or in a few words what is wrong with data; the
// words never repeat any of it, for it holds keys.
func parseRing(data []byte) (*Ring, string) {
	var file ringFile
	d := json.NewDecoder(bytes.NewReader(data))
	d.DisallowUnknownFields()
	if err := d.Decode(&file); err != nil {
		return nil, "not the JSON of a key ring"
	}
	if _, err := d.Token(); err != io.EOF {
		return nil, "something follows the JSON"
	}
	if file.Format != ringFormat {
		return nil, "unknown format version"
	}
	r := &Ring{}
	id, err := hex.DecodeString(file.Ring)
	if err != nil || len(id) != len(r.id) {
		return nil, "the ring id is not 16 hex digits"
	}
	copy(r.id[:], id)
	for _, k := range file.Keys {
		if reason := r.parseKey(k); reason != "" {
			return nil, reason
		}
	}
	if r.primary == nil {
		return nil, "no primary key"
	}
	return r, ""
}

func (r *Ring) parseKey(k ringFileKey) string {
	id, err := hex.DecodeString(k.ID)
	if err != nil || len(id) != 4 {
		return "a key id is not eight hex digits"
	}
	n := binary.BigEndian.Uint32(id)
	if n == 0 || r.find(n) != nil {
		return "a key id is zero or stands twice"
	}
	key, err := base64.StdEncoding.Strict().DecodeString(k.Key)
	switch {
	case err != nil || len(key) != KeySize:
		return "a key is not the base64 of 32 bytes"
	case bytes.Equal(key, make([]byte, KeySize)):
		return "a key is all zeros"
	case k.State != statePrimary && k.State != stateRetired:
		return "a key's state is neither primary nor retired"
	case k.State == statePrimary && r.primary != nil:
		return "more than one primary key"
	}
	added := r.add(n, k.Created, key)
	if k.State == statePrimary {
		r.primary = added
	}
	return ""
}

// Write creates the ring's file, readable by its owner alone, whole or not at
// all. It refuses to overwrite (E7007): a lost key ring is lost data.
func (r *Ring) Write(path string) error {
	tmp, err := r.writeTemp(path)
	if err != nil {
		return err
	}
	defer os.Remove(tmp)
	// A hard link fails where the name is taken; a rename would overwrite.
	switch err := os.Link(tmp, path); {
	case errors.Is(err, fs.ErrExist):
		return fault.New("E7007", path)
	case err != nil:
		return r.writeExclusive(path)
	}
	return syncDir(path)
}

// Replace writes the ring over its file, whole or not at all: for a ring that
// was rotated.
func (r *Ring) Replace(path string) error {
	tmp, err := r.writeTemp(path)
	if err != nil {
		return err
	}
	if err := os.Rename(tmp, path); err != nil {
		os.Remove(tmp)
		return unreachable(path, err)
	}
	return syncDir(path)
}

// writeTemp writes the ring beside path and returns the file's name.
func (r *Ring) writeTemp(path string) (string, error) {
	f, err := os.CreateTemp(filepath.Dir(path), ".keyring-*") // 0600
	if err != nil {
		return "", unreachable(path, err)
	}
	if err := r.writeTo(f); err != nil {
		os.Remove(f.Name())
		return "", unreachable(path, err)
	}
	return f.Name(), nil
}

// writeExclusive serves file systems without hard links.
func (r *Ring) writeExclusive(path string) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if errors.Is(err, fs.ErrExist) {
		return fault.New("E7007", path)
	} else if err != nil {
		return unreachable(path, err)
	}
	if err := r.writeTo(f); err != nil {
		os.Remove(path)
		return unreachable(path, err)
	}
	return syncDir(path)
}

// writeTo writes the ring to f, to the disk, and closes f.
func (r *Ring) writeTo(f *os.File) error {
	data, err := r.marshal()
	if err != nil {
		return errors.Join(err, f.Close())
	}
	defer clear(data)
	_, err = f.Write(data)
	return errors.Join(err, f.Sync(), f.Close())
}

func (r *Ring) marshal() ([]byte, error) {
	r.mu.RLock()
	defer r.mu.RUnlock()
	file := ringFile{Format: ringFormat, Ring: r.Fingerprint()}
	for _, k := range r.keys {
		state := stateRetired
		if k == r.primary {
			state = statePrimary
		}
		file.Keys = append(file.Keys, ringFileKey{
			ID: hexID(k.id), Created: k.created, State: state, Key: base64.StdEncoding.EncodeToString(k.key),
		})
	}
	data, err := json.MarshalIndent(file, "", "  ")
	return append(data, '\n'), err
}

// syncDir makes a new name in path's folder last through a power cut.
func syncDir(path string) error {
	d, err := os.Open(filepath.Dir(path))
	if err != nil {
		return unreachable(path, err)
	}
	if err := errors.Join(d.Sync(), d.Close()); err != nil {
		return unreachable(path, err)
	}
	return nil
}

// unreachable is a refusal of the operating system, named in its own short
// words (permission denied, no space left on device).
func unreachable(path string, err error) error {
	reason := "input/output error"
	var p *fs.PathError
	var l *os.LinkError
	switch {
	case errors.As(err, &p):
		reason = p.Err.Error()
	case errors.As(err, &l):
		reason = l.Err.Error()
	}
	return fault.New("E7008", path, "reason", reason).Because(err)
}
