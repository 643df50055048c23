package bill_test

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"

	"crmhub/connectors/bill"
)

var marked = bill.Layout{
	First: "time", Mark: "`", Sums: "rows", Offset: "+08:00",
	Counts: func(sums []string) (int64, bool) {
		if len(sums) < 2 {
			return 0, false
		}
		return bill.Digits(sums[1])
	},
}

// all reads a sheet to its end.
func all(text string, l bill.Layout) (string, error) {
	s := bill.NewSheet(strings.NewReader(text), l)
	var out []string
	for {
		line, err := s.Next()
		if err != nil {
			return strings.Join(out, " "), err
		}
		if line.Fault != nil {
			out = append(out, fmt.Sprint(line.Number, ":", line.Fault.Code))
			continue
		}
		out = append(out, fmt.Sprint(line.Number, ":", line.Cells["time"], ",", line.Cells["name"]))
	}
}

func TestSheet(t *testing.T) {
	for _, tt := range []struct {
		name, text, want string
		whole            bool
	}{
		{"rows and sums", "\ufefftime,name\r\n`2026-03-01 10:00:00,`tea, 250 g\r\n`x,`\r\nrows\r\n`2\r\n", "2:2026-03-01T10:00:00+08:00,tea, 250 g 3:x,<nil>", true},
		{"no line end", "time,name\n`a,`b\nrows\n`1", "2:a,b", true},
		{"empty lines", "title\n\ntime,name\n\n`a,`b\n\nrows\n`1,234\n", "5:a,b", false},
		{"a short row", "time,name\n`a\nrows\n`1\n", "2:E3101", true},
		{"no header", "hello\n", "", false},
		{"nothing", "", "", false},
		{"cut", "time,name\n`a,`b\n", "2:a,b", false},
		{"another count", "time,name\n`a,`b\nrows\n`3\n", "2:a,b", false},
		{"another encoding", "time,name\n`\xd5\xc5,`b\nrows\n`1\n", "2:E3106", true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, err := all(tt.text, marked)
			if got != tt.want || errors.Is(err, io.EOF) != tt.whole {
				t.Errorf("%q, %v; want %q, whole %v", got, err, tt.want, tt.whole)
			}
		})
	}
	got, err := all("#x\ntime,name\na\t,\"b, \"\"c\"\"\"\t\n#end\n", bill.Layout{First: "time", Sums: "#"})
	if got != `3:a,b, "c"` || !errors.Is(err, io.EOF) {
		t.Errorf("%q, %v", got, err)
	}
	if _, err := all("time\n"+strings.Repeat("x", 2<<20), marked); err == nil || errors.Is(err, io.EOF) {
		t.Errorf("a line of two megabytes: %v", err)
	}
}

func FuzzSheet(f *testing.F) {
	for _, s := range []string{"time,name\n`a,`b\nrows\n`1\n", "#\ntime,name\na,\"b\n#交易合计：1笔", "\ufefftime\r\n``\r\nrows", ",,,\n", "time,time\n`1,`2"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		for _, l := range []bill.Layout{marked, {First: "time", Sums: "#"}} {
			sheet := bill.NewSheet(strings.NewReader(s), l)
			for n := 0; ; n++ {
				line, err := sheet.Next()
				if err != nil {
					break
				}
				if line.Fault == nil && len(line.Cells) == 0 {
					t.Error("a row without cells")
				}
				if n > len(s) {
					t.Fatal("more rows than bytes")
				}
			}
		}
	})
}
