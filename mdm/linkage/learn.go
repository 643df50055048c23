package linkage

import "context"

// learn chooses the rules and trains: first on some rows with rules that are
// guessed to be good, then with those that were found to be.
func (e *engine) learn(ctx context.Context) error {
	d := e.d.first(firstRows)
	random, err := strangers(ctx, e.d)
	if err != nil {
		return err
	}
	samples, err := e.train(ctx, d, guessed(d), random)
	if err != nil {
		return err
	}
	if d.rows < e.d.rows || !allPairs(e.rules) {
		agree := experience(d, e.xs, samples, e.p)
		for _, x := range e.xs {
			x.free(d.space)
		}
		if _, err := e.train(ctx, e.d, agree, random); err != nil {
			return err
		}
	}
	e.p.round()
	return nil
}

// allPairs reports whether all pairs are proposed.
func allPairs(rules []rule) bool { return len(rules) == 1 && len(rules[0]) == 0 }

// train chooses rules for some of the rows, by how keys agree among matches, and
// trains with what the rules propose. It returns the samples that it trained
// with, if it needed any.
func (e *engine) train(ctx context.Context, d *data, agree agreement, random []tally) ([]sample, error) {
	var err error
	if e.rules, err = choose(ctx, d, agree); err != nil {
		return nil, err
	}
	if e.xs, err = indexAll(ctx, d, e.rules); err != nil {
		return nil, err
	}
	e.o.progress(Training, 0, 1)
	if allPairs(e.rules) && d.source == nil && pairsOf(uint64(d.rows)) <= min(randomPairs, allSampled) {
		// The random pairs were all that there are.
		e.p, err = train(ctx, d, e.xs, random, proposedBy(0, random))
		return nil, err
	}
	samples, err := proposed(ctx, d, e.xs)
	if err != nil {
		return nil, err
	}
	pairs, err := d.tallied(ctx, e.xs, samples)
	if err != nil {
		return nil, err
	}
	e.p, err = train(ctx, d, e.xs, random, pairs)
	return samples, err
}
