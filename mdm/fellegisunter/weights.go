// Package fellegisunter weighs comparison vectors: the match weight in bits, log2 of m over u, summed.
package fellegisunter

import (
	"math"

	"crmhub/mdm/compare"
)

// Level says how often a level is seen: M among pairs of records of one
// customer, U among pairs of different customers.
type Level struct {
	M float64 `yaml:"m"`
	U float64 `yaml:"u"`
}

// Bits is a weight in millibits.
type Bits int32

// Of returns log2(x) in millibits.
func Of(x float64) Bits { return Bits(math.Round(math.Log2(x) * 1000)) }

// Guards bound evidence that is not independent; in millibits.
type Guards struct {
	// Household is what family name, e-mails, phones and addresses may say
	// together where the names contradict each other: families share them.
	Household Bits
	// Twins is what a birth date may say there.
	Twins Bits
	// Name is what a name may say alone: people share names.
	Name Bits
	// Contact is what the telephone and the address may say together: who
	// shares one often shares the other.
	Contact Bits
}

// Weights are the weights of all levels. They are safe for concurrent use.
type Weights struct {
	Levels [compare.NumComparisons][]Bits
	// exact is log2(m) of the best level of each comparison, which a known
	// frequency of the value completes.
	exact [compare.NumComparisons]Bits
	// best is the greatest weight of each comparison's levels but the first, none less than 0.
	best   [compare.NumComparisons]Bits
	Guards Guards
}

// New returns the weights of these levels; a level that is missing weighs nothing.
func New(levels map[string]map[string]Level, g Guards) *Weights {
	w := &Weights{Guards: g}
	for c := range compare.NumComparisons {
		w.Levels[c] = make([]Bits, c.Levels()+1)
		for l := 1; l <= c.Levels(); l++ {
			p, ok := levels[c.String()][c.LevelName(compare.Level(l))]
			if !ok {
				continue
			}
			w.Levels[c][l] = Of(p.M / p.U)
			if l > 1 {
				w.best[c] = max(w.best[c], w.Levels[c][l])
			}
			if compare.Level(l) == rare(c) {
				w.exact[c] = Of(p.M)
			}
		}
	}
	return w
}

// rare is the level whose weight depends on how rare the value is.
func rare(c compare.Comparison) compare.Level {
	if c == compare.Address {
		return compare.AddressCity
	}
	return 1
}

// parts returns the weight of each comparison before the guards.
func (w *Weights) parts(v *compare.Vector, p *[compare.NumComparisons]Bits) {
	for c := range compare.NumComparisons {
		l := v.Level[c]
		if l == compare.Missing {
			p[c] = 0
			continue
		}
		p[c] = w.Levels[c][l]
		if r := v.Rarity[c]; r != 0 {
			p[c] = w.exact[c] + Bits(r)
		}
	}
}

// Weight returns the match weight of v in millibits, guards included.
// Fellegi & Sunter 1969, eq. 12.
func (w *Weights) Weight(v *compare.Vector) Bits {
	var p [compare.NumComparisons]Bits
	w.parts(v, &p)
	total := Bits(0)
	for _, b := range p {
		total += b
	}
	return total - w.guard(v, &p)
}

// guard returns what the guards take away.
func (w *Weights) guard(v *compare.Vector, p *[compare.NumComparisons]Bits) Bits {
	taken := Bits(0)
	contact := positive(p[compare.Phone]) + positive(p[compare.Address])
	if Discordant(v) && !Identified(v) {
		taken += over(contact+positive(p[compare.Email])+positive(p[compare.FamilyName]), w.Guards.Household)
		return taken + over(p[compare.BirthDate], w.Guards.Twins)
	}
	taken += over(contact, w.Guards.Contact)
	name := positive(p[compare.FamilyName]) + positive(p[compare.GivenName]) + positive(p[compare.MiddleName])
	if name > w.Guards.Name && contact <= 0 && p[compare.BirthDate] <= 0 && p[compare.Email] <= 0 && p[compare.NationalID] <= 0 && p[compare.TaxID] <= 0 && p[compare.SocialID] <= 0 && p[compare.Organisation] <= 0 {
		taken += name - w.Guards.Name
	}
	return taken
}

func positive(b Bits) Bits { return max(b, 0) }

func over(b, limit Bits) Bits { return max(b-limit, 0) }

// Discordant reports whether the names say that these are two people.
func Discordant(v *compare.Vector) bool {
	f, g := v.Level[compare.FamilyName], v.Level[compare.GivenName]
	switch {
	case v.Level[compare.Kind] == compare.KindDifferent:
		return true
	case g == compare.GivenDifferent, g == compare.GivenCharacter:
		return true
	case v.Level[compare.BirthDate] == compare.BirthDifferent && (g == compare.GivenClose || g == compare.GivenMiddle || g == compare.GivenInitial):
		return true // two names that are alike, and two birth dates
	case f == compare.FamilyDifferent:
		return g == compare.Missing || g == compare.GivenInitial
	}
	return false
}

// Identified reports whether a number that belongs to one customer alone agrees.
func Identified(v *compare.Vector) bool {
	for _, c := range [...]compare.Comparison{compare.NationalID, compare.TaxID, compare.SocialID} {
		if l := v.Level[c]; l == compare.IDExact || l == compare.IDUnchecked && c != compare.SocialID {
			return true
		}
	}
	return false
}

// Step is one bar of a waterfall.
type Step struct {
	// Comparison and Level name what agreed how well; the guards' step is
	// "guard", with the guard's name for a level.
	Comparison, Level string
	Bits              Bits
	// Rarity is the part of Bits that the value's own frequency adds to the
	// level's average.
	Rarity Bits
}

// Waterfall returns the steps that add up to Weight(v), missing ones left out.
func (w *Weights) Waterfall(v *compare.Vector) []Step {
	var p [compare.NumComparisons]Bits
	w.parts(v, &p)
	var steps []Step
	for c := range compare.NumComparisons {
		if l := v.Level[c]; l != compare.Missing {
			steps = append(steps, Step{c.String(), c.LevelName(l), p[c], p[c] - w.Levels[c][l]})
		}
	}
	if taken := w.guard(v, &p); taken != 0 {
		name := "shared evidence"
		if Discordant(v) {
			name = "household"
		}
		steps = append(steps, Step{"guard", name, -taken, 0})
	}
	return steps
}

// Probability returns the chance that log odds stand for.
func (b Bits) Probability() float64 {
	return 1 / (1 + math.Exp2(-float64(b)/1000))
}

// Most returns a bound that Weight does not pass once Names has completed a vector
// that Facts filled. Guards only take away.
func (w *Weights) Most(a, b *compare.Features, v *compare.Vector) Bits {
	s := compare.SharedNames(a, b)
	most := w.name(compare.FamilyName, s.Family, s.FamilyRarity) + w.name(compare.GivenName, s.Given, s.GivenRarity)
	most += max(w.best[compare.NameOrder], w.Levels[compare.NameOrder][1])
	if a.Name.Given[1] != nil && b.Name.Given[1] != nil {
		most += max(w.best[compare.MiddleName], w.Levels[compare.MiddleName][1])
	}
	for c := compare.Organisation; c < compare.NumComparisons; c++ {
		if l := v.Level[c]; l != compare.Missing {
			if r := v.Rarity[c]; r != 0 {
				most += w.exact[c] + Bits(r)
			} else {
				most += w.Levels[c][l]
			}
		}
	}
	return most
}

// name returns the most that a part of the name can weigh, at least 0; exact says that it
// may agree exactly.
func (w *Weights) name(c compare.Comparison, exact bool, rarity int32) Bits {
	most := w.best[c]
	if exact {
		most = max(most, w.Levels[c][1])
	}
	if rarity != 0 {
		most = max(most, w.exact[c]+Bits(rarity))
	}
	return most
}
