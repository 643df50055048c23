package hub

import (
	"io/fs"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"crmhub/fault"
	"crmhub/mappings"
	"crmhub/pipelines"
)

// columnRead is a column that a mapping reads from the row itself: this.name
// or this."a name".
var columnRead = regexp.MustCompile(`\bthis\.(?:([\pL_][\pL\pN_]*)|"([^"]+)")`)

// renamed returns a warning (W1405) for each column that the mapping reads,
// that the source lacks, and that most likely has another name now: a column
// that nobody reads is called almost the same. A mapping that reads what some
// sources lack is none of it.
func (h *Hub) renamed(p *pipelines.Pipeline, columns []string) (all []*fault.Error) {
	if len(columns) == 0 || len(p.Processors) > 0 {
		return nil // what processors make of the columns is not known here
	}
	name, text := h.mappingText(p.Mapping)
	var read []string
	line := map[string]int{}
	for n, l := range strings.Split(text, "\n") {
		l, _, _ = strings.Cut(l, "#")
		for _, m := range columnRead.FindAllStringSubmatch(l, -1) {
			if c := m[1] + m[2]; line[c] == 0 {
				line[c] = n + 1
				read = append(read, c)
			}
		}
	}
	spare := slices.DeleteFunc(slices.Clone(columns), func(c string) bool {
		return line[c] > 0 || slices.Contains(p.Source.Key, c)
	})
	for _, c := range read {
		if slices.Contains(columns, c) {
			continue
		}
		if near := fault.Nearest(c, spare); near != "" {
			all = append(all, fault.New("W1405", name+":"+strconv.Itoa(line[c]), "column", c, "near", near))
		}
	}
	return all
}

// mappingText returns the path and the text of a mapping: the project's own
// file, or the shipped one.
func (h *Hub) mappingText(name string) (path, text string) {
	name = strings.TrimSuffix(name, ".blobl") + ".blobl"
	for _, folder := range []fs.FS{h.config.Folder("mappings"), mappings.Embedded()} {
		if folder == nil {
			continue
		}
		if data, err := fs.ReadFile(folder, name); err == nil {
			return "mappings/" + name, string(data)
		}
	}
	return name, ""
}

// union adds the columns of a row to those that are known.
func union(columns []string, row map[string]any) []string {
	for name := range row {
		if !slices.Contains(columns, name) {
			columns = append(columns, name)
		}
	}
	return columns
}
