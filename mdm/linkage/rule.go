package linkage

import "slices"

// rule proposes the pairs of rows that share a key of each of its predicates;
// without any, all pairs.
type rule []predicate

// uses reports whether a rule rests on a field.
func (r rule) uses(field int) bool {
	return slices.ContainsFunc(r, func(p predicate) bool { return p.field == field })
}

// key tells rules apart.
func (r rule) key() string {
	var b []byte
	for _, p := range r {
		b = append(b, byte(p.field), p.number)
	}
	return string(b)
}

// maxKeys is how many keys of a rule a row has at most.
const maxKeys = 48

// keyed are the keys of each row under a predicate: those of its value, or
// where codes is nil its own.
type keyed struct {
	keys  *lists
	codes []uint32
}

func (k keyed) of(row uint32) []uint32 {
	if k.codes != nil {
		row = k.codes[row]
	}
	return k.keys.of(row)
}

// append appends the row's keys under the rule, ascending, each once; of are
// those of its predicates.
func (r rule) append(dst []uint32, row uint32, of []keyed) []uint32 {
	begin := len(dst)
	dst = r.appendLoose(dst, row, of)
	if len(dst)-begin > 1 {
		slices.Sort(dst[begin:])
		dst = dst[:begin+len(slices.Compact(dst[begin:]))]
	}
	return dst
}

// appendLoose is append in any order; a key may stand twice, if seldom.
func (r rule) appendLoose(dst []uint32, row uint32, of []keyed) []uint32 {
	begin := len(dst)
	dst = append(dst, of[0].of(row)...)
	for _, p := range of[1:] {
		if len(dst) == begin {
			return dst
		}
		more := p.of(row)
		n := len(dst) - begin
		if len(more) == 0 {
			return dst[:begin]
		}
		for k := 1; k < len(more) && (k+1)*n <= maxKeys; k++ {
			for i := range n {
				dst = append(dst, join(dst[begin+i], more[k]))
			}
		}
		for i := range n {
			dst[begin+i] = join(dst[begin+i], more[0])
		}
	}
	return dst[:min(len(dst), begin+maxKeys)]
}
