package backup

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"

	"crmhub/fault"
)

// folder is a target on a file system. Files are readable by their owner alone.
type folder struct{ dir string }

// partial begins the names of files that are being written.
const partial = ".partial-"

func (f folder) String() string { return filepath.ToSlash(f.dir) }

func (f folder) path(name string) string { return filepath.Join(f.dir, filepath.FromSlash(name)) }

// Put implements Target. The file gets its name when it is on the disk.
func (f folder) Put(ctx context.Context, name string, body []byte, _ [32]byte) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	path := f.path(name)
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return f.fault(name, err)
	}
	tmp, err := os.CreateTemp(filepath.Dir(path), partial)
	if err != nil {
		return f.fault(name, err)
	}
	_, err = tmp.Write(body)
	if err := errors.Join(err, tmp.Sync(), tmp.Close()); err != nil {
		return f.fault(name, errors.Join(err, os.Remove(tmp.Name())))
	}
	// A hard link fails where the name is taken; a rename would overwrite.
	err = os.Link(tmp.Name(), path)
	if errors.Is(err, errors.ErrUnsupported) || errors.Is(err, syscall.EPERM) {
		err = renameNew(tmp.Name(), path)
	} else {
		err = errors.Join(err, os.Remove(tmp.Name()))
	}
	if err != nil {
		return f.fault(name, err)
	}
	d, err := os.Open(filepath.Dir(path))
	if err != nil {
		return f.fault(name, err)
	}
	if err := errors.Join(d.Sync(), d.Close()); err != nil {
		return f.fault(name, err)
	}
	return nil
}

// renameNew serves file systems without hard links; two writers of one name
// at one moment do not happen, for names hold a random number.
func renameNew(from, to string) error {
	if _, err := os.Lstat(to); err == nil {
		return errors.Join(fs.ErrExist, os.Remove(from))
	}
	return os.Rename(from, to)
}

// Get implements Target.
func (f folder) Get(ctx context.Context, name string) (io.ReadCloser, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	file, err := os.Open(f.path(name))
	if err != nil {
		return nil, f.fault(name, err)
	}
	return file, nil
}

// Stat implements Target.
func (f folder) Stat(ctx context.Context, name string) (Object, error) {
	if err := ctx.Err(); err != nil {
		return Object{}, err
	}
	info, err := os.Lstat(f.path(name))
	if err != nil {
		return Object{}, f.fault(name, err)
	}
	return Object{Name: name, Size: info.Size(), Modified: info.ModTime()}, nil
}

// List implements Target.
func (f folder) List(ctx context.Context, hand func(Object) error) error {
	return filepath.WalkDir(f.dir, func(path string, d fs.DirEntry, err error) error {
		if e := ctx.Err(); e != nil {
			return e
		}
		switch {
		case errors.Is(err, fs.ErrNotExist):
			return nil // no folder yet, or swept by another
		case err != nil:
			return f.fault("", err)
		case d.IsDir():
			return nil
		}
		info, err := d.Info()
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		} else if err != nil {
			return f.fault("", err)
		}
		rel, err := filepath.Rel(f.dir, path)
		if err != nil {
			return err
		}
		return hand(Object{Name: filepath.ToSlash(rel), Size: info.Size(), Modified: info.ModTime()})
	})
}

// Remove implements Target; a folder that it empties goes too.
func (f folder) Remove(ctx context.Context, name string) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	path := f.path(name)
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return f.fault(name, err)
	}
	if dir := filepath.Dir(path); dir != f.dir {
		err := os.Remove(dir)
		if err != nil && !errors.Is(err, fs.ErrNotExist) && !errors.Is(err, syscall.ENOTEMPTY) && !errors.Is(err, fs.ErrExist) {
			return f.fault(name, err)
		}
	}
	return nil
}

// fault names what the file system refused.
func (f folder) fault(name string, err error) error {
	place := strings.TrimSuffix(f.String()+"/"+name, "/")
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return ErrNotFound
	case errors.Is(err, fs.ErrExist):
		return fault.New("E8013", place).Because(err)
	case errors.Is(err, fs.ErrPermission), errors.Is(err, syscall.EROFS):
		return fault.New("E8003", place).Because(err)
	case errors.Is(err, syscall.ENOSPC), errors.Is(err, syscall.EDQUOT):
		return fault.New("E8017", place).Because(err)
	}
	reason := "input/output error"
	var p *fs.PathError
	if errors.As(err, &p) {
		reason = p.Err.Error()
	}
	return fault.New("E8002", place, "reason", reason).Because(err)
}
