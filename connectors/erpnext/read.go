package erpnext

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"slices"

	"crmhub/connectors"
	"crmhub/fault"
	"crmhub/record"
)

// phase is a part of a read: what was deleted, the documents, those of which
// an address was changed.
type phase string

const (
	phaseGone   phase = "gone"
	phaseRows   phase = "rows"
	phaseLinked phase = "linked"
)

// position is where a read stands, as JSON.
type position struct {
	Mode  connectors.Mode `json:"mode"`
	Print string          `json:"print"`
	Phase phase           `json:"phase,omitempty"`
	// Name is the last document of the phase that was handed over.
	Name string `json:"name,omitempty"`
	// Since is from when on changes are read, by the site's clock; empty means
	// everything. Until and UntilGone are the latest change and deletion that
	// there were when the read began: the next read begins there.
	Since     string `json:"since,omitempty"`
	SinceGone string `json:"since_gone,omitempty"`
	Until     string `json:"until,omitempty"`
	UntilGone string `json:"until_gone,omitempty"`
	Done      bool   `json:"done,omitempty"`
}

// Read reads a stream in the order of names.
func (s *source) Read(ctx context.Context, r connectors.Request, emit connectors.Emit) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if err := connectors.Asked(s.cfg, Connector{}.Spec(), r); err != nil {
		return err
	}
	i := slices.IndexFunc(streams, func(st stream) bool { return st.name == r.Stream })
	se := &session{s: s, place: s.place(r.Stream)}
	if err := se.knowZone(ctx); err != nil {
		return err
	}
	rd := &reader{se: se, st: streams[i], r: r, emit: emit, size: r.BatchRows}
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
	se    *session
	st    stream
	r     connectors.Request
	emit  connectors.Emit
	size  int
	pos   position
	total int
}

// begin sets the position; true where a full read is over already.
func (rd *reader) begin(ctx context.Context) (bool, error) {
	sum := sha256.Sum256([]byte(rd.se.s.web.Host() + "\x00" + rd.r.Stream))
	print := hex.EncodeToString(sum[:8])
	var p position
	if len(rd.r.From) == 0 || json.Unmarshal(rd.r.From, &p) != nil || p.Mode != rd.r.Mode || p.Print != print {
		p = position{Mode: rd.r.Mode, Print: print}
	}
	zone := rd.se.s.zone
	switch {
	case p.Done && rd.r.Mode != connectors.Incremental:
		return true, nil
	case p.Done:
		p = position{
			Mode: p.Mode, Print: print, Phase: phaseGone, Until: p.Until, UntilGone: p.UntilGone,
			Since: earlier(p.Until, rd.r.Overlap, zone), SinceGone: earlier(p.UntilGone, rd.r.Overlap, zone),
		}
	case p.Phase != "":
		rd.pos = p
		return false, nil
	default:
		p.Phase = phaseRows // what was gone before the first read was never here
	}
	rd.pos = p
	if rd.r.Mode != connectors.Incremental {
		return false, nil
	}
	doctypes := []string{rd.st.doctype}
	if rd.st.addresses {
		doctypes = append(doctypes, "Address")
	}
	for _, d := range doctypes {
		newest, err := rd.newest(ctx, d, cursor)
		if err != nil {
			return false, err
		}
		rd.pos.Until = max(rd.pos.Until, newest)
	}
	newest, err := rd.newest(ctx, "Deleted Document", "creation")
	if err != nil && !rd.closed(err) {
		return false, err
	}
	rd.pos.UntilGone = max(rd.pos.UntilGone, newest)
	return false, nil
}

// newest is the latest time in a field of a DocType, by the site's clock.
func (rd *reader) newest(ctx context.Context, doctype, field string) (string, error) {
	page, err := rd.se.list(ctx, question{doctype: doctype, fields: []string{"name", field}, order: field + " desc", limit: 1})
	if err != nil || len(page) == 0 {
		return "", err
	}
	text, _ := page[0][field].(string)
	return text, nil
}

// closed reports that the user may not read Deleted Document, and tells of it once.
func (rd *reader) closed(err error) bool {
	f := fault.Of(err)
	if f == nil || f.Code != "E2304" && f.Code != "E2305" {
		return false
	}
	if !rd.se.closed {
		rd.se.closed = true
		rd.se.s.cfg.Noticed(fault.New("W2303", rd.se.s.cfg.Name+"/"+rd.r.Stream, "what", "Deleted Document"))
	}
	return true
}

func (rd *reader) read(ctx context.Context) error {
	for {
		var more bool
		var err error
		switch rd.pos.Phase {
		case phaseGone:
			more, err = rd.gone(ctx)
		case phaseLinked:
			more, err = rd.linked(ctx)
		default:
			more, err = rd.rows(ctx)
		}
		switch {
		case err != nil:
			return err
		case rd.full():
			return ctx.Err()
		case more:
			continue
		}
		switch rd.pos.Name = ""; {
		case rd.pos.Phase == phaseGone:
			rd.pos.Phase = phaseRows
		case rd.pos.Phase == phaseRows && rd.st.addresses && rd.pos.Since != "":
			rd.pos.Phase = phaseLinked
		default:
			rd.pos = position{Mode: rd.pos.Mode, Print: rd.pos.Print, Until: rd.pos.Until, UntilGone: rd.pos.UntilGone, Done: true}
			return rd.hand(ctx, nil)
		}
	}
}

func (rd *reader) full() bool { return rd.r.Limit > 0 && rd.total >= rd.r.Limit }

// most is how many documents the next page may have.
func (rd *reader) most() int {
	n := min(rd.se.s.size, rd.size)
	if rd.r.Limit > 0 {
		n = min(n, rd.r.Limit-rd.total)
	}
	return n
}

// behind adds the place in the phase to filters.
func (rd *reader) behind(filters []filter) []filter {
	filters = slices.Clone(filters)
	if rd.pos.Name != "" {
		filters = append(filters, filter{"name", ">", rd.pos.Name})
	}
	return filters
}

// step notes the last name of a page.
func (rd *reader) step(page []row) error {
	last := nameOf(page[len(page)-1])
	if last == "" || last == rd.pos.Name {
		return rd.se.stuck()
	}
	rd.pos.Name = last
	return nil
}

// rows reads a page of documents.
func (rd *reader) rows(ctx context.Context) (bool, error) {
	q := question{doctype: rd.st.doctype, fields: []string{"*"}, filters: rd.behind(rd.st.filters), limit: rd.most()}
	if rd.st.tables {
		q.fields = []string{"name"}
	}
	if rd.pos.Since != "" {
		q.filters = append(q.filters, filter{cursor, ">=", rd.pos.Since})
	}
	page, err := rd.se.list(ctx, q)
	if err != nil || len(page) == 0 {
		return false, err
	}
	if err := rd.step(page); err != nil {
		return false, err
	}
	if page, err = rd.complete(ctx, page); err != nil {
		return false, err
	}
	return true, rd.hand(ctx, page)
}

// linked reads the customers of a page of addresses that were changed.
func (rd *reader) linked(ctx context.Context) (bool, error) {
	page, err := rd.se.list(ctx, question{doctype: "Address", fields: []string{"name"}, filters: append(rd.behind(nil), filter{cursor, ">=", rd.pos.Since}), limit: rd.most()})
	if err != nil || len(page) == 0 {
		return false, err
	}
	before := rd.pos.Name
	if err := rd.step(page); err != nil {
		return false, err
	}
	var owners []string
	for _, a := range page {
		doc, err := rd.se.document(ctx, "Address", nameOf(a))
		if err != nil {
			return false, err
		}
		links, _ := doc["links"].([]any)
		for _, l := range links {
			if link, _ := l.(row); link["link_doctype"] == rd.st.doctype {
				owner, _ := link["link_name"].(string)
				owners = append(owners, owner)
			}
		}
	}
	if len(owners) == 0 {
		return true, nil
	}
	slices.Sort(owners)
	owners = slices.Compact(owners)
	found, err := rd.se.list(ctx, question{doctype: rd.st.doctype, fields: []string{"*"}, filters: []filter{{"name", "in", owners}}, limit: len(owners)})
	if err != nil {
		return false, err
	}
	if found, err = rd.complete(ctx, found); err != nil {
		return false, err
	}
	// More owners than rows were asked for go out in several batches; the
	// position moves with the last, so that a crash repeats them all.
	at := rd.pos.Name
	for i := 0; i < len(found); i += rd.size {
		part := found[i:min(i+rd.size, len(found))]
		if rd.r.Limit > 0 {
			part = part[:min(len(part), rd.r.Limit-rd.total)]
		}
		if rd.pos.Name = before; i+rd.size >= len(found) {
			rd.pos.Name = at
		}
		if err := rd.hand(ctx, part); err != nil || rd.full() {
			return false, err
		}
	}
	rd.pos.Name = at
	return true, nil
}

// gone reads a page of Deleted Document. A name that is in use again is not gone.
func (rd *reader) gone(ctx context.Context) (bool, error) {
	if rd.se.closed || rd.pos.UntilGone == "" {
		return false, nil
	}
	filters := append(rd.behind(nil), filter{"deleted_doctype", "=", rd.st.doctype})
	if rd.pos.SinceGone != "" {
		filters = append(filters, filter{"creation", ">=", rd.pos.SinceGone})
	}
	page, err := rd.se.list(ctx, question{doctype: "Deleted Document", fields: []string{"name", "deleted_name", "creation"}, filters: filters, limit: rd.most()})
	if rd.closed(err) {
		return false, nil
	}
	if err != nil || len(page) == 0 {
		return false, err
	}
	if err := rd.step(page); err != nil {
		return false, err
	}
	var deleted []string
	for _, d := range page {
		if name, _ := d["deleted_name"].(string); name != "" {
			deleted = append(deleted, name)
		}
	}
	slices.Sort(deleted)
	deleted = slices.Compact(deleted)
	there := map[string]bool{}
	if len(deleted) > 0 {
		found, err := rd.se.list(ctx, question{doctype: rd.st.doctype, fields: []string{"name"}, filters: []filter{{"name", "in", deleted}}, limit: len(deleted)})
		if err != nil {
			return false, err
		}
		for _, f := range found {
			there[nameOf(f)] = true
		}
	}
	b := connectors.Batch{}
	for _, name := range deleted {
		if !there[name] {
			b.Rows = append(b.Rows, record.Row{Place: record.Place{Name: rd.r.Stream}, Key: name, Data: row{"name": name}, Deleted: true})
		}
	}
	return true, rd.emitted(ctx, b)
}

// hand hands over a page with the position after it.
func (rd *reader) hand(ctx context.Context, page []row) error {
	b := connectors.Batch{}
	for _, data := range page {
		out := record.Row{Place: record.Place{Name: rd.r.Stream}, Data: data, Key: rd.key(data)}
		if rd.r.Deleted != "" {
			out.Deleted = record.Truth(data[rd.r.Deleted])
		}
		b.Rows = append(b.Rows, out)
	}
	return rd.emitted(ctx, b)
}

func (rd *reader) emitted(ctx context.Context, b connectors.Batch) error {
	rd.total += len(b.Rows)
	return connectors.HandOver(ctx, rd.emit, b, rd.pos)
}

// key joins the values of the key's fields.
func (rd *reader) key(data row) string {
	if len(rd.r.Key) == 0 {
		return nameOf(data)
	}
	parts := make([]string, len(rd.r.Key))
	for i, f := range rd.r.Key {
		switch v := data[f].(type) {
		case string:
			parts[i] = v
		case json.Number:
			parts[i] = v.String()
		}
	}
	return record.JoinKey(parts...)
}

// nameOf is a document's name; those of some DocTypes are numbers.
func nameOf(data row) string {
	switch v := data["name"].(type) {
	case string:
		return v
	case json.Number:
		return v.String()
	}
	return ""
}
