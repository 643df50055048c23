package main

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"

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
	// size is that of the file in bytes.
	size int64
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
	if info, err := os.Stat(abs); err == nil { // what is wrong is told by the source
		t.size = info.Size()
	}
	t.source, err = file.Connector{}.Open(connectors.Config{
		Name: t.name, Params: params, Log: slog.New(slog.DiscardHandler), Now: a.now,
		Warn: func(w *fault.Error) {
			if !a.quiet && !a.json() {
				fmt.Fprint(a.err, a.page(w))
			}
		},
	})
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

// each calls row with the cells of every row and its place. A row that can't
// be read is told as a warning, the first of a file in full; the others are
// counted.
func (t *tableFile) each(ctx context.Context, a *app, row func(place record.Place, cells []string) error) (unreadable int, err error) {
	cells := make([]string, len(t.columns))
	return t.blocks(ctx, a, func(b rowBlock) error {
		to := make([]int, len(t.columns))
		for i, c := range t.columns {
			to[i] = slices.Index(b.columns(), c)
		}
		for r := range b.Rows() {
			for i, k := range to {
				if cells[i] = ""; k >= 0 {
					cells[i] = string(b.Cell(r, k))
				}
			}
			if err := row(b.Place(r), cells); err != nil {
				return err
			}
		}
		return nil
	})
}

// rowBlock is some rows of a file, cell by cell.
type rowBlock interface {
	linkage.Cells
	Place(row int) record.Place
	columns() []string
}

// textBlock is a block of delimited text.
type textBlock struct{ *file.Cells }

func (b textBlock) columns() []string { return b.Columns }

// recordBlock is a block of records of any other format.
type recordBlock struct {
	names  []string
	cells  []string
	places []record.Place
}

func (b *recordBlock) columns() []string           { return b.names }
func (b *recordBlock) Rows() int                   { return len(b.places) }
func (b *recordBlock) Place(row int) record.Place  { return b.places[row] }
func (b *recordBlock) Cell(row, column int) []byte { return []byte(b.cells[row*len(b.names)+column]) }

// blocks calls add with all rows of a file in their order, some at a time,
// and returns how many can't be read. Delimited text is read ahead.
func (t *tableFile) blocks(ctx context.Context, a *app, add func(rowBlock) error) (unreadable int, err error) {
	bad := func(err error) {
		if unreadable++; unreadable == 1 && !a.quiet && !a.json() {
			fmt.Fprint(a.err, a.page(fault.Of(err)))
		}
	}
	for _, s := range t.streams {
		ok, err := t.text(ctx, s.Name, bad, add)
		if err == nil && !ok {
			err = t.records(ctx, s.Name, bad, add)
		}
		if err != nil {
			return unreadable, err
		}
	}
	if err := t.source.Close(); err != nil {
		return unreadable, fmt.Errorf("close %s: %w", t.name, err)
	}
	if unreadable > 0 {
		a.say("%s: left out, as they could not be read: %s", "%s：%s 行无法读取，已略过", t.name, a.many(int64(unreadable), "row"))
	}
	return unreadable, nil
}

// text is blocks of a stream of delimited text; ok is false of others.
func (t *tableFile) text(ctx context.Context, stream string, bad func(error), add func(rowBlock) error) (ok bool, err error) {
	source, can := t.source.(file.CellReader)
	if !can {
		return false, nil
	}
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	ahead := make(chan *file.Cells, 2)
	var read error
	go func() {
		defer close(ahead)
		ok, read = source.ReadCells(ctx, stream, func(c *file.Cells) error {
			select {
			case ahead <- c:
				return nil
			case <-ctx.Done():
				return ctx.Err()
			}
		})
	}()
	for c := range ahead {
		for _, f := range c.Faults {
			bad(f)
		}
		if err == nil && c.Rows() > 0 {
			if err = add(textBlock{c}); err != nil {
				stop()
			}
		}
		c.Recycle()
	}
	if err == nil {
		err = read
	}
	return ok, err
}

// records is blocks of a stream of any format.
func (t *tableFile) records(ctx context.Context, stream string, bad func(error), add func(rowBlock) error) error {
	return t.source.Read(ctx, connectors.Request{Stream: stream, Mode: connectors.Full, BatchRows: 4096}, func(_ context.Context, batch connectors.Batch) error {
		b := &recordBlock{names: t.columns}
		for i := range batch.Rows {
			r := &batch.Rows[i]
			if r.Fault != nil {
				bad(r.Fault)
				continue
			}
			for _, name := range t.columns {
				b.cells = append(b.cells, cellText(r.Data[name]))
			}
			b.places = append(b.places, r.Place)
		}
		if b.Rows() == 0 {
			return nil
		}
		return add(b)
	})
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
	id  string
	ids *rowNames
	// files are the files, and how many ids there are up to the end of each.
	files      []string
	ends       []int
	unreadable int
}

// matchInput reads files into one table. Columns of several files are one
// where their names are alike, after as has named them anew; nil names none. id
// names the column of the record ids.
func (a *app) matchInput(ctx context.Context, paths []string, id string, as func(file int, column string) string) (*matchInput, error) {
	if as == nil {
		as = func(_ int, column string) string { return column }
	}
	in := &matchInput{ids: newRowNames(a.space)}
	var files []*tableFile
	var all []string
	at := map[string]int{}
	for i, path := range paths {
		t, err := a.tableFile(ctx, path)
		if err != nil {
			return nil, err
		}
		for _, c := range t.columns {
			c = as(i, c)
			if _, ok := at[likeHeader(c)]; !ok {
				at[likeHeader(c)] = len(all)
				all = append(all, c)
			}
		}
		files = append(files, t)
	}
	in.table = linkage.NewTableIn(a.space, all)
	if k, ok := at[likeHeader(id)]; ok {
		in.table.Single(k)
	}
	for i, t := range files {
		to := func(column string) int { return at[likeHeader(as(i, column))] }
		idAt := slices.IndexFunc(t.columns, func(c string) bool { return likeHeader(as(i, c)) == likeHeader(id) })
		if idAt < 0 {
			return nil, fault.New("E6202", t.name, "flag", "--id", "name", id, "nearest", fault.Nearest(id, t.columns))
		}
		in.id = all[to(t.columns[idAt])]
		file := 0
		if len(files) > 1 {
			file = i + 1
		}
		n, err := in.read(ctx, a, t, file, t.columns[idAt], to)
		if err != nil {
			return nil, err
		}
		in.unreadable += n
		in.files, in.ends = append(in.files, t.name), append(in.ends, in.ids.len())
	}
	return in, nil
}

// read adds the rows of one file to the table; to tells which of the table's
// columns a column of the file is.
func (in *matchInput) read(ctx context.Context, a *app, t *tableFile, file int, id string, to func(column string) int) (unreadable int, err error) {
	ids := newRowIDs(in.ids)
	defer ids.free()
	before, rows, size := in.table.Rows(), 0, 0
	add := func(b rowBlock) error {
		k := slices.Index(b.columns(), id)
		if k < 0 { // one file of an archive lacks the column
			return fault.New("E6203", b.Place(0).String(), "column", id)
		}
		if text, ok := b.(textBlock); ok {
			rows, size = rows+b.Rows(), size+text.Bytes()
			all := before + int(float64(rows)*float64(t.size)/float64(size))
			in.table.Expect(all)
			in.ids.expect(b.Rows(), all)
		}
		columns := make([]int, len(b.columns()))
		for k, c := range b.columns() {
			columns[k] = to(c)
		}
		bad := -1
		var adding sync.WaitGroup
		adding.Go(func() { bad = ids.addAll(b, k) })
		in.table.AddCells(file, b, columns)
		if adding.Wait(); bad >= 0 {
			return fault.New("E6203", b.Place(bad).String(), "column", id)
		}
		return nil
	}
	return t.blocks(ctx, a, add)
}

// likeHeader is what is alike in names of columns: First Name, first_name.
func likeHeader(s string) string {
	return strings.NewReplacer(" ", "", "_", "", "-", "").Replace(strings.ToLower(s))
}
