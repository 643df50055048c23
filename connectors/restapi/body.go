package restapi

import (
	"bufio"
	"bytes"
	"context"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"strings"
	"time"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/htmlindex"
	"golang.org/x/text/transform"
)

var (
	errBytes   = errors.New("the answer is longer than limits.page_bytes")
	errSilence = errors.New("nothing more came")
)

// body is an answer's body as UTF-8, bounded in length and in silence.
type body struct {
	r       io.Reader
	raw     io.Closer
	silence *time.Timer
	timeout time.Duration
	left    int64
}

// newBody wraps a response. end is called with the reason when nothing comes
// for a timeout; it must make the read fail.
func newBody(resp *http.Response, l Limits, charset string, end context.CancelCauseFunc) (*body, error) {
	b := &body{raw: resp.Body, timeout: l.Timeout, left: l.PageBytes}
	b.silence = time.AfterFunc(l.Timeout, func() { end(errSilence) })
	b.silence.Stop()
	_, params, err := mime.ParseMediaType(resp.Header.Get("Content-Type"))
	if err == nil && params["charset"] != "" {
		charset = params["charset"]
	}
	e := encoding.Encoding(nil)
	if charset != "" && !strings.EqualFold(charset, "utf-8") && !strings.EqualFold(charset, "utf8") {
		if strings.EqualFold(charset, "gb2312") || strings.EqualFold(charset, "gbk") {
			charset = "gb18030" // which holds both; who says gb2312 often writes more
		}
		if e, err = htmlindex.Get(charset); err != nil {
			return nil, fmt.Errorf("%w: unknown charset", errUTF8)
		}
	}
	counted := bufio.NewReaderSize(reading(b.count(resp.Body)), 64<<10)
	if mark, err := counted.Peek(3); err == nil && bytes.Equal(mark, []byte("\xef\xbb\xbf")) {
		if _, err := counted.Discard(3); err != nil {
			return nil, err
		}
	}
	if e == nil {
		b.r = transform.NewReader(counted, encoding.UTF8Validator)
	} else {
		b.r = transform.NewReader(counted, e.NewDecoder())
	}
	return b, nil
}

// errUTF8 says that an answer is in another character set than it says.
var errUTF8 = errors.New("the answer's text is not in the character set it is said to be")

type reading func(p []byte) (int, error)

// Read calls the function.
func (f reading) Read(p []byte) (int, error) { return f(p) }

// count bounds the length, and watches for silence while it waits; not while
// what was read lands.
func (b *body) count(r io.Reader) func(p []byte) (int, error) {
	return func(p []byte) (int, error) {
		b.silence.Reset(b.timeout)
		n, err := r.Read(p)
		b.silence.Stop()
		if b.left -= int64(n); b.left < 0 {
			return n, errBytes
		}
		return n, err
	}
}

func (b *body) Read(p []byte) (int, error) {
	n, err := b.r.Read(p)
	if errors.Is(err, encoding.ErrInvalidUTF8) {
		err = errUTF8
	}
	return n, err
}

func (b *body) Close() error {
	b.silence.Stop()
	return b.raw.Close()
}

// records reads the answer of a call, handing over the bytes (JSON) of each
// record; beside is what stands beside them, found whether there was a list of
// records at all.
func records(r io.Reader, call *Call, record func(raw []byte) error) (beside any, found bool, err error) {
	switch call.Format {
	case Lines:
		if call.Nested != nil {
			return nil, true, nested(r, call.Nested, record)
		}
		return nil, true, lines(r, record)
	case CSV:
		in := bufio.NewReaderSize(r, 64<<10)
		if first, err := in.Peek(1); err == nil && first[0] == '{' {
			// An error in place of the table.
			w := &walker{r: in, record: record}
			beside, err = w.document("no records")
			return beside, false, err
		}
		return nil, true, table(in, record)
	}
	w := &walker{r: bufio.NewReaderSize(r, 64<<10), record: record}
	beside, err = w.document(call.Records)
	return beside, w.found, err
}

// lines reads one JSON object a line; the last one needs no line end, but must
// be whole.
func lines(r io.Reader, record func(raw []byte) error) error {
	in := bufio.NewReaderSize(r, 64<<10)
	var line []byte
	for {
		part, err := in.ReadSlice('\n')
		if line = append(line, part...); len(line) > maxRecord {
			return errLarge
		}
		if errors.Is(err, bufio.ErrBufferFull) {
			continue
		}
		if err != nil && !errors.Is(err, io.EOF) {
			return err
		}
		if row := bytes.TrimSpace(line); len(row) > 0 {
			if !json.Valid(row) {
				if err != nil {
					return io.ErrUnexpectedEOF
				}
				return errSyntax
			}
			if err := record(row); err != nil {
				return err
			}
		}
		if line = line[:0]; err != nil {
			return nil
		}
	}
}

// table reads CSV with a header into objects; empty cells are null.
func table(r io.Reader, record func(raw []byte) error) error {
	in := csv.NewReader(r)
	header, err := in.Read()
	if errors.Is(err, io.EOF) {
		return nil
	}
	if err != nil {
		return tableError(err)
	}
	row := map[string]any{}
	for {
		cells, err := in.Read()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return tableError(err)
		}
		for i, name := range header {
			if row[name] = nil; cells[i] != "" {
				row[name] = cells[i]
			}
		}
		raw, err := json.Marshal(row)
		if err != nil {
			return err
		}
		if err := record(raw); err != nil {
			return err
		}
	}
}

func tableError(err error) error {
	var p *csv.ParseError
	if errors.As(err, &p) {
		return errSyntax
	}
	return err
}
