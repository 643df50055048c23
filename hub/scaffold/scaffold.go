// Package scaffold lays a new connector into a checkout of the project: three files and its line in the list.
package scaffold

import (
	"bytes"
	"embed"
	"errors"
	"go/format"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"text/template"

	"crmhub/connectors"
	"crmhub/fault"
)

//go:embed template
var templates embed.FS

// names are the Go names of the categories.
var names = map[connectors.Category]string{
	connectors.Files: "Files", connectors.Database: "Database", connectors.ERP: "ERP", connectors.Ecommerce: "Ecommerce",
	connectors.Payment: "Payment", connectors.Logistics: "Logistics", connectors.Email: "Email", connectors.CRM: "CRM",
}

// Categories are the words that a new connector's category may be.
func Categories() []string {
	return []string{
		string(connectors.CRM), string(connectors.Database), string(connectors.Ecommerce), string(connectors.Email), string(connectors.ERP),
		string(connectors.Files), string(connectors.Logistics), string(connectors.Payment),
	}
}

// list is the file that names every connector, from the root of the project.
const list = "connectors/all/all.go"

// Connector writes connectors/NAME with a source, its conformance test and
// test data, and adds the line to connectors/all. dir is a folder in a
// checkout of the project (E1118 elsewhere). It returns the files written,
// from the root of the project. Nothing that exists is overwritten (E1119).
func Connector(dir, name, category string) ([]string, error) {
	root, err := checkout(dir)
	if err != nil {
		return nil, err
	}
	refused := func(reason, zh string) error {
		return fault.New("E1119", "", "name", name, "reason", reason, "reason_zh", zh)
	}
	kind, known := names[connectors.Category(category)]
	switch {
	case !word.MatchString(name) || token.IsKeyword(name):
		return nil, refused("want small letters and digits, a letter first", "应为小写字母和数字，以字母开头")
	case !known:
		return nil, refused("the category is none of "+strings.Join(Categories(), ", "), "类别应为 "+strings.Join(Categories(), "、")+" 之一")
	}
	folder := filepath.Join(root, "connectors", name)
	if _, err := os.Stat(folder); !errors.Is(err, os.ErrNotExist) {
		return nil, refused("connectors/"+name+" exists already", "connectors/"+name+" 已存在")
	}
	data := struct{ Name, Title, Category string }{name, strings.ToUpper(name[:1]) + name[1:], kind}
	made := []string{"connectors/" + name + "/" + name + ".go", "connectors/" + name + "/" + name + "_test.go", "connectors/" + name + "/testdata/rows.json"}
	for i, from := range []string{"connector.txt", "test.txt", "rows.txt"} {
		text, err := fill(from, data)
		if err == nil {
			err = write(filepath.Join(root, filepath.FromSlash(made[i])), text)
		}
		if err != nil {
			return nil, errors.Join(err, os.RemoveAll(folder))
		}
	}
	if err := register(filepath.Join(root, filepath.FromSlash(list)), name); err != nil {
		return nil, errors.Join(err, os.RemoveAll(folder))
	}
	return append(made, list), nil
}

var word = regexp.MustCompile(`^[a-z][a-z0-9]{1,39}$`)

// checkout returns the root of the project that dir lies in.
func checkout(dir string) (string, error) {
	at, err := filepath.Abs(dir)
	if err != nil {
		return "", err
	}
	for {
		mod, err := os.ReadFile(filepath.Join(at, "go.mod"))
		if err == nil && bytes.HasPrefix(mod, []byte("module crmhub\n")) {
			if _, err := os.Stat(filepath.Join(at, filepath.FromSlash(list))); err == nil {
				return at, nil
			}
		}
		up := filepath.Dir(at)
		if up == at {
			return "", fault.New("E1118", "")
		}
		at = up
	}
}

func fill(from string, data any) ([]byte, error) {
	raw, err := templates.ReadFile("template/" + from)
	if err != nil {
		return nil, err
	}
	t, err := template.New(from).Parse(string(raw))
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	if err := t.Execute(&b, data); err != nil {
		return nil, err
	}
	if from == "rows.txt" {
		return b.Bytes(), nil
	}
	return format.Source(b.Bytes())
}

func write(path string, text []byte) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return fault.New("E1104", path, "reason", fault.Reason(err)).Because(err)
	}
	if err := os.WriteFile(path, text, 0o644); err != nil {
		return fault.New("E1104", path, "reason", fault.Reason(err)).Because(err)
	}
	return nil
}

// register adds a connector to the list: its import and its value, each before
// the first that comes after it in the alphabet.
func register(path, name string) error {
	raw, err := os.ReadFile(path)
	if err != nil {
		return fault.New("E1104", path, "reason", fault.Reason(err)).Because(err)
	}
	lines := strings.Split(string(raw), "\n")
	lines = insert(lines, "\t\"crmhub/connectors/"+name+"\"", "\t\"crmhub/connectors/", ")")
	lines = insert(lines, "\t\t"+name+".Connector{},", "\t\t", "\t} {")
	text, err := format.Source([]byte(strings.Join(lines, "\n")))
	if err != nil {
		return err
	}
	return write(path, text)
}

// insert puts a line among the lines with a prefix, which end before the line
// end, in the order of the alphabet.
func insert(lines []string, line, prefix, end string) []string {
	inside := false
	for i, l := range lines {
		if strings.HasPrefix(l, prefix) {
			inside = true
		}
		if inside && (l == end || strings.HasPrefix(l, prefix) && l > line) {
			return append(lines[:i:i], append([]string{line}, lines[i:]...)...)
		}
	}
	return lines
}
