package tryton

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"slices"
	"strconv"
	"time"

	"crmhub/connectors"
	"crmhub/fault"
	"crmhub/record"
)

// stream is a model and the records that belong to each of its own.
type stream struct {
	name, model string
	fields      []string
	parts       []part
	// flags are fields that SQLite gives as 0 and 1.
	flags []string
	// archived says that active: false is gone.
	archived, optional bool
}

// part is a model whose records belong to one of the stream's.
type part struct {
	name, model, owner string
	fields             []string
	// refers says that the owner names it (invoice_address), not the other way.
	refers bool
}

var address = []string{"street", "city", "postal_code", "country.code", "subdivision.name", "active"}

var streams = []stream{
	{
		name: "parties", model: "party.party", archived: true, flags: []string{"active"},
		fields: []string{"name", "code", "active", "lang.code", "create_date", "write_date"},
		parts: []part{
			{name: "addresses", model: "party.address", owner: "party", fields: address},
			{name: "contact_mechanisms", model: "party.contact_mechanism", owner: "party", fields: []string{"type", "value", "active"}},
			{name: "identifiers", model: "party.identifier", owner: "party", fields: []string{"type", "code"}},
		},
	},
	{
		name: "sales", model: "sale.sale", optional: true,
		fields: []string{
			"number", "reference", "party", "state", "sale_date", "currency.code", "untaxed_amount", "tax_amount", "total_amount",
			"invoice_address", "shipment_address", "create_date", "write_date",
		},
		parts: []part{
			{name: "lines", model: "sale.line", owner: "sale", fields: []string{"type", "product.rec_name", "description", "quantity", "unit_price", "amount"}},
			{name: "invoice_address", model: "party.address", refers: true, fields: address},
			{name: "shipment_address", model: "party.address", refers: true, fields: address},
		},
	},
}

// position is where a read stands, as JSON.
type position struct {
	Mode  connectors.Mode `json:"mode"`
	Print string          `json:"print"`
	// ID is the last record handed over.
	ID int64 `json:"id,omitempty"`
	// Since is from when on changes are read (zero: everything), Until when
	// the read began: the next begins there.
	Since time.Time `json:"since,omitzero"`
	Until time.Time `json:"until,omitzero"`
	Done  bool      `json:"done,omitempty"`
	// Counted are the parts' models when the read began.
	Counted map[string]tally `json:"counted,omitempty"`
}

// Read reads a stream in the order of ids.
func (s *source) Read(ctx context.Context, r connectors.Request, emit connectors.Emit) error {
	if err := connectors.Asked(s.cfg, Connector{}.Spec(), r); err != nil {
		return err
	}
	i := slices.IndexFunc(streams, func(st stream) bool { return st.name == r.Stream })
	se, err := s.login(ctx, s.place(r.Stream))
	if err != nil {
		return err
	}
	rd := &reader{se: se, st: streams[i], r: r, emit: emit, size: r.BatchRows}
	if rd.size <= 0 {
		rd.size = 1000
	}
	over, before := rd.begin()
	if over {
		return nil
	}
	if rd.pos.Counted == nil {
		if rd.pos.Counted, err = rd.tallies(ctx); err != nil {
			return err
		}
		gone, err := rd.missing(ctx, before)
		if err != nil {
			return err
		}
		if gone {
			rd.pos.Since = time.Time{}
		}
	}
	return rd.read(ctx)
}

// reader is one read under way.
type reader struct {
	se    *session
	st    stream
	r     connectors.Request
	emit  connectors.Emit
	size  int
	pos   position
	total int
}

// begin sets the position, and returns what was counted by the read before;
// true where a full read is over already.
func (rd *reader) begin() (bool, map[string]tally) {
	s := rd.se.s
	sum := sha256.Sum256([]byte(s.url.Host + "\x00" + s.db + "\x00" + rd.r.Stream))
	rd.pos = position{Mode: rd.r.Mode, Print: hex.EncodeToString(sum[:8]), Until: rd.se.began}
	var p position
	if len(rd.r.From) == 0 || json.Unmarshal(rd.r.From, &p) != nil || p.Mode != rd.pos.Mode || p.Print != rd.pos.Print {
		return false, nil
	}
	switch {
	case !p.Done:
		rd.pos = p
		return false, nil
	case rd.r.Mode != connectors.Incremental:
		return true, nil
	}
	rd.pos.Since = p.Until.Add(-rd.r.Overlap)
	return false, p.Counted
}

func (rd *reader) read(ctx context.Context) error {
	var changed []int64
	if !rd.pos.Since.IsZero() {
		var err error
		if changed, err = rd.changed(ctx); err != nil {
			return err
		}
	}
	for rd.r.Limit == 0 || rd.total < rd.r.Limit {
		d := domain{[]any{"id", ">", rd.pos.ID}}
		if hasActive(rd.st.model) {
			d = append(d, archived)
		}
		n := min(rd.se.s.size, rd.size)
		if rd.r.Limit > 0 {
			n = min(n, rd.r.Limit-rd.total)
		}
		if !rd.pos.Since.IsZero() {
			at, _ := slices.BinarySearch(changed, rd.pos.ID+1)
			if changed = changed[at:]; len(changed) == 0 {
				break
			}
			d = append(d, []any{"id", "in", changed[:min(n, len(changed))]})
		}
		page, err := rd.se.search(ctx, rd.st.model, d, n, rd.st.fields)
		if err != nil {
			return err
		}
		var last int64
		switch {
		case !rd.pos.Since.IsZero():
			last = changed[min(n, len(changed))-1] // those that are not there any more are passed over
		case len(page) == 0:
			return rd.finish(ctx)
		default:
			if last = number(page[len(page)-1]["id"]); last <= rd.pos.ID {
				return fault.New("E2313", rd.se.place, "stream", rd.r.Stream, "address", rd.se.s.url.Host)
			}
		}
		rd.pos.ID = last
		if err := rd.parts(ctx, page); err != nil {
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
	rd.pos = position{Mode: rd.pos.Mode, Print: rd.pos.Print, Until: rd.pos.Until, Counted: rd.pos.Counted, Done: true}
	return rd.hand(ctx, nil)
}

// changed returns the ids of the records that changed, or of which a part did,
// in order.
func (rd *reader) changed(ctx context.Context) ([]int64, error) {
	found, err := rd.touched(ctx, rd.st.model, "id")
	if err != nil {
		return nil, err
	}
	for _, p := range rd.st.parts {
		if p.refers {
			continue
		}
		of, err := rd.touched(ctx, p.model, p.owner)
		if err != nil {
			return nil, err
		}
		found = append(found, of...)
	}
	slices.Sort(found)
	return slices.Compact(found), nil
}

// touched returns a field of all records of a model that changed.
func (rd *reader) touched(ctx context.Context, model, field string) ([]int64, error) {
	const many = 5000
	var out []int64
	for _, when := range since(rd.pos.Since) {
		for last, more := int64(0), true; more; {
			d := append(slices.Clone(when), []any{"id", ">", last})
			if hasActive(model) {
				d = append(d, archived)
			}
			page, err := rd.se.search(ctx, model, d, many, []string{field})
			if err != nil {
				return nil, err
			}
			for _, row := range page {
				if id := number(row[field]); id > 0 {
					out = append(out, id)
				}
				last = max(last, number(row["id"]))
			}
			more = len(page) == many
		}
	}
	return out, nil
}

// hasActive tells the models whose records can be archived.
func hasActive(model string) bool {
	return model == "party.party" || model == "party.address" || model == "party.contact_mechanism"
}

// parts reads what belongs to the records of a page and puts it into them.
func (rd *reader) parts(ctx context.Context, page []map[string]any) error {
	if len(page) == 0 {
		return nil
	}
	for _, p := range rd.st.parts {
		field, ids := p.owner, []int64{}
		for _, row := range page {
			id := number(row["id"])
			if p.refers {
				field, id = "id", number(row[p.name])
			}
			if id > 0 {
				ids = append(ids, id)
			}
		}
		slices.Sort(ids)
		of, when := map[int64][]any{}, map[int64]string{}
		for last := int64(0); len(ids) > 0; {
			const many = 5000
			d := domain{[]any{field, "in", slices.Compact(ids)}, []any{"id", ">", last}}
			if hasActive(p.model) {
				d = append(d, archived)
			}
			found, err := rd.se.search(ctx, p.model, d, many, append(slices.Clone(p.fields), field, "create_date", "write_date"))
			if err != nil {
				return err
			}
			for _, one := range found {
				last = max(last, number(one["id"]))
				owner := number(one[field])
				if !p.refers {
					delete(one, field)
				}
				truth(one, "active")
				when[owner] = max(when[owner], written(one))
				delete(one, "create_date")
				delete(one, "write_date")
				of[owner] = append(of[owner], one)
			}
			if len(found) < many {
				break
			}
		}
		for _, row := range page {
			owner := number(row["id"])
			if p.refers {
				owner = number(row[p.name])
			}
			row[p.name] = nil
			switch list := of[owner]; {
			case p.refers && len(list) > 0:
				row[p.name] = list[0]
			case len(list) > 0:
				row[p.name] = list
			}
			changed, _ := row[changedAt].(string)
			row[changedAt] = max(changed, when[owner], written(row))
		}
	}
	return nil
}

// changedAt is when a record or any of its parts was written last: its own date
// does not move with them.
const changedAt = "changed_at"

// written is when a record was written or created, "" where it has no dates.
func written(row map[string]any) string {
	at, _ := row["write_date"].(string)
	if at == "" {
		at, _ = row["create_date"].(string)
	}
	return at
}

// hand hands over a page with the position after it.
func (rd *reader) hand(ctx context.Context, page []map[string]any) error {
	b := connectors.Batch{}
	for _, data := range page {
		for _, f := range rd.st.flags {
			truth(data, f)
		}
		row := record.Row{Place: record.Place{Name: rd.r.Stream}, Data: data, Key: rd.key(data)}
		row.Deleted = rd.st.archived && data["active"] == false
		if rd.r.Deleted != "" {
			row.Deleted = record.Truth(data[rd.r.Deleted])
		}
		b.Rows = append(b.Rows, row)
	}
	rd.total += len(page)
	return connectors.HandOver(ctx, rd.emit, b, rd.pos)
}

func (rd *reader) key(data map[string]any) string {
	names := rd.r.Key
	if len(names) == 0 {
		names = []string{"id"}
	}
	parts := make([]string, len(names))
	for i, n := range names {
		switch v := data[n].(type) {
		case string:
			parts[i] = v
		case json.Number:
			parts[i] = v.String()
		}
	}
	return record.JoinKey(parts...)
}

// truth makes a boolean of what SQLite gives as a number.
func truth(row map[string]any, name string) {
	if n, ok := row[name].(json.Number); ok {
		row[name] = n != "0"
	}
}

func number(v any) int64 {
	n, _ := v.(json.Number)
	i, err := strconv.ParseInt(n.String(), 10, 64)
	if err != nil {
		return 0
	}
	return i
}
