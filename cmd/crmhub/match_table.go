package main

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"maps"
	"path/filepath"
	"slices"
	"strings"

	"crmhub/connectors"
	"crmhub/connectors/file"
	"crmhub/fault"
	"crmhub/mdm/linkage"
	"crmhub/record"
)

// tableFile is a file of rows in any format that can be read.
type tableFile struct {
	name    string
	source  connectors.Source
	streams []connectors.Stream
	columns []string
}

// tableFile opens a file and finds its columns.
func (a *app) tableFile(ctx context.Context, path string) (*tableFile, error) {
	abs, err := filepath.Abs(path)
	if err != nil {
		return nil, fmt.Errorf("find the working folder: %w", err)
	}
	params, err := file.Connector{}.Spec().Decode(path, map[string]any{"path": abs, "short_rows": "fill", "cell_errors": "empty"})
	if err != nil {
		return nil, err
	}
	t := &tableFile{name: filepath.Base(path)}
	t.source, err = file.Connector{}.Open(connectors.Config{Name: t.name, Params: params, Log: slog.New(slog.DiscardHandler), Now: a.now})
	if err != nil {
		return nil, err
	}
	if t.streams, err = t.source.Discover(ctx); err != nil {
		return nil, err
	}
	for _, s := range t.streams {
		for _, c := range s.Columns {
			if !slices.Contains(t.columns, c.Name) {
				t.columns = append(t.columns, c.Name)
			}
		}
	}
	if len(t.columns) == 0 {
		return nil, fault.New("E6201", t.name)
	}
	return t, nil
}

// need returns the position of a column that a flag names; Record ID stands
// for record_id.
func (t *tableFile) need(flag, name string) (int, error) {
	if i := slices.Index(t.columns, name); i >= 0 {
		return i, nil
	}
	if i := slices.IndexFunc(t.columns, func(c string) bool { return likeHeader(c) == likeHeader(name) }); i >= 0 {
		return i, nil
	}
	return -1, fault.New("E6202", t.name, "flag", flag, "name", name, "nearest", fault.Nearest(name, t.columns))
}

// each calls row with the cells of every row and its place. A row that can't
// be read is told as a warning, the first of a file in full; the others are
// counted.
func (t *tableFile) each(ctx context.Context, a *app, row func(place record.Place, cells []string) error) (unreadable int, err error) {
	cells := make([]string, len(t.columns))
	for _, s := range t.streams {
		err := t.source.Read(ctx, connectors.Request{Stream: s.Name, Mode: connectors.Full, BatchRows: 4096}, func(_ context.Context, b connectors.Batch) error {
			for i := range b.Rows {
				if f := fault.Of(b.Rows[i].Fault); f != nil {
					if unreadable++; unreadable == 1 && !a.quiet && !a.json() {
						fmt.Fprint(a.err, a.page(f))
					}
					continue
				}
				for k, name := range t.columns {
					cells[k] = cellText(b.Rows[i].Data[name])
				}
				if err := row(b.Rows[i].Place, cells); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return unreadable, err
		}
	}
	if err := t.source.Close(); err != nil {
		return unreadable, fmt.Errorf("close %s: %w", t.name, err)
	}
	if unreadable > 0 {
		a.say("%s: %s rows could not be read and are left out", "%s：%s 行无法读取，已略过", t.name, grouped(int64(unreadable)))
	}
	return unreadable, nil
}

// cellText is a value as it stands in a cell.
func cellText(v any) string {
	switch v := v.(type) {
	case nil:
		return ""
	case string:
		return v
	case json.Number:
		return v.String()
	case []any:
		parts := make([]string, len(v))
		for i, x := range v {
			parts[i] = cellText(x)
		}
		return strings.Join(parts, "; ")
	case map[string]any:
		var parts []string
		for _, k := range slices.Sorted(maps.Keys(v)) {
			parts = append(parts, cellText(v[k]))
		}
		return strings.Join(parts, " ")
	}
	return fmt.Sprint(v)
}

// matchInput is the rows of the files that are matched, and their ids.
type matchInput struct {
	table *linkage.Table
	// id is the column of the record ids as the table spells it.
	id         string
	ids        []string
	unreadable int
}

// matchInput reads files into one table. Columns of several files are one
// where their names are alike. id names the column of the record ids.
func (a *app) matchInput(ctx context.Context, paths []string, id string) (*matchInput, error) {
	in := &matchInput{}
	var files []*tableFile
	var all []string
	at := map[string]int{}
	for _, path := range paths {
		t, err := a.tableFile(ctx, path)
		if err != nil {
			return nil, err
		}
		for _, c := range t.columns {
			if _, ok := at[likeHeader(c)]; !ok {
				at[likeHeader(c)] = len(all)
				all = append(all, c)
			}
		}
		files = append(files, t)
	}
	in.table = linkage.NewTable(all)
	for i, t := range files {
		seen := map[string]bool{}
		idAt, err := t.need("--id", id)
		if err != nil {
			return nil, err
		}
		in.id = all[at[likeHeader(id)]]
		row, to := make([]string, len(all)), make([]int, len(t.columns))
		for k, c := range t.columns {
			to[k] = at[likeHeader(c)]
		}
		n, err := t.each(ctx, a, func(place record.Place, cells []string) error {
			clear(row)
			for k, v := range cells {
				row[to[k]] = v
			}
			key := cells[idAt]
			if key == "" || seen[key] {
				return fault.New("E6203", place.String(), "column", id)
			}
			seen[key] = true
			in.ids = append(in.ids, key)
			if len(files) > 1 {
				in.table.AddFrom(i+1, row)
			} else {
				in.table.Add(row)
			}
			return nil
		})
		if err != nil {
			return nil, err
		}
		in.unreadable += n
	}
	return in, nil
}

// likeHeader is what is alike in names of columns: First Name, first_name.
func likeHeader(s string) string {
	return strings.NewReplacer(" ", "", "_", "", "-", "").Replace(strings.ToLower(s))
}
