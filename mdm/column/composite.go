package column

import (
	"slices"
	"strings"
)

// NewComposite returns the comparer of several columns that tell of one
// thing: FullName over the parts of a name and whole names, Address over the
// parts of an address. ok is false for other kinds.
func NewComposite(k Kind, parts []Kind) (c Composite, ok bool) {
	switch k {
	case FullName:
		return newFullName(parts), true
	case Address:
		return newPostal(parts), true
	}
	return nil, false
}

// Group is several columns, by their numbers, that are compared as one.
type Group struct {
	Kind    Kind
	Columns []int
}

// Together proposes which columns to compare as one: the parts of a person's
// name with whole names, the parts of an address. A table of several people or
// addresses a row (billing_city, shipping_city) keeps them apart by what their
// headers begin with.
func Together(headers []string, guesses []Guess) []Group {
	var out []Group
	for _, g := range []struct {
		kind  Kind
		parts []Kind
	}{
		{FullName, []Kind{FullName, GivenName, MiddleName, FamilyName}},
		{Address, []Kind{Street, Address, HouseNumber, District, City, Region, Postcode, Country}},
	} {
		byHead := map[string][]int{}
		var heads []string
		for i, guess := range guesses {
			if !slices.Contains(g.parts, guess.Kind) {
				continue
			}
			h := roleOf(headers[i])
			if byHead[h] == nil {
				heads = append(heads, h)
			}
			byHead[h] = append(byHead[h], i)
		}
		for _, h := range heads {
			byHead[h] = oneLine(byHead[h], guesses)
			if len(byHead[h]) >= 2 && tellsTogether(g.kind, byHead[h], guesses) {
				out = append(out, Group{g.kind, byHead[h]})
			}
		}
	}
	return out
}

// oneLine leaves out the columns of whole addresses, which are compared alone,
// unless there is one and no column of streets: then it is the street of what
// stands beside it.
func oneLine(columns []int, guesses []Guess) []int {
	streets, whole := 0, 0
	for _, i := range columns {
		switch guesses[i].Kind {
		case Street:
			streets++
		case Address:
			whole++
		}
	}
	if whole == 0 || whole == 1 && streets == 0 {
		return columns
	}
	return slices.DeleteFunc(columns, func(i int) bool { return guesses[i].Kind == Address })
}

// roleOf returns the word of a header that says whose name or address it is.
func roleOf(header string) string {
	first, _, _ := strings.Cut(headerWords(header), " ")
	switch first {
	case "billing", "shipping", "ship", "bill", "delivery", "home", "work", "office", "business", "mailing", "postal", "registered", "birth", "mother", "father", "spouse", "contact", "owner", "director", "executive", "center", "company", "employer":
		return first
	}
	return ""
}

// tellsTogether reports whether columns tell more together than apart: a name
// with a given or family name in it, a street with a place.
func tellsTogether(k Kind, columns []int, guesses []Guess) bool {
	var has [kinds]int
	for _, i := range columns {
		has[guesses[i].Kind]++
	}
	if k == FullName {
		return has[GivenName] > 0 && has[FamilyName] > 0 || has[FullName] > 1 || has[FullName] > 0 && has[GivenName]+has[FamilyName] > 0
	}
	return has[Street]+has[Address] > 0
}

// Combine takes a name in several columns apart.
func (c *fullName) Combine(dst []byte, texts []string) []byte {
	var given, middle, family string
	var room [2]string
	whole := room[:0]
	for i, t := range texts {
		t = clean(t)
		if t == "" || i >= len(c.parts) {
			continue
		}
		switch c.parts[i] {
		case GivenName:
			given = join(given, t)
		case MiddleName:
			middle = join(middle, t)
		case FamilyName:
			family = join(family, t)
		default:
			whole = append(whole, t)
		}
	}
	g, f := nameText(join(given, middle)), nameText(family)
	for _, w := range whole {
		g, f = complete(g, f, w)
	}
	return appendHuman(dst, g, f)
}

// Parted reports whether each part is of one column, and none a middle name,
// which is read with the given name.
func (c *fullName) Parted() bool {
	var seen [kinds]bool
	for _, k := range c.parts {
		switch k {
		case GivenName, FamilyName:
		case MiddleName:
			return false
		default:
			k = FullName
		}
		if seen[k] {
			return false
		}
		seen[k] = true
	}
	return true
}

// Part takes a value of one column apart; of a whole name its text stands in
// front, behind its length.
func (c *fullName) Part(dst []byte, k int, text string) []byte {
	switch c.parts[k] {
	case GivenName:
		return appendPart(dst, text, false)
	case FamilyName:
		return appendPart(dst, text, true)
	}
	if text = clean(text); text == "" {
		return dst
	}
	given, family := splitName(text)
	return appendHuman(append(append16(dst, len(text)), text...), given, family)
}

// Join packs the name that the parts of its columns make.
func (c *fullName) Join(dst []byte, parts []Packed) []byte {
	var given, family, whole Packed
	for i, v := range parts {
		switch c.parts[i] {
		case GivenName:
			given = v
		case FamilyName:
			family = v
		default:
			whole = v
		}
	}
	if whole == "" || given != "" && family != "" {
		return joinHuman(dst, given, family)
	}
	n := 2 + whole.get16(0)
	if given == "" && family == "" {
		return append(dst, whole[n:]...)
	}
	var room [2][maxWords]string
	var g, f []string
	if given != "" {
		p := partOf(given)
		g = p.split(&room[0])
	}
	if family != "" {
		p := partOf(family)
		f = p.split(&room[1])
	}
	g, f = complete(g, f, string(whole[2:n]))
	return appendHuman(dst, g, f)
}

func join(a, b string) string {
	if a == "" || b == "" {
		return a + b
	}
	return a + " " + b
}

// complete adds to the parts of a name what a whole name knows beside them.
func complete(given, family []string, whole string) (g, f []string) {
	switch {
	case len(given) == 0 && len(family) == 0:
		return splitName(whole)
	case len(given) > 0 && len(family) > 0:
		return given, family
	}
	known, all := slices.Concat(given, family), nameText(whole)
	rest := slices.DeleteFunc(slices.Clone(all), func(w string) bool {
		x := spell(w)
		for _, k := range known {
			y := spell(k)
			if w == k || min(x.runes, y.runes) >= 4 && slips(&x, &y, 1) {
				return true
			}
		}
		return false
	})
	if len(known) == 1 && len(all) == 1 && len(rest) == 1 {
		// 张 beside 张伟, whose characters are one word.
		if rest[0] = strings.Replace(rest[0], known[0], "", 1); rest[0] == "" {
			rest = nil
		}
	}
	if len(given) == 0 {
		return rest, family
	}
	return given, rest
}
