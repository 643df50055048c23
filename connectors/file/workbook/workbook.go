// Package workbook reads Excel workbooks (.xlsx) as a stream: nothing is unpacked to disk, where cells would lie in clear, and only the texts that cells share are held in memory.
package workbook

import (
	"archive/zip"
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"strconv"
	"strings"
)

// Book is an open workbook. It is not safe for concurrent use.
type Book struct {
	// Sheets are its worksheets in their order.
	Sheets []Sheet
	// Base1904 says that dates count from 1904.
	Base1904 bool

	z       *zip.Reader
	formats []cellFormat // by style
	texts   sharedTexts
}

// Sheet is a worksheet of a workbook.
type Sheet struct {
	Name   string
	Hidden bool
	part   string
}

// PartError says which part of a workbook can't be read.
type PartError struct {
	Part string
	Err  error
}

// Error names the part.
func (e *PartError) Error() string { return "workbook part " + e.Part + ": " + e.Err.Error() }

// Unwrap returns why.
func (e *PartError) Unwrap() error { return e.Err }

// ErrTooLarge says that the texts which cells share would not fit into memory.
var ErrTooLarge = errors.New("larger than 512 MB when unpacked")

const maxShared = 512 << 20

// Open reads the parts of a workbook that all sheets need. What is no zip is a
// zip.ErrFormat, a broken part a *PartError.
func Open(at io.ReaderAt, size int64) (*Book, error) {
	z, err := zip.NewReader(at, size)
	if err != nil {
		return nil, fmt.Errorf("open workbook: %w", err)
	}
	b := &Book{z: z}
	for _, load := range []func() error{b.loadSheets, b.loadStyles, b.loadTexts} {
		if err := load(); err != nil {
			return nil, err
		}
	}
	return b, nil
}

// part opens a part of the workbook; names are compared without case, as the
// format asks.
func (b *Book) part(name string) (io.ReadCloser, error) {
	for _, f := range b.z.File {
		if strings.EqualFold(strings.TrimPrefix(strings.ReplaceAll(f.Name, `\`, "/"), "/"), name) {
			return f.Open()
		}
	}
	return nil, fs.ErrNotExist
}

// scan calls visit for each opening tag of a part; a part that is not there
// is passed over where it may be missing.
func (b *Book) scan(name string, required bool, visit func(x *xmlScanner) error) error {
	r, err := b.part(name)
	if errors.Is(err, fs.ErrNotExist) && !required {
		return nil
	}
	if err != nil {
		return &PartError{name, err}
	}
	x := newXML(r)
	for {
		if err = x.next(); err != nil {
			break
		}
		if !x.start {
			continue
		}
		if err = visit(x); err != nil {
			break
		}
	}
	if err == io.EOF {
		err = nil
	}
	if cerr := r.Close(); err == nil {
		err = cerr
	}
	if err != nil {
		return &PartError{name, err}
	}
	return nil
}

// loadSheets reads the list of sheets and where their parts are.
func (b *Book) loadSheets() error {
	targets := map[string]string{}
	err := b.scan("xl/_rels/workbook.xml.rels", true, func(x *xmlScanner) error {
		if x.name == "Relationship" && strings.HasSuffix(string(x.attr("Type")), "/worksheet") {
			target := string(x.attr("Target"))
			if !strings.HasPrefix(target, "/") {
				target = path.Join("xl", target)
			}
			targets[string(x.attr("Id"))] = strings.TrimPrefix(target, "/")
		}
		return nil
	})
	if err != nil {
		return err
	}
	return b.scan("xl/workbook.xml", true, func(x *xmlScanner) error {
		switch x.name {
		case "workbookPr":
			v := string(x.attr("date1904"))
			b.Base1904 = v == "1" || v == "true"
		case "sheet":
			if part, ok := targets[string(x.attr("id"))]; ok {
				state := string(x.attr("state"))
				b.Sheets = append(b.Sheets, Sheet{Name: string(x.attr("name")), part: part, Hidden: state == "hidden" || state == "veryHidden"})
			}
		}
		return nil
	})
}

// loadStyles reads how numbers are shown.
func (b *Book) loadStyles() error {
	codes := map[int]string{}
	inCells := false
	return b.scan("xl/styles.xml", false, func(x *xmlScanner) error {
		switch x.name {
		case "numFmt":
			if id, err := strconv.Atoi(string(x.attr("numFmtId"))); err == nil {
				codes[id] = string(x.attr("formatCode"))
			}
		case "cellXfs":
			inCells = true
		case "cellStyles", "dxfs", "cellStyleXfs":
			inCells = false
		case "xf":
			if inCells {
				id, err := strconv.Atoi(string(x.attr("numFmtId")))
				if err != nil {
					id = 0
				}
				b.formats = append(b.formats, formatOf(id, codes[id]))
			}
		}
		return nil
	})
}

// sharedTexts holds the texts that cells share, end to end.
type sharedTexts struct {
	all  []byte
	ends []uint32
}

// get returns a text; false where there is none of that number.
func (t *sharedTexts) get(i int) (string, bool) {
	if i < 0 || i >= len(t.ends) {
		return "", false
	}
	from := uint32(0)
	if i > 0 {
		from = t.ends[i-1]
	}
	return string(t.all[from:t.ends[i]]), true
}

// loadTexts reads the shared texts.
func (b *Book) loadTexts() error {
	const part = "xl/sharedStrings.xml"
	return b.scan(part, false, func(x *xmlScanner) error {
		if x.name != "si" {
			return nil
		}
		var err error
		if b.texts.all, err = richText(x, "si", b.texts.all); err != nil {
			return err
		}
		b.texts.ends = append(b.texts.ends, uint32(len(b.texts.all)))
		if len(b.texts.all) > maxShared {
			return ErrTooLarge
		}
		return nil
	})
}

// richText appends the texts inside an element that was just opened, without
// the readings that stand above them.
func richText(x *xmlScanner, name string, to []byte) ([]byte, error) {
	if x.end {
		return to, nil
	}
	start := len(to)
	for {
		if err := x.next(); err != nil {
			return to, unexpected(err)
		}
		switch {
		case x.start && x.name == "rPh":
			if err := x.skip(); err != nil {
				return to, err
			}
		case !x.start && x.name == "t":
			to = append(to, x.text...)
		case !x.start && x.name == name:
			return unescapeText(to, start), nil
		}
	}
}

// unescapeText undoes _x000D_, by which workbooks hold control characters.
func unescapeText(all []byte, from int) []byte {
	if !bytes.Contains(all[from:], []byte("_x")) {
		return all
	}
	out := all[:from:from]
	for text := all[from:]; len(text) > 0; {
		if len(text) >= 7 && text[0] == '_' && text[1] == 'x' && text[6] == '_' {
			if n, err := strconv.ParseUint(string(text[2:6]), 16, 16); err == nil && n > 0 && (n < 0xd800 || n > 0xdfff) {
				out = append(out, string(rune(n))...)
				text = text[7:]
				continue
			}
		}
		out = append(out, text[0])
		text = text[1:]
	}
	return out
}

// Holds says whether a sheet has any cell with a value.
func (b *Book) Holds(s Sheet) (bool, error) {
	found := false
	err := b.scan(s.part, true, func(x *xmlScanner) error {
		if x.name == "v" || x.name == "is" {
			found = true
			return io.EOF
		}
		return nil
	})
	return found, err
}
