package synthetic

import (
	"strconv"
	"strings"
)

// writer writes one record of a customer as one system does.
type writer struct {
	words *vocabulary
	s     *stream
	sys   *system
	row   *Row
	// then is which of the customer's two states a thing had when the record
	// was made: 0 before, 1 now.
	then int
}

// known decides whether a column is filled. What is not known is sometimes
// filled all the same.
func (w *writer) known(column int) bool { return w.s.chance(w.sys.fill[column]) }

// placeholders are what people write who must write something.
var placeholders = [...]string{"N/A", "n/a", "-", "unknown", "无", "不详", "null", ".", "none", "x"}

// put writes a cell, with slips, in the system's case.
func (w *writer) put(column int, value string) {
	if value == "" {
		return
	}
	if w.s.chance(w.sys.slips) {
		value = w.slip(value)
	}
	if w.sys.upper && column != email {
		value = strings.ToUpper(value)
	}
	if w.s.chance(6) {
		value += " "
	}
	w.row.Fields[column] = value
}

// unknown leaves a cell empty, or writes a placeholder.
func (w *writer) unknown(column int, o origin) {
	if !w.s.chance(w.sys.placeholders) {
		return
	}
	switch column {
	case birthDate:
		w.row.Fields[column] = w.date(1900, 1, 1, o)
	case phone:
		w.row.Fields[column] = [...]string{"13800000000", "00000000000", "12345678", "0", "11111111111"}[w.s.upTo(5)]
	case email:
		w.row.Fields[column] = [...]string{"info@example.com", "noreply@example.com", "none@example.com", "test@test.example", "a@a.example"}[w.s.upTo(5)]
	default:
		w.row.Fields[column] = placeholders[w.s.upTo(len(placeholders))]
	}
}

func (w *writer) person(c *customer) {
	w.then = 1
	if w.s.chance(400) {
		w.then = 0
	}
	w.names(c)
	if c.employer != "" && w.known(organisation) {
		w.put(organisation, w.han(c.employer, c.origin))
	}
	if w.known(gender) {
		w.put(gender, w.sex(c))
	} else {
		w.unknown(gender, c.origin)
	}
	if w.known(birthDate) {
		y, m, d := w.dateSlip(c.year, c.month, c.day)
		w.row.Fields[birthDate] = w.date(y, m, d, c.origin)
	} else {
		w.unknown(birthDate, c.origin)
	}
	w.contact(c)
}

func (w *writer) company(c *customer) {
	w.then = 1
	if w.s.chance(300) {
		w.then = 0
	}
	f := *c.company
	if c.origin.chinese() {
		switch x := w.s.upTo(1000); {
		case x < 120:
			f.region = ""
		case x < 200 && f.branch == "":
			f.trade, f.form = "", ""
		case x < 260 && f.branch == "":
			f.form = "公司"
		case x < 330 && f.form == "有限公司":
			f.form = "有限责任公司"
		case x < 380 && f.region != "":
			f.brand, f.region = f.brand+"（"+f.region+"）", ""
		}
	} else {
		switch x := w.s.upTo(1000); {
		case x < 150:
			f.form = ""
		case x < 230 && f.form == "Ltd":
			f.form = "Limited"
		case x < 230 && f.form == "Limited":
			f.form = "Ltd."
		case x < 300:
			f.brand = strings.ReplaceAll(f.brand, "&", "and")
		}
	}
	name := w.han(strings.Join(strings.Fields(f.name(c.origin)), " "), c.origin)
	// A system without a column for organisations writes them as people.
	if w.sys.fill[organisation] < 100 {
		w.put(fullName, name)
	} else {
		w.put(organisation, name)
		if w.s.chance(300) {
			w.names(c) // the person to ask for
		}
	}
	w.contact(c)
}

// names writes a person's name into one column, two or all three.
func (w *writer) names(c *customer) {
	if !w.known(fullName) {
		w.unknown(fullName, c.origin)
		return
	}
	family, given := c.family, c.given
	if w.then == 0 && c.maiden != "" {
		family = c.maiden
	}
	chinese := c.origin.chinese()
	// Who comes from Hong Kong or Taiwan is written in pinyin or as they write themselves.
	latin := chinese && (w.sys.latin || w.s.chance(15))
	switch {
	case latin:
		family, given = w.romanised(c), w.words.reading(given)
	case chinese:
		family, given = w.han(family, c.origin), w.han(given, c.origin)
	default:
		given = w.called(c)
	}
	if w.s.chance(12) && given != "" && family != "" {
		family, given = given, family
	}
	full := given + " " + family
	switch {
	case chinese && !latin:
		full = family + given
	case latin && w.s.chance(500):
		full = family + " " + given
	case w.sys.comma:
		full = family + ", " + given
	}
	if !w.sys.split || w.s.chance(25) {
		w.put(fullName, full)
		return
	}
	w.put(givenName, given)
	w.put(familyName, family)
	if w.s.chance(350) {
		w.put(fullName, full)
	}
}

// called is a given name as the record has it: whole, short, an initial, with
// or without the middle one.
func (w *writer) called(c *customer) string {
	switch {
	case w.s.chance(w.sys.initials):
		if c.middle != "" && w.s.chance(500) {
			return c.given[:1] + ". " + c.middle[:1] + "."
		}
		return c.given[:1] + "."
	case w.s.chance(w.sys.nicknames):
		if list := w.words.nicknames[c.given]; len(list) > 0 {
			return list[w.s.early(len(list))]
		}
	}
	if c.middle != "" {
		switch x := w.s.upTo(1000); {
		case x < 120:
			return c.given + " " + c.middle
		case x < 260:
			return c.given + " " + c.middle[:1]
		}
	}
	return c.given
}

// romanised is a Chinese family name in Latin letters.
func (w *writer) romanised(c *customer) string {
	if as, ok := w.words.romanised[c.family]; ok && c.origin != mainland {
		return as[c.origin-hongkong]
	}
	return w.words.reading(c.family)
}

// han writes Chinese in the characters of the system or of the customer.
func (w *writer) han(text string, o origin) string {
	if o.chinese() && (w.sys.traditional || o != mainland && w.s.chance(700)) {
		return w.words.traditionally(text)
	}
	return text
}

func (w *writer) sex(c *customer) string {
	i := 0
	if !c.male {
		i = 1
	}
	switch {
	case w.sys.countries == countryOwn && c.origin.chinese():
		return [...]string{"男", "女"}[i]
	case w.sys.dates == dateCompact:
		return [...]string{"1", "2"}[i]
	case w.sys.countries == countryName:
		return [...]string{"male", "female"}[i]
	}
	return [...]string{"M", "F"}[i]
}

// contact writes phones, mailboxes and addresses, of now or of before.
func (w *writer) contact(c *customer) {
	if w.known(phone) {
		number := c.mobile[w.then]
		mobile := c.company == nil && !w.s.chance(130) || c.company != nil && w.s.chance(150)
		if !mobile {
			number = c.landline
		}
		if w.s.chance(w.sys.slips) {
			number = w.digitSlip(number)
		}
		w.row.Fields[phone] = w.phone(number, mobile, c.origin)
	} else {
		w.unknown(phone, c.origin)
	}
	if w.known(email) {
		w.put(email, c.mail[w.then])
	} else {
		w.unknown(email, c.origin)
	}
	w.address(&c.home[w.then], c.origin)
}

func (w *writer) address(h *home, o origin) {
	if w.known(street) {
		w.put(street, w.street(h, o))
	} else {
		w.unknown(street, o)
	}
	if !w.sys.oneLine || w.s.chance(400) {
		if w.known(cityColumn) {
			name := h.cityName()
			switch {
			case o.chinese() && w.sys.latin && w.s.chance(400):
				name = w.words.reading(strings.TrimSuffix(name, "市"))
			case o.chinese() && w.sys.short:
				name = strings.TrimSuffix(name, "市")
			case o.chinese() && w.s.chance(60):
				name += h.district
			}
			w.put(cityColumn, w.han(name, o))
		} else {
			w.unknown(cityColumn, o)
		}
	}
	if w.known(postcode) {
		post := h.post
		if o == britain && w.s.chance(250) {
			post = strings.ReplaceAll(post, " ", "")
		}
		w.put(postcode, post)
	}
	if w.known(country) {
		w.row.Fields[country] = w.country(o)
	}
}

func (w *writer) street(h *home, o origin) string {
	b := make([]byte, 0, 96)
	if o.chinese() {
		if w.sys.oneLine || w.s.chance(60) {
			if h.region != h.city.name && !w.sys.short {
				b = append(b, h.region...)
			}
			b = append(b, h.city.name...)
		}
		if w.s.chance(700) {
			b = append(b, h.district...)
		}
		b = append(append(append(b, h.road...), h.kind[0]...), strconv.Itoa(h.number)...)
		b = append(b, "号"...)
		if h.estate != "" && w.s.chance(850) {
			b = append(b, h.estate...)
			b = strconv.AppendInt(b, int64(h.building), 10)
			b = append(b, [...]string{"号楼", "栋", "幢"}[w.s.upTo(3)]...)
		}
		if h.flat > 0 && w.s.chance(850) {
			if h.estate == "" && w.s.chance(300) {
				b = append(b, '-')
			}
			b = strconv.AppendInt(b, int64(h.flat), 10)
			if w.s.chance(700) {
				b = append(b, "室"...)
			}
		}
		return w.han(string(b), o)
	}
	if h.flat > 0 && w.s.chance(850) {
		b = append(b, [...]string{"Flat ", "Apt ", "Unit "}[w.s.upTo(3)]...)
		b = strconv.AppendInt(b, int64(h.flat), 10)
		b = append(b, ", "...)
	}
	b = strconv.AppendInt(b, int64(h.number), 10)
	kind := h.kind[0]
	if w.sys.short || w.s.chance(80) {
		kind = h.kind[1]
	}
	b = append(append(append(append(b, ' '), h.road...), ' '), kind...)
	if w.sys.oneLine {
		b = append(append(append(append(b, ", "...), h.cityName()...), ' '), h.post...)
	}
	return string(b)
}
