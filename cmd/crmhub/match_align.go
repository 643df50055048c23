package main

import (
	"context"
	"errors"
	"slices"
	"strings"

	"crmhub/fault"
	"crmhub/mdm/linkage"
	"crmhub/record"
)

// alignRows is how many rows of each file columns are laid beside each other by.
const alignRows = 5000

// alignedColumns finds which columns of two files tell of the same though they are
// named differently: those that maps names as left=right, then by their values.
func (a *app) alignedColumns(ctx context.Context, left, right, id string, maps []string) ([]linkage.Alignment, error) {
	var tables [2]*linkage.Table
	for i, path := range []string{left, right} {
		var err error
		if tables[i], err = a.sampleTable(ctx, path); err != nil {
			return nil, err
		}
	}
	heads := [2][]string{tables[0].Headers(), tables[1].Headers()}
	var out []linkage.Alignment
	var skip [2][]string
	for _, m := range maps {
		var names [2]string
		var ok bool
		if names[0], names[1], ok = strings.Cut(m, "="); !ok {
			return nil, fault.New("E1204", "", "flag", "--map", "want", "LEFT=RIGHT")
		}
		for i, path := range []string{left, right} {
			k := slices.IndexFunc(heads[i], func(h string) bool { return likeHeader(h) == likeHeader(names[i]) })
			if k < 0 {
				return nil, fault.New("E6202", path, "flag", "--map", "name", names[i], "nearest", fault.Nearest(names[i], heads[i]))
			}
			names[i] = heads[i][k]
			skip[i] = append(skip[i], names[i])
		}
		out = append(out, linkage.Alignment{Left: names[0], Right: names[1], Kind: "named"})
	}
	for _, l := range heads[0] {
		for _, r := range heads[1] {
			if likeHeader(l) == likeHeader(r) && !slices.Contains(skip[1], r) {
				skip[0], skip[1] = append(skip[0], l), append(skip[1], r)
			}
		}
	}
	for i, list := range heads {
		for _, h := range list {
			if likeHeader(h) == likeHeader(id) {
				skip[i] = append(skip[i], h)
			}
		}
	}
	found, err := linkage.Align(ctx, tables[0], tables[1], skip[0], skip[1])
	return append(out, found...), err
}

// errEnough ends the reading of a sample.
var errEnough = errors.New("enough rows")

// sampleTable reads the beginning of a file.
func (a *app) sampleTable(ctx context.Context, path string) (*linkage.Table, error) {
	f, err := a.tableFile(ctx, path)
	if err != nil {
		return nil, err
	}
	t := linkage.NewTable(f.columns)
	quiet := *a
	quiet.quiet = true
	_, err = f.each(ctx, &quiet, func(_ record.Place, cells []string) error {
		if t.Rows() == alignRows {
			return errEnough
		}
		t.Add(cells)
		return nil
	})
	if errors.Is(err, errEnough) {
		return t, f.source.Close()
	}
	return t, err
}

// renamed returns what a column of a file is called in the table: that of the
// left file where it is laid beside one.
func renamed(list []linkage.Alignment) func(file int, column string) string {
	return func(file int, column string) string {
		if file == 1 {
			for _, x := range list {
				switch {
				case x.Right == column:
					return x.Left
				case likeHeader(x.Left) == likeHeader(column):
					return column + " (2)" // another column has its place
				}
			}
		}
		return column
	}
}
