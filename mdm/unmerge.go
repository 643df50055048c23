package mdm

import (
	"slices"
	"time"

	"crmhub/fault"
	"crmhub/mdm/entity"
)

// Unmerge returns the judgements that take records out of a golden record:
// each of them is kept apart from each that stays. Records taken together
// stay together if the model says so. It returns E6101 where a record is not a
// member, or none would stay. The caller stores them and resolves.
func Unmerge(g entity.Golden, take []entity.RecordID, by string, at time.Time, reason string) ([]entity.Judgement, error) {
	strangers := 0
	for _, id := range take {
		if !slices.Contains(g.Members, id) {
			strangers++
		}
	}
	var stay []entity.RecordID
	for _, id := range g.Members {
		if !slices.Contains(take, id) {
			stay = append(stay, id)
		}
	}
	if strangers > 0 || len(stay) == 0 || len(take) == 0 {
		return nil, fault.New("E6101", "", "count", max(strangers, 1))
	}
	var out []entity.Judgement
	for _, a := range take {
		for _, b := range stay {
			out = append(out, entity.Judgement{A: min(a, b), B: max(a, b), Kind: entity.CannotLink, By: by, At: at, Reason: reason})
		}
	}
	return out, nil
}

// Merge returns the judgements that make one customer of records, whatever
// the model says of them: each is linked with the oldest, and what was said
// against is taken back.
func Merge(records []entity.RecordID, by string, at time.Time, reason string) []entity.Judgement {
	all := slices.Clone(records)
	slices.Sort(all)
	all = slices.Compact(all)
	var out []entity.Judgement
	for i, a := range all {
		for _, b := range all[i+1:] {
			out = append(out, entity.Judgement{A: a, B: b, Kind: entity.MustLink, By: by, At: at, Reason: reason})
		}
	}
	return out
}
