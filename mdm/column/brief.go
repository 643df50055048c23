package column

import "math/bits"

// Briefer is a comparer that tells of a value in a few words of memory what
// two values can have in common at most, so that most pairs need no look at
// their values.
type Briefer interface {
	Comparer
	// BriefWords is how many words a brief has.
	BriefWords() int
	// Brief writes the brief of a value that isn't missing to dst. A first word
	// of 0 tells nothing.
	Brief(dst []uint64, v Packed)
	// Bound returns the best level that two values of these briefs may have:
	// theirs is that or a later one, and where sure it is that. Missing bounds
	// nothing: any level may be theirs, or none.
	Bound(a, b []uint64) (level uint8, sure bool)
}

// letterKinds is how many kinds of letters a brief tells apart.
const letterKinds = 26

// kindsOf returns a bit for each kind of letter of a folded text; letters
// that aren't a to z share the bits with those.
func kindsOf(s string) (bag uint64) {
	for _, r := range s {
		if r != ' ' {
			bag |= 1 << kindOf(r)
		}
	}
	return bag
}

func kindOf(r rune) uint32 {
	if r >= 'a' && r <= 'z' {
		return uint32(r - 'a')
	}
	return uint32(r) % letterKinds
}

// lacking counts the letters of a bag that another has not.
func lacking(a, b uint64) int { return bits.OnesCount64(a &^ b) }

// mayAlike reports whether the Jaro-Winkler similarity of two texts may be at
// least that, by their lengths, their bags, and whether they may begin alike.
func mayAlike(la, lb int, a, b uint64, begins bool, least float64) bool {
	m := float64(min(la-lacking(a, b), lb-lacking(b, a)))
	if m <= 0 {
		return false
	}
	j := (m/float64(la) + m/float64(lb) + 1) / 3
	if begins {
		j += 0.4 * (1 - j)
	}
	return j >= least-1e-9
}

// maySlip reports whether two texts may be two slips of the keys apart.
func maySlip(la, lb int, a, b uint64) bool {
	d := la - lb
	return d <= 2 && d >= -2 && bits.OnesCount64(a^b) <= 4
}

// holds reports whether all letters of one bag are in the other.
func holds(a, b uint64) bool { return a&^b == 0 || b&^a == 0 }
