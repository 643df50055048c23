package file

import (
	"context"
	"io"
	"slices"
	"strconv"
	"strings"

	"crmhub/connectors"
	"crmhub/fault"
	"crmhub/record"
)

// source is one connection to files. It holds nothing open between calls.
type source struct {
	cfg connectors.Config
	o   options
	// guessed are the names of the files whose encoding was a guess.
	guessed []string
}

var _ connectors.Source = (*source)(nil)

// unsure is the confidence below which an encoding is a guess.
const unsure = 0.6

// warnGuess warns, once for each input, that its encoding was guessed.
func (s *source) warnGuess(in input, found *sniffed) {
	if found.confidence >= unsure || slices.Contains(s.guessed, in.name) {
		return
	}
	s.guessed = append(s.guessed, in.name)
	s.cfg.Noticed(fault.New("W2101", in.name, "encoding", found.shape.Encoding, "percent", int(100*found.confidence)))
}

// Close has nothing to close.
func (s *source) Close() error { return nil }

// warnLacking warns where a file of a table lacks columns of the file before
// it, and returns its own: its rows would land without these values, as if
// they had been taken away. Objects of JSON may lack what they like.
func (s *source) warnLacking(in input, r rows, before []string) []string {
	t, ok := r.(described)
	if _, object := r.(*jsonRows); !ok || object {
		return nil
	}
	var own, lacking []string
	for _, c := range t.header().columns {
		own = append(own, c.Name)
	}
	for _, c := range before {
		if !slices.Contains(own, c) {
			lacking = append(lacking, c)
		}
	}
	if len(lacking) > 0 {
		s.cfg.Noticed(fault.New("W2102", in.name, "columns", strings.Join(lacking, ", ")))
	}
	return own
}

// rows reads the rows of one input.
type rows interface {
	// next sets the next row; io.EOF behind the last. An error ends the read,
	// a row that can't be read is a row with a fault.
	next(row *record.Row) error
	// mark is where the next row is read from: behind the last that next gave.
	mark() mark
	// weight is about how many bytes the last row has.
	weight() int
	// resume goes on from a mark, before the first row was read; false where
	// what stands before it is not what was read then.
	resume(m mark) (bool, error)
	Close() error
}

// header is what is told of a reader's columns before its rows are read.
type header struct {
	stream  string
	columns []connectors.Column
	notes   []connectors.Note
}

// described is a reader that tells what it found.
type described interface {
	header() header
}

// checkedInputs bounds how many files Check opens.
const checkedInputs = 50

// Check looks at the files, at the encoding and header of the first ones.
func (s *source) Check(ctx context.Context) error {
	ins, err := s.inputs()
	if err != nil {
		return err
	}
	for _, in := range ins[:min(len(ins), checkedInputs)] {
		if err := ctx.Err(); err != nil {
			return err
		}
		r, err := s.rows(in, connectors.Request{}, nil)
		if err != nil {
			return err
		}
		if err := r.Close(); err != nil {
			return in.broken(in.name, err)
		}
	}
	return ctx.Err()
}

// rows opens the reader of an input's format, at its first row. sh is how it
// was read before, nil where that is to be detected.
func (s *source) rows(in input, r connectors.Request, sh *shape) (rows, error) {
	switch in.format {
	case formatXLSX:
		return s.openSheet(in, r)
	case formatEML:
		return s.openMessage(in, r)
	}
	var found *sniffed
	if sh == nil {
		var err error
		if found, err = s.sniff(in); err != nil {
			return nil, err
		}
		sh = &found.shape
		if in.format != formatMbox { // mails tell their encoding themselves
			s.warnGuess(in, found)
		}
	}
	switch in.format {
	case formatMbox:
		return s.openMbox(in, r)
	case formatJSONL, formatJSON:
		return s.openJSON(in, r, *sh, found)
	}
	return s.openDelimited(in, r, *sh, found)
}

// Read reads all files in order, or goes on where an earlier read ended.
func (s *source) Read(ctx context.Context, r connectors.Request, emit connectors.Emit) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	ins, err := s.inputs()
	if err != nil {
		return err
	}
	if ins, err = s.chosen(ins, r.Stream); err != nil {
		return err
	}
	b := batcher{ctx: ctx, emit: emit, size: r.BatchRows, left: r.Limit, pos: position{How: s.how(r)}}
	if b.size <= 0 {
		b.size = 1000
	}
	if b.left <= 0 {
		b.left = -1
	}
	first, err := s.goOn(ins, r, &b.pos)
	if err != nil {
		return err
	}
	b.sent = first != nil
	var columns []string // of the file before
	for i := b.pos.Done; i < len(ins); i++ {
		in := ins[i]
		if i > b.pos.Done {
			b.pos.Done, b.pos.Fold = i, fold(b.pos.Fold, ins[i-1])
			b.pos.Mark = mark{}
		}
		b.pos.File = in.identity()
		reader := first
		first = nil
		if reader == nil {
			if reader, err = s.rows(in, r, nil); err != nil {
				if ferr := b.flush(); ferr != nil {
					return ferr
				}
				return err
			}
		}
		columns = s.warnLacking(in, reader, columns)
		done, err := b.read(reader)
		if cerr := reader.Close(); err == nil && cerr != nil {
			err = in.broken(in.name, cerr)
		}
		if err != nil || done {
			return err
		}
	}
	return b.flush()
}

// goOn opens the file that an earlier read stood in, where it stood, and sets
// pos; nil where there was none or the files are not what they were.
func (s *source) goOn(ins []input, r connectors.Request, pos *position) (rows, error) {
	p, ok := decodePosition(r.From, pos.How)
	if !ok || p.Done >= len(ins) || ins[p.Done].identity() != p.File {
		return nil, nil
	}
	var before string
	for _, in := range ins[:p.Done] {
		before = fold(before, in)
	}
	if before != p.Fold {
		return nil, nil
	}
	reader, err := s.rows(ins[p.Done], r, p.Mark.Shape)
	if err != nil {
		return nil, err
	}
	fits, err := reader.resume(p.Mark)
	if err != nil || !fits {
		return nil, closeAfter(reader, err)
	}
	*pos = p
	return reader, nil
}

// batcher gathers rows into batches and hands them over.
type batcher struct {
	ctx  context.Context
	emit connectors.Emit
	size int
	left int // rows that may still be read; -1 for all
	rows []record.Row
	pos  position
	sent bool // pos was handed over
	load int  // bytes in rows
}

// batchBytes bounds a batch whose rows are large.
const batchBytes = 16 << 20

// read takes all rows of one reader; done says that no more are wanted.
func (b *batcher) read(r rows) (done bool, err error) {
	for n := 0; ; n++ {
		if n&255 == 0 {
			if err := b.ctx.Err(); err != nil {
				return false, err
			}
		}
		if b.rows == nil {
			b.rows = make([]record.Row, 0, min(b.size, 4096))
		}
		b.rows = append(b.rows, record.Row{})
		err := r.next(&b.rows[len(b.rows)-1])
		if err != nil {
			b.rows = b.rows[:len(b.rows)-1]
			if m := r.mark(); m.Offset != b.pos.Mark.Offset || m.Line != b.pos.Mark.Line {
				b.pos.Mark, b.sent = m, false
			}
			if err == io.EOF {
				return false, nil
			}
			if ferr := b.flush(); ferr != nil {
				return false, ferr
			}
			return false, err
		}
		if b.left > 0 {
			b.left--
		}
		b.load += r.weight()
		full := len(b.rows) >= b.size || b.load >= batchBytes
		if full || b.left == 0 {
			b.pos.Mark = r.mark()
			b.sent = false
			if err := b.flush(); err != nil || b.left == 0 {
				return true, err
			}
		}
	}
}

// flush hands over what was gathered, if anything moved.
func (b *batcher) flush() error {
	if len(b.rows) == 0 && (b.sent || b.pos.Mark.Offset == 0 && b.pos.Done == 0) {
		return nil
	}
	out := connectors.Batch{Rows: b.rows, Position: b.pos.encode()}
	b.rows, b.load, b.sent = nil, 0, true
	if err := b.ctx.Err(); err != nil {
		return err
	}
	return b.emit(b.ctx, out)
}

// stem is a file's name without its endings for packing and format.
func stem(name string) string {
	for range 2 {
		i := len(name) - 1
		for i > 0 && name[i] != '.' && name[i] != '/' {
			i--
		}
		if i <= 0 || name[i] != '.' || len(name)-i > 8 {
			return name
		}
		if _, err := strconv.Atoi(name[i+1:]); err == nil {
			return name
		}
		name = name[:i]
	}
	return name
}
