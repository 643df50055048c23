package golden

import "math"

// Holding says that a record holds a token, for tests.
type Holding struct {
	Token  uint64
	Record int64
}

// Pack makes segments of sorted holdings; names are their first tokens.
func Pack(all []Holding) (names []uint64, held [][]byte) {
	list := make([]holding, len(all))
	for i, h := range all {
		list[i] = holding{h.Token, h.Record}
	}
	for _, s := range pack(list) {
		names, held = append(names, s.first), append(held, s.held)
	}
	return names, held
}

// Unpack returns the holdings of a segment, of tokens from the first to the last asked.
func Unpack(name uint64, held []byte, first, last uint64) ([]Holding, error) {
	list, err := unpack(nil, segment{name, held}, first, last)
	all := make([]Holding, len(list))
	for i, h := range list {
		all[i] = Holding{h.token, h.record}
	}
	return all, err
}

// MaxToken is the last token there is.
const MaxToken = math.MaxUint64

// Uvarint reads a number of a segment.
func Uvarint(b []byte) (uint64, int) { return uvarint(b) }
