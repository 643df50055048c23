package sfexpress

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"slices"

	"crmhub/connectors"
	"crmhub/record"
)

// position is where a read stands, as JSON.
type position struct {
	Mode connectors.Mode `json:"mode"`
	// Print is a fingerprint of the list: another one begins anew.
	Print string `json:"print"`
	// Next is how many lines of the list were gone through.
	Next int  `json:"next,omitempty"`
	Done bool `json:"done,omitempty"`
	// Over are the waybills whose journey has ended, as sums of 8 bytes in
	// order, in base64: an incremental read asks for them no more.
	Over string `json:"over,omitempty"`
}

// reading is one read under way.
type reading struct {
	s     *source
	r     connectors.Request
	emit  connectors.Emit
	all   []waybill
	size  int
	pos   position
	over  map[uint64]bool
	batch []record.Row
	total int
}

// read asks for ten waybills after the other.
func (rd *reading) read(ctx context.Context) error {
	if rd.begin() {
		return nil
	}
	for rd.pos.Next < len(rd.all) {
		some, next := rd.few()
		var routes []route
		if len(some) > 0 {
			var err error
			if routes, err = rd.s.ask(ctx, some, rd.s.tries); err != nil {
				return err
			}
		}
		for ; rd.pos.Next < next; rd.pos.Next++ {
			if err := rd.take(ctx, rd.all[rd.pos.Next], routes); err != nil {
				return err
			}
			if rd.full() {
				rd.pos.Next++
				return rd.hand(ctx)
			}
		}
	}
	rd.pos.Done, rd.pos.Next = true, 0
	return rd.hand(ctx)
}

// begin takes up the position; true where a full read is over.
func (rd *reading) begin() bool {
	sum := sha256.New()
	for _, w := range rd.all {
		sum.Write([]byte(w.number + "\x00"))
	}
	rd.pos = position{Mode: rd.r.Mode, Print: hex.EncodeToString(sum.Sum(nil)[:8])}
	rd.over = map[uint64]bool{}
	var p position
	if len(rd.r.From) == 0 || json.Unmarshal(rd.r.From, &p) != nil || p.Mode != rd.r.Mode {
		return false
	}
	if p.Done && rd.r.Mode == connectors.Full {
		return p.Print == rd.pos.Print
	}
	if !p.Done && p.Print == rd.pos.Print {
		rd.pos.Next = min(p.Next, len(rd.all))
	}
	raw, err := base64.StdEncoding.DecodeString(p.Over)
	if err != nil || rd.r.Mode != connectors.Incremental {
		return false
	}
	listed := map[uint64]bool{}
	for _, w := range rd.all {
		listed[sumOf(w.number)] = true
	}
	for ; len(raw) >= 8; raw = raw[8:] {
		if n := binary.BigEndian.Uint64(raw); listed[n] {
			rd.over[n] = true
		}
	}
	return false
}

func sumOf(number string) uint64 {
	sum := sha256.Sum256([]byte(number))
	return binary.BigEndian.Uint64(sum[:8])
}

// few returns the waybills of the next question, and the line behind them.
func (rd *reading) few() (some []waybill, next int) {
	for next = rd.pos.Next; next < len(rd.all) && len(some) < most; next++ {
		w := rd.all[next]
		if w.number == "" || rd.over[sumOf(w.number)] {
			continue
		}
		// Phones stand in the order of the waybills: all have one, or none.
		if len(some) > 0 && (some[0].phone == "") != (w.phone == "") {
			break
		}
		some = append(some, w)
	}
	return some, next
}

// take adds the row of a line of the list.
func (rd *reading) take(ctx context.Context, w waybill, routes []route) error {
	row := record.Row{Place: w.row.Place, Fault: w.row.Fault, Raw: w.row.Raw}
	switch {
	case row.Fault != nil:
		if row.Raw == nil {
			row.Data = w.row.Data
		}
	case rd.over[sumOf(w.number)]:
		return nil
	default:
		events := []any{}
		for _, r := range routes {
			if r.MailNo == w.number {
				for _, e := range r.Events {
					events = append(events, e)
				}
			}
		}
		row.Key = record.JoinKey(w.number)
		row.Data = map[string]any{"mailNo": w.number, "routes": events}
		if len(w.listed) > 0 {
			row.Data["listed"] = w.listed
		}
		if rd.r.Mode == connectors.Incremental && ended(events) {
			rd.over[sumOf(w.number)] = true
		}
	}
	rd.batch = append(rd.batch, row)
	rd.total++
	if len(rd.batch) >= rd.size && !rd.full() {
		rd.pos.Next++
		err := rd.hand(ctx)
		rd.pos.Next--
		return err
	}
	return ctx.Err()
}

// ends are the codes of a journey's end: signed for, sent back.
var ends = []string{"80", "8000", "648"}

// ended reports whether the journey is over: its last event says so.
func ended(events []any) bool {
	last, code := "", ""
	for _, e := range events {
		m, _ := e.(map[string]any)
		if at := text(m["acceptTime"]); at >= last {
			last, code = at, text(m["opCode"])
		}
	}
	return slices.Contains(ends, code)
}

func (rd *reading) full() bool { return rd.r.Limit > 0 && rd.total >= rd.r.Limit }

// hand hands over the batch with the position after it.
func (rd *reading) hand(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	numbers := make([]uint64, 0, len(rd.over))
	for n := range rd.over {
		numbers = append(numbers, n)
	}
	slices.Sort(numbers)
	raw := make([]byte, 0, 8*len(numbers))
	for _, n := range numbers {
		raw = binary.BigEndian.AppendUint64(raw, n)
	}
	rd.pos.Over = base64.StdEncoding.EncodeToString(raw)
	b := connectors.Batch{Rows: rd.batch}
	rd.batch = nil
	return connectors.HandOver(ctx, rd.emit, b, rd.pos)
}
