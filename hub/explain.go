package hub

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"crmhub/fault"
	"crmhub/mdm"
	"crmhub/mdm/entity"
	"crmhub/mdm/fellegisunter"
	"crmhub/mdm/match"
	"crmhub/record"
	"crmhub/store/golden"
)

// Bits are shown in bits, as the store counts them in thousandths.
type Bits int32

// MarshalJSON writes bits with three decimals, exactly.
func (b Bits) MarshalJSON() ([]byte, error) {
	sign, n := "", int64(b)
	if n < 0 {
		sign, n = "-", -n
	}
	return fmt.Appendf(nil, "%s%d.%03d", sign, n/1000, n%1000), nil
}

// String writes bits with one decimal and a sign.
func (b Bits) String() string { return fmt.Sprintf("%+.1f", float64(b)/1000) }

// Step is one bar of a waterfall.
type Step struct {
	Comparison string `json:"comparison"`
	Level      string `json:"level"`
	Bits       Bits   `json:"bits"`
	// Rarity is the part of it that the value's own rarity makes.
	Rarity Bits `json:"rarity"`
}

// Change is what would change a decision.
type Change struct {
	Comparison string `json:"comparison"`
	Level      string `json:"level"`
	Bits       Bits   `json:"bits"`
	Score      Bits   `json:"score"`
	Verdict    string `json:"verdict"`
}

// Waterfall says how two records, or the records of two customers that are
// most alike, are compared, and what came of it.
type Waterfall struct {
	Left    RecordView `json:"left"`
	Right   RecordView `json:"right"`
	Prior   Bits       `json:"prior"`
	Steps   []Step     `json:"steps"`
	Score   Bits       `json:"score"`
	Merge   Bits       `json:"merge"`
	Review  Bits       `json:"review"`
	Verdict string     `json:"verdict"`
	// Probability is the chance that the two are one customer.
	Probability float64 `json:"probability"`
	Exact       bool    `json:"exact"`
	// SharedKeys are the blocking keys that the two share; without one they were
	// never compared.
	SharedKeys int `json:"shared_keys"`
	// Together says that they are one customer now.
	Together bool `json:"together"`
	// Judgement is what a steward said of the two: link or cannot_link.
	Judgement string `json:"judgement,omitempty"`
	// Why are sentences, in the hub's language.
	Why     []string `json:"why"`
	Changes []Change `json:"changes"`
	// Built is how the customer that both belong to was put together.
	Built []Joined `json:"built,omitempty"`
	Model string   `json:"model"`
}

// Joined is one step in which a customer was put together.
type Joined struct {
	Left    []RecordView `json:"left"`
	Right   []RecordView `json:"right"`
	Average Bits         `json:"average"`
	Best    Bits         `json:"best"`
	Judged  bool         `json:"judged"`
}

// ExplainPair explains two records (SOURCE/STREAM/KEY, or numbers as the queue
// shows them) or two golden records by their ids; of the latter the two records that are
// most alike stand for them. One golden record alone says how it was put
// together.
func (h *Hub) ExplainPair(ctx context.Context, left, right string, r Reveal) (Waterfall, error) {
	if err := r.allow(); err != nil {
		return Waterfall{}, err
	}
	if err := h.open(ctx); err != nil {
		return Waterfall{}, err
	}
	x, err := h.named(ctx, left)
	if err != nil {
		return Waterfall{}, err
	}
	y, err := h.named(ctx, right)
	if err != nil {
		return Waterfall{}, err
	}
	if err := h.recorded(ctx, r, "match explain"); err != nil {
		return Waterfall{}, err
	}
	a, b := h.closest(x, y)
	return h.waterfall(ctx, a, b, r)
}

// named returns the records that a word names: one by its ref or number, or
// all of a golden record.
func (h *Hub) named(ctx context.Context, word string) ([]golden.Member, error) {
	if strings.Count(word, "/") >= 2 {
		parts := strings.SplitN(word, "/", 3)
		m, err := h.golden.ByRef(ctx, record.Ref{Source: parts[0], Stream: parts[1], Type: record.Customer, Key: parts[2]})
		if err != nil {
			return nil, err
		}
		return []golden.Member{m}, nil
	}
	g, err := h.byID(ctx, word)
	if err != nil {
		return nil, err
	}
	if len(g.Members) == 0 {
		return nil, fault.New("E5020", "", "id", golden.IDText(g.ID))
	}
	return g.Members, nil
}

// closest returns the two different records, one of each list, that score
// highest; of one list with itself, the two that score lowest would tell
// nothing, so the highest too.
func (h *Hub) closest(x, y []golden.Member) (a, b golden.Member) {
	best, found := int32(0), false
	for _, m := range x {
		for _, n := range y {
			if m.RecordID == n.RecordID {
				continue
			}
			if w := h.resolver().Explain(member(m), member(n)); !found || w.Score > best {
				a, b, best, found = m, n, w.Score, true
			}
		}
	}
	if !found {
		return x[0], y[0]
	}
	return a, b
}

func member(m golden.Member) entity.Member {
	return entity.Member{ID: m.RecordID, Ref: m.Ref, Own: m.Own, UpdatedAt: m.UpdatedAt, Fields: m.Fields}
}

// waterfall explains two records.
func (h *Hub) waterfall(ctx context.Context, a, b golden.Member, r Reveal) (Waterfall, error) {
	k := h.keyClasses()
	w := h.resolver().Explain(member(a), member(b))
	v := Waterfall{
		Left: h.recordView(a, k, r), Right: h.recordView(b, k, r), Prior: Bits(w.Prior), Steps: []Step{}, Score: Bits(w.Score), Merge: Bits(w.Merge), Review: Bits(w.Review),
		Verdict: w.Verdict.String(), Probability: w.Probability, Exact: w.Exact, SharedKeys: w.Blocks, Changes: []Change{}, Model: h.model.Version(),
	}
	for _, s := range w.Steps {
		v.Steps = append(v.Steps, Step{Comparison: s.Comparison, Level: s.Level, Bits: Bits(s.Bits), Rarity: Bits(s.Rarity)})
	}
	for _, c := range h.model.WhatIf(member(a), member(b)) {
		v.Changes = append(v.Changes, Change{c.Comparison, c.Level, Bits(c.Bits), Bits(c.Score), c.Verdict.String()})
	}
	ids := []entity.RecordID{a.RecordID, b.RecordID}
	judged, err := h.golden.Judgements(ctx, ids)
	if err != nil {
		return v, err
	}
	for _, j := range judged {
		if min(j.A, j.B) == min(ids[0], ids[1]) && max(j.A, j.B) == max(ids[0], ids[1]) {
			v.Judgement = string(j.Kind)
		}
	}
	places, err := h.golden.Places(ctx, ids)
	if err != nil {
		return v, err
	}
	v.Together = places[ids[0]].Entity == places[ids[1]].Entity && a.RecordID != b.RecordID
	if v.Together {
		if v.Built, err = h.built(ctx, places[ids[0]].Entity, k, r); err != nil {
			return v, err
		}
	}
	for _, s := range reasons(&v, &w) {
		v.Why = append(v.Why, s[h.o.Lang])
	}
	return v, nil
}

// mostBuilt is how many records a customer has at most whose steps are told.
const mostBuilt = 100

// built says how a customer was put together.
func (h *Hub) built(ctx context.Context, id entity.ID, k keys, r Reveal) ([]Joined, error) {
	g, err := h.golden.Get(ctx, id)
	if err != nil || len(g.Members) > mostBuilt {
		return nil, err
	}
	members, ids := memberList(g)
	judged, err := h.golden.Judgements(ctx, ids)
	if err != nil {
		return nil, err
	}
	views := map[entity.RecordID]RecordView{}
	for _, m := range g.Members {
		v := h.recordView(m, k, r)
		v.Fields = nil
		views[m.RecordID] = v
	}
	list := func(ids []entity.RecordID) []RecordView {
		out := make([]RecordView, len(ids))
		for i, id := range ids {
			out[i] = views[id]
		}
		return out
	}
	var out []Joined
	for _, s := range h.model.Built(members, judged) {
		out = append(out, Joined{list(s.Left), list(s.Right), Bits(s.Average), Bits(s.Score), s.Judged})
	}
	return out, nil
}

// reasons are the sentences that say why, or why not.
func reasons(v *Waterfall, w *mdm.Waterfall) []fault.Text {
	var all []fault.Text
	say := func(en, zh string) { all = append(all, fault.Text{en, zh}) }
	switch {
	case v.Judgement == string(entity.MustLink):
		say("A steward said that they are one customer; that holds whatever the score.", "数据管家已裁定为同一客户；无论得分如何均有效。")
	case v.Judgement == string(entity.CannotLink):
		say("A steward said that they are two customers; that holds whatever the score.", "数据管家已裁定为两位客户；无论得分如何均有效。")
	}
	if v.SharedKeys == 0 {
		say("They share no blocking key, so they were never compared by themselves.", "两条记录没有共同的分块键，因此从未直接比较。")
	}
	if v.Exact {
		say("A number that is issued once agrees exactly: that decides alone.", "唯一编号完全一致：仅凭此即可判定。")
	}
	switch reached := w.Score >= w.Merge; {
	case v.Together && reached:
		say("The score reaches the merge threshold: they are one customer.", "得分达到合并阈值：为同一客户。")
	case v.Together:
		say("The two alone would not be joined; the other records of the customer connect them.", "仅凭这两条不会合并；由该客户的其他记录将其联系在一起。")
	case reached && v.Judgement == "":
		say("The two alone would be joined, but the other records of their customers speak against it on average.", "仅凭这两条会合并，但两位客户的其他记录平均而言不支持。")
	case w.Score >= w.Review:
		say("The score lies between the review and the merge threshold: a person should look.", "得分介于审核阈值与合并阈值之间：应由人工审核。")
	default:
		say("The score is below the review threshold: they are two customers.", "得分低于审核阈值：为两位客户。")
	}
	if c := decisive(v); c != nil {
		say(fmt.Sprintf("What would change it: %s: %s (%s bits) would give %s, a %s.", ComparisonWord(c.Comparison, fault.English), LevelWord(c.Level, fault.English), c.Bits, c.Score, c.Verdict),
			fmt.Sprintf("何种情况会改变结论：若%s为“%s”（%s 比特），得分将为 %s，即%s。", ComparisonWord(c.Comparison, fault.Chinese), LevelWord(c.Level, fault.Chinese), c.Bits, c.Score, VerdictWord(c.Verdict, fault.Chinese)))
	}
	return all
}

// decisive is the change that a person asks for first: what would make two
// records a match, or a match none.
func decisive(v *Waterfall) *Change {
	for i := range v.Changes {
		if v.Verdict == match.Match.String() || v.Changes[i].Verdict == match.Match.String() {
			return &v.Changes[i]
		}
	}
	return nil
}

// probability is the chance that a score in bits stands for.
func probability(b Bits) string {
	return strconv.FormatFloat(fellegisunter.Bits(b).Probability(), 'f', 4, 64)
}
