package compare

import (
	"cmp"
	"math/bits"
	"strings"

	"crmhub/mdm/similar"
)

// compareNames fills the comparisons of a name: straight, or with family and
// given name swapped where that agrees better.
func compareNames(a, b *Name, v *Vector) {
	if a.empty() || b.empty() {
		return
	}
	if a.han() != b.han() {
		compareScripts(a, b, v)
		return
	}
	family, given := compareFamily(a.Family, b.Family), compareGiven(a, b)
	if straight(family, given) {
		v.set(FamilyName, family, a.Family)
		v.set(GivenName, given, commonGiven(a, b))
		compareMiddle(a, b, v)
		return
	}
	if !swap(a, b, family, given, v) {
		v.set(FamilyName, family, a.Family)
		v.set(GivenName, given, commonGiven(a, b))
		if given != GivenDifferent {
			compareMiddle(a, b, v)
		}
	}
}

// Shared says which parts of two names are, or may be, one spelling, without a
// look at their letters: one spelling is one token.
type Shared struct {
	// Family and Given say that a family or given name may agree exactly, the rarest
	// of them that rare (see Vector.Rarity).
	Family, Given             bool
	FamilyRarity, GivenRarity int32
}

// SharedNames returns what Names can find at most.
func SharedNames(a, b *Features) Shared {
	var s Shared
	x, y := &a.Name, &b.Name
	family := func(t *Token) { s.Family, s.FamilyRarity = true, max(s.FamilyRarity, t.Family) }
	given := func(t *Token) { s.Given, s.GivenRarity = true, max(s.GivenRarity, t.Given) }
	if x.Family != nil && x.Family == y.Family {
		family(x.Family)
	}
	if x.Given[0] != nil && y.Given[0] != nil && (x.Given[0] == y.Given[0] || x.Whole == y.Whole) {
		if s.Given = true; commonGiven(x, y) != nil {
			given(commonGiven(x, y))
		}
	}
	// A family name that stands where the other has a given name may be either.
	for _, t := range [...][2]*Token{{x.Family, y.Given[0]}, {y.Family, x.Given[0]}} {
		if t[0] != nil && t[0] == t[1] {
			family(t[0])
			given(t[0])
		}
	}
	return s
}

// commonGiven returns the given name that both have where they agree exactly.
func commonGiven(a, b *Name) *Token {
	if a.Given[0] == b.Given[0] {
		return a.Given[0]
	}
	return a.Whole
}

// set notes a level, and how rare the value is where both have it.
func (v *Vector) set(c Comparison, l Level, t *Token) {
	v.Level[c] = l
	if l != 1 || t == nil {
		return
	}
	switch c {
	case FamilyName:
		v.Rarity[c] = t.Family
	case GivenName:
		v.Rarity[c] = t.Given
	}
}

func straight(family, given Level) bool {
	return (family == Missing || family <= FamilySound) && (given == Missing || given <= GivenMiddle) && family+given > 0
}

// swap tries family against given name. Names of one word may stand in
// either field.
func swap(a, b *Name, family, given Level, v *Vector) bool {
	across := compareFamily(a.Family, b.Given[0])
	back := compareFamily(b.Family, a.Given[0])
	good := func(l Level) bool { return l == FamilyExact || l == FamilyNear || l == FamilySound }
	whole := a.Family != nil && a.Given[0] != nil && b.Family != nil && b.Given[0] != nil
	switch {
	case whole && good(across) && good(back):
		// Which of the two is right is unknown: the commoner reading counts.
		if rarer(a, b) {
			a, across, back = b, back, across
		}
		v.set(FamilyName, across, a.Family)
		v.set(GivenName, asGiven(back), a.Given[0])
	case !whole && good(across) && !agrees(family, given):
		v.set(FamilyName, across, a.Family)
	case !whole && good(back) && !agrees(family, given):
		v.set(FamilyName, back, b.Family)
	default:
		return false
	}
	v.Level[NameOrder] = OrderSwapped
	return true
}

// rarer reports whether the first of two names is the rarer, by its letters
// where both are equally rare, so that the order of two records is nothing.
func rarer(a, b *Name) bool {
	return cmp.Or(
		cmp.Compare(a.Family.Family+a.Given[0].Given, b.Family.Family+b.Given[0].Given),
		cmp.Compare(a.Family.Text, b.Family.Text), cmp.Compare(a.Given[0].Text, b.Given[0].Text)) > 0
}

func agrees(family, given Level) bool {
	return family != Missing && family <= FamilySound || given != Missing && given <= GivenMiddle
}

func asGiven(family Level) Level {
	switch family {
	case FamilyExact:
		return GivenExact
	case FamilyNear:
		return GivenNear
	}
	return GivenSound
}

func compareFamily(a, b *Token) Level {
	switch {
	case a == nil || b == nil:
		return Missing
	case a == b:
		return FamilyExact
	case a.han && b.han:
		if a.surnamePinyin == b.surnamePinyin {
			return FamilySound
		}
		return FamilyDifferent
	case near(a, b, 1) && min(a.length, b.length) >= 4 || alike(a, b, 0.92):
		return FamilyNear
	case shareClass(a.romanised, b.romanised):
		return FamilySound
	case partOf(a.Text, b.Text) || partOf(b.Text, a.Text):
		return FamilyPart
	case alike(a, b, 0.85) || min(a.length, b.length) >= 6 && near(a, b, 2) || a.Sound == b.Sound && a.Sound != 0 && alike(a, b, 0.8):
		return FamilyClose
	}
	return FamilyDifferent
}

// partOf reports whether b is one of the words of a.
func partOf(a, b string) bool {
	if len(b) < 3 || len(a) <= len(b)+1 {
		return false
	}
	rest, ok := strings.CutPrefix(a, b)
	if ok && rest[0] == ' ' {
		return true
	}
	rest, ok = strings.CutSuffix(a, b)
	return ok && rest[len(rest)-1] == ' '
}

func compareGiven(a, b *Name) Level {
	x, y := a.Given[0], b.Given[0]
	switch {
	case x == nil || y == nil:
		return Missing
	case x.han && y.han:
		return compareHanGiven(x, y)
	case x == y || a.Whole == b.Whole:
		return GivenExact
	}
	best := compareGivenWord(x, y)
	if best > GivenNear {
		for _, t := range b.Given[1:] {
			if t != nil && t == x {
				return GivenMiddle
			}
		}
		for _, t := range a.Given[1:] {
			if t != nil && t == y {
				return GivenMiddle
			}
		}
	}
	return best
}

func compareGivenWord(x, y *Token) Level {
	switch {
	case shareClass(x.classes, y.classes):
		return GivenNickname
	case x.length == 1 || y.length == 1:
		if x.Text[0] == y.Text[0] {
			return GivenInitial
		}
		return GivenDifferent
	case near(x, y, 1) && min(x.length, y.length) >= 4 || alike(x, y, 0.92):
		return GivenNear
	case alike(x, y, 0.85) || min(x.length, y.length) >= 6 && near(x, y, 2) || x.Sound == y.Sound && x.Sound != 0 && alike(x, y, 0.8):
		return GivenClose
	}
	return GivenDifferent
}

// compareHanGiven compares Chinese given names, of one or two characters
// nearly always.
func compareHanGiven(x, y *Token) Level {
	switch {
	case x == y:
		return GivenExact
	case x.pinyin == y.pinyin:
		return GivenSound
	case x.length < 2 || y.length < 2 || x.length != y.length:
		return GivenDifferent
	}
	same, i := 0, 0
	ys := []rune(y.Text)
	for _, r := range x.Text {
		if r == ys[i] {
			same++
		}
		i++
	}
	if same*2 >= int(x.length) {
		return GivenCharacter
	}
	return GivenDifferent
}

// compareScripts compares a Chinese name in characters with one in Latin
// letters, whose order is anyone's guess.
func compareScripts(a, b *Name, v *Vector) {
	if b.han() {
		a, b = b, a
	}
	if a.Family == nil {
		return
	}
	family, given := FamilyDifferent, Missing
	latin, rest := b.Family, b.Whole
	if !readAs(a.Family, latin) && b.Given[0] != nil && readAs(a.Family, b.Given[0]) {
		latin, rest = b.Given[0], b.Family
	}
	if readAs(a.Family, latin) {
		family = FamilySound
	}
	if a.Whole != nil && rest != nil {
		switch {
		case a.Whole.pinyin == strings.ReplaceAll(rest.Text, " ", ""):
			given = GivenSound
		case initials(a.Whole, rest.Text):
			given = GivenInitial
		default:
			given = GivenDifferent
		}
	}
	v.Level[FamilyName], v.Level[GivenName] = family, given
}

// readAs reports whether a Latin word is a way to write a Chinese surname.
func readAs(han, latin *Token) bool {
	return latin != nil && (han.surnamePinyin == latin.Text || han.pinyin == latin.Text || shareClass(han.romanised, latin.romanised))
}

// initials reports whether a Latin word is the initials of a Chinese given name.
func initials(han *Token, s string) bool {
	s = strings.ReplaceAll(s, " ", "")
	return len(s) <= int(han.length) && s != "" && strings.HasPrefix(han.pinyin, s[:1])
}

func compareMiddle(a, b *Name, v *Vector) {
	x, y := a.Given[1], b.Given[1]
	if x == nil || y == nil || a.Whole == b.Whole {
		return
	}
	best := MiddleDifferent
	for _, x := range a.Given[1:] {
		for _, y := range b.Given[1:] {
			if x == nil || y == nil {
				continue
			}
			switch {
			case x == y:
				best = min(best, MiddleExact)
			case x.length == 1 || y.length == 1:
				if x.Text[0] == y.Text[0] {
					best = min(best, MiddleInitial)
				}
			case near(x, y, 1) || alike(x, y, 0.9):
				best = min(best, MiddleNear)
			}
		}
	}
	v.Level[MiddleName] = best
}

// near is Within with a look at the letters first.
func near(a, b *Token, k int) bool {
	if d := a.length - b.length; d > int32(k) || -d > int32(k) {
		return false
	}
	if bits.OnesCount32(a.letters^b.letters) > 2*k {
		return false
	}
	return similar.Within(a.Text, b.Text, k)
}

// alike is JaroWinkler with a look at the letters first: letters that the
// other word lacks bound what it can reach.
func alike(a, b *Token, least float64) bool {
	la, lb := float64(a.length), float64(b.length)
	if la < 3 || lb < 3 {
		return false
	}
	onlyA, onlyB := bits.OnesCount32(a.letters&^b.letters), bits.OnesCount32(b.letters&^a.letters)
	if a.ascii && b.ascii {
		m := min(la-float64(onlyA), lb-float64(onlyB))
		if m <= 0 {
			return false
		}
		j := (m/la + m/lb + 1) / 3
		if j+0.4*(1-j) < least {
			return false
		}
	}
	return similar.AtLeast(a.Text, b.Text, least)
}
