package pipelines

import (
	"embed"
	"fmt"
	"io/fs"
	"regexp"
	"strings"

	"crmhub/fault"
)

//go:embed *.yaml
var shipped embed.FS

// Template is a pipeline that comes with the program: the file of a system
// that many have, complete but for the name of the connection.
type Template struct {
	// Pipeline is the template as it stands; its connection is a name to be replaced.
	Pipeline *Pipeline
	// Title is the file's first two lines: what the pipeline reads.
	Title fault.Text
	text  string
}

// named finds where a template names its connection.
var named = regexp.MustCompile(`connection: *(\w+)`)

// Templates returns the pipelines that come with the program, by name.
func Templates() ([]Template, error) {
	files, err := fs.Glob(shipped, "*.yaml")
	if err != nil {
		return nil, err
	}
	all := make([]Template, 0, len(files))
	for _, file := range files {
		data, err := shipped.ReadFile(file)
		if err != nil {
			return nil, err
		}
		p, err := Parse(file, data)
		if err != nil {
			return nil, fmt.Errorf("shipped pipeline: %w", err)
		}
		var title fault.Text
		for i, line := range strings.SplitN(string(data), "\n", len(title)+1)[:len(title)] {
			title[i] = strings.TrimPrefix(line, "# ")
		}
		all = append(all, Template{Pipeline: p, Title: title, text: string(data)})
	}
	return all, nil
}

// Text is the pipeline file for a connection; "" leaves the name that the
// template has.
func (t Template) Text(connection string) string {
	at := named.FindStringSubmatchIndex(t.text)
	if connection == "" || at == nil {
		return t.text
	}
	return t.text[:at[2]] + connection + t.text[at[3]:]
}
