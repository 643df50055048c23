package survive

import (
	"slices"
	"strings"

	"crmhub/mdm/entity"
)

// item is one element of a list and the record that it came from.
type item struct {
	value any
	key   string
	from  entity.RecordID
}

// union puts lists together: the newest record's elements first, each value
// once, and none that another one says in more detail.
func union(name string, with []candidate, g *entity.Golden) {
	if list, ok := with[0].Fields[name].([]any); ok && len(with) == 1 && len(list) == 1 {
		g.Fields[name] = list
		g.Provenance[name] = entity.Provenance{From: with[0].ID, Rule: Only}
		return
	}
	var items []item
	var all []entity.RecordID
	seen := map[string]bool{}
	for _, c := range with {
		list, ok := c.Fields[name].([]any)
		if !ok {
			list = []any{c.Fields[name]}
		}
		contributed := false
		for _, v := range list {
			if len(items) > 0 && alike(v, items[0].value) {
				contributed = true
				continue
			}
			var k string
			if name == "phones" || name == "emails" {
				k = exact(v)
			} else {
				k = key(v)
			}
			if k == "" {
				continue
			}
			contributed = true
			if !seen[k] {
				seen[k] = true
				items = append(items, item{v, k, c.ID})
			}
		}
		if contributed {
			all = append(all, c.ID)
		}
	}
	if name == "addresses" {
		items = mostDetailed(items)
	}
	items = sound(name, items)
	if len(items) == 0 {
		return
	}
	out := make([]any, len(items))
	for i, it := range items {
		out[i] = it.value
	}
	g.Fields[name] = out
	g.Provenance[name] = contributors(all, Union)
}

// sound drops the elements that have a fault where others have none.
func sound(name string, items []item) []item {
	faulty := func(i item) bool { return check(name, i.value) != "" }
	if len(items) < 2 || !slices.ContainsFunc(items, faulty) {
		return items
	}
	if left := slices.DeleteFunc(slices.Clone(items), faulty); len(left) > 0 {
		return left
	}
	return items
}

func contributors(all []entity.RecordID, rule string) entity.Provenance {
	if len(all) == 1 {
		return entity.Provenance{From: all[0], Rule: Only}
	}
	slices.Sort(all)
	return entity.Provenance{All: slices.Compact(all), Rule: rule}
}

// exact is the key of values that letters and signs tell apart.
func exact(v any) string {
	s, ok := v.(string)
	if !ok {
		return key(v)
	}
	return strings.ToLower(strings.TrimSpace(s))
}

// mostDetailed drops addresses all of whose parts stand in another one.
func mostDetailed(items []item) []item {
	if len(items) < 2 || len(items) > 64 {
		return items
	}
	return slices.DeleteFunc(slices.Clone(items), func(a item) bool {
		return slices.ContainsFunc(items, func(b item) bool { return a.key != b.key && within(a.value, b.value) })
	})
}

func within(a, b any) bool {
	x, okX := a.(map[string]any)
	y, okY := b.(map[string]any)
	if !okX || !okY || len(x) >= len(y) {
		return false
	}
	for k, v := range x {
		w, ok := y[k]
		if !ok || key(v) != key(w) {
			return false
		}
	}
	return true
}

// restrictions order the states of a consent, the most restrictive first.
var restrictions = []string{"withdrawn", "denied", "pending", "unknown", "granted"}

// consents keeps one consent for each purpose and channel: the most
// restrictive, and of equal ones the latest given.
func consents(with []candidate, g *entity.Golden) {
	type purpose struct{ purpose, channel string }
	best := map[purpose]map[string]any{}
	var order []purpose
	var all []entity.RecordID
	for _, c := range with {
		list, _ := c.Fields["consents"].([]any)
		for _, v := range list {
			m, ok := v.(map[string]any)
			if !ok {
				continue
			}
			all = append(all, c.ID)
			p := purpose{lower(m["purpose"]), lower(m["channel"])}
			stands, ok := best[p]
			if !ok {
				order = append(order, p)
			}
			if !ok || tighter(m, stands) {
				best[p] = m
			}
		}
	}
	if len(order) == 0 {
		return
	}
	slices.SortFunc(order, func(a, b purpose) int {
		if c := strings.Compare(a.purpose, b.purpose); c != 0 {
			return c
		}
		return strings.Compare(a.channel, b.channel)
	})
	out := make([]any, len(order))
	for i, p := range order {
		out[i] = best[p]
	}
	g.Fields["consents"] = out
	slices.Sort(all)
	g.Provenance["consents"] = contributors(slices.Compact(all), Restrictive)
}

func lower(v any) string {
	s, _ := v.(string)
	return strings.ToLower(s)
}

func tighter(a, b map[string]any) bool {
	x, y := rank(a), rank(b)
	if x != y {
		return x < y
	}
	at, _ := a["at"].(string)
	bt, _ := b["at"].(string)
	if at != bt {
		return at > bt
	}
	return key(a) < key(b)
}

func rank(m map[string]any) int {
	if i := slices.Index(restrictions, lower(m["status"])); i >= 0 {
		return i
	}
	return 0 // a word that nobody knows permits nothing
}
