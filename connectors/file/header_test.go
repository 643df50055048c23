package file_test

import (
	"context"
	"reflect"
	"slices"
	"strings"
	"testing"

	"crmhub/connectors"
	"crmhub/fault"
)

func TestHeaderIsFoundBelowTitles(t *testing.T) {
	for _, tt := range []struct {
		name, text string
		params     map[string]any
		want       []string // the columns
		first      string   // the key of the first row
	}{
		{"first row", "id,name\n1,a\n", nil, []string{"id", "name"}, "1"},
		{"titles with all delimiters", "客户台账,,,\n导出日期:2026-01-01,,,\n编号,姓名,电话,邮箱\n1,李雷,13800138000,a@b.cn\n2,王,13900139000,\n", nil, []string{"编号", "姓名", "电话", "邮箱"}, "1"},
		{"titles without delimiters", "客户台账\n导出日期:2026-01-01\n编号,姓名,电话,邮箱\n1,李雷,13800138000,a@b.cn\n", nil, []string{"编号", "姓名", "电话", "邮箱"}, "1"},
		{"a bill", "微信支付账单明细,,,,\n微信昵称:[x],,,,\n起始时间:[2026-01-01],,,,\n----------------------列表--------------------,,,,\n交易时间,商品,金额,状态,单号\n2026-01-01 10:00:00,茶,¥5.00,成功,10001\n", nil, []string{"交易时间", "商品", "金额", "状态", "单号"}, "2026-01-01 10:00:00"},
		{"spaces and line ends in names", "\" id \",\"full\nname\"\n1,a\n", nil, []string{"id", "full name"}, "1"},
		{"a column without a name", "id,name,,note\n1,a,b,c\n2,d,,e\n", nil, []string{"id", "name", "column_3", "note"}, "1"},
		{"named row", "x,y\n9,9\nid,name\n1,a\n", map[string]any{"header_row": uint64(3)}, []string{"id", "name"}, "1"},
		{"no header", "1,a\n2,b\n", map[string]any{"header_row": "none", "columns": []any{"id", "name"}}, []string{"id", "name"}, "1"},
		{"other names", "id,id\n1,a\n", map[string]any{"columns": []any{"id", "name"}}, []string{"id", "name"}, "1"},
		{"two rows", "id,who,\n,first,last\n1,a,b\n", map[string]any{"header_row": uint64(1), "header_rows": uint64(2)}, []string{"id", "who/first", "who/last"}, "1"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			dir := t.TempDir()
			write(t, dir, "t.csv", []byte(tt.text))
			params := map[string]any{"path": "t.csv"}
			for k, v := range tt.params {
				params[k] = v
			}
			streams, err := open(t, dir, params).Discover(context.Background())
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, c := range streams[0].Columns {
				got = append(got, c.Name)
			}
			if !reflect.DeepEqual(got, tt.want) {
				t.Errorf("columns %q, want %q", got, tt.want)
			}
			rows, _ := read(t, dir, params, connectors.Request{Key: []string{tt.want[0]}})
			if len(rows) == 0 || rows[0].Key != tt.first || rows[0].Fault != nil {
				t.Errorf("first row %v, want the key %q", rows, tt.first)
			}
		})
	}
}

func TestHeaderFaults(t *testing.T) {
	for _, tt := range []struct {
		name, text string
		params     map[string]any
		request    connectors.Request
		code       string
		says       []string
	}{
		{"a name twice", "id,phone,name,phone\n1,2,3,4\n", nil, connectors.Request{}, "E2108", []string{"t.csv:1", "phone"}},
		{"no header", "1,2\n3,4\n", nil, connectors.Request{}, "E2110", nil},
		{"a missing key", "record_id,name\n1,a\n", nil, connectors.Request{Key: []string{"recordid"}}, "E2109", []string{"t.csv:1", "recordid", "record_id"}},
		{"a missing deletion column", "id,name\n1,a\n", nil, connectors.Request{Deleted: "nam"}, "E2109", []string{"name"}},
		{"a missing date column", "id,born\n1,a\n", map[string]any{"date_columns": "bron"}, connectors.Request{}, "E2109", []string{"born"}},
		{"too few names", "id,name\n1,a\n", map[string]any{"columns": []any{"id"}}, connectors.Request{}, "E2119", []string{"2", "1"}},
		{"a row beyond the end", "id,name\n1,a\n", map[string]any{"header_row": "9"}, connectors.Request{}, "E2110", nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			f := refused(t, "t.csv", tt.text, tt.params, tt.request)
			if string(f.Code) != tt.code {
				t.Fatalf("got %v, want %s", f, tt.code)
			}
			for _, s := range tt.says {
				if !strings.Contains(f.Error(), s) {
					t.Errorf("%q does not say %q", f.Error(), s)
				}
			}
		})
	}
}

func TestDiscoverTellsHowTextIsRead(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, "erp.csv", []byte("title\nid;name\n1;\"李\"\n2;b\n"))
	streams, err := open(t, dir, map[string]any{"path": "erp.csv"}).Discover(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	st := streams[0]
	if st.Name != "erp" || st.Rows != 2 || st.Encoding != "utf-8" || st.Confidence < 0.6 {
		t.Errorf("stream %+v, want erp, 2 rows, utf-8", st)
	}
	for _, note := range []string{`delimiter ";"`, `quote "`, "header in row 2"} {
		if !slices.ContainsFunc(st.Notes, func(n connectors.Note) bool { return n.In(fault.English) == note }) {
			t.Errorf("notes %q do not say %q", st.Notes, note)
		}
	}
}
