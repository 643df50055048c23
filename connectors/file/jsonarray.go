package file

import (
	"bytes"
	"encoding/json"
	"io"
	"slices"
	"strings"

	"crmhub/fault"
	"crmhub/record"
)

// nextElement reads the next element of the array.
func (j *jsonRows) nextElement(row *record.Row) error {
	if j.behind != nil {
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
		here := j.mark() // before the bracket: the array may have grown the next time
		j.behind = &here
		if err := j.rest(at + 1); err != nil {
			return err
		}
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

// rest consumes n bytes, the end of the array among them, and what follows it:
// the objects around the array must be closed, and no further document may
// stand there, whose rows would be passed over.
func (j *jsonRows) rest(n int) error {
	j.count(n)
	text, escaped := false, false
	for {
		if len(j.w.bytes()) == 0 && !j.w.more() {
			if j.depth > 0 || j.w.failed() != nil {
				return j.damaged()
			}
			return nil
		}
		data := j.w.bytes()
		for at, b := range data {
			switch {
			case escaped:
				escaped = false
			case text && b == '\\':
				escaped = true
			case b == '"' && j.depth > 0:
				text = !text
			case text:
			case (b == '{' || b == '[') && j.depth > 0:
				j.depth++
			case (b == '}' || b == ']') && j.depth > 0:
				j.depth--
			case j.depth == 0 && !isBlank(b):
				j.count(at)
				return fault.New("E2120", j.place().String())
			}
		}
		j.count(len(data))
	}
}

// isBlank says that nothing is meant by a byte: white space, and what pads
// files.
func isBlank(b byte) bool {
	return b == ' ' || b == '\t' || b == '\r' || b == '\n' || b == 0 || b == 0x1a
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
		j.depth++
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
// without a wish, the first that is an array of objects, or an object that
// wraps one by its name.
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
			j.path += "/" + name
			return true, nil
		}
		if len(*want) == 0 && slices.Contains([]string{"id", "_id", "uuid", "guid"}, strings.ToLower(name)) {
			return false, nil // a row with arrays inside, not a list of rows
		}
		if len(*want) == 0 && b == '[' {
			if _, inner, ok := j.skipSpace(at+1, 0); ok && (inner == '{' || inner == ']') {
				j.path += "/" + name
				return true, nil
			}
		}
		if len(*want) == 0 && b == '{' && slices.Contains([]string{"data", "result", "results", "response", "records", "items", "d", "body"}, strings.ToLower(name)) {
			j.path += "/" + name
			return true, nil
		}
		if end, ok = j.valueEnd(at); !ok {
			return false, j.damaged()
		}
		j.count(end)
	}
}
