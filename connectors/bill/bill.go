// Package bill reads the statements that a payment provider makes once a day: which days there are, where a read goes on, what stands in a statement.
package bill

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"slices"
	"time"

	"crmhub/connectors"
	"crmhub/fault"
	"crmhub/record"
)

// ErrNone is where a provider has no statement of a day: nothing was paid, or
// it was not made yet.
var ErrNone = errors.New("no statement of that day")

// Provider is where statements come from.
type Provider interface {
	// Bill fetches the statement of a day (a date, midnight UTC); ErrNone where
	// there is none. The sheet is closed by the caller.
	Bill(ctx context.Context, stream string, day time.Time) (*Sheet, error)
	// Key is the key of a row of a stream; "" where the row has none.
	Key(stream string, cells map[string]any) string
}

// Reader reads days one after the other, each whole, in the order of its rows.
type Reader struct {
	Provider Provider
	// Name is the connection's name, for places in errors.
	Name string
	// Account is whose statements they are: a position belongs to it.
	Account string
	// Since is the first day to read; zero: the oldest that there is.
	Since time.Time
	// Oldest is how many days back statements are kept.
	Oldest int
	// Ready is when the statement of a day is there, from its midnight on.
	Ready time.Duration
	// Zone is the provider's time.
	Zone *time.Location
	Now  func() time.Time
	Log  *slog.Logger
}

// settle is how many days back an empty day is asked for again: a statement
// that is late looks like a day without business.
const settle = 3

// position is where a read stands, as JSON.
type position struct {
	Mode  connectors.Mode `json:"mode"`
	Print string          `json:"print"`
	// Day is the day being read and Rows how many of its rows were handed over.
	Day  string `json:"day"`
	Rows int64  `json:"rows,omitempty"`
	// Done says that the read was finished: Day is the first not read yet.
	Done bool `json:"done,omitempty"`
}

const daily = time.DateOnly

// Read reads the statements from the position on to the last that is ready.
func (b *Reader) Read(ctx context.Context, r connectors.Request, emit connectors.Emit) error {
	size := r.BatchRows
	if size <= 0 {
		size = 1000
	}
	now := b.Now().In(b.Zone)
	today := time.Date(now.Year(), now.Month(), now.Day(), 0, 0, 0, 0, time.UTC)
	end := today.AddDate(0, 0, -1) // the last day that is over
	if wall := now.Sub(time.Date(now.Year(), now.Month(), now.Day(), 0, 0, 0, 0, b.Zone)); wall < b.Ready-24*time.Hour {
		end = end.AddDate(0, 0, -1)
	}
	oldest := today.AddDate(0, 0, -b.Oldest)
	rd := &reading{b: b, r: r, emit: emit, size: size}
	from, over, err := rd.begin(oldest)
	if err != nil || over {
		return errors.Join(err, ctx.Err())
	}
	next := from // the first day that the next read asks for
	for day := from; !day.After(end); day = day.AddDate(0, 0, 1) {
		if err := ctx.Err(); err != nil {
			return err
		}
		some, err := rd.day(ctx, day)
		if err != nil {
			return err
		}
		if rd.full() {
			return rd.flush(ctx)
		}
		rd.pos.Day, rd.pos.Rows = day.AddDate(0, 0, 1).Format(daily), 0
		if some || day.Before(end.AddDate(0, 0, 1-settle)) {
			next = day.AddDate(0, 0, 1)
		}
	}
	if err := rd.flush(ctx); err != nil {
		return err
	}
	rd.pos = position{Mode: r.Mode, Print: rd.pos.Print, Day: next.Format(daily), Done: true}
	return rd.hand(ctx)
}

// reading is one read under way.
type reading struct {
	b     *Reader
	r     connectors.Request
	emit  connectors.Emit
	size  int
	pos   position
	batch []record.Row
	total int
}

// begin returns the day that the read begins with; true where it is over.
func (rd *reading) begin(oldest time.Time) (time.Time, bool, error) {
	sum := sha256.Sum256([]byte(rd.b.Account + "\x00" + rd.r.Stream))
	rd.pos = position{Mode: rd.r.Mode, Print: hex.EncodeToString(sum[:8])}
	start := rd.b.Since
	if start.IsZero() {
		start = oldest
	}
	var p position
	if len(rd.r.From) > 0 && json.Unmarshal(rd.r.From, &p) == nil && p.Mode == rd.r.Mode && p.Print == rd.pos.Print {
		if p.Done && rd.r.Mode != connectors.Incremental {
			return time.Time{}, true, nil
		}
		day, err := time.Parse(daily, p.Day)
		if err == nil {
			start, rd.pos.Rows = day, p.Rows
			if p.Done {
				start, rd.pos.Rows = day.AddDate(0, 0, -int(rd.r.Overlap/(24*time.Hour))), 0
			}
		}
	}
	if start.Before(oldest) {
		return time.Time{}, false, fault.New("E2385", rd.place(), "day", start.Format(daily), "oldest", oldest.Format(daily))
	}
	rd.pos.Day = start.Format(daily)
	return start, false, nil
}

func (rd *reading) place() string { return rd.b.Name + "/" + rd.r.Stream }

// day reads one statement; false where there is none.
func (rd *reading) day(ctx context.Context, day time.Time) (some bool, err error) {
	date := day.Format(daily)
	sheet, err := rd.b.Provider.Bill(ctx, rd.r.Stream, day)
	if errors.Is(err, ErrNone) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	defer func() { err = errors.Join(err, sheet.Close()) }()
	skip := rd.pos.Rows
	if rd.pos.Day != date {
		rd.pos.Day, skip = date, 0
	}
	rd.pos.Rows = skip
	for n := int64(1); ; n++ {
		line, err := sheet.Next()
		if errors.Is(err, io.EOF) {
			return true, nil
		}
		if err != nil {
			if ctx.Err() != nil {
				return false, ctx.Err()
			}
			return false, fault.New("E2384", rd.place()+" "+date, "what", wrong(err)[fault.English], "what_zh", wrong(err)[fault.Chinese]).Because(err)
		}
		if n <= skip {
			continue
		}
		rd.take(date, line)
		rd.pos.Rows = n
		if len(rd.batch) >= rd.size || rd.full() {
			if err := rd.flush(ctx); err != nil || rd.full() {
				return true, err
			}
		}
	}
}

// wrong says what is wrong with a statement.
func wrong(err error) fault.Text {
	switch {
	case errors.Is(err, errNoHeader):
		return fault.Text{"it has no header row", "没有表头行"}
	case errors.Is(err, errCount):
		return fault.Text{"its sums name another number of rows than it has", "汇总中的笔数与明细行数不符"}
	case errors.Is(err, errCut):
		return fault.Text{"it ends before its sums", "在汇总之前就结束了"}
	}
	return fault.Text{"it is cut or damaged", "被截断或损坏"}
}

// take adds a row to the batch.
func (rd *reading) take(date string, l Line) {
	row := record.Row{Place: record.Place{Name: rd.r.Stream + "-" + date, Line: l.Number}, Data: l.Cells}
	if l.Fault != nil {
		l.Fault.Place = row.Place.String()
		row.Fault, row.Raw = l.Fault, l.Raw
	} else if row.Key = rd.key(l.Cells); row.Key == "" {
		row.Fault = fault.New("E3108", row.Place.String(), "column", "key")
	}
	rd.batch = append(rd.batch, row)
	rd.total++
}

// key is the pipeline's key, or the provider's own.
func (rd *reading) key(cells map[string]any) string {
	if len(rd.r.Key) == 0 {
		if k := rd.b.Provider.Key(rd.r.Stream, cells); k != "" {
			return record.JoinKey(k)
		}
		return ""
	}
	parts := make([]string, len(rd.r.Key))
	for i, name := range rd.r.Key {
		parts[i], _ = cells[name].(string)
	}
	if slices.Contains(parts, "") {
		return ""
	}
	return record.JoinKey(parts...)
}

func (rd *reading) full() bool { return rd.r.Limit > 0 && rd.total >= rd.r.Limit }

func (rd *reading) flush(ctx context.Context) error {
	if len(rd.batch) == 0 {
		return ctx.Err()
	}
	return rd.hand(ctx)
}

func (rd *reading) hand(ctx context.Context) error {
	b := connectors.Batch{Rows: rd.batch}
	rd.batch = nil
	return connectors.HandOver(ctx, rd.emit, b, rd.pos)
}
