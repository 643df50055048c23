package odoo

import (
	"context"
	"maps"
	"slices"
	"strings"
)

// cursor is the field that moves with each change of a record.
const cursor = "write_date"

// changedAt is when a record or any of its parts was written last: its own
// date does not move with them.
const changedAt = "changed_at"

// stream is a model and what belongs to each of its records.
type stream struct {
	name, model string
	domain      domain
	fields      []string
	parts       []part
	lookups     []lookup
	// archives says that active: false is an archived record.
	archives bool
	// after adds what neither parts nor lookups can say.
	after func(rd *reader, ctx context.Context, page []row) error
}

// part is a model whose records belong to one of the stream's: those whose
// field owner names it.
type part struct {
	name, model, owner string
	domain             domain
	fields             []string
	lookups            []lookup
}

// lookup fills the object of a many2one field (id and name) with fields of the
// record that it names.
type lookup struct {
	field, model string
	fields       []string
	lookups      []lookup
	// optional says that a user who may not read the model reads on without.
	optional bool
}

var (
	country = lookup{field: "country_id", model: "res.country", fields: []string{"code"}, optional: true}
	state   = lookup{field: "state_id", model: "res.country.state", fields: []string{"name", "code"}, optional: true}
	address = []string{"name", "type", "street", "street2", "city", "state_id", "zip", "country_id", "active"}
	// addresses are the types of child contacts that are no people of their own.
	addresses = []any{"type", "in", []any{"invoice", "delivery", "other"}}
)

// partner is a lookup of a partner with its address and the one that it belongs to.
func partner(field string) lookup {
	return lookup{field: field, model: "res.partner", fields: append([]string{"parent_id"}, address...), lookups: []lookup{country, state}}
}

var streams = []stream{
	{
		name: "partners", model: "res.partner", archives: true,
		fields: append([]string{
			"id", "is_company", "parent_id", "commercial_partner_id", "commercial_company_name", "company_name", "email", "phone", "mobile", "function", "vat", "ref",
			"company_registry", "website", "lang", "category_id", "user_id", "comment", "create_date", "write_date",
		}, address...),
		parts: []part{{
			name: "addresses", model: "res.partner", owner: "parent_id", domain: domain{addresses}, fields: append([]string{"id", "write_date"}, address...), lookups: []lookup{country, state},
		}},
		lookups: []lookup{country, state},
		after:   (*reader).tags,
	},
	{
		name: "orders", model: "sale.order",
		fields: []string{
			"id", "name", "partner_id", "partner_invoice_id", "partner_shipping_id", "date_order", "state", "amount_untaxed", "amount_tax", "amount_total", "currency_id",
			"client_order_ref", "origin", "user_id", "team_id", "website_id", "create_date", "write_date",
		},
		parts: []part{{
			name: "lines", model: "sale.order.line", owner: "order_id",
			fields: []string{
				"id", "sequence", "display_type", "name", "product_id", "product_uom_qty", "price_unit", "discount", "price_subtotal", "price_tax", "price_total", "is_delivery",
				"is_downpayment", "write_date",
			},
			lookups: []lookup{{field: "product_id", model: "product.product", fields: []string{"default_code", "name"}, optional: true}},
		}},
		lookups: []lookup{partner("partner_id"), partner("partner_invoice_id"), partner("partner_shipping_id")},
	},
	{
		name: "payments", model: "account.payment",
		fields: []string{
			"id", "name", "partner_id", "partner_type", "amount", "currency_id", "date", "payment_type", "state", "ref", "memo", "payment_reference", "payment_method_line_id", "journal_id",
			"reconciled_invoice_ids", "create_date", "write_date",
		},
		lookups: []lookup{partner("partner_id")},
		after:   (*reader).orders,
	},
	{
		name: "pickings", model: "stock.picking", domain: domain{[]any{"picking_type_id.code", "=", "outgoing"}},
		fields: []string{
			"id", "name", "origin", "partner_id", "sale_id", "carrier_id", "carrier_tracking_ref", "state", "scheduled_date", "date_done", "return_id", "backorder_id", "create_date", "write_date",
		},
		lookups: []lookup{partner("partner_id")},
	},
	{
		name: "messages", model: "mail.message",
		// user_notification, notification and auto_comment are Odoo's own talk.
		domain: domain{[]any{"message_type", "in", []any{"email", "email_outgoing", "comment", "sms", "whatsapp_message"}}, []any{"model", "!=", false}},
		fields: []string{
			"id", "model", "res_id", "record_name", "date", "author_id", "email_from", "message_type", "subtype_id", "is_internal", "subject", "body", "message_id", "parent_id", "attachment_ids",
			"partner_ids", "create_date", "write_date",
		},
		lookups: []lookup{partner("author_id")},
		after:   (*reader).about,
	},
}

// find returns a stream by name.
func find(name string) (stream, bool) {
	i := slices.IndexFunc(streams, func(st stream) bool { return st.name == name })
	if i < 0 {
		return stream{}, false
	}
	return streams[i], true
}

// known lists the streams.
func known() string {
	var names []string
	for _, st := range streams {
		names = append(names, st.name)
	}
	return strings.Join(names, ", ")
}

func sorted(m map[string]string) []string { return slices.Sorted(maps.Keys(m)) }
