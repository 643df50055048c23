package file

import (
	"bytes"
	"io"
	"strings"

	"crmhub/fault"
)

// The bounds of what is held in memory.
const (
	maxCell = 20_000_000
	maxLine = 64 << 20
	// keptRaw is how much of a line that is too long goes to quarantine.
	keptRaw = 64 << 10
)

// csvReader splits delimited text into rows: RFC 4180, and what is found in
// the wild. Quotes in the middle of a cell belong to it; a quote that is never
// closed costs its own line only, the lines after it are read as rows.
type csvReader struct {
	w     *window
	d     dialect
	line  int64 // the line that the next row begins on
	width int   // cells that a row should have; 0 while that is not known
	cells []cell
}

// cell is where a cell stands in its row; doubled says that quotes inside are
// doubled, escaped that a backslash is inside, null that it is a \N alone.
type cell struct {
	from, to               int
	doubled, escaped, null bool
}

// differs reports whether a cell may hold other text than stands in the row.
func (x cell) differs(row []byte) bool {
	return x.doubled || x.escaped || x.to > x.from && row[x.from] == '='
}

// split is one row as it was found: its bytes are valid until accept.
type split struct {
	bytes []byte     // without its line end
	size  int        // with it
	lines int64      // how many lines it covers
	code  fault.Code // why it can't be read; "" for a good row
	cell  int        // the cell at fault
}

func newCSV(w *window, d dialect) *csvReader {
	return &csvReader{w: w, d: d, line: 1}
}

// accept goes on behind a row.
func (c *csvReader) accept(s split) {
	c.w.advance(s.size)
	c.line += s.lines
}

// split finds the next row and its cells; io.EOF at the end.
func (c *csvReader) split() (split, error) {
	nl, ended, err := c.lineEnd()
	if err != nil {
		return split{}, err
	}
	if nl < 0 {
		return c.tooLong()
	}
	data := c.w.bytes()
	s := split{bytes: trimReturn(data[:nl]), size: nl, lines: 1}
	if ended {
		s.size++
	}
	if c.d.backslash() && bytes.IndexByte(s.bytes, '\\') >= 0 {
		s.lines += int64(bytes.Count(s.bytes, []byte{c.d.EOL}))
		return c.quoted(s)
	}
	if c.d.Quote == quoteNone || bytes.IndexByte(s.bytes, c.d.Quote) < 0 {
		c.plain(s.bytes)
		return c.measured(s), nil
	}
	return c.quoted(s)
}

// lineEnd returns where the line ends; nl is -1 where it is too long, ended
// false at the end of a text that does not end with a line end.
func (c *csvReader) lineEnd() (nl int, ended bool, err error) {
	seen := 0
	for {
		data := c.w.bytes()
		if i := c.d.index(data, seen, c.d.EOL); i >= 0 {
			return i, true, nil
		}
		if seen = len(data); seen >= maxLine {
			return -1, false, nil
		}
		if !c.w.more() {
			if err := c.w.failed(); err != nil {
				return 0, false, err
			}
			if seen == 0 {
				return 0, false, io.EOF
			}
			return seen, false, nil
		}
	}
}

// tooLong passes over a line that would not fit into memory; its beginning is
// kept for the quarantine.
func (c *csvReader) tooLong() (split, error) {
	s := split{bytes: bytes.Clone(c.w.bytes()[:keptRaw]), lines: 1, code: "E3115"}
	for {
		data := c.w.bytes()
		if i := bytes.IndexByte(data, c.d.EOL); i >= 0 {
			s.size = i + 1
			return s, nil
		}
		c.w.advance(len(data))
		if !c.w.more() {
			return s, nil // what ended the stream is told by the next call
		}
	}
}

// plain cuts a line without quotes.
func (c *csvReader) plain(line []byte) {
	c.cells = c.cells[:0]
	at := 0
	for {
		i := bytes.IndexByte(line[at:], c.d.Delimiter)
		if i < 0 {
			c.cells = append(c.cells, cell{from: at, to: len(line)})
			return
		}
		c.cells = append(c.cells, cell{from: at, to: at + i})
		at += i + 1
	}
}

// quoted cuts a row with quotes, which may go over several lines. first is its
// first line, which alone is given up where the quotes lead nowhere.
func (c *csvReader) quoted(first split) (split, error) {
	for {
		data := c.w.bytes()
		end, size, code, at := c.cut(data, c.w.err != nil)
		if code == needMore {
			if len(data) < maxLine {
				if !c.w.more() {
					if err := c.w.failed(); err != nil {
						return split{}, err
					}
				}
				continue
			}
			code = "E3102"
		}
		first.bytes = c.w.bytes()[:len(first.bytes)]
		if code != "" {
			if err := c.w.failed(); err != nil && code == "E3102" {
				return split{}, err
			}
			first.code, first.cell = code, at
			return first, nil
		}
		s := split{bytes: data[:end], size: size, lines: first.lines}
		if size <= first.size {
			return c.measured(s), nil
		}
		s.lines = int64(bytes.Count(data[:size], []byte{c.d.EOL}))
		if s.lines == 0 || data[size-1] != c.d.EOL {
			s.lines++
		}
		if at := c.swallowed(s); at >= 0 {
			first.code, first.cell = "E3102", at
			return first, nil
		}
		return c.measured(s), nil
	}
}

const needMore fault.Code = "more"

// cut finds the cells of the row that data begins with: its length without and
// with the line end, or the fault and the cell that has it.
func (c *csvReader) cut(data []byte, ended bool) (end, size int, code fault.Code, at int) {
	q, delim, eol := c.d.Quote, c.d.Delimiter, c.d.EOL
	c.cells = c.cells[:0]
	i, broken := 0, false
	for {
		if c.d.Blanks {
			k := i
			for k < len(data) && data[k] == ' ' {
				k++
			}
			if k == len(data) && !ended {
				return 0, 0, needMore, 0
			}
			if k < len(data) && data[k] == q {
				i = k
			}
		}
		if i >= len(data) || q == quoteNone || data[i] != q {
			stop := c.d.index(data, i, eol)
			if stop < 0 {
				if !ended {
					return 0, 0, needMore, 0
				}
				stop = len(data)
			}
			next := c.d.index(data[:stop], i, delim)
			if next >= 0 {
				c.cells = append(c.cells, c.d.bare(data, i, next))
				i = next + 1
				continue
			}
			end = len(trimReturn(data[:stop]))
			c.cells = append(c.cells, c.d.bare(data, i, max(i, end)))
			return max(i, end), min(stop+1, len(data)), "", 0
		}
		open := i
		j, doubled := i+1, false
		for {
			k := c.d.index(data, j, q)
			if k < 0 {
				if !ended {
					return 0, 0, needMore, 0
				}
				return 0, 0, "E3102", len(c.cells)
			}
			j = k
			if j+1 >= len(data) && !ended {
				return 0, 0, needMore, 0
			}
			if j+1 < len(data) && data[j+1] == q {
				doubled = true
				j += 2
				continue
			}
			break
		}
		broken = broken || bytes.IndexByte(data[open:j], eol) >= 0
		c.cells = append(c.cells, cell{from: open + 1, to: j, doubled: doubled, escaped: c.d.Escape && bytes.IndexByte(data[open:j], '\\') >= 0})
		i = j + 1
		for i < len(data) && (data[i] == ' ' && delim != ' ' || data[i] == '\t' && delim != '\t') {
			i++
		}
		switch {
		case i >= len(data):
			if !ended {
				return 0, 0, needMore, 0
			}
			return i, i, "", 0
		case data[i] == delim:
			i++
		case data[i] == eol:
			return i, i + 1, "", 0
		case data[i] == '\r' && i+1 == len(data) && !ended:
			return 0, 0, needMore, 0
		case data[i] == '\r' && i+1 == len(data):
			return i, i + 1, "", 0
		case data[i] == '\r' && data[i+1] == eol:
			return i, i + 2, "", 0
		case broken:
			return 0, 0, "E3102", c.firstBroken(data, eol)
		default:
			return 0, 0, "E3103", len(c.cells) - 1
		}
	}
}

// firstBroken is the cell that holds the first line end: where a quote that is
// not closed was opened.
func (c *csvReader) firstBroken(data []byte, eol byte) int {
	for i, x := range c.cells {
		if bytes.IndexByte(data[x.from:x.to], eol) >= 0 {
			return i
		}
	}
	return 0
}

// swallowed says at which cell a quote seems to have swallowed rows: the row
// has a wrong number of cells and a line inside it would be a whole row, or so
// many lines inside it would be that this is no chance. -1 for a good row.
func (c *csvReader) swallowed(s split) int {
	if c.width < 2 {
		return -1
	}
	at := c.firstBroken(s.bytes, c.d.EOL)
	wrong := len(c.cells) != c.width
	whole, inner := 0, 0
	rest := s.bytes
	for first := true; len(rest) > 0; first = false {
		line := rest
		i := bytes.IndexByte(rest, c.d.EOL)
		if i >= 0 {
			line = rest[:i]
			rest = rest[i+1:]
		} else {
			rest = nil
		}
		if first {
			continue
		}
		inner++
		if bytes.Count(line, []byte{c.d.Delimiter}) == c.width-1 {
			whole++
		}
	}
	if wrong && whole > 0 || c.width >= 8 && whole > 0 || c.width >= 3 && inner >= 2 && whole >= inner-1 && whole >= 2 {
		return at
	}
	return -1
}

// measured checks the sizes of the cells.
func (c *csvReader) measured(s split) split {
	if len(s.bytes) < maxCell {
		return s
	}
	for i, x := range c.cells {
		if x.to-x.from >= maxCell {
			s.code, s.cell = "E3104", i
			s.bytes = s.bytes[:keptRaw]
			return s
		}
	}
	return s
}

// texts returns the cells of a row as text.
func (c *csvReader) texts(s split) []string {
	text := string(s.bytes)
	out := make([]string, len(c.cells))
	for i, x := range c.cells {
		out[i] = c.text(text, x)
	}
	return out
}

// text returns a cell of a row: quotes taken off, and the ="…" by which
// exports keep spreadsheets from reading a number.
func (c *csvReader) text(row string, x cell) string {
	if x.null {
		return ""
	}
	s := row[x.from:x.to]
	if x.doubled {
		q := string(rune(c.d.Quote))
		s = strings.ReplaceAll(s, q+q, q)
	}
	if x.escaped {
		s = unescaped(s)
	}
	if len(s) > 2 && s[0] == '=' && s[1] == '"' && s[len(s)-1] == '"' && strings.IndexByte(s[2:len(s)-1], '"') < 0 {
		return s[2 : len(s)-1]
	}
	return s
}

func trimReturn(line []byte) []byte {
	if n := len(line); n > 0 && line[n-1] == '\r' {
		return line[:n-1]
	}
	return line
}
