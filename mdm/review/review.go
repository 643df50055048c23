// Package review puts the pairs that a steward should look at in order, and checks what stewards decide.
package review

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"crmhub/mdm/entity"
)

// Cause says why a pair is doubtful.
type Cause string

// The causes.
const (
	// Band: the score lies between the review and the merge threshold.
	Band Cause = "band"
	// Bridge: the two alone would be joined, but the other records of their
	// entities speak against it.
	Bridge Cause = "bridge"
)

// Side is one record of a pair and the entity that it belongs to.
type Side struct {
	Record entity.RecordID
	Entity entity.ID
	// Size is how many records the entity has, Version the record's.
	Size    int
	Version int64
}

// Pair is two records of two entities that may be one customer.
type Pair struct {
	A, B Side // A has the smaller record id
	// Score is prior and weight in millibits.
	Score int32
	Cause Cause
}

// ID names a pair for as long as its records are there.
func (p *Pair) ID() string { return fmt.Sprintf("%d-%d", p.A.Record, p.B.Record) }

// State names what a decision on the pair rests on: both records' versions and
// entities. Another state is another question.
func (p *Pair) State() string {
	return fmt.Sprintf("%d.%d.%x.%x", p.A.Version, p.B.Version, p.A.Entity[8:12], p.B.Entity[8:12])
}

// ParseID reads the name of a pair.
func ParseID(id string) (a, b entity.RecordID, ok bool) {
	x, y, cut := strings.Cut(strings.TrimSpace(id), "-")
	m, errA := strconv.ParseInt(x, 10, 64)
	n, errB := strconv.ParseInt(y, 10, 64)
	if !cut || errA != nil || errB != nil || m <= 0 || n <= m {
		return 0, 0, false
	}
	return entity.RecordID(m), entity.RecordID(n), true
}

// Item is one question of the queue: two entities, and the pair of their
// records that speaks for it most.
type Item struct {
	Pair
	// Pairs are how many doubtful pairs the two entities have.
	Pairs int
	// Impact is how many source records get another golden record when the
	// answer is yes.
	Impact  int
	Skipped bool
}

// Queue makes one question of all pairs of the same two entities and puts
// them in order: what changes most comes first, then what is likelier, then by
// records; what was skipped comes last. The order of pairs doesn't matter.
func Queue(pairs []Pair, skipped map[string]bool) []Item {
	type two struct{ a, b entity.ID }
	at := map[two]int{}
	var all []Item
	for _, p := range pairs {
		k := two{p.A.Entity, p.B.Entity}
		if slices.Compare(k.a[:], k.b[:]) > 0 {
			k.a, k.b = k.b, k.a
		}
		i, ok := at[k]
		if !ok {
			i = len(all)
			at[k] = i
			all = append(all, Item{Pair: p, Impact: p.A.Size + p.B.Size})
		} else if before(&p, &all[i].Pair) {
			all[i].Pair = p
		}
		all[i].Pairs++
		all[i].Skipped = all[i].Skipped || skipped[p.ID()]
	}
	slices.SortFunc(all, func(x, y Item) int {
		if x.Skipped != y.Skipped {
			if y.Skipped {
				return -1
			}
			return 1
		}
		return cmp.Or(cmp.Compare(y.Impact, x.Impact), cmp.Compare(y.Score, x.Score), cmp.Compare(x.A.Record, y.A.Record), cmp.Compare(x.B.Record, y.B.Record))
	})
	return all
}

// before says which of two pairs stands for its entities.
func before(x, y *Pair) bool {
	return cmp.Or(cmp.Compare(y.Score, x.Score), cmp.Compare(x.A.Record, y.A.Record), cmp.Compare(x.B.Record, y.B.Record)) < 0
}

// Answer is what a steward says of a pair.
type Answer string

// The answers.
const (
	Link Answer = "link" // one customer
	Not  Answer = "not"  // two customers
	Skip Answer = "skip" // not now
)

// answers are the words that people write, in both languages.
var answers = map[string]Answer{
	"link": Link, "yes": Link, "y": Link, "same": Link, "merge": Link, "是": Link, "合并": Link, "同一客户": Link, "同一": Link,
	"not": Not, "no": Not, "n": Not, "different": Not, "否": Not, "不是": Not, "不同": Not, "不合并": Not,
	"skip": Skip, "?": Skip, "跳过": Skip, "待定": Skip,
}

// ParseAnswer reads an answer as people write it, in English or Chinese.
func ParseAnswer(word string) (Answer, bool) {
	a, ok := answers[strings.ToLower(strings.TrimSpace(word))]
	return a, ok
}

// Decision is an answer to a pair.
type Decision struct {
	A, B   entity.RecordID
	Answer Answer
}

// Stands reports whether a decision says what was judged of its pair last. What
// is skipped is no judgement.
func Stands(d Decision, judged []entity.Judgement) bool {
	var last *entity.Judgement
	for i := range judged {
		j := &judged[i]
		if min(j.A, j.B) != d.A || max(j.A, j.B) != d.B {
			continue
		}
		if last == nil || j.At.After(last.At) || j.At.Equal(last.At) && j.Kind == entity.CannotLink {
			last = j
		}
	}
	return last != nil && (d.Answer == Link && last.Kind == entity.MustLink || d.Answer == Not && last.Kind == entity.CannotLink)
}

// Contradictions returns the places of the decisions that cannot hold together
// with the others and with what was judged before: two records that are linked,
// directly or through others, and said to be two. A decision takes the place of what stood on its pair.
func Contradictions(decisions []Decision, stand []entity.Judgement) []int {
	type pair struct{ a, b entity.RecordID }
	decided := map[pair]Answer{}
	var wrong []int
	for i, d := range decisions {
		p := pair{d.A, d.B}
		if was, ok := decided[p]; ok && was != d.Answer {
			wrong = append(wrong, i)
		}
		decided[p] = d.Answer
	}
	root := map[entity.RecordID]entity.RecordID{}
	var find func(id entity.RecordID) entity.RecordID
	find = func(id entity.RecordID) entity.RecordID {
		if up, ok := root[id]; ok && up != id {
			root[id] = find(up)
			return root[id]
		}
		return id
	}
	var apart []pair
	for p, a := range decided {
		switch a {
		case Link:
			root[find(p.a)] = find(p.b)
		case Not:
			apart = append(apart, p)
		}
	}
	for _, j := range stand {
		p := pair{min(j.A, j.B), max(j.A, j.B)}
		if a, ok := decided[p]; ok && a != Skip {
			continue
		}
		if j.Kind == entity.MustLink {
			root[find(p.a)] = find(p.b)
		} else {
			apart = append(apart, p)
		}
	}
	torn := map[entity.RecordID]bool{}
	for _, p := range apart {
		if find(p.a) == find(p.b) {
			torn[find(p.a)] = true
		}
	}
	for i, d := range decisions {
		if d.Answer != Skip && find(d.A) == find(d.B) && torn[find(d.A)] && !slices.Contains(wrong, i) {
			wrong = append(wrong, i)
		}
	}
	slices.Sort(wrong)
	return wrong
}
