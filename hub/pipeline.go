package hub

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"

	"crmhub/connectors"
	"crmhub/fault"
	"crmhub/hub/config"
	"crmhub/mappings"
	"crmhub/mdm/standardize"
	"crmhub/pipelines"
	"crmhub/pipelines/stream"
	"crmhub/record"
	"crmhub/schemas"
)

// PipelineView is one pipeline as it is shown.
type PipelineView struct {
	Name       string      `json:"name"`
	File       string      `json:"file,omitempty"`
	Connection string      `json:"connection"`
	Stream     string      `json:"stream"`
	Type       record.Type `json:"type"`
	Mapping    string      `json:"mapping"`
	Mode       string      `json:"mode"`
	Text       string      `json:"text,omitempty"`
}

// pipelineFiles returns the project's own pipeline files; those that come with
// the program are templates.
func (h *Hub) pipelineFiles() (map[string][]byte, error) {
	folder := h.config.Folder("pipelines")
	if folder == nil {
		return nil, nil
	}
	entries, err := fs.ReadDir(folder, ".")
	if err != nil {
		return nil, fault.New("E1103", "pipelines", "reason", fault.Reason(err)).Because(err)
	}
	files := map[string][]byte{}
	for _, e := range entries {
		if e.IsDir() || !isPipelineFile(e.Name()) || strings.HasPrefix(e.Name(), ".") {
			continue
		}
		data, err := fs.ReadFile(folder, e.Name())
		if err != nil {
			return nil, fault.New("E1103", "pipelines/"+e.Name(), "reason", fault.Reason(err)).Because(err)
		}
		files["pipelines/"+e.Name()] = data
	}
	return files, nil
}

// PipelineNames lists the project's pipelines by name, readable or not.
func (h *Hub) PipelineNames() []string {
	files, err := h.pipelineFiles()
	if err != nil {
		return nil
	}
	var names []string
	for path := range files {
		names = append(names, pipelineName(path))
	}
	slices.Sort(names)
	return names
}

func pipelineName(path string) string {
	name := strings.TrimPrefix(path, "pipelines/")
	return strings.TrimSuffix(strings.TrimSuffix(name, ".yml"), ".yaml")
}

// allPipelines parses every pipeline of the project; faults are joined.
func (h *Hub) allPipelines() (map[string]*pipelines.Pipeline, error) {
	if h.pipes != nil {
		return h.pipes, nil
	}
	files, err := h.pipelineFiles()
	if err != nil {
		return nil, err
	}
	all := map[string]*pipelines.Pipeline{}
	var faults []error
	for _, path := range sorted(files) {
		p, err := pipelines.Parse(path, files[path])
		if err != nil {
			faults = append(faults, err)
			continue
		}
		all[p.Name] = p
	}
	if err := errors.Join(faults...); err != nil {
		return all, err
	}
	h.pipes = all
	return all, nil
}

// chosen returns the named pipelines in the order given, or all by name. A
// faulty file that was not asked for does not stand in the way.
func (h *Hub) chosen(names []string, every bool) ([]*pipelines.Pipeline, error) {
	files, err := h.pipelineFiles()
	if err != nil {
		return nil, err
	}
	if len(files) == 0 {
		return nil, fault.New("E1113", "pipelines")
	}
	known := h.PipelineNames()
	if every {
		names = known
	}
	var out []*pipelines.Pipeline
	var faults []error
	for _, name := range names {
		name = pipelineName(name)
		if !slices.Contains(known, name) {
			return nil, fault.New("E1114", "", "name", name, "nearest", fault.Nearest(name, known), "known", strings.Join(known, ", "))
		}
		path := "pipelines/" + name + ".yaml"
		data, ok := files[path]
		if !ok {
			path = "pipelines/" + name + ".yml"
			data = files[path]
		}
		p, err := pipelines.Parse(path, data)
		if err != nil {
			faults = append(faults, err)
			continue
		}
		if !slices.ContainsFunc(out, func(q *pipelines.Pipeline) bool { return q.Name == p.Name }) {
			out = append(out, p)
		}
	}
	return out, errors.Join(faults...)
}

// Pipelines lists the project's pipelines by name.
func (h *Hub) Pipelines() ([]PipelineView, error) {
	all, err := h.allPipelines()
	if err != nil {
		return nil, err
	}
	list := []PipelineView{}
	for _, name := range sorted(all) {
		list = append(list, view(all[name]))
	}
	return list, nil
}

func view(p *pipelines.Pipeline) PipelineView {
	return PipelineView{
		Name: p.Name, File: p.Path, Connection: p.Source.Connection, Stream: p.Source.Stream, Type: p.Type,
		Mapping: p.Mapping, Mode: string(p.Source.Mode),
	}
}

// Pipeline returns one pipeline with its file's text.
func (h *Hub) Pipeline(name string) (PipelineView, error) {
	p, err := h.chosen([]string{name}, false)
	if err != nil {
		return PipelineView{}, err
	}
	files, err := h.pipelineFiles()
	if err != nil {
		return PipelineView{}, err
	}
	v := view(p[0])
	v.Text = string(files[v.File])
	return v, nil
}

// Benthos returns the Benthos configuration that a pipeline compiles to.
func (h *Hub) Benthos(name string) (string, error) {
	p, err := h.chosen([]string{name}, false)
	if err != nil {
		return "", err
	}
	return stream.Compile(p[0]), nil
}

// source opens the connection of a pipeline, or of the place that names it.
// warn takes the connector's warnings; it may be nil.
func (h *Hub) source(place, name string, warn func(*fault.Error)) (connectors.Source, config.Connection, error) {
	con, err := h.config.Connection(place, name)
	if err != nil {
		return nil, con, err
	}
	c, ok := h.o.Registry[con.Connector]
	if !ok {
		known := sorted(h.o.Registry)
		return nil, con, fault.New("E1110", con.Place, "name", con.Connector,
			"nearest", fault.Nearest(con.Connector, known), "known", strings.Join(known, ", "))
	}
	params, err := h.config.Params(con, c.Spec())
	if err != nil {
		return nil, con, err
	}
	src, err := c.Open(connectors.Config{
		Name: name, Params: params, Dir: h.config.Dir, Zone: con.Location(), Log: h.o.Log, Warn: warn, Now: h.now,
	})
	return src, con, err
}

// runner joins what one pipeline needs. The caller closes the source. warn
// takes the connector's warnings; it may be nil.
func (h *Hub) runner(p *pipelines.Pipeline, warn func(*fault.Error)) (*stream.Runner, error) {
	set, err := h.schemaSet()
	if err != nil {
		return nil, err
	}
	maps, err := h.mappingSet()
	if err != nil {
		return nil, err
	}
	m, err := maps.Mapping(p.Mapping)
	if err != nil {
		return nil, err
	}
	src, con, err := h.source(p.Place("source", "connection"), p.Source.Connection, warn)
	if err != nil {
		return nil, err
	}
	rules, err := h.rules(p.Mapping)
	if err != nil {
		return nil, errors.Join(err, src.Close())
	}
	return &stream.Runner{
		Pipeline: p, Source: src, Sink: h.golden, Mapper: m, Schemas: set, Rules: rules, Now: h.now,
		Locale: standardize.Locale{Country: con.Country, Zone: con.Location(), Dates: string(con.Dates)},
	}, nil
}

// rules is a fingerprint of the mapping and of everything that it may import,
// and of the schemas: what decides, beside the row, which records it becomes.
func (h *Hub) rules(mapping string) (string, error) {
	sum := sha256.New()
	for _, folder := range []struct {
		name  string
		files fs.FS
	}{
		{"schemas", schemas.Embedded()},
		{"schemas", h.config.Folder("schemas")},
		{"mappings", mappings.Embedded()},
		{"mappings", h.config.Folder("mappings")},
	} {
		if folder.files == nil {
			continue
		}
		err := fs.WalkDir(folder.files, ".", func(name string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() {
				return err
			}
			data, err := fs.ReadFile(folder.files, name)
			if err != nil {
				return err
			}
			fmt.Fprintf(sum, "%s/%s %d\n", folder.name, name, len(data))
			sum.Write(data)
			return nil
		})
		if err != nil {
			return "", fault.New("E1103", folder.name, "reason", fault.Reason(err)).Because(err)
		}
	}
	fmt.Fprintln(sum, mapping)
	return hex.EncodeToString(sum.Sum(nil)[:16]), nil
}

// Discover lists what a connection holds.
func (h *Hub) Discover(ctx context.Context, connection string) (list []connectors.Stream, err error) {
	src, _, err := h.source("", connection, nil)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, src.Close()) }()
	return src.Discover(ctx)
}

func sorted[V any](m map[string]V) []string {
	names := make([]string, 0, len(m))
	for k := range m {
		names = append(names, k)
	}
	slices.Sort(names)
	return names
}
