package main

import (
	"os"
	"path/filepath"
	"slices"
	"syscall"

	"crmhub/fault"
)

// flagged is a file and the flag that names it.
type flagged struct{ flag, path string }

// files checks what a command of match reads and writes before it begins: what
// is read are files, nothing is written over what is read or written too, and
// what is written can be. Paths that are empty or - are none.
func files(read, write []flagged) error {
	for _, f := range read {
		if s, err := os.Stat(f.path); f.path != "" && err == nil && s.IsDir() {
			return fault.New("E6216", f.path, "flag", f.flag)
		}
	}
	for i, f := range write {
		if f.path == "" || f.path == "-" {
			continue
		}
		for _, other := range append(read[:len(read):len(read)], write[:i]...) {
			if sameFile(f.path, other.path) {
				return fault.New("E6215", f.path, "flag", f.flag, "other", other.flag)
			}
		}
		if err := writable(f.path); err != nil {
			return fault.New("E1104", f.path, "reason", fault.Reason(err)).Because(err)
		}
	}
	return nil
}

// files checks the files of the flags and of the inputs. A model may be written
// over the model, and labels over the labels, that they come from.
func (m *matchFlags) files(command string, l *labelFlags, inputs ...flagged) error {
	read := append(inputs, flagged{"--must-link", l.must}, flagged{"--cannot-link", l.cannot})
	model, labels := flagged{"--model", m.model}, flagged{"--labels", l.labels}
	if command != "label" {
		read = append(read, labels)
	}
	if command != "train" {
		read = append(read, model)
	}
	output, pairs := flagged{"--output", m.output}, flagged{"--pairs", m.pairs}
	if err := files(read, []flagged{output, pairs}); err != nil {
		return err
	}
	read = slices.DeleteFunc(read, func(f flagged) bool { return f == model })
	return files(append(read, output, pairs), []flagged{{"--save-model", m.saveModel}})
}

// sameFile reports whether two paths lead to one file, which may not be there
// yet. Terminals and pipes may be used twice.
func sameFile(a, b string) bool {
	if b == "" || b == "-" {
		return false
	}
	x, errX := os.Stat(a)
	y, errY := os.Stat(b)
	if errX == nil && errY == nil {
		return x.Mode().IsRegular() && os.SameFile(x, y)
	}
	absA, errA := filepath.Abs(a)
	absB, errB := filepath.Abs(b)
	return errX != nil && errY != nil && errA == nil && errB == nil && absA == absB
}

// writable returns why a file can't be written, without changing it.
func writable(path string) error {
	s, err := os.Stat(path)
	switch {
	case err == nil && s.IsDir():
		return syscall.EISDIR
	case err == nil && !s.Mode().IsRegular():
		return nil
	case err == nil:
		f, err := os.OpenFile(path, os.O_WRONLY, 0)
		if err != nil {
			return err
		}
		return f.Close()
	}
	probe, err := os.CreateTemp(filepath.Dir(path), ".crmhub-*")
	if err != nil {
		return err
	}
	if err := probe.Close(); err != nil {
		return err
	}
	return os.Remove(probe.Name())
}
