package hub

import (
	"context"
	"path/filepath"
	"strings"
	"time"

	"crmhub/fault"
	"crmhub/governance/crypt"
	"crmhub/store"
	"crmhub/store/backup"
)

// BackupView is one snapshot.
type BackupView struct {
	ID      string
	At      time.Time
	Version string // of the program that took it
	Kind    string // of the store that it was taken of
	Rows    int64
	Bytes   int64
	Digest  string // the store digest at that moment
	// Problem is why the snapshot cannot be used, as far as its manifest tells.
	Problem error
}

func backupView(m backup.Manifest) BackupView {
	return BackupView{ID: m.Snapshot, At: m.Time, Version: m.Program, Kind: m.StoreKind, Rows: m.Rows(), Bytes: m.Size(), Digest: m.StoreDigest}
}

// target opens the backup target: where is an address or a folder of the
// command line, or empty for hub.yaml's own (E1115 where that names none).
// Keys and endpoint are hub.yaml's in both cases.
func (h *Hub) target(where string) (backup.Target, error) {
	if where != "" && !strings.Contains(where, "://") {
		// A folder of the command line starts where the user stands, and needs
		// nothing of hub.yaml: its references may have no value here.
		dir, err := filepath.Abs(".")
		if err != nil {
			return nil, fault.New("E1103", where, "reason", fault.Reason(err)).Because(err)
		}
		return backup.Open(backup.TargetConfig{URL: where, Dir: dir})
	}
	b, ok, err := h.config.Backup()
	if err != nil {
		return nil, err
	}
	c := backup.TargetConfig{
		URL: b.URL, Dir: h.config.Dir, Endpoint: b.Endpoint, Region: b.Region, AccessKey: b.AccessKey, SecretKey: b.SecretKey,
	}
	switch {
	case where != "":
		c.URL = where
	case !ok:
		return nil, fault.New("E1115", "hub.yaml")
	}
	return backup.Open(c)
}

// BackupCreate takes a snapshot. It takes no lock: a run may go on meanwhile.
func (h *Hub) BackupCreate(ctx context.Context, to string) (BackupView, error) {
	t, err := h.target(to)
	if err != nil {
		return BackupView{}, err
	}
	if err := h.open(ctx); err != nil {
		return BackupView{}, err
	}
	m, err := backup.Create(ctx, h.db, t, backup.Options{Program: h.o.Version, Digest: h.digestIn})
	return backupView(m), err
}

// digestIn computes the store digest of what one transaction sees.
func (h *Hub) digestIn(ctx context.Context, tx *store.Tx) (string, error) {
	d, err := h.golden.DigestTx(ctx, tx)
	return d.Digest, err
}

// Backups lists the snapshots of a target, the newest first.
func (h *Hub) Backups(ctx context.Context, from string) ([]BackupView, error) {
	t, err := h.target(from)
	if err != nil {
		return nil, err
	}
	l, err := backup.List(ctx, t)
	list := []BackupView{}
	for _, s := range l.Snapshots {
		v := backupView(s.Manifest)
		v.Problem = s.Problem
		list = append(list, v)
	}
	return list, err
}

// BackupClean removes what unfinished backups left in a target, where their
// youngest object is at least that old, and returns how many there were. A
// backup that is still running has young objects.
func (h *Hub) BackupClean(ctx context.Context, from string, age time.Duration) (int, error) {
	t, err := h.target(from)
	if err != nil {
		return 0, err
	}
	return backup.Sweep(ctx, t, h.now().Add(-age))
}

// LastBackup returns when the newest whole snapshot of hub.yaml's target was
// taken; zero where there is none.
func (h *Hub) LastBackup(ctx context.Context) (time.Time, error) {
	list, err := h.Backups(ctx, "")
	for _, b := range list {
		if b.Problem == nil {
			return b.At, nil
		}
	}
	return time.Time{}, err
}

// BackupVerify opens every object of a snapshot; id is empty for the newest.
func (h *Hub) BackupVerify(ctx context.Context, from, id, keyring string) (BackupView, error) {
	t, err := h.target(from)
	if err != nil {
		return BackupView{}, err
	}
	ring, err := h.otherRing(keyring)
	if err != nil {
		return BackupView{}, err
	}
	r, err := backup.Verify(ctx, t, id, ring, backup.Options{})
	return backupView(r.Manifest), err
}

// BackupRestore fills this project's empty store with a snapshot.
func (h *Hub) BackupRestore(ctx context.Context, from, id, keyring string) (BackupView, error) {
	t, err := h.target(from)
	if err != nil {
		return BackupView{}, err
	}
	ring, err := h.otherRing(keyring)
	if err != nil {
		return BackupView{}, err
	}
	if err := h.open(ctx); err != nil {
		return BackupView{}, err
	}
	m, err := backup.Restore(ctx, h.db, t, id, backup.Options{Ring: ring})
	return backupView(m), err
}

// otherRing reads the key ring that --keyring names, or the project's own.
func (h *Hub) otherRing(path string) (*crypt.Ring, error) {
	if path == "" {
		return h.ring()
	}
	return crypt.ReadRing(path)
}
