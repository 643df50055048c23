package backup_test

import (
	"context"
	"errors"
	"io"
	"strings"
	"testing"
	"time"

	"crmhub/fault"
	"crmhub/store"
	"crmhub/store/backup"
)

func TestABackupThatIsInterruptedIsNone(t *testing.T) {
	ring := newRing(t)
	db := newSQLite(t, ring)
	fill(t, db, 60, 2)
	objects := 1
	for _, table := range create(t, db, newMemory()).Tables {
		objects += len(table.Objects)
	}
	if objects < 20 {
		t.Fatalf("only %d objects: nothing to interrupt", objects)
	}
	for at := range objects {
		ctx, cancel := context.WithCancel(context.Background())
		target := newMemory()
		n := 0
		cut := wrapper{Target: target, put: func(context.Context, string, []byte) error {
			if n == at {
				cancel()
			}
			n++
			return nil
		}}
		_, err := backup.Create(ctx, db, cut, small)
		wantCode(t, err, "E8018")
		if got := fault.ExitCode(err); got != fault.ExitInterrupted {
			t.Errorf("exit code = %d, want %d", got, fault.ExitInterrupted)
		}
		l, err := backup.List(context.Background(), target)
		if err != nil || len(l.Snapshots)+len(l.Leftovers) != 0 {
			t.Fatalf("interrupted at object %d: %d snapshots, %d leftovers, %v", at, len(l.Snapshots), len(l.Leftovers), err)
		}
		if _, err := backup.Create(context.Background(), db, target, small); err != nil {
			t.Fatalf("after the interruption at object %d: %v", at, err)
		}
		cancel()
	}
}

// A process that is killed can't clean up: what it leaves is no snapshot, and
// is told of.
func TestABackupThatIsKilledLeavesNoSnapshot(t *testing.T) {
	db := newSQLite(t, newRing(t))
	fill(t, db, 60, 2)
	target := newMemory()
	n := 0
	killed := undying{wrapper{Target: target, put: func(context.Context, string, []byte) error {
		if n++; n > 10 {
			return errors.New("killed")
		}
		return nil
	}}}
	if _, err := backup.Create(context.Background(), db, killed, small); err == nil {
		t.Fatal("Create passed over a failed upload")
	}
	l, err := backup.List(context.Background(), target)
	if err != nil || len(l.Snapshots) != 0 || len(l.Leftovers) != 1 || l.Leftovers[0].Objects != 10 {
		t.Errorf("List = %+v, %v, want one leftover of 10 objects", l, err)
	}
	_, err = backup.Restore(context.Background(), newSQLite(t, newRing(t)), target, l.Leftovers[0].Snapshot, backup.Options{})
	wantCode(t, err, "E8005")
}

// undying is a target whose objects cannot be removed.
type undying struct{ wrapper }

func (undying) Remove(context.Context, string) error { return errors.New("no right to remove") }

func TestARestoreThatIsInterruptedLeavesTheStoreEmpty(t *testing.T) {
	for kind, newStore := range kinds {
		t.Run(kind, func(t *testing.T) {
			ring := newRing(t)
			db := newSQLite(t, ring)
			fill(t, db, 40, 2)
			target := newMemory()
			m := create(t, db, target)
			into := newStore(t, ring)
			empty := content(t, into)
			objects := 0
			for _, table := range m.Tables {
				objects += len(table.Objects)
			}
			for at := 0; at < objects; at += 3 {
				ctx, cancel := context.WithCancel(context.Background())
				n := 0
				cut := wrapper{Target: target, read: func(name string, r io.ReadCloser) io.ReadCloser {
					if strings.HasSuffix(name, ".json") {
						return r
					}
					if n == at {
						cancel()
					}
					n++
					return r
				}}
				wantCode(t, restoreWhenFree(ctx, into, cut), "E8018")
				cancel()
			}
			sameContent(t, content(t, into), empty)
			if err := restoreWhenFree(context.Background(), into, target); err != nil {
				t.Fatal(err)
			}
			sameContent(t, content(t, into), content(t, db))
		})
	}
}

// restoreWhenFree restores into a store whose lock was held a moment ago: a
// server takes a while to see that a session ended.
func restoreWhenFree(ctx context.Context, into *store.DB, target backup.Target) error {
	for deadline := time.Now().Add(5 * time.Second); ; {
		_, err := backup.Restore(ctx, into, target, "", backup.Options{})
		if f := fault.Of(err); f == nil || f.Code != "E5005" || time.Now().After(deadline) {
			return err
		}
	}
}

func TestARestoreWantsTheStoreForItself(t *testing.T) {
	ring := newRing(t)
	db := newSQLite(t, ring)
	target := newMemory()
	create(t, db, target)
	into := newSQLite(t, ring)
	release, err := into.Lock(context.Background(), "run")
	if err != nil {
		t.Fatal(err)
	}
	_, err = backup.Restore(context.Background(), into, target, "", backup.Options{})
	wantCode(t, err, "E5005")
	if err := release(); err != nil {
		t.Fatal(err)
	}
	if _, err := backup.Restore(context.Background(), into, target, "", backup.Options{}); err != nil {
		t.Error(err)
	}
}

func TestAnUploadIsChecked(t *testing.T) {
	db := newSQLite(t, newRing(t))
	fill(t, db, 20, 2)
	target := newMemory()
	_, err := backup.Create(context.Background(), db, shortening{target}, small)
	wantCode(t, err, "E8015")
	l, err := backup.List(context.Background(), target)
	if err != nil || len(l.Snapshots) != 0 {
		t.Errorf("List = %+v, %v", l, err)
	}
}

// shortening loses the last byte of what is put there.
type shortening struct{ backup.Target }

func (s shortening) Put(ctx context.Context, name string, body []byte, sum [32]byte) error {
	return s.Target.Put(ctx, name, body[:len(body)-1], sum)
}

func TestProgressGoesToTheEnd(t *testing.T) {
	ring := newRing(t)
	db := newSQLite(t, ring)
	fill(t, db, 30, 2)
	target := newMemory()
	var last backup.Progress
	o := small
	o.Progress = func(p backup.Progress) {
		if p.Rows < last.Rows || p.Bytes <= last.Bytes {
			t.Errorf("progress went from %+v to %+v", last, p)
		}
		last = p
	}
	m, err := backup.Create(context.Background(), db, target, o)
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		name string
		do   func() error
	}{
		{"create", func() error { return nil }},
		{"verify", func() error {
			_, err := backup.Verify(context.Background(), target, "", ring, o)
			return err
		}},
		{"restore", func() error {
			_, err := backup.Restore(context.Background(), newSQLite(t, ring), target, "", o)
			return err
		}},
	} {
		if err := tt.do(); err != nil {
			t.Fatal(err)
		}
		if last.Rows != m.Rows() || last.Bytes != m.Size() {
			t.Errorf("%s ended at %+v, want %d rows, %d bytes", tt.name, last, m.Rows(), m.Size())
		}
		last = backup.Progress{}
	}
}
