package survive

import (
	"slices"

	"crmhub/mdm/entity"
	"crmhub/record"
)

// Outcome says in one word what became of a candidate's value.
type Outcome string

// The outcomes. A value loses to the one that was chosen by the first of these
// that tells them apart.
const (
	Chosen      Outcome = "chosen"
	Contributed Outcome = "contributed" // to a list, or to consents
	Repeats     Outcome = "repeats"     // a list had it already, or in more detail
	Faulty      Outcome = "faulty"      // Candidate.Fault says how
	LessTrusted Outcome = "less_trusted"
	LessCommon  Outcome = "less_frequent"
	LessFull    Outcome = "less_complete"
	Shorter     Outcome = "shorter"
	Older       Outcome = "older"
	ByName      Outcome = "by_name" // equal in everything: the record's name decides
	SetAside    Outcome = "overridden"
)

// Candidate is one member's value of an attribute and what became of it.
type Candidate struct {
	Record  entity.RecordID
	Value   any
	Outcome Outcome
	Fault   Fault
	// Score is what the strategy counted: the trust in millionths of a point (or
	// the place in a list), how many records agree, words or parts, letters.
	Score int64
}

// Decision is how the value of one attribute was chosen.
type Decision struct {
	Attribute string
	// Value is the golden one; nil where there is none.
	Value any
	Rule  string
	// Group are the attributes that were chosen together with it.
	Group []string
	// Candidates are the members that have a value, in the order of ties.
	Candidates []Candidate
	// Override is the steward's word that stands, if any.
	Override *entity.Override
}

// Explain says how Golden chose the value of one attribute.
func (r *Rules) Explain(attribute string, members []entity.Member, overrides ...entity.Override) Decision {
	g := r.Golden(members, overrides...)
	d := Decision{Attribute: attribute, Value: g.Fields[attribute], Rule: g.Provenance[attribute].Rule}
	if o := standing(overrides)[attribute]; o != nil {
		stands := *o
		d.Override = &stands
	}
	cs := candidates(members)
	now := newest(cs)
	of := func(f record.Fields) any { return f[attribute] }
	complete := func(f record.Fields) int { return parts(of(f)) }
	strategy := r.strategy(attribute)
	decisive := of
	var group *Group
	for i := range r.Groups {
		if slices.Contains(r.Groups[i].Attributes, attribute) {
			group = &r.Groups[i]
			d.Group, strategy, decisive, complete = group.Attributes, group.Strategy, group.of, group.filled
		}
	}
	with := having(cs, decisive)
	var flaws []Fault
	if group != nil {
		flaws = group.faults(with)
	} else {
		flaws = faults(attribute, with)
	}
	switch {
	case len(with) == 0:
	case group == nil && listed(attribute, with):
		d.lists(attribute, with, g.Provenance[attribute])
	default:
		best := r.choose(strategy, now, with, decisive, flaws, complete)
		var scores []int64
		if len(with) > 1 {
			scores = r.scores(strategy, now, with, decisive, flaws, complete)
		}
		for i, c := range with {
			k := Candidate{Record: c.ID, Value: of(c.Fields), Outcome: Chosen}
			if scores != nil {
				k.Score, k.Fault = scores[i], flaws[i]
			}
			if i != best {
				k.Outcome = lost(strategy, with, i, best, scores, flaws)
			}
			d.Candidates = append(d.Candidates, k)
		}
	}
	if d.Override != nil {
		for i := range d.Candidates {
			d.Candidates[i].Outcome = SetAside
		}
	}
	return d
}

// lost says what told candidate i from the best.
func lost(s Strategy, with []candidate, i, best int, scores []int64, flaws []Fault) Outcome {
	switch {
	case flaws[i] != "" && flaws[best] == "":
		return Faulty
	case scores[i] < scores[best]:
		return map[Strategy]Outcome{SourceTrust: LessTrusted, MostFrequent: LessCommon, MostComplete: LessFull, Longest: Shorter}[s]
	case with[i].UpdatedAt.Before(with[best].UpdatedAt):
		return Older
	}
	return ByName
}

// lists says of each record whether its part of a list lives.
func (d *Decision) lists(attribute string, with []candidate, p entity.Provenance) {
	golden, _ := d.Value.([]any)
	lives := map[string]bool{}
	for _, v := range golden {
		lives[key(v)] = true
	}
	for _, c := range with {
		list, ok := c.Fields[attribute].([]any)
		if !ok {
			list = []any{c.Fields[attribute]}
		}
		k := Candidate{Record: c.ID, Value: c.Fields[attribute], Outcome: Repeats}
		for _, v := range list {
			if lives[key(v)] {
				k.Outcome = Contributed
			} else if f := check(attribute, v); f != "" && k.Outcome != Contributed {
				k.Outcome, k.Fault = Faulty, f
			}
		}
		if p.From == c.ID && p.Rule == Only {
			k.Outcome = Chosen
		}
		d.Candidates = append(d.Candidates, k)
	}
}
