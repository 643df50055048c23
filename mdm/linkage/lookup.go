package linkage

// lookup finds the keys of many rows under a rule at a time: the memory of all
// is asked for before any is used, so that it is waited for once.
type lookup struct {
	rule rule
	of   []keyed
	// first is a key of each row under each predicate; many counts those under
	// all, as far as it matters: 0, 1, or more.
	first [][]uint32
	many  []uint32
	keys  []uint32
}

// lookedUp is how many rows are looked up at a time.
const lookedUp = 1 << 9

func newLookup(r rule, of []keyed) *lookup {
	l := &lookup{rule: r, of: of, many: make([]uint32, lookedUp)}
	for range r {
		l.first = append(l.first, make([]uint32, lookedUp))
	}
	return l
}

// each calls do for the keys of rows from to to, at most lookedUp.
func (l *lookup) each(from, to int, do func(row, key uint32)) {
	many := l.many[:to-from]
	for i := range many {
		many[i] = 1
	}
	for k, p := range l.of {
		start, first := p.keys.start, l.first[k]
		if start == nil {
			for i, c := range p.codes[from:to] {
				if first[i] = p.keys.keys[c]; first[i] == 0 {
					many[i] = 0
				}
			}
			continue
		}
		for i, c := range p.codes[from:to] {
			first[i] = start[c]
			many[i] = min(many[i]*min(start[c+1]-start[c], maxKeys+1), maxKeys+1)
		}
	}
	for k, p := range l.of {
		if p.keys.start == nil {
			continue
		}
		first := l.first[k]
		for i, n := range many {
			if n > 0 {
				first[i] = p.keys.keys[first[i]]
			}
		}
	}
	for i, n := range many {
		row := uint32(from + i)
		switch n {
		case 0:
		case 1:
			key := l.first[0][i]
			for _, first := range l.first[1:] {
				key = join(key, first[i])
			}
			do(row, key)
		default:
			l.keys = l.rule.append(l.keys[:0], row, l.of)
			for _, key := range l.keys {
				do(row, key)
			}
		}
	}
}
