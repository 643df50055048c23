package survive

import (
	"maps"
	"slices"
	"time"

	"crmhub/mdm/entity"
)

// Quality is how good a record is, each part from 0 to 100.
type Quality struct {
	// Completeness is how much is filled of what a customer should have.
	Completeness int `json:"completeness"`
	// Validity is how many of the values have no fault.
	Validity int `json:"validity"`
	// Agreement is how many of the members that know an attribute say what the
	// golden record says. A single record agrees with itself.
	Agreement int `json:"agreement"`
	// Freshness halves every two years since the newest record changed.
	Freshness int `json:"freshness"`
	// Score is 4 parts completeness, 3 validity, 2 agreement, 1 freshness.
	Score int `json:"score"`
}

// wanted is what a customer should have, and what it counts for. Of each group
// of names one is enough.
var wanted = []struct {
	names  []string
	weight int
}{
	{[]string{"full_name", "organisation", "family_name"}, 3},
	{[]string{"phones"}, 2},
	{[]string{"emails"}, 2},
	{[]string{"addresses"}, 2},
	{[]string{"birth_date", "tax_id", "national_id"}, 1},
}

// freshDays is after how many days a record is half as fresh.
const freshDays = 730

// Grade returns the quality of a golden record made of members; aside is how
// many values validation had set aside in them, and now is the moment that ages
// count to: it is given, never asked for. A single source record is graded as
// the golden record of itself.
func Grade(g entity.Golden, members []entity.Member, aside int, now time.Time) Quality {
	var q Quality
	have, all := 0, 0
	for _, w := range wanted {
		all += w.weight
		if slices.ContainsFunc(w.names, func(n string) bool { return g.Fields[n] != nil }) {
			have += w.weight
		}
	}
	q.Completeness = 100 * have / all
	values, faulty := aside, aside
	for _, m := range members {
		for name, v := range m.Fields {
			list, ok := v.([]any)
			if !ok {
				list = []any{v}
			}
			for _, v := range list {
				values++
				if check(name, v) != "" {
					faulty++
				}
			}
		}
	}
	q.Validity = 100
	if values > 0 {
		q.Validity = 100 * (values - faulty) / values
	}
	q.Agreement = agreement(g, members)
	cs := candidates(members)
	if t := newest(cs); !t.IsZero() {
		q.Freshness = int(Trust{100, freshDays}.at(now.Sub(t)) / 1_000_000)
	}
	q.Score = (4*q.Completeness + 3*q.Validity + 2*q.Agreement + q.Freshness + 5) / 10
	return q
}

// agreement counts, over the attributes of one value that two or more members
// know, the members that say what the golden record says.
func agreement(g entity.Golden, members []entity.Member) int {
	same, all := 0, 0
	for _, name := range slices.Sorted(maps.Keys(g.Fields)) {
		if _, list := g.Fields[name].([]any); list {
			continue
		}
		golden, know, agree := key(g.Fields[name]), 0, 0
		for _, m := range members {
			if v, ok := m.Fields[name]; ok {
				know++
				if key(v) == golden {
					agree++
				}
			}
		}
		if know > 1 {
			all += know
			same += agree
		}
	}
	if all == 0 {
		return 100
	}
	return 100 * same / all
}
