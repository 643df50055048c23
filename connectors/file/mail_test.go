package file_test

import (
	"encoding/base64"
	"fmt"
	"reflect"
	"strings"
	"testing"

	"golang.org/x/text/encoding/simplifiedchinese"

	"crmhub/connectors"
)

func gbk(t *testing.T, s string) string {
	t.Helper()
	out, err := simplifiedchinese.GB18030.NewEncoder().String(s)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func b64(s string) string { return base64.StdEncoding.EncodeToString([]byte(s)) }

// mailOf reads one message.
func mailOf(t *testing.T, raw string) map[string]any {
	t.Helper()
	rows := readText(t, "m.eml", raw, nil, connectors.Request{})
	if len(rows) != 1 || rows[0].Fault != nil {
		t.Fatalf("rows %v", rows)
	}
	return rows[0].Data
}

func TestMailSubjects(t *testing.T) {
	word := func(charset, s string) string { return "=?" + charset + "?B?" + b64(s) + "?=" }
	half := gbk(t, "你好世界")
	for _, tt := range []struct{ name, subject, want string }{
		{"plain", "Hello", "Hello"},
		{"utf-8", word("utf-8", "你好"), "你好"},
		{"gb2312", word("gb2312", gbk(t, "你好")), "你好"},
		{"gbk", word("GBK", gbk(t, "你好")), "你好"},
		{"gb18030 beyond gb2312, called gb2312", word("gb2312", gbk(t, "囍朱镕基䶮")), "囍朱镕基䶮"},
		{"eucgb2312_cn", word("eucgb2312_cn", gbk(t, "你好")), "你好"},
		{"x-gbk", word("x-gbk", gbk(t, "你好")), "你好"},
		{"cp936", word("cp936", gbk(t, "你好")), "你好"},
		{"gb_2312-80", word("gb_2312-80", gbk(t, "你好")), "你好"},
		{"big5", "=?big5?B?" + b64("\xa7\x41\xa6\x6e") + "?=", "你好"},
		{"quoted", "=?utf-8?q?=E4=BD=A0_=E5=A5=BD?=", "你 好"},
		{"with a language", "=?utf-8*zh?B?" + b64("你好") + "?=", "你好"},
		{"cut in the middle of a character", word("gb2312", half[:3]) + "\r\n " + word("gb2312", half[3:]), "你好世界"},
		{"words between", "Re: " + word("utf-8", "你好") + " world", "Re: 你好 world"},
		{"two words, a space between goes", word("utf-8", "你") + " " + word("utf-8", "好"), "你好"},
		{"raw utf-8", "你好", "你好"},
		{"raw gbk", gbk(t, "你好,客户"), "你好,客户"},
		{"unknown charset", word("x-nothing", "abc"), "abc"},
		{"folded", "a\r\n b", "a b"},
		{"broken base64", "=?utf-8?B?5L2g5aW9*?=", "你好"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			m := mailOf(t, "From: a@b.cn\r\nSubject: "+tt.subject+"\r\n\r\nx\r\n")
			if got := m["subject"]; got != tt.want {
				t.Errorf("subject %q, want %q", got, tt.want)
			}
		})
	}
}

func TestMailBodies(t *testing.T) {
	for _, tt := range []struct {
		name, header, body, want string
		html                     bool
	}{
		{"plain", "", "hello\r\nyou\r\n", "hello\nyou", false},
		{"base64 gb2312", "Content-Type: text/plain; charset=gb2312\r\nContent-Transfer-Encoding: base64\r\n", b64(gbk(t, "您好,李雷")), "您好,李雷", false},
		{"quoted gbk", "Content-Type: text/plain; charset=\"gbk\"\r\nContent-Transfer-Encoding: quoted-printable\r\n", "=C4=E3=\r\n=BA=C3 =3D ok=", "你好 = ok", false},
		{"8bit gb2312", "Content-Type: text/plain; charset=eucgb2312_cn\r\nContent-Transfer-Encoding: 8bit\r\n", gbk(t, "您好"), "您好", false},
		{"8bit without charset", "", gbk(t, "您好,您的订单已发货"), "您好,您的订单已发货", false},
		{"utf-8 declared as latin", "Content-Type: text/plain; charset=iso-8859-1\r\n", "你好", "你好", false},
		{"html", "Content-Type: text/html; charset=utf-8\r\n", "<html><head><style>p{}</style></head><body><p>Dear&nbsp;Li,</p>\n<div>one<br>two &lt;3</div><script>x()</script></body></html>", "Dear Li,\none\ntwo <3", true},
		{"html with its charset inside", "Content-Type: text/html\r\n", `<meta http-equiv="Content-Type" content="text/html; charset=gb2312"><b>` + gbk(t, "您好") + "</b>", "您好", true},
		{"alternative", "Content-Type: multipart/alternative; boundary=\"b 1\"\r\n", "pre\r\n--b 1\r\nContent-Type: text/plain\r\n\r\nplain\r\n--b 1\r\nContent-Type: text/html\r\n\r\n<b>html</b>\r\n--b 1--\r\nepilogue", "plain", false},
		{"boundary that never ends", "Content-Type: multipart/mixed; boundary=bb\r\n", "--bb\r\n\r\nfirst\r\n--bb\r\nContent-Type: image/png\r\n\r\nPNG", "first", false},
		{"nested", "Content-Type: multipart/mixed; boundary=o\r\n", "--o\r\nContent-Type: multipart/related; boundary=i\r\n\r\n--i\r\nContent-Type: text/html\r\n\r\n<i>deep</i>\r\n--i--\r\n--o--\r\n", "deep", true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			m := mailOf(t, "From: a@b.cn\r\nMIME-Version: 1.0\r\n"+tt.header+"\r\n"+tt.body)
			if m["text"] != tt.want || m["html"] != tt.html {
				t.Errorf("text %q html %v, want %q %v", m["text"], m["html"], tt.want, tt.html)
			}
		})
	}
}

func TestMailAttachmentNames(t *testing.T) {
	for _, tt := range []struct{ name, header, want string }{
		{"plain", `Content-Disposition: attachment; filename="a b.pdf"`, "a b.pdf"},
		{"2231", `Content-Disposition: attachment; filename*=UTF-8''%E5%8F%91%E7%A5%A8.pdf`, "发票.pdf"},
		{"2231 gb2312", `Content-Disposition: attachment; filename*=gb2312''%B7%A2%C6%B1.pdf`, "发票.pdf"},
		{"2231 in pieces", "Content-Disposition: attachment; filename*0*=UTF-8''%E5%8F;\r\n filename*1*=%91%E7%A5%A8; filename*2=\".pdf\"", "发票.pdf"},
		{"2231 pieces without charset", `Content-Disposition: attachment; filename*0="one-"; filename*1="two.pdf"`, "one-two.pdf"},
		{"an encoded word", `Content-Disposition: attachment; filename="=?gb2312?B?` + b64(gbk(t, "发票.pdf")) + `?="`, "发票.pdf"},
		{"raw gbk", `Content-Disposition: attachment; filename="` + gbk(t, "客户发票.pdf") + `"`, "客户发票.pdf"},
		{"the name of the type", `Content-Type: application/pdf; name="x;y.pdf"`, "x;y.pdf"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			header := tt.header
			if !strings.Contains(header, "Content-Type") {
				header += "\r\nContent-Type: application/pdf"
			}
			m := mailOf(t, "From: a@b.cn\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nhi\r\n--b\r\n"+header+"\r\n\r\nPDF\r\n--b--\r\n")
			list, _ := m["attachments"].([]any)
			if len(list) != 1 {
				t.Fatalf("attachments %v", m["attachments"])
			}
			a := list[0].(map[string]any)
			if a["name"] != tt.want || a["type"] != "application/pdf" || a["size"] != num("3") {
				t.Errorf("attachment %v, want the name %q", a, tt.want)
			}
		})
	}
}

func TestMailAddresses(t *testing.T) {
	person := func(name, address any) any { return map[string]any{"name": name, "address": address} }
	for _, tt := range []struct {
		to   string
		want any
	}{
		{"a@b.cn", []any{person(nil, "a@b.cn")}},
		{"\"Li, Lei\" <a@b.cn>, c@d.cn", []any{person("Li, Lei", "a@b.cn"), person(nil, "c@d.cn")}},
		{"a@b.cn (Li Lei)", []any{person("Li Lei", "a@b.cn")}},
		{"=?utf-8?B?" + b64("李雷,经理") + "?= <a@b.cn>; c@d.cn", []any{person("李雷,经理", "a@b.cn"), person(nil, "c@d.cn")}},
		{"\"=?gbk?B?" + b64(gbk(t, "李雷")) + "?=\" <a@b.cn>", []any{person("李雷", "a@b.cn")}},
		{"team: a@b.cn, c@d.cn;", []any{person(nil, "a@b.cn"), person(nil, "c@d.cn")}},
		{"undisclosed-recipients:;", nil},
		{gbk(t, "李雷经理") + " <a@b.cn>", []any{person("李雷经理", "a@b.cn")}},
		{"just a name", []any{person("just a name", nil)}},
		{"", nil},
	} {
		if got := mailOf(t, "From: x@y.cn\r\nTo: "+tt.to+"\r\n\r\nx")["to"]; !reflect.DeepEqual(got, tt.want) {
			t.Errorf("To: %q = %v, want %v", tt.to, got, tt.want)
		}
	}
}

func TestMailDates(t *testing.T) {
	for in, want := range map[string]any{
		"Fri, 2 Jan 2026 15:04:05 +0800":       "2026-01-02T15:04:05+08:00",
		"2 Jan 2026 15:04 GMT":                 "2026-01-02T15:04:00Z",
		"Fri, 2 Jan 2026 15:04:05 +0800 (CST)": "2026-01-02T15:04:05+08:00",
		"Fri Jan  2 15:04:05 2026":             "2026-01-02T15:04:05Z",
		"2026-01-02 15:04:05 +0800":            "2026-01-02T15:04:05+08:00",
		"yesterday":                            "yesterday",
		"":                                     nil,
	} {
		if got := mailOf(t, "From: x@y.cn\r\nDate: "+in+"\r\n\r\nx")["date"]; got != want {
			t.Errorf("Date: %q = %v, want %v", in, got, want)
		}
	}
}

func TestMailWithoutIDHasAKeyOfItsContent(t *testing.T) {
	a, b := mailOf(t, "From: x@y.cn\r\n\r\none"), mailOf(t, "From: x@y.cn\r\n\r\ntwo")
	if id, _ := a["message_id"].(string); !strings.HasPrefix(id, "sha256-") || a["message_id"] == b["message_id"] {
		t.Errorf("ids %v and %v", a["message_id"], b["message_id"])
	}
}

func TestMboxSeparators(t *testing.T) {
	mail := func(i int, body string) string {
		return fmt.Sprintf("From: a@b.cn\nMessage-ID: <m%d@b.cn>\n\n%s", i, body)
	}
	for _, tt := range []struct {
		name, text string
		want       []string // the texts
	}{
		{"two", "From a@b.cn Fri Jan  2 15:04:05 2026\n" + mail(1, "one\n") + "\nFrom a@b.cn Fri Jan  2 15:04:06 2026\n" + mail(2, "two\n"), []string{"one", "two"}},
		{"a sentence", "From a@b.cn Fri Jan  2 15:04:05 2026\n" + mail(1, "one\n\nFrom here on it is two words\n"), []string{"one\n\nFrom here on it is two words"}},
		{"stuffed", "From a@b.cn Fri Jan  2 15:04:05 2026\n" + mail(1, ">From me\n>>From you\n> From x\n"), []string{"From me\n>From you\n> From x"}},
		{"no empty line before", "From a@b.cn Fri Jan  2 15:04:05 2026\n" + mail(1, "one\n") + "From a@b.cn Fri Jan  2 15:04:06 2026\n" + mail(2, "two\n"), []string{"one", "two"}},
		{"windows", strings.ReplaceAll("From - Fri Jan  2 15:04:05 2026\n"+mail(1, "one\n")+"\nFrom - Fri Jan  2 15:04:06 2026\n"+mail(2, "two\n"), "\n", "\r\n"), []string{"one", "two"}},
		{"empty lines around", "\n\nFrom a@b.cn Fri Jan  2 15:04:05 2026\n" + mail(1, "one\n\n\n") + "\n\n", []string{"one"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var got []string
			for _, r := range readText(t, "in.mbox", tt.text, nil, connectors.Request{}) {
				s, _ := r.Data["text"].(string)
				got = append(got, s)
			}
			if !reflect.DeepEqual(got, tt.want) {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}
