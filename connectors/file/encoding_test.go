package file_test

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/japanese"
	"golang.org/x/text/encoding/korean"
	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/traditionalchinese"
	"golang.org/x/text/encoding/unicode"

	"crmhub/connectors"
	"crmhub/connectors/connectortest"
	"crmhub/connectors/file"
	"crmhub/fault"
)

// people writes a small table in one language: names and a place.
func people(names []string, place string) string {
	var b strings.Builder
	b.WriteString("id,name,city\n")
	for i, n := range names {
		fmt.Fprintf(&b, "%d,%s,%s\n", i+1, n, place)
	}
	return b.String()
}

var samples = []struct {
	name, text string
	enc        encoding.Encoding
	want       string
}{
	{"utf-8", people([]string{"李雷", "Zoë", "王芳"}, "北京市"), encoding.Nop, "utf-8"},
	{"utf-8 with mark", "\ufeff" + people([]string{"李雷"}, "北京市"), encoding.Nop, "utf-8"},
	{"ascii", people([]string{"Li", "Wang"}, "Paris"), encoding.Nop, "utf-8"},
	{"utf-16 with mark", people([]string{"李雷", "Zoë"}, "北京市"), unicode.UTF16(unicode.LittleEndian, unicode.UseBOM), "utf-16le"},
	{"utf-16 big with mark", people([]string{"李雷", "😀"}, "北京市"), unicode.UTF16(unicode.BigEndian, unicode.UseBOM), "utf-16be"},
	{"utf-16 without mark", people([]string{"李雷", "王芳"}, "北京市"), unicode.UTF16(unicode.LittleEndian, unicode.IgnoreBOM), "utf-16le"},
	{"utf-16 big without mark", people([]string{"李雷", "王芳"}, "北京市"), unicode.UTF16(unicode.BigEndian, unicode.IgnoreBOM), "utf-16be"},
	{"gbk", people([]string{"李雷", "韩梅梅", "张伟", "欧阳娜娜"}, "上海市浦东新区世纪大道100号"), simplifiedchinese.GBK, "gb18030"},
	{"gbk names only", people([]string{"陈静", "刘洋", "赵敏"}, ""), simplifiedchinese.GBK, "gb18030"},
	{"gb18030 rare", people([]string{"李𠮷", "王䶮", "刘洋", "赵敏"}, "北京市海淀区"), simplifiedchinese.GB18030, "gb18030"},
	{"big5", people([]string{"陳怡君", "林志玲", "張學友", "王建民"}, "台北市中正區重慶南路一段"), traditionalchinese.Big5, "big5"},
	{"shift_jis", people([]string{"佐藤 太郎", "鈴木 はなこ", "タナカ イチロウ"}, "東京都千代田区"), japanese.ShiftJIS, "shift_jis"},
	{"euc-kr", people([]string{"김민수", "이영희", "박지성"}, "서울특별시 강남구"), korean.EUCKR, "euc-kr"},
	{"windows-1252", people([]string{"Müller", "Françoise Lefèvre", "José Núñez", "Åsa Sjöström"}, "Köln"), charmap.Windows1252, "windows-1252"},
	{"windows-1251", people([]string{"Иван Петров", "Ольга Смирнова", "Дмитрий Кузнецов"}, "Москва"), charmap.Windows1251, "windows-1251"},
	{"windows-1250", people([]string{"Łukasz Wiśniewski", "Jiří Dvořák", "Małgorzata Wójcik", "Žižka"}, "Łódź"), charmap.Windows1250, "windows-1250"},
	{"windows-1253", people([]string{"Γιώργος Παπαδόπουλος", "Μαρία Νικολάου"}, "Αθήνα"), charmap.Windows1253, "windows-1253"},
	{"windows-1254", people([]string{"Ayşe Yılmaz", "Çağlar Şahin", "Gökhan Işık"}, "İstanbul"), charmap.Windows1254, "windows-1254"},
}

func TestEncodingIsDetected(t *testing.T) {
	for _, tt := range samples {
		t.Run(tt.name, func(t *testing.T) {
			raw, err := tt.enc.NewEncoder().Bytes([]byte(tt.text))
			if err != nil {
				t.Fatal(err)
			}
			dir := t.TempDir()
			write(t, dir, "t.csv", raw)
			streams, err := open(t, dir, map[string]any{"path": "t.csv"}).Discover(context.Background())
			if err != nil {
				t.Fatal(err)
			}
			if got := streams[0].Encoding; got != tt.want {
				t.Errorf("encoding %s (%.2f), want %s", got, streams[0].Confidence, tt.want)
			}
			if c := streams[0].Confidence; c <= 0 || c > 1 {
				t.Errorf("confidence %v", c)
			}
			rows, _ := read(t, dir, map[string]any{"path": "t.csv"}, connectors.Request{Key: []string{"id"}})
			lines := strings.Split(strings.TrimSpace(tt.text), "\n")[1:]
			if len(rows) != len(lines) {
				t.Fatalf("%d rows, want %d", len(rows), len(lines))
			}
			for i, r := range rows {
				city, _ := r.Data["city"].(string)
				if got := fmt.Sprintf("%v,%v,%s", r.Data["id"], r.Data["name"], city); got != lines[i] {
					t.Errorf("row %d = %q, want %q", i, got, lines[i])
				}
			}
		})
	}
}

func TestEncodingIsDetectedBeyondTheHead(t *testing.T) {
	var b strings.Builder
	b.WriteString("id,name\n")
	for i := range 60_000 {
		fmt.Fprintf(&b, "%d,plain\n", i)
	}
	for i := range 60_000 {
		fmt.Fprintf(&b, "%d,李雷\n", 60_000+i)
	}
	raw, err := simplifiedchinese.GBK.NewEncoder().Bytes([]byte(b.String()))
	if err != nil {
		t.Fatal(err)
	}
	rows := readText(t, "t.csv", string(raw), nil, connectors.Request{Key: []string{"id"}})
	if last := rows[len(rows)-1]; last.Data["name"] != "李雷" {
		t.Errorf("last row %v %v, want 李雷", last.Data, last.Fault)
	}
}

func TestWrongEncodingForced(t *testing.T) {
	gbk, err := simplifiedchinese.GBK.NewEncoder().String(people([]string{"李雷", "韩梅梅", "张伟"}, "上海市浦东新区"))
	if err != nil {
		t.Fatal(err)
	}
	f := refused(t, "erp.csv", gbk, map[string]any{"encoding": "utf-8"}, connectors.Request{})
	if f.Code != "E2106" || f.Args["looks"] != "gb18030" || f.Args["named"] != "utf-8" {
		t.Errorf("got %v, want E2106 looks like gb18030, not utf-8", f)
	}
	f = refused(t, "erp.csv", people([]string{"李雷", "韩梅梅", "张伟"}, "上海市"), map[string]any{"encoding": "gbk"}, connectors.Request{})
	if f.Code != "E2106" || f.Args["looks"] != "utf-8" {
		t.Errorf("got %v, want E2106 looks like utf-8", f)
	}
	f = refused(t, "erp.csv", people([]string{"李雷", "韩梅梅", "张伟"}, "上海市"), map[string]any{"encoding": "windows-1252"}, connectors.Request{})
	if f.Code != "E2106" {
		t.Errorf("got %v, want E2106", f)
	}
	if _, err := tryOpen(t.TempDir(), map[string]any{"path": "x", "encoding": "gb18300"}); fault.Of(err) == nil || fault.Of(err).Args["nearest"] != "gb18030" {
		t.Errorf("encoding gb18300: %v, want E2107 with the nearest", err)
	}
}

func TestEncodingsThatCanBeNamed(t *testing.T) {
	for _, tt := range []struct {
		name string
		enc  encoding.Encoding
		text string
	}{
		{"gb2312", simplifiedchinese.GBK, "李雷"},
		{"GBK", simplifiedchinese.GBK, "李雷"},
		{"cp936", simplifiedchinese.GBK, "李雷"},
		{"utf-16", unicode.UTF16(unicode.LittleEndian, unicode.IgnoreBOM), "李雷"},
		{"utf-16be", unicode.UTF16(unicode.BigEndian, unicode.IgnoreBOM), "李雷"},
		{"big5", traditionalchinese.Big5, "陳"},
		{"cp950", traditionalchinese.Big5, "陳"},
		{"sjis", japanese.ShiftJIS, "田中"},
		{"euc-jp", japanese.EUCJP, "田中"},
		{"windows-1250", charmap.Windows1250, "Łódź"},
		{"cp1251", charmap.Windows1251, "Иван"},
		{"windows-1252", charmap.Windows1252, "é"},
		{"windows-1253", charmap.Windows1253, "Ω"},
		{"windows-1254", charmap.Windows1254, "ş"},
		{"windows-1255", charmap.Windows1255, "שלום"},
		{"windows-1256", charmap.Windows1256, "سلام"},
		{"windows-1257", charmap.Windows1257, "ąžuolas"},
		{"windows-1258", charmap.Windows1258, "đ"},
		{"iso-8859-2", charmap.ISO8859_2, "Łódź"},
		{"iso-8859-15", charmap.ISO8859_15, "€"},
		{"iso-8859-1", charmap.ISO8859_1, "é"},
		{"latin1", charmap.ISO8859_1, "é"},
		{"koi8-r", charmap.KOI8R, "Иван"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			raw, err := tt.enc.NewEncoder().String("id,name\n1," + tt.text + "\n")
			if err != nil {
				t.Fatal(err)
			}
			rows := readText(t, "t.csv", raw, map[string]any{"encoding": tt.name}, connectors.Request{})
			if got := rows[0].Data["name"]; got != tt.text {
				t.Errorf("name = %q (%v), want %q", got, rows[0].Fault, tt.text)
			}
		})
	}
}

func TestUTF16SurrogateWithoutItsHalf(t *testing.T) {
	raw := "\xff\xfei\x00d\x00,\x00n\x00\n\x001\x00,\x00\x00\xd8\n\x002\x00,\x00\x4e\x67\n\x00"
	rows := readText(t, "t.csv", raw, nil, connectors.Request{Key: []string{"id"}})
	if len(rows) != 2 || fault.Of(rows[0].Fault) == nil || fault.Of(rows[0].Fault).Code != "E3106" || rows[1].Key != "2" {
		t.Errorf("rows %v, want one refused with E3106 and the other read", rows)
	}
}

// TestEncodingWithRowsOfAnother holds that a text that is mostly UTF-8 is read
// as such: what does not fit is refused, nothing else is misread for it.
func TestEncodingWithRowsOfAnother(t *testing.T) {
	for _, tt := range []struct {
		name, text string
		want       []string
	}{
		{"a cell cut inside a character", "id,name,city\n1,王伟,上海市浦东新区\n2,李娜,\xe5\xb9\xbf\xe5\xb7\n3,Bob,Leeds\n", []string{"1=王伟", "E3106@t.csv:3:3", "3=Bob"}},
		{"one row in Latin", "id,name\n1,Jürgen\n2,Zoë\n3,J\xfcrgen\n", []string{"1=Jürgen", "2=Zoë", "E3106@t.csv:4:2"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got := told(readText(t, "t.csv", tt.text, nil, connectors.Request{Key: []string{"id"}}))
			if !slices.Equal(got, tt.want) {
				t.Errorf("got  %q\nwant %q", got, tt.want)
			}
		})
	}
}

// TestGuessedEncodingIsTold holds that a file is not read by a guess in silence.
func TestGuessedEncodingIsTold(t *testing.T) {
	for _, tt := range []struct {
		name, text string
		params     map[string]any
		want       []string
	}{
		{"little to go by", "id,name\n1,J\xfcrgen\n", nil, []string{"W2101 t.csv"}},
		{"named", "id,name\n1,J\xfcrgen\n", map[string]any{"encoding": "windows-1252"}, nil},
		{"utf-8", "id,name\n1,Jürgen\n", nil, nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			dir := t.TempDir()
			write(t, dir, "t.csv", []byte(tt.text))
			params := map[string]any{"path": "t.csv"}
			maps.Copy(params, tt.params)
			var got []string
			src := connectortest.Open(t, file.Connector{}, params, connectors.Config{Dir: dir, Warn: func(w *fault.Error) {
				got = append(got, string(w.Code)+" "+w.Place)
			}})
			for range 2 {
				connectortest.Read(t, src, connectors.Request{Key: []string{"id"}})
			}
			if !slices.Equal(got, tt.want) {
				t.Errorf("told %q, want %q", got, tt.want)
			}
		})
	}
}
