// Package synthetic makes up customers with truth: the dirty records of several systems, and who each of them is.
package synthetic

import (
	"fmt"
	"slices"
)

// MaxRows is how many records a generator makes at most.
const MaxRows = 100_000_000

// languages are those that customers can have: Chinese and English.
var languages = []string{"zh", "en"}

// Options say what is made. The zero value is 100,000 rows of six systems in
// both languages, seed 0.
type Options struct {
	// Rows is how many records there are: 1 to MaxRows; 0 means 100,000.
	Rows int64
	// Seed names the world: the same options give the same bytes.
	Seed uint64
	// Systems is how many sources the records come from: 1 to 12; 0 means 6.
	Systems int
	// Languages are some of zh and en; none means both.
	Languages []string
}

// Validate returns what is wrong with o, by the name of the option.
func (o *Options) Validate() error {
	switch {
	case o.Rows < 0 || o.Rows > MaxRows:
		return fmt.Errorf("rows: want 1 to %d, got %d", MaxRows, o.Rows)
	case o.Systems < 0 || o.Systems > len(systems):
		return fmt.Errorf("systems: want 1 to %d, got %d", len(systems), o.Systems)
	}
	for _, l := range o.Languages {
		if !slices.Contains(languages, l) {
			return fmt.Errorf("languages: want zh and en, got %q", l)
		}
	}
	return nil
}

// header names the columns of a row, in order.
var header = [...]string{
	"record_id", "source", "full_name", "given_name", "family_name", "organisation", "gender",
	"birth_date", "phone", "email", "street", "city", "postcode", "country",
}

// The columns.
const (
	recordID = iota
	source
	fullName
	givenName
	familyName
	organisation
	gender
	birthDate
	phone
	email
	street
	cityColumn
	postcode
	country
	columns
)

// Header returns the names of the columns of a row, in order.
func Header() []string { return header[:] }

// Row is one record of one system.
type Row struct {
	// Fields are the cells by the order of Header; empty where the system
	// knows nothing.
	Fields [columns]string
	// Entity is whose record it is: records of one customer have one number.
	Entity int64
}

// Generator makes rows. Any row can be asked for at any time, for each is a
// function of the options and its number: memory does not grow with the rows.
// It is safe for concurrent use.
type Generator struct {
	rows      int64
	seed      uint64
	systems   []system
	weights   weighted
	languages []string
	words     *vocabulary
	order     permutation
}

// New returns a generator. It returns the error of Validate.
func New(o Options) (*Generator, error) {
	if err := o.Validate(); err != nil {
		return nil, err
	}
	if o.Rows == 0 {
		o.Rows = 100_000
	}
	if o.Systems == 0 {
		o.Systems = 6
	}
	if len(o.Languages) == 0 {
		o.Languages = languages
	}
	g := &Generator{
		rows: o.Rows, seed: o.Seed, systems: systems[:o.Systems], words: readVocabulary(),
		order: newPermutation(o.Rows, o.Seed),
	}
	// The order in which languages are named makes no difference.
	for _, l := range languages {
		if slices.Contains(o.Languages, l) {
			g.languages = append(g.languages, l)
		}
	}
	var names []string
	var weights []int
	for i := range g.systems {
		names, weights = append(names, g.systems[i].name), append(weights, g.systems[i].weight)
	}
	g.weights = newWeighted(names, weights)
	return g, nil
}

// Rows returns how many rows there are.
func (g *Generator) Rows() int64 { return g.rows }

// blockSize is how many records are laid out together. Whole households live
// in one block; what does not fit is cut off.
const blockSize = 48

// place is where a record stands in the made-up world.
type place struct {
	block     int64
	household int
	kind      householdKind
	members   int
	member    int
	copy      int
	entity    int64
}

// copies is how many records a customer has, of 1,000 customers.
var copies = [...]int{520, 260, 120, 52, 28, 12, 5, 3}

// place finds the record of a number by laying out its block anew.
func (g *Generator) place(i int64) place {
	at := g.order.at(i)
	p := place{block: at / blockSize}
	left := int(at % blockSize)
	s := newStream(g.seed, uint64(p.block), 1)
	for p.entity = p.block * blockSize; ; p.household++ {
		p.kind = pickKind(&s)
		p.members = p.kind.members(&s)
		for p.member = 0; p.member < p.members; p.member++ {
			n, x := 1, s.upTo(1000)
			for x -= copies[0]; x >= 0 && n < len(copies); n++ {
				x -= copies[n]
			}
			if left < n {
				p.copy = left
				return p
			}
			left -= n
			p.entity++
		}
	}
}

// Row returns the row of a number from 0 to Rows()-1.
func (g *Generator) Row(i int64) Row {
	p := g.place(i)
	house := newStream(g.seed, uint64(p.block), uint64(p.household), 2)
	c := g.customer(&house, &p)
	sys := g.source(&p)
	s := newStream(g.seed, uint64(p.block), uint64(p.household), uint64(p.member), uint64(p.copy), 4)
	r := Row{Entity: p.entity}
	w := writer{words: g.words, s: &s, sys: sys, row: &r}
	if c.company != nil {
		w.company(c)
	} else {
		w.person(c)
	}
	r.Fields[source] = sys.name
	r.Fields[recordID] = sys.id(i + 1)
	return r
}

// source is the system of a customer's record: each record usually of another
// one, sometimes the same system twice.
func (g *Generator) source(p *place) *system {
	s := newStream(g.seed, uint64(p.block), uint64(p.household), uint64(p.member), 3)
	first := g.weights.pick(&s)
	at := slices.IndexFunc(g.systems, func(x system) bool { return x.name == first })
	// A step that shares no factor with their number passes through all systems.
	step := 1 + s.upTo(len(g.systems))
	for !coprime(step, len(g.systems)) {
		step++
	}
	for range p.copy {
		if !s.chance(90) {
			at = (at + step) % len(g.systems)
		}
	}
	return &g.systems[at]
}

func coprime(a, b int) bool {
	for b > 0 {
		a, b = b, a%b
	}
	return a == 1
}
