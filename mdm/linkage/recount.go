package linkage

import (
	"math"
	"slices"
	"sync/atomic"
)

// counts is how many holders of a value have their rarity worked out beforehand.
const counts = 1 << 12

// rarity returns what each value of a field adds where two rows agree on it
// whole; u is how often strangers reach each level, holders how many things
// hold each canonical text. The two at hand are not counted among them; where
// nobody else holds it, a value is as rare as its level, or once among all.
func (f *field) rarity(u []float64, holders []uint32) []millibits {
	all := 1.0
	for _, h := range holders[1:] {
		all += float64(h)
	}
	of := func(level uint8, holders uint32) millibits {
		others := math.Max(0, float64(holders)-2)
		return bitsOf(u[level] * all / (others + math.Min(1, u[level]*all)))
	}
	// Most values are held by few.
	var known [16][]millibits
	for l := 1; l < len(u); l++ {
		known[l] = make([]millibits, min(counts, len(holders)+1))
		for h := range known[l] {
			known[l][h] = of(uint8(l), uint32(h))
		}
	}
	rare := make([]millibits, f.values.len())
	each((len(rare)+stretch-1)/stretch, func(i int) {
		for c := i * stretch; c < min(len(rare), (i+1)*stretch); c++ {
			l, h := f.self[c], holders[f.group[c]]
			switch {
			case l == 0 || h == 0:
			case int(h) < len(known[l]):
				rare[c] = known[l][h]
			default:
				rare[c] = of(l, h)
			}
		}
	})
	return rare
}

// recount weighs rare values by how many clusters hold them, where at first
// rows were counted: a thing with many rows makes its own values look common.
// It changes the scores of the edges.
func (w *weights) recount(p *parameters, groups []uint32, clusters int, edges []edge) {
	for k, holders := range w.d.clustersHolding(groups, clusters) {
		w.rare[k] = w.d.fields[k].rarity(p.u[k], holders)
	}
	each((len(edges)+stretch-1)/stretch, func(i int) {
		part := edges[i*stretch : min(len(edges), (i+1)*stretch)]
		for len(part) > 0 {
			some := part[:min(len(part), batch)]
			w.near(some)
			for j := range some {
				e := &some[j]
				e.score = w.score(e.a, e.b, e.pattern) + w.prior
			}
			part = part[len(some):]
		}
	})
}

// near reads something of what edges are weighed by, to have it near: rows and
// values lie anywhere, and asking for many lets the processor fetch several at
// a time.
func (w *weights) near(edges []edge) {
	touched := uint32(0)
	n := len(w.d.fields)
	for i := range edges {
		e := &edges[i]
		touched += w.d.row[int(e.a)*n] + w.d.row[int(e.b)*n] + uint32(w.d.twins[e.b])
	}
	w.d.touched.Store(touched)
}

// clustersHolding returns, for each field, how many clusters hold each
// canonical text: of the rows that hold it those are taken away that stand in a
// cluster with one before. Missing values are of no account.
func (d *data) clustersHolding(groups []uint32, clusters int) [][]uint32 {
	holders := make([][]uint32, len(d.fields))
	for k, f := range d.fields {
		holders[k] = slices.Clone(f.holders)
	}
	size := make([]uint8, clusters)
	for _, c := range groups {
		size[c] = min(size[c]+1, 2)
	}
	members := gathered(d.space, clusters, d.rows, func(i int) (uint32, bool) { return groups[i], size[groups[i]] > 1 })
	each((clusters+stretch-1)/stretch, func(i int) {
		var held []uint32
		for c := i * stretch; c < min(clusters, (i+1)*stretch); c++ {
			rows := members.of(uint32(c))
			if len(rows) < 2 {
				continue
			}
			for k := range d.fields {
				held = d.groups(held[:0], k, rows)
				for i := 1; i < len(held); i++ {
					if held[i] == held[i-1] {
						atomic.AddUint32(&holders[k][held[i]], ^uint32(0))
					}
				}
			}
		}
	})
	members.free(d.space)
	return holders
}

// groups appends the groups of the values that rows have in a field, ascending.
func (d *data) groups(dst []uint32, field int, rows []uint32) []uint32 {
	n, f := len(d.fields), d.fields[field]
	for _, row := range rows {
		if c := d.row[int(row)*n+field]; c != 0 {
			dst = append(dst, f.group[c])
		}
	}
	slices.Sort(dst)
	return dst
}
