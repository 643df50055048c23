package hub

import (
	"context"
	"io"
	"slices"
	"strconv"
	"strings"

	"crmhub/fault"
	"crmhub/hub/sheet"
	"crmhub/mdm/entity"
	"crmhub/mdm/review"
	"crmhub/record"
	"crmhub/store/golden"
)

// ReviewItem is one question of the queue as it is shown.
type ReviewItem struct {
	ID      string       `json:"id"`
	Score   Bits         `json:"score"`
	Cause   review.Cause `json:"cause"`
	Impact  int          `json:"impact"`
	Pairs   int          `json:"pairs"`
	Skipped bool         `json:"skipped,omitempty"`
	State   string       `json:"state"`
	Left    RecordView   `json:"left"`
	Right   RecordView   `json:"right"`
	// Golden are the ids of the two golden records.
	Golden [2]string `json:"golden"`
}

// ReviewQueue is the beginning of the queue and how long it is.
type ReviewQueue struct {
	Waiting int          `json:"waiting"`
	Skipped int          `json:"skipped"`
	Items   []ReviewItem `json:"items"`
}

// ReviewNext is the first question that was not skipped, with what speaks for
// it and against. Item is nil where nothing waits.
type ReviewNext struct {
	Waiting   int         `json:"waiting"`
	Item      *ReviewItem `json:"item"`
	Waterfall *Waterfall  `json:"waterfall,omitempty"`
}

// queue computes the queue from the store as it stands, the dirty records
// resolved or not.
func (h *Hub) queue(ctx context.Context) ([]review.Item, error) {
	pairs, err := h.resolver().Doubts(ctx)
	if err != nil {
		return nil, err
	}
	skipped, err := h.golden.Skipped(ctx)
	if err != nil {
		return nil, err
	}
	return review.Queue(pairs, skipped), nil
}

// Review returns the first questions of the queue; limit 0 means all.
func (h *Hub) Review(ctx context.Context, limit int, r Reveal) (ReviewQueue, error) {
	if err := r.allow(); err != nil {
		return ReviewQueue{}, err
	}
	if err := h.open(ctx); err != nil {
		return ReviewQueue{}, err
	}
	if err := h.recorded(ctx, r, "review list"); err != nil {
		return ReviewQueue{}, err
	}
	items, err := h.queue(ctx)
	if err != nil {
		return ReviewQueue{}, err
	}
	q := ReviewQueue{Items: []ReviewItem{}}
	for _, i := range items {
		if i.Skipped {
			q.Skipped++
		} else {
			q.Waiting++
		}
	}
	if limit > 0 {
		items = items[:min(limit, len(items))]
	}
	q.Items, err = h.reviewItems(ctx, items, r)
	return q, err
}

// reviewItems opens the records of questions.
func (h *Hub) reviewItems(ctx context.Context, items []review.Item, r Reveal) ([]ReviewItem, error) {
	k := h.keyClasses()
	out := []ReviewItem{}
	for part := range slices.Chunk(items, 1000) {
		var ids []entity.RecordID
		for _, i := range part {
			ids = append(ids, i.A.Record, i.B.Record)
		}
		slices.Sort(ids)
		members, err := h.golden.CurrentMembers(ctx, slices.Compact(ids))
		if err != nil {
			return nil, err
		}
		views := map[entity.RecordID]RecordView{}
		for _, m := range members {
			views[m.RecordID] = h.recordView(m, k, r)
		}
		for _, i := range part {
			out = append(out, ReviewItem{
				ID: i.ID(), Score: Bits(i.Score), Cause: i.Cause, Impact: i.Impact, Pairs: i.Pairs, Skipped: i.Skipped, State: i.State(),
				Left: views[i.A.Record], Right: views[i.B.Record], Golden: [2]string{golden.IDText(i.A.Entity), golden.IDText(i.B.Entity)},
			})
		}
	}
	return out, nil
}

// NextReview returns the first question that was not skipped, explained.
func (h *Hub) NextReview(ctx context.Context, r Reveal) (ReviewNext, error) {
	if err := r.allow(); err != nil {
		return ReviewNext{}, err
	}
	if err := h.open(ctx); err != nil {
		return ReviewNext{}, err
	}
	if err := h.recorded(ctx, r, "review next"); err != nil {
		return ReviewNext{}, err
	}
	items, err := h.queue(ctx)
	if err != nil {
		return ReviewNext{}, err
	}
	items = slices.DeleteFunc(items, func(i review.Item) bool { return i.Skipped })
	n := ReviewNext{Waiting: len(items)}
	if len(items) == 0 {
		return n, nil
	}
	first, err := h.reviewItems(ctx, items[:1], r)
	if err != nil {
		return n, err
	}
	n.Item = &first[0]
	members, err := h.golden.CurrentMembers(ctx, []entity.RecordID{items[0].A.Record, items[0].B.Record})
	if err != nil || len(members) != 2 {
		return n, err
	}
	w, err := h.waterfall(ctx, members[0], members[1], r)
	n.Waterfall = &w
	return n, err
}

// reviewRow is one decision and where it stands.
type reviewRow struct {
	review.Decision
	id, place, reason, state string
}

// Decide writes a steward's word on one pair and resolves, so that golden
// records obey it. A pair is named as the queue names it.
func (h *Hub) Decide(ctx context.Context, id, answer, reason string, events func(Event)) (decided ReviewResult, err error) {
	return h.decide(ctx, "review decide", events, func() ([]reviewRow, error) {
		return []reviewRow{{id: id, reason: reason, Decision: review.Decision{Answer: review.Answer(answer)}}}, nil
	})
}

// ReviewResult is what came of decisions.
type ReviewResult struct {
	Linked  int `json:"linked"`
	Apart   int `json:"not"`
	Skipped int `json:"skipped"`
	Empty   int `json:"empty"`
	// Already are decisions that stand, said once more.
	Already int           `json:"already"`
	Resolve ResolveResult `json:"resolve"`
	// Refused are the rows that cannot be taken; with one, nothing was decided.
	Refused []*fault.Error `json:"-"`
}

// decide checks decisions, and takes all of them or none.
func (h *Hub) decide(ctx context.Context, what string, events func(Event), collect func() ([]reviewRow, error)) (res ReviewResult, err error) {
	err = h.locked(ctx, what, func() error {
		if err := h.warnClock(ctx, events); err != nil {
			return err
		}
		rows, err := collect()
		if err != nil {
			return err
		}
		if rows, err = h.judgeable(ctx, rows, &res); err != nil {
			return err
		}
		if len(res.Refused) > 0 {
			return res.Refused[0]
		}
		for _, r := range rows {
			j := entity.Judgement{A: r.A, B: r.B, By: h.o.Who, At: h.now(), Reason: r.reason}
			switch r.Answer {
			case review.Link:
				j.Kind = entity.MustLink
				res.Linked++
			case review.Not:
				j.Kind = entity.CannotLink
				res.Apart++
			default:
				res.Skipped++
				if err := h.golden.Skip(ctx, j); err != nil {
					return err
				}
				continue
			}
			if err := h.golden.Judge(ctx, j); err != nil {
				return err
			}
		}
		res.Resolve, err = h.resolve(ctx, events)
		return err
	})
	return res, err
}

// judgeable returns the rows that hold a decision, and notes in res what is
// wrong with any.
func (h *Hub) judgeable(ctx context.Context, rows []reviewRow, res *ReviewResult) ([]reviewRow, error) {
	refuse := func(code fault.Code, r *reviewRow, args ...any) {
		res.Refused = append(res.Refused, fault.New(code, r.place, args...))
	}
	var good []reviewRow
	var ids []entity.RecordID
	for _, r := range rows {
		a, b, named := review.ParseID(r.id)
		answer, understood := review.ParseAnswer(string(r.Answer))
		switch {
		case r.Answer == "":
			res.Empty++
		case !named:
			refuse("E6505", &r, "pair", shortened(r.id))
		case !understood:
			refuse("E6508", &r, "pair", r.id)
		case answer != review.Skip && strings.TrimSpace(r.reason) == "":
			refuse("E6501", &r)
		default:
			r.Decision = review.Decision{A: a, B: b, Answer: answer}
			good = append(good, r)
			ids = append(ids, a, b)
		}
	}
	slices.Sort(ids)
	ids = slices.Compact(ids)
	places := map[entity.RecordID]review.Side{}
	if len(ids) > 0 {
		var err error
		if places, err = h.golden.Places(ctx, ids); err != nil {
			return nil, err
		}
	}
	stand, err := h.golden.Judgements(ctx, nil)
	if err != nil {
		return nil, err
	}
	// A sheet that is read back twice, or filled in and read back bit by bit, says
	// again what it said.
	good = slices.DeleteFunc(good, func(r reviewRow) bool {
		if r.state == "" || !review.Stands(r.Decision, stand) {
			return false
		}
		res.Already++
		return true
	})
	decisions := make([]review.Decision, len(good))
	for i := range good {
		r := &good[i]
		decisions[i] = r.Decision
		a, okA := places[r.A]
		b, okB := places[r.B]
		if p := (review.Pair{A: a, B: b}); !okA || !okB {
			refuse("E6505", r, "pair", r.id)
		} else if r.state != "" && r.state != p.State() {
			refuse("E6506", r, "pair", r.id)
		}
	}
	for _, i := range review.Contradictions(decisions, stand) {
		refuse("E6507", &good[i], "pair", good[i].id)
	}
	return good, nil
}

// shortened keeps a word from a sheet out of messages unless it is a plain name.
func shortened(id string) string {
	if strings.Trim(id, "0123456789-") != "" || len(id) > 40 {
		return "?"
	}
	return id
}

// The columns of a sheet that are not the records'.
var reviewColumns = []string{"_pair", "_state", "decision", "reason", "bits", "probability", "cause", "impact", "left", "right"}

// ExportReview writes the queue as a sheet in which stewards decide: a row a
// pair, the values of both records side by side, masked unless revealed. It
// returns how many pairs there are.
func (h *Hub) ExportReview(ctx context.Context, w io.Writer, format string, limit int, r Reveal) (int, error) {
	q, err := h.Review(ctx, limit, r)
	if err != nil {
		return 0, err
	}
	var fields []string
	for _, i := range q.Items {
		for _, f := range []record.Fields{i.Left.Fields, i.Right.Fields} {
			for name := range f {
				if !slices.Contains(fields, name) {
					fields = append(fields, name)
				}
			}
		}
	}
	slices.Sort(fields)
	header := slices.Clone(reviewColumns)
	for _, name := range fields {
		header = append(header, name+" (left)", name+" (right)")
	}
	rows := make([][]string, len(q.Items))
	for n, i := range q.Items {
		p := probability(i.Score)
		rows[n] = []string{i.ID, i.State, "", "", i.Score.String(), p, string(i.Cause), strconv.Itoa(i.Impact), name(i.Left), name(i.Right)}
		for _, f := range fields {
			rows[n] = append(rows[n], sheet.Cell(i.Left.Fields[f]), sheet.Cell(i.Right.Fields[f]))
		}
	}
	return len(rows), sheet.WriteTable(w, format, "review", header, rows)
}

func name(r RecordView) string { return r.Source + "/" + r.Stream + "/" + r.Key }

// ImportReview takes the decisions of an edited sheet: all of them, or, where
// a row cannot be taken, none. Rows without a decision are left as they are.
func (h *Hub) ImportReview(ctx context.Context, path string, events func(Event)) (ReviewResult, error) {
	table, err := sheet.ReadTable(path, "_pair", "_state", "decision", "reason")
	if err != nil {
		return ReviewResult{}, err
	}
	return h.decide(ctx, "review import", events, func() ([]reviewRow, error) {
		rows := make([]reviewRow, len(table))
		for i, t := range table {
			rows[i] = reviewRow{id: t.Cells["_pair"], place: t.Place, reason: t.Cells["reason"], state: t.Cells["_state"], Decision: review.Decision{Answer: review.Answer(t.Cells["decision"])}}
			if rows[i].state == "" {
				rows[i].state = "?" // a row without its state was not exported like that
			}
		}
		return rows, nil
	})
}
