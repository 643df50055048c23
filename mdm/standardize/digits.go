package standardize

import (
	"encoding/binary"
	"regexp/syntax"
	"slices"
)

// digits is a pattern of decimal digits as a table: one step a digit, where
// a regular expression tries its alternatives one after the other.
type digits struct {
	next   [][10]int16 // by state; -1 where nothing can follow
	accept []bool
}

// compileDigits returns the table of a pattern, or ok false for one that asks
// for more than digits. Places (^, $) are ignored: see prefix.
func compileDigits(pattern string) (d *digits, ok bool) {
	tree, err := syntax.Parse(pattern, syntax.Perl)
	if err != nil {
		return nil, false
	}
	prog, err := syntax.Compile(tree.Simplify())
	if err != nil {
		return nil, false
	}
	d = &digits{}
	seen := map[string]int16{}
	var sets [][]uint32
	state := func(set []uint32) int16 {
		if len(set) == 0 {
			return -1
		}
		slices.Sort(set)
		set = slices.Compact(set)
		var key []byte
		for _, pc := range set {
			key = binary.AppendUvarint(key, uint64(pc))
		}
		n, known := seen[string(key)]
		if !known {
			n = int16(len(sets))
			seen[string(key)] = n
			sets = append(sets, set)
			d.next = append(d.next, [10]int16{})
			d.accept = append(d.accept, slices.ContainsFunc(set, func(pc uint32) bool { return prog.Inst[pc].Op == syntax.InstMatch }))
		}
		return n
	}
	state(follow(prog, nil, uint32(prog.Start)))
	for n := 0; n < len(sets); n++ {
		if len(sets) > 1<<14 {
			return nil, false
		}
		for digit := range 10 {
			var to []uint32
			for _, pc := range sets[n] {
				if inst := &prog.Inst[pc]; inst.Op != syntax.InstMatch && inst.MatchRune(rune('0'+digit)) {
					to = follow(prog, to, inst.Out)
				}
			}
			d.next[n][digit] = state(to)
		}
	}
	return d, len(sets) > 0
}

// follow adds what can be reached from pc without a digit.
func follow(prog *syntax.Prog, set []uint32, pc uint32) []uint32 {
	switch inst := &prog.Inst[pc]; inst.Op {
	case syntax.InstAlt, syntax.InstAltMatch:
		return follow(prog, follow(prog, set, inst.Out), inst.Arg)
	case syntax.InstCapture, syntax.InstNop, syntax.InstEmptyWidth:
		return follow(prog, set, inst.Out)
	case syntax.InstFail:
		return set
	}
	if slices.Contains(set, pc) {
		return set
	}
	return append(set, pc)
}

// whole reports whether the pattern matches all of s, which is digits.
func (d *digits) whole(s string) bool {
	state := int16(0)
	for i := 0; i < len(s); i++ {
		if state = d.next[state][s[i]-'0']; state < 0 {
			return false
		}
	}
	return d.accept[state]
}

// prefix reports whether the pattern matches a beginning of s. Where the
// pattern has places, it may say so of more than match.
func (d *digits) prefix(s string) bool {
	state := int16(0)
	for i := 0; i < len(s); i++ {
		if d.accept[state] {
			return true
		}
		if state = d.next[state][s[i]-'0']; state < 0 {
			return false
		}
	}
	return d.accept[state]
}
