package file

import (
	"archive/zip"
	"bufio"
	"bytes"
	"compress/bzip2"
	"compress/gzip"
	"io"
	"os"
	"path"
	"strings"

	"github.com/klauspost/compress/zstd"

	"crmhub/connectors/file/charset"
	"crmhub/connectors/file/message"
	"crmhub/fault"
)

// stream is the unpacked bytes of an input.
type stream struct {
	io.Reader
	closers
}

// open returns the input's bytes, unpacked.
func (s *source) open(in input) (*stream, error) {
	if in.member != "" {
		return s.openMember(in)
	}
	f, err := os.Open(in.path)
	if err != nil {
		return nil, s.missing(err, in.name)
	}
	st := &stream{Reader: f, closers: closers{f}}
	switch in.pack {
	case "gzip":
		var z *gzip.Reader
		if z, err = gzip.NewReader(bufio.NewReaderSize(f, 64<<10)); err == nil {
			st.Reader = z
		}
	case "bzip2":
		st.Reader = bzip2.NewReader(bufio.NewReaderSize(f, 64<<10))
	case "zstd":
		var z *zstd.Decoder
		if z, err = zstd.NewReader(f, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxMemory(256<<20)); err == nil {
			st.Reader, st.closers = z, append(st.closers, z.IOReadCloser())
		}
	}
	if err != nil {
		return nil, closeAfter(st, fault.New("E2112", in.name, "format", in.pack).Because(err))
	}
	return st, nil
}

func (s *source) openMember(in input) (*stream, error) {
	z, err := zip.OpenReader(in.path)
	if err != nil {
		return nil, fault.New("E2112", in.name, "format", "zip").Because(err)
	}
	for _, f := range z.File {
		if f.Name != in.member {
			continue
		}
		r, err := f.Open()
		if err != nil {
			return nil, closeAfter(z, fault.New("E2112", in.name, "format", "zip").Because(err))
		}
		return &stream{Reader: r, closers: closers{z, r}}, nil
	}
	return nil, closeAfter(z, fault.New("E2101", s.cfg.Name, "path", in.name))
}

// closeAfter closes c because of err, which is the error to tell.
func closeAfter(c io.Closer, err error) error {
	if cerr := c.Close(); cerr != nil && err == nil {
		return cerr
	}
	return err
}

// broken is the fault of a stream that failed in the middle.
func (in input) broken(place string, err error) error {
	if in.pack == "" || in.pack == "none" {
		return fault.New("E2118", place).Because(err)
	}
	return fault.New("E2112", place, "format", in.pack).Because(err)
}

// identify tells how an input is packed and what format it has, from its first
// bytes and its name.
func (s *source) identify(in *input) error {
	if in.pack == "" && strings.EqualFold(path.Ext(in.name), ".eml") && (s.o.format == formatAuto || s.o.format == formatEML) {
		in.pack, in.format = "none", formatEML // not opened: a folder may hold many
		return nil
	}
	head, err := s.head(*in)
	if err != nil {
		return err
	}
	name := strings.ToLower(in.name)
	if in.pack == "" {
		in.pack = s.o.compression
		if in.pack == "auto" {
			in.pack = packing(head)
		}
		if in.pack == "zip" && (s.o.format == formatXLSX || s.o.compression == "auto" && isWorkbook(in.path)) {
			in.pack, in.format = "none", formatXLSX
			return nil
		}
		if in.pack == "zip" {
			return nil
		}
		if in.pack != "none" {
			if head, err = s.head(*in); err != nil {
				return err
			}
			name = strings.TrimSuffix(name, path.Ext(name))
		}
	}
	if len(head) == 0 && s.o.format != formatMbox {
		return fault.New("E2104", in.name)
	}
	format, found := sniffFormat(name, head)
	switch {
	case s.o.format == formatMaildir:
		in.format = formatEML
	case s.o.format != formatAuto:
		in.format = s.o.format
		if found != "" && (in.format == formatXLSX) != (format == formatXLSX) {
			return fault.New("E2105", in.name, "found", found, "format", s.o.format)
		}
	case format == "":
		return fault.New("E2105", in.name, "found", found, "format", s.o.format)
	default:
		in.format = format
	}
	if in.format == formatXLSX && format != formatXLSX {
		return fault.New("E2105", in.name, "found", orUnknown(found), "format", formatXLSX)
	}
	return nil
}

func orUnknown(found string) string {
	if found == "" {
		return "a text"
	}
	return found
}

// head returns the first bytes of an input.
func (s *source) head(in input) ([]byte, error) {
	st, err := s.open(in)
	if err != nil {
		return nil, err
	}
	buf := make([]byte, 16<<10)
	n, err := io.ReadFull(st, buf)
	if err != nil && err != io.EOF && err != io.ErrUnexpectedEOF {
		return nil, closeAfter(st, in.broken(in.name, err))
	}
	if err := st.Close(); err != nil {
		return nil, in.broken(in.name, err)
	}
	return buf[:n], nil
}

// packing tells a packed file by its first bytes.
func packing(head []byte) string {
	for _, p := range []struct{ magic, name string }{
		{"\x1f\x8b", "gzip"}, {"PK\x03\x04", "zip"}, {"PK\x05\x06", "zip"}, {"\x28\xb5\x2f\xfd", "zstd"}, {"BZh", "bzip2"},
	} {
		if bytes.HasPrefix(head, []byte(p.magic)) {
			return p.name
		}
	}
	return "none"
}

// isWorkbook says whether a zip is a workbook of Excel 2007 or later.
func isWorkbook(file string) bool {
	z, err := zip.OpenReader(file)
	if err != nil {
		return false
	}
	defer z.Close()
	for _, f := range z.File {
		if strings.HasPrefix(f.Name, "xl/workbook.") {
			return true
		}
	}
	return false
}

// sniffFormat tells a format by content, then by name. format is "" for what is
// not read; found says what it is.
func sniffFormat(name string, head []byte) (format, found string) {
	switch {
	case bytes.HasPrefix(head, []byte("\xd0\xcf\x11\xe0")):
		return "", "an old Excel workbook (.xls) or one with a password"
	case bytes.HasPrefix(head, []byte("PK\x03\x04")):
		if strings.HasSuffix(name, ".xlsx") || strings.HasSuffix(name, ".xlsm") || bytes.Contains(head, []byte("[Content_Types].xml")) || bytes.Contains(head, []byte("xl/")) {
			return formatXLSX, "an Excel workbook"
		}
		return "", "a zip"
	case bytes.HasPrefix(head, []byte("%PDF")):
		return "", "a PDF"
	case bytes.HasPrefix(head, []byte("SQLite format 3")):
		return "", "an SQLite database, which the connector sqldb reads"
	case bytes.HasPrefix(head, []byte("PAR1")):
		return "", "a Parquet file"
	}
	g := charset.Detect(head, false)
	text := head[g.BOM:]
	if charset.IsUTF16(g.Name) {
		text, _ = charset.AppendUTF16(nil, text, g.Name == charset.UTF16BE)
	}
	start := bytes.ToLower(bytes.TrimSpace(text[:min(len(text), 2048)]))
	switch {
	case bytes.HasPrefix(start, []byte("<!doctype html")), bytes.HasPrefix(start, []byte("<html")), bytes.HasPrefix(start, []byte("<table")), bytes.HasPrefix(start, []byte("<meta")):
		return "", "an HTML page"
	case bytes.HasPrefix(start, []byte("<?xml")):
		return "", "an XML document"
	case bytes.Count(text, []byte{0})*10 > len(text):
		return "", "a binary file"
	}
	switch path.Ext(name) {
	case ".csv":
		return formatCSV, ""
	case ".tsv", ".tab":
		return formatTSV, ""
	case ".jsonl", ".ndjson", ".jsonlines":
		return formatJSONL, ""
	case ".eml":
		return formatEML, ""
	case ".mbox", ".mbx":
		return formatMbox, ""
	}
	first, rest, more := bytes.Cut(bytes.TrimSpace(text), []byte("\n"))
	switch {
	case len(start) > 0 && start[0] == '[':
		return formatJSON, ""
	case len(start) > 0 && start[0] == '{':
		if first = bytes.TrimSpace(first); more && first[len(first)-1] == '}' && bytes.HasPrefix(bytes.TrimSpace(rest), []byte("{")) {
			return formatJSONL, ""
		}
		return formatJSON, ""
	case path.Ext(name) == ".json":
		return formatJSON, ""
	case isFromLine(text):
		return formatMbox, ""
	case message.Looks(text):
		return formatEML, ""
	}
	return formatCSV, ""
}
