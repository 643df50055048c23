package file

import (
	"context"
	"io"
	"path"
	"strconv"
	"strings"

	"crmhub/connectors"
	"crmhub/connectors/file/message"
	"crmhub/fault"
	"crmhub/record"
)

func itoa(n int) string { return strconv.Itoa(n) }

// chosen keeps, of archives with several files, those that the stream names:
// by name, with or without its ending, or by a pattern.
func (s *source) chosen(ins []input, streamName string) ([]input, error) {
	count := map[string]int{}
	for _, in := range ins {
		if in.member != "" {
			count[in.path]++
		}
	}
	var out []input
	hit := map[string]bool{}
	names := map[string][]string{}
	for _, in := range ins {
		if count[in.path] < 2 {
			out = append(out, in)
			continue
		}
		base := path.Base(in.name)
		names[in.path] = append(names[in.path], base)
		if fits, err := path.Match(streamName, base); base == streamName || stem(base) == streamName || err == nil && fits {
			out = append(out, in)
			hit[in.path] = true
		}
	}
	for archive, members := range names {
		if !hit[archive] {
			return nil, fault.New("E2117", path.Base(archive), "name", streamName,
				"nearest", fault.Nearest(streamName, members), "members", strings.Join(members, ", "))
		}
	}
	return out, nil
}

// countWithin bounds the files that Discover counts the rows of.
const countWithin = 32 << 20

// Discover lists the streams: the sheets of a workbook, the files of an
// archive, or the one stream that all files make.
func (s *source) Discover(ctx context.Context) ([]connectors.Stream, error) {
	ins, err := s.inputs()
	if err != nil {
		return nil, err
	}
	var out []connectors.Stream
	at := map[string]int{}
	for i, in := range ins {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		found, err := s.describe(ctx, in, i < checkedInputs)
		if err != nil {
			return nil, err
		}
		for _, st := range found {
			st.Name = s.streamName(ins, in, st.Name)
			j, known := at[st.Name]
			if !known {
				at[st.Name] = len(out)
				out = append(out, st)
				continue
			}
			out[j] = joined(out[j], st)
		}
	}
	for i := range out {
		if len(ins) > 1 {
			out[i].Notes = append(out[i].Notes, connectors.Note{itoa(len(ins)) + " files", itoa(len(ins)) + " 个文件"})
		}
	}
	return out, nil
}

// streamName is what a stream of an input is called: sheets by their names, a
// file by its stem, many files by the connection.
func (s *source) streamName(ins []input, in input, own string) string {
	switch {
	case in.format == formatXLSX:
		return own
	case in.member != "" || len(ins) == 1 && in.format != formatEML:
		return own
	}
	return s.cfg.Name
}

// joined adds what a further file of the same stream has.
func joined(a, b connectors.Stream) connectors.Stream {
	known := map[string]bool{}
	for _, c := range a.Columns {
		known[c.Name] = true
	}
	for _, c := range b.Columns {
		if !known[c.Name] {
			a.Columns = append(a.Columns, c)
		}
	}
	if a.Rows >= 0 && b.Rows >= 0 {
		a.Rows += b.Rows
	} else {
		a.Rows = -1
	}
	if b.Confidence < a.Confidence {
		a.Encoding, a.Confidence = b.Encoding, b.Confidence
	}
	return a
}

// describe tells the streams of one input. open is false for files that are
// only counted because there are so many.
func (s *source) describe(ctx context.Context, in input, open bool) ([]connectors.Stream, error) {
	switch {
	case in.format == formatEML:
		return []connectors.Stream{{Name: stem(in.name), Key: []string{"message_id"}, Columns: message.Columns(), Rows: 1}}, nil
	case in.format == formatXLSX:
		return s.sheets(ctx, in)
	case !open:
		return []connectors.Stream{{Name: stem(path.Base(in.name)), Rows: -1}}, nil
	}
	found, err := s.sniff(in)
	if err != nil {
		return nil, err
	}
	r, err := s.rows(in, connectors.Request{}, nil)
	if err != nil {
		return nil, err
	}
	st := connectors.Stream{Name: stem(path.Base(in.name)), Rows: -1, Encoding: found.shape.Encoding, Confidence: found.confidence}
	if h, ok := r.(described); ok {
		told := h.header()
		st.Columns, st.Notes = told.columns, told.notes
	}
	if in.format == formatMbox {
		st.Key, st.Columns = []string{"message_id"}, message.Columns()
	}
	if found.confidence < unsure && in.format != formatMbox {
		st.Notes = append(st.Notes, connectors.Note{"the encoding is uncertain: set `encoding`", "编码不确定：请设置 `encoding`"})
	}
	if in.size <= countWithin {
		if st.Rows, err = countRows(ctx, r); err != nil {
			return nil, closeAfter(r, err)
		}
	}
	return []connectors.Stream{st}, r.Close()
}

// countRows reads to the end; -1 where the end can't be read.
func countRows(ctx context.Context, r rows) (int64, error) {
	if d, ok := r.(*delimited); ok {
		return d.count(ctx)
	}
	var n int64
	for {
		if n&255 == 0 {
			if err := ctx.Err(); err != nil {
				return 0, err
			}
		}
		var row record.Row
		switch err := r.next(&row); {
		case err == io.EOF:
			return n, nil
		case err != nil:
			return -1, nil
		}
		n++
	}
}
