package hub

import (
	"context"
	"strings"

	"crmhub/connectors"
	"crmhub/mdm/standardize"
	"crmhub/pipelines"
	"crmhub/pipelines/stream"
)

// keySample is how many keys are looked at.
const keySample = 200

// watching is a source that keeps the first keys that pass.
type watching struct {
	connectors.Source
	columns []string
	keys    []string
}

// Read reads the source and looks at the first keys.
func (w *watching) Read(ctx context.Context, r connectors.Request, emit connectors.Emit) error {
	return w.Source.Read(ctx, r, func(ctx context.Context, b connectors.Batch) error {
		for i := 0; i < len(b.Rows) && len(w.keys) < keySample; i++ {
			key := b.Rows[i].Key
			if key == "" {
				key = joinKey(b.Rows[i].Data, w.columns)
			}
			if key != "" {
				w.keys = append(w.keys, key)
			}
		}
		return emit(ctx, b)
	})
}

// watchKeys lets the first run of a pipeline that does not say what its keys
// are look at some of them.
func (h *Hub) watchKeys(ctx context.Context, p *pipelines.Pipeline, r *stream.Runner) (*watching, error) {
	w := &watching{Source: r.Source, columns: p.Source.Key}
	if keyClassGiven(p) {
		return w, nil
	}
	before, err := h.journal.Runs(ctx, p.Name, 1)
	if err == nil && len(before) == 0 {
		r.Source = w
	}
	return w, err
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
