package demo_test

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"mime"
	"mime/quotedprintable"
	"strconv"
	"strings"

	"golang.org/x/text/encoding/simplifiedchinese"
)

// inbox is a Maildir of what customers wrote: UTF-8 and GB2312, declared and
// not, one letter a file.
func (b *bundle) inbox(w *world) {
	subjects := []string{"关于订单 %s 的发票", "请问 %s 什么时候发货?", "退换货申请:%s", "更改收货地址(%s)", "Question about order %s"}
	n := 0
	for i, o := range b.orders {
		p := o.by
		if i%4 != 0 && (p != w.heroine || n > 0 && i%2 == 1) {
			continue
		}
		n++
		id := fmt.Sprintf("%d.%s@mail.example.com", 1767225600+n*86400/2, strings.ToLower(o.no))
		name, subject := w.called(p, 30, 10), fmt.Sprintf(pick(w, subjects), o.no)
		body := "您好,\n\n我的订单是 " + o.no + ",请帮忙处理,谢谢。\n\n" + p.name() + "\n"
		if !p.chinese {
			subject = "Question about order " + o.no
			body = "Hello,\n\ncould you please look at order " + o.no + "? It hasn't arrived in " + p.now.city + " yet.\n\nBest wishes\n" + p.name() + "\n"
		}
		kind := w.IntN(5)
		if p == w.heroine {
			kind = 0
		}
		from := p.email
		if w.chance(15) {
			from = p.oldEmail
		}
		var m bytes.Buffer
		header := func(name, value string) { fmt.Fprintf(&m, "%s: %s\r\n", name, value) }
		header("Return-Path", "<"+from+">")
		at := w.during(62, 178)
		header("Date", at.Format("Mon, 02 Jan 2006 15:04:05 +0800"))
		header("Message-ID", "<"+id+">")
		header("To", mime.BEncoding.Encode("utf-8", "青禾茶业客服")+" <service@qinghe.example.com>")
		if w.chance(20) {
			header("In-Reply-To", fmt.Sprintf("<notice-%s@qinghe.example.com>", o.no))
		}
		gb := func(s string) []byte {
			out, err := simplifiedchinese.GBK.NewEncoder().Bytes([]byte(s))
			if err != nil {
				b.t.Fatal(err)
			}
			return out
		}
		switch {
		case kind == 0 || kind == 1 && p.chinese: // GB2312, as Foxmail wrote it
			word := func(s string) string { return "=?gb2312?B?" + base64.StdEncoding.EncodeToString(gb(s)) + "?=" }
			header("From", `"`+word(name)+`" <`+from+">")
			header("Subject", word(subject))
			header("MIME-Version", "1.0")
			header("Content-Type", "text/plain; charset=\"gb2312\"")
			header("Content-Transfer-Encoding", "base64")
			m.WriteString("\r\n" + wrapped(base64.StdEncoding.EncodeToString(gb(body))))
		case kind == 2 && p.chinese: // raw bytes in the header, nothing declared
			m.WriteString("From: ")
			m.Write(gb(name))
			m.WriteString(" <" + from + ">\r\nSubject: ")
			m.Write(gb(subject))
			m.WriteString("\r\n\r\n")
			m.Write(gb(body))
		case kind == 3: // a part of HTML, one of text
			header("From", phrase(mime.QEncoding, name)+" <"+from+">")
			header("Subject", mime.QEncoding.Encode("utf-8", subject))
			header("MIME-Version", "1.0")
			header("Content-Type", "multipart/alternative; boundary=qinghe"+fmt.Sprint(n))
			part := func(kind, text string) {
				fmt.Fprintf(&m, "\r\n--qinghe%d\r\nContent-Type: text/%s; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n", n, kind)
				q := quotedprintable.NewWriter(&m)
				if _, err := q.Write([]byte(text)); err != nil {
					b.t.Fatal(err)
				}
				if err := q.Close(); err != nil {
					b.t.Fatal(err)
				}
			}
			part("plain", body)
			part("html", "<p>"+strings.ReplaceAll(body, "\n", "<br>")+"</p>")
			fmt.Fprintf(&m, "\r\n--qinghe%d--\r\n", n)
		default:
			header("From", phrase(mime.BEncoding, name)+" <"+from+">")
			header("Subject", mime.BEncoding.Encode("utf-8", subject))
			header("Content-Type", "text/plain; charset=utf-8")
			header("Content-Transfer-Encoding", "8bit")
			m.WriteString("\r\n" + strings.ReplaceAll(body, "\n", "\r\n"))
		}
		b.put(fmt.Sprintf("data/mail/new/%d.M%dP%d.qinghe", 1767225600+n*43200, n, 1000+n), m.Bytes())
		b.is("mail", "inbox", id, p.id)
	}
	// A letter that says of nobody whom it is from, and one from a machine.
	b.put("data/mail/new/1779999998.M998P1998.qinghe", []byte("Message-ID: <anonymous@mail.example.com>\r\nTo: service@qinghe.example.com\r\nDate: Sat, 30 May 2026 08:00:00 +0800\r\nSubject: hello\r\n\r\nHello?\r\n"))
	b.put("data/mail/new/1779999999.M999P1999.qinghe", []byte("From: Mail Delivery System <mailer-daemon@mail.example.com>\r\nMessage-ID: <bounce-1@mail.example.com>\r\nTo: service@qinghe.example.com\r\nDate: Sat, 30 May 2026 08:00:00 +0800\r\nSubject: Undelivered Mail\r\n\r\nYour message could not be delivered.\r\n"))
}

// phrase writes a name before an address.
func phrase(e mime.WordEncoder, name string) string {
	if strings.ContainsAny(name, ",.") {
		return strconv.Quote(name)
	}
	return e.Encode("utf-8", name)
}

func wrapped(s string) string {
	var b strings.Builder
	for len(s) > 76 {
		b.WriteString(s[:76] + "\r\n")
		s = s[76:]
	}
	return b.String() + s + "\r\n"
}
