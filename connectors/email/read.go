package email

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/emersion/go-imap/v2"

	"crmhub/connectors"
	"crmhub/fault"
	"crmhub/record"
)

// Read reads the folders of a stream in the order of their names.
//
// Of each folder it first takes again what changed its flags since the last
// read, then what came, in the order of UIDs, up to the UID that the server
// would give out next when the folder was opened. Where the connection drops
// it is taken up again behind the last message that was handed over.
func (s *source) Read(ctx context.Context, r connectors.Request, emit connectors.Emit) error {
	rd, err := s.reader(r, emit)
	if err != nil {
		return err
	}
	var more bool
	if rd.pos, more = s.resume(r); !more {
		return ctx.Err()
	}
	for tries := 0; ; tries++ {
		before := rd.total
		err := rd.pass(ctx)
		if err == nil || rd.stopped || ctx.Err() != nil || !passing(err) {
			return err
		}
		// The position is behind what is in the batch, whole messages only.
		if err := rd.flush(ctx); err != nil {
			return err
		}
		if rd.total > before {
			tries = 0
		}
		if tries >= s.retries {
			return err
		}
		if s.cfg.Log != nil {
			s.cfg.Log.Info("mailbox connection lost, taken up again", "connection", s.cfg.Name, "code", string(fault.Of(err).Code), "attempt", tries+1)
		}
		if err := connectors.Sleep(ctx, min(time.Second<<min(tries, 6), 30*time.Second)); err != nil {
			return err
		}
	}
}

// heavy is how much a batch may hold, in bytes of mail, before it is handed
// over with fewer messages than asked for; so much is asked for at once, too.
const heavy = 16 << 20

// reader is one read under way.
type reader struct {
	s       *source
	r       connectors.Request
	emit    connectors.Emit
	size    int
	pos     position
	batch   []record.Row
	weight  int
	total   int
	stopped bool // by emit
	// until is when waiting for something new ends.
	until time.Time
}

func (s *source) reader(r connectors.Request, emit connectors.Emit) (*reader, error) {
	if r.Query != "" {
		return nil, fault.New("E2227", s.place(r.Stream), "connector", "email")
	}
	if r.Cursor != "" && r.Cursor != cursorName {
		return nil, fault.New("E2412", s.place(r.Stream), "what", "cursor")
	}
	var names []string
	for _, c := range columns() {
		names = append(names, c.Name)
	}
	for _, k := range append(slices.Clone(r.Key), r.Deleted) {
		if k != "" && !slices.Contains(names, k) {
			return nil, fault.New("E2109", s.place(r.Stream), "name", k, "nearest", fault.Nearest(k, names))
		}
	}
	rd := &reader{s: s, r: r, emit: emit, size: r.BatchRows}
	if rd.size <= 0 {
		rd.size = 1000
	}
	return rd, nil
}

// pass reads over one connection, from the position to the end.
func (rd *reader) pass(ctx context.Context) error {
	se, err := rd.s.connect(ctx)
	if err != nil {
		return err
	}
	defer se.endWith(ctx)()
	list, err := se.folders(ctx)
	if err != nil {
		return err
	}
	if rd.r.Stream != all {
		if list, err = rd.pick(list); err != nil {
			return err
		}
	}
	if err := rd.folders(ctx, se, list); err != nil {
		return err
	}
	if rd.waits(se) {
		came, err := rd.await(ctx, se, list)
		if err != nil {
			return err
		}
		if came {
			rd.pos.again()
			if err := rd.folders(ctx, se, list); err != nil {
				return err
			}
		}
	}
	if rd.full() {
		return rd.flush(ctx)
	}
	if err := rd.flush(ctx); err != nil {
		return err
	}
	rd.pos.Done = true
	return rd.hand(ctx)
}

// folders reads those of a list that are not finished.
func (rd *reader) folders(ctx context.Context, se *session, list []folder) error {
	for _, f := range list {
		if m := rd.pos.Folders[f.name]; m != nil && m.Finished {
			continue
		}
		if err := rd.folder(ctx, se, f); err != nil || rd.full() {
			return err
		}
	}
	return nil
}

// pick returns the one folder that the stream names.
func (rd *reader) pick(list []folder) ([]folder, error) {
	var names []string
	for _, f := range list {
		if sameFolder(f.name, rd.r.Stream) {
			return []folder{f}, nil
		}
		names = append(names, f.name)
	}
	return nil, fault.New("E2405", rd.s.cfg.Name, "folder", rd.r.Stream, "nearest", fault.Nearest(rd.r.Stream, append(names, all)))
}

// folder reads what changed and what came in one folder.
func (rd *reader) folder(ctx context.Context, se *session, f folder) error {
	now, err := se.open(ctx, f.name)
	if err != nil {
		return err
	}
	m := rd.pos.at(f.name, now)
	fold := &folderRead{rd: rd, se: se, f: f}
	if m.UID > 0 && m.ModSeq > 0 && m.Next > m.ModSeq && rd.s.cfg.Params.Flag("flag_changes") {
		changed, err := se.changed(ctx, f.name, m)
		if err != nil {
			return err
		}
		if err := fold.messages(ctx, changed, &m.Changed); err != nil || rd.full() {
			return err
		}
	}
	if now.count > 0 && (now.next == 0 || m.UID+1 < now.next) {
		came, err := se.since(ctx, f.name, m.UID, now.next)
		if err != nil {
			return err
		}
		if err := fold.messages(ctx, came, &m.UID); err != nil || rd.full() {
			return err
		}
	}
	if now.next > 0 && m.UID+1 < now.next {
		m.UID = now.next - 1 // what lies between is gone: it need not be asked for again
	}
	m.finish()
	return nil
}

// changed returns the messages up to the mark that changed since.
func (se *session) changed(ctx context.Context, name string, m *mark) (imap.UIDSet, error) {
	var out imap.UIDSet
	err := se.ask(func() error {
		cmd := se.c.Fetch(imap.UIDSet{{Start: 1, Stop: m.UID}}, &imap.FetchOptions{UID: true, ModSeq: true, ChangedSince: m.ModSeq})
		for msg := cmd.Next(); msg != nil; msg = cmd.Next() {
			d, err := msg.Collect()
			if err != nil {
				return errors.Join(err, cmd.Close())
			}
			if d.UID > m.Changed && d.UID <= m.UID {
				out.AddNum(d.UID)
			}
		}
		return cmd.Close()
	})
	if err != nil {
		return nil, se.s.explain(ctx, err, se.s.place(name), doFetch)
	}
	return out, nil
}

// since returns the messages behind a UID and before the next that was not
// given out yet; 0 where the server does not tell that one.
func (se *session) since(ctx context.Context, name string, last, next imap.UID) (imap.UIDSet, error) {
	stop := next - 1
	if next == 0 {
		stop = 0 // *
	}
	var d *imap.SearchData
	err := se.ask(func() (err error) {
		o := &imap.SearchOptions{ReturnAll: se.caps.Has(imap.CapESearch) || se.caps.Has(imap.CapIMAP4rev2)}
		d, err = se.c.UIDSearch(&imap.SearchCriteria{UID: []imap.UIDSet{{{Start: last + 1, Stop: stop}}}}, o).Wait()
		return err
	})
	if err != nil {
		return nil, se.s.explain(ctx, err, se.s.place(name), doSearch)
	}
	set, _ := d.All.(imap.UIDSet)
	var out imap.UIDSet
	for _, r := range set {
		// n:* means the last message where n is beyond it.
		if start, end := max(min(r.Start, r.Stop), last+1), max(r.Start, r.Stop); start <= end && (next == 0 || start < next) {
			if next > 0 {
				end = min(end, next-1)
			}
			out = append(out, imap.UIDRange{Start: start, Stop: end})
		}
	}
	slices.SortFunc(out, func(a, b imap.UIDRange) int { return int(int64(a.Start) - int64(b.Start)) })
	return out, nil
}

func (rd *reader) full() bool { return rd.r.Limit > 0 && rd.total >= rd.r.Limit }

// flush hands over the batch, if there is any.
func (rd *reader) flush(ctx context.Context) error {
	if len(rd.batch) == 0 {
		return ctx.Err()
	}
	return rd.hand(ctx)
}

func (rd *reader) hand(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	at, err := rd.pos.encode()
	if err != nil {
		return err
	}
	b := connectors.Batch{Rows: rd.batch, Position: at}
	rd.batch, rd.weight = nil, 0
	if err := rd.emit(ctx, b); err != nil {
		rd.stopped = true
		return err
	}
	return ctx.Err()
}
