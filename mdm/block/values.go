package block

import (
	"bytes"
	"slices"
	"strconv"

	"crmhub/mdm/compare"
)

// values are what one element yields of one record. They lie in one buffer,
// which the next record uses again.
type values struct {
	all  []span
	room []byte
}

// span is where a value stands in the buffer.
type span struct{ from, to int }

// of returns a value.
func (v *values) of(s span) []byte { return v.room[s.from:s.to] }

// add adds the value that the parts make together.
func (v *values) add(parts ...string) {
	from := len(v.room)
	for _, p := range parts {
		v.room = append(v.room, p...)
	}
	v.end(from)
}

// end makes a value of the buffer from there on.
func (v *values) end(from int) { v.all = append(v.all, span{from, len(v.room)}) }

func (v *values) token(t *compare.Token) {
	if t != nil {
		v.add(t.Text)
	}
}

func (v *values) number(n uint64) {
	from := len(v.room)
	v.room = strconv.AppendUint(v.room, n, 10)
	v.end(from)
}

func (v *values) inOrder(a, b string) {
	if a > b {
		a, b = b, a
	}
	v.add(a, " ", b)
}

// sort brings the values into order, without doubles, at most maxKeys.
func (v *values) sort() {
	if len(v.all) > 1 {
		slices.SortFunc(v.all, func(a, b span) int { return bytes.Compare(v.of(a), v.of(b)) })
		v.all = slices.CompactFunc(v.all, func(a, b span) bool { return bytes.Equal(v.of(a), v.of(b)) })
	}
	v.all = v.all[:min(len(v.all), maxKeys)]
}

// reset makes room for the next record, of which no value may see this one's.
func (v *values) reset() {
	clear(v.room)
	v.all, v.room = v.all[:0], v.room[:0]
}

// sound is how a word sounds: a Soundex, or text.
type sound struct {
	code [4]byte // 0 where text says it
	text string
}

// soundOf tells how a word sounds: pinyin, Soundex, or the word itself in
// other scripts. Romanised Chinese names keep all their letters: Soundex makes
// one of most of them.
func soundOf(t *compare.Token, given, romanised bool) sound {
	switch {
	case t.Han() && given && t.Pinyin() != "":
		return sound{text: t.Pinyin()}
	case t.Han() && !given && t.SurnamePinyin() != "":
		return sound{text: t.SurnamePinyin()}
	case romanised:
		return sound{text: t.Text}
	}
	code := t.Sound
	if given {
		if full := compare.FullForm(t.Text); full != t.Text {
			code = compare.Soundex(full)
		}
	}
	if code == 0 {
		return sound{text: t.Text}
	}
	return sound{code: [4]byte{byte(code >> 24), byte(code >> 16), byte(code >> 8), byte(code)}}
}

func (s *sound) appendTo(b []byte) []byte {
	if s.code[0] != 0 {
		return append(b, s.code[:]...)
	}
	return append(b, s.text...)
}

// sound adds how a word sounds, if there is one.
func (v *values) sound(t *compare.Token, given, romanised bool) {
	if t != nil {
		v.addSound(soundOf(t, given, romanised))
	}
}

func (v *values) addSound(s sound) {
	from := len(v.room)
	v.room = s.appendTo(v.room)
	v.end(from)
}

// soundsInOrder adds two sounds in alphabetical order, as inOrder does words.
func (v *values) soundsInOrder(a, b sound) {
	var one, two [64]byte
	x, y := a.appendTo(one[:0]), b.appendTo(two[:0])
	if bytes.Compare(x, y) > 0 {
		x, y = y, x
	}
	from := len(v.room)
	v.room = append(append(append(v.room, x...), ' '), y...)
	v.end(from)
}
