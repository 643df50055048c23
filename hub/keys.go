package hub

import (
	"context"
	"strings"

	"crmhub/connectors"
	"crmhub/fault"
	"crmhub/mdm/standardize"
	"crmhub/pipelines"
	"crmhub/pipelines/stream"
)

// watched is how many rows are looked at.
const watched = 200

// watching is a source that remembers the keys and columns of its first rows.
type watching struct {
	connectors.Source
	key     []string // the key's columns
	rows    int
	keys    []string
	columns []string
}

// Read reads the source and looks at the first rows.
func (w *watching) Read(ctx context.Context, r connectors.Request, emit connectors.Emit) error {
	return w.Source.Read(ctx, r, func(ctx context.Context, b connectors.Batch) error {
		for i := 0; i < len(b.Rows) && w.rows < watched; i++ {
			w.rows++
			row := &b.Rows[i]
			key := row.Key
			if key == "" {
				key = joinKey(row.Values(), w.key)
			}
			if key != "" {
				w.keys = append(w.keys, key)
			}
			w.columns = union(w.columns, row.Values())
		}
		return emit(ctx, b)
	})
}

// watch lets a run look at its first rows. What it returns tells afterwards
// what is worth a warning: columns that were renamed and, in the first run of
// a pipeline that does not say what its keys are, keys that look personal.
func (h *Hub) watch(ctx context.Context, p *pipelines.Pipeline, r *stream.Runner) (warnings func() []*fault.Error, err error) {
	w := &watching{Source: r.Source, key: p.Source.Key}
	r.Source = w
	before, err := h.journal.Runs(ctx, p.Name, 1)
	return func() []*fault.Error {
		all := h.renamed(p, w.columns)
		if class := looksLike(w.keys); class != "" && len(before) == 0 && !keyClassGiven(p) {
			all = append(all, fault.New("W1403", p.Place("source"), "pipeline", p.Name, "class", class))
		}
		return all
	}, err
}

// keyClassGiven reports whether the file itself says what its keys are.
func keyClassGiven(p *pipelines.Pipeline) bool {
	return p.Place("source", "key_class") != p.Place("source")
}

// looksLike returns the class that most of the keys look like, or "".
func looksLike(keys []string) string {
	counts := map[string]int{}
	for _, k := range keys {
		switch _, mail := standardize.Email(k); {
		case mail:
			counts["email"]++
		case phoneLike(k):
			counts["phone"]++
		case len(k) == 18 && standardize.ValidResidentID(k):
			counts["id"]++
		}
	}
	for _, class := range []string{"email", "phone", "id"} {
		if counts[class]*2 > len(keys) {
			return class
		}
	}
	return ""
}

// phoneLike reports a key written like a phone number: a plus and 8 to 15
// digits, or a mainland mobile number.
func phoneLike(k string) bool {
	digits := strings.Map(func(r rune) rune {
		switch {
		case r >= '0' && r <= '9':
			return r
		case strings.ContainsRune(" -+()", r):
			return -1
		}
		return 'x'
	}, k)
	if strings.Contains(digits, "x") {
		return false
	}
	if strings.HasPrefix(k, "+") {
		return len(digits) >= 8 && len(digits) <= 15
	}
	return len(digits) == 11 && digits[0] == '1' && digits[1] >= '3'
}
