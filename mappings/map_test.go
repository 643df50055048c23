package mappings_test

import (
	"encoding/json"
	"errors"
	"reflect"
	"strings"
	"sync"
	"testing"
	"testing/fstest"

	"crmhub/fault"
	"crmhub/mappings"
	"crmhub/record"
)

func mapping(t testing.TB, text string) *mappings.Mapping {
	t.Helper()
	m, err := mappings.Parse("shop.blobl", text)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// lay writes outputs as JSON, for comparison by eye.
func lay(t testing.TB, outs []mappings.Output) string {
	t.Helper()
	var b strings.Builder
	for _, o := range outs {
		text, err := json.Marshal(o.Fields)
		if err != nil {
			t.Fatal(err)
		}
		b.WriteString(string(o.Type) + "|" + o.Key + "|")
		if o.UpdatedAt != nil {
			at, err := json.Marshal(o.UpdatedAt)
			if err != nil {
				t.Fatal(err)
			}
			b.Write(at)
		}
		if o.Op == record.Delete {
			b.WriteString("|delete")
		}
		b.WriteString("|" + string(text) + "\n")
	}
	return b.String()
}

func TestMap(t *testing.T) {
	for _, tt := range []struct{ name, mapping, row, want string }{
		{"absent columns fall away", "root.full_name = this.full_name\nroot.given_name = this.given_name | this.first_name\nroot.emails = [this.email]", `{"full_name":"Li"}`, `|||{"full_name":"Li"}`},
		{"the second name of a column", "root.given_name = this.given_name | this.first_name", `{"first_name":"Lei"}`, `|||{"given_name":"Lei"}`},
		{"empty parts at every depth", `root.full_name = this.n` + "\n" + `root.addresses = [{"street": this.s, "city": "  "}, {"city": "Ely", "geo": {"lat": null}}]`, `{"n":"Li","s":""}`, `|||{"addresses":[{"city":"Ely"}],"full_name":"Li"}`},
		{"a kind of nothing", `root.addresses = [{"kind": "billing", "city": this.c}, {"kind": "shipping", "city": this.s}]` + "\nroot.kind = this.k\nroot.social_ids = [{\"kind\": \"openid\", \"id\": this.o}]", `{"c":"Ely","k":"person"}`, `|||{"addresses":[{"city":"Ely","kind":"billing"}],"kind":"person"}`},
		{"the envelope", "root.number = this.no\nroot._type = \"order\"\nroot._key = this.no\nroot._updated_at = this.at\nroot._op = \"delete\"", `{"no":1001,"at":"2026-01-01"}`, `order|1001|"2026-01-01"|delete|{"number":1001}`},
		{"a key of several columns", `root.a = "x"` + "\n" + `root._key = [this.a, this.b]`, `{"a":"1|2","b":3}`, `|1\|2|3||{"a":"x"}`},
		{"several records", `root = [{"_type": "customer", "full_name": this.n}, if this.no != null {{"_type": "order", "number": this.no}}, deleted(), null]`, `{"n":"Li","no":"7"}`, "customer|||{\"full_name\":\"Li\"}\norder|||{\"number\":\"7\"}"},
		{"an element with nothing left", "root = [{\"_type\": \"order\", \"number\": this.no}, {\"emails\": [this.email]}]", `{"no":"7"}`, `order|||{"number":"7"}`},
		{"deleted filters", "root = if this.test { deleted() } else { this }", `{"test":true}`, ""},
		{"null filters", "root = null", `{}`, ""},
		{"nothing assigned takes the row", "root = if this.x == 1 { {} }\nroot.full_name = \"y\"", `{"x":1}`, `|||{"full_name":"y"}`},
		{"a row as it is", "root = this", `{"full_name":"Li","phones":[null,""]}`, `|||{"full_name":"Li"}`},
		{"great numbers keep their digits", "root.a = this.a\nroot.b = this.b\nroot.c = this.c", `{"a":9007199254740993,"b":1234567890123456.78,"c":0.30}`, `|||{"a":9007199254740993,"b":1234567890123456.78,"c":0.30}`},
		{"integers of bloblang", "root.a = 3 * 4\nroot.b = 1 / 4", `{}`, `|||{"a":12,"b":0.25}`},
		{"bytes and times", "root.a = \"x\".bytes()\nroot.b = \"2026-01-01T08:00:00+08:00\".ts_parse(\"2006-01-02T15:04:05Z07:00\")", `{}`, `|||{"a":"x","b":"2026-01-01T08:00:00+08:00"}`},
		{"maps", "map upper {\n  root = this.uppercase()\n}\nroot.a = this.a.apply(\"upper\")", `{"a":"x"}`, `|||{"a":"X"}`},
		{"crlf and bom", "\ufeffroot.a = this.a\r\nroot.b = this.b\r\n", `{"a":"1","b":"2"}`, `|||{"a":"1","b":"2"}`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			row := decode(t, tt.row)
			outs, err := mapping(t, tt.mapping).Map(row)
			if err != nil {
				t.Fatal(err)
			}
			if got := strings.TrimSuffix(lay(t, outs), "\n"); got != tt.want {
				t.Errorf("Map = %s, want %s", got, tt.want)
			}
			if !reflect.DeepEqual(row, decode(t, tt.row)) {
				t.Errorf("the row was changed to %v", row)
			}
		})
	}
}

func TestARowIsNotKept(t *testing.T) {
	row := decode(t, `{"phones":["1"],"address":{"city":"Ely"}}`)
	outs, err := mapping(t, "root = this\nroot.addresses = [this.address]").Map(row)
	if err != nil {
		t.Fatal(err)
	}
	outs[0].Fields["phones"].([]any)[0] = "changed"
	outs[0].Fields["addresses"].([]any)[0].(map[string]any)["city"] = "changed"
	if !reflect.DeepEqual(row, decode(t, `{"phones":["1"],"address":{"city":"Ely"}}`)) {
		t.Errorf("the row was changed to %v", row)
	}
}

func TestAFailureNamesTheLineAndNoValue(t *testing.T) {
	const secret = "li.lei@example.cn"
	for _, tt := range []struct{ name, mapping, want string }{
		{"wrong type", "root.full_name = this.name\nroot.emails = this.email.index(0)", "E3201 mapping shop.blobl line 2, root.emails: want array, got string"},
		{"null", "root.emails = this.nothing.lowercase()", "E3201 mapping shop.blobl line 1, root.emails: want string, got null"},
		{"number of text", "root.n = this.email.number()", "E3202 mapping shop.blobl line 1, root.n: the expression failed"},
		{"arithmetic", "root.n = this.email - 1", "E3202 mapping shop.blobl line 1, root.n: cannot subtract string and number"},
		{"date", "let d = this.email.ts_parse(\"2006\")\nroot.n = $d", "E3202 mapping shop.blobl line 1, let d: the expression failed"},
		{"our own method", "root.\"a b\".c = this.email.decimal()", "E3202 mapping shop.blobl line 1, root.\"a b\".c: not a decimal number"},
		{"throw with a text of the file", "root = if true { throw(\"no name and no phone\") }", "E3203 mapping shop.blobl line 1 refuses the row: no name and no phone"},
		{"throw with a value", "root = throw(\"bad \" + this.email)", "E3202 mapping shop.blobl line 1, root: the expression failed"},
		{"a condition that is none", "if this.email {\n  root.a = 1\n}", "E3202 mapping shop.blobl line 1, root: the expression failed"},
		{"a record that is none", "root = this.email", "E3205 mapping shop.blobl made text where a record is wanted"},
		{"a list of texts", "root = [this.email]", "E3205 mapping shop.blobl made text where a record is wanted"},
		{"a type that is none", "root._type = this.email", "E3206 mapping shop.blobl: the envelope's _type is wrong; want customer, order, payment, shipment, interaction"},
		{"an operation that is none", "root._op = this.email", "E3206 mapping shop.blobl: the envelope's _op is wrong; want upsert or delete"},
		{"a key that is none", "root._key = {\"a\": this.email}", "E3206 mapping shop.blobl: the envelope's _key is wrong; want text, a number, or a list of them"},
		{"an envelope that is none", "root._keys = this.email", "E3206 mapping shop.blobl: the envelope's _… is wrong; want _key"},
		{"no number", "root.a.b = (this.m - 5).log()", "E3207 mapping shop.blobl: a.b is no value that can be kept"},
		{"a variable without a value", "let x = if false { 1 }\nroot.a = $x", "E3202 mapping shop.blobl line 2, root.a: $x has no value here: give its if an else { null }"},
		{"recursion", "map again {\n  root = this.apply(\"again\")\n}\nroot.a = this.email.apply(\"again\")", "E3202 mapping shop.blobl line 2, root: maps call each other without end"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			outs, err := mapping(t, tt.mapping).Map(map[string]any{"email": secret, "name": "Li", "m": json.Number("2")})
			if err == nil {
				t.Fatalf("Map = %v, want an error", outs)
			}
			if got := err.Error(); got != tt.want {
				t.Errorf("Map = %q, want %q", got, tt.want)
			}
			for e := err; e != nil; e = errors.Unwrap(e) {
				if strings.Contains(e.Error(), secret) {
					t.Errorf("the error holds a value: %s", e)
				}
			}
			if fault.ExitCode(err) != fault.ExitQuarantined {
				t.Errorf("exit code %d, want %d", fault.ExitCode(err), fault.ExitQuarantined)
			}
		})
	}
}

func TestFilesOfMappings(t *testing.T) {
	user := fstest.MapFS{
		"shop_customer.blobl": {Data: []byte("import \"lib/names.blobl\"\nroot.full_name = this.name.apply(\"name\")")},
		"lib/names.blobl":     {Data: []byte("map name {\n  root = this.trim()\n}")},
		"broken.blobl":        {Data: []byte("root.a = this.a\nroot.b = this.b.upercase()")},
		"impure.blobl":        {Data: []byte("root.a = now()")},
		"empty.blobl":         {Data: []byte("# nothing\n\n")},
		"outside.blobl":       {Data: []byte("import \"/etc/passwd\"\nroot.a = 1")},
		"testdata/x.blobl":    {Data: []byte("nothing to see")},
	}
	set, err := mappings.Load(user)
	if err != nil {
		t.Fatal(err)
	}
	m, err := set.Mapping("shop_customer")
	if err != nil {
		t.Fatal(err)
	}
	outs, err := m.Map(map[string]any{"name": " Li "})
	if err != nil || lay(t, outs) != "|||{\"full_name\":\"Li\"}\n" {
		t.Errorf("Map = %s, %v", lay(t, outs), err)
	}
	for _, tt := range []struct{ name, code, place string }{
		{"broken.blobl", "E4121", "broken.blobl:2:"},
		{"impure.blobl", "E4121", "impure.blobl:1:"},
		{"empty.blobl", "E4123", "empty.blobl"},
		{"outside.blobl", "E4121", "outside.blobl:"},
		{"shop_custmer.blobl", "E4122", "mappings"},
		{"testdata/x.blobl", "E4122", "mappings"},
	} {
		_, err := set.Mapping(tt.name)
		f := fault.Of(err)
		if f == nil || string(f.Code) != tt.code || !strings.HasPrefix(f.Place, tt.place) {
			t.Errorf("Mapping(%s) = %v, want %s at %s", tt.name, err, tt.code, tt.place)
		}
	}
}

func TestChineseDoesNotMoveTheLines(t *testing.T) {
	const text = "# 客户主数据:企业或个人,一行一个客户,编号在前\nroot.full_name = this.\"客户 名称\" # 名称\nroot.organisation = \"青禾茶业 🎁\"\nroot.emails = this.\"邮箱\".uppercase()\nroot.a = 1\nroot.b = 2"
	m := mapping(t, text)
	if _, err := m.Map(map[string]any{"客户 名称": "李雷"}); err == nil || !strings.Contains(err.Error(), "line 4, root.emails") {
		t.Errorf("Map = %v, want line 4", err)
	}
	outs, err := m.Map(map[string]any{"客户 名称": "李雷", "邮箱": "a"})
	if want := "|||{\"a\":1,\"b\":2,\"emails\":\"A\",\"full_name\":\"李雷\",\"organisation\":\"青禾茶业 🎁\"}\n"; err != nil || lay(t, outs) != want {
		t.Errorf("Map = %s, %v, want %s", lay(t, outs), err, want)
	}
	_, err = mappings.Parse("m.blobl", "# 客户主数据\nroot.a = \"中文\" + this.\"邮箱\".now()")
	if f := fault.Of(err); f == nil || f.Place != "m.blobl:2:32" {
		t.Errorf("Parse = %v, want m.blobl:2:32", err)
	}
}

func TestMapIsSafeForConcurrentUse(t *testing.T) {
	m := mapping(t, "let n = this.n\nroot.full_name = $n\nroot.emails = this.e.split_list()")
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for range 200 {
				outs, err := m.Map(map[string]any{"n": "Li", "e": "a@x.cn;b@x.cn"})
				if err != nil || len(outs) != 1 || outs[0].Fields["full_name"] != "Li" {
					t.Errorf("Map = %v, %v", outs, err)
				}
			}
		})
	}
	wg.Wait()
}
