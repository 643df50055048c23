package linkage

import (
	"sync"

	"crmhub/mdm/spill"
)

// buckets are lists that several goroutines append to, of items without
// pointers. They are cut from few large arrays.
type buckets[T any] struct {
	space *spill.Space
	mu    sync.Mutex
	pages [][][]T
	// slabs are what the pages are cut from, free the rest of the last one.
	slabs [][]T
	free  []T
}

const (
	// pageItems is how many items stand together.
	pageItems = 1 << 8
	// slabItems is how many items are made room for at a time, and spaceSlab
	// in a space, where each time makes a file.
	slabItems = 1 << 16
	spaceSlab = 1 << 22
)

func newBuckets[T any](s *spill.Space, n int) *buckets[T] {
	return &buckets[T]{space: s, pages: make([][][]T, n)}
}

// begin returns the pages that a goroutine fills, one of each bucket; page makes
// room in one that is full, end adds them.
func (b *buckets[T]) begin() [][]T { return make([][]T, len(b.pages)) }

// page takes a full page of a bucket and returns an empty one.
func (b *buckets[T]) page(bucket int, full []T) []T {
	b.mu.Lock()
	defer b.mu.Unlock()
	if len(full) > 0 {
		b.pages[bucket] = append(b.pages[bucket], full)
	}
	if len(b.free) == 0 {
		n := slabItems
		if b.space != nil {
			n = spaceSlab
		}
		b.free = spill.Make[T](b.space, n)
		b.slabs = append(b.slabs, b.free)
	}
	page := b.free[:0:pageItems]
	b.free = b.free[pageItems:]
	return page
}

// end adds the pages that a goroutine filled.
func (b *buckets[T]) end(open [][]T) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for i, page := range open {
		if len(page) > 0 {
			b.pages[i] = append(b.pages[i], page)
		}
	}
}

// size returns how many buckets there are.
func (b *buckets[T]) size() int { return len(b.pages) }

// count returns how many items a bucket has.
func (b *buckets[T]) count(bucket int) int {
	n := 0
	for _, page := range b.pages[bucket] {
		n += len(page)
	}
	return n
}

// appendTo appends the items of a bucket, in no order.
func (b *buckets[T]) appendTo(dst []T, bucket int) []T {
	for _, page := range b.pages[bucket] {
		dst = append(dst, page...)
	}
	return dst
}

// release gives back the memory of the items.
func (b *buckets[T]) release() {
	for _, s := range b.slabs {
		spill.Free(b.space, s)
	}
	b.pages, b.slabs, b.free = nil, nil, nil
}
