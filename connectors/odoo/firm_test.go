package odoo_test

import (
	"fmt"
	"testing"
)

// schema is the part of Odoo's models that is asked for, as 17 has it.
var schema = map[string]string{
	"res.partner": "name:char type:selection street:char street2:char city:char state_id:many2one>res.country.state zip:char country_id:many2one>res.country active:boolean " +
		"is_company:boolean parent_id:many2one>res.partner commercial_partner_id:many2one>res.partner commercial_company_name:char email:char phone:char mobile:char function:char " +
		"vat:char ref:char company_registry:char website:char lang:selection category_id:many2many user_id:many2one>res.users comment:html x_wechat:char",
	"res.partner.category": "name:char active:boolean", "res.users": "name:char", "res.country": "name:char code:char", "res.country.state": "name:char code:char",
	"res.currency": "name:char",
	"sale.order": "name:char partner_id:many2one>res.partner partner_invoice_id:many2one>res.partner partner_shipping_id:many2one>res.partner date_order:datetime state:selection " +
		"amount_untaxed:monetary amount_tax:monetary amount_total:monetary currency_id:many2one>res.currency client_order_ref:char origin:char user_id:many2one>res.users",
	"sale.order.line": "order_id:many2one>sale.order sequence:integer display_type:selection name:text product_id:many2one>product.product product_uom_qty:float price_unit:float " +
		"discount:float price_subtotal:monetary price_tax:float price_total:monetary is_delivery:boolean",
	"product.product": "name:char default_code:char",
	"account.payment": "name:char partner_id:many2one>res.partner partner_type:selection amount:monetary currency_id:many2one>res.currency date:date payment_type:selection state:selection " +
		"ref:char journal_id:many2one>account.journal reconciled_invoice_ids:many2many",
	"account.journal": "name:char", "account.move": "name:char invoice_origin:char partner_id:many2one>res.partner",
	"stock.picking": "name:char origin:char partner_id:many2one>res.partner sale_id:many2one>sale.order carrier_id:many2one>delivery.carrier carrier_tracking_ref:char state:selection " +
		"scheduled_date:datetime date_done:datetime picking_type_id:many2one>stock.picking.type",
	"stock.picking.type": "name:char code:selection", "delivery.carrier": "name:char",
	"mail.message": "model:char res_id:many2one_reference record_name:char date:datetime author_id:many2one>res.partner email_from:char message_type:selection subtype_id:many2one>mail.message.subtype " +
		"is_internal:boolean subject:char body:html message_id:char parent_id:many2one>mail.message attachment_ids:many2many partner_ids:many2many",
	"mail.message.subtype": "name:char", "ir.attachment": "name:char mimetype:char file_size:integer",
}

// firm is a small company: three customers, one of them a company with a
// contact and a delivery address, one archived; orders, payments, deliveries
// and messages.
func firm(t *testing.T, major int) *server {
	s := newServer(t, major)
	s.put("res.country", 0, params{"name": "中国", "code": "CN"})
	s.put("res.country.state", 0, params{"name": "浙江省", "code": "33"})
	s.put("res.currency", 0, params{"name": "CNY"})
	s.put("res.users", 0, params{"name": "王芳"})
	s.put("res.partner.category", 0, params{"name": "茶客"})
	company := s.put("res.partner", 0, params{
		"name": "杭州明前茶业有限公司", "type": "contact", "is_company": true, "street": "龙井路 1 号", "city": "杭州", "state_id": 1, "zip": "310000", "country_id": 1,
		"email": "info@mingqian.example.cn", "phone": "0571-88880000", "vat": "91330106MA27XQ123G", "lang": "zh_CN", "category_id": []any{1}, "user_id": 1, "x_wechat": "mingqian",
	})
	s.put("res.partner", 0, params{
		"name": "李雷", "type": "contact", "parent_id": company, "commercial_partner_id": company, "commercial_company_name": "杭州明前茶业有限公司", "email": "canary@example.cn",
		"mobile": "13800138000", "function": "采购", "vat": "91330106MA27XQ123G",
	})
	s.put("res.partner", 0, params{"name": "一号仓库", "type": "delivery", "parent_id": company, "street": "仓前街 8 号", "city": "杭州", "state_id": 1, "country_id": 1, "phone": "0571-1"})
	s.put("res.partner", 0, params{"name": "O'Brien & Söhne <GmbH>", "type": "contact", "is_company": true, "email": "office@obrien.example; billing@obrien.example", "comment": "<p>gut</p>"})
	s.put("res.partner", 0, params{"name": "韩梅梅", "type": "contact", "email": "han@example.cn", "active": false})
	tea := s.put("product.product", 0, params{"name": "明前龙井", "default_code": "LJ-01"})
	post := s.put("product.product", 0, params{"name": "运费"})
	order := s.put("sale.order", 0, params{
		"name": "S00001", "partner_id": 2, "partner_invoice_id": company, "partner_shipping_id": 3, "date_order": s.now, "state": "sale",
		"amount_untaxed": 318.5, "amount_tax": 41.41, "amount_total": 359.91, "currency_id": 1, "client_order_ref": "PO-7",
	})
	s.put("sale.order.line", 0, params{"order_id": order, "sequence": 20, "name": "运费", "product_id": post, "product_uom_qty": 1.0, "price_unit": 20.0, "price_subtotal": 20.0, "price_total": 22.6, "is_delivery": true})
	s.put("sale.order.line", 0, params{"order_id": order, "sequence": 10, "name": "明前龙井 250g", "product_id": tea, "product_uom_qty": 3.0, "price_unit": 99.5, "price_subtotal": 298.5, "price_total": 337.31})
	s.put("sale.order.line", 0, params{"order_id": order, "sequence": 5, "display_type": "line_section", "name": "茶"})
	s.put("sale.order", 0, params{"name": "S00002", "partner_id": 4, "partner_invoice_id": 4, "partner_shipping_id": 4, "date_order": s.now, "state": "draft", "amount_total": 0.1, "currency_id": 1})
	invoice := s.put("account.move", 0, params{"name": "INV/2026/0001", "invoice_origin": "S00001", "partner_id": company})
	s.put("account.journal", 0, params{"name": "支付宝"})
	s.put("account.payment", 0, params{
		"name": "PBNK1/2026/00001", "partner_id": company, "partner_type": "customer", "amount": 359.91, "currency_id": 1, "date": "2026-03-02", "payment_type": "inbound", "state": "posted",
		"ref": "S00001", "journal_id": 1, "reconciled_invoice_ids": []any{invoice},
	})
	s.put("account.payment", 0, params{"name": "PBNK1/2026/00002", "partner_id": company, "partner_type": "customer", "amount": 20.0, "currency_id": 1, "date": "2026-03-03", "payment_type": "outbound", "state": "posted", "journal_id": 1})
	s.put("account.payment", 0, params{"name": "PBNK1/2026/00003", "partner_id": 4, "partner_type": "supplier", "amount": 5.0, "currency_id": 1, "date": "2026-03-03", "payment_type": "outbound", "state": "posted", "journal_id": 1})
	s.put("stock.picking.type", 0, params{"name": "发货", "code": "outgoing"})
	s.put("stock.picking.type", 0, params{"name": "收货", "code": "incoming"})
	s.put("delivery.carrier", 0, params{"name": "顺丰速运"})
	s.put("stock.picking", 0, params{
		"name": "WH/OUT/00001", "origin": "S00001", "partner_id": 3, "sale_id": order, "carrier_id": 1, "carrier_tracking_ref": "SF1020304050607", "state": "done",
		"scheduled_date": s.now, "date_done": s.now, "picking_type_id": 1,
	})
	s.put("stock.picking", 0, params{"name": "WH/IN/00001", "state": "assigned", "scheduled_date": s.now, "picking_type_id": 2})
	s.put("mail.message.subtype", 0, params{"name": "讨论"})
	s.put("ir.attachment", 0, params{"name": "报价.pdf", "mimetype": "application/pdf", "file_size": 1024})
	s.put("mail.message", 0, params{
		"model": "sale.order", "res_id": order, "record_name": "S00001", "date": s.now, "author_id": 2, "email_from": `"李雷" <canary@example.cn>`, "message_type": "email", "subtype_id": 1,
		"subject": "Re: S00001", "body": "<p>请尽快发货。</p><p>李雷 &amp; 同事</p>", "message_id": "<a@example.cn>", "attachment_ids": []any{1},
	})
	s.put("mail.message", 0, params{"model": "res.partner", "res_id": 1, "date": s.now, "author_id": 4, "message_type": "comment", "is_internal": true, "body": "<p>老客户</p>"})
	s.put("mail.message", 0, params{"model": "sale.order", "res_id": order, "date": s.now, "message_type": "notification", "body": "<p>Sales Order created</p>"})
	return s
}

// crowd adds people who were imported at one instant.
func crowd(s *server, n int) {
	at := s.now
	for i := range n {
		s.put("res.partner", 0, params{"name": fmt.Sprintf("客户 %d", i), "type": "contact", "email": fmt.Sprintf("c%d@example.cn", i)})
		s.mu.Lock()
		s.now = at
		s.mu.Unlock()
	}
}
