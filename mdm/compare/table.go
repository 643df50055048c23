package compare

import "strings"

// table finds tokens by their text. There are millions of them where a million
// records are compared: tokens and texts stand in large pieces, which costs less memory
// than each by itself, and a slot holds a number instead of a text and a pointer.
type table struct {
	// slots hold the upper half of a text's hash and the number of its token,
	// from 1; 0 stands for none. Their number is a power of two.
	slots  []uint64
	count  int
	pieces [][]Token
	texts  *strings.Builder // the current piece of text; it never grows past its capacity
}

// pieceTokens is how many tokens stand in one piece.
const pieceTokens = 64

// textPiece bounds the length of a piece of text.
const textPiece = 16 << 10

// find returns the token of a text with that hash, nil where there is none.
func (t *table) find(hash uint64, text string) *Token {
	if len(t.slots) == 0 {
		return nil
	}
	mask := len(t.slots) - 1
	for i := int(hash>>32) & mask; t.slots[i] != 0; i = (i + 1) & mask {
		if t.slots[i]>>32 != hash>>32 {
			continue
		}
		if token := t.at(int(uint32(t.slots[i]))); token.Text == text {
			return token
		}
	}
	return nil
}

func (t *table) at(number int) *Token {
	return &t.pieces[(number-1)/pieceTokens][(number-1)%pieceTokens]
}

// add makes room for the token of a text that find did not find; only its text is set.
func (t *table) add(hash uint64, text string) *Token {
	if t.count*4 >= len(t.slots)*3 {
		t.grow()
	}
	if t.count%pieceTokens == 0 {
		t.pieces = append(t.pieces, make([]Token, pieceTokens))
	}
	t.count++
	t.place(hash>>32<<32|uint64(t.count), int(hash>>32))
	token := t.at(t.count)
	token.Text = t.keep(text)
	return token
}

func (t *table) place(slot uint64, at int) {
	mask := len(t.slots) - 1
	for at &= mask; t.slots[at] != 0; {
		at = (at + 1) & mask
	}
	t.slots[at] = slot
}

// grow doubles the slots. Where a token's slot is depends on the half of its
// hash that the slot keeps.
func (t *table) grow() {
	old := t.slots
	t.slots = make([]uint64, max(64, 2*len(old)))
	for _, slot := range old {
		if slot != 0 {
			t.place(slot, int(slot>>32))
		}
	}
}

// keep returns a copy of a text, in a piece of many.
func (t *table) keep(text string) string {
	if t.texts == nil || t.texts.Cap()-t.texts.Len() < len(text) {
		size := 256
		if t.texts != nil {
			size = min(2*t.texts.Cap(), textPiece)
		}
		t.texts = &strings.Builder{}
		t.texts.Grow(max(size, len(text)))
	}
	from := t.texts.Len()
	t.texts.WriteString(text)
	return t.texts.String()[from:]
}
