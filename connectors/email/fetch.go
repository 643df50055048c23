package email

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"slices"
	"strconv"
	"time"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapclient"

	"crmhub/connectors/file/message"
	"crmhub/fault"
	"crmhub/record"
)

// page is how many messages are asked for at once, at most.
const page = 500

// keptRaw is how much is kept of what could not be read.
const keptRaw = 64 << 10

// folderRead reads messages of one open folder.
type folderRead struct {
	rd *reader
	se *session
	f  folder
}

// head is what is known of a message before it is fetched.
type head struct {
	uid      imap.UID
	size     int64
	flags    []imap.Flag
	received time.Time
}

// messages reads a set of messages in the order of their UIDs; done is the
// part of the position that follows them.
func (fr *folderRead) messages(ctx context.Context, set imap.UIDSet, done *imap.UID) error {
	for next := range pages(set, min(page, max(fr.rd.size, 1))) {
		heads, err := fr.heads(ctx, next)
		if err != nil {
			return err
		}
		for len(heads) > 0 {
			n, bytes := 0, int64(0)
			for n < len(heads) && (n == 0 || bytes+heads[n].size <= heavy) {
				bytes += heads[n].size
				n++
			}
			if err := fr.bodies(ctx, heads[:n], done); err != nil || fr.rd.full() {
				return err
			}
			heads = heads[n:]
		}
	}
	return nil
}

// pages cuts a set of UIDs into sets of at most n.
func pages(set imap.UIDSet, n int) func(yield func(imap.UIDSet) bool) {
	return func(yield func(imap.UIDSet) bool) {
		var part imap.UIDSet
		have := 0
		for _, r := range set {
			for start := uint64(r.Start); start <= uint64(r.Stop); {
				take := min(uint64(n-have), uint64(r.Stop)-start+1)
				part = append(part, imap.UIDRange{Start: imap.UID(start), Stop: imap.UID(start + take - 1)})
				start += take
				if have += int(take); have == n {
					if !yield(part) {
						return
					}
					part, have = nil, 0
				}
			}
		}
		if have > 0 {
			yield(part)
		}
	}
}

// heads asks for sizes and flags. What is not answered was expunged meanwhile.
func (fr *folderRead) heads(ctx context.Context, set imap.UIDSet) ([]head, error) {
	var out []head
	err := fr.se.ask(func() error {
		cmd := fr.se.c.Fetch(set, &imap.FetchOptions{UID: true, RFC822Size: true, Flags: true, InternalDate: true})
		for msg := cmd.Next(); msg != nil; msg = cmd.Next() {
			d, err := msg.Collect()
			if err != nil {
				return errors.Join(err, cmd.Close())
			}
			out = append(out, head{d.UID, d.RFC822Size, d.Flags, d.InternalDate})
		}
		return cmd.Close()
	})
	if err != nil {
		return nil, fr.se.s.explain(ctx, err, fr.se.s.place(fr.f.name), doFetch)
	}
	slices.SortFunc(out, func(a, b head) int { return int(int64(a.uid) - int64(b.uid)) })
	return out, nil
}

// bodies fetches messages and adds them to the batch in their order. The
// bytes of at most a chunk are held at once.
func (fr *folderRead) bodies(ctx context.Context, heads []head, done *imap.UID) error {
	raw, err := fr.fetch(ctx, heads)
	if err != nil {
		return err
	}
	for _, h := range heads {
		got, there := raw[h.uid]
		switch {
		case h.size > message.MaxSize:
			fr.add(h, nil, fault.New("E3113", fr.place(h).String(), "limit", "128 MB"))
		case got.err != nil:
			fr.add(h, nil, got.err)
		case there:
			if err := fr.parse(h, got.raw); err != nil {
				return err
			}
		default: // not answered: expunged meanwhile, or held back
			err := fr.missing(ctx, h)
			if err != nil {
				return err
			}
		}
		*done = h.uid
		if len(fr.rd.batch) >= fr.rd.size || fr.rd.weight >= heavy || fr.rd.full() {
			if err := fr.rd.flush(ctx); err != nil || fr.rd.full() {
				return err
			}
		}
	}
	return nil
}

// body is what came of one message.
type body struct {
	raw []byte
	err *fault.Error
}

// fetch asks for messages at once. Where the server refuses, it asks for each
// alone: one that is damaged must not hold back the others.
func (fr *folderRead) fetch(ctx context.Context, heads []head) (map[imap.UID]body, error) {
	out := map[imap.UID]body{}
	var set imap.UIDSet
	for _, h := range heads {
		if h.size <= message.MaxSize {
			set.AddNum(h.uid)
		}
	}
	if len(set) == 0 {
		return out, nil
	}
	err := fr.ask(set, out)
	if err == nil {
		return out, nil
	}
	if !refused(err) || later[state(err)] {
		return nil, fr.se.s.explain(ctx, err, fr.se.s.place(fr.f.name), doFetch)
	}
	for _, h := range heads {
		if _, there := out[h.uid]; there || h.size > message.MaxSize {
			continue
		}
		err := fr.ask(imap.UIDSetNum(h.uid), out)
		switch {
		case err == nil:
		case !refused(err) || later[state(err)]:
			return nil, fr.se.s.explain(ctx, err, fr.se.s.place(fr.f.name), doFetch)
		default:
			out[h.uid] = body{err: fault.New("E2410", fr.place(h).String(), "state", state(err)).Because(err)}
		}
	}
	return out, nil
}

// ask fetches the bytes of messages, without marking them as read.
func (fr *folderRead) ask(set imap.UIDSet, out map[imap.UID]body) error {
	return fr.se.ask(func() error {
		cmd := fr.se.c.Fetch(set, &imap.FetchOptions{UID: true, BodySection: []*imap.FetchItemBodySection{{Peek: true}}})
		for msg := cmd.Next(); msg != nil; msg = cmd.Next() {
			var uid imap.UID
			for item := msg.Next(); item != nil; item = msg.Next() {
				switch item := item.(type) {
				case imapclient.FetchItemDataUID:
					uid = item.UID
				case imapclient.FetchItemDataBodySection:
					if item.Literal == nil {
						continue // NIL: the server has no bytes for it
					}
					raw, err := io.ReadAll(io.LimitReader(item.Literal, message.MaxSize+1))
					if err != nil {
						return errors.Join(err, cmd.Close())
					}
					if uid != 0 {
						out[uid] = body{raw: raw}
					}
				}
			}
		}
		return cmd.Close()
	})
}

// missing tells a message that was expunged since it was listed, which is none
// any more, from one that the server still lists: that one is quarantined.
func (fr *folderRead) missing(ctx context.Context, h head) error {
	still, err := fr.heads(ctx, imap.UIDSetNum(h.uid))
	if err != nil {
		return err
	}
	if len(still) > 0 {
		fr.add(h, nil, fault.New("E2410", fr.place(h).String(), "state", "-"))
	}
	return nil
}

func (fr *folderRead) place(h head) record.Place {
	return record.Place{Name: fr.f.name, Line: int64(h.uid)}
}

// parse makes a row of a message and keeps its attachments where that is asked for.
func (fr *folderRead) parse(h head, raw []byte) error {
	if len(raw) > message.MaxSize {
		fr.add(h, raw[:keptRaw], fault.New("E3113", fr.place(h).String(), "limit", "128 MB"))
		return nil
	}
	var keep func(string, []byte)
	var failed error
	if v := fr.se.s.vault; v != nil {
		keep = func(sum string, content []byte) { failed = errors.Join(failed, v.keep(sum, content)) }
	}
	data, ok := message.ReadKeeping(bytes.TrimLeft(raw, "\r\n"), keep)
	if failed != nil {
		return failed
	}
	if !ok {
		fr.add(h, raw[:min(len(raw), keptRaw)], fault.New("E3112", fr.place(h).String()))
		return nil
	}
	var flags []any
	deleted := false
	for _, f := range h.flags {
		if f == `\Recent` {
			continue // true for the first to look only
		}
		flags = append(flags, string(f))
		deleted = deleted || f == imap.FlagDeleted
	}
	slices.SortFunc(flags, func(a, b any) int { return bytes.Compare([]byte(a.(string)), []byte(b.(string))) })
	data["folder"], data["deleted"], data["outbound"] = fr.f.name, deleted, fr.f.sent
	data["flags"], data["received_at"] = nil, nil
	if flags != nil {
		data["flags"] = flags
	}
	if !h.received.IsZero() {
		data["received_at"] = h.received.Format(time.RFC3339)
	}
	data["size"] = json.Number(strconv.FormatInt(h.size, 10))
	fr.row(record.Row{Place: fr.place(h), Data: data}, len(raw))
	return nil
}

// row adds a message to the batch, with its key.
func (fr *folderRead) row(row record.Row, weight int) {
	key := fr.rd.r.Key
	if len(key) == 0 {
		key = []string{"message_id"}
	}
	parts := make([]string, len(key))
	for i, k := range key {
		parts[i] = keyText(row.Data[k])
		if parts[i] == "" && row.Fault == nil {
			row.Fault = fault.New("E3108", row.Place.String(), "column", k)
		}
	}
	if row.Fault == nil {
		row.Key = record.JoinKey(parts...)
	}
	row.Deleted = fr.rd.r.Deleted != "" && record.Truth(row.Data[fr.rd.r.Deleted])
	fr.rd.batch = append(fr.rd.batch, row)
	fr.rd.weight += weight
	fr.rd.total++
}

// add adds a message that could not be read.
func (fr *folderRead) add(h head, raw []byte, why *fault.Error) {
	fr.rd.batch = append(fr.rd.batch, record.Row{Place: fr.place(h), Raw: bytes.Clone(raw), Fault: why})
	fr.rd.weight += len(raw)
	fr.rd.total++
}

func keyText(v any) string {
	switch v := v.(type) {
	case nil:
		return ""
	case string:
		return v
	}
	b, err := json.Marshal(v)
	if err != nil {
		return ""
	}
	return string(b)
}
