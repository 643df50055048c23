package sqldb_test

import (
	"encoding/hex"
	"fmt"
	"strings"
	"testing"

	"golang.org/x/text/encoding/simplifiedchinese"

	"crmhub/connectors"
	"crmhub/record"
)

func names(rows []record.Row) string {
	var out []string
	for _, r := range rows {
		s, _ := r.Data["name"].(string)
		out = append(out, s)
	}
	return strings.Join(out, " ")
}

// The classic: UTF-8 written into a latin1 table. MySQL's latin1 is
// Windows-1252 with five control characters more, which 张伟 and 中国 need.
func TestALatin1TableThatHoldsUTF8(t *testing.T) {
	d := mysqlDB(t)
	d.exec(t, "CREATE TABLE crm (id INT PRIMARY KEY, name VARCHAR(200) CHARACTER SET latin1, note VARCHAR(200) CHARACTER SET latin1)")
	for i, name := range []string{"张伟", "中国移动", "José", "plain", "😀", "Ærøskøbing", "àéîõü ÀÉÎÕÜ", "王芳ÿ"} {
		x := hex.EncodeToString([]byte(name))
		d.exec(t, "INSERT INTO crm VALUES ("+string(rune('1'+i))+", CONVERT(0x"+x+" USING binary), 'café')")
	}
	s := open(t, d, nil, nil)
	rows, _ := read(t, s, connectors.Request{Stream: "crm"})
	if got, want := names(rows), "张伟 中国移动 José plain 😀 Ærøskøbing àéîõü ÀÉÎÕÜ 王芳ÿ"; got != want {
		t.Errorf("names %q, want %q", got, want)
	}
	if got, want := rows[0].Data["note"], "café"; got != want {
		t.Errorf("a true latin1 column: %q, want %q", got, want)
	}
	streams, err := s.Discover(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	st := streams[0]
	if st.Encoding != "latin1-utf8" || st.Confidence < 0.9 {
		t.Errorf("Discover: encoding %q with confidence %.2f, want latin1-utf8 and nearly 1", st.Encoding, st.Confidence)
	}
	notes := fmt.Sprint(st.Notes)
	for _, want := range []string{"column name holds UTF-8 that was stored as latin1 (7 of 7 values beyond ASCII, confidence 1.00): it is repaired", "character set latin1: name, note"} {
		if !strings.Contains(notes, want) {
			t.Errorf("notes %q, want %q", notes, want)
		}
	}
	rows, _ = read(t, open(t, d, params{"fix_encoding": "off"}, nil), connectors.Request{Stream: "crm"})
	if got, want := rows[2].Data["name"], "JosÃ©"; got != want {
		t.Errorf("off: %q, want %q", got, want)
	}
}

// In SQLite as in any database: text that was encoded twice, once or three
// times, a space that was a no-break space, and rows that are right.
func TestTextThatWasEncodedTwice(t *testing.T) {
	everywhere(t, func(t *testing.T, d database) {
		d.exec(t, "CREATE TABLE crm (id INT NOT NULL PRIMARY KEY, name VARCHAR(100))",
			"INSERT INTO crm VALUES (1, 'å¼\u00a0ä¼Ÿ'), (2, 'å¼ ä¼Ÿ'), (3, '李四'), (4, 'Zoë'), (5, 'Ã©lodie'), (6, 'çŽ‹èŠ³'), (7, 'ÃƒÂ©'), (8, 'Ã la carte'), (9, 'é™ˆå›½å¼º')")
		want := "张伟 张伟 李四 Zoë élodie 王芳 é à la carte 陈国强"
		rows, at := read(t, open(t, d, nil, nil), connectors.Request{Stream: "crm", Mode: connectors.Incremental, Cursor: "id"})
		if got := strings.ReplaceAll(names(rows), "\u00a0", " "); got != strings.Replace(want, "à la", "à la", 1) && got != strings.Replace(want, "à la", "àla", 1) {
			t.Errorf("names %q, want %q", got, want)
		}
		// What was decided at the first read holds for the next ones: the same
		// row must read the same, even if a sample now spoke against it.
		d.exec(t, "DELETE FROM crm", "INSERT INTO crm VALUES (20, 'é™ˆ'), (21, 'ö'), (22, 'ü'), (23, 'ß'), (24, 'ñ')")
		rows, _ = read(t, open(t, d, nil, nil), connectors.Request{Stream: "crm", Mode: connectors.Incremental, Cursor: "id", From: at})
		if got, want := names(rows), "陈 ö ü ß ñ"; got != want {
			t.Errorf("next read: names %q, want %q", got, want)
		}
		rows, _ = read(t, open(t, d, nil, nil), connectors.Request{Stream: "crm"})
		if got, want := names(rows), "é™ˆ ö ü ß ñ"; got != want {
			t.Errorf("mostly right: names %q, want them left alone: %q", got, want)
		}
		rows, _ = read(t, open(t, d, params{"fix_encoding": "latin1-utf8"}, nil), connectors.Request{Stream: "crm"})
		if got, want := names(rows), "陈 ö ü ß ñ"; got != want {
			t.Errorf("latin1-utf8: names %q, want %q", got, want)
		}
	})
}

// GBK that was taken for latin1 is repaired when told so.
func TestGBKInLatin1(t *testing.T) {
	d := mysqlDB(t)
	gbk, err := simplifiedchinese.GB18030.NewEncoder().String("张伟 abc")
	if err != nil {
		t.Fatal(err)
	}
	d.exec(t, "CREATE TABLE crm (id INT PRIMARY KEY, name VARCHAR(200) CHARACTER SET latin1)",
		"INSERT INTO crm VALUES (1, CONVERT(0x"+hex.EncodeToString([]byte(gbk))+" USING binary)), (2, 'plain'), (3, 'é')")
	rows, _ := read(t, open(t, d, params{"fix_encoding": "latin1-gb18030"}, nil), connectors.Request{Stream: "crm"})
	if got, want := names(rows), "张伟 abc plain é"; got != want {
		t.Errorf("names %q, want %q", got, want)
	}
}
