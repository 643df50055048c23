package schemas

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"slices"
	"strings"

	"github.com/santhosh-tekuri/jsonschema/v5"

	"crmhub/fault"
	"crmhub/record"
)

// suffix is how the name of a schema file ends.
const suffix = ".schema.json"

// base is where schema files lie for references among them. Nothing is ever
// fetched from it.
const base = "crmhub://schemas/"

// Load compiles the embedded schemas. user is the project's schemas folder, or
// nil: a file of the same name takes the place of the embedded one, and files
// of other names may be referred to. A file that cannot be used is a fault
// (E3320 to E3325) with file, line and column.
func Load(user fs.FS) (*Set, error) {
	files, err := collect(user)
	if err != nil {
		return nil, err
	}
	c := jsonschema.NewCompiler()
	c.Draft = jsonschema.Draft2020
	c.AssertFormat = true
	c.ExtractAnnotations = true
	c.LoadURL = func(string) (io.ReadCloser, error) { return nil, errOutside }
	for name, check := range formats() {
		c.Formats[name] = func(v any) bool {
			text, ok := v.(string)
			return !ok || check(text)
		}
	}
	c.RegisterExtension(annotationsName, nil, annotationCompiler{})
	for _, f := range files {
		if err := f.lint(); err != nil {
			return nil, err
		}
		if err := c.AddResource(base+f.name, bytes.NewReader(f.data)); err != nil {
			return nil, f.syntax(err)
		}
	}
	set := &Set{types: make(map[record.Type]*Schema, len(record.Types))}
	for _, t := range record.Types {
		f := files[slices.IndexFunc(files, func(f file) bool { return f.name == string(t)+suffix })]
		compiled, err := c.Compile(base + f.name)
		if err != nil {
			return nil, refused(files, f, err)
		}
		set.types[t] = build(t, compiled, f)
	}
	return set, nil
}

var errOutside = errors.New("schemas are never fetched: lay the file into the schemas folder")

// file is one schema file.
type file struct {
	name string
	data []byte
	doc  map[string]any
}

// collect reads the embedded files and the user's in their place, in the
// order of their names.
func collect(user fs.FS) ([]file, error) {
	byName := map[string]file{}
	for layer, source := range []fs.FS{embedded, user} {
		if source == nil {
			continue
		}
		names, err := fs.Glob(source, "*"+suffix)
		if err != nil {
			return nil, fault.New("E3325", "schemas").Because(err)
		}
		for _, name := range names {
			if err := misnamed(name); err != nil && layer > 0 {
				return nil, err
			}
			f := file{name: path.Base(name)}
			if f.data, err = fs.ReadFile(source, name); err != nil {
				return nil, fault.New("E3325", f.name).Because(err)
			}
			f.data = bytes.TrimPrefix(f.data, []byte("\xef\xbb\xbf"))
			d := json.NewDecoder(bytes.NewReader(f.data))
			d.UseNumber()
			if err := d.Decode(&f.doc); err != nil {
				return nil, f.syntax(err)
			}
			byName[f.name] = f
		}
	}
	files := make([]file, 0, len(byName))
	for _, f := range byName {
		files = append(files, f)
	}
	slices.SortFunc(files, func(a, b file) int { return strings.Compare(a.name, b.name) })
	return files, nil
}

// misnamed finds a file that was meant to replace the schema of a type but
// would be ignored silently: custmer.schema.json.
func misnamed(name string) error {
	types := make([]string, 0, len(record.Types))
	for _, t := range record.Types {
		types = append(types, string(t))
	}
	stem := strings.TrimSuffix(name, suffix)
	if near := fault.Nearest(stem, types); near != "" && near != stem {
		return fault.New("E3324", name, "nearest", near+suffix)
	}
	return nil
}

// syntax is the fault of a file that is not one JSON object.
func (f file) syntax(err error) error {
	var bad *json.SyntaxError
	var kind *json.UnmarshalTypeError
	place := f.name
	switch {
	case errors.As(err, &bad):
		place = f.at(bad.Offset - 1)
	case errors.As(err, &kind):
		place = f.at(kind.Offset - 1)
	case errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, io.EOF):
		place = f.at(int64(len(f.data)))
	}
	return fault.New("E3320", place).Because(err)
}

// refused is the fault of a schema that does not compile. The place is that
// of the value that the meta-schema refuses, where it is one.
func refused(files []file, f file, err error) error {
	var s *jsonschema.SchemaError
	if errors.As(err, &s) {
		name := strings.TrimPrefix(strings.SplitN(s.SchemaURL, "#", 2)[0], base)
		if i := slices.IndexFunc(files, func(x file) bool { return x.name == name }); i >= 0 {
			f = files[i]
		}
	}
	var v *jsonschema.ValidationError
	if !errors.As(err, &v) {
		return fault.New("E3323", f.name, "pointer", "/", "rule", "$ref").Because(err)
	}
	leaf := v
	for len(leaf.Causes) > 0 {
		leaf = leaf.Causes[0]
	}
	pointer := leaf.InstanceLocation
	if pointer == "" {
		pointer = "/"
	}
	return fault.New("E3323", f.place(tokens(leaf.InstanceLocation)), "pointer", pointer, "rule", keyword(leaf)).Because(err)
}

// place returns file:line:column of the value at a path, or the file alone
// where there is no such value.
func (f file) place(at []string) string {
	d := json.NewDecoder(bytes.NewReader(f.data))
	if offset, ok := seek(d, f.data, at); ok {
		return f.at(offset)
	}
	return f.name
}

// at returns file:line:column of a byte offset.
func (f file) at(offset int64) string {
	before := f.data[:min(max(offset, 0), int64(len(f.data)))]
	line := bytes.Count(before, []byte("\n")) + 1
	column := len([]rune(string(before[bytes.LastIndexByte(before, '\n')+1:]))) + 1
	return fmt.Sprintf("%s:%d:%d", f.name, line, column)
}

// seek reads one value from d and returns the offset of the key or element at
// a path inside it.
func seek(d *json.Decoder, data []byte, at []string) (int64, bool) {
	if len(at) == 0 {
		return start(data, d.InputOffset()), true
	}
	open, err := d.Token()
	if err != nil {
		return 0, false
	}
	delim, _ := open.(json.Delim)
	for i := 0; (delim == '{' || delim == '[') && d.More(); i++ {
		here := start(data, d.InputOffset())
		name := fmt.Sprint(i)
		if delim == '{' {
			key, err := d.Token()
			if err != nil {
				return 0, false
			}
			name, _ = key.(string)
		}
		if name == at[0] {
			if len(at) == 1 {
				return here, true
			}
			return seek(d, data, at[1:])
		}
		var skipped json.RawMessage
		if d.Decode(&skipped) != nil {
			return 0, false
		}
	}
	return 0, false
}

// start skips what may stand between two tokens.
func start(data []byte, from int64) int64 {
	for from < int64(len(data)) && strings.IndexByte(" \t\r\n,:", data[from]) >= 0 {
		from++
	}
	return from
}

// order returns the names of an object's members as the file has them.
func (f file) order(at ...string) []string {
	d := json.NewDecoder(bytes.NewReader(f.data))
	offset, ok := seek(d, f.data, at)
	if !ok {
		return nil
	}
	rest := f.data[offset:]
	if i := bytes.IndexByte(rest, '{'); i >= 0 {
		rest = rest[i:]
	}
	d = json.NewDecoder(bytes.NewReader(rest))
	if _, err := d.Token(); err != nil {
		return nil
	}
	var names []string
	for d.More() {
		key, err := d.Token()
		if err != nil {
			return names
		}
		if name, ok := key.(string); ok {
			names = append(names, name)
		}
		var skipped json.RawMessage
		if d.Decode(&skipped) != nil {
			return names
		}
	}
	return names
}
