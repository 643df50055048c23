package file

import (
	"bytes"
	"errors"
	"io"
	"os"
	"slices"
	"strings"

	"crmhub/connectors/file/workbook"
	"crmhub/fault"
)

// book is an open workbook and the file it is in.
type book struct {
	*workbook.Book
	in   input
	file io.Closer
}

// maxNested bounds a workbook inside an archive, which is unpacked into memory.
const maxNested = 256 << 20

// openBook opens a workbook, unpacked into memory only where it is packed once
// more.
func (s *source) openBook(in input) (*book, error) {
	b := &book{in: in}
	var at io.ReaderAt
	size := in.size
	if in.member == "" && in.pack == "none" {
		f, err := os.Open(in.path)
		if err != nil {
			return nil, s.missing(err, in.name)
		}
		at, b.file = f, f
	} else {
		st, err := s.open(in)
		if err != nil {
			return nil, err
		}
		all, err := io.ReadAll(io.LimitReader(st, maxNested+1))
		if err = closeAfter(st, err); err != nil {
			return nil, in.broken(in.name, err)
		}
		if len(all) > maxNested {
			return nil, fault.New("E2116", in.name, "part", in.name, "limit", "256 MB")
		}
		at, size, b.file = bytes.NewReader(all), int64(len(all)), closers{}
	}
	var err error
	if b.Book, err = workbook.Open(at, size); err != nil {
		return nil, closeAfter(b, b.damaged(in.name, err))
	}
	if s.o.dateSystem != "auto" && s.o.dateSystem != "" {
		b.Base1904 = s.o.dateSystem == "1904"
	}
	return b, nil
}

// Close closes the file.
func (b *book) Close() error { return b.file.Close() }

// damaged is the fault of a workbook that can't be read.
func (b *book) damaged(place string, err error) error {
	var part *workbook.PartError
	switch {
	case errors.Is(err, workbook.ErrTooLarge) && errors.As(err, &part):
		return fault.New("E2116", place, "part", part.Part, "limit", "512 MB").Because(err)
	case errors.As(err, &part):
		return fault.New("E2115", place, "part", part.Part).Because(err)
	}
	return fault.New("E2112", place, "format", "xlsx").Because(err)
}

// choose returns the sheet that a stream names; any name will do where there
// is one sheet only that holds anything.
func (b *book) choose(stream string, o options) (workbook.Sheet, error) {
	all, err := b.readable(o)
	if err != nil {
		return workbook.Sheet{}, err
	}
	var names []string
	for _, sh := range all {
		if sh.Name == stream {
			return sh, nil
		}
		names = append(names, sh.Name)
	}
	if len(all) == 1 || len(all) > 0 && stream == "" {
		return all[0], nil
	}
	if len(all) == 0 {
		return workbook.Sheet{}, fault.New("E2104", b.in.name)
	}
	return workbook.Sheet{}, fault.New("E2111", b.in.name, "name", stream, "nearest", fault.Nearest(stream, names), "sheets", strings.Join(names, ", "))
}

// readable lists the sheets that hold anything: those the connection names,
// or all that are shown.
func (b *book) readable(o options) ([]workbook.Sheet, error) {
	var out []workbook.Sheet
	var names []string
	for _, sh := range b.Sheets {
		names = append(names, sh.Name)
	}
	for _, want := range o.sheets {
		if !slices.Contains(names, want) {
			return nil, fault.New("E2111", b.in.name, "name", want, "nearest", fault.Nearest(want, names), "sheets", strings.Join(names, ", "))
		}
	}
	for _, sh := range b.Sheets {
		if len(o.sheets) > 0 && !slices.Contains(o.sheets, sh.Name) || len(o.sheets) == 0 && sh.Hidden {
			continue
		}
		holds, err := b.Holds(sh)
		if err != nil {
			return nil, b.damaged(b.in.name, err)
		}
		if holds {
			out = append(out, sh)
		}
	}
	return out, nil
}
