package odoo_test

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"

	"crmhub/connectors/odoo"
)

func TestValuesOfXMLRPC(t *testing.T) {
	for _, tt := range []struct {
		in   string
		want any
	}{
		{"<value>bare text</value>", "bare text"},
		{"<value></value>", ""},
		{"<value><string> a &lt;b&gt; 中 </string></value>", " a <b> 中 "},
		{"<value><int> -7 </int></value>", json.Number("-7")},
		{"<value><i4>7</i4></value>", json.Number("7")},
		{"<value><double>1e-05</double></value>", json.Number("1e-05")},
		{"<value><double>inf</double></value>", nil},
		{"<value><boolean>0</boolean></value>", false},
		{"<value><nil/></value>", nil},
		{"<value>\n<array><data>\n<value><int>1</int></value>\n<value><array><data></data></array></value></data></array></value>", []any{json.Number("1"), []any{}}},
		{"<value><struct><member><name>a</name><value><struct></struct></value></member></struct></value>", params{"a": params{}}},
	} {
		got, fail, err := odoo.DecodeAnswer(strings.NewReader("<methodResponse><params><param>" + tt.in + "</param></params></methodResponse>"))
		if err != nil || fail != "" || !reflect.DeepEqual(got, tt.want) {
			t.Errorf("%s: %#v %q %v, want %#v", tt.in, got, fail, err, tt.want)
		}
	}
	for in, want := range map[string]string{"<int>3</int>": "3", "<string>AccessDenied</string>": "AccessDenied", "<nil/>": "-"} {
		_, fail, err := odoo.DecodeAnswer(strings.NewReader("<methodResponse><fault><value><struct><member><name>faultCode</name><value>" + in + "</value></member></struct></value></fault></methodResponse>"))
		if err != nil || fail != want {
			t.Errorf("fault %s: %q %v, want %q", in, fail, err, want)
		}
	}
	for _, in := range []string{"", "not XML", "<methodResponse></methodResponse>", "<a><value><int>1", "<a><value><what>1</what></value></a>", "<a>" + strings.Repeat("<value><array><data>", 500)} {
		if _, _, err := odoo.DecodeAnswer(strings.NewReader(in)); err == nil {
			t.Errorf("%.40q is read", in)
		}
	}
}

// What is read is never more than what was sent, and what is written is read
// again as it was.
func FuzzXMLRPC(f *testing.F) {
	f.Add("<a><value><struct><member><name>x</name><value><int>1</int></value></member></struct></value></a>", "text & <more>")
	f.Add("<a><fault><value><struct></struct></value></fault></a>", "\x00\ufffe")
	f.Fuzz(func(t *testing.T, answer, text string) {
		v, _, err := odoo.DecodeAnswer(strings.NewReader(answer))
		if err != nil && v != nil {
			t.Errorf("%v beside %v", v, err)
		}
		call := string(odoo.EncodeCall("m", []any{text, []any{params{"k": true}}, int64(7)}))
		got, _, err := odoo.DecodeAnswer(strings.NewReader(call))
		if err != nil {
			t.Fatal(err)
		}
		if s, ok := got.(string); !ok || len([]rune(s)) != len([]rune(text)) {
			t.Errorf("%q comes back as %q", text, got)
		}
	})
}
