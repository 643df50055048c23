package bill

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"regexp"
	"strconv"
	"strings"
	"unicode/utf8"

	"crmhub/fault"
)

// Layout is how a provider writes its statements.
type Layout struct {
	// First is the name of the first column: the line that begins with it is
	// the header. Lines before it say whose statement it is.
	First string
	// Mark stands before every cell; "" where cells are parted by commas alone.
	Mark string
	// Sums is the beginning of the line behind the rows; what follows it is no row.
	Sums string
	// Offset is the zone of the statement's times (+08:00), which bear none:
	// 2026-03-01 10:00:00 becomes 2026-03-01T10:00:00+08:00.
	Offset string
	// Counts are the numbers of rows that the sums name, which must be as many
	// as were read; nil where they name none.
	Counts func(sums []string) (rows int64, found bool)
}

// Sheet reads the rows of one statement. It is not safe for concurrent use.
type Sheet struct {
	r      *bufio.Reader
	l      Layout
	header []string
	line   int64
	rows   int64
	sums   []string
	closes []io.Closer
}

// NewSheet reads UTF-8 text; closes are closed with the sheet.
func NewSheet(r io.Reader, l Layout, closes ...io.Closer) *Sheet {
	return &Sheet{r: bufio.NewReaderSize(r, 64<<10), l: l, closes: closes}
}

// Line is one row: its number in the statement, its cells by column, or why it
// could not be read.
type Line struct {
	Number int64
	Cells  map[string]any
	Raw    []byte
	Fault  *fault.Error
}

// The ways in which a statement is not one.
var (
	errNoHeader = errors.New("it has no header row")
	errCount    = errors.New("its sums name another number of rows than it has")
	errCut      = errors.New("it ends before its sums")
	errLong     = errors.New("a line is longer than a megabyte")
)

const longest = 1 << 20

var stamp = regexp.MustCompile(`^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$`)

// Next returns the next row, io.EOF behind the last. Where the statement is
// cut, or counts other rows than it has, that is the error in place of io.EOF.
func (s *Sheet) Next() (Line, error) {
	for {
		text, err := s.text()
		if errors.Is(err, io.EOF) {
			return Line{}, s.end()
		}
		if err != nil {
			return Line{}, err
		}
		switch {
		case strings.TrimSpace(text) == "":
		case s.header == nil:
			if cells := s.cells(text); cells[0] == s.l.First {
				s.header = cells
			}
		case s.sums != nil || strings.HasPrefix(text, s.l.Sums):
			s.sums = append(s.sums, text)
		default:
			s.rows++
			return s.row(text), nil
		}
	}
}

// text returns the next line without its end.
func (s *Sheet) text() (string, error) {
	var long []byte
	for {
		part, err := s.r.ReadSlice('\n')
		long = append(long, part...)
		switch {
		case len(long) > longest:
			return "", errLong
		case errors.Is(err, bufio.ErrBufferFull):
			continue
		case errors.Is(err, io.EOF) && len(long) > 0, err == nil:
			s.line++
			return strings.TrimRight(string(bytes.TrimPrefix(long, []byte("\xef\xbb\xbf"))), "\r\n"), nil
		}
		return "", err
	}
}

func (s *Sheet) row(text string) Line {
	out := Line{Number: s.line, Raw: []byte(text)}
	cells := s.cells(text)
	if len(cells) != len(s.header) {
		out.Fault = fault.New("E3101", "", "got", len(cells), "want", len(s.header))
		return out
	}
	out.Cells = make(map[string]any, len(cells))
	for i, c := range cells {
		if !utf8.ValidString(c) || strings.ContainsRune(c, utf8.RuneError) {
			out.Fault = fault.New("E3106", "", "encoding", "gb18030")
		}
		switch {
		case c == "":
			out.Cells[s.header[i]] = nil
		case s.l.Offset != "" && stamp.MatchString(c):
			out.Cells[s.header[i]] = c[:10] + "T" + c[11:] + s.l.Offset
		default:
			out.Cells[s.header[i]] = c
		}
	}
	return out
}

// cells cuts a line. A mark before each cell parts them even where a cell has a
// comma; else a cell with a comma is in quotes.
func (s *Sheet) cells(text string) []string {
	var out []string
	if rest, marked := strings.CutPrefix(text, s.l.Mark); marked && s.l.Mark != "" {
		out = strings.Split(rest, ","+s.l.Mark)
	} else {
		out = split(text)
	}
	for i := range out {
		out[i] = strings.Trim(out[i], " \t\u3000")
	}
	return out
}

// split cuts a line at its commas outside of quotes.
func split(text string) []string {
	var out []string
	var cell strings.Builder
	quoted := false
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case c == '"' && quoted && i+1 < len(text) && text[i+1] == '"':
			cell.WriteByte('"')
			i++
		case c == '"' && (quoted || strings.TrimSpace(cell.String()) == ""):
			quoted = !quoted
		case c == ',' && !quoted:
			out = append(out, cell.String())
			cell.Reset()
		default:
			cell.WriteByte(c)
		}
	}
	return append(out, cell.String())
}

// end holds the statement against its own sums.
func (s *Sheet) end() error {
	switch {
	case s.header == nil:
		return errNoHeader
	case s.l.Counts == nil:
		return io.EOF
	}
	n, found := s.l.Counts(s.sums)
	switch {
	case !found:
		return errCut
	case n != s.rows:
		return errCount
	}
	return io.EOF
}

// Close closes what the sheet is read from.
func (s *Sheet) Close() error {
	var errs []error
	for _, c := range s.closes {
		errs = append(errs, c.Close())
	}
	return errors.Join(errs...)
}

// Digits returns the first number in a text, for Counts.
func Digits(s string) (int64, bool) {
	start := strings.IndexAny(s, "0123456789")
	if start < 0 {
		return 0, false
	}
	end := start
	for end < len(s) && (s[end] >= '0' && s[end] <= '9' || s[end] == ',') {
		end++
	}
	n, err := strconv.ParseInt(strings.ReplaceAll(s[start:end], ",", ""), 10, 64)
	return n, err == nil
}
