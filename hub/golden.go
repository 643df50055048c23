package hub

import (
	"context"
	"slices"
	"time"

	"crmhub/fault"
	"crmhub/mdm/entity"
	"crmhub/mdm/standardize"
	"crmhub/record"
	"crmhub/store/golden"
)

// Golden returns one golden record by its id or the beginning of it, with the
// source records behind it and what hangs on it.
func (h *Hub) Golden(ctx context.Context, id string, r Reveal) (GoldenView, error) {
	if err := r.allow(); err != nil {
		return GoldenView{}, err
	}
	if err := h.open(ctx); err != nil {
		return GoldenView{}, err
	}
	g, err := h.byID(ctx, id)
	if err != nil {
		return GoldenView{}, err
	}
	if err := h.recorded(ctx, r, "golden "+golden.IDText(g.ID)); err != nil {
		return GoldenView{}, err
	}
	k := h.keyClasses()
	v := h.goldenView(g, k, r)
	if v.Quality, err = h.quality(ctx, g, k, r); err != nil {
		return v, err
	}
	for _, t := range record.Types {
		if t == record.Customer {
			continue
		}
		list, err := h.golden.Related(ctx, g.ID, t)
		if err != nil {
			return v, err
		}
		v.Related = append(v.Related, h.recordViews(list, k, r)...)
	}
	return v, nil
}

// byID returns the golden record that an id or its beginning names.
func (h *Hub) byID(ctx context.Context, id string) (golden.View, error) {
	full, err := h.golden.ResolveID(ctx, id)
	if err != nil {
		return golden.View{}, err
	}
	return h.golden.Get(ctx, full)
}

func (h *Hub) goldenView(g golden.View, k keys, r Reveal) GoldenView {
	v := GoldenView{
		ID: golden.IDText(g.ID), Type: g.Type, Status: string(g.Status), Version: g.Version, UpdatedAt: g.UpdatedAt.UTC(),
		Fields: h.fields(g.Type, g.Fields, r), Provenance: map[string]Origin{}, Members: []RecordView{},
	}
	if !g.RedirectedFrom.Zero() {
		v.RedirectedFrom = golden.IDText(g.RedirectedFrom)
	}
	for _, m := range g.Members {
		v.Members = append(v.Members, h.recordView(m, k, r))
	}
	for name, p := range g.Provenance {
		o := Origin{Rule: p.Rule, From: []RecordView{}}
		from := p.All
		if p.From != (record.Ref{}) {
			from = []record.Ref{p.From}
		}
		for _, ref := range from {
			o.From = append(o.From, RecordView{Source: ref.Source, Stream: ref.Stream, Key: k.show(ref, r)})
		}
		v.Provenance[name] = o
	}
	return v
}

// Search finds golden records that hold a value, in one searchable field or in
// all. The value may be written in any way that standardising understands; a
// phone number without a prefix is tried in the countries of the connections.
func (h *Hub) Search(ctx context.Context, field, value string, limit int, r Reveal) ([]GoldenView, error) {
	if err := r.allow(); err != nil {
		return nil, err
	}
	if err := h.open(ctx); err != nil {
		return nil, err
	}
	schema, ok := h.schemas.Schema(record.Customer)
	if !ok {
		return nil, unsearchable(field, nil)
	}
	var fields []string
	spellings := map[string][]string{}
	for _, p := range schema.Properties() {
		if !p.Index {
			continue
		}
		fields = append(fields, p.Name)
		for _, l := range h.locales() {
			s, _ := l.Value(p.Standardize, value).(string)
			if s != "" && !slices.Contains(spellings[p.Name], s) {
				spellings[p.Name] = append(spellings[p.Name], s)
			}
		}
	}
	if field != "" {
		if !slices.Contains(fields, field) {
			return nil, unsearchable(field, fields)
		}
		fields = []string{field}
	}
	if err := h.recorded(ctx, r, "search"); err != nil {
		return nil, err
	}
	list, seen, k := []GoldenView{}, map[entity.ID]bool{}, h.keyClasses()
	for _, f := range fields {
		for _, s := range spellings[f] {
			found, err := h.golden.Search(ctx, f, s, limit)
			if err != nil {
				return nil, err
			}
			for _, g := range found {
				if !seen[g.ID] && (limit <= 0 || len(list) < limit) {
					seen[g.ID] = true
					list = append(list, h.goldenView(g, k, r))
				}
			}
		}
	}
	return list, nil
}

// locales are what the project's connections say of their values, without repeats.
func (h *Hub) locales() []standardize.Locale {
	list := []standardize.Locale{{}}
	for _, name := range h.config.Connections() {
		con, err := h.config.Connection("", name)
		if err != nil {
			continue
		}
		l := standardize.Locale{Country: con.Country, Dates: string(con.Dates)}
		if !slices.Contains(list, l) {
			list = append(list, l)
		}
	}
	return list
}

// Version is one version of a golden record.
type Version struct {
	Version int64         `json:"version"`
	From    time.Time     `json:"from"`
	To      *time.Time    `json:"to,omitempty"`
	Status  string        `json:"status"`
	Members int           `json:"members"`
	Fields  record.Fields `json:"fields"`
}

// History returns the versions of a golden record, the latest first.
func (h *Hub) History(ctx context.Context, id string, r Reveal) ([]Version, error) {
	if err := r.allow(); err != nil {
		return nil, err
	}
	if err := h.open(ctx); err != nil {
		return nil, err
	}
	full, err := h.golden.ResolveID(ctx, id)
	if err != nil {
		return nil, err
	}
	if err := h.recorded(ctx, r, "history "+golden.IDText(full)); err != nil {
		return nil, err
	}
	past, err := h.golden.History(ctx, full)
	if err != nil {
		return nil, err
	}
	list := []Version{}
	for _, g := range past {
		v := Version{Version: g.Version, From: g.UpdatedAt.UTC(), Status: string(g.Status), Members: len(g.Members), Fields: h.fields(g.Type, g.Fields, r)}
		if !g.Until.IsZero() {
			t := g.Until.UTC()
			v.To = &t
		}
		list = append(list, v)
	}
	return list, nil
}

// Unmerge takes the named records (SOURCE/STREAM/KEY) out of a golden record
// by judging each of them apart from each that stays, resolves, and returns
// the ids of the entities that its records belong to afterwards, those of the
// records that stay first.
func (h *Hub) Unmerge(ctx context.Context, id string, records []string, reason string, events func(Event)) (ids []string, err error) {
	err = h.locked(ctx, "golden unmerge", func() error {
		if err := h.warnClock(ctx, events); err != nil {
			return err
		}
		if _, err := h.resolve(ctx, events); err != nil {
			return err
		}
		g, err := h.byID(ctx, id)
		if err != nil {
			return err
		}
		out, stay, err := h.split(g, records)
		if err != nil {
			return err
		}
		for _, a := range out {
			for _, b := range stay {
				j := entity.Judgement{A: min(a, b), B: max(a, b), Kind: entity.CannotLink, By: h.o.Who, At: h.now(), Reason: reason}
				if err := h.golden.Judge(ctx, j); err != nil {
					return err
				}
			}
		}
		if _, err := h.resolve(ctx, events); err != nil {
			return err
		}
		for _, group := range [][]entity.RecordID{stay, out} {
			slices.Sort(group)
			members, err := h.golden.Members(ctx, group)
			if err != nil {
				return err
			}
			for _, m := range members {
				if s := golden.IDText(m.Entity); !slices.Contains(ids, s) {
					ids = append(ids, s)
				}
			}
		}
		return nil
	})
	return ids, err
}

// split divides the members of g into the named ones and the rest.
func (h *Hub) split(g golden.View, records []string) (out, stay []entity.RecordID, err error) {
	k := h.keyClasses()
	for _, name := range records {
		at := slices.IndexFunc(g.Members, func(m golden.Member) bool {
			prefix := m.Ref.Source + "/" + m.Ref.Stream + "/"
			return name == prefix+m.Ref.Key || name == prefix+k.show(m.Ref, Reveal{})
		})
		if at < 0 {
			// The name may hold a personal key; it is not repeated whole.
			return nil, nil, fault.New("E1210", "", "count", len(g.Members))
		}
		out = append(out, g.Members[at].RecordID)
	}
	for _, m := range g.Members {
		if !slices.Contains(out, m.RecordID) {
			stay = append(stay, m.RecordID)
		}
	}
	if len(stay) == 0 {
		return nil, nil, fault.New("E1212", "", "count", len(g.Members))
	}
	return out, stay, nil
}

// Verification is what Verify found.
type Verification struct {
	OK        bool  `json:"ok"`
	Checked   int64 `json:"checked"`
	Different int64 `json:"different"`
}

// Verify recomputes every golden record from the current records, the model
// and the judgements, and compares. It writes nothing.
func (h *Hub) Verify(ctx context.Context) (Verification, error) {
	if err := h.open(ctx); err != nil {
		return Verification{}, err
	}
	v, err := h.resolver().Verify(ctx)
	if err != nil {
		return Verification{}, err
	}
	return Verification{OK: v.Different == 0, Checked: v.Checked, Different: v.Different}, nil
}

// Digest returns the digest of the store's content.
func (h *Hub) Digest(ctx context.Context) (golden.Digest, error) {
	if err := h.open(ctx); err != nil {
		return golden.Digest{}, err
	}
	return h.golden.Digest(ctx)
}
