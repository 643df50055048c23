package mdm

import "sync/atomic"

// backlog is work that one goroutine does, in the order in which it was left to it,
// beside that of the goroutine that leaves it.
type backlog struct {
	// ahead is how much may wait for what is under way.
	ahead  int
	queue  chan func() error
	failed atomic.Bool
	result chan error
}

// behind leaves work to the backlog. It waits while too much is left already, and returns
// the error of work that went wrong: nothing is done after that.
func (b *backlog) behind(f func() error) error {
	if b.queue == nil {
		queue, result := make(chan func() error, b.ahead), make(chan error, 1)
		b.queue, b.result = queue, result
		go func() {
			var err error
			for f := range queue {
				if err == nil {
					err = f()
					b.failed.Store(err != nil)
				}
			}
			result <- err
		}()
	}
	if b.failed.Load() {
		return b.wait()
	}
	b.queue <- f
	return nil
}

// wait waits until all is done, and returns the error of what went wrong.
func (b *backlog) wait() error {
	if b.queue == nil {
		return nil
	}
	close(b.queue)
	b.queue = nil
	return <-b.result
}
