package file

import (
	"archive/zip"
	"errors"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"unicode/utf8"

	"crmhub/connectors/file/charset"
	"crmhub/fault"
)

// input is one file, or one member of an archive, that rows are read from.
type input struct {
	path   string // on disk
	member string // in a zip; "" otherwise
	name   string // for places: the file name without its folder, archive/member in a zip
	size   int64
	mtime  int64 // nanoseconds; the checksum for a member of a zip
	format string
	pack   string // none, gzip, zstd, bzip2 or zip
}

// identity names the input's content without reading it: a change of any of it
// means that it was written again. A mail's flags, which stand in its name in
// a Maildir, are not part of it.
func (in input) identity() string {
	name := in.name
	if in.format == formatEML {
		name, _, _ = strings.Cut(name, ":2,")
	}
	return name
}

// inputs lists what the connection reads, in the order of the names, with
// numbers in names compared as numbers.
func (s *source) inputs() ([]input, error) {
	root := s.o.path
	if !filepath.IsAbs(root) {
		root = filepath.Join(s.cfg.Dir, root)
	}
	info, err := os.Stat(root)
	switch {
	case err == nil && info.IsDir():
		return s.folder(root)
	case err == nil:
		return s.files([]string{root})
	case errors.Is(err, fs.ErrNotExist) && strings.ContainsAny(s.o.path, "*?["):
		paths, err := filepath.Glob(root)
		if err != nil {
			return nil, fault.New("E2003", s.cfg.Name, "connector", "file", "name", "path", "want", "a pattern with * ? [a-z]").Because(err)
		}
		paths = slices.DeleteFunc(paths, func(p string) bool {
			info, err := os.Stat(p)
			return ignored(filepath.Base(p)) || err == nil && info.IsDir()
		})
		if len(paths) == 0 {
			return nil, fault.New("E2102", s.cfg.Name, "path", s.o.path)
		}
		return s.files(paths)
	}
	return nil, s.missing(err, s.o.path)
}

// missing is the fault of a file that can't be opened.
func (s *source) missing(err error, name string) error {
	if errors.Is(err, fs.ErrPermission) {
		return fault.New("E2103", s.cfg.Name, "path", name).Because(err)
	}
	if errors.Is(err, fs.ErrNotExist) {
		return fault.New("E2101", s.cfg.Name, "path", name).Because(err)
	}
	return fault.New("E2118", filepath.Base(name)).Because(err)
}

// folder lists the files in a folder, or the messages of a Maildir.
func (s *source) folder(root string) ([]input, error) {
	if s.o.format == formatMaildir || s.o.format == formatAuto && isMaildir(root) {
		return s.maildir(root)
	}
	entries, err := os.ReadDir(root)
	if err != nil {
		return nil, s.missing(err, s.o.path)
	}
	var paths []string
	for _, e := range entries {
		p := filepath.Join(root, e.Name())
		if info, err := os.Stat(p); ignored(e.Name()) || err == nil && info.IsDir() {
			continue
		}
		paths = append(paths, p)
	}
	if len(paths) == 0 {
		return nil, fault.New("E2102", s.cfg.Name, "path", s.o.path)
	}
	return s.files(paths)
}

// ignored are the files that programs leave beside others: hidden ones, locks
// of open workbooks, and what systems write into folders.
func ignored(name string) bool {
	return strings.HasPrefix(name, ".") || strings.HasPrefix(name, "~$") || strings.HasPrefix(name, "__MACOSX") ||
		strings.EqualFold(name, "thumbs.db") || strings.EqualFold(name, "desktop.ini")
}

func (s *source) files(paths []string) ([]input, error) {
	var out []input
	for _, p := range paths {
		info, err := os.Stat(p)
		if err != nil {
			return nil, s.missing(err, filepath.Base(p))
		}
		in := input{path: p, name: filepath.Base(p), size: info.Size(), mtime: info.ModTime().UnixNano()}
		if in.size == 0 && s.o.format != formatMbox {
			return nil, fault.New("E2104", in.name)
		}
		if err := s.identify(&in); err != nil {
			return nil, err
		}
		if in.pack != "zip" {
			out = append(out, in)
			continue
		}
		members, err := s.members(in)
		if err != nil {
			return nil, err
		}
		out = append(out, members...)
	}
	slices.SortStableFunc(out, func(a, b input) int { return natural(a.identity(), b.identity()) })
	return out, nil
}

// members lists the files in a zip.
func (s *source) members(archive input) ([]input, error) {
	z, err := zip.OpenReader(archive.path)
	if err != nil {
		return nil, fault.New("E2112", archive.name, "format", "zip").Because(err)
	}
	defer z.Close()
	var out []input
	for _, f := range z.File {
		name := f.Name
		if f.NonUTF8 && !utf8.ValidString(name) {
			name = charset.Guess([]byte(name), "")
		}
		base := path.Base(strings.ReplaceAll(name, `\`, "/"))
		if f.FileInfo().IsDir() || ignored(base) || strings.HasPrefix(name, "__MACOSX") {
			continue
		}
		if f.Flags&1 != 0 {
			return nil, fault.New("E2105", archive.name, "found", "a zip with a password", "format", s.o.format)
		}
		in := input{path: archive.path, member: f.Name, name: archive.name + "/" + base, size: int64(f.UncompressedSize64), mtime: int64(f.CRC32), pack: "zip"}
		if in.size == 0 {
			return nil, fault.New("E2104", in.name)
		}
		if err := s.identify(&in); err != nil {
			return nil, err
		}
		out = append(out, in)
	}
	if len(out) == 0 {
		return nil, fault.New("E2102", s.cfg.Name, "path", archive.name)
	}
	return out, nil
}

// natural compares names so that shop-2 comes before shop-10.
func natural(a, b string) int {
	x, y := a, b
	for x != "" && y != "" {
		if isDigit(x[0]) && isDigit(y[0]) {
			nx, ny := digits(x), digits(y)
			dx, dy := strings.TrimLeft(x[:nx], "0"), strings.TrimLeft(y[:ny], "0")
			if len(dx) != len(dy) {
				return len(dx) - len(dy)
			}
			if c := strings.Compare(dx, dy); c != 0 {
				return c
			}
			x, y = x[nx:], y[ny:]
			continue
		}
		if x[0] != y[0] {
			return int(x[0]) - int(y[0])
		}
		x, y = x[1:], y[1:]
	}
	if c := len(x) - len(y); c != 0 {
		return c
	}
	return strings.Compare(a, b)
}

func isDigit(b byte) bool { return b >= '0' && b <= '9' }

func digits(s string) int {
	n := 0
	for n < len(s) && isDigit(s[n]) {
		n++
	}
	return n
}

// closers closes several things, the last opened first.
type closers []io.Closer

// Close closes them all and returns the first error.
func (c closers) Close() error {
	var first error
	for _, x := range slices.Backward(c) {
		if err := x.Close(); err != nil && first == nil {
			first = err
		}
	}
	return first
}
