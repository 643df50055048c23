//go:build unix

package store

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"os"
	"syscall"
)

// lock takes the operating system's lock on a file beside the store.
func (e *sqliteEngine) lock(_ context.Context, h holder) (func() error, error) {
	raw, err := json.Marshal(h)
	if err != nil {
		return nil, err
	}
	f, err := os.OpenFile(e.path+".lock", os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, err
	}
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		if !errors.Is(err, syscall.EWOULDBLOCK) {
			return nil, joinClose(err, f.Close)
		}
		other, err := io.ReadAll(f)
		return nil, joinClose(errors.Join(locked(other), err), f.Close)
	}
	if err := f.Truncate(0); err != nil {
		return nil, joinClose(err, f.Close)
	}
	if _, err := f.WriteAt(raw, 0); err != nil {
		return nil, joinClose(err, f.Close)
	}
	return f.Close, nil
}
