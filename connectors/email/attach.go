package email

import (
	"errors"
	"os"
	"path/filepath"

	"crmhub/fault"
)

// vault is the folder that keeps the content of attachments, each once under
// its SHA-256: ab/abcd….
type vault struct{ dir, place string }

// keep writes an attachment that is not there yet. A file is whole or not there.
func (v *vault) keep(sum string, content []byte) error {
	dir := filepath.Join(v.dir, sum[:2])
	path := filepath.Join(dir, sum)
	if info, err := os.Stat(path); err == nil && info.Size() == int64(len(content)) {
		return nil
	}
	if err := v.write(dir, path, content); err != nil {
		return fault.New("E2411", v.place).Because(err)
	}
	return nil
}

func (v *vault) write(dir, path string, content []byte) error {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	f, err := os.CreateTemp(dir, "part-*")
	if err != nil {
		return err
	}
	_, err = f.Write(content)
	if closed := f.Close(); err == nil {
		err = closed
	}
	if err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		return errors.Join(err, os.Remove(f.Name()))
	}
	return nil
}
