package mdm

import (
	"context"
	"sync"
	"sync/atomic"
)

// inOrder produces n things on several goroutines, at most two for each ahead
// of what was consumed, and consumes them one by one in their order. It
// returns when all of its goroutines have: with the first error in that order, or ctx's.
func inOrder[T any](ctx context.Context, workers, n int, produce func(i int) (T, error), consume func(i int, v T) error) error {
	type result struct {
		v   T
		err error
	}
	workers = max(1, min(workers, n))
	slots := make([]chan result, n)
	for i := range slots {
		slots[i] = make(chan result, 1)
	}
	ahead := make(chan struct{}, 2*workers)
	stop := make(chan struct{})
	var next atomic.Int64
	var wg sync.WaitGroup
	for range workers {
		wg.Go(func() {
			for {
				select {
				case ahead <- struct{}{}:
				case <-stop:
					return
				}
				i := int(next.Add(1) - 1)
				if i >= n {
					return
				}
				v, err := produce(i)
				slots[i] <- result{v, err}
			}
		})
	}
	err := func() error {
		for i, slot := range slots {
			select {
			case r := <-slot:
				<-ahead
				if r.err != nil {
					return r.err
				}
				if err := consume(i, r.v); err != nil {
					return err
				}
			case <-ctx.Done():
				return ctx.Err()
			}
		}
		return nil
	}()
	close(stop)
	wg.Wait()
	return err
}
