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
	line   int64
	open   bool
	ended  bool
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

// nextElement reads the next element of the array.
func (j *jsonRows) nextElement(row *record.Row) error {
	if j.ended {
		return io.EOF
	}
	at, b, ok := j.skipSpace(0, ',')
	if !ok && j.bare && j.w.failed() == nil {
		return io.EOF
	}
	if !ok {
		return j.damaged()
	}
	if b == ']' && !j.bare {
		j.ended = true // not consumed: the array may have grown the next time
		return io.EOF
	}
	end, ok := j.valueEnd(at)
	if !ok {
		j.countUpTo(at)
		return j.damaged()
	}
	j.count(at)
	row.Place = j.place()
	j.fill(row, j.w.bytes()[:end-at])
	j.loaded = end - at
	j.count(end - at)
	return nil
}

// count consumes n bytes and the lines in them.
func (j *jsonRows) count(n int) {
	j.countUpTo(n)
	j.w.advance(n)
}

func (j *jsonRows) countUpTo(n int) {
	j.line += int64(bytes.Count(j.w.bytes()[:n], []byte{'\n'}))
}

// skipSpace returns where the next byte is that is neither white space nor the
// one to skip, counted from what was consumed.
func (j *jsonRows) skipSpace(from int, skip byte) (at int, b byte, ok bool) {
	for at = from; ; at++ {
		for at >= len(j.w.bytes()) {
			if !j.w.more() {
				return at, 0, false
			}
		}
		switch b = j.w.bytes()[at]; b {
		case ' ', '\t', '\r', '\n', skip:
		default:
			return at, b, true
		}
	}
}

// valueEnd returns where the value ends that begins at from: behind its last
// bracket or quote, or before the delimiter of a bare word.
func (j *jsonRows) valueEnd(from int) (int, bool) {
	depth, text, escaped := 0, false, false
	for at := from; ; {
		data := j.w.bytes()
		for ; at < len(data); at++ {
			b := data[at]
			switch {
			case escaped:
				escaped = false
			case text && b == '\\':
				escaped = true
			case b == '"':
				if text = !text; !text && depth == 0 {
					return at + 1, true
				}
			case text:
			case b == '{' || b == '[':
				depth++
			case b == '}' || b == ']':
				if depth == 0 {
					return at, at > from
				}
				if depth--; depth == 0 {
					return at + 1, true
				}
			case depth == 0 && (b == ',' || b == ' ' || b == '\n' || b == '\r' || b == '\t'):
				return at, at > from
			}
		}
		if at-from >= maxElement || !j.w.more() {
			return 0, false
		}
	}
}

// findArray goes to the first element of the array of rows: where records
// leads, or the document itself, or the first array of objects in it.
func (j *jsonRows) findArray() error {
	var want []string
	if p := strings.Trim(strings.TrimPrefix(j.o.records, "$"), "/."); p != "" {
		want = strings.FieldsFunc(p, func(r rune) bool { return r == '/' || r == '.' })
		for i := range want {
			want[i] = strings.NewReplacer("~1", "/", "~0", "~").Replace(want[i])
		}
	}
	for {
		at, b, ok := j.skipSpace(0, ',')
		if !ok {
			return j.noArray(want)
		}
		switch {
		case b == '[' && len(want) == 0:
			j.count(at + 1)
			return nil
		case b != '{':
			return j.noArray(want)
		}
		j.count(at + 1)
		down, err := j.enter(&want)
		if err != nil {
			return err
		}
		if !down {
			return j.noArray(want)
		}
	}
}

func (j *jsonRows) noArray(want []string) error {
	if err := j.w.failed(); err != nil {
		return j.damaged()
	}
	return fault.New("E2114", j.in.name, "path", "/"+strings.Join(want, "/"))
}

// enter passes over the members of an object until the one that is wanted;
// without a wish, the first that is an array of objects, or an object.
func (j *jsonRows) enter(want *[]string) (bool, error) {
	for {
		at, b, ok := j.skipSpace(0, ',')
		if !ok {
			return false, j.damaged()
		}
		if b == '}' {
			return false, nil
		}
		end, ok := j.valueEnd(at)
		if !ok || b != '"' {
			return false, j.damaged()
		}
		var name string
		if json.Unmarshal(j.w.bytes()[at:end], &name) != nil {
			return false, j.damaged()
		}
		j.count(end)
		if at, b, ok = j.skipSpace(0, 0); !ok || b != ':' {
			return false, j.damaged()
		}
		j.count(at + 1)
		if at, b, ok = j.skipSpace(0, 0); !ok {
			return false, j.damaged()
		}
		if len(*want) > 0 && name == (*want)[0] {
			*want = (*want)[1:]
			return true, nil
		}
		if len(*want) == 0 && b == '[' {
			if _, inner, ok := j.skipSpace(at+1, 0); ok && (inner == '{' || inner == ']') {
				return true, nil
			}
		}
		if len(*want) == 0 && b == '{' && slices.Contains([]string{"data", "result", "results", "response", "records", "items", "d", "body"}, strings.ToLower(name)) {
			return true, nil
		}
		if end, ok = j.valueEnd(at); !ok {
			return false, j.damaged()
		}
		j.count(end)
	}
}

// fill sets a row from the bytes of a JSON value.
func (j *jsonRows) fill(row *record.Row, raw []byte) {
	refuse := func(code fault.Code, place string, args ...any) {
		row.Fault, row.Data = fault.New(code, place, args...), nil
		row.Raw = bytes.TrimSuffix(bytes.Clone(raw), []byte(undecodable))
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
	case err != nil:
		refuse("E3109", here+":"+itoa(at))
		return
	}
	row.Data = data
	if j.gone != "" {
		row.Deleted = truth(pathValue(data, j.gone))
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
	h := header{stream: stem(path.Base(j.in.name)), notes: []string{"JSON lines"}}
	if !j.lines {
		h.notes = []string{"JSON array"}
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
