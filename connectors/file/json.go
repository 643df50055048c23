package file

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"path"
	"slices"
	"strings"

	"crmhub/connectors"
	"crmhub/connectors/file/charset"
	"crmhub/fault"
	"crmhub/record"
)

// jsonRows reads the objects of JSON Lines, or of one array in a document. The
// text is cut into elements by their brackets, so that a document of any size
// is read in flat memory and reading goes on at an element.
type jsonRows struct {
	in     input
	st     *stream
	w      *window
	o      options
	key    []string
	gone   string // the column that marks deleted rows
	shape  shape
	lines  bool // JSON Lines
	bare   bool // the document itself is the row
	path   string
	line   int64
	open   bool
	depth  int   // objects around the array
	behind *mark // where the array ends, once it was read to its end
	loaded int
	names  []string
}

const maxElement = 64 << 20

func (s *source) openJSON(in input, r connectors.Request, sh shape, found *sniffed) (rows, error) {
	st, err := s.text(in, sh)
	if err != nil {
		return nil, err
	}
	j := &jsonRows{in: in, st: st, w: newWindow(st), o: s.o, key: r.Key, gone: r.Deleted, shape: sh, lines: in.format == formatJSONL, bare: s.o.records == ".", line: 1}
	if !j.lines && !j.bare {
		if err := j.findArray(); err != nil {
			return nil, closeAfter(st, err)
		}
	}
	if found != nil {
		if err := j.lookAhead(s, found); err != nil {
			return nil, closeAfter(st, err)
		}
	}
	return j, nil
}

// lookAhead reads the sample for the names in it, and holds that key and
// deletion column are among them.
func (j *jsonRows) lookAhead(s *source, found *sniffed) error {
	probe := &jsonRows{in: j.in, w: newWindow(bytes.NewReader(found.sample)), o: j.o, shape: j.shape, lines: j.lines, bare: j.bare, line: 1}
	if !probe.lines && !probe.bare {
		if err := probe.findArray(); err != nil {
			return nil // told by the reader itself, or the sample is too short
		}
	}
	for range sampleRows {
		var row record.Row
		if err := probe.next(&row); err != nil {
			break
		}
		for name := range row.Data {
			if !slices.Contains(j.names, name) {
				j.names = append(j.names, name)
			}
		}
	}
	slices.Sort(j.names)
	for _, asked := range append(slices.Clone(j.key), j.gone) {
		first, _, _ := strings.Cut(asked, ".")
		if asked == "" || len(j.names) == 0 || slices.Contains(j.names, asked) || slices.Contains(j.names, first) {
			continue
		}
		if asked == j.gone && !found.whole {
			continue // a mark of deletion may come late
		}
		return fault.New("E2109", j.in.name, "name", asked, "nearest", fault.Nearest(asked, j.names))
	}
	return nil
}

func (j *jsonRows) place() record.Place { return record.Place{Name: j.in.name, Line: j.line} }

// damaged is the fault of a document whose rest can't be told apart.
func (j *jsonRows) damaged() error {
	if err := j.w.failed(); err != nil {
		return j.in.broken(j.place().String(), err)
	}
	return fault.New("E2113", j.place().String())
}

// next reads the next object.
func (j *jsonRows) next(row *record.Row) error {
	if j.lines {
		return j.nextLine(row)
	}
	return j.nextElement(row)
}

func (j *jsonRows) nextLine(row *record.Row) error {
	c := csvReader{w: j.w, d: dialect{EOL: '\n'}, line: j.line}
	for {
		nl, ended, err := c.lineEnd()
		if err == io.EOF {
			return io.EOF
		}
		if err != nil {
			return j.in.broken(j.place().String(), err)
		}
		if nl < 0 {
			s, err := c.tooLong()
			if err != nil {
				return err
			}
			row.Place = j.place()
			row.Raw, row.Fault = s.bytes, fault.New("E3115", row.Place.String(), "limit", "64 MB")
			j.w.advance(s.size)
			j.line++
			return nil
		}
		line := bytes.TrimSpace(j.w.bytes()[:nl])
		if len(line) > 0 {
			row.Place = j.place()
			j.fill(row, line)
		}
		size := nl
		if ended {
			size++
		}
		j.open, j.loaded = !ended, size
		j.w.advance(size)
		j.line++
		if len(line) > 0 {
			return nil
		}
	}
}

// fill sets a row from the bytes of a JSON value.
func (j *jsonRows) fill(row *record.Row, raw []byte) {
	refuse := func(code fault.Code, place string, args ...any) {
		row.Fault, row.Data = fault.New(code, place, args...), nil
		row.Raw = bytes.TrimSuffix(bytes.Clone(raw), []byte(charset.Undecodable))
	}
	here := row.Place.String()
	if bad := firstInvalid(raw); bad < len(raw) {
		refuse("E3106", here+":"+itoa(bad+1), "encoding", j.shape.Encoding)
		return
	}
	if raw[0] != '{' && json.Valid(raw) {
		refuse("E3110", here, "found", jsonKind(raw[0]))
		return
	}
	data, at, name, err := decodeObject(raw)
	switch {
	case errors.Is(err, errTwice):
		refuse("E3114", here, "column", cutName(name))
		return
	case errors.Is(err, errNUL):
		refuse("E3105", here+":"+itoa(at))
		return
	case errors.Is(err, errHalf):
		refuse("E3117", here+":"+itoa(at))
		return
	case err != nil:
		refuse("E3109", here+":"+itoa(at))
		return
	}
	row.Data = data
	if j.gone != "" {
		row.Deleted = record.Truth(pathValue(data, j.gone))
	}
	if len(j.key) == 0 {
		return
	}
	key, empty := joinKey(j.key, func(name string) any { return pathValue(data, name) })
	if empty != "" {
		row.Fault = fault.New("E3108", here, "column", empty)
		return
	}
	row.Key = key
}

// jsonKind names a JSON value by its first byte.
func jsonKind(first byte) string {
	switch first {
	case '[':
		return "array"
	case '"':
		return "text"
	case 't', 'f':
		return "boolean"
	case 'n':
		return "null"
	}
	return "number"
}

// pathValue returns the value of that name, or of a path of names joined by dots.
func pathValue(data map[string]any, name string) any {
	if v, ok := data[name]; ok {
		return v
	}
	var v any = data
	for _, part := range strings.Split(name, ".") {
		m, ok := v.(map[string]any)
		if !ok {
			return nil
		}
		v = m[part]
	}
	return v
}

func (j *jsonRows) mark() mark {
	if j.behind != nil {
		return *j.behind
	}
	sh := j.shape
	return mark{Offset: j.w.offset(), Line: j.line, Sum: j.w.consumed(), Open: j.open, Shape: &sh}
}

func (j *jsonRows) resume(m mark) (bool, error) {
	if m.Offset == 0 {
		return true, nil
	}
	if m.Offset < j.w.offset() || !j.w.skipTo(m.Offset) || j.w.consumed() != m.Sum {
		return false, j.w.failed()
	}
	j.line = m.Line
	if !m.Open {
		return true, nil
	}
	rest := peek(j.w)
	switch {
	case len(rest) == 0:
		j.open = true
	case rest[0] == '\n':
		j.w.advance(1)
	default:
		return false, nil
	}
	return true, nil
}

func (j *jsonRows) weight() int { return j.loaded }

// Close closes the file.
func (j *jsonRows) Close() error { return j.st.Close() }

// header tells the names that the first rows have.
func (j *jsonRows) header() header {
	h := header{stream: stem(path.Base(j.in.name)), notes: []connectors.Note{{"JSON lines", "每行一个 JSON"}}}
	switch {
	case j.bare:
		h.notes = []connectors.Note{{"the document is one row", "整个文档为一行"}}
	case !j.lines:
		at := "/" + strings.TrimPrefix(j.path, "/")
		h.notes = []connectors.Note{{"JSON array at " + at, "JSON 数组位于 " + at}}
	}
	for _, n := range j.names {
		h.columns = append(h.columns, connectors.Column{Name: n, Type: "json", Null: true})
	}
	return h
}

// cutName returns a name as it may be told: some documents use addresses and
// numbers of people for names.
func cutName(s string) string {
	count := 0
	for _, r := range s {
		if r >= '0' && r <= '9' || r == '@' {
			count++
		}
	}
	if count > 3 || len(s) > 60 || strings.Contains(s, "@") {
		return "…"
	}
	return s
}
