// Package survive chooses which value lives in the golden record, and says why.
package survive

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"crmhub/mdm/entity"
	"crmhub/mdm/standardize"
	"crmhub/record"
)

// Strategy is how one value is chosen among those of the members.
type Strategy string

// The strategies. Ties go to the newer record by the source's own time, then
// by the records' names; when a record was read never matters.
const (
	MostRecent   Strategy = "most_recent"
	SourceTrust  Strategy = "source_trust"
	MostFrequent Strategy = "most_frequent"
	MostComplete Strategy = "most_complete"
	Longest      Strategy = "longest"
)

// Words lists the strategies as model files write them.
func (Strategy) Words() []string {
	return []string{string(MostRecent), string(SourceTrust), string(MostFrequent), string(MostComplete), string(Longest)}
}

// The rules that provenance names besides the strategies.
const (
	Only        = "only"             // no other member had a value
	Union       = "union"            // lists put together, each value once
	Restrictive = "most_restrictive" // consents
	Derived     = "derived"          // computed from other golden values
	Overridden  = "override"         // a steward's word
)

// Rules say how golden records are put together. The zero Rules choose the
// most recent value of everything.
type Rules struct {
	Default Strategy `yaml:"default"`
	// Sources are connections in order of trust, the best first. Trust says how
	// far each is believed and how fast that fades, and then stands in its place.
	Sources    []string            `yaml:"sources"`
	Trust      map[string]Trust    `yaml:"trust"`
	Attributes map[string]Strategy `yaml:"attributes"`
	Groups     []Group             `yaml:"groups"`
}

// Group is attributes that live and die together: all come from one record.
type Group struct {
	Attributes []string `yaml:"attributes"`
	Strategy   Strategy `yaml:"strategy"`
}

// candidate is one member in the order of preference that holds for all ties.
type candidate struct {
	*entity.Member
	ref string
}

// candidates are members in the order of ties.
func candidates(members []entity.Member) []candidate {
	cs := make([]candidate, len(members))
	for i := range members {
		cs[i] = candidate{Member: &members[i]}
		if len(members) > 1 {
			cs[i].ref = members[i].Ref.Canonical()
		}
	}
	slices.SortFunc(cs, newerFirst)
	return cs
}

// Golden returns the golden record of an entity's members: a pure function of
// them, the rules and the overrides that stand on its records, whatever their
// order. Its ID is left to the resolver.
func (r *Rules) Golden(members []entity.Member, overrides ...entity.Override) entity.Golden {
	most := 0
	for i := range members {
		most = max(most, len(members[i].Fields))
	}
	most += 3 // what is derived, and what the fullest record lacks
	g := entity.Golden{Fields: make(record.Fields, most), Provenance: make(map[string]entity.Provenance, most), Members: make([]entity.RecordID, len(members))}
	for i := range members {
		g.Members[i] = members[i].ID
	}
	slices.Sort(g.Members)
	cs := candidates(members)
	now := newest(cs)
	grouped := r.grouped()
	r.groups(cs, now, &g)
	for i, c := range cs {
		for name := range c.Fields {
			if _, done := g.Provenance[name]; done || i > 0 && stood(cs[:i], name) || grouped[name] || name == "name_pinyin" {
				continue
			}
			r.attribute(name, cs, now, &g)
		}
	}
	override(overrides, &g)
	wholeName(overrides, &g)
	pinyin(&g)
	return g
}

// stood reports whether one of these has an attribute, which was seen to then.
func stood(cs []candidate, name string) bool {
	return slices.ContainsFunc(cs, func(c candidate) bool { _, ok := c.Fields[name]; return ok })
}

// newerFirst is the order of all ties: dated before undated, newer before
// older, then by name.
func newerFirst(a, b candidate) int {
	if c := b.UpdatedAt.Compare(a.UpdatedAt); c != 0 {
		return c
	}
	return strings.Compare(a.ref, b.ref)
}

// grouped are the attributes that groups see to.
func (r *Rules) grouped() map[string]bool {
	m := map[string]bool{}
	for _, group := range r.Groups {
		for _, a := range group.Attributes {
			m[a] = true
		}
	}
	return m
}

func (r *Rules) groups(cs []candidate, now time.Time, g *entity.Golden) {
	for i := range r.Groups {
		group := &r.Groups[i]
		with := having(cs, group.of)
		if len(with) == 0 {
			continue
		}
		c := with[r.choose(group.Strategy, now, with, group.of, group.faults(with), group.filled)]
		for _, a := range group.Attributes {
			if v, ok := c.Fields[a]; ok {
				g.Fields[a] = v
				g.Provenance[a] = entity.Provenance{From: c.ID, Rule: rule(group.Strategy, len(with))}
			}
		}
	}
}

// of is what stands for a group in counts.
func (g *Group) of(f record.Fields) any { return leading(g.Attributes, f) }

func (g *Group) filled(f record.Fields) int {
	n := 0
	for _, a := range g.Attributes {
		if _, ok := f[a]; ok {
			n++
		}
	}
	return n
}

// faults are what is wrong with the group of each record: what is wrong with
// the first of its values that is.
func (g *Group) faults(with []candidate) []Fault {
	all := make([]Fault, len(with))
	for i, c := range with {
		for _, a := range g.Attributes {
			if v, ok := c.Fields[a]; ok && all[i] == "" {
				all[i] = check(a, v)
			}
		}
	}
	return all
}

// leading is what stands for a group in counts: its first attribute, or else
// the others together.
func leading(attributes []string, f record.Fields) any {
	if v, ok := f[attributes[0]]; ok {
		return v
	}
	var all []string
	for _, a := range attributes[1:] {
		if v, ok := f[a]; ok {
			all = append(all, key(v))
		}
	}
	if len(all) == 0 {
		return nil
	}
	return strings.Join(all, " ")
}

func having(cs []candidate, of func(record.Fields) any) []candidate {
	out := cs[:0:0]
	for _, c := range cs {
		if of(c.Fields) != nil {
			out = append(out, c)
		}
	}
	return out
}

func rule(s Strategy, candidates int) string {
	switch {
	case candidates == 1:
		return Only
	case s == "":
		return string(MostRecent)
	}
	return string(s)
}

func (r *Rules) attribute(name string, cs []candidate, now time.Time, g *entity.Golden) {
	of := func(f record.Fields) any { return f[name] }
	with := having(cs, of)
	if len(with) == 0 {
		return
	}
	if listed(name, with) {
		if name == "consents" {
			consents(with, g)
			return
		}
		union(name, with, g)
		return
	}
	strategy, best := r.strategy(name), 0
	if strategy == SourceTrust || !unanimous(name, with) {
		best = r.choose(strategy, now, with, of, faults(name, with), func(f record.Fields) int { return parts(of(f)) })
	}
	c := with[best]
	g.Fields[name] = of(c.Fields)
	g.Provenance[name] = entity.Provenance{From: c.ID, Rule: rule(strategy, len(with))}
}

// unanimous reports whether all of these records have a value that is written alike: what is
// said of the value itself then makes none of them better.
func unanimous(name string, with []candidate) bool {
	for _, c := range with[1:] {
		if !alike(with[0].Fields[name], c.Fields[name]) {
			return false
		}
	}
	return true
}

// listed reports whether one of these records has a list of this attribute.
func listed(name string, with []candidate) bool {
	return slices.ContainsFunc(with, func(c candidate) bool { _, list := c.Fields[name].([]any); return list })
}

// strategy is the one that an attribute outside groups is chosen by.
func (r *Rules) strategy(name string) Strategy {
	s, ok := r.Attributes[name]
	if !ok {
		s = r.Default
	}
	return s
}

func faults(name string, with []candidate) []Fault {
	if len(with) == 1 {
		return nil // nothing is there to be preferred
	}
	all := make([]Fault, len(with))
	for i, c := range with {
		if v := c.Fields[name]; i > 0 && alike(v, with[i-1].Fields[name]) {
			all[i] = all[i-1]
		} else {
			all[i] = check(name, v)
		}
	}
	return all
}

// choose returns the place of the best candidate; with is in the order of
// ties. A value that has a fault loses to every one that has none.
func (r *Rules) choose(s Strategy, now time.Time, with []candidate, of func(record.Fields) any, faults []Fault, complete func(record.Fields) int) int {
	if len(with) == 1 {
		return 0
	}
	scores := r.scores(s, now, with, of, faults, complete)
	best := 0
	for i := range with {
		if sound := faults[i] == ""; sound != (faults[best] == "") {
			if sound {
				best = i
			}
		} else if scores[i] > scores[best] {
			best = i
		}
	}
	return best
}

// scores are what a strategy gives to each candidate; the greatest wins. Values
// with a fault have no voice in what is frequent.
func (r *Rules) scores(s Strategy, now time.Time, with []candidate, of func(record.Fields) any, faults []Fault, complete func(record.Fields) int) []int64 {
	scores := make([]int64, len(with))
	var counts map[string]int64
	if s == MostFrequent {
		counts = make(map[string]int64, len(with))
		for i, c := range with {
			if faults[i] == "" {
				counts[key(of(c.Fields))]++
			}
		}
	}
	for i := range with {
		f := with[i].Fields
		switch s {
		case SourceTrust:
			scores[i] = r.trust(&with[i], now)
		case MostFrequent:
			scores[i] = counts[key(of(f))]*64 + int64(min(complete(f), 63))
		case MostComplete:
			scores[i] = int64(complete(f))
		case Longest:
			scores[i] = int64(length(of(f)))
		}
	}
	return scores
}

// alike reports whether two values are written alike, as far as that is seen at a
// glance: texts, and objects of texts.
func alike(a, b any) bool {
	switch x := a.(type) {
	case string:
		y, ok := b.(string)
		return ok && x == y
	case map[string]any:
		y, ok := b.(map[string]any)
		if !ok || len(x) != len(y) {
			return false
		}
		for k, v := range x {
			if s, ok := v.(string); !ok || y[k] != s {
				return false
			}
		}
		return true
	}
	return false
}

// key is equal for values that say the same.
func key(v any) string {
	switch x := v.(type) {
	case string:
		return standardize.Fold(x)
	case map[string]any:
		var b strings.Builder
		for _, k := range slices.Sorted(maps.Keys(x)) {
			b.WriteString(k)
			b.WriteByte(0x1F)
			b.WriteString(key(x[k]))
			b.WriteByte(0x1E)
		}
		return b.String()
	}
	b, err := json.Marshal(v)
	if err != nil {
		return ""
	}
	return string(b)
}

// parts counts what is filled in a value: the words of a text, the parts of
// an object.
func parts(v any) int {
	switch x := v.(type) {
	case string:
		return len(strings.Fields(x))
	case map[string]any:
		return len(x)
	}
	return 1
}

func length(v any) int {
	if s, ok := v.(string); ok {
		return utf8.RuneCountInString(s)
	}
	return len(key(v))
}
