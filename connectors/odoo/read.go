package odoo

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"slices"
	"time"

	"crmhub/connectors"
	"crmhub/fault"
	"crmhub/record"
)

// position is where a read stands, as JSON.
type position struct {
	Mode  connectors.Mode `json:"mode"`
	Print string          `json:"print"`
	// ID is the last record handed over.
	ID int64 `json:"id,omitempty"`
	// Since is from when on changes are read, by the database's clock; empty
	// means everything. Until is the latest write that there was when the read
	// began: the next read begins there.
	Since string `json:"since,omitempty"`
	Until string `json:"until,omitempty"`
	Begun bool   `json:"begun,omitempty"`
	Done  bool   `json:"done,omitempty"`
}

// many is how many ids one question asks for.
const many = 5000

// Read reads a stream in the order of ids.
func (s *source) Read(ctx context.Context, r connectors.Request, emit connectors.Emit) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if err := connectors.Asked(s.cfg, Connector{}.Spec(), r); err != nil {
		return err
	}
	st, _ := find(r.Stream)
	se, err := s.login(ctx, s.place(r.Stream), false)
	if err != nil {
		return err
	}
	rd := &reader{se: se, st: st, r: r, emit: emit, size: r.BatchRows}
	if rd.size <= 0 {
		rd.size = 1000
	}
	over, err := rd.begin(ctx)
	if err != nil || over {
		return err
	}
	return rd.read(ctx)
}

// reader is one read under way.
type reader struct {
	se     *session
	st     stream
	r      connectors.Request
	emit   connectors.Emit
	size   int
	pos    position
	total  int
	fields []string
}

// begin sets the position; true where a full read is over already.
func (rd *reader) begin(ctx context.Context) (bool, error) {
	s := rd.se.s
	sum := sha256.Sum256([]byte(s.web.Host() + "\x00" + s.cfg.Params.Text("database") + "\x00" + rd.r.Stream))
	print := hex.EncodeToString(sum[:8])
	var p position
	if len(rd.r.From) == 0 || json.Unmarshal(rd.r.From, &p) != nil || p.Mode != rd.r.Mode || p.Print != print {
		p = position{Mode: rd.r.Mode, Print: print}
	}
	switch {
	case p.Done && rd.r.Mode != connectors.Incremental:
		return true, nil
	case p.Done:
		p = position{Mode: p.Mode, Print: print, Since: earlier(p.Until, rd.r.Overlap)}
	}
	rd.pos = p
	var err error
	if !p.Begun && rd.r.Mode == connectors.Incremental {
		if rd.pos.Until, err = rd.latest(ctx); err != nil {
			return false, err
		}
		rd.pos.Until = max(rd.pos.Until, p.Since)
	}
	rd.pos.Begun = true
	rd.fields, err = rd.se.readable(ctx, rd.st.model, append(slices.Clone(rd.st.fields), s.more[rd.r.Stream]...))
	return false, err
}

// earlier moves a time of a row back.
func earlier(at string, d time.Duration) string {
	t, err := time.Parse(time.RFC3339Nano, at)
	if err != nil {
		return at
	}
	// The text is cut to the second, which is the second's beginning.
	return t.Add(-d).UTC().Format(time.RFC3339)
}

// latest is the newest write in the model and in those of the parts. It is by
// the database's clock, so that ours may go wrong.
func (rd *reader) latest(ctx context.Context) (string, error) {
	newest := ""
	for _, model := range rd.models() {
		page, err := rd.se.search(ctx, question{
			model: model, domain: domain{[]any{cursor, "!=", false}}, fields: []string{cursor}, order: cursor + " desc, id desc", limit: 1,
		})
		if err != nil {
			return "", err
		}
		for _, one := range page {
			newest = max(newest, written(one))
		}
	}
	return newest, nil
}

// models are those that a change of a record may stand in.
func (rd *reader) models() []string {
	out := []string{rd.st.model}
	for _, p := range rd.st.parts {
		if !slices.Contains(out, p.model) {
			out = append(out, p.model)
		}
	}
	return out
}

func (rd *reader) read(ctx context.Context) error {
	var changed []int64
	if rd.pos.Since != "" {
		var err error
		if changed, err = rd.changed(ctx); err != nil {
			return err
		}
	}
	for rd.r.Limit == 0 || rd.total < rd.r.Limit {
		n := min(rd.se.s.size, rd.size)
		if rd.r.Limit > 0 {
			n = min(n, rd.r.Limit-rd.total)
		}
		d := slices.Clone(rd.st.domain)
		if rd.pos.Since != "" {
			at, _ := slices.BinarySearch(changed, rd.pos.ID+1)
			if changed = changed[at:]; len(changed) == 0 {
				break
			}
			d = append(d, []any{"id", "in", changed[:min(n, len(changed))]})
		} else {
			d = append(d, []any{"id", ">", rd.pos.ID})
		}
		page, err := rd.se.search(ctx, question{model: rd.st.model, domain: d, fields: rd.fields, limit: n})
		if err != nil {
			return err
		}
		var last int64
		switch {
		case rd.pos.Since != "":
			last = changed[min(n, len(changed))-1] // those that are not there any more are passed over
		case len(page) == 0:
			return rd.finish(ctx)
		default:
			if last = number(page[len(page)-1]["id"]); last <= rd.pos.ID {
				return fault.New("E2313", rd.se.place, "stream", rd.r.Stream, "address", rd.se.s.web.Host())
			}
		}
		rd.pos.ID = last
		if err := rd.complete(ctx, page); err != nil {
			return err
		}
		if err := rd.hand(ctx, page); err != nil {
			return err
		}
	}
	if rd.r.Limit > 0 && rd.total >= rd.r.Limit {
		return ctx.Err()
	}
	return rd.finish(ctx)
}

func (rd *reader) finish(ctx context.Context) error {
	rd.pos = position{Mode: rd.pos.Mode, Print: rd.pos.Print, Until: rd.pos.Until, Done: true}
	return rd.hand(ctx, nil)
}

// changed returns the ids of the records that were written, or of which a part
// was, in order.
func (rd *reader) changed(ctx context.Context) ([]int64, error) {
	found, err := rd.touched(ctx, rd.st.model, rd.st.domain, "id")
	if err != nil {
		return nil, err
	}
	for _, p := range rd.st.parts {
		of, err := rd.touched(ctx, p.model, p.domain, p.owner)
		if err != nil {
			return nil, err
		}
		found = append(found, of...)
	}
	slices.Sort(found)
	return slices.Compact(found), nil
}

// touched returns a field of all records of a model that were written since,
// by keyset: whole imports share one write_date.
func (rd *reader) touched(ctx context.Context, model string, d domain, field string) ([]int64, error) {
	d = append(slices.Clone(d), []any{cursor, ">=", asDatabase(rd.pos.Since)})
	var out []int64
	for last := int64(0); ; {
		page, err := rd.se.search(ctx, question{model: model, domain: append(slices.Clone(d), []any{"id", ">", last}), fields: []string{field}, limit: many})
		if err != nil {
			return nil, err
		}
		before := last
		for _, one := range page {
			if id := refersTo(one[field]); id > 0 {
				out = append(out, id)
			}
			last = max(last, number(one["id"]))
		}
		switch {
		case len(page) == 0 || len(page) < many && last > before:
			return out, nil
		case last <= before:
			return nil, fault.New("E2313", rd.se.place, "stream", rd.r.Stream, "address", rd.se.s.web.Host())
		}
	}
}

// hand hands over a page with the position after it.
func (rd *reader) hand(ctx context.Context, page []row) error {
	b := connectors.Batch{}
	reported := rd.st.archives && rd.se.s.cfg.Params.Text("archived") == gone
	for _, data := range page {
		out := record.Row{Place: record.Place{Name: rd.r.Stream}, Data: data, Key: rd.key(data)}
		out.Deleted = reported && data["active"] == false
		if rd.r.Deleted != "" {
			out.Deleted = record.Truth(data[rd.r.Deleted])
		}
		b.Rows = append(b.Rows, out)
	}
	rd.total += len(page)
	return connectors.HandOver(ctx, rd.emit, b, rd.pos)
}

// key joins the values of the key's fields.
func (rd *reader) key(data row) string {
	fields := rd.r.Key
	if len(fields) == 0 {
		fields = []string{"id"}
	}
	parts := make([]string, len(fields))
	for i, f := range fields {
		switch v := data[f].(type) {
		case string:
			parts[i] = v
		case json.Number:
			parts[i] = v.String()
		}
	}
	return record.JoinKey(parts...)
}
