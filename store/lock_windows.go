//go:build windows

package store

import (
	"context"
	"encoding/json"
	"errors"
	"os"
	"syscall"
	"unsafe"
)

// Flags and errors of LockFileEx, and where the locked byte stands: far behind
// the text, which others may read.
const (
	failImmediately = 0x1
	exclusive       = 0x2
	lockViolation   = syscall.Errno(33)
	lockedByte      = 1 << 20
)

// lock takes the operating system's lock on a file beside the store.
func (e *sqliteEngine) lock(_ context.Context, h holder) (func() error, error) {
	raw, err := json.Marshal(h)
	if err != nil {
		return nil, err
	}
	path := e.path + ".lock"
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, err
	}
	at := syscall.Overlapped{Offset: lockedByte}
	got, _, err := syscall.NewLazyDLL("kernel32.dll").NewProc("LockFileEx").Call(f.Fd(), failImmediately|exclusive, 0, 1, 0, uintptr(unsafe.Pointer(&at)))
	if got == 0 {
		if !errors.Is(err, lockViolation) {
			return nil, joinClose(err, f.Close)
		}
		other, err := os.ReadFile(path)
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
