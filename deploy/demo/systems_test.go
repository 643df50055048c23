package demo_test

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"testing"

	"golang.org/x/text/encoding/simplifiedchinese"
)

// bundle is what the generator makes: files by their path in the project, and
// which record is of whom.
type bundle struct {
	t      *testing.T
	files  map[string][]byte
	truth  [][]string
	orders []*order
}

// is notes that a customer record is of an entity.
func (b *bundle) is(source, stream, key, entity string) {
	b.truth = append(b.truth, []string{source, stream, key, entity})
}

func (b *bundle) put(name string, data []byte) { b.files["project/"+name] = data }

func (b *bundle) encode(text string) []byte {
	out, err := simplifiedchinese.GB18030.NewEncoder().Bytes([]byte(text))
	if err != nil {
		b.t.Fatal(err)
	}
	return out
}

func (b *bundle) lines(rows [][]string) string {
	var out bytes.Buffer
	c := csv.NewWriter(&out)
	c.UseCRLF = true
	if err := c.WriteAll(rows); err != nil {
		b.t.Fatal(err)
	}
	return out.String()
}

// erp is the export of an ERP's customer master: GB18030, two title lines, a
// sum at the end; firms with their contact, and persons.
func (b *bundle) erp(w *world) {
	var rows [][]string
	row := func(key, name, kind, credit, id, contact, mobile, phone, mail string, h home, status, changed string) {
		rows = append(rows, []string{
			key, name, kind, credit, id, contact, mobile, phone, mail, h.region, h.city, h.district, w.street(h), h.post,
			fmt.Sprintf("%d,000.00", 5+w.IntN(200)), pick(w, []string{"韩梅", "周海", "于芳", ""}), status, changed,
		})
	}
	status := func() string { return pick(w, []string{"启用", "启用", "启用", "停用", "潜在"}) }
	for i, f := range w.firms {
		key := fmt.Sprintf("KH%05d", 1001+i)
		var contact, mobile, mail string
		if len(f.contacts) > 0 {
			p := f.contacts[0]
			contact, mobile, mail = w.called(p, 0, 4), w.mobile(p.oldMobile), w.mail(p.email)
			b.is("erp", "customers", key+"/contact", p.id)
		}
		name := f.name
		switch w.IntN(8) {
		case 0:
			name = strings.Replace(name, "有限公司", "(有限公司)", 1)
		case 1:
			name = fullwidth(name)
		case 2:
			name = " " + name + "　"
		}
		credit := f.credit
		if w.chance(6) {
			credit = credit[:17] + pick(w, []string{"I", "O", "Z"}) // set aside
		}
		row(key, name, "企业", credit, "", contact, mobile, f.phone, mail, f.at, status(), w.during(0, 90).Format("2006-01-02 15:04:05"))
		b.is("erp", "customers", key, f.id)
	}
	n := 0
	for i, p := range w.people {
		if i%2 == 1 && p != w.heroine {
			continue
		}
		n++
		key := fmt.Sprintf("KH%05d", 3000+n)
		id := p.nationalID
		if w.chance(25) {
			id = ""
		} else if id != "" && w.chance(4) {
			id = id[:17] + map[bool]string{true: "1", false: "X"}[id[17] == 'X'] // set aside
		}
		mail := w.mail(p.oldEmail)
		if w.chance(25) {
			mail = ""
		} else if w.chance(6) {
			mail += ";" + p.email
		}
		landline := ""
		if w.chance(45) {
			landline = p.landline
		}
		row(key, w.called(p, 3, 4), "个人", "", id, "", w.slip(w.mobile(p.oldMobile)), landline, mail, p.before, status(), w.during(0, 90).Format("2006-01-02 15:04:05"))
		b.is("erp", "customers", key, p.id)
	}
	// What an export never lacks: a row of dashes, one that names nobody, one
	// twice, one with a comma too many.
	rows = append(rows,
		[]string{"KH09001", "", "个人", "", "", "", "", "", "无", "", "", "", "", "", "0.00", "", "启用", "2026-02-30 10:00:00"},
		[]string{"KH09002", "-", "企业", "", "", "", "", "", "", "广东省", "深圳市", "", "", "", "0.00", "", "停用", "2026-01-05 10:00:00"},
		append(slices.Clone(rows[150]), "多余的单元格"),
	)
	rows[len(rows)-1][0] = "KH09003"
	text := "青禾茶业股份有限公司 客户档案\r\n导出人:于芳  导出时间:2026-06-30 18:02:11  单位:元\r\n" +
		b.lines([][]string{{"客户编号", "客户名称", "客户类别", "统一社会信用代码", "身份证号", "联系人", "手机", "电话", "邮箱", "省", "市", "区", "详细地址", "邮编", "信用额度", "业务员", "状态", "最后修改"}}) +
		b.lines(rows) + b.lines([][]string{{"合计", fmt.Sprintf("共%d条", len(rows)), "", "", "", "", "", "", "", "", "", "", "", "", "", "", "", ""}})
	b.put("data/erp/customers.csv", b.encode(text))
}

// order is one order of the shop.
type order struct {
	no      string
	by      *person
	cents   int
	method  string
	to      home
	abroad  bool
	written string // the buyer's name as it was typed
	openid  bool   // the shop knows the buyer's openid, by this order or another
	mobile  string
}

// shop is nested JSON Lines, one order a line, with who ordered.
func (b *bundle) shop(w *world) {
	var out bytes.Buffer
	out.WriteString("\ufeff")
	goods := [][2]string{{"QH-LJ-100", "明前龙井 100g"}, {"QH-TGY-250", "铁观音 250g"}, {"QH-PE-357", "普洱茶饼 357g"}, {"QH-CUP-02", "手作茶杯"}, {"QH-DJ-125", "Darjeeling First Flush 125g"}, {"QH-GIFT", "端午礼盒 🎁"}}
	n, known := 0, map[*person]bool{}
	for i, p := range w.people {
		times := []int{0, 1, 1, 2, 3}[i%5]
		if p == w.heroine {
			times = 4
		}
		for k := range times {
			n++
			o := &order{no: fmt.Sprintf("S2026%05d", n), by: p, to: p.now, method: pick(w, []string{"wechat", "wechat", "wechat", "card"}), abroad: !p.chinese}
			at := w.during(60, 178)
			guest := w.chance(30)
			o.written, o.mobile = w.called(p, 14, 9), w.slip(w.mobile(p.mobile))
			buyer := map[string]any{"guest": guest, "name": o.written, "mobile": o.mobile, "email": w.mail(p.email)}
			if w.chance(12) {
				delete(buyer, "email")
			}
			if !guest {
				buyer["account_id"] = 70000 + i
				buyer["birthday"] = w.day(p.born, 5)
				buyer["gender"] = pick(w, map[bool][]string{true: {"M", "男", "male"}, false: {"F", "女", "female"}}[p.male])
				if w.chance(70) && p.openid != "" {
					buyer["wx_openid"] = p.openid
					known[p] = true
				}
			}
			receiver := o.written
			if w.chance(10) {
				receiver = w.called(p, 0, 20)
			}
			ship := map[string]any{"receiver": receiver, "phone": w.mobile(p.mobile), "province": o.to.region, "city": o.to.city, "district": o.to.district, "detail": w.street(o.to), "zip": o.to.post, "country": o.to.country}
			if o.abroad && w.chance(20) {
				ship["country"] = "UK"
			}
			var items []any
			for range 1 + w.IntN(3) {
				g, quantity, price := pick(w, goods), 1+w.IntN(3), 990+100*w.IntN(300)
				items = append(items, map[string]any{"sku": g[0], "title": g[1], "qty": quantity, "price_cents": price, "discount_cents": 0})
				o.cents += quantity * price
			}
			freight := pick(w, []int{0, 0, 1200})
			doc := map[string]any{
				"order_no": o.no, "created_at": at.Format("2006-01-02 15:04:05"), "updated_at": at.AddDate(0, 0, 3).Format("2006-01-02 15:04:05"),
				"status": pick(w, []string{"paid", "shipped", "done", "done"}), "channel": pick(w, []string{"miniapp", "web", "tmall"}),
				"buyer": buyer, "ship_to": ship, "items": items, "marketing_opt_in": w.chance(40),
				"amount": map[string]any{"currency": map[bool]string{true: "GBP", false: "CNY"}[o.abroad], "items_cents": o.cents, "freight_cents": freight, "total_cents": o.cents + freight},
			}
			o.cents += freight
			switch n {
			case 77: // no currency anywhere: structure
				delete(doc["amount"].(map[string]any), "currency")
			case 211: // half a cent: the mapping fails
				doc["amount"].(map[string]any)["total_cents"] = 1990.5
			case 305: // a text where the list of goods should be
				doc["items"] = "QH-LJ-100 x2"
			default:
				b.is("shop", "orders", o.no, p.id)
				b.orders = append(b.orders, o)
			}
			line, err := json.Marshal(doc)
			if err != nil {
				b.t.Fatal(err)
			}
			if n == 400 {
				line = line[:len(line)/2] // the disk was full
				b.truth, b.orders = b.truth[:len(b.truth)-1], b.orders[:len(b.orders)-1]
			}
			out.Write(append(line, '\n'))
			if k == 0 && n%90 == 0 {
				out.Write(append(line, '\n')) // delivered twice
			}
		}
	}
	for _, o := range b.orders {
		o.openid = known[o.by]
	}
	b.put("data/shop/orders.jsonl", out.Bytes())
}

// payments is a merchant's bill of WeChat Pay: GBK, title lines, a backtick
// before each cell, a sum at the end.
func (b *bundle) payments(w *world) {
	header := []string{"交易时间", "公众账号ID", "商户号", "特约商户号", "设备号", "微信订单号", "商户订单号", "用户标识", "交易类型", "交易状态", "付款银行", "货币种类", "应结订单金额", "代金券金额", "微信退款单号", "商户退款单号", "退款金额", "充值券退款金额", "退款类型", "退款状态", "商品名称", "商户数据包", "手续费", "费率", "订单金额", "申请退款金额", "费率备注"}
	var rows [][]string
	add := func(cells ...string) {
		marked := make([]string, len(cells))
		for i, c := range cells {
			marked[i] = "`" + c
		}
		rows = append(rows, marked)
	}
	total, fees, n := 0, 0, 0
	for _, o := range b.orders {
		if o.method != "wechat" || o.abroad {
			continue
		}
		n++
		p, at := o.by, w.during(60, 178)
		fee := o.cents * 6 / 1000
		total, fees = total+o.cents, fees+fee
		no := fmt.Sprintf("42000026%012d", n)
		// A payer whom the shop knows by the openid alone is named by it; of
		// the others few are named by nothing.
		attach, unknown := "", !o.openid && !w.chance(4)
		if w.chance(60) || unknown {
			q := url.Values{}
			q.Set("name", p.name())
			if w.chance(60) || unknown {
				q.Set("phone", p.mobile)
			}
			attach = q.Encode()
		}
		amount := yuan(o.cents)
		if n == 120 {
			amount = "12,3O.00" // a letter among the digits: the mapping fails
		}
		add(at.Format("2006-01-02 15:04:05"), "wx0000example", "1900000001", "0", "", no, o.no, p.openid, "JSAPI", "SUCCESS", pick(w, []string{"ICBC_DEBIT", "CMB_CREDIT", "OTHERS"}), "CNY",
			amount, "0.00", "0", "0", "0.00", "0.00", "", "", "青禾茶业订单", attach, yuan(fee)+"000", "0.60%", amount, "0.00", "")
		if n != 120 {
			b.is("payments", "bill", no, p.id)
		}
		if w.chance(4) && n != 120 {
			back := fmt.Sprintf("50000026%012d", n)
			add(at.AddDate(0, 0, 5).Format("2006-01-02 15:04:05"), "wx0000example", "1900000001", "0", "", no, o.no, p.openid, "JSAPI", "REFUND", "OTHERS", "CNY",
				"0.00", "0.00", back, "R"+o.no, amount, "0.00", "ORIGINAL", "SUCCESS", "青禾茶业订单", attach, "-"+yuan(fee)+"000", "0.60%", "0.00", amount, "")
			b.is("payments", "bill", back, p.id)
		}
	}
	text := "#微信支付商户账单\r\n#商户号:[1900000001] 青禾茶业股份有限公司\r\n#起始日期:[2026-03-01 00:00:00] 终止日期:[2026-06-30 23:59:59]\r\n" + b.lines([][]string{header}) + b.lines(rows) +
		b.lines([][]string{{"总交易单数", "应结订单总金额", "退款总金额", "充值券退款总金额", "手续费总金额", "订单总金额", "申请退款总金额"}, {"`" + fmt.Sprint(n), "`" + yuan(total), "`0.00", "`0.00", "`" + yuan(fees), "`" + yuan(total), "`0.00"}})
	out, err := simplifiedchinese.GBK.NewEncoder().Bytes([]byte(text))
	if err != nil {
		b.t.Fatal(err)
	}
	b.put("data/payments/bill.csv", out)
}

// logistics is what a carrier's interface answers: one document.
func (b *bundle) logistics(w *world) {
	var list []any
	for i, o := range b.orders {
		if i%4 == 3 {
			continue
		}
		p, at := o.by, w.during(62, 178)
		no := fmt.Sprintf("QN%012d", 880000000000+i*7)
		code := pick(w, []int{101, 201, 202, 301, 301, 301, 301, 401, 501})
		if i == 90 {
			code = 999 // a state that nobody told us of: set aside
		}
		name := o.written
		if w.chance(15) {
			name = w.called(p, 0, 30)
		}
		doc := map[string]any{
			"waybill_no": no, "order_no": o.no, "service": pick(w, []string{"标准快递", "次日达", "冷链"}), "state": code,
			"receiver":    map[string]any{"name": name, "mobile": w.slip(w.mobile(p.mobile)), "address": o.to.line(), "country": o.to.country, "zip": o.to.post},
			"accepted":    at.Format("2006/01/02 15:04"),
			"update_time": at.AddDate(0, 0, 2).Unix(),
			"traces": []any{
				map[string]any{"time": at.Format("2006-01-02 15:04:05"), "desc": "已揽收", "city": "杭州市"},
				map[string]any{"time": at.AddDate(0, 0, 1).Format("2006-01-02 15:04:05"), "desc": "到达 " + o.to.city, "city": o.to.city},
			},
		}
		if code == 301 {
			doc["signed"] = at.AddDate(0, 0, 2).Format("2006/01/02 15:04")
		}
		if w.chance(10) {
			doc["receiver"].(map[string]any)["tel"] = p.landline
		}
		if i == 41 {
			delete(doc, "waybill_no") // no key
		} else {
			b.is("logistics", "waybills", no, p.id)
		}
		list = append(list, doc)
	}
	data, err := json.MarshalIndent(map[string]any{"code": 0, "msg": "成功", "data": map[string]any{"carrier": "青鸟速运", "waybills": list}}, "", " ")
	if err != nil {
		b.t.Fatal(err)
	}
	b.put("data/logistics/waybills.json", append(data, '\n'))
}
