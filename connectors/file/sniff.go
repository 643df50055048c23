package file

import (
	"bytes"
	"io"
	"os"

	"crmhub/connectors/file/charset"
	"crmhub/fault"
)

// sampleSize is how much of the beginning of a text is looked at; further
// windows of a long file are looked at for the encoding only.
const (
	sampleSize   = 256 << 10
	windowsInAll = 16
	windowWide   = 64 << 10
)

// sniffed is what is known of a text before its rows are read.
type sniffed struct {
	shape      shape
	confidence float64
	sample     []byte // the beginning, as UTF-8
	whole      bool   // the sample is all there is
}

// sniff looks at the beginning of an input and tells its encoding. An encoding
// that was named and plainly does not fit is a fault.
func (s *source) sniff(in input) (*sniffed, error) {
	st, err := s.open(in)
	if err != nil {
		return nil, err
	}
	buf := make([]byte, sampleSize)
	n, err := io.ReadFull(st, buf)
	whole := err == io.EOF || err == io.ErrUnexpectedEOF && in.pack == "none"
	if err != nil && err != io.EOF && err != io.ErrUnexpectedEOF && n == 0 {
		return nil, closeAfter(st, in.broken(in.name, err))
	}
	if err := st.Close(); err != nil {
		return nil, in.broken(in.name, err)
	}
	head := buf[:n]
	all := head
	if !whole && in.pack == "none" {
		if all, err = withWindows(in, head); err != nil {
			return nil, in.broken(in.name, err)
		}
	}
	g := charset.Detect(all, whole)
	out := &sniffed{shape: shape{Encoding: g.Name, BOM: g.BOM}, confidence: g.Confidence, whole: whole}
	if s.o.encoding != "" {
		if err := s.forced(in, all, whole, g, out); err != nil {
			return nil, err
		}
	}
	out.sample, err = io.ReadAll(charset.NewReader(bytes.NewReader(head[out.shape.BOM:]), out.shape.Encoding))
	if err != nil {
		return nil, in.broken(in.name, err)
	}
	if len(bytes.TrimSpace(out.sample)) == 0 && in.format != formatMbox {
		return nil, fault.New("E2104", in.name)
	}
	return out, nil
}

// forced takes the encoding that the connection names, unless it plainly is
// not that of the text.
func (s *source) forced(in input, sample []byte, whole bool, g charset.Detected, out *sniffed) error {
	name := s.o.encoding
	if name == charset.UTF16 {
		name = charset.UTF16LE
		if charset.IsUTF16(g.Name) {
			name = g.Name
		}
	}
	out.shape.Encoding, out.confidence = name, 1
	if g.Name != name {
		out.shape.BOM = 0
	}
	if g.Name == name {
		return nil
	}
	bad, of := charset.Misread(sample, name, whole)
	if g.Name == charset.UTF8 {
		// What is valid UTF-8 throughout is nothing else, although a legacy
		// encoding may find characters in it.
		if good, wrong := charset.CountUTF8(sample); wrong == 0 && good >= 5 {
			bad, of = good, good
		}
	}
	if bad >= 3 && bad*10 > of {
		return fault.New("E2106", in.name, "looks", g.Name, "named", s.o.encoding, "bad", bad, "of", of)
	}
	return nil
}

// withWindows adds pieces from the whole length of a file to its head, each
// from the beginning of a line.
func withWindows(in input, head []byte) ([]byte, error) {
	if bytes.IndexByte(head, 0) >= 0 {
		return head, nil // UTF-16, which the head tells
	}
	f, err := os.Open(in.path)
	if err != nil {
		return nil, err
	}
	all := bytes.Clone(charset.CutLast(head))
	buf := make([]byte, windowWide)
	step := (in.size - int64(len(head))) / windowsInAll
	for i := range int64(windowsInAll) {
		n, err := f.ReadAt(buf, int64(len(head))+i*step)
		if err != nil && err != io.EOF {
			return nil, closeAfter(f, err)
		}
		piece := buf[:n]
		if start := bytes.IndexByte(piece, '\n'); start >= 0 {
			all = append(all, charset.CutLast(piece[start+1:])...)
		}
	}
	return all, closeAfter(f, nil)
}

// text opens an input as UTF-8, behind its byte order mark.
func (s *source) text(in input, sh shape) (*stream, error) {
	st, err := s.open(in)
	if err != nil {
		return nil, err
	}
	if sh.BOM > 0 {
		if _, err := io.CopyN(io.Discard, st.Reader, int64(sh.BOM)); err != nil {
			return nil, closeAfter(st, in.broken(in.name, err))
		}
	}
	st.Reader = charset.NewReader(st.Reader, sh.Encoding)
	return st, nil
}
