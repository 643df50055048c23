package erpnext

import (
	"context"
	"slices"
	"time"

	"crmhub/connectors/file/message"
	"crmhub/fault"
)

// complete fetches the documents of a page with their tables, adds addresses,
// and writes times so that they say their zone. Documents that are gone
// meanwhile fall away.
func (rd *reader) complete(ctx context.Context, page []row) ([]row, error) {
	zone := rd.se.s.zone
	if rd.st.tables {
		whole := page[:0]
		for _, one := range page {
			doc, err := rd.se.document(ctx, rd.st.doctype, nameOf(one))
			if err != nil {
				return nil, err
			}
			if doc != nil {
				whole = append(whole, doc)
			}
		}
		page = whole
	}
	for _, one := range page {
		one[changedAt] = inUTC(one[cursor], zone)
		for _, field := range append([]string{cursor, "creation"}, rd.st.times...) {
			if v, ok := one[field]; ok {
				one[field] = zoned(v, zone)
			}
		}
		posted(one, zone)
		if html, ok := one["content"].(string); ok && rd.st.doctype == "Communication" {
			one["text"] = message.HTMLText(html)
		}
	}
	if !rd.st.addresses || len(page) == 0 {
		return page, nil
	}
	return page, rd.addresses(ctx, page)
}

// posted joins the day and the time of day of documents that part them.
func posted(one row, zone *time.Location) {
	day, _ := one["posting_date"].(string)
	hour, _ := one["posting_time"].(string)
	if at, ok := instant(day+" "+hour, zone); ok {
		one["posted_at"] = at.Format("2006-01-02T15:04:05.999999Z07:00")
	}
}

// addresses gives customers the addresses that are linked to them.
func (rd *reader) addresses(ctx context.Context, page []row) error {
	links, err := rd.links(ctx, page)
	if err != nil {
		return err
	}
	var wanted []string
	for _, of := range links {
		wanted = append(wanted, of...)
	}
	slices.Sort(wanted)
	known := map[string]row{}
	for part := range slices.Chunk(slices.Compact(wanted), 100) {
		found, err := rd.se.list(ctx, question{doctype: "Address", fields: []string{"*"}, filters: []filter{{"name", "in", part}}, limit: len(part)})
		if err != nil {
			return err
		}
		for _, a := range found {
			known[nameOf(a)] = a
		}
	}
	for _, one := range page {
		var list []any
		at, _ := one[changedAt].(string)
		for _, name := range links[nameOf(one)] {
			a := known[name]
			if a == nil {
				continue
			}
			at = max(at, inUTC(a[cursor], rd.se.s.zone))
			list = append(list, a)
		}
		one["addresses"] = nil
		if list != nil {
			one["addresses"] = list
		}
		one[changedAt] = at
	}
	return nil
}

// links are the names of the addresses of each customer of a page, in order.
// They stand in a table of the addresses, which most sites let one ask for
// directly; of others each customer's are asked for.
func (rd *reader) links(ctx context.Context, page []row) (map[string][]string, error) {
	out := map[string][]string{}
	if !rd.se.alone {
		owners := make([]string, len(page))
		for i, one := range page {
			owners[i] = nameOf(one)
		}
		for part := range slices.Chunk(owners, 100) {
			err := rd.se.all(ctx, question{
				doctype: "Dynamic Link", parent: "Address", fields: []string{"name", "parent", "link_name"},
				filters: []filter{{"parenttype", "=", "Address"}, {"link_doctype", "=", rd.st.doctype}, {"link_name", "in", part}},
			}, func(found []row) error {
				for _, l := range found {
					owner, _ := l["link_name"].(string)
					address, _ := l["parent"].(string)
					out[owner] = append(out[owner], address)
				}
				return nil
			})
			f := fault.Of(err)
			if f != nil && (f.Code == "E2304" || f.Code == "E2305" || f.Code == "E2310") {
				rd.se.alone, out = true, map[string][]string{}
				break
			}
			if err != nil {
				return nil, err
			}
		}
	}
	if rd.se.alone {
		for _, one := range page {
			owner := nameOf(one)
			err := rd.se.all(ctx, question{
				doctype: "Address", fields: []string{"name"}, order: "`tabAddress`.`name` asc",
				filters: []filter{{"Dynamic Link", "link_doctype", "=", rd.st.doctype}, {"Dynamic Link", "link_name", "=", owner}},
			}, func(found []row) error {
				for _, a := range found {
					out[owner] = append(out[owner], nameOf(a))
				}
				return nil
			})
			if err != nil {
				return nil, err
			}
		}
	}
	for owner, of := range out {
		slices.Sort(of)
		out[owner] = slices.Compact(of)
	}
	return out, nil
}
