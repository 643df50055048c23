package compare

import "sync"

// NameClasses returns the families of given names, William, Bill, Liam, that a
// folded word belongs to, and the Chinese surnames that it is a way to write,
// in whatever romanisation. The numbers mean nothing but that they are equal.
func NameClasses(word string) (given, surnames []uint16) {
	if h := wordBits(word); classed()[h/64]>>(h%64)&1 == 0 {
		return nil, nil
	}
	return nicknames()[word], romanisations()[word]
}

// classed has a bit for each word that has classes: most words are found to
// have none by it.
var classed = sync.OnceValue(func() *[1 << 10]uint64 {
	var bits [1 << 10]uint64
	for _, words := range []map[string][]uint16{nicknames(), romanisations()} {
		for w := range words {
			h := wordBits(w)
			bits[h/64] |= 1 << (h % 64)
		}
	}
	return &bits
})

// wordBits hashes a word to 16 bits.
func wordBits(word string) uint32 {
	h := uint32(2166136261)
	for i := 0; i < len(word); i++ {
		h = (h ^ uint32(word[i])) * 16777619
	}
	return h>>16 ^ h&0xFFFF
}
