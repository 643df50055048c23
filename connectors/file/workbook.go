package file

import (
	"archive/zip"
	"bytes"
	"errors"
	"io"
	"io/fs"
	"os"
	"path"
	"slices"
	"strconv"
	"strings"

	"crmhub/fault"
)

// workbook is an open .xlsx. Its sheets are read from the zip as a stream:
// nothing is unpacked to disk, where cells would lie in clear, and only the
// shared texts are held in memory.
type workbook struct {
	in       input
	z        *zip.Reader
	file     io.Closer
	sheets   []sheetRef
	formats  []cellFormat // by style
	texts    sharedTexts
	base1904 bool
}

// sheetRef is a worksheet of a workbook.
type sheetRef struct {
	name, part string
	hidden     bool
}

// The bounds of what is unpacked into memory.
const (
	maxShared = 512 << 20
	maxNested = 256 << 20
)

// openWorkbook reads the parts of a workbook that all sheets need.
func (s *source) openWorkbook(in input) (*workbook, error) {
	w := &workbook{in: in}
	if err := w.openZip(s); err != nil {
		return nil, err
	}
	for _, load := range []func() error{w.loadSheets, w.loadStyles, w.loadTexts} {
		if err := load(); err != nil {
			return nil, closeAfter(w, err)
		}
	}
	if s.o.dateSystem != "auto" && s.o.dateSystem != "" {
		w.base1904 = s.o.dateSystem == "1904"
	}
	return w, nil
}

func (w *workbook) openZip(s *source) error {
	var at io.ReaderAt
	size := w.in.size
	if w.in.member == "" && w.in.pack == "none" {
		f, err := os.Open(w.in.path)
		if err != nil {
			return s.missing(err, w.in.name)
		}
		at, w.file = f, f
	} else {
		st, err := s.open(w.in)
		if err != nil {
			return err
		}
		all, err := io.ReadAll(io.LimitReader(st, maxNested+1))
		if err = closeAfter(st, err); err != nil {
			return w.in.broken(w.in.name, err)
		}
		if len(all) > maxNested {
			return fault.New("E2116", w.in.name, "part", w.in.name, "limit", "256 MB")
		}
		at, size, w.file = bytes.NewReader(all), int64(len(all)), closers{}
	}
	z, err := zip.NewReader(at, size)
	if err != nil {
		return closeAfter(w.file, fault.New("E2112", w.in.name, "format", "xlsx").Because(err))
	}
	w.z = z
	return nil
}

// Close closes the file.
func (w *workbook) Close() error { return w.file.Close() }

func (w *workbook) damaged(part string, err error) error {
	return fault.New("E2115", w.in.name, "part", part).Because(err)
}

// part opens a part of the workbook; names are compared without case, as the
// format asks.
func (w *workbook) part(name string) (io.ReadCloser, error) {
	for _, f := range w.z.File {
		if strings.EqualFold(strings.TrimPrefix(strings.ReplaceAll(f.Name, `\`, "/"), "/"), name) {
			return f.Open()
		}
	}
	return nil, fs.ErrNotExist
}

// scan calls visit for each opening tag of a part; a part that is not there
// is passed over where it may be missing.
func (w *workbook) scan(name string, required bool, visit func(x *xmlScanner) error) error {
	r, err := w.part(name)
	if errors.Is(err, fs.ErrNotExist) && !required {
		return nil
	}
	if err != nil {
		return w.damaged(name, err)
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
	if err = closeAfter(r, err); err != nil && fault.Of(err) == nil {
		return w.damaged(name, err)
	}
	return err
}

// loadSheets reads the list of sheets and where their parts are.
func (w *workbook) loadSheets() error {
	targets := map[string]string{}
	err := w.scan("xl/_rels/workbook.xml.rels", true, func(x *xmlScanner) error {
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
	return w.scan("xl/workbook.xml", true, func(x *xmlScanner) error {
		switch x.name {
		case "workbookPr":
			v := string(x.attr("date1904"))
			w.base1904 = v == "1" || v == "true"
		case "sheet":
			if part, ok := targets[string(x.attr("id"))]; ok {
				state := string(x.attr("state"))
				w.sheets = append(w.sheets, sheetRef{name: string(x.attr("name")), part: part, hidden: state == "hidden" || state == "veryHidden"})
			}
		}
		return nil
	})
}

// loadStyles reads how numbers are shown.
func (w *workbook) loadStyles() error {
	codes := map[int]string{}
	inCells := false
	return w.scan("xl/styles.xml", false, func(x *xmlScanner) error {
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
				w.formats = append(w.formats, formatOf(id, codes[id]))
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
func (w *workbook) loadTexts() error {
	const part = "xl/sharedStrings.xml"
	return w.scan(part, false, func(x *xmlScanner) error {
		if x.name != "si" {
			return nil
		}
		var err error
		if w.texts.all, err = richText(x, "si", w.texts.all); err != nil {
			return err
		}
		w.texts.ends = append(w.texts.ends, uint32(len(w.texts.all)))
		if len(w.texts.all) > maxShared {
			return fault.New("E2116", w.in.name, "part", part, "limit", "512 MB")
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
func unescapeText(b []byte, from int) []byte {
	if !bytes.Contains(b[from:], []byte("_x")) {
		return b
	}
	out := b[:from:from]
	for text := b[from:]; len(text) > 0; {
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

// choose returns the sheet that a stream names; any name will do where there
// is one sheet only that holds anything.
func (w *workbook) choose(stream string, o options) (sheetRef, error) {
	all, err := w.readable(o)
	if err != nil {
		return sheetRef{}, err
	}
	var names []string
	for _, sh := range all {
		if sh.name == stream {
			return sh, nil
		}
		names = append(names, sh.name)
	}
	if len(all) == 1 || len(all) > 0 && stream == "" {
		return all[0], nil
	}
	if len(all) == 0 {
		return sheetRef{}, fault.New("E2104", w.in.name)
	}
	return sheetRef{}, fault.New("E2111", w.in.name, "name", stream, "nearest", fault.Nearest(stream, names), "sheets", strings.Join(names, ", "))
}

// readable lists the sheets that hold anything: those the connection names,
// or all that are shown.
func (w *workbook) readable(o options) ([]sheetRef, error) {
	var out []sheetRef
	var names []string
	for _, sh := range w.sheets {
		names = append(names, sh.name)
	}
	for _, want := range o.sheets {
		if !slices.Contains(names, want) {
			return nil, fault.New("E2111", w.in.name, "name", want, "nearest", fault.Nearest(want, names), "sheets", strings.Join(names, ", "))
		}
	}
	for _, sh := range w.sheets {
		if len(o.sheets) > 0 && !slices.Contains(o.sheets, sh.name) || len(o.sheets) == 0 && sh.hidden {
			continue
		}
		holds, err := w.holds(sh)
		if err != nil {
			return nil, err
		}
		if holds {
			out = append(out, sh)
		}
	}
	return out, nil
}

// holds says whether a sheet has any cell with a value.
func (w *workbook) holds(sh sheetRef) (bool, error) {
	found := false
	err := w.scan(sh.part, true, func(x *xmlScanner) error {
		if x.name == "v" || x.name == "is" {
			found = true
			return io.EOF
		}
		return nil
	})
	return found, err
}
