package spill

import (
	"slices"
	"unsafe"
)

// Text is bytes that are appended and looked at. In a space they are hidden,
// since they may be personal: what reaches the disk is of no use to anybody. It
// may be looked at by several goroutines while nobody appends.
type Text struct {
	bytes []byte
	space *Space
	key   Keystream
	base  uint64
}

// textSize is how much of the keystream a text has.
const textSize = 1 << 40

// NewText returns an empty text.
func NewText(s *Space) *Text {
	t := &Text{space: s, bytes: Growing[byte](s)}
	if s != nil {
		s.mu.Lock()
		defer s.mu.Unlock()
		t.key, t.base = s.key, s.texts*textSize
		s.texts++
	}
	return t
}

// Len returns how many bytes there are.
func (t *Text) Len() int { return len(t.bytes) }

// Reserve makes room for n bytes more: where it is out, for all in all.
func (t *Text) Reserve(n, all int) {
	if t.space != nil || len(t.bytes)+n <= cap(t.bytes) {
		return
	}
	room := make([]byte, len(t.bytes), max(len(t.bytes)+n, all))
	copy(room, t.bytes)
	t.bytes = room
}

// Append appends p.
func (t *Text) Append(p []byte) {
	n := len(t.bytes)
	t.bytes = append(t.bytes, p...)
	if t.key != nil {
		t.key.XOR(t.bytes[n:], t.base+uint64(n))
	}
}

// View returns the bytes from one place to another: those themselves, or where
// they are hidden a copy, in room if it is enough.
func (t *Text) View(room []byte, from, to uint64) []byte {
	if t.key == nil {
		return t.bytes[from:to]
	}
	room = append(room[:0], t.bytes[from:to]...)
	t.key.XOR(room, t.base+from)
	return room
}

// String returns the bytes from one place to another as a text that stays as
// it is: bytes are never changed once they are there.
func (t *Text) String(from, to uint64) string {
	if from == to {
		return ""
	}
	b := t.bytes[from:to]
	if t.space != nil { // which may be closed
		b = slices.Clone(b)
		if t.key != nil {
			t.key.XOR(b, t.base+from)
		}
	}
	return unsafe.String(unsafe.SliceData(b), len(b))
}

// Touch reads the byte at a place as it lies there, to have it near.
func (t *Text) Touch(at uint64) byte { return t.bytes[at] }

// Free gives back the memory; the text is empty then.
func (t *Text) Free() {
	Free(t.space, t.bytes)
	t.bytes = nil
}
