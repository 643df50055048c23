package linkage

// lookup finds the keys of many rows under a rule at a time: the memory of all
// is asked for before any is used, so that it is waited for once.
type lookup struct {
	d    *data
	rule rule
	of   []keyed
	// rows are the rows in the order in which they are looked up: that of the file,
	// in which keys of values lie.
	rows []uint32
	// first is a key of each row under each predicate; many counts those under
	// all, as far as it matters: 0, 1, or more.
	first [][]uint32
	many  []uint32
	keys  []uint32
}

// lookedUp is how many rows are looked up at a time.
const lookedUp = 1 << 9

func newLookup(d *data, r rule, of []keyed, rows []uint32) *lookup {
	l := &lookup{d: d, rule: r, of: of, rows: rows, many: make([]uint32, lookedUp)}
	for range r {
		l.first = append(l.first, make([]uint32, lookedUp))
	}
	return l
}

// each calls do for the keys of the rows from to to, at most lookedUp.
func (l *lookup) each(from, to int, do func(row, key uint32)) {
	many, rows, n := l.many[:to-from], l.rows[from:to], len(l.d.fields)
	for i := range many {
		many[i] = 1
	}
	for k, p := range l.of {
		start, first, codes := p.keys.start, l.first[k], l.d.row[l.rule[k].field:]
		if start == nil {
			for i, r := range rows {
				if first[i] = p.keys.keys[codes[int(r)*n]]; first[i] == 0 {
					many[i] = 0
				}
			}
			continue
		}
		for i, r := range rows {
			c := codes[int(r)*n]
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
		row := rows[i]
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
