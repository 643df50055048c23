package column

import (
	"slices"
	"strings"

	"crmhub/mdm/standardize"
)

// prose compares texts by their words: titles, products, descriptions.
type prose struct {
	base
	weights *weights
	most    int
}

// text is a text, taken apart.
type text struct {
	whole spelling
	// bare is the text without what stands in brackets, joined the text
	// without spaces.
	bare, joined string
	bag          bag
}

// textHead is how many bytes stand in front of a packed text: its signature,
// its number of letters, its length, that without brackets, and that without
// spaces. Behind it stand its bag and the texts, the latter two only where
// they are others; the words of the bag lie in the first.
const textHead = 16

func (t *text) read(v Packed) {
	all := string(t.bag.read(v[textHead:]))
	whole, bare, joined := v.get16(10), v.get16(12), v.get16(14)
	t.whole = spelling{all[:whole], v.get64(0), int32(v.get16(8)), v.get16(8) == whole}
	t.bare, t.joined, t.bag.text = t.whole.text, t.whole.text, t.whole.text
	all = all[whole:]
	if joined > 0 {
		t.joined, all = all[:joined], all[joined:]
	}
	if bare > 0 {
		t.bare = all[:bare]
	}
}

// The levels of texts.
const (
	proseExact    = iota + 1
	proseSame     // but for order, spaces and small words
	proseBrackets // but for what stands in brackets
	proseNear     // one slip of the keys, two in longer ones
	proseMost     // four fifths of the words, by weight
	prosePart     // one holds the other
	proseNumber   // alike, but each has a number that the other lacks
	proseHigh     // three fifths
	proseMedium   // two fifths
	proseLow      // one fifth
	proseWord     // one tenth
	proseDifferent
)

func newProse(k Kind, o Options) *prose {
	most := 24
	if k == Text {
		most = 64
	}
	p := &prose{base{k, []string{"exact", "same", "brackets", "near", "most", "part", "number", "high", "medium", "low", "word", "different"}, []string{"exact", "prefix", "rare_token", "token_pair", "joined"}}, nil, most}
	p.weights = newWeights(o.Values, Words)
	for _, w := range o.Told {
		p.weights.counts[hash(0, w)] = uint32(p.weights.values)
	}
	return p
}

// Words returns the words of a text, folded, as texts are compared by them.
func Words(text string) []string { return words(standardize.Fold(clean(text))) }

// smallWords weigh little in any text.
var smallWords = set(`the a an and or of for in on to at by with from de la le les des du der die das und el los las y et feat ft featuring vs`)

// Append takes a text apart.
func (c *prose) Append(dst []byte, text string) []byte {
	text = clean(text)
	f := clip(standardize.Fold(text))
	if f == "" {
		return dst
	}
	joined, bare := strings.ReplaceAll(f, " ", ""), f
	if strings.ContainsAny(text, "([（【") {
		if b := clip(standardize.Fold(withoutBrackets(text))); b != "" {
			bare = b
		}
	}
	var room [32]string
	w := appendWords(room[:0], f)
	if slices.ContainsFunc(w, func(w string) bool { return !smallWords[w] }) {
		w = slices.DeleteFunc(w, func(w string) bool { return smallWords[w] })
	}
	s := spell(f)
	dst = append16(append16(append64(dst, s.signature), int(s.runes)), len(f))
	dst = append16(append16(dst, sizeUnless(bare, f)), sizeUnless(joined, f))
	dst = append(appendBag(dst, f, w, c.weights, c.most), f...)
	if joined != f {
		dst = append(dst, joined...)
	}
	if bare != f {
		dst = append(dst, bare...)
	}
	return dst
}

// sizeUnless returns the length of a text, 0 where it is another.
func sizeUnless(s, other string) int {
	if s == other {
		return 0
	}
	return len(s)
}

// AppendText appends the folded text.
func (c *prose) AppendText(dst []byte, v Packed) []byte {
	if v == "" {
		return dst
	}
	var t text
	t.read(v)
	return append(dst, t.whole.text...)
}

// withoutBrackets leaves out what stands in brackets.
func withoutBrackets(s string) string {
	var b strings.Builder
	depth := 0
	for _, r := range s {
		switch r {
		case '(', '[', '（', '【':
			depth++
			b.WriteByte(' ')
		case ')', ']', '）', '】':
			depth = max(depth-1, 0)
		default:
			if depth == 0 {
				b.WriteRune(r)
			}
		}
	}
	return b.String()
}

// Level compares two texts.
func (c *prose) Level(a, b Packed) uint8 {
	if a == "" || b == "" {
		return Missing
	}
	if a == b {
		return proseExact
	}
	var one, other text
	one.read(a)
	other.read(b)
	x, y := &one, &other
	if x.whole.text == y.whole.text {
		return proseExact
	}
	if x.joined == y.joined {
		return proseSame
	}
	if x.whole.text > y.whole.text {
		x, y = y, x
	}
	o := compareBags(&x.bag, &y.bag)
	switch {
	case o.union > 0.999:
		return proseSame
	case x.bare == y.bare && !o.numbers:
		return proseBrackets
	}
	p, q := &x.whole, &y.whole
	least := min(p.runes, q.runes)
	switch {
	case !o.numbers && (least >= 5 && least <= 64 && slips(p, q, 1) || least >= 12 && least <= 64 && slips(p, q, 2)):
		return proseNear
	case o.numbers && (o.union >= 0.5 || least >= 5 && least <= 64 && slips(p, q, 2)):
		return proseNumber
	case o.numbers && o.union >= 0.2:
		return proseWord
	case o.numbers:
		return proseDifferent // another model, another volume
	case o.union >= 0.8:
		return proseMost
	case o.part >= 0.95 && o.common >= 1 && (o.common >= 2 || o.union >= 0.3):
		return prosePart
	case o.union >= 0.6:
		return proseHigh
	case o.union >= 0.4, least >= 5 && least <= 64 && alike(p, q, 0.92) && !o.numbers:
		return proseMedium
	case o.union >= 0.2, o.part >= 0.6:
		return proseLow
	case o.union >= 0.1:
		return proseWord
	}
	return proseDifferent
}

// Keys returns the text, its first six letters, its three rarest words, pairs
// of its four rarest, and the text without spaces.
func (c *prose) Keys(dst []Key, v Packed, _ uint32) []Key {
	if v == "" {
		return dst
	}
	var t text
	t.read(v)
	dst = append(dst, Key{0, hash(0, t.whole.text)}, Key{1, hash(1, prefix(t.joined, 6))})
	if len(t.joined) <= 128 {
		dst = append(dst, Key{4, hash(4, t.joined)})
	}
	return bagKeys(dst, &t.bag, 2, 3)
}

// bagKeys appends keys of the three rarest words, and of the pairs of the four
// rarest.
func bagKeys(dst []Key, b *bag, one, two uint8) []Key {
	var rare [4]token
	n := 0
	for at := 0; at < len(b.tokens); at += tokenSize {
		t := token{hash: b.hash(at), weight: b.weight(at)}
		j := n
		for j > 0 && t.weight > rare[j-1].weight {
			if j < len(rare) {
				rare[j] = rare[j-1]
			}
			j--
		}
		if j < len(rare) {
			rare[j] = t
			n = min(n+1, len(rare))
		}
	}
	for i := range n {
		if i < 3 {
			dst = append(dst, Key{one, mix(rare[i].hash ^ seed(one))})
		}
		for j := range i {
			dst = append(dst, Key{two, mix(rare[i].hash + rare[j].hash ^ seed(two))})
		}
	}
	return dst
}
