// Package demo holds the demo: a hub project of a small tea merchant, with six systems of bundled data and the truth about them.
package demo

import (
	"bytes"
	"embed"
	"encoding/csv"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"

	"crmhub/record"
)

//go:embed project
var project embed.FS

//go:embed truth.csv
var truth []byte

// Project returns the project's files: hub.yaml, pipelines, mappings, data and
// README. It has no key ring and no store: both are made where it is laid.
func Project() fs.FS {
	sub, err := fs.Sub(project, "project")
	if err != nil {
		panic("demo: " + err.Error()) // the folder is embedded above
	}
	return sub
}

// Write lays the project's files into dir, which is made where it does not
// exist. Files of the same name are written over; others are left alone.
func Write(dir string) error {
	return fs.WalkDir(Project(), ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		target := filepath.Join(dir, filepath.FromSlash(name))
		if d.IsDir() {
			if err := os.MkdirAll(target, 0o755); err != nil {
				return fmt.Errorf("lay the demo: %w", err)
			}
			return nil
		}
		data, err := fs.ReadFile(Project(), name)
		if err != nil {
			return err
		}
		if err := os.WriteFile(target, data, 0o644); err != nil {
			return fmt.Errorf("lay the demo: %w", err)
		}
		return nil
	})
}

// Truth returns which entity each customer record of the data is of. Records
// that a source marks as gone, or that land in quarantine, are not in it.
func Truth() (map[record.Ref]string, error) {
	rows, err := csv.NewReader(bytes.NewReader(truth)).ReadAll()
	if err != nil {
		return nil, fmt.Errorf("read the demo's truth: %w", err)
	}
	of := make(map[record.Ref]string, len(rows))
	for _, r := range rows[1:] {
		of[record.Ref{Source: r[0], Stream: r[1], Type: record.Customer, Key: r[2]}] = r[3]
	}
	return of, nil
}

// Story names a record of the customer whom the demo tells of: she is in all
// six systems, moved, changed her number, and is written in three scripts.
func Story() record.Ref {
	return record.Ref{Source: "erp", Stream: "customers", Type: record.Customer, Key: "KH03319"}
}

// Pipelines returns the names of the project's pipelines in the order in
// which the demo runs them.
func Pipelines() ([]string, error) {
	names, err := fs.Glob(Project(), "pipelines/*.yaml")
	if err != nil {
		return nil, err
	}
	for i, n := range names {
		base := path.Base(n)
		names[i] = base[:len(base)-len(path.Ext(base))]
	}
	return names, nil
}
