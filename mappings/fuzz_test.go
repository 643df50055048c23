package mappings_test

import (
	"encoding/json"
	"reflect"
	"testing"
	"unicode/utf8"

	"github.com/redpanda-data/benthos/v4/public/bloblang"

	"crmhub/mappings"
)

func FuzzMappingsInGoGiveWhatBloblangGives(f *testing.F) {
	f.Add("root.a = this.a | this.b", `{"b":"x"}`)
	f.Add("root.emails = [this.a.split_list(), \"é\"] # 注释\nroot.addresses = [{\"city\": this.o.c, \"kind\": \"home\"}]", `{"a":"x;y","o":{"c":null}}`)
	f.Add("root = this\nroot._key = this.\"客户 名称\".trim().or(\"k\")", `{"客户 名称":" 1 ","n":1e3}`)
	f.Add("root.a = this.a.b.c\nroot.a = null", `{"a":{"b":[1]}}`)
	f.Fuzz(func(t *testing.T, text, row string) {
		var v map[string]any
		if json.Unmarshal([]byte(row), &v) != nil || v == nil || !utf8.ValidString(text) {
			return
		}
		m, err := mappings.Parse("fuzz.blobl", text)
		if err != nil || !m.Fast() {
			return
		}
		got, ok, gotErr := m.Quick(decode(t, row))
		if !ok {
			return
		}
		want, wantErr := m.ByBloblang(decode(t, row))
		if (gotErr == nil) != (wantErr == nil) || gotErr == nil && !alike(got, want) {
			t.Errorf("%q on %s: %v, %v, want %v, %v", text, row, got, gotErr, want, wantErr)
		}
	})
}

func FuzzTextMethods(f *testing.F) {
	env := mappings.Environment()
	const calls = `root.fixed = this.v.fix_double_encoding()
root.squeezed = this.v.squeeze()
root.half = this.v.halfwidth()
root.cell = this.v.unquote_cell()
root.list = this.v.split_list()
root.people = this.v.parse_mailboxes()
root.decimal = this.v.decimal().catch(null)
root.yuan = this.v.yuan().catch(null)
root.epoch = this.v.epoch().catch(null)`
	once, err := env.Parse(calls)
	if err != nil {
		f.Fatal(err)
	}
	again := map[string]*bloblang.Executor{}
	for name, method := range map[string]string{"fixed": "fix_double_encoding", "squeezed": "squeeze", "half": "halfwidth", "cell": "unquote_cell", "list": "split_list", "decimal": "decimal"} {
		if again[name], err = env.Parse("root = this.v." + method + "()"); err != nil {
			f.Fatal(err)
		}
	}
	for _, s := range []string{"Ã©", "æ\u009dŽ", "鏉庨浄", "李 雷", "`42", `="1"`, "a;b", "Li <l@x.cn>, b", "1.234,50", "￥1.2万", "1767225600", "\xff\xfe", "(1)", "-", "1e400", "１２３", "' '", `="'="x""`} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		got, err := once.Query(map[string]any{"v": s})
		if err != nil {
			t.Fatalf("%q: %v", s, err)
		}
		out := got.(map[string]any)
		// Doing it again changes nothing.
		for name, e := range again {
			if out[name] == nil {
				continue
			}
			twice, err := e.Query(map[string]any{"v": out[name]})
			if err != nil || !reflect.DeepEqual(twice, out[name]) {
				t.Errorf("%s(%q) = %q, again %q, %v", name, s, out[name], twice, err)
			}
		}
	})
}
