package file_test

import (
	"archive/zip"
	"bytes"
	"compress/gzip"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"crmhub/connectors"
	"crmhub/fault"
)

func TestSourcesThatCanNotBeRead(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, "empty.csv", nil)
	write(t, dir, "blank.csv", []byte("\n  \n"))
	write(t, dir, "old.xls", []byte("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 old workbook"))
	write(t, dir, "page.xls", []byte("<html><body><table><tr><td>1</td></tr></table></body></html>"))
	write(t, dir, "doc.pdf", []byte("%PDF-1.4\n"))
	write(t, dir, "bin.dat", bytes.Repeat([]byte{0, 0, 1, 7}, 100))
	write(t, dir, "fake.xlsx", []byte("id,name\n1,a\n"))
	write(t, dir, "cut.csv.gz", []byte("\x1f\x8b\x08"))
	write(t, dir, "cut.zip", []byte("PK\x03\x04 and nothing"))
	write(t, dir, "data/orders.json", []byte(`{"page":1}`))
	write(t, dir, "scalar.json", []byte(`17`))
	write(t, dir, "one.json", []byte(`{"event":"created","data":{"id":7,"lines":[{"sku":"a"}]}}`))
	write(t, dir, "hidden/.x", []byte("x"))
	for _, tt := range []struct {
		path   string
		params map[string]any
		code   fault.Code
		exit   int
	}{
		{"nothing.csv", nil, "E2101", fault.ExitFailed},
		{"nothing-*.csv", nil, "E2102", fault.ExitFailed},
		{"hidden", nil, "E2102", fault.ExitFailed},
		{"[", nil, "E2003", fault.ExitUsage},
		{"empty.csv", nil, "E2104", fault.ExitFailed},
		{"blank.csv", nil, "E2104", fault.ExitFailed},
		{"old.xls", nil, "E2105", fault.ExitUsage},
		{"page.xls", nil, "E2105", fault.ExitUsage},
		{"doc.pdf", nil, "E2105", fault.ExitUsage},
		{"bin.dat", nil, "E2105", fault.ExitUsage},
		{"fake.xlsx", map[string]any{"format": "xlsx"}, "E2105", fault.ExitUsage},
		{"cut.csv.gz", nil, "E2112", fault.ExitFailed},
		{"cut.zip", nil, "E2112", fault.ExitFailed},
		{"data", nil, "E2114", fault.ExitUsage},
		{"scalar.json", nil, "E2114", fault.ExitUsage},
		{"one.json", nil, "E2114", fault.ExitUsage},
	} {
		t.Run(tt.path, func(t *testing.T) {
			params := map[string]any{"path": tt.path}
			for k, v := range tt.params {
				params[k] = v
			}
			rows, _, err := tryRead(dir, params, connectors.Request{})
			f := fault.Of(err)
			if f == nil || f.Code != tt.code {
				t.Fatalf("Read: %v, want %s", err, tt.code)
			}
			if got := fault.ExitCode(err); got != tt.exit {
				t.Errorf("exit code %d, want %d", got, tt.exit)
			}
			if len(rows) > 0 {
				t.Errorf("%d rows were handed over", len(rows))
			}
			if strings.Contains(f.Error(), dir) {
				t.Errorf("%q tells the whole path", f.Error())
			}
		})
	}
}

func TestUnreadableFile(t *testing.T) {
	if os.Getuid() == 0 {
		// Permissions do not bind root; a folder in the file's place fails like it.
		dir := t.TempDir()
		write(t, dir, "d/x.csv/inner", []byte("x"))
		if _, _, err := tryRead(dir, map[string]any{"path": "d"}, connectors.Request{}); fault.Of(err) == nil {
			t.Errorf("Read: %v, want a fault", err)
		}
		return
	}
	dir := t.TempDir()
	write(t, dir, "t.csv", []byte("id\n1\n"))
	if err := os.Chmod(filepath.Join(dir, "t.csv"), 0); err != nil {
		t.Fatal(err)
	}
	_, _, err := tryRead(dir, map[string]any{"path": "t.csv"}, connectors.Request{})
	if f := fault.Of(err); f == nil || f.Code != "E2103" {
		t.Errorf("Read: %v, want E2103", err)
	}
}

func TestHeaderWithoutRowsIsNoFault(t *testing.T) {
	for name, text := range map[string]string{"t.csv": "id,name\n", "t.json": "[]", "t.jsonl": "{\"id\":1}\n", "t.mbox": ""} {
		dir := t.TempDir()
		write(t, dir, name, []byte(text))
		params := map[string]any{"path": name}
		if name == "t.mbox" {
			params["format"] = "mbox"
		}
		rows, _, err := tryRead(dir, params, connectors.Request{})
		if err != nil || len(rows) > 1 {
			t.Errorf("%s: %d rows, %v", name, len(rows), err)
		}
	}
	dir := t.TempDir()
	write(t, dir, "M/cur/.keep", nil)
	write(t, dir, "M/new/.keep", nil)
	if rows, _, err := tryRead(dir, map[string]any{"path": "M"}, connectors.Request{}); err != nil || len(rows) > 0 {
		t.Errorf("an empty Maildir: %d rows, %v", len(rows), err)
	}
}

// TestCutInTheMiddle holds that what stands before the damage is handed over,
// that the damage is told at its place, and that reading goes on once the file
// is whole.
func TestCutInTheMiddle(t *testing.T) {
	var lines, array strings.Builder
	lines.WriteString("id,name\n")
	array.WriteString("[\n")
	const n = 5000
	for i := range n {
		fmt.Fprintf(&lines, "%d,name %d\n", i, i*7919)
		fmt.Fprintf(&array, "{\"id\":%d,\"name\":\"name %d\"},\n", i, i*7919)
	}
	array.WriteString("{\"id\":-1}]")
	pack := func(s string) []byte {
		var b bytes.Buffer
		g := gzip.NewWriter(&b)
		if _, err := g.Write([]byte(s)); err != nil {
			t.Fatal(err)
		}
		if err := g.Close(); err != nil {
			t.Fatal(err)
		}
		return b.Bytes()
	}
	for _, tt := range []struct {
		name string
		text []byte
		cut  int
		code fault.Code
	}{
		{"t.json", []byte(array.String()), array.Len() / 2, "E2113"},
		{"t.csv.gz", pack(lines.String()), 0, "E2112"},
		{"t.json.gz", pack(array.String()), 0, "E2112"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if tt.cut == 0 {
				tt.cut = len(tt.text) * 2 / 3
			}
			dir := t.TempDir()
			write(t, dir, tt.name, tt.text[:tt.cut])
			params := map[string]any{"path": tt.name}
			r := connectors.Request{Key: []string{"id"}, BatchRows: 100}
			first, pos, err := tryRead(dir, params, r)
			f := fault.Of(err)
			if f == nil || f.Code != tt.code {
				t.Fatalf("Read: %v, want %s", err, tt.code)
			}
			if !strings.HasPrefix(f.Place, tt.name+":") {
				t.Errorf("place %q, want %s and the line", f.Place, tt.name)
			}
			if len(first) == 0 || len(first) >= n {
				t.Fatalf("%d rows before the damage", len(first))
			}
			write(t, dir, tt.name, tt.text)
			r.From = pos
			rest, _ := read(t, dir, params, r)
			want := n
			if strings.Contains(tt.name, "json") {
				want++
			}
			if got := len(first) + len(rest); got != want {
				t.Errorf("%d rows in both reads, want %d", got, want)
			}
			for i, row := range first {
				if row.Key != fmt.Sprint(i) {
					t.Fatalf("row %d has the key %s", i, row.Key)
				}
			}
			if rest[0].Key != fmt.Sprint(len(first)) {
				t.Errorf("the second read begins at %s, want %d", rest[0].Key, len(first))
			}
		})
	}
}

func TestFolderPassesOverWhatIsNoData(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, "in/b.csv", []byte("id,name\n2,b\n"))
	write(t, dir, "in/a.csv", []byte("id,name\n1,a\n"))
	write(t, dir, "in/.hidden", []byte("x"))
	write(t, dir, "in/~$book.xlsx", []byte("lock"))
	write(t, dir, "in/Thumbs.db", []byte("x"))
	write(t, dir, "in/sub/c.csv", []byte("id,name\n3,c\n"))
	rows, _ := read(t, dir, map[string]any{"path": "in"}, connectors.Request{Key: []string{"id"}})
	if got, want := told(rows), []string{"1=a", "2=b"}; !reflect.DeepEqual(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	// A file of no format that is read is told, not passed over.
	write(t, dir, "in/c.pdf", []byte("%PDF-1.7"))
	if _, _, err := tryRead(dir, map[string]any{"path": "in"}, connectors.Request{}); fault.Of(err) == nil || fault.Of(err).Code != "E2105" {
		t.Errorf("Read: %v, want E2105", err)
	}
}

func TestArchiveWithAStreamThatIsNotThere(t *testing.T) {
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for _, n := range []string{"customers.csv", "orders.csv"} {
		w, err := z.Create(n)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write([]byte("id,name\n1,a\n")); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	f := refused(t, "all.zip", b.String(), nil, connectors.Request{Stream: "custmers.csv"})
	if f.Code != "E2117" || f.Args["nearest"] != "customers.csv" {
		t.Errorf("got %v, want E2117 with the nearest", f)
	}
	rows := readText(t, "all.zip", b.String(), nil, connectors.Request{Stream: "*.csv"})
	if len(rows) != 2 {
		t.Errorf("%d rows by the pattern, want 2", len(rows))
	}
}

// TestJSONBehindTheArray holds that nothing behind the array of rows is passed
// over: a second document, or an object that was never closed.
func TestJSONBehindTheArray(t *testing.T) {
	for _, tt := range []struct{ name, text, want string }{
		{"a second array", "[{\"id\":1},\n{\"id\":2}]\n[{\"id\":3}]\n", "E2120 t.json:3"},
		{"a second object", `{"data":[{"id":1},{"id":2}]} {"data":[{"id":3}]}`, "E2120 t.json:1"},
		{"words", "[{\"id\":1},{\"id\":2}] Fatal error", "E2120 t.json:1"},
		{"an object that is cut", "{\"data\":[{\"id\":1},{\"id\":2}],\n\"next\":nul", "E2113 t.json:2"},
		{"a text that is cut", `{"data":[{"id":1},{"id":2}],"next":"}`, "E2113 t.json:1"},
		{"nothing", "[{\"id\":1},{\"id\":2}]\n\r\n \x1a", ""},
		{"the rest of the document", `{"d":{"results":[{"id":1},{"id":2}],"x":"}]"},"o":[[],{"a":{}}]}`, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			dir := t.TempDir()
			write(t, dir, "t.json", []byte(tt.text))
			r := connectors.Request{Key: []string{"id"}}
			for range 2 { // a later read must not go on behind the fault
				rows, pos, err := tryRead(dir, map[string]any{"path": "t.json"}, r)
				got := ""
				if f := fault.Of(err); f != nil {
					got = string(f.Code) + " " + f.Place
				}
				if want := 2; got != tt.want || len(rows) != want && r.From == nil || len(rows) != 0 && r.From != nil {
					t.Errorf("from %s: %d rows and %q, want %q", r.From, len(rows), got, tt.want)
				}
				r.From = pos
			}
		})
	}
}
