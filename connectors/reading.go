package connectors

import (
	"context"
	"encoding/json"
	"time"
)

// HandOver hands rows over with the position behind them, which is kept as
// JSON. The error is that of emit, or the context's own.
func HandOver(ctx context.Context, emit Emit, b Batch, position any) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	at, err := json.Marshal(position)
	if err != nil {
		return err
	}
	b.Position = at
	if err := emit(ctx, b); err != nil {
		return err
	}
	return ctx.Err()
}

// Sleep waits that long, or until ctx ends, whose error it then returns.
func Sleep(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
