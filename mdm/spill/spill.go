// Package spill keeps large arrays in files that have no name, so that a run needs less memory than its data.
package spill

import (
	"context"
	"errors"
	"fmt"
	"os"
	"sync"
	"sync/atomic"
	"time"
	"unsafe"
)

// Keystream hides text: XOR changes p in place by the part of an endless
// secret that begins at at, so that twice gives p again. It is safe for
// concurrent use.
type Keystream interface {
	XOR(p []byte, at uint64)
}

// Space is where arrays lie: in mapped files without a name below a folder,
// of which no more than a limit stays in memory. Nothing of them is left when
// the process ends, however it ends. A nil Space is Go's own memory. It is safe
// for concurrent use; the arrays are not.
type Space struct {
	dir   string
	limit int64
	key   Keystream
	cause context.CancelCauseFunc
	done  chan struct{}
	ended sync.WaitGroup

	// gate is shut while arrays are taken out of memory; looked is when memory
	// was looked at last by one who breathes, in nanoseconds.
	gate   sync.RWMutex
	looked atomic.Int64

	mu      sync.Mutex
	regions map[unsafe.Pointer][]byte
	// kept are the sizes of the arrays that Keep made, held is their sum.
	kept map[unsafe.Pointer]int64
	held int64
	// texts counts the texts, each of which has a part of the keystream.
	texts uint64
	err   error
}

// ErrFull is the cause of a context that ended as the disk has no room left.
var ErrFull = errors.New("no room is left on the disk")

const (
	// most is how many bytes an array has room for whose length isn't known.
	most = 16 << 30
	// least is the size of an array that is worth a file, in bytes.
	least = 1 << 16
	// spare is what is left free on the disk, in bytes.
	spare = 512 << 20
	// watched is how often memory and disk are looked at.
	watched = 20 * time.Millisecond
	// often is how often those who breathe look at memory, who bring in the most.
	often = time.Millisecond
	// early is the share of the limit that is kept for what comes into memory
	// between two looks.
	early = 8
)

// Open returns a space below a folder that keeps the process to about limit
// bytes of memory, as far as arrays can. Texts are hidden by key. The context
// ends when the disk is full, with ErrFull as its cause. It is
// errors.ErrUnsupported where the system cannot map files so.
func Open(ctx context.Context, dir string, limit int64, key Keystream) (context.Context, *Space, error) {
	if err := supported(dir); err != nil {
		return ctx, nil, fmt.Errorf("spill to %s: %w", dir, err)
	}
	ctx, cause := context.WithCancelCause(ctx)
	s := &Space{dir: dir, limit: limit, key: key, cause: cause, done: make(chan struct{}), regions: map[unsafe.Pointer][]byte{}, kept: map[unsafe.Pointer]int64{}}
	s.ended.Go(s.watch)
	return context.WithValue(ctx, in{}, s), s, nil
}

// in is the name under which a context holds the space of its work.
type in struct{}

// Breathe keeps the space that Open put into a context to its limit: it takes the
// arrays out of memory where they have too much, and waits while another does. Who
// reads arrays all over calls it every millisecond or so: pages come in faster
// than somebody beside can notice.
func Breathe(ctx context.Context) {
	if s, ok := ctx.Value(in{}).(*Space); ok {
		s.Breathe()
	}
}

// Breathe is the function of that name for a space that is at hand.
func (s *Space) Breathe() {
	if s == nil {
		return
	}
	s.wait()
	now := time.Now().UnixNano()
	if last := s.looked.Load(); now-last > int64(often) && s.looked.CompareAndSwap(last, now) {
		s.look()
	}
}

func (s *Space) wait() {
	s.gate.RLock()
	defer s.gate.RUnlock()
}

// look takes the arrays out of memory where the process has nearly what it may.
func (s *Space) look() {
	if !s.full() {
		return
	}
	s.gate.Lock()
	defer s.gate.Unlock()
	if s.full() { // nobody did meanwhile
		s.release()
	}
}

func (s *Space) full() bool {
	n, err := resident()
	return err == nil && n > s.limit-s.limit/early
}

// Limit is how many bytes of memory the process is kept to.
func (s *Space) Limit() int64 { return s.limit }

// Close lets go of all arrays, which must not be used any more.
func (s *Space) Close() error {
	if s == nil {
		return nil
	}
	close(s.done)
	s.ended.Wait()
	s.cause(nil)
	s.mu.Lock()
	defer s.mu.Unlock()
	for at, b := range s.regions {
		s.err = errors.Join(s.err, unmap(b))
		delete(s.regions, at)
	}
	return s.err
}

// watch keeps to the limit and away from the disk's end.
func (s *Space) watch() {
	tick := time.NewTicker(watched)
	defer tick.Stop()
	for {
		select {
		case <-s.done:
			return
		case <-tick.C:
		}
		if free, err := freeBytes(s.dir); err == nil && free < spare {
			s.cause(ErrFull)
		}
		s.look()
	}
}

// release takes all arrays out of memory; what is used again comes back.
func (s *Space) release() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, b := range s.regions {
		if err := evict(b); err != nil {
			s.err = errors.Join(s.err, err)
		}
	}
}

// Make returns an array of n items, which have no pointers.
func Make[T any](s *Space, n int) []T {
	var t T
	size := n * int(unsafe.Sizeof(t))
	if s == nil || size < least {
		return make([]T, n)
	}
	b := s.region(size)
	if b == nil {
		return make([]T, n)
	}
	return unsafe.Slice((*T)(unsafe.Pointer(unsafe.SliceData(b))), n)
}

// Keep is Make of an array that stays in Go's memory; nil where all such arrays
// of a space would have more than three eighths of its limit.
func Keep[T any](s *Space, n int) []T {
	var t T
	size := int64(n) * int64(unsafe.Sizeof(t))
	if s == nil || size < least {
		return make([]T, n)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.held+size > s.limit/8*3 {
		return nil
	}
	items := make([]T, n)
	s.held += size
	s.kept[unsafe.Pointer(unsafe.SliceData(items))] = size
	return items
}

// Hot is Make of an array that is written all over, again and again, whose pages
// the kernel would write to the disk as often: it is kept where there is room.
func Hot[T any](s *Space, n int) []T {
	if items := Keep[T](s, n); items != nil {
		return items
	}
	return Make[T](s, n)
}

// Growing returns an empty array that is appended to, of items that have no
// pointers. In a space it does not move.
func Growing[T any](s *Space) []T {
	if s == nil {
		return nil
	}
	b := s.region(most)
	if b == nil {
		return nil
	}
	var t T
	return unsafe.Slice((*T)(unsafe.Pointer(unsafe.SliceData(b))), most/int(unsafe.Sizeof(t)))[:0]
}

// Free gives back an array that is used no more. It must be as it was made, or
// have been appended to.
func Free[T any](s *Space, items []T) {
	if s == nil || cap(items) == 0 {
		return
	}
	at := unsafe.Pointer(unsafe.SliceData(items))
	s.mu.Lock()
	b, mapped := s.regions[at]
	delete(s.regions, at)
	if size, ok := s.kept[at]; ok {
		delete(s.kept, at)
		s.held -= size
	}
	s.mu.Unlock()
	if !mapped {
		return
	}
	// Giving back gigabytes takes the kernel a second, in which memory must be
	// watched: what is no longer among the regions is this goroutine's alone.
	if err := unmap(b); err != nil {
		s.mu.Lock()
		s.err = errors.Join(s.err, err)
		s.mu.Unlock()
	}
}

// region maps a new file; nil where that fails, and Go's memory serves.
func (s *Space) region(size int) []byte {
	b, err := s.mapped(size)
	s.mu.Lock()
	defer s.mu.Unlock()
	if err != nil {
		s.err = errors.Join(s.err, err)
		s.cause(err)
		return nil
	}
	s.regions[unsafe.Pointer(unsafe.SliceData(b))] = b
	return b
}

func (s *Space) mapped(size int) (b []byte, err error) {
	f, err := os.CreateTemp(s.dir, "crmhub-*")
	if err != nil {
		return nil, fmt.Errorf("spill to %s: %w", s.dir, err)
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	// Without its name the file is gone as soon as the process is.
	if err := os.Remove(f.Name()); err != nil {
		return nil, fmt.Errorf("spill to %s: %w", s.dir, err)
	}
	if err := f.Truncate(int64(size)); err != nil {
		return nil, fmt.Errorf("spill to %s: %w", s.dir, err)
	}
	return mapFile(f, size)
}
