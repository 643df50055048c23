package yamlfile_test

import (
	"errors"
	"reflect"
	"strings"
	"testing"
	"time"

	"crmhub/fault"
	"crmhub/fault/yamlfile"
)

type mode string

func (mode) Words() []string { return []string{"full", "incremental"} }

type inner struct {
	Connection string           `yaml:"connection"`
	Key        yamlfile.Strings `yaml:"key"`
	Mode       mode             `yaml:"mode"`
	Overlap    time.Duration    `yaml:"overlap"`
	Rows       int              `yaml:"rows"`
}

type connection struct {
	Connector string         `yaml:"connector"`
	Params    map[string]any `yaml:",inline"`
}

type file struct {
	Source      inner                 `yaml:"source"`
	Sources     []inner               `yaml:"sources"`
	Connections map[string]connection `yaml:"connections"`
	Processors  []any                 `yaml:"processors"`
	Title       string                `yaml:"title"`
	On          bool                  `yaml:"on"`
	Weight      float64               `yaml:"weight"`
}

func TestDecodeFillsEveryKind(t *testing.T) {
	text := "\xef\xbb\xbf# 连接\r\ntitle: 客户资料\r\non: true\r\nweight: 2\r\nsource: {connection: shop, key: 记录号, mode: incremental, overlap: 10m, rows: 7}\r\n" +
		"sources:\r\n  - key: [a, b]\r\n    overlap: 2d\r\n" +
		"connections:\r\n  shop: {connector: file, path: \"a#b\", port: 3306, password: \"${env:PW}\"}\r\n" +
		"processors:\r\n  - mutation: |\r\n      root.a = \"1\"\r\n      root.b = 2\r\n"
	var got file
	if err := yamlfile.Decode("hub.yaml", []byte(text), &got); err != nil {
		t.Fatal(err)
	}
	want := file{
		Title: "客户资料", On: true, Weight: 2,
		Source:      inner{Connection: "shop", Key: yamlfile.Strings{"记录号"}, Mode: "incremental", Overlap: 10 * time.Minute, Rows: 7},
		Sources:     []inner{{Key: yamlfile.Strings{"a", "b"}, Overlap: 48 * time.Hour}},
		Connections: map[string]connection{"shop": {"file", map[string]any{"path": "a#b", "port": int64(3306), "password": "${env:PW}"}}},
		Processors:  []any{map[string]any{"mutation": "root.a = \"1\"\nroot.b = 2\n"}},
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("Decode:\n got %#v\nwant %#v", got, want)
	}
}

func TestNumbersKeepTheirSpellingAsText(t *testing.T) {
	var got file
	if err := yamlfile.Decode("hub.yaml", []byte("title: 0012345678901234567890\n"), &got); err != nil {
		t.Fatal(err)
	}
	if got.Title != "0012345678901234567890" {
		t.Errorf("Title = %q", got.Title)
	}
}

func TestFaultsNameThePlace(t *testing.T) {
	for _, tt := range []struct{ name, text, want string }{
		{"unknown key", "titel: x\n", `E1002 hub.yaml:1:1: unknown key "titel" (nearest: title)`},
		{"unknown nested key", "source:\n  connection: shop\n  overlp: 10m\n", `E1002 hub.yaml:3:3: unknown key "overlp" (nearest: overlap)`},
		{"unknown key in a list", "sources:\n  - connection: shop\n  - connection: 商店\n    ky: a\n", `E1002 hub.yaml:4:5: unknown key "ky" (nearest: key)`},
		{"unknown key in flow", "source: {connection: 商店, mod: full}\n", `E1002 hub.yaml:1:26: unknown key "mod" (nearest: mode)`},
		{"nothing near", "zebra: 1\n", `E1002 hub.yaml:1:1: unknown key "zebra"`},
		{"wrong type", "source:\n  rows: many\n", `E1003 hub.yaml:2:9: "rows" wants a whole number; found text`},
		{"list for text", "title: [a]\n", `E1003 hub.yaml:1:8: "title" wants text; found a list`},
		{"text for keys", "source: shop\n", `E1003 hub.yaml:1:9: "source" wants keys with values; found text`},
		{"keys for a list", "sources:\n  connection: x\n", `E1003 hub.yaml:2:3: "sources" wants a list; found keys with values`},
		{"duration", "source: {overlap: soon}\n", `E1003 hub.yaml:1:19: "overlap" wants a duration such as 10m, 36h or 7d; found text`},
		{"twice", "title: a\non: true\ntitle: b\n", `E1004 hub.yaml:3:1: the key "title" stands twice; it stood before at line 1`},
		{"twice in an inline map", "connections:\n  shop:\n    connector: file\n    path: a\n    path: b\n", `E1004 hub.yaml:5:5: the key "path" stands twice; it stood before at line 4`},
		{"word", "source: {mode: incremntal}\n", `E1006 hub.yaml:1:16: "mode" is not one of the words it takes: full | incremental (nearest: incremental)`},
		{"crlf", "title: a\r\nsource:\r\n  ky: a\r\n", `E1002 hub.yaml:3:3: unknown key "ky" (nearest: key)`},
		{"quote", "title: \"abc\n", `E1001 hub.yaml:1:8: the file is not valid YAML: could not find end character of double-quoted text`},
		{"tab", "source:\n\tkey: a\n", `E1001 hub.yaml:2:1: the file is not valid YAML: a tab stands where the indentation needs spaces`},
		{"gbk", "title: a\nsource: {connection: \xc9\xcc\xb5\xea}\n", `E1005 hub.yaml:2: the file is not UTF-8 text`},
		{"utf-16", "\xff\xfet\x00i\x00", `E1005 hub.yaml:1: the file is not UTF-8 text: UTF-16`},
		{"full-width colon", "source:\n  connection\uff1ashop\n", `E1008 hub.yaml:2:3: a full-width colon or space stands where YAML needs a plain one`},
		{"full-width colon after keys", "source:\n  mode: full\n  connection\uff1ashop\n", `E1008 hub.yaml:3:13: a full-width colon or space stands where YAML needs a plain one`},
		{"two documents", "title: a\n---\ntitle: b\n", `E1001 hub.yaml:3:1: the file is not valid YAML: a second document begins; one file holds one`},
		{"list at the top", "- a\n", `E1003 hub.yaml:1:1: "the file" wants keys with values; found a list`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var into file
			err := yamlfile.Decode("hub.yaml", []byte(tt.text), &into)
			if err == nil {
				t.Fatal("no fault")
			}
			if got := fault.Of(err).Error(); got != tt.want {
				t.Errorf("fault\n got %s\nwant %s", got, tt.want)
			}
			if got := fault.ExitCode(err); got != fault.ExitUsage {
				t.Errorf("exit code %d, want %d", got, fault.ExitUsage)
			}
		})
	}
}

func TestAllFaultsAreReturnedInOrder(t *testing.T) {
	var into file
	err := yamlfile.Decode("hub.yaml", []byte("source: {rows: x}\ntitel: a\non: 7\n"), &into)
	joined, ok := errors.AsType[interface {
		error
		Unwrap() []error
	}](err)
	if !ok {
		t.Fatalf("want several faults, got %v", err)
	}
	var places []string
	for _, e := range joined.Unwrap() {
		places = append(places, fault.Of(e).Place)
	}
	if got, want := strings.Join(places, " "), "hub.yaml:1:16 hub.yaml:2:1 hub.yaml:3:5"; got != want {
		t.Errorf("places %s, want %s", got, want)
	}
}

func TestFaultsHoldNoValue(t *testing.T) {
	const secret = "hunter2secret"
	for _, text := range []string{
		"source: " + secret + "\n", "on: " + secret + "\n", "source: {mode: " + secret + "}\n", "source: {overlap: " + secret + "}\n",
		"title: \"" + secret + "\n", "title: '" + secret + "\n", "title: [" + secret + "\n", "? " + secret + " pass!word\n",
		secret + " p@ss: 1\n", "title: @" + secret + "\n", "title: *" + secret + "\n", "title: !!int " + secret + "\n", "title: `" + secret + "\n",
		"title: a: " + secret + ": c\n", "title: {" + secret + "}}\n",
	} {
		var into file
		err := yamlfile.Decode("hub.yaml", []byte(text), &into)
		if err != nil && strings.Contains(err.Error(), "hunter2secret") {
			t.Errorf("%q: the fault holds the value: %v", text, err)
		}
	}
}

func TestAnchorsMergeAndBombs(t *testing.T) {
	var got file
	text := "sources:\n  - &base {connection: shop, rows: 5}\n  - {<<: *base, rows: 6}\n"
	if err := yamlfile.Decode("hub.yaml", []byte(text), &got); err != nil {
		t.Fatal(err)
	}
	want := []inner{{Connection: "shop", Rows: 5}, {Connection: "shop", Rows: 6}}
	if !reflect.DeepEqual(got.Sources, want) {
		t.Errorf("Sources = %+v, want %+v", got.Sources, want)
	}
	for name, bomb := range map[string]string{
		"self":    "processors: &a [*a]\n",
		"doubled": "processors:\n  - &a [1,1,1,1,1,1,1,1,1,1]\n  - &b [*a,*a,*a,*a,*a,*a,*a,*a,*a,*a]\n  - &c [*b,*b,*b,*b,*b,*b,*b,*b,*b,*b]\n  - &d [*c,*c,*c,*c,*c,*c,*c,*c,*c,*c]\n  - &e [*d,*d,*d,*d,*d,*d,*d,*d,*d,*d]\n  - &f [*e,*e,*e,*e,*e,*e,*e,*e,*e,*e]\n  - &g [*f,*f,*f,*f,*f,*f,*f,*f,*f,*f]\n",
		"deep":    "processors: " + strings.Repeat("[", 300) + strings.Repeat("]", 300) + "\n",
	} {
		var into file
		if err := yamlfile.Decode("hub.yaml", []byte(bomb), &into); fault.Of(err) == nil || fault.Of(err).Code != "E1001" {
			t.Errorf("%s: got %v, want E1001", name, err)
		}
	}
}

func TestPlace(t *testing.T) {
	d, err := yamlfile.Parse("p.yaml", []byte("source:\n  key: [编号, b]\n  mode: full\nlimits: {rate: 5/s}\n"))
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		path []any
		want string
	}{
		{nil, "p.yaml:1:1"},
		{[]any{"source"}, "p.yaml:1:1"},
		{[]any{"source", "key"}, "p.yaml:2:3"},
		{[]any{"source", "key", 1}, "p.yaml:2:13"},
		{[]any{"source", "mode"}, "p.yaml:3:9"},
		{[]any{"limits", "rate"}, "p.yaml:4:16"},
		{[]any{"limits", "none"}, "p.yaml:4:1"},
		{[]any{"mapping"}, "p.yaml:1:1"},
	} {
		if got := d.Place(tt.path...); got != tt.want {
			t.Errorf("Place(%v) = %s, want %s", tt.path, got, tt.want)
		}
	}
	if d.Has("limits", "none") || !d.Has("source", "key", 0) {
		t.Error("Has is wrong")
	}
}

func TestEmptyFileIsEmpty(t *testing.T) {
	for _, text := range []string{"", "\n", "# nothing\n", "---\n"} {
		var got file
		if err := yamlfile.Decode("p.yaml", []byte(text), &got); err != nil || !reflect.DeepEqual(got, file{}) {
			t.Errorf("Decode(%q) = %+v, %v", text, got, err)
		}
	}
}

func FuzzDecode(f *testing.F) {
	f.Add([]byte("source: {key: [a, b]}\ntitle: &x 中文\non: *x\n"))
	f.Add([]byte("a: !!binary x\n<<: {b: 1}\n? [1]: 2\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		var into file
		if err := yamlfile.Decode("p.yaml", data, &into); err != nil && fault.Of(err) == nil {
			t.Errorf("an error that is not a fault: %v", err)
		}
	})
}
