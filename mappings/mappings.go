// Package mappings turns source rows into canonical records by Bloblang files: pure functions of the row.
package mappings

import (
	"bytes"
	"embed"
	"errors"
	"io/fs"
	"path"
	"slices"
	"strings"
	"sync"

	"github.com/redpanda-data/benthos/v4/public/bloblang"

	"crmhub/fault"
)

//go:embed *.blobl
var embedded embed.FS

// Embedded returns the mappings that the program ships, one file each.
func Embedded() fs.FS { return embedded }

// suffix is how the name of a mapping file ends.
const suffix = ".blobl"

// Set is the mappings that a project may name: its own, and the shipped ones
// of other names. It is safe for concurrent use.
type Set struct {
	files map[string][]byte
	env   *bloblang.Environment

	mu     sync.Mutex
	parsed map[string]*Mapping
}

// Load reads the shipped mappings and those of user, the project's mappings
// folder, which may be nil: a file of the same name takes the place of the
// shipped one. A file that cannot be read is a fault (E4124). What a file says
// is judged when Mapping asks for it.
func Load(user fs.FS) (*Set, error) {
	s := &Set{files: map[string][]byte{}, parsed: map[string]*Mapping{}}
	for _, source := range []fs.FS{embedded, user} {
		if source == nil {
			continue
		}
		err := fs.WalkDir(source, ".", func(name string, d fs.DirEntry, err error) error {
			switch {
			case errors.Is(err, fs.ErrNotExist) && name == ".":
				return fs.SkipAll
			case err != nil:
				return fault.New("E4124", name).Because(err)
			case d.IsDir() && d.Name() == "testdata":
				return fs.SkipDir
			case d.IsDir() || path.Ext(name) != suffix:
				return nil
			}
			data, err := fs.ReadFile(source, name)
			if err != nil {
				return fault.New("E4124", name).Because(err)
			}
			s.files[name] = clean(data)
			return nil
		})
		if err != nil {
			return nil, err
		}
	}
	s.env = forFiles(s.read)
	return s, nil
}

// clean drops what editors on Windows add and Bloblang refuses.
func clean(data []byte) []byte {
	data = bytes.TrimPrefix(data, []byte("\xef\xbb\xbf"))
	return bytes.ReplaceAll(data, []byte("\r\n"), []byte("\n"))
}

// read gives a file to the import statement of another.
func (s *Set) read(name string) ([]byte, error) {
	if data, ok := s.files[path.Clean(name)]; ok {
		return []byte(asASCII(string(data))), nil
	}
	return nil, fs.ErrNotExist
}

// Names returns the names of all mappings, in order.
func (s *Set) Names() []string {
	names := make([]string, 0, len(s.files))
	for name := range s.files {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// Mapping returns the mapping in a file, named with or without .blobl. One
// that is not there is a fault E4122 with the nearest name, one that is not
// Bloblang E4121 with file:line:column.
func (s *Set) Mapping(name string) (*Mapping, error) {
	if path.Ext(name) != suffix {
		name += suffix
	}
	data, ok := s.files[name]
	if !ok {
		return nil, fault.New("E4122", "mappings", "name", name, "nearest", fault.Nearest(name, s.Names()))
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if m, ok := s.parsed[name]; ok {
		return m, nil
	}
	m, err := parse(s.env, name, string(data))
	if err != nil {
		return nil, err
	}
	s.parsed[name] = m
	return m, nil
}

// Parse returns the mapping that text is, under a name for its faults. It has
// nothing to import.
func Parse(name, text string) (*Mapping, error) {
	return parse(alone(), name, string(clean([]byte(text))))
}

// alone is the environment of a mapping that stands by itself.
var alone = sync.OnceValue(func() *bloblang.Environment {
	return forFiles(func(string) ([]byte, error) { return nil, fs.ErrNotExist })
})

func parse(env *bloblang.Environment, name, text string) (*Mapping, error) {
	m := &Mapping{name: name, lines: strings.Split(text, "\n")}
	if blank(text) {
		return nil, fault.New("E4123", name)
	}
	exec, err := env.Parse(asASCII(text))
	if err != nil {
		return nil, m.notBloblang(err)
	}
	m.exec = exec
	if fast, columns, ok := parseFast(text); ok {
		m.fast, m.columns = fast, columns
		m.envelope, m.tidied = flat(fast)
	}
	return m, nil
}

// blank reports a file of nothing but white space and comments.
func blank(text string) bool {
	for line := range strings.Lines(text) {
		if line = strings.TrimSpace(line); line != "" && line[0] != '#' {
			return false
		}
	}
	return true
}
