package file

import (
	"bytes"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"crmhub/connectors"
	"crmhub/connectors/file/charset"
	"crmhub/connectors/file/message"
	"crmhub/fault"
	"crmhub/record"
)

// mailFile is a file that is one message.
type mailFile struct {
	s    *source
	in   input
	key  []string
	done bool
	size int
}

func (s *source) openMessage(in input, r connectors.Request) (rows, error) {
	if err := mailKey(in.name, r); err != nil {
		return nil, err
	}
	return &mailFile{s: s, in: in, key: r.Key}, nil
}

// mailKey holds that the key columns that are asked for are those of a message.
func mailKey(place string, r connectors.Request) error {
	var names []string
	for _, c := range message.Columns() {
		names = append(names, c.Name)
	}
	for _, k := range r.Key {
		if base, _, _ := strings.Cut(k, "."); !slices.Contains(names, base) {
			return fault.New("E2109", place, "name", k, "nearest", fault.Nearest(k, names))
		}
	}
	return nil
}

// keyed sets the key that was asked for in place of the message's id.
func keyed(row *record.Row, key []string) {
	if len(key) == 0 || row.Data == nil {
		return
	}
	k, empty := joinKey(key, func(name string) any { return pathValue(row.Data, name) })
	if empty != "" {
		row.Key, row.Fault = "", fault.New("E3108", row.Place.String(), "column", empty)
		return
	}
	row.Key = k
}

// next reads the message.
func (m *mailFile) next(row *record.Row) error {
	if m.done {
		return io.EOF
	}
	st, err := m.s.open(m.in)
	if err != nil {
		return err
	}
	raw, err := io.ReadAll(io.LimitReader(st, message.MaxSize+1))
	if err != nil {
		return closeAfter(st, m.in.broken(m.in.name, err))
	}
	if err := st.Close(); err != nil {
		return m.in.broken(m.in.name, err)
	}
	m.done, m.size = true, len(raw)
	row.Place = record.Place{Name: m.in.identity()}
	switch {
	case len(raw) > message.MaxSize:
		row.Raw, row.Fault = bytes.Clone(raw[:keptRaw]), fault.New("E3113", row.Place.String(), "limit", "128 MB")
	case !messageRow(row, raw):
		row.Fault = fault.New("E3112", row.Place.String())
	default:
		keyed(row, m.key)
	}
	return nil
}

func (m *mailFile) mark() mark {
	if m.done {
		return mark{Offset: 1}
	}
	return mark{}
}

// resume goes on behind a message: its name is its identity.
func (m *mailFile) resume(at mark) (bool, error) {
	m.done = at.Offset > 0
	return true, nil
}

func (m *mailFile) weight() int { return m.size }

// Close has nothing to close.
func (m *mailFile) Close() error { return nil }

// isMaildir says whether a folder is one.
func isMaildir(dir string) bool {
	for _, sub := range []string{"cur", "new"} {
		info, err := os.Stat(filepath.Join(dir, sub))
		if err != nil || !info.IsDir() {
			return false
		}
	}
	return true
}

// maildir lists the messages of a Maildir and of the folders in it, in the
// order of their unique names, which is that of their delivery.
func (s *source) maildir(root string) ([]input, error) {
	dirs := []string{root}
	entries, err := os.ReadDir(root)
	if err != nil {
		return nil, s.missing(err, s.o.path)
	}
	for _, e := range entries {
		if sub := filepath.Join(root, e.Name()); e.IsDir() && strings.HasPrefix(e.Name(), ".") && isMaildir(sub) {
			dirs = append(dirs, sub)
		}
	}
	var out []input
	for _, dir := range dirs {
		for _, sub := range []string{"cur", "new"} {
			box := filepath.Join(dir, sub)
			mails, err := os.ReadDir(box)
			if os.IsNotExist(err) {
				continue
			}
			if err != nil {
				return nil, s.missing(err, filepath.Join(filepath.Base(dir), sub))
			}
			for _, e := range mails {
				info, err := e.Info()
				if err != nil || info.IsDir() || ignored(e.Name()) {
					continue // a mail may be moved while the folder is read
				}
				out = append(out, input{path: filepath.Join(box, e.Name()), name: e.Name(), size: info.Size(), mtime: info.ModTime().UnixNano(), format: formatEML, pack: "none"})
			}
		}
	}
	slices.SortStableFunc(out, func(a, b input) int { return natural(a.identity(), b.identity()) })
	return out, nil
}

// mbox reads the messages of a mailbox in one file.
type mbox struct {
	in     input
	st     *stream
	w      *window
	key    []string
	line   int64
	loaded int
}

func (s *source) openMbox(in input, r connectors.Request) (rows, error) {
	if err := mailKey(in.name, r); err != nil {
		return nil, err
	}
	st, err := s.open(in)
	if err != nil {
		return nil, err
	}
	return &mbox{in: in, st: st, w: newWindow(st), key: r.Key, line: 1}, nil
}

var fromLine = regexp.MustCompile(`^From (\S+|".*"\S*|.*@\S+| *- ) ?.*\d{1,2}:\d{2}`)

// isFromLine says whether a text begins with the line that parts the messages
// of an mbox: it has a time, which a sentence that begins with From has not.
func isFromLine(text []byte) bool {
	if !bytes.HasPrefix(text, []byte("From ")) {
		return false
	}
	line, _, _ := bytes.Cut(text[:min(len(text), 1000)], []byte("\n"))
	return fromLine.Match(line)
}

// next reads the next message.
func (m *mbox) next(row *record.Row) error {
	end, err := m.messageEnd()
	if err != nil {
		return err
	}
	row.Place = record.Place{Name: m.in.name, Line: m.line}
	if end < 0 {
		row.Raw = bytes.Clone(m.w.bytes()[:keptRaw])
		row.Fault = fault.New("E3113", row.Place.String(), "limit", "128 MB")
		return m.passOver()
	}
	raw := m.w.bytes()[:end]
	if !messageRow(row, unstuff(raw)) {
		row.Fault = fault.New("E3112", row.Place.String())
	} else {
		keyed(row, m.key)
	}
	m.take(end)
	m.loaded = end
	return nil
}

func (m *mbox) take(n int) {
	m.line += int64(bytes.Count(m.w.bytes()[:n], []byte{'\n'}))
	m.w.advance(n)
}

// messageEnd returns where the next message ends; -1 where it is too large,
// io.EOF where there is none.
func (m *mbox) messageEnd() (int, error) {
	for len(bytes.TrimLeft(peek(m.w), "\r\n")) == 0 {
		m.take(len(m.w.bytes()))
		if !m.w.more() {
			if err := m.w.failed(); err != nil {
				return 0, m.in.broken(record.Place{Name: m.in.name, Line: m.line}.String(), err)
			}
			return 0, io.EOF
		}
	}
	m.take(len(m.w.bytes()) - len(bytes.TrimLeft(m.w.bytes(), "\r\n")))
	at := 1
	for {
		data := m.w.bytes()
		for at < len(data) {
			i := bytes.Index(data[at:], []byte("\nFrom "))
			if i < 0 {
				at = max(at, len(data)-6)
				break
			}
			at += i
			if m.w.err == nil && bytes.Count(data[at+1:], []byte{'\n'}) < 2 && len(data)-at < 4000 {
				break // the line and the next are not whole yet
			}
			if startsMessage(data, at) {
				return at + 1, nil
			}
			at++
		}
		if len(data) > message.MaxSize {
			return -1, nil
		}
		if !m.w.more() {
			if err := m.w.failed(); err != nil {
				return 0, m.in.broken(record.Place{Name: m.in.name, Line: m.line}.String(), err)
			}
			data = m.w.bytes()
			for ; at < len(data); at++ {
				i := bytes.Index(data[at:], []byte("\nFrom "))
				if i < 0 {
					break
				}
				if at += i; startsMessage(data, at) {
					return at + 1, nil
				}
			}
			return len(data), nil
		}
	}
}

var headerLine = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9-]*:`)

// startsMessage says whether the line behind the line end at that offset parts
// two messages: an empty line stands before it, as it must, or a header behind.
func startsMessage(data []byte, at int) bool {
	if !isFromLine(data[at+1:]) {
		return false
	}
	before := trimReturn(data[:at])
	if len(before) == 0 || before[len(before)-1] == '\n' {
		return true
	}
	_, after, _ := bytes.Cut(data[at+1:min(len(data), at+4000)], []byte{'\n'})
	return headerLine.Match(after)
}

// passOver consumes a message that is too large.
func (m *mbox) passOver() error {
	m.take(1)
	for {
		data := m.w.bytes()
		if i := bytes.Index(data, []byte("\nFrom ")); i >= 0 && isFromLine(data[i+1:]) {
			m.take(i + 1)
			return nil
		}
		m.take(max(0, len(data)-1000))
		if !m.w.more() {
			m.take(len(m.w.bytes()))
			return nil // what ended the stream is told by the next call
		}
	}
}

// unstuff takes off the > that mbox writers put before From at the beginning
// of a line.
func unstuff(raw []byte) []byte {
	if !bytes.Contains(raw, []byte("\n>")) {
		return raw
	}
	out := make([]byte, 0, len(raw))
	for len(raw) > 0 {
		line := raw
		if i := bytes.IndexByte(raw, '\n'); i >= 0 {
			line = raw[:i+1]
		}
		raw = raw[len(line):]
		if quoted := bytes.TrimLeft(line, ">"); len(quoted) < len(line) && bytes.HasPrefix(quoted, []byte("From ")) {
			line = line[1:]
		}
		out = append(out, line...)
	}
	return out
}

func (m *mbox) mark() mark {
	return mark{Offset: m.w.offset(), Line: m.line, Sum: m.w.consumed(), Shape: &shape{Encoding: charset.UTF8}}
}

func (m *mbox) resume(at mark) (bool, error) {
	if at.Offset == 0 {
		return true, nil
	}
	if !m.w.skipTo(at.Offset) || m.w.consumed() != at.Sum {
		return false, m.w.failed()
	}
	m.line = at.Line
	// What follows must be a message of its own, not the rest of the last.
	rest := bytes.TrimLeft(peek(m.w), "\r\n")
	return len(rest) == 0 || isFromLine(rest), nil
}

func (m *mbox) weight() int { return m.loaded }

// Close closes the file.
func (m *mbox) Close() error { return m.st.Close() }

// messageRow fills a row from a message.
func messageRow(row *record.Row, raw []byte) bool {
	data, ok := message.Read(bytes.TrimLeft(raw, "\r\n"))
	if !ok {
		row.Raw = bytes.Clone(raw[:min(len(raw), keptRaw)])
		return false
	}
	row.Data = data
	row.Key, _ = data["message_id"].(string)
	return true
}
