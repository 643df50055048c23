package hub

import (
	"context"
	"slices"
	"strings"
	"time"

	"crmhub/fault"
	"crmhub/mdm/entity"
	"crmhub/mdm/survive"
	"crmhub/record"
	"crmhub/store/golden"
)

// Survivorship says how the value of one attribute of a golden record was chosen.
type Survivorship struct {
	ID        string `json:"id"`
	Attribute string `json:"attribute"`
	Value     any    `json:"value"`
	Rule      string `json:"rule"`
	// Why is the rule in a sentence, in the hub's language.
	Why string `json:"why"`
	// Group are the attributes that were chosen together with it.
	Group      []string     `json:"group,omitempty"`
	Candidates []Candidate  `json:"candidates"`
	Override   *OverrideOf  `json:"override,omitempty"`
	Quality    *QualityView `json:"quality,omitempty"`
}

// Candidate is one source record's value and what became of it.
type Candidate struct {
	Record  RecordView      `json:"record"`
	Value   any             `json:"value"`
	Outcome survive.Outcome `json:"outcome"`
	Fault   survive.Fault   `json:"fault,omitempty"`
	Why     string          `json:"why"`
	Score   int64           `json:"score"`
}

// QualityView is the grade of a golden record, and of each source record.
type QualityView struct {
	survive.Quality
	Records []RecordQuality `json:"records"`
}

// RecordQuality is the grade of one source record.
type RecordQuality struct {
	Record RecordView `json:"record"`
	survive.Quality
}

// setAsideOutcome is what became of a value that validation had set aside.
const setAsideOutcome survive.Outcome = "set_aside"

// Survivorship explains one attribute of a golden record: which values stood,
// what became of each, and by what rule. E6502 where there is no such attribute.
func (h *Hub) Survivorship(ctx context.Context, id, attribute string, r Reveal) (Survivorship, error) {
	if err := r.allow(); err != nil {
		return Survivorship{}, err
	}
	if err := h.open(ctx); err != nil {
		return Survivorship{}, err
	}
	if err := h.attribute(attribute, false); err != nil {
		return Survivorship{}, err
	}
	g, err := h.byID(ctx, id)
	if err != nil {
		return Survivorship{}, err
	}
	if err := h.recorded(ctx, r, "survivorship "+golden.IDText(g.ID)); err != nil {
		return Survivorship{}, err
	}
	members, ids := memberList(g)
	overrides, err := h.golden.Overrides(ctx, ids)
	if err != nil {
		return Survivorship{}, err
	}
	d := h.model.Decision(attribute, members, overrides)
	k := h.keyClasses()
	show := func(v any) any { return h.fields(record.Customer, record.Fields{attribute: v}, r)[attribute] }
	s := Survivorship{ID: golden.IDText(g.ID), Attribute: attribute, Value: show(d.Value), Rule: d.Rule, Why: ruleWords(d)[h.o.Lang], Group: d.Group, Candidates: []Candidate{}}
	named := map[entity.RecordID]RecordView{}
	for _, m := range g.Members {
		v := h.recordView(m, k, r)
		v.Fields = nil
		named[m.RecordID] = v
	}
	for _, c := range d.Candidates {
		s.Candidates = append(s.Candidates, Candidate{Record: named[c.Record], Value: show(c.Value), Outcome: c.Outcome, Fault: c.Fault, Why: outcomeWords(c)[h.o.Lang], Score: c.Score})
	}
	for _, m := range g.Members {
		for _, i := range m.Invalid {
			if name, _, _ := strings.Cut(strings.TrimPrefix(i.Path, "/"), "/"); name == attribute {
				s.Candidates = append(s.Candidates, Candidate{Record: named[m.RecordID], Value: show(i.Value), Outcome: setAsideOutcome, Why: fault.Text{"validation had set it aside (" + i.Rule + ")", "校验已将其剔除（" + i.Rule + "）"}[h.o.Lang]})
			}
		}
	}
	if d.Override != nil {
		o := h.overrideView(golden.Override{Override: *d.Override, Entity: g.ID}, r)
		s.Override = &o
	}
	if s.Quality, err = h.quality(ctx, g, k, r); err != nil {
		return s, err
	}
	return s, nil
}

// memberList returns the members of a golden record as survivorship takes them.
func memberList(g golden.View) ([]entity.Member, []entity.RecordID) {
	members, ids := make([]entity.Member, len(g.Members)), make([]entity.RecordID, len(g.Members))
	for i, m := range g.Members {
		members[i] = entity.Member{ID: m.RecordID, Ref: m.Ref, Own: m.Own, UpdatedAt: m.UpdatedAt, Fields: m.Fields}
		ids[i] = m.RecordID
	}
	return members, ids
}

// quality grades a golden record and its source records. Ages count to the
// last run: what is shown changes when the store does, not with the clock.
func (h *Hub) quality(ctx context.Context, g golden.View, k keys, r Reveal) (*QualityView, error) {
	now, err := h.lastRun(ctx)
	if err != nil {
		return nil, err
	}
	members, _ := memberList(g)
	aside := 0
	q := &QualityView{Records: []RecordQuality{}}
	for i, m := range g.Members {
		aside += len(m.Invalid)
		own := h.model.Survives(members[i:i+1], nil)
		v := h.recordView(m, k, r)
		v.Fields = nil
		q.Records = append(q.Records, RecordQuality{Record: v, Quality: survive.Grade(own, members[i:i+1], len(m.Invalid), now)})
	}
	q.Quality = survive.Grade(entity.Golden{Fields: g.Fields}, members, aside, now)
	return q, nil
}

// attribute checks that customers have an attribute; own asks that a steward
// may set it.
func (h *Hub) attribute(name string, own bool) error {
	schema, _ := h.schemas.Schema(record.Customer)
	var known []string
	for _, p := range schema.Properties() {
		if !own || !slices.Contains(protected, p.Name) {
			known = append(known, p.Name)
		}
	}
	if slices.Contains(known, name) {
		return nil
	}
	return fault.New("E6502", "", "name", name, "nearest", fault.Nearest(name, known))
}

// protected attributes are not a steward's to set: one is derived, and a
// consent is the customer's.
var protected = []string{"name_pinyin", "consents"}

// ruleWords says what a rule means.
func ruleWords(d survive.Decision) fault.Text {
	words, ok := map[string]fault.Text{
		survive.Only:                 {"no other source record has a value", "只有这一条来源记录有值"},
		survive.Union:                {"lists are put together, each value once; what is faulty or less detailed falls away", "列表合并，每个值只保留一次；有误或较不完整的值被舍去"},
		survive.Restrictive:          {"for each purpose and channel the most restrictive consent stands", "对每个目的和渠道，以限制最严的同意状态为准"},
		survive.Derived:              {"computed from the other names of the golden record", "由黄金记录的其他姓名字段推导"},
		survive.Overridden:           {"a steward set it", "由数据管家指定"},
		string(survive.MostRecent):   {"the value that its source changed last", "取来源中最近更新的值"},
		string(survive.SourceTrust):  {"the value of the source that is trusted most", "取最受信任来源的值"},
		string(survive.MostFrequent): {"the value that most source records have", "取出现次数最多的值"},
		string(survive.MostComplete): {"the value with the most parts", "取内容最完整的值"},
		string(survive.Longest):      {"the longest value", "取最长的值"},
	}[d.Rule]
	switch {
	case d.Override != nil && d.Value == nil:
		return fault.Text{"a steward took the value away", "由数据管家清除"}
	case !ok:
		return fault.Text{"no source record has a value", "没有来源记录有值"}
	}
	return words
}

// outcomeWords says what became of a value.
func outcomeWords(c survive.Candidate) fault.Text {
	if c.Outcome == survive.Faulty {
		return map[survive.Fault]fault.Text{
			survive.Checksum:    {"lost: its check character is wrong", "落选：校验位不正确"},
			survive.Format:      {"lost: no such value can be", "落选：格式不成立"},
			survive.Placeholder: {"lost: it stands for no value", "落选：占位值，不代表真实内容"},
		}[c.Fault]
	}
	return map[survive.Outcome]fault.Text{
		survive.Chosen:      {"chosen", "采用"},
		survive.Contributed: {"part of the golden value", "已并入黄金值"},
		survive.Repeats:     {"another record says the same in more detail", "其他记录的内容相同且更完整"},
		survive.LessTrusted: {"lost: its source is trusted less", "落选：来源的信任度较低"},
		survive.LessCommon:  {"lost: fewer records say so", "落选：持此值的记录较少"},
		survive.LessFull:    {"lost: it has fewer parts", "落选：内容较不完整"},
		survive.Shorter:     {"lost: it is shorter", "落选：较短"},
		survive.Older:       {"lost: equal, but older", "落选：条件相同，但较旧"},
		survive.ByName:      {"lost: equal in everything; the order of the records' names decides", "落选：条件完全相同，按记录名称的顺序决定"},
		survive.SetAside:    {"set aside by a steward's value", "被数据管家指定的值取代"},
	}[c.Outcome]
}

// OverrideOf is a steward's value for an attribute of a golden record.
type OverrideOf struct {
	ID        int64      `json:"id,omitempty"`
	Golden    string     `json:"golden,omitempty"`
	Attribute string     `json:"attribute"`
	Value     any        `json:"value"`
	By        string     `json:"by"`
	At        time.Time  `json:"at"`
	Until     *time.Time `json:"until,omitempty"`
	Reason    string     `json:"reason"`
	Ended     *time.Time `json:"ended,omitempty"`
	Ending    string     `json:"ending,omitempty"`
}

func (h *Hub) overrideView(o golden.Override, r Reveal) OverrideOf {
	v := OverrideOf{
		ID: o.ID, Attribute: o.Attribute, By: o.By, At: o.At.UTC(), Reason: hiddenReason(o.Reason, r), Ending: o.Ending,
		Value: h.fields(record.Customer, record.Fields{o.Attribute: o.Value}, r)[o.Attribute],
	}
	if !o.Entity.Zero() {
		v.Golden = golden.IDText(o.Entity)
	}
	for _, t := range []struct {
		at time.Time
		to **time.Time
	}{{o.Until, &v.Until}, {o.Ended, &v.Ended}} {
		if !t.at.IsZero() {
			at := t.at.UTC()
			*t.to = &at
		}
	}
	return v
}

// hiddenReason hides a steward's words: they may name people.
func hiddenReason(reason string, r Reveal) string {
	if r.On || reason == "" {
		return reason
	}
	return "…"
}
