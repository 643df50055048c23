package message_test

import (
	"encoding/json"
	"strings"
	"testing"
	"unicode/utf8"

	"crmhub/connectors/file/message"
)

const example = "From: =?gb2312?B?wO7A1w==?= <li@example.cn>\r\nSubject: hi\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nhello\r\n" +
	"--b\r\nContent-Type: image/png; name=\"=?utf-8?Q?=E5=9B=BE.png?=\"\r\nContent-Transfer-Encoding: base64\r\n\r\naGk=\r\n--b--\r\n"

func TestReadGivesEveryColumn(t *testing.T) {
	data, ok := message.Read([]byte(example))
	if !ok {
		t.Fatal("not taken for a message")
	}
	for _, c := range message.Columns() {
		if _, there := data[c.Name]; !there {
			t.Errorf("%s is missing", c.Name)
		}
	}
	if len(data) != len(message.Columns()) {
		t.Errorf("%d values, %d columns", len(data), len(message.Columns()))
	}
	if data["text"] != "hello" {
		t.Errorf("text %q, want hello", data["text"])
	}
}

func TestReadRefusesWhatIsNoMessage(t *testing.T) {
	for _, s := range []string{"", "just words\n", "\n\nFrom: a\n", "a: b\n\nc", "{\"From\": 1}"} {
		if _, ok := message.Read([]byte(s)); ok {
			t.Errorf("Read(%q) took it for a message", s)
		}
	}
}

func TestAddressesAsPeopleWriteThem(t *testing.T) {
	for header, want := range map[string]string{
		"Li, Wei <li@example.com>":                                   "Li, Wei li@example.com",
		"Li, Wei <li@example.com>, Chan, May <may@example.com>":      "Li, Wei li@example.com|Chan, May may@example.com",
		"a@example.com, Wei <b@example.com>; c@example.com":          "a@example.com|Wei b@example.com|c@example.com",
		`"Li, Wei" <li@example.com>, b@example.com`:                  "Li, Wei li@example.com|b@example.com",
		"friends: a@example.com, b@example.com;":                     "a@example.com|b@example.com",
		"Somebody, b@example.com":                                    "Somebody|b@example.com",
		"=?utf-8?B?5p2O5LmQ?= <li@example.com>, Wei <w@example.com>": "李乐 li@example.com|Wei w@example.com",
	} {
		row, ok := message.Read([]byte("To: " + header + "\r\n\r\nhello\r\n"))
		if !ok {
			t.Fatalf("%s: not taken for a message", header)
		}
		var got []string
		for _, a := range row["to"].([]any) {
			m := a.(map[string]any)
			name, _ := m["name"].(string)
			address, _ := m["address"].(string)
			got = append(got, strings.TrimSpace(name+" "+address))
		}
		if g := strings.Join(got, "|"); g != want {
			t.Errorf("%s\n got %s\nwant %s", header, g, want)
		}
	}
}

func FuzzRead(f *testing.F) {
	for _, s := range []string{
		example, "From: a\n\n", "To: (((<\"\n\n", "From: a\nContent-Type: text/plain; charset*0*=''%; charset*1*=%%4\n\n=",
		"From: a\nContent-Type: multipart/mixed; boundary=\"\"\n\n--\n--\n", "From: =?utf-8?B?=?= =?a*b?q?=?=\nDate: x\n\n", "From: a\nContent-Type: text/html\n\n<style><b>&#x;<",
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		data, ok := message.Read(b)
		if !ok {
			return
		}
		if id, _ := data["message_id"].(string); id == "" {
			t.Error("a message without an id")
		}
		if _, err := json.Marshal(data); err != nil {
			t.Errorf("not JSON: %v", err)
		}
		for _, k := range []string{"subject", "text", "date"} {
			if s, _ := data[k].(string); !utf8.ValidString(s) {
				t.Errorf("%s is no UTF-8: %q", k, s)
			}
		}
	})
}
