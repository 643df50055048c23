package linkage

import (
	"cmp"
	"slices"

	"crmhub/mdm/column"
)

// course is how pairs are compared: what is known of them by briefs, and the
// fields in an order that lets most pairs go early. It is shared by scorers.
type course struct {
	d     *data
	w     *weights
	order []int
	// add is what a level of a field adds to the bounds of a pair, best what it
	// or a later one adds at most, rare whether a rare value does.
	add, best [][16]bounds
	rare      [][1 + classes]bool
	// begin are the bounds of a pair of which nothing is known.
	begin bounds
}

// bounds are what a pair's score is no greater than: first by what its levels
// say, then for each class by that less what they say for the class, which is
// the least that guard takes away.
type bounds [1 + classes]millibits

// reach reports whether a pair may still be kept.
func (b *bounds) reach() bool { return min(b[0], b[1], b[2]) >= floor }

// newCourse lays out how pairs are compared; sample are some of them, by which
// the order is chosen.
func newCourse(d *data, w *weights, sample [][2]uint32) *course {
	c := &course{d: d, w: w}
	c.begin[0] = w.prior
	for k := range w.among {
		c.begin[1+k] = w.prior - w.among[k]
	}
	for k, f := range d.fields {
		var add, best [16]bounds
		rare := [1 + classes]bool{true}
		for l := 1; l <= f.levels(); l++ {
			add[l][0] = w.level[k][l]
			for x := range w.kin {
				add[l][1+x] = w.level[k][l] - w.kin[x][k][l]
			}
		}
		best[f.levels()] = add[f.levels()]
		for l := f.levels() - 1; l >= 0; l-- {
			for x := range add[l] {
				best[l][x] = max(add[l][x], best[l+1][x])
			}
		}
		for x := range w.kin {
			rare[1+x] = !w.kinRare[x][k]
		}
		c.add, c.best, c.rare = append(c.add, add), append(c.best, best), append(c.rare, rare)
	}
	c.arrange(sample)
	return c
}

// start notes the fields in which two rows hold one value, and those that are
// to be compared. It reports whether the pair may reach the floor.
func (c *course) start(p *open) bool {
	n := len(c.d.fields)
	x, y := c.d.row[int(p.a)*n:int(p.a+1)*n], c.d.row[int(p.b)*n:int(p.b+1)*n]
	twins := c.d.twins[p.a] & c.d.twins[p.b]
	p.most = c.begin
	for k, a := range x {
		b := y[k]
		switch {
		case a == 0 || b == 0:
		case a == b:
			l := c.d.fields[k].self[a]
			p.pattern |= pattern(l) << (4 * k)
			if l == column.Missing {
				continue
			}
			rare := c.w.rare[k][a]
			for i := range p.most {
				p.most[i] += c.add[k][l][i]
				if c.rare[k][i] {
					p.most[i] += rare
				}
			}
		default:
			p.fields |= 1 << k
			more := millibits(0)
			if twins>>k&1 == 1 && c.d.fields[k].group[a] == c.d.fields[k].group[b] {
				more = max(0, c.w.rare[k][a])
			}
			for i := range p.most {
				p.most[i] += c.best[k][0][i] + more
			}
		}
	}
	return p.most.reach() && c.skim(p)
}

// skim takes in what briefs tell of the fields that are to be compared. It
// reports whether the pair may still reach the floor.
func (c *course) skim(p *open) bool {
	briefs := &c.d.briefs
	x, y := briefs.of(p.a), briefs.of(p.b)
	for i := range briefs.fields {
		b := &briefs.fields[i]
		if p.fields>>b.field&1 == 0 {
			continue
		}
		l, sure := b.comparer.Bound(x[b.from:b.to], y[b.from:b.to])
		now := &c.best[b.field][l]
		if sure {
			p.pattern |= pattern(l) << (4 * b.field)
			p.fields &^= 1 << b.field
			now = &c.add[b.field][l]
		} else {
			p.hope |= pattern(l) << (4 * b.field)
		}
		for x := range p.most {
			p.most[x] += now[x] - c.best[b.field][0][x]
		}
		if !p.most.reach() {
			return false
		}
	}
	return true
}

// learn takes in the level of a field that was to be compared.
func (c *course) learn(p *open, k int, l uint8) {
	most, add := &c.best[k][p.hope.level(k)], &c.add[k][l]
	for i := range p.most {
		p.most[i] += add[i] - most[i]
	}
}

// arrange chooses the order of the fields by what comparing a sample takes:
// from one in which those come first that say much for what they take, fields
// are moved as long as it takes less.
func (c *course) arrange(sample [][2]uint32) {
	pairs := make([]open, len(sample))
	each((len(pairs)+batch-1)/batch, func(i int) {
		from, to := i*batch, min(len(pairs), (i+1)*batch)
		for j, p := range c.d.compareAll(sample[from:to]) {
			x := open{a: sample[from+j][0], b: sample[from+j][1]}
			if c.start(&x) {
				x.pattern = p
			}
			pairs[from+j] = x
		}
	})
	pairs = slices.DeleteFunc(pairs, func(p open) bool { return !p.most.reach() })
	gain := make([]float64, len(c.d.fields))
	for k, f := range c.d.fields {
		c.order = append(c.order, k)
		gain[k] = float64(c.best[k][0][0]-slices.Min(c.w.level[k][1:f.levels()+1])) / effort(f.comparer.Kind())
	}
	slices.SortStableFunc(c.order, func(a, b int) int { return cmp.Compare(gain[b], gain[a]) })
	best, again := c.takes(c.order, pairs), true
	for again {
		again = false
		for from := range c.order {
			for to := range c.order {
				k := c.order[from]
				other := slices.Insert(slices.Delete(slices.Clone(c.order), from, from+1), to, k)
				if t := c.takes(other, pairs); t < best {
					c.order, best, again = other, t, true
				}
			}
		}
	}
}

// takes returns what it takes to compare pairs whose patterns are known.
func (c *course) takes(order []int, pairs []open) float64 {
	asked := make([]float64, len(order))
	for i := range pairs {
		p := pairs[i]
		for _, k := range order {
			if p.fields>>k&1 == 0 {
				continue
			}
			asked[k]++
			if c.learn(&p, k, p.pattern.level(k)); !p.most.reach() {
				break
			}
		}
	}
	sum := 0.0
	for k, n := range asked {
		sum += n * effort(c.d.fields[k].comparer.Kind())
	}
	return sum
}

// effort is about how long it takes to compare two values of a kind.
func effort(k column.Kind) float64 {
	switch k {
	case column.FullName, column.Names, column.Organisation, column.Address, column.Street, column.Title, column.Text:
		return 5
	case column.Email, column.URL, column.GivenName, column.MiddleName, column.FamilyName:
		return 3
	}
	return 2
}
