package odoo

import (
	"cmp"
	"context"
	"encoding/json"
	"regexp"
	"slices"

	"crmhub/connectors/file/message"
	"crmhub/fault"
)

// complete puts into the records of a page what belongs to them.
func (rd *reader) complete(ctx context.Context, page []row) error {
	if len(page) == 0 {
		return nil
	}
	for _, one := range page {
		one[changedAt] = written(one)
	}
	for _, p := range rd.st.parts {
		if err := rd.part(ctx, p, page); err != nil {
			return err
		}
	}
	if err := rd.lookups(ctx, rd.st.lookups, page); err != nil {
		return err
	}
	if rd.st.after != nil {
		return rd.st.after(rd, ctx, page)
	}
	return nil
}

// part reads the records of a model that name those of a page.
func (rd *reader) part(ctx context.Context, p part, page []row) error {
	ids := make([]int64, len(page))
	for i, one := range page {
		ids[i] = number(one["id"])
	}
	fields, err := rd.se.readable(ctx, p.model, append(slices.Clone(p.fields), p.owner))
	if err != nil {
		return err
	}
	d := append(slices.Clone(p.domain), []any{p.owner, "in", ids})
	of := map[int64][]any{}
	when := map[int64]string{}
	for last, more := int64(0), true; more; {
		found, err := rd.se.search(ctx, question{model: p.model, domain: append(slices.Clone(d), []any{"id", ">", last}), fields: fields, limit: many})
		if err != nil {
			return err
		}
		if err := rd.lookups(ctx, p.lookups, found); err != nil {
			return err
		}
		for _, one := range found {
			last = max(last, number(one["id"]))
			owner := refersTo(one[p.owner])
			when[owner] = max(when[owner], written(one))
			delete(one, p.owner)
			delete(one, cursor)
			of[owner] = append(of[owner], one)
		}
		more = len(found) == many
	}
	for _, one := range page {
		id := number(one["id"])
		list := of[id]
		// The order that people gave the lines.
		slices.SortStableFunc(list, func(a, b any) int {
			return cmp.Compare(number(a.(row)["sequence"]), number(b.(row)["sequence"]))
		})
		one[p.name] = nil
		if list != nil {
			one[p.name] = list
		}
		at, _ := one[changedAt].(string)
		one[changedAt] = max(at, when[id])
	}
	return nil
}

// lookups fills references with fields of the records that they name.
func (rd *reader) lookups(ctx context.Context, all []lookup, page []row) error {
	for _, l := range all {
		var ids []int64
		for _, one := range page {
			if id := refersTo(one[l.field]); id > 0 {
				ids = append(ids, id)
			}
		}
		found, err := rd.byID(ctx, l.model, l.fields, ids, l.optional)
		if err != nil {
			return err
		}
		of := map[int64]row{}
		for _, one := range found {
			of[number(one["id"])] = one
		}
		if err := rd.lookups(ctx, l.lookups, found); err != nil {
			return err
		}
		for _, one := range page {
			ref, _ := one[l.field].(row)
			if known, ok := of[refersTo(one[l.field])]; ok && ref != nil {
				filled := row{}
				for k, v := range ref {
					filled[k] = v
				}
				for k, v := range known {
					filled[k] = v
				}
				one[l.field] = filled
			}
		}
	}
	return nil
}

// byID reads the records of a model that have these ids. A model that may be
// missing gives none, which is told of once.
func (rd *reader) byID(ctx context.Context, model string, fields []string, ids []int64, optional bool) ([]row, error) {
	slices.Sort(ids)
	ids = slices.Compact(ids)
	if len(ids) == 0 || rd.se.closed[model] {
		return nil, nil
	}
	var out []row
	fields, err := rd.se.readable(ctx, model, append([]string{"id"}, fields...))
	for part := range slices.Chunk(ids, many) {
		if err != nil {
			break
		}
		var found []row
		found, err = rd.se.search(ctx, question{model: model, domain: domain{[]any{"id", "in", part}}, fields: fields})
		out = append(out, found...)
	}
	if optional && absent(err) {
		rd.se.closed[model] = true
		rd.se.s.cfg.Noticed(fault.New("W2304", rd.se.s.cfg.Name+"/"+rd.r.Stream, "what", model))
		return nil, nil
	}
	return out, err
}

// tags gives partners the names of their tags.
func (rd *reader) tags(ctx context.Context, page []row) error {
	return rd.named(ctx, page, "category_id", "res.partner.category", "tags", []string{"name"})
}

// named puts the records of a list of ids into a further field.
func (rd *reader) named(ctx context.Context, page []row, field, model, into string, fields []string) error {
	var ids []int64
	for _, one := range page {
		ids = append(ids, idsOf(one[field])...)
	}
	found, err := rd.byID(ctx, model, fields, ids, true)
	if err != nil {
		return err
	}
	of := map[int64]row{}
	for _, one := range found {
		of[number(one["id"])] = one
	}
	for _, one := range page {
		var list []any
		for _, id := range idsOf(one[field]) {
			if x, ok := of[id]; ok {
				list = append(list, x)
			}
		}
		one[into] = nil
		if list != nil {
			one[into] = list
		}
	}
	return nil
}

// idsOf are the ids of a field with many references.
func idsOf(v any) []int64 {
	list, _ := v.([]any)
	var out []int64
	for _, x := range list {
		if id := number(x); id > 0 {
			out = append(out, id)
		}
	}
	return out
}

var betweenOrigins = regexp.MustCompile(`[,;\s]+`)

// orders gives payments the ids of the orders that their invoices come from,
// by the orders' numbers.
func (rd *reader) orders(ctx context.Context, page []row) error {
	const invoices = "reconciled_invoice_ids"
	if err := rd.named(ctx, page, invoices, "account.move", "invoices", []string{"name", "invoice_origin"}); err != nil {
		return err
	}
	var numbers []any
	origins := func(one row) []string {
		var out []string
		list, _ := one["invoices"].([]any)
		for _, x := range list {
			if from, _ := x.(row)["invoice_origin"].(string); from != "" {
				out = append(out, betweenOrigins.Split(from, -1)...)
			}
		}
		return out
	}
	for _, one := range page {
		delete(one, invoices)
		for _, n := range origins(one) {
			numbers = append(numbers, n)
		}
	}
	ids := map[string]json.Number{}
	if len(numbers) > 0 && !rd.se.closed["sale.order"] {
		found, err := rd.se.search(ctx, question{model: "sale.order", domain: domain{[]any{"name", "in", numbers}}, fields: []string{"id", "name"}})
		if absent(err) {
			rd.se.closed["sale.order"] = true
		} else if err != nil {
			return err
		}
		for _, o := range found {
			if name, _ := o["name"].(string); name != "" {
				ids[name], _ = o["id"].(json.Number)
			}
		}
	}
	for _, one := range page {
		one["orders"] = nil
		var list []any
		for _, n := range origins(one) {
			if id, ok := ids[n]; ok && !slices.Contains(list, any(id)) {
				list = append(list, id)
			}
		}
		if list != nil {
			one["orders"] = list
		}
	}
	return nil
}

// about gives messages the partner of the record that they stand at, their
// words without HTML, and the names of their attachments.
func (rd *reader) about(ctx context.Context, page []row) error {
	at := map[string][]int64{}
	for _, one := range page {
		model, _ := one["model"].(string)
		one["partner"] = nil
		if model == "res.partner" {
			one["partner"] = row{"id": one["res_id"]}
		} else if id := number(one["res_id"]); id > 0 && model != "" {
			at[model] = append(at[model], id)
		}
		one["text"] = nil
		if html, ok := one["body"].(string); ok {
			if words := message.HTMLText(html); words != "" {
				one["text"] = words
			}
		}
	}
	of := map[string]map[int64]any{}
	for model, ids := range at {
		found, err := rd.byID(ctx, model, []string{"partner_id"}, ids, true)
		if err != nil {
			return err
		}
		of[model] = map[int64]any{}
		for _, one := range found {
			of[model][number(one["id"])] = one["partner_id"]
		}
	}
	var partners []row
	for _, one := range page {
		model, _ := one["model"].(string)
		if p, ok := of[model][number(one["res_id"])]; ok && p != nil {
			one["partner"] = p
		}
		if one["partner"] != nil {
			partners = append(partners, one)
		}
	}
	if err := rd.lookups(ctx, []lookup{{field: "partner", model: "res.partner", fields: []string{"name", "type", "parent_id"}}}, partners); err != nil {
		return err
	}
	return rd.named(ctx, page, "attachment_ids", "ir.attachment", "attachments", []string{"name", "mimetype", "file_size"})
}
