package golden

import (
	"encoding/binary"
	"fmt"
	"math"
	"math/bits"

	"crmhub/mdm/entity"
)

// The token index has two levels. Most of it stands in segments: rows of
// some hundred tokens and the records that hold them, sorted and packed, which a first
// load writes one after the other and nobody changes. What changed since stands
// line by line in the token table, and is worked into the segments when it grows.
//
// A segment's row is named by its first token, and has
//
//	0x01, then for each token: its distance from the one before (uvarint), and for each of its
//	records, ascending: the distance from the one before, shifted left by one, plus 1 where another one follows
//
// All records of a token stand in one segment.
const segmentV1 = 0x01

// segmentBytes is about how long a segment gets, so that four of them fill a
// page of either database and none leaves it.
const segmentBytes = 1900

// number is a token as a number that sorts as its bytes do.
func number(t entity.Token) uint64 { return binary.BigEndian.Uint64(t[:]) }

// tokenOf is the token of a number.
func tokenOf(n uint64) []byte { return binary.BigEndian.AppendUint64(make([]byte, 0, tokenSize), n) }

// holding says that a record holds a token.
type holding struct {
	token  uint64
	record int64
}

func (h holding) compare(o holding) int {
	switch {
	case h.token != o.token && h.token < o.token, h.token == o.token && h.record < o.record:
		return -1
	case h == o:
		return 0
	}
	return 1
}

// segment is one row of the segment table.
type segment struct {
	first uint64
	held  []byte
}

// pack makes segments of holdings that are sorted and without doubles.
func pack(all []holding) []segment {
	var list []segment
	last := uint64(0)
	for i := 0; i < len(all); {
		t := all[i].token
		n := len(list) - 1
		if n < 0 || len(list[n].held) >= segmentBytes-2*binary.MaxVarintLen64 {
			list, last = append(list, segment{t, append(make([]byte, 0, segmentBytes), segmentV1)}), t
			n++
		}
		b := binary.AppendUvarint(list[n].held, t-last)
		last = t
		for before := int64(0); i < len(all) && all[i].token == t; i++ {
			x := uint64(all[i].record-before) << 1
			if i+1 < len(all) && all[i+1].token == t {
				x |= 1
			}
			b = binary.AppendUvarint(b, x)
			before = all[i].record
		}
		list[n].held = b
	}
	return list
}

var errSegment = fmt.Errorf("a segment of tokens that this program does not understand")

// unpack appends the holdings of a segment, of its tokens from the first up to
// and with the last asked.
func unpack(all []holding, s segment, first, last uint64) ([]holding, error) {
	if len(s.held) < 2 || s.held[0] != segmentV1 {
		return nil, errSegment
	}
	b, t := s.held[1:], s.first
	for len(b) > 0 {
		distance, size := uvarint(b)
		if size <= 0 || distance > math.MaxUint64-t {
			return nil, errSegment
		}
		if b, t = b[size:], t+distance; t > last {
			return all, nil
		}
		record := int64(0)
		for more := true; more; {
			x, size := uvarint(b)
			if size <= 0 {
				return nil, errSegment
			}
			b, record, more = b[size:], record+int64(x>>1), x&1 == 1
			if t >= first {
				all = append(all, holding{t, record})
			}
		}
	}
	return all, nil
}

// uvarint is binary.Uvarint, which goes byte by byte, of what most numbers in a segment are: shorter
// than nine bytes, and not at the end.
func uvarint(b []byte) (uint64, int) {
	if len(b) < 8 {
		return binary.Uvarint(b)
	}
	x := binary.LittleEndian.Uint64(b)
	ends := ^x & 0x8080808080808080 // the bytes that no other follows
	if ends == 0 {
		return binary.Uvarint(b)
	}
	last := uint(bits.TrailingZeros64(ends)) // the highest bit of the last byte
	x &= 1<<last - 1
	// Seven bits of each byte move together, two bytes, then four, then eight at a time.
	x = x&0x007f007f007f007f | x&0x7f007f007f007f00>>1
	x = x&0x00003fff00003fff | x&0x3fff00003fff0000>>2
	x = x&0x000000000fffffff | x&0x0fffffff00000000>>4
	return x, int(last/8) + 1
}
