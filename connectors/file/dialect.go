package file

import (
	"bytes"
	"cmp"
	"math"
	"regexp"
	"strconv"
	"strings"

	"crmhub/connectors"
)

// dialect is how a delimited text is written, and where its header stands.
type dialect struct {
	Delimiter byte `json:"delimiter"`
	Quote     byte `json:"quote"` // quoteNone where nothing is quoted
	EOL       byte `json:"eol"`   // '\n', or '\r' for the oldest files
	// Blanks says that blanks may stand before the quote that opens a cell.
	Blanks bool `json:"blanks,omitempty"`
	// Escape says that a backslash takes what follows it literally, or as the
	// databases' sign for it; Null that a cell of \N alone is null.
	Escape bool `json:"escape,omitempty"`
	Null   bool `json:"null,omitempty"`
	// Header is the line of the header, 0 for none; Depth how many rows it has.
	Header int `json:"header"`
	Depth  int `json:"depth"`
}

// notes tells a dialect to a reader.
func (d dialect) notes() []connectors.Note {
	name, zh := strconv.QuoteToASCII(string(rune(d.Delimiter))), ""
	switch d.Delimiter {
	case '\t':
		name, zh = "tab", "制表符"
	case ' ':
		name, zh = "space", "空格"
	}
	out := []connectors.Note{{"delimiter " + name, "分隔符 " + cmp.Or(zh, name)}}
	if d.Quote == quoteNone {
		out = append(out, connectors.Note{"no quoting", "不用引号"})
	} else {
		quote := string(rune(d.Quote))
		out = append(out, connectors.Note{"quote " + quote, "引号 " + quote})
	}
	if d.Escape {
		out = append(out, connectors.Note{"backslash escapes", "反斜杠转义"})
	}
	if d.Null {
		out = append(out, connectors.Note{`\N is null`, `\N 为空值`})
	}
	first, last := strconv.Itoa(d.Header), strconv.Itoa(d.Header+d.Depth-1)
	switch {
	case d.Header == 0:
		return append(out, connectors.Note{"no header row", "没有表头行"})
	case d.Depth > 1:
		return append(out, connectors.Note{"header in row " + first + " to " + last, "表头在第 " + first + " 至 " + last + " 行"})
	}
	return append(out, connectors.Note{"header in row " + first, "表头在第 " + first + " 行"})
}

var delimiters = []byte{',', '\t', ';', '|', 1, '^', '~'}

// sampleRows is how many rows of a sample are looked at, headerWithin how many
// lines may stand before the header.
const (
	sampleRows   = 400
	headerWithin = 60
)

// sampled is one row of a sample.
type sampled struct {
	line  int
	cells []string
}

// findDialect tells the dialect of a sample; what the options name is taken as
// named. It does not look for the header.
func findDialect(sample []byte, o options, name string) dialect {
	d := dialect{Delimiter: o.delimiter, Quote: o.quote, EOL: '\n', Depth: 1}
	if bytes.IndexByte(sample, '\n') < 0 && bytes.IndexByte(sample, '\r') >= 0 {
		d.EOL = '\r'
	}
	if d.Delimiter == 0 {
		if sep, ok := bytes.CutPrefix(sample, []byte("sep=")); ok && len(sep) > 1 && (sep[1] == '\r' || sep[1] == '\n') {
			d.Delimiter = sep[0]
		}
	}
	if d.Delimiter == 0 && o.format == formatTSV {
		d.Delimiter = '\t'
	}
	if d.Quote == quoteAuto {
		d.Quote = findQuote(sample)
	}
	if d.Delimiter == 0 {
		d.Delimiter = findDelimiter(sample, d, name)
	}
	d.Escape, d.Null = findEscape(sample, d, o)
	if o.quote == quoteAuto && unquoted(sample, d) {
		d.Quote = quoteNone
	}
	d.Blanks = blanksBefore(sample, d)
	return d
}

// blanksBefore says that cells of the sample have blanks before their opening
// quotes: more rows are whole when these are passed over.
func blanksBefore(sample []byte, d dialect) bool {
	if d.Quote == quoteNone || d.Delimiter == ' ' || !bytes.Contains(sample, []byte{d.Delimiter, ' ', d.Quote}) {
		return false
	}
	width, share := usualWidth(readSample(sample, d))
	d.Blanks = true
	rows := readSample(sample, d)
	passed, better := usualWidth(rows)
	return better > share || better == share && passed <= width
}

// findQuote prefers the double quote; the single one must be what cells begin
// and end with, as often the one as the other, and the double must not.
func findQuote(sample []byte) byte {
	between := func(b byte) bool {
		return b == '\n' || b == '\r' || bytes.IndexByte(delimiters, b) >= 0
	}
	count := func(q byte) (begin, end int) {
		for i, b := range sample {
			if b != q {
				continue
			}
			if i == 0 || between(sample[i-1]) {
				begin++
			}
			if i+1 == len(sample) || between(sample[i+1]) {
				end++
			}
		}
		return begin, end
	}
	begin, end := count('\'')
	if other, _ := count('"'); begin >= 3 && begin > 10*other && 10*end >= 9*begin && 10*begin >= 9*end {
		return '\''
	}
	return '"'
}

// findDelimiter chooses the character that cuts most rows into the same number
// of cells; of equals the one that makes more cells.
func findDelimiter(sample []byte, d dialect, name string) byte {
	best, top := byte(','), 0.0
	for _, c := range delimiters {
		if bytes.IndexByte(sample, c) < 0 {
			continue
		}
		d.Delimiter = c
		rows := readSample(sample, d)
		width, share := usualWidth(rows)
		if width < 2 {
			continue
		}
		score := share * share * (1 + math.Log2(float64(width))/20)
		if c == '\t' && strings.HasSuffix(name, ".tsv") || c == ',' && strings.HasSuffix(name, ".csv") {
			score *= 1.05
		}
		if score > top {
			best, top = c, score
		}
	}
	return best
}

// unquoted says that the sample reads well only when quotes are ordinary
// characters: many rows have a quote that does not end where a cell ends.
func unquoted(sample []byte, d dialect) bool {
	if d.Quote == quoteNone || bytes.IndexByte(sample, d.Quote) < 0 {
		return false
	}
	c := newCSV(newWindow(bytes.NewReader(sample)), d)
	good, bad := 0, 0
	for range sampleRows {
		r, err := c.split()
		if err != nil {
			break
		}
		switch {
		case r.code == "E3102" || r.code == "E3103":
			bad++
		case bytes.IndexByte(r.bytes, d.Quote) >= 0:
			good++
		}
		c.accept(r)
	}
	return bad >= 3 && bad > 2*good
}

// readSample splits a sample into rows; the last, which may be cut, is left out
// where there are others.
func readSample(sample []byte, d dialect) []sampled {
	c := newCSV(newWindow(bytes.NewReader(sample)), d)
	var rows []sampled
	for len(rows) < sampleRows {
		line := c.line
		r, err := c.split()
		if err != nil {
			break
		}
		if r.code == "" {
			rows = append(rows, sampled{int(line), c.texts(r)})
		}
		c.accept(r)
	}
	if len(rows) > 1 && len(rows) < sampleRows && len(sample) > 0 && sample[len(sample)-1] != d.EOL && len(sample) >= sampleSize/2 {
		rows = rows[:len(rows)-1]
	}
	return rows
}

// usualWidth returns the number of cells that most rows have, and what share
// of the rows that hold anything has it.
func usualWidth(rows []sampled) (width int, share float64) {
	counts := map[int]int{}
	total := 0
	for _, r := range rows {
		if filled(r.cells) == 0 {
			continue
		}
		counts[len(r.cells)]++
		total++
	}
	most := 0
	for w, n := range counts {
		if n > most || n == most && w > width {
			width, most = w, n
		}
	}
	if total == 0 {
		return 0, 0
	}
	return width, float64(most) / float64(total)
}

// lastFilled returns how many cells the rows need: lines may end with more
// delimiters than there are columns.
func lastFilled(rows []sampled) int {
	last := 0
	for _, r := range rows {
		for i := len(r.cells) - 1; i >= last; i-- {
			if strings.TrimSpace(r.cells[i]) != "" {
				last = i + 1
				break
			}
		}
	}
	return last
}

func filled(cells []string) int {
	n := 0
	for _, c := range cells {
		if strings.TrimSpace(c) != "" {
			n++
		}
	}
	return n
}

// findHeader returns the line of the first row that names the columns: as wide
// as the rows below, most of its cells filled, none of them a value. Titles and
// dates of export above it have few cells filled. Where only values are found,
// there is no header.
func findHeader(rows []sampled) (line int, ok bool) {
	width, _ := usualWidth(rows)
	width = min(width, lastFilled(rows))
	fallback := 0
	for _, r := range rows {
		if r.line > headerWithin {
			break
		}
		n := filled(r.cells)
		if n == 0 || len(r.cells) < width || len(r.cells) > width+width/4+1 {
			continue
		}
		if width <= 3 && n < width || width > 3 && 2*n <= width {
			continue
		}
		values := 0
		for _, c := range r.cells {
			if isValue(c) || isLabelled(c) {
				values++
			}
		}
		if values == 0 {
			return r.line, true
		}
		if fallback == 0 && 4*values <= n {
			fallback = r.line
		}
	}
	return fallback, fallback > 0
}

var valuePattern = regexp.MustCompile(`^(?:[-+]?[\d.,]*\d%?|\d{2,4}[-/.年]\d{1,2}[-/.月]\d{1,4}日?([ T].*)?|\+?[\d() -]{7,}|[^@\s]+@[^@\s]+\.[^@\s]+)$`)

// isLabelled says that a cell holds a name and its value, as the lines above a
// table do: exported by: Li.
func isLabelled(cell string) bool {
	const colons = ":\uff1a"
	at := strings.IndexAny(cell, colons)
	return at > 0 && strings.TrimSpace(strings.TrimLeft(cell[at:], colons)) != ""
}

// isValue says that a cell holds a number, date, phone or e-mail address
// rather than a name.
func isValue(cell string) bool {
	cell = strings.TrimSpace(cell)
	return cell != "" && valuePattern.MatchString(cell)
}
