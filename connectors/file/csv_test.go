package file_test

import (
	"fmt"
	"reflect"
	"strings"
	"testing"

	"crmhub/connectors"
	"crmhub/fault"
	"crmhub/record"
)

// told is a row in short: key=name for a good one, code@place for a bad one.
func told(rows []record.Row) []string {
	var out []string
	for _, r := range rows {
		if f := fault.Of(r.Fault); f != nil {
			out = append(out, string(f.Code)+"@"+f.Place)
			continue
		}
		out = append(out, fmt.Sprint(r.Key, "=", r.Data["name"]))
	}
	return out
}

func TestCSVKeepsGoodRowsBesideBadOnes(t *testing.T) {
	const head = "id,name,note\n"
	for _, tt := range []struct {
		name, text string
		params     map[string]any
		want       []string
	}{
		{"plain", head + "1,a,x\n2,b,y\n", nil, []string{"1=a", "2=b"}},
		{"no line end at the end", head + "1,a,x", nil, []string{"1=a"}},
		{"windows line ends", "id,name,note\r\n1,a,x\r\n2,\"b\",y\r\n", nil, []string{"1=a", "2=b"}},
		{"old mac line ends", "id,name,note\r1,a,x\r2,b,y\r", nil, []string{"1=a", "2=b"}},
		{"byte order mark", "\ufeff" + head + "1,a,x\n", nil, []string{"1=a"}},
		{"doubled quotes", head + "1,\"a \"\"b\"\" c\",x\n", nil, []string{`1=a "b" c`}},
		{"line ends in a cell", head + "1,\"a\n\nb\",x\n2,c,y\n", nil, []string{"1=a\n\nb", "2=c"}},
		{"a delimiter in quotes", head + "1,\"a, b\",x\n", nil, []string{"1=a, b"}},
		{"quotes inside a plain cell", head + "1,5\" pipe,x\n2,b,y\n", nil, []string{`1=5" pipe`, "2=b"}},
		{"text after the closing quote", head + "1,\"a\"b,x\n2,b,y\n", nil, []string{"E3103@t.csv:2:2", "2=b"}},
		{"a quote that swallows the next line", head + "1,\"a,x\n2,\"b\",y\n3,c,z\n", nil, []string{"E3102@t.csv:2:2", "2=b", "3=c"}},
		{"a quote that swallows to the end", head + "1,\"a,x\n2,b,y\n3,c,z\n", nil, []string{"E3102@t.csv:2:2", "2=b", "3=c"}},
		{"a quote closed at a wrong cell", head + "1,\"a,x\n2,b,\"y\n3,c,z\n", nil, []string{"E3102@t.csv:2:2", "E3102@t.csv:3:3", "3=c"}},
		{"a swallowed row that ends in a quote", head + "1,a,\"x\n2,b,y\n3,c,z\n4,d,\"\n5,e,w\n", nil, []string{"E3102@t.csv:2:3", "2=b", "3=c", "E3102@t.csv:5:3", "5=e"}},
		{"too few cells", head + "1,a\n2,b,y\n", nil, []string{"E3101@t.csv:2:3", "2=b"}},
		{"too few cells, filled", head + "1,a\n2,b,y\n", map[string]any{"short_rows": "fill"}, []string{"1=a", "2=b"}},
		{"too many cells", head + "1,a,x,z\n2,b,y\n", nil, []string{"E3101@t.csv:2:4", "2=b"}},
		{"too many empty cells", head + "1,a,x,,\n2,b,y,\n", nil, []string{"1=a", "2=b"}},
		{"a NUL", head + "1,a\x00,x\n2,b,y\n", nil, []string{"E3105@t.csv:2:2", "2=b"}},
		{"bytes of another encoding", head + "1,李雷,x\n2,\xc0\xee,y\n3,王,z\n4,张,w\n5,赵,v\n", map[string]any{"encoding": "utf-8"}, []string{"1=李雷", "E3106@t.csv:3:2", "3=王", "4=张", "5=赵"}},
		{"empty lines and rows", head + "\n1,a,x\n,,\n  \n2,b,y\n\n", nil, []string{"1=a", "2=b"}},
		{"an empty key", head + ",a,x\n \t,c,x\n2,b,y\n", nil, []string{"E3108@t.csv:2:1", "E3108@t.csv:3:1", "2=b"}},
		{"numbers kept as text", head + "1,=\"00123\",x\n2,\"=\"\"007\"\"\",y\n", nil, []string{"1=00123", "2=007"}},
		{"semicolons and decimal commas", "id;name;note\n1;a;1,5\n2;b;2,5\n", nil, []string{"1=a", "2=b"}},
		{"tabs", "id\tname\tnote\n1\ta, b\tx\n", nil, []string{"1=a, b"}},
		{"a database's own export", "id\tname\tnote\n1\tC:\\\\new\\tx\t\\N\n2\t\\N\tx\\\ny\n3\t5\" z\tx\n", nil, []string{"1=C:\\new\tx", "2=<nil>", "3=5\" z"}},
		{"quotes behind backslashes", head + "1,\"a \\\"b\\\", c\",x\n2,\"d\\\\\",y\n3,\"e\\\nf\",\\N\n", nil, []string{`1=a "b", c`, `2=d\`, "3=e\nf"}},
		{"quotes behind backslashes, without any null", head + "1,\"a \\\"b\\\" c\",x\n2,\"d\",y\n", nil, []string{`1=a "b" c`, "2=d"}},
		{"lines behind a line end that is escaped", head + "1,a\\\nb,\\N\n2,c\n3,\\N,z\n", nil, []string{"1=a\nb", "E3101@t.csv:4:3", "3=<nil>"}},
		{"null beside paths", head + "1,C:\\Users,\\N\n2,\\N,y\n", nil, []string{`1=C:\Users`, "2=<nil>"}},
		{"paths alone", head + "1,\"C:\\new\\\",x\n2,\"D:\\temp\\\",y\n", nil, []string{`1=C:\new\`, `2=D:\temp\`}},
		{"backslashes named as escapes", head + "1,a\\,b,x\n", map[string]any{"escape": "backslash"}, []string{"1=a,b"}},
		{"backslashes named as none", head + "1,\\N,x\n", map[string]any{"escape": "none"}, []string{`1=\N`}},
		{"null beside empty texts", head + "1,\\N,x\n2,,x\n", map[string]any{"empty": "text"}, []string{"1=<nil>", "2="}},
		{"an escaped NUL", head + "1,a\\0,\\N\n2,b,y\n", nil, []string{"E3105@t.csv:2:2", "2=b"}},
		{"pipes", "id|name|note\n1|a|x\n2|b|y\n", nil, []string{"1=a", "2=b"}},
		{"sep= of Excel", "sep=;\nid;name;note\n1;a;x\n", nil, []string{"1=a"}},
		{"single quotes", "id,name,note\n1,'a, b','x'\n2,'c','y'\n3,'d','z'\n4,'e','w'\n", nil, []string{"1=a, b", "2=c", "3=d", "4=e"}},
		{"single quotes in a short text", "id,name,note\n1,'a, b','x'\n2,'It''s c','y'\n", nil, []string{"1=a, b", "2=It's c"}},
		{"apostrophes are no quotes", "id,name,note\n1,'t Hart,x\n2,'s Jong,y\n3,'t Veld,z\n4,O'Neill,w\n", nil, []string{"1='t Hart", "2='s Jong", "3='t Veld", "4=O'Neill"}},
		{"blanks before quotes", "id, \"name\", \"note\"\n1, \"a, b\", \"x\"\n2,   \"c\" , \"y\"\n", nil, []string{"1=a, b", "2=c"}},
		{"the end mark of old systems", head + "1,a,x\n\x1a", nil, []string{"1=a"}},
		{"no quoting where it does not fit", "id\tname\tnote\n1\t\"Big\" Joe\tx\n2\t\"Al\" B\ty\n3\t\"C\" D\tz\n", nil, []string{`1="Big" Joe`, `2="Al" B`, `3="C" D`}},
		{"no quoting, named", head + "1,\"a,x\n2,b,y\n", map[string]any{"quote": "none"}, []string{`1="a`, "2=b"}},
		{"a delimiter, named", "id:name:note\n1:a:x\n", map[string]any{"delimiter": ":"}, []string{"1=a"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got := told(readText(t, "t.csv", tt.text, tt.params, connectors.Request{Key: []string{"id"}}))
			if !reflect.DeepEqual(got, tt.want) {
				t.Errorf("got  %q\nwant %q", got, tt.want)
			}
		})
	}
}

func TestCSVKeepsWhatItRefuses(t *testing.T) {
	rows := readText(t, "t.csv", "id,name\n1,a,b\n2,x\n", nil, connectors.Request{Key: []string{"id"}})
	if got, want := string(rows[0].Raw), "1,a,b"; got != want {
		t.Errorf("Raw = %q, want %q", got, want)
	}
	if got, want := rows[0].Key, "1"; got != want {
		t.Errorf("the key of a refused row = %q, want %q: a sweep would delete its record", got, want)
	}
	// The original bytes of a row that its encoding does not know are kept.
	gb := "id,name\n1,\xc0\xee\xc0\xd7\n2,\xcd\xf5\xff\n3,\xd5\xc5\xc8\xfd\n"
	rows = readText(t, "t.csv", gb, map[string]any{"encoding": "gb18030"}, connectors.Request{Key: []string{"id"}})
	if got, want := told(rows), []string{"1=李雷", "E3106@t.csv:3:2", "3=张三"}; !reflect.DeepEqual(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	if got, want := string(rows[1].Raw), "2,\xcd\xf5\xff"; got != want {
		t.Errorf("Raw = %q, want the original bytes %q", got, want)
	}
}

func TestCSVLongLinesAndCells(t *testing.T) {
	long := strings.Repeat("x", 19_999_999)
	tooLong := strings.Repeat("y", 20_000_000)
	rows := readText(t, "t.csv", "id,name\n1,"+long+"\n2,"+tooLong+"\n3,\""+tooLong+"\"\n4,z\n", nil, connectors.Request{Key: []string{"id"}})
	if len(rows) != 4 {
		t.Fatalf("%d rows, want 4", len(rows))
	}
	if got, _ := rows[0].Data["name"].(string); got != long {
		t.Errorf("a cell of 19,999,999 bytes came as %d bytes", len(got))
	}
	if got, want := told(rows[1:]), []string{"E3104@t.csv:3:2", "E3104@t.csv:4:2", "4=z"}; !reflect.DeepEqual(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	if len(rows[1].Raw) > 1<<20 {
		t.Errorf("%d bytes of a refused cell are kept", len(rows[1].Raw))
	}
}

func TestCSVLineThatNeverEnds(t *testing.T) {
	rows := readText(t, "t.csv", "id,name\n1,a\n2,"+strings.Repeat("y", 70<<20)+"\n3,b\n", nil, connectors.Request{Key: []string{"id"}})
	if got, want := told(rows), []string{"1=a", "E3115@t.csv:3", "3=b"}; !reflect.DeepEqual(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestEmptyCellsAreNullUnlessKept(t *testing.T) {
	const text = "id,name,note\n1,,\"\"\n"
	rows := readText(t, "t.csv", text, nil, connectors.Request{})
	if got, want := rows[0].Data, map[string]any{"id": "1", "name": nil, "note": nil}; !reflect.DeepEqual(got, want) {
		t.Errorf("Data = %v, want %v", got, want)
	}
	rows = readText(t, "t.csv", text, map[string]any{"empty": "text"}, connectors.Request{})
	if got, want := rows[0].Data, map[string]any{"id": "1", "name": "", "note": ""}; !reflect.DeepEqual(got, want) {
		t.Errorf("Data = %v, want %v", got, want)
	}
}

func TestKeysOfSeveralColumns(t *testing.T) {
	rows := readText(t, "t.csv", "a,b\nx|y,z\nx,y|z\n\\,|\n", nil, connectors.Request{Key: []string{"a", "b"}})
	var got []string
	for _, r := range rows {
		got = append(got, r.Key)
	}
	if want := []string{`x\|y|z`, `x|y\|z`, `\\|\|`}; !reflect.DeepEqual(got, want) {
		t.Errorf("keys = %q, want %q", got, want)
	}
}

func TestDeletedColumn(t *testing.T) {
	rows := readText(t, "t.csv", "id,gone\n1,0\n2,1\n3,\n4,2026-01-02\n5,false\n6,TRUE\n7,0000-00-00 00:00:00\n8,否\n9,是\n", nil, connectors.Request{Key: []string{"id"}, Deleted: "gone"})
	var got []string
	for _, r := range rows {
		if r.Deleted {
			got = append(got, r.Key)
		}
	}
	if want := []string{"2", "4", "6", "9"}; !reflect.DeepEqual(got, want) {
		t.Errorf("deleted %q, want %q", got, want)
	}
}

func TestDateColumns(t *testing.T) {
	const text = "id,born\n1,45000\n2,1984-03-02\n3,19840302\n4,\n5,-3\n6,45000.25\n7,60\n"
	rows := readText(t, "t.csv", text, map[string]any{"date_columns": []any{"born"}}, connectors.Request{Key: []string{"id"}})
	var got []string
	for _, r := range rows {
		if f := fault.Of(r.Fault); f != nil {
			got = append(got, string(f.Code)+"@"+f.Place)
			continue
		}
		got = append(got, fmt.Sprint(r.Data["born"]))
	}
	want := []string{"2023-03-15", "1984-03-02", "19840302", "<nil>", "E3107@t.csv:6:2", "2023-03-15T06:00:00", "E3107@t.csv:8:2"}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got  %q\nwant %q", got, want)
	}
}
