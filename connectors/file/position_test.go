package file_test

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/xuri/excelize/v2"

	"crmhub/connectors"
	"crmhub/record"
)

// grown reads a file, changes it, and reads on from the position.
func grown(t *testing.T, name, before, after string, params map[string]any) []string {
	t.Helper()
	dir := t.TempDir()
	r := connectors.Request{Key: []string{"id"}, Mode: connectors.Incremental}
	params["path"] = name
	write(t, dir, name, []byte(before))
	_, r.From = read(t, dir, params, r)
	write(t, dir, name, []byte(after))
	rows, _ := read(t, dir, params, r)
	return told(rows)
}

func TestPositionGoesOnWhereAFileGrew(t *testing.T) {
	const csv = "id,name\n1,a\n2,b\n"
	for _, tt := range []struct {
		name, file, before, after string
		want                      []string
	}{
		{"nothing new", "t.csv", csv, csv, nil},
		{"rows added", "t.csv", csv, csv + "3,c\n", []string{"3=c"}},
		{"a line end added", "t.csv", "id,name\n1,a\n2,b", csv, nil},
		{"a line end and rows added", "t.csv", "id,name\n1,a\n2,b", csv + "3,c\n", []string{"3=c"}},
		{"the last row went on", "t.csv", "id,name\n1,a\n2,b", "id,name\n1,a\n2,bb\n", []string{"1=a", "2=bb"}},
		{"a row changed", "t.csv", csv, "id,name\n1,A\n2,b\n3,c\n", []string{"1=A", "2=b", "3=c"}},
		{"a row changed, same length, far back", "t.csv", csv, "id,name\n1,z\n2,b\n", []string{"1=z", "2=b"}},
		{"shortened", "t.csv", csv, "id,name\n1,a\n", []string{"1=a"}},
		{"another header", "t.csv", csv, "id,name,x\n1,a,\n2,b,\n", []string{"1=a", "2=b"}},
		{"lines of JSON", "t.jsonl", `{"id":1,"name":"a"}` + "\n", `{"id":1,"name":"a"}` + "\n" + `{"id":2,"name":"b"}`, []string{"2=b"}},
		{"an array", "t.json", `[{"id":1,"name":"a"}]`, `[{"id":1,"name":"a"},{"id":2,"name":"b"}]`, []string{"2=b"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := grown(t, tt.file, tt.before, tt.after, map[string]any{}); !reflect.DeepEqual(got, tt.want) {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

func TestPositionOfTheGrownFileKeepsItsDialect(t *testing.T) {
	// What was read as commas stays so, although most of the file would now be
	// taken for semicolons.
	before := "id,name\n1,a\n2,b\n"
	after := before
	for i := range 50 {
		after += fmt.Sprintf("%d,x;y;z\n", i+3)
	}
	got := grown(t, "t.csv", before, after, map[string]any{})
	if len(got) != 50 || got[0] != "3=x;y;z" {
		t.Errorf("%d rows, first %q; want 50, the first 3=x;y;z", len(got), got)
	}
}

func TestPositionOverSeveralFiles(t *testing.T) {
	dir := t.TempDir()
	params := map[string]any{"path": "*.csv"}
	r := connectors.Request{Key: []string{"id"}, Mode: connectors.Incremental}
	write(t, dir, "d-1.csv", []byte("id,name\n1,a\n"))
	write(t, dir, "d-2.csv", []byte("id,name\n2,b\n"))
	_, r.From = read(t, dir, params, r)
	steps := []struct {
		name string
		do   func()
		want []string
	}{
		{"nothing", func() {}, nil},
		{"a later file", func() { write(t, dir, "d-10.csv", []byte("id,name\n10,j\n")) }, []string{"10=j"}},
		{"the last file grew", func() { write(t, dir, "d-10.csv", []byte("id,name\n10,j\n11,k\n")) }, []string{"11=k"}},
		{"an earlier file came", func() { write(t, dir, "d-0.csv", []byte("id,name\n0,z\n")) }, []string{"0=z", "1=a", "2=b", "10=j", "11=k"}},
		{"an earlier file changed", func() { write(t, dir, "d-1.csv", []byte("id,name\n1,aa\n")) }, []string{"0=z", "1=aa", "2=b", "10=j", "11=k"}},
		{"a file went", func() {
			if err := os.Remove(filepath.Join(dir, "d-0.csv")); err != nil {
				t.Fatal(err)
			}
		}, []string{"1=aa", "2=b", "10=j", "11=k"}},
	}
	for _, s := range steps {
		s.do()
		rows, pos := read(t, dir, params, r)
		if got := told(rows); !reflect.DeepEqual(got, s.want) {
			t.Errorf("%s: got %q, want %q", s.name, got, s.want)
		}
		if pos != nil {
			r.From = pos
		}
	}
}

func TestPositionOfOtherParametersStartsAnew(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, "t.csv", []byte("id,name\n1,\n"))
	_, pos := read(t, dir, map[string]any{"path": "t.csv"}, connectors.Request{Key: []string{"id"}})
	rows, _ := read(t, dir, map[string]any{"path": "t.csv", "empty": "text"}, connectors.Request{Key: []string{"id"}, From: pos})
	if len(rows) != 1 {
		t.Errorf("%d rows after the parameters changed, want 1: they come out otherwise", len(rows))
	}
	for _, bad := range []string{"", "{}", "no JSON", `{"done":-1,"how":""}`, `{"done":99}`} {
		rows, _ := read(t, dir, map[string]any{"path": "t.csv"}, connectors.Request{From: record.Position(bad)})
		if len(rows) != 1 {
			t.Errorf("position %q: %d rows, want 1", bad, len(rows))
		}
	}
}

func TestPositionOfAMaildirMinglesNoFlags(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, "M/new/1000.a", []byte(mailA))
	write(t, dir, "M/cur/.keep", nil)
	r := connectors.Request{Mode: connectors.Incremental}
	params := map[string]any{"path": "M"}
	rows, pos := read(t, dir, params, r)
	if len(rows) != 1 {
		t.Fatalf("%d rows, want 1", len(rows))
	}
	// The mail is opened by its reader: it moves and gets a flag.
	if err := os.Rename(filepath.Join(dir, "M/new/1000.a"), filepath.Join(dir, "M/cur/1000.a:2,S")); err != nil {
		t.Fatal(err)
	}
	write(t, dir, "M/new/1001.b", []byte(mailB))
	r.From = pos
	rows, _ = read(t, dir, params, r)
	if len(rows) != 1 || rows[0].Key != "b2@example.com" {
		t.Errorf("%d rows, want only the new mail", len(rows))
	}
}

func TestPositionOfAWorkbookThatGrew(t *testing.T) {
	dir := t.TempDir()
	make := func(rows ...[]any) {
		f := excelize.NewFile()
		for i, r := range append([][]any{{"id", "name"}}, rows...) {
			if err := f.SetSheetRow("Sheet1", fmt.Sprintf("A%d", i+1), &r); err != nil {
				t.Fatal(err)
			}
		}
		var b bytes.Buffer
		if err := f.Write(&b); err != nil {
			t.Fatal(err)
		}
		write(t, dir, "t.xlsx", b.Bytes())
	}
	params := map[string]any{"path": "t.xlsx"}
	r := connectors.Request{Key: []string{"id"}, Mode: connectors.Incremental}
	make([]any{"1", "a"}, []any{"2", "b"})
	_, r.From = read(t, dir, params, r)
	make([]any{"1", "a"}, []any{"2", "b"}, []any{"3", "c"})
	rows, _ := read(t, dir, params, r)
	if got, want := told(rows), []string{"3=c"}; !reflect.DeepEqual(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	make([]any{"1", "A"}, []any{"2", "b"}, []any{"3", "c"})
	rows, _ = read(t, dir, params, r)
	if got, want := told(rows), []string{"1=A", "2=b", "3=c"}; !reflect.DeepEqual(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestPositionIsSmallWhateverTheNumberOfFiles(t *testing.T) {
	dir := t.TempDir()
	for i := range 500 {
		write(t, dir, fmt.Sprintf("M/cur/%d.x:2,S", 1000+i), []byte(strings.ReplaceAll(mailA, "a1@", fmt.Sprintf("m%d@", i))))
	}
	write(t, dir, "M/new/.keep", nil)
	rows, pos := read(t, dir, map[string]any{"path": "M"}, connectors.Request{})
	if len(rows) != 500 {
		t.Fatalf("%d rows, want 500", len(rows))
	}
	if len(pos) > 400 {
		t.Errorf("a position of %d bytes, want it to stay small: %s", len(pos), pos)
	}
}

func TestSameSizeAndTimeButOtherContentIsSeen(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, "t.csv", []byte("id,name\n1,a\n2,b\n"))
	at := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	touch := func() {
		if err := os.Chtimes(filepath.Join(dir, "t.csv"), at, at); err != nil {
			t.Fatal(err)
		}
	}
	touch()
	r := connectors.Request{Key: []string{"id"}, Mode: connectors.Incremental}
	_, r.From = read(t, dir, map[string]any{"path": "t.csv"}, r)
	write(t, dir, "t.csv", []byte("id,name\n1,x\n2,b\n"))
	touch()
	rows, _ := read(t, dir, map[string]any{"path": "t.csv"}, r)
	if got, want := told(rows), []string{"1=x", "2=b"}; !reflect.DeepEqual(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestDocumentThatIsOneRow(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, "in/1.json", []byte("{\n \"id\": 1,\n \"lines\": [{\"sku\": \"a\"}]}\n"))
	write(t, dir, "in/2.json", []byte(`{"id": 2, "lines": []}{"id": 3}`))
	rows, _ := read(t, dir, map[string]any{"path": "in", "records": "."}, connectors.Request{Key: []string{"id"}})
	var keys []string
	for _, r := range rows {
		keys = append(keys, r.Key)
	}
	if want := []string{"1", "2", "3"}; !reflect.DeepEqual(keys, want) {
		t.Errorf("keys %q, want %q", keys, want)
	}
}
