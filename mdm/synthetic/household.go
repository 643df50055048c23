package synthetic

import "strconv"

// householdKind is who lives, or works, together.
type householdKind uint8

const (
	alone householdKind = iota
	couple
	family
	twins
	namesakes // parent and child of the same name
	flatmates
	company // and its branches
)

// kinds is how many households of 1,000 are of each kind.
var kinds = [...]int{alone: 430, couple: 210, family: 190, twins: 25, namesakes: 15, flatmates: 60, company: 70}

func pickKind(s *stream) householdKind {
	x := s.upTo(1000)
	for k, n := range kinds {
		if x -= n; x < 0 {
			return householdKind(k)
		}
	}
	return alone
}

// members is how many customers a household has.
func (k householdKind) members(s *stream) int {
	switch k {
	case couple, namesakes:
		return 2
	case family:
		return 3 + s.upTo(2)
	case twins:
		return 2 + s.upTo(3) // the twins, then their parents
	case flatmates:
		return 2 + s.upTo(2)
	case company:
		if s.chance(250) {
			return 2 + s.upTo(4)
		}
	}
	return 1
}

// origin is where people come from, and how they write themselves.
type origin uint8

const (
	mainland origin = iota
	hongkong
	taiwan
	britain
	america
)

func (o origin) chinese() bool { return o <= taiwan }

// home is an address as its people know it.
type home struct {
	city     *city
	composed string // a town that is not listed
	region   string
	district string
	road     string
	kind     [2]string // Street, St
	number   int
	flat     int
	estate   string
	building int
	post     string
}

func (h *home) cityName() string {
	if h.composed != "" {
		return h.composed
	}
	return h.city.name
}

// customer is one person or one place of business: the truth.
type customer struct {
	origin        origin
	male          bool
	family, given string
	middle        string
	maiden        string
	year          int
	month, day    int
	// Of two, the second is what holds today, the first what held before.
	mobile   [2]string // national digits
	mail     [2]string
	home     [2]home
	landline string // area code and number, national digits without 0
	employer string
	company  *firm
}

// firm is an organisation.
type firm struct {
	region, brand, trade, form string
	branch                     string // "" is the head office
	host                       string
}

// customer makes the customer of a place; house is the stream of what the
// household shares, from its beginning.
func (g *Generator) customer(house *stream, p *place) *customer {
	v := g.words
	c := &customer{}
	zh := g.languages[house.upTo(len(g.languages))] == "zh"
	switch x := house.upTo(1000); {
	case zh && x < 50:
		c.origin = hongkong
	case zh && x < 100:
		c.origin = taiwan
	case zh:
		c.origin = mainland
	case x < 550:
		c.origin = britain
	default:
		c.origin = america
	}
	shared := v.home(house, c.origin)
	surname := v.surname(house, zh)
	year := 1938 + house.upTo(30) + house.upTo(36)
	landline := v.landline(house, &shared)
	if p.kind == company {
		return g.business(house, p, c, shared, landline)
	}

	s := newStream(g.seed, uint64(p.block), uint64(p.household), uint64(p.member), 5)
	c.male = s.chance(500)
	c.family, c.year, c.month, c.day = surname, year+s.upTo(5)-2, 1+s.upTo(12), 1+s.upTo(28)
	child := p.kind == family && p.member >= 2 || p.kind == twins && p.member < 2
	switch {
	case child:
		c.year = min(year+22+s.upTo(12), 2009)
	case p.member == 1 && (p.kind == couple || p.kind == family) || p.kind == twins && p.member == 3:
		// Wives keep their names in China; elsewhere most had another one before.
		c.male = false
		if zh || s.chance(250) {
			c.family = v.surname(&s, zh)
		} else if s.chance(300) {
			c.maiden = v.surname(&s, zh)
		}
	case p.kind == flatmates:
		c.family = v.surname(&s, zh)
	case !zh && !c.male && s.chance(80):
		c.maiden = v.surname(&s, zh)
	}
	c.given = v.given(&s, zh, c.male)
	if !zh && s.chance(350) {
		c.middle = v.given(&s, zh, c.male)
	}
	if p.kind == twins && p.member < 2 || p.kind == namesakes {
		v.likeness(house, c, p, year)
	}
	v.contact(&s, c, shared, landline)
	if p.members > 1 && house.chance(60) {
		c.mail[1] = v.mailbox(house, c.origin, v.latin(surname), "family", year, "")
	}
	if p.members > 1 && (child || p.member == 1) && s.chance(60) {
		c.mobile[1] = v.mobile(house, c.origin)
	}
	return c
}

// likeness makes a twin like the other one, often so like that a slip would
// do, and a child its parent's namesake.
func (v *vocabulary) likeness(house *stream, c *customer, p *place, year int) {
	zh := c.origin.chinese()
	c.male = house.chance(500)
	given, similar := v.given(house, zh, c.male), house.chance(450)
	month, day := 1+house.upTo(12), 1+house.upTo(28)
	other := v.given(house, zh, c.male)
	if zh { // one character is the same
		other = given[:3] + house.rune(v.secondZH)
		if !similar && len(given) > 3 {
			other = house.rune(v.secondZH) + given[3:]
		}
		if other == given {
			other = given[:3] + "双"
		}
	}
	for range 8 {
		if zh || other != given && (!similar || other[0] == given[0]) {
			break
		}
		other = v.given(house, zh, c.male)
	}
	c.given = given
	switch {
	case p.kind == twins:
		c.year, c.month, c.day = min(year+24, 2009), month, day
		if p.member == 1 {
			c.given = other
		}
	case p.member == 1:
		c.year = min(year+27, 2009)
		if zh { // no Chinese child has its father's whole name
			c.given = other
		}
	default:
		c.year = year
	}
}

// contact gives a person their addresses, phones, mailboxes and employer, and
// the former ones of those who moved.
func (v *vocabulary) contact(s *stream, c *customer, shared home, landline string) {
	c.home = [2]home{shared, shared}
	if s.chance(130) {
		c.home[0] = v.home(s, c.origin)
	}
	c.landline = landline
	latin, given := v.latin(c.family), v.latin(c.given)
	c.mobile[1] = v.mobile(s, c.origin)
	c.mobile[0] = c.mobile[1]
	if s.chance(140) {
		c.mobile[0] = v.mobile(s, c.origin)
	}
	host := ""
	if s.chance(250) {
		f := v.firm(s, c.origin, "")
		c.employer = f.name(c.origin)
		if s.chance(400) {
			host = f.host
		}
	}
	c.mail[1] = v.mailbox(s, c.origin, latin, given, c.year, host)
	c.mail[0] = c.mail[1]
	if s.chance(180) {
		c.mail[0] = v.mailbox(s, c.origin, latin, given, c.year, "")
	}
	if s.chance(30) { // a number for a mailbox
		c.mail[1] = strconv.Itoa(100_000+s.upTo(900_000_000)) + atHost(c.mail[1])
	}
}
