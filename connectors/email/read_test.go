package email_test

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/emersion/go-imap/v2"

	"crmhub/connectors"
	"crmhub/fault"
)

func TestIncrementalTakesWhatCameAndWhatChanged(t *testing.T) {
	b := newBox(t)
	first := b.put("INBOX", mail("1", "one"))
	b.put("INBOX", mail("2", "two"))
	src := b.source(nil)
	rows, at := read(t, src, incremental)
	if got, want := subjects(rows), "one | two"; got != want {
		t.Fatalf("first read: %s, want %s", got, want)
	}
	for range 2 {
		rows, at = read(t, src, from(at))
		if len(rows) != 0 {
			t.Fatalf("nothing happened, and %s was read", subjects(rows))
		}
	}
	b.put("INBOX", mail("3", "three"))
	b.flag("INBOX", first, imap.StoreFlagsAdd, imap.FlagFlagged)
	rows, at = read(t, src, from(at))
	if got, want := subjects(rows), "one | three"; got != want {
		t.Errorf("after a flag and a new message: %s, want %s", got, want)
	}
	if got := fmt.Sprint(rows[0].Data["flags"]); got != `[\Flagged]` {
		t.Errorf("flags %s", got)
	}
	if rows, _ = read(t, src, from(at)); len(rows) != 0 {
		t.Errorf("read again: %s", subjects(rows))
	}
	b.flag("INBOX", first, imap.StoreFlagsDel, imap.FlagFlagged)
	if rows, _ = read(t, b.source(map[string]any{"flag_changes": false}), from(at)); len(rows) != 0 {
		t.Errorf("flags do not count here, and %s was read", subjects(rows))
	}
}

func TestRebuiltFolderIsReadAnewUnderTheSameKeys(t *testing.T) {
	b := newBox(t)
	b.create("Sales")
	b.put("Sales", mail("1", "one"))
	b.put("Sales", strings.Replace(mail("2", "two"), "Message-ID: <2@example.cn>\r\n", "", 1))
	src := b.source(nil)
	before, at := read(t, src, incremental)
	b.must(b.c.Rename("Sales", "Old", nil).Wait())
	b.create("Sales")
	b.put("Sales", mail("1", "one"))
	b.put("Sales", strings.Replace(mail("2", "two"), "Message-ID: <2@example.cn>\r\n", "", 1))
	b.put("Sales", mail("3", "three"))
	after, at := read(t, src, from(at))
	if got, want := subjects(after), "one | two | one | two | three"; got != want {
		t.Fatalf("after the rebuild: %s, want %s", got, want)
	}
	for i, r := range after[:4] {
		if got, want := r.Key, before[i%2].Key; got != want {
			t.Errorf("the same message has the key %q in another folder, %q before", got, want)
		}
	}
	if rows, _ := read(t, src, from(at)); len(rows) != 0 {
		t.Errorf("read again: %s", subjects(rows))
	}
}

func TestExpungedMessagesLeaveGapsAndNothingElse(t *testing.T) {
	b := newBox(t)
	var uids []imap.UID
	for i := range 7 {
		uids = append(uids, b.put("INBOX", mail(fmt.Sprint(i), fmt.Sprint(i))))
	}
	for _, i := range []int{0, 2, 3, 6} {
		b.flag("INBOX", uids[i], imap.StoreFlagsAdd, imap.FlagDeleted)
	}
	b.open("INBOX")
	b.must(b.c.Expunge().Close())
	b.must(b.c.Unselect().Wait())
	src := b.source(nil)
	rows, at := read(t, src, incremental)
	if got, want := subjects(rows), "1 | 4 | 5"; got != want {
		t.Errorf("%s, want %s", got, want)
	}
	// n:* of a folder whose last message was read means that message again.
	if rows, at = read(t, src, from(at)); len(rows) != 0 {
		t.Errorf("read again: %s", subjects(rows))
	}
	b.put("INBOX", mail("8", "8"))
	if rows, _ = read(t, src, from(at)); subjects(rows) != "8" {
		t.Errorf("%s, want 8", subjects(rows))
	}
}

func TestFoldersAreChosen(t *testing.T) {
	b := newBox(t)
	for _, f := range []string{"客户/北京", "客户/上海", "Trash", "Junk", "草稿箱", "Lists"} {
		b.create(f)
		b.put(f, mail(f, f))
	}
	for _, tt := range []struct {
		name   string
		params map[string]any
		stream string
		want   string
	}{
		{"all but junk, trash and drafts", nil, "messages", "Lists | 客户/上海 | 客户/北京"},
		{"a pattern", map[string]any{"folders": "客户/*"}, "messages", "客户/上海 | 客户/北京"},
		{"named in full", map[string]any{"folders": []any{"Trash", "Lists"}}, "messages", "Lists | Trash"},
		{"excluded", map[string]any{"exclude": []any{"客户/*"}}, "messages", "Lists"},
		{"one stream", nil, "客户/北京", "客户/北京"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			rows, _ := read(t, b.source(tt.params), connectors.Request{Stream: tt.stream, Mode: connectors.Full})
			var got []string
			for _, r := range rows {
				got = append(got, r.Data["folder"].(string))
			}
			if strings.Join(got, " | ") != tt.want {
				t.Errorf("read from %v, want %s", got, tt.want)
			}
		})
	}
	err := b.source(nil).Read(t.Context(), connectors.Request{Stream: "客户/北jing"}, func(context.Context, connectors.Batch) error { return nil })
	if f := fault.Of(err); f == nil || f.Code != "E2405" {
		t.Errorf("an unknown folder: %v, want E2405", err)
	}
}

func TestReadingMarksNothing(t *testing.T) {
	b := newBox(t)
	b.put("INBOX", mail("1", "one"))
	read(t, b.source(nil), incremental)
	b.open("INBOX")
	list, err := b.c.Fetch(imap.SeqSetNum(1), &imap.FetchOptions{Flags: true}).Collect()
	b.must(err)
	for _, f := range list[0].Flags {
		if f == imap.FlagSeen {
			t.Error("the message is marked as read")
		}
	}
}

// What legacy mailers of China send: words and bodies in GB 2312 with characters
// beyond it, under names that no list knows, and attachments with RFC 2231 names.
func TestChineseMail(t *testing.T) {
	b := newBox(t)
	gbk := "\xd5\xc5\xc3\x91\xd6\xe9" // 张脩珠 has a character that GB 2312 lacks
	b.put("INBOX", "From: =?eucgb2312_cn?b?wO7A1w==?= <li@example.cn>\r\nSubject: "+gbk+"\r\nMessage-ID: <c1@x>\r\nMIME-Version: 1.0\r\n"+
		"Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: text/plain; charset=gb2312\r\nContent-Transfer-Encoding: 8bit\r\n\r\n"+gbk+"\r\n"+
		"--b\r\nContent-Type: application/pdf; name*=gb2312''%BA%CF%CD%AC.pdf\r\nContent-Transfer-Encoding: base64\r\n\r\nJVBERg==\r\n--b--\r\n")
	dir := t.TempDir()
	src := b.source(map[string]any{"attachments": dir})
	for range 2 {
		rows, _ := read(t, src, connectors.Request{Stream: "INBOX"})
		d := rows[0].Data
		if got := fmt.Sprint(d["from"].(map[string]any)["name"]); got != "李雷" {
			t.Errorf("from %q, want 李雷", got)
		}
		if d["subject"] != d["text"] || strings.ContainsRune(d["text"].(string), '\uFFFD') {
			t.Errorf("subject %q, text %q", d["subject"], d["text"])
		}
		a := d["attachments"].([]any)[0].(map[string]any)
		sum := sha256.Sum256([]byte("%PDF"))
		want := hex.EncodeToString(sum[:])
		if a["name"] != "合同.pdf" || a["sha256"] != want {
			t.Errorf("attachment %v", a)
		}
		content, err := os.ReadFile(filepath.Join(dir, want[:2], want))
		if err != nil || string(content) != "%PDF" {
			t.Errorf("kept %q, %v", content, err)
		}
	}
	kept, err := filepath.Glob(filepath.Join(dir, "*", "*"))
	if err != nil || len(kept) != 1 {
		t.Errorf("%d files are kept of one attachment: %v", len(kept), err)
	}
}
