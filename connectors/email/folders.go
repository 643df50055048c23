package email

import (
	"context"
	"path"
	"slices"
	"strings"

	"github.com/emersion/go-imap/v2"

	"crmhub/connectors"
	"crmhub/connectors/file/message"
	"crmhub/fault"
)

// folder is one folder of the mailbox.
type folder struct {
	name string
	sent bool // what lies in it was sent from here
}

// folders lists the folders that the connection's parameters let through, in
// the order of their names.
func (se *session) folders(ctx context.Context) ([]folder, error) {
	var list []*imap.ListData
	err := se.ask(func() (err error) {
		list, err = se.c.List("", "*", nil).Collect()
		return err
	})
	if err != nil {
		return nil, se.s.explain(ctx, err, se.s.cfg.Name, doList)
	}
	var out []folder
	for _, l := range list {
		if slices.Contains(l.Attrs, imap.MailboxAttrNoSelect) || slices.Contains(l.Attrs, imap.MailboxAttrNonExistent) {
			continue
		}
		if se.s.wanted(l) {
			out = append(out, folder{l.Mailbox, is(l, imap.MailboxAttrSent, sentNames)})
		}
	}
	slices.SortFunc(out, func(a, b folder) int { return strings.Compare(a.name, b.name) })
	return slices.CompactFunc(out, func(a, b folder) bool { return a.name == b.name }), nil
}

func (s *source) wanted(l *imap.ListData) bool {
	patterns := s.cfg.Params.List("folders")
	if slices.ContainsFunc(s.cfg.Params.List("exclude"), func(p string) bool { return matches(p, l.Mailbox) }) {
		return false
	}
	if slices.ContainsFunc(patterns, func(p string) bool { return sameFolder(p, l.Mailbox) }) {
		return true
	}
	if is(l, imap.MailboxAttrJunk, junkNames) || is(l, imap.MailboxAttrTrash, trashNames) || is(l, imap.MailboxAttrDrafts, draftNames) {
		return false
	}
	return len(patterns) == 0 || slices.ContainsFunc(patterns, func(p string) bool { return matches(p, l.Mailbox) })
}

// matches tells whether a pattern fits a name, or a folder above it.
func matches(pattern, name string) bool {
	if ok, err := path.Match(pattern, name); ok && err == nil {
		return true
	}
	return pattern == "*" || sameFolder(pattern, name) ||
		strings.HasSuffix(pattern, "/*") && strings.HasPrefix(name, strings.TrimSuffix(pattern, "*"))
}

// sameFolder compares names; INBOX alone is written in any case.
func sameFolder(a, b string) bool {
	return a == b || strings.EqualFold(a, "INBOX") && strings.EqualFold(b, "INBOX")
}

// Servers without SPECIAL-USE tell by the name alone what a folder is for.
var (
	junkNames  = []string{"junk", "junk e-mail", "junk email", "spam", "bulk mail", "垃圾邮件", "垃圾箱", "广告邮件"}
	trashNames = []string{"trash", "deleted items", "deleted messages", "deleted", "已删除", "已删除邮件", "病毒文件夹"}
	draftNames = []string{"drafts", "draft", "草稿箱", "草稿", "草稿夹"}
	sentNames  = []string{"sent", "sent items", "sent messages", "sent mail", "已发送", "已发送邮件", "发件箱"}
)

// is tells what a folder is for, by its attribute or the last part of its name.
func is(l *imap.ListData, attr imap.MailboxAttr, names []string) bool {
	if slices.Contains(l.Attrs, attr) {
		return true
	}
	last := strings.ToLower(l.Mailbox)
	if l.Delim != 0 {
		last = last[strings.LastIndex(last, string(l.Delim))+1:]
	}
	return slices.Contains(names, last)
}

// Check logs in and opens the first folder.
func (s *source) Check(ctx context.Context) error {
	se, err := s.connect(ctx)
	if err != nil {
		return err
	}
	defer se.endWith(ctx)()
	list, err := se.folders(ctx)
	if err != nil {
		return err
	}
	if len(list) == 0 {
		return fault.New("E2405", s.cfg.Name, "folder", strings.Join(s.cfg.Params.List("folders"), ", "), "nearest", "")
	}
	_, err = se.open(ctx, list[0].name)
	return err
}

// Discover lists the folders with how many messages they hold.
func (s *source) Discover(ctx context.Context) ([]connectors.Stream, error) {
	se, err := s.connect(ctx)
	if err != nil {
		return nil, err
	}
	defer se.endWith(ctx)()
	list, err := se.folders(ctx)
	if err != nil {
		return nil, err
	}
	whole := connectors.Stream{Name: all, Key: []string{"message_id"}, Cursor: cursorName, Columns: columns()}
	if !se.caps.Has(imap.CapCondStore) {
		whole.Notes = append(whole.Notes, connectors.Note{"the server has no CONDSTORE: changed flags are not seen", "服务器不支持 CONDSTORE：看不到标志的变化"})
	}
	out := []connectors.Stream{whole}
	for _, f := range list {
		var st *imap.StatusData
		err := se.ask(func() (err error) {
			st, err = se.c.Status(f.name, &imap.StatusOptions{NumMessages: true}).Wait()
			return err
		})
		if err != nil && !refused(err) {
			return nil, s.explain(ctx, err, s.place(f.name), doOpen)
		}
		one := connectors.Stream{Name: f.name, Key: whole.Key, Cursor: cursorName, Columns: whole.Columns, Rows: -1}
		if err == nil && st.NumMessages != nil {
			one.Rows = int64(*st.NumMessages)
			out[0].Rows += one.Rows
		}
		if f.name == all {
			continue // the stream of every folder has the name first
		}
		out = append(out, one)
	}
	return out, nil
}

// cursorName is what a read goes by; it is no column.
const cursorName = "uid"

// columns are those of a mail file and what the mailbox adds.
func columns() []connectors.Column {
	return append(message.Columns(),
		connectors.Column{Name: "folder", Type: "text"},
		connectors.Column{Name: "flags", Type: "[text]", Null: true},
		connectors.Column{Name: "deleted", Type: "bool"},
		connectors.Column{Name: "outbound", Type: "bool"},
		connectors.Column{Name: "received_at", Type: "RFC 3339", Null: true},
		connectors.Column{Name: "size", Type: "int"},
	)
}

// endWith closes the session when ctx ends, and returns what closes it for good.
func (se *session) endWith(ctx context.Context) func() {
	stop := context.AfterFunc(ctx, func() { se.s.note(se.conn.Conn.Close()) }) // every call under way fails, and tells
	return func() {
		stop()
		if ctx.Err() != nil {
			se.s.note(se.c.Close()) // a server that is slow must not hold up the end
			return
		}
		se.end()
	}
}

// opened is a folder as it stands when it is opened.
type opened struct {
	validity uint32
	next     imap.UID // the first UID that is not given out yet
	modseq   uint64   // 0 where the server has no CONDSTORE
	count    uint32
}

// open opens a folder for reading only.
func (se *session) open(ctx context.Context, name string) (opened, error) {
	var d *imap.SelectData
	err := se.ask(func() (err error) {
		d, err = se.c.Select(name, &imap.SelectOptions{ReadOnly: true, CondStore: se.caps.Has(imap.CapCondStore)}).Wait()
		return err
	})
	if err != nil {
		return opened{}, se.s.explain(ctx, err, se.s.place(name), doOpen)
	}
	return opened{d.UIDValidity, d.UIDNext, d.HighestModSeq, d.NumMessages}, nil
}
