package mdm

import (
	"cmp"
	"context"
	"encoding/binary"
	"slices"

	"crmhub/mdm/entity"
)

// tokenBytes is how long a packed token is.
const tokenBytes = len(entity.Token{})

// shardBits of a token say which shard it is in.
const shardBits = 6

// tokenShards are the tokens of many records, by their first bits: tokens are
// keyed hashes, so that the shards are of one size.
type tokenShards [1 << shardBits]shard

// shard is lines in the order in which they came, in pieces: a list that grew
// in one piece would be copied, and held twice, again and again.
type shard struct{ pieces [][]packedLine }

// packedLine is a Line in 12 bytes instead of 16: there are millions of them.
type packedLine struct{ high, low, record uint32 } // the record's last bit says that it blocks

const pieceLines = 4096

func (l packedLine) line() Line {
	return Line{uint64(l.high)<<32 | uint64(l.low), int32(l.record >> 1), l.record&1 == 1}
}

func (l Line) compare(o Line) int {
	if c := cmp.Compare(l.Token, o.Token); c != 0 {
		return c
	}
	return cmp.Compare(l.Record, o.Record)
}

// add adds packed tokens of a record; places must not descend.
func (t *tokenShards) add(packed []byte, place int32, block bool) {
	for ; len(packed) >= tokenBytes; packed = packed[tokenBytes:] {
		token := binary.BigEndian.Uint64(packed)
		l := packedLine{uint32(token >> 32), uint32(token), uint32(place) << 1}
		if block {
			l.record |= 1
		}
		s := &t[token>>(64-shardBits)]
		last := len(s.pieces) - 1
		switch {
		case last < 0:
			s.pieces = append(s.pieces, []packedLine{l})
		case len(s.pieces[last]) == pieceLines:
			s.pieces = append(s.pieces, append(make([]packedLine, 0, pieceLines), l))
		default:
			s.pieces[last] = append(s.pieces[last], l)
		}
	}
}

// count is how many lines there are.
func (t *tokenShards) count() int {
	n := 0
	for k := range t {
		for _, p := range t[k].pieces {
			n += len(p)
		}
	}
	return n
}

// spreadBits of a token, after those of its shard, spread a shard's lines over buckets.
const spreadBits = 11

// take takes a shard out and returns its lines, sorted.
func (t *tokenShards) take(k int) []Line {
	pieces := t[k].pieces
	t[k].pieces = nil
	n := 0
	for _, p := range pieces {
		n += len(p)
	}
	if n < 1<<spreadBits {
		lines := make([]Line, 0, n)
		for _, p := range pieces {
			for _, l := range p {
				lines = append(lines, l.line())
			}
		}
		slices.SortFunc(lines, Line.compare)
		return lines
	}
	var ends [1<<spreadBits + 1]int
	bucket := func(l packedLine) int { return int(l.high << shardBits >> (32 - spreadBits)) }
	for _, p := range pieces {
		for _, l := range p {
			ends[bucket(l)+1]++
		}
	}
	for i := range 1 << spreadBits {
		ends[i+1] += ends[i]
	}
	lines := make([]Line, n)
	next := ends
	for _, p := range pieces {
		for _, l := range p {
			b := bucket(l)
			lines[next[b]] = l.line()
			next[b]++
		}
	}
	for i := range 1 << spreadBits {
		slices.SortFunc(lines[ends[i]:ends[i+1]], Line.compare)
	}
	return lines
}

// blocks are the records that share a token, for each token that proposes
// pairs; and the blocks that each record is in, ascending.
type blocks struct {
	records []int32 // of all blocks, one after the other
	start   []int32 // of each block in records, and the end
	of      []int32 // blocks of all records, one record after the other
	ofStart []int32
}

// shardBlocks are the blocks of one shard.
type shardBlocks struct {
	lines          []Line
	records, sizes []int32
}

// group turns the tokens of n records into blocks and frees them. sorted, where
// it is not nil, is given the lines of one shard after the other.
func (r *run) group(ctx context.Context, tokens *tokenShards, n int, sorted func(shard int, lines []Line) error) (*blocks, error) {
	b := &blocks{start: []int32{0}, ofStart: make([]int32, n+1)}
	err := inOrder(ctx, r.o.Workers, len(tokens), func(k int) (shardBlocks, error) {
		return blocksOf(tokens.take(k), r.model.maxBlock), nil
	}, func(k int, s shardBlocks) error {
		b.records = append(b.records, s.records...)
		for _, size := range s.sizes {
			b.start = append(b.start, b.start[len(b.start)-1]+size)
		}
		if sorted == nil {
			return nil
		}
		return sorted(k, s.lines)
	})
	if err != nil {
		return nil, err
	}
	b.invert(n)
	return b, nil
}

// blocksOf finds the tokens that two and more records hold, and not more than most.
func blocksOf(lines []Line, most int) shardBlocks {
	s := shardBlocks{lines: lines}
	for i := 0; i < len(lines); {
		j, from := i, len(s.records)
		for ; j < len(lines) && lines[j].Token == lines[i].Token; j++ {
			if lines[j].Block {
				s.records = append(s.records, lines[j].Record)
			}
		}
		if size := len(s.records) - from; size >= 2 && size <= most {
			s.sizes = append(s.sizes, int32(size))
		} else {
			s.records = s.records[:from]
		}
		i = j
	}
	return s
}

// invert lists the blocks of each record.
func (b *blocks) invert(n int) {
	for _, i := range b.records {
		b.ofStart[i+1]++
	}
	for i := range n {
		b.ofStart[i+1] += b.ofStart[i]
	}
	b.of = make([]int32, len(b.records))
	next := slices.Clone(b.ofStart[:n])
	for k := range len(b.start) - 1 {
		for _, i := range b.records[b.start[k]:b.start[k+1]] {
			b.of[next[i]] = int32(k)
			next[i]++
		}
	}
}

func (b *blocks) count() int { return len(b.start) - 1 }

func (b *blocks) block(k int) []int32 { return b.records[b.start[k]:b.start[k+1]] }

// alone reports whether a record shares no block with another.
func (b *blocks) alone(i int) bool { return b.ofStart[i] == b.ofStart[i+1] }

// first reports whether k is the first block that two records share: a pair
// is compared there and nowhere else.
func (b *blocks) first(k, i, j int32) bool {
	x, y := b.of[b.ofStart[i]:b.ofStart[i+1]], b.of[b.ofStart[j]:b.ofStart[j+1]]
	for m, n := 0, 0; m < len(x) && n < len(y); {
		switch {
		case x[m] < y[n]:
			m++
		case x[m] > y[n]:
			n++
		default:
			return x[m] == k
		}
	}
	return false
}
