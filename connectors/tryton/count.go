package tryton

import (
	"context"
	"encoding/json"
)

// tally is how many records a model had when a read began, and the last of
// them. Ids are given out once, in order: where fewer are left up to that one,
// some were deleted.
type tally struct {
	Last  int64 `json:"last"`
	Count int64 `json:"count"`
}

// tallies counts the records of every model that the stream's own are made of.
func (rd *reader) tallies(ctx context.Context) (map[string]tally, error) {
	out := map[string]tally{}
	for _, model := range rd.st.models() {
		last, err := rd.se.last(ctx, model)
		if err != nil {
			return nil, err
		}
		n, err := rd.se.count(ctx, model, last)
		if err != nil {
			return nil, err
		}
		out[model] = tally{last, n}
	}
	return out, nil
}

// missing reports whether records of a model that belong to others, such as
// addresses, are gone since they were counted. Tryton keeps no trace of them
// and does not touch the record that they belonged to, so that nobody knows
// which it was: everything is to be read again.
func (rd *reader) missing(ctx context.Context, before map[string]tally) (bool, error) {
	for _, p := range rd.st.parts {
		t, known := before[p.model]
		if p.refers || !known {
			continue
		}
		n, err := rd.se.count(ctx, p.model, t.Last)
		if err != nil || n != t.Count {
			return err == nil, err
		}
	}
	return false, nil
}

// models are those of the parts that belong to the stream's records.
func (st stream) models() []string {
	var out []string
	for _, p := range st.parts {
		if !p.refers {
			out = append(out, p.model)
		}
	}
	return out
}

// last is the greatest id of a model, archived records too; 0 where there is none.
func (se *session) last(ctx context.Context, model string) (int64, error) {
	var rows []map[string]any
	err := se.call(ctx, "model."+model+".search_read", []any{whole(model, nil), 0, 1, []any{[]any{"id", "DESC"}}, []string{"id"}}, &rows)
	if err != nil || len(rows) == 0 {
		return 0, err
	}
	return number(rows[0]["id"]), nil
}

// count is how many records a model has up to an id.
func (se *session) count(ctx context.Context, model string, last int64) (int64, error) {
	var n json.Number
	if err := se.call(ctx, "model."+model+".search_count", []any{whole(model, []any{"id", "<=", last})}, &n); err != nil {
		return 0, err
	}
	return number(n), nil
}

// whole is a domain that lets archived records through.
func whole(model string, clause []any) domain {
	d := domain{}
	if clause != nil {
		d = append(d, clause)
	}
	if hasActive(model) {
		d = append(d, archived)
	}
	return d
}
