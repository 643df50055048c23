package synthetic

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"strconv"
	"strings"
)

// checkEvery is after how many rows Write looks at the context and tells how
// far it is.
const checkEvery = 1 << 16

// Write writes all rows as CSV to records, the header first, and to truth the
// entity of each: record_id,entity_id. It holds one row at a time; progress,
// which may be nil, is told how many are done. An error is one of writing, or
// the context's.
func (g *Generator) Write(ctx context.Context, records, truth io.Writer, progress func(rows int64)) error {
	r, t := bufio.NewWriterSize(records, 1<<20), bufio.NewWriterSize(truth, 1<<18)
	line := []byte(strings.Join(header[:], ",") + "\n")
	if _, err := r.Write(line); err != nil {
		return fmt.Errorf("write records: %w", err)
	}
	if _, err := t.WriteString("record_id,entity_id\n"); err != nil {
		return fmt.Errorf("write truth: %w", err)
	}
	for i := range g.rows {
		if i%checkEvery == 0 {
			if err := ctx.Err(); err != nil {
				return err
			}
			if progress != nil {
				progress(i)
			}
		}
		row := g.Row(i)
		line = appendRow(line[:0], &row)
		if _, err := r.Write(line); err != nil {
			return fmt.Errorf("write records: %w", err)
		}
		line = append(append(line[:0], row.Fields[recordID]...), ",e"...)
		line = append(strconv.AppendInt(line, row.Entity, 10), '\n')
		if _, err := t.Write(line); err != nil {
			return fmt.Errorf("write truth: %w", err)
		}
	}
	if err := r.Flush(); err != nil {
		return fmt.Errorf("write records: %w", err)
	}
	if err := t.Flush(); err != nil {
		return fmt.Errorf("write truth: %w", err)
	}
	return nil
}

// appendRow appends a row of CSV (RFC 4180, lines end in LF).
func appendRow(b []byte, row *Row) []byte {
	for i, f := range row.Fields {
		if i > 0 {
			b = append(b, ',')
		}
		if !strings.ContainsAny(f, "\",\n\r") {
			b = append(b, f...)
			continue
		}
		b = append(b, '"')
		b = append(b, strings.ReplaceAll(f, `"`, `""`)...)
		b = append(b, '"')
	}
	return append(b, '\n')
}
