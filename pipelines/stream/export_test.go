package stream

import "context"

// MaxBatches is maxBatches.
const MaxBatches = maxBatches

// Gate is a gate for that many rows.
func Gate(rows int) (enter func(ctx context.Context, n int) error, leave func(n int)) {
	g := newGate(rows)
	return g.enter, g.leave
}
