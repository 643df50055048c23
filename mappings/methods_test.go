package mappings_test

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"

	"crmhub/mappings"
)

// decode reads JSON as a row is read: numbers keep their digits.
func decode(t testing.TB, text string) map[string]any {
	t.Helper()
	d := json.NewDecoder(strings.NewReader(text))
	d.UseNumber()
	var v map[string]any
	if err := d.Decode(&v); err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return v
}

// eval runs a mapping of Environment, as a processor would.
func eval(t testing.TB, mapping, row string) (any, error) {
	t.Helper()
	e, err := mappings.Environment().Parse(mapping)
	if err != nil {
		t.Fatalf("%s: %v", mapping, err)
	}
	return e.Query(decode(t, row))
}

func TestExamplesOfMethodsHold(t *testing.T) {
	for _, m := range mappings.Methods() {
		t.Run(m.Name, func(t *testing.T) {
			got, err := eval(t, m.Mapping, m.In)
			if err != nil {
				t.Fatal(err)
			}
			text, err := json.Marshal(got)
			if err != nil {
				t.Fatal(err)
			}
			if !reflect.DeepEqual(decode(t, string(text)), decode(t, m.Out)) {
				t.Errorf("%s on %s = %s, want %s", m.Mapping, m.In, text, m.Out)
			}
			if null, err := eval(t, m.Mapping, `{"v":null,"w":1}`); err != nil {
				t.Errorf("null fails: %v", err)
			} else if want := map[string]any{"b": nil}; m.Name != "blank" && !reflect.DeepEqual(null, want) {
				t.Errorf("null gives %v, want null", null)
			}
		})
	}
}

func TestTextMethods(t *testing.T) {
	for _, tt := range []struct{ name, call, in, want string }{
		{"an accent", "fix_double_encoding()", "Ã©", "é"},
		{"chinese read as windows-1252", "fix_double_encoding()", "æ\u009dŽé›·", "李雷"},
		{"chinese read as latin-1", "fix_double_encoding()", "\u00e6\u009d\u008e\u00e9\u009b\u00b7", "李雷"},
		{"twice", "fix_double_encoding()", "ÃƒÂ©", "é"},
		{"chinese read as gbk", "fix_double_encoding()", "鏉庨浄", "李雷"},
		{"good chinese stays", "fix_double_encoding()", "联通公司", "联通公司"},
		{"good accents stay", "fix_double_encoding()", "Müller & Söhne", "Müller & Söhne"},
		{"ascii stays", "fix_double_encoding()", "Smith", "Smith"},
		{"excel's formula", "unquote_cell()", `="00123"`, "00123"},
		{"tab", "unquote_cell()", "\t2026\t", "2026"},
		{"named separators", `split_list("/").join("+")`, "138/139 / 无", "138+139"},
		{"seconds", "epoch()", "1767225600", "2026-01-01T00:00:00Z"},
		{"fractions", "epoch()", "1767225600.25", "2026-01-01T00:00:00.25Z"},
		{"microseconds", "epoch()", "1767225600000000", "2026-01-01T00:00:00Z"},
		{"before 1970", "epoch()", "-1", "1969-12-31T23:59:59Z"},
		{"broken mailboxes", `parse_mailboxes().map_each(this.email).join(" ")`, "张伟 zhang@x.cn>, Li <li@x.cn>, none", "li@x.cn"},
		{"unquoted commas", `parse_mailboxes().map_each(this.email).join(" ")`, "=?utf-8?B?5byg?= <a@x.cn>; 王 <b@x.cn>", "a@x.cn b@x.cn"},
		{"european", "decimal()", "1.234.567,89", "1234567.89"},
		{"one comma of three", "decimal()", "1,234", "1234"},
		{"one comma of two", "decimal()", "12,50", "12.50"},
		{"swiss", "decimal()", "1'234.50", "1234.50"},
		{"parentheses", "decimal()", "(1,234.50)", "-1234.50"},
		{"sap's minus", "decimal()", "12.00-", "-12.00"},
		{"a float's exponent", "decimal()", "1.5E-3", "0.0015"},
		{"a hundred million", "yuan()", "￥3.5亿", "350000000.0"},
		{"a bill", "yuan()", "¥88.00", "88.00"},
		{"more digits than a float has", "decimal()", "1234567890123456.78", "1234567890123456.78"},
		{"kuwait", "cents(3)", "1005", "1.005"},
		{"japan", "cents(0)", "1005", "1005"},
		{"a negative refund", "cents()", "-5", "-0.05"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			row, err := json.Marshal(map[string]string{"v": tt.in})
			if err != nil {
				t.Fatal(err)
			}
			got, err := eval(t, "root = this.v."+tt.call, string(row))
			if err != nil || got != tt.want {
				t.Errorf("%q.%s = %v, %v, want %q", tt.in, tt.call, got, err, tt.want)
			}
		})
	}
}

func TestDecimalMethodsRefuseWhatIsNoNumber(t *testing.T) {
	for _, tt := range []struct{ call, in string }{
		{"decimal()", "twelve"},
		{"decimal()", "1,23,4"},
		{"decimal()", "1.2.3,4,5"},
		{"decimal()", "0x10"},
		{"decimal()", "1e999999999"},
		{"cents()", "1.5"},
		{"decimal_div(0)", "1"},
		{"decimal_add(\"x\")", "1"},
		{"epoch()", "yesterday"},
	} {
		row, err := json.Marshal(map[string]string{"v": tt.in})
		if err != nil {
			t.Fatal(err)
		}
		if got, err := eval(t, "root = this.v."+tt.call, string(row)); err == nil {
			t.Errorf("%q.%s = %v, want an error", tt.in, tt.call, got)
		}
	}
}

func TestTheLanguageIsPure(t *testing.T) {
	for _, call := range []string{
		"env(\"HOME\")", "file(\"/etc/passwd\")", "file_rel(\"x\")", "hostname()", "now()", "timestamp_unix()", "uuid_v4()", "uuid_v7()",
		"random_int()", "nanoid()", "ksuid()", "counter()", "count(\"x\")", "fake(\"name\")",
		"this.v.json_schema(\"{}\")", "this.v.bloblang(\"root = now()\")",
	} {
		if _, err := mappings.Environment().Parse("root = " + call); err == nil {
			t.Errorf("a processor may call %s", call)
		}
		if _, err := mappings.Parse("m.blobl", "root = "+call); err == nil {
			t.Errorf("a mapping may call %s", call)
		}
	}
	if _, err := mappings.Environment().Parse("root = content().string()"); err != nil {
		t.Errorf("a processor may not ask its message: %v", err)
	}
	if _, err := mappings.Parse("m.blobl", "root.a = content().string()"); err == nil {
		t.Error("a mapping may ask a message that it does not have")
	}
}
