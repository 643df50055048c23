package hub

import (
	"bytes"
	"context"
	"encoding/json"
	"regexp"
	"strconv"

	"crmhub/connectors"
	"crmhub/hub/sheet"
	"crmhub/pipelines"
	"crmhub/record"
	"crmhub/store/journal"
)

// replayRow is one row from quarantine on its way through its pipeline again.
type replayRow struct {
	item journal.Item
	data map[string]any
}

// rowOf decodes an item's row; nil where it was kept as raw bytes, because
// reading itself failed.
func rowOf(i journal.Item) map[string]any {
	d := json.NewDecoder(bytes.NewReader(i.Row))
	d.UseNumber()
	var row map[string]any
	if d.Decode(&row) != nil || d.More() {
		return nil
	}
	return row
}

// replaying is a source that hands over rows from quarantine in place of
// what the connection holds.
type replaying struct {
	connectors.Source
	key  []string
	rows []replayRow
}

// replaySource returns a source of the rows. Where the pipeline names no key,
// the connection is asked for the stream's own.
func replaySource(ctx context.Context, inner connectors.Source, p *pipelines.Pipeline, rows []replayRow) (connectors.Source, error) {
	s := &replaying{Source: inner, key: p.Source.Key, rows: rows}
	if len(s.key) > 0 {
		return s, nil
	}
	streams, err := inner.Discover(ctx)
	if err != nil {
		return nil, err
	}
	for _, x := range streams {
		if x.Name == p.Source.Stream || len(streams) == 1 {
			s.key = x.Key
		}
	}
	return s, nil
}

// replayBatch bounds the rows of a batch.
const replayBatch = 500

// Read hands over the rows. Their position is how many were handed over, so
// that an interrupted replay goes on.
func (s *replaying) Read(ctx context.Context, r connectors.Request, emit connectors.Emit) error {
	done, err := strconv.Atoi(string(r.From))
	if err != nil || done < 0 || done > len(s.rows) {
		done = 0
	}
	for done < len(s.rows) {
		if err := ctx.Err(); err != nil {
			return context.Cause(ctx)
		}
		part := s.rows[done:min(done+replayBatch, len(s.rows))]
		b := connectors.Batch{}
		for _, row := range part {
			b.Rows = append(b.Rows, record.Row{Place: placeOf(row.item.Place), Key: joinKey(row.data, s.key), Data: row.data})
		}
		done += len(part)
		b.Position = record.Position(strconv.Itoa(done))
		if err := emit(ctx, b); err != nil {
			return err
		}
	}
	return nil
}

// joinKey joins key columns as connectors do.
func joinKey(row map[string]any, columns []string) string {
	parts := make([]string, len(columns))
	for i, c := range columns {
		parts[i] = sheet.Cell(row[c])
	}
	return record.JoinKey(parts...)
}

var (
	sheetPlaceForm = regexp.MustCompile(`^(.*):([^:!]+)![A-Z]*(\d+)$`)
	linePlaceForm  = regexp.MustCompile(`^(.*?):(\d+)(:\d+)?$`)
)

// placeOf reads a place as Place.String and Place.Cell write it.
func placeOf(text string) record.Place {
	if m := sheetPlaceForm.FindStringSubmatch(text); m != nil {
		if n, err := strconv.ParseInt(m[3], 10, 64); err == nil {
			return record.Place{Name: m[1], Sheet: m[2], Line: n}
		}
	}
	if m := linePlaceForm.FindStringSubmatch(text); m != nil {
		if n, err := strconv.ParseInt(m[2], 10, 64); err == nil {
			return record.Place{Name: m[1], Line: n}
		}
	}
	return record.Place{Name: text}
}

// closeReplayed closes the items that the landing itself could not: a corrected
// row took the place of the one that was refused, whatever became of it; rows
// without a key are closed when all of them passed.
func (h *Hub) closeReplayed(ctx context.Context, rows []replayRow, run record.Run) error {
	var ids []string
	for _, r := range rows {
		if r.item.Corrected || run.Counts.Quarantined == 0 {
			ids = append(ids, r.item.ID)
		}
	}
	_, err := h.journal.Close(ctx, ids...)
	return err
}
