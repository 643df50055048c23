// Package pipelines says how rows become records: the pipeline files that users write, and the sink that takes what they yield.
package pipelines

import (
	"path"
	"strings"
	"time"

	"crmhub/fault/yamlfile"
	"crmhub/record"
)

// Pipeline is one pipeline file: a source stream, the mapping that makes
// records of its rows, and what bounds it.
type Pipeline struct {
	// Name is the file's name without its extension.
	Name string `yaml:"-"`
	// Path is the file's path as faults name it.
	Path string `yaml:"-"`

	Source Source `yaml:"source"`
	// Mapping is the name of a mapping, with or without .blobl.
	Mapping string `yaml:"mapping"`
	// Type is the canonical type of what the mapping makes, unless it says otherwise.
	Type     record.Type `yaml:"type"`
	Limits   Limits      `yaml:"limits"`
	Schedule Schedule    `yaml:"schedule"`
	// Processors are Benthos processors that run before the mapping, each as
	// decoded YAML: a map of one processor's name (and perhaps a label).
	Processors []any `yaml:"processors"`

	doc *yamlfile.Doc
}

// Source is what a pipeline reads.
type Source struct {
	// Connection is the name of a connection in hub.yaml.
	Connection string `yaml:"connection"`
	// Stream is empty where the connection has one stream only.
	Stream string `yaml:"stream"`
	// Key names the columns that make the key; empty where the source knows it.
	Key yamlfile.Strings `yaml:"key"`
	// KeyClass says what a key is, which decides how it is masked.
	KeyClass KeyClass `yaml:"key_class"`
	Cursor   string   `yaml:"cursor"`
	Mode     Mode     `yaml:"mode"`
	// Overlap is how far before the stored cursor an incremental read begins.
	Overlap time.Duration `yaml:"overlap"`
	Deletes Deletes       `yaml:"deletes"`
	// Deleted is the column whose truth marks a row as gone.
	Deleted string `yaml:"deleted"`
	Query   string `yaml:"query"`
}

// Mode says what a run reads: full (the default) or incremental.
type Mode string

// The modes of reading.
const (
	Full        Mode = "full"
	Incremental Mode = "incremental"
)

// ReadMode is how a run reads: the mode that the file asks for, but everything
// where deletes are swept, because only a complete read shows what is gone.
func (s Source) ReadMode() Mode {
	if s.Deletes == DeletesSweep {
		return Full
	}
	return s.Mode
}

// Words lists the modes.
func (Mode) Words() []string { return []string{string(Full), string(Incremental)} }

// Deletes says how rows that are gone are known.
type Deletes string

// The ways of deleting. Flag, the default, takes the source's word: a column,
// or the changes that it reports. None takes rows that the source marks as
// gone like all others. Sweep reads everything in each run, whatever the mode,
// and also deletes what the run did not show.
const (
	DeletesFlag  Deletes = "flag"
	DeletesNone  Deletes = "none"
	DeletesSweep Deletes = "sweep"
)

// Words lists the ways of deleting.
func (Deletes) Words() []string {
	return []string{string(DeletesNone), string(DeletesSweep), string(DeletesFlag)}
}

// KeyClass says what a key is.
type KeyClass string

// Words lists the classes of keys.
func (KeyClass) Words() []string { return []string{"none", "email", "phone", "name", "id"} }

// Limits bound a run.
type Limits struct {
	// MaxQuarantined is how many of the rows read may be quarantined before a
	// run ends with exit code 3. What is good lands all the same.
	MaxQuarantined Amount `yaml:"max_quarantined"`
	// MaxDeleted is how many of the stream's current records a sweep may
	// delete; beyond it nothing is deleted and the run fails.
	MaxDeleted Amount `yaml:"max_deleted"`
	// Rate slows reading down.
	Rate Rate `yaml:"rate"`
}

// Schedule says when a pipeline runs by itself.
type Schedule struct {
	// Cron has five fields: minute, hour, day of month, month, day of week.
	Cron string `yaml:"cron"`
	// Zone is the IANA zone of Cron; empty means UTC.
	Zone   string `yaml:"zone"`
	Missed Missed `yaml:"missed"`
}

// Missed says what becomes of times at which no node ran.
type Missed string

// Words lists what may become of missed times.
func (Missed) Words() []string { return []string{"run_once", "skip", "run_all"} }

// Parse decodes and checks one pipeline file. Faults (E10xx, E40xx) name
// file, line and column; several are joined.
func Parse(file string, data []byte) (*Pipeline, error) {
	doc, err := yamlfile.Parse(file, data)
	if err != nil {
		return nil, err
	}
	base := path.Base(strings.ReplaceAll(file, `\`, "/"))
	p := &Pipeline{
		Name: strings.TrimSuffix(strings.TrimSuffix(base, ".yml"), ".yaml"),
		Path: file,
		Source: Source{
			KeyClass: "none",
			Mode:     Full,
			Deletes:  DeletesFlag,
		},
		Limits: Limits{
			MaxQuarantined: Amount{Fraction: 0.05, AtLeast: 20},
			MaxDeleted:     Amount{Fraction: 0.2},
		},
		Schedule: Schedule{Missed: "run_once"},
		doc:      doc,
	}
	if err := doc.Decode(p); err != nil {
		return nil, err
	}
	if err := p.check(); err != nil {
		return nil, err
	}
	return p, nil
}

// Place returns file:line:column of what stands at a path of keys and list
// indexes in the pipeline's file; the path alone where it was not parsed.
func (p *Pipeline) Place(at ...any) string {
	if p.doc == nil {
		return p.Path
	}
	return p.doc.Place(at...)
}
