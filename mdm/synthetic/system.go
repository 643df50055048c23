package synthetic

import "strconv"

// system is a source and its habits.
type system struct {
	name   string
	weight int // how many records are its own, against the others'
	prefix string
	width  int // figures of a record's id
	// fill is how often a column that is known is filled, of 1,000.
	fill [columns]int
	// split says that names stand in two columns; otherwise in one, for people
	// of the West with the family name first and a comma where comma is set.
	split, comma bool
	latin        bool // Chinese names in pinyin
	traditional  bool // Chinese in traditional characters
	upper        bool
	phones       phoneForm
	dates        dateForm
	countries    countryForm
	oneLine      bool // the whole address in the street's column
	short        bool // St, Rd; without 省 and 市
	initials     int  // of 1,000, given names written as an initial
	nicknames    int
	slips        int // of 1,000 cells keyed with a slip
	placeholders int // of 1,000 unknown cells filled all the same
}

func (s *system) id(row int64) string {
	var b [32]byte
	out := append(b[:0], s.prefix...)
	text := strconv.AppendInt(nil, row, 10)
	for n := len(text); n < s.width; n++ {
		out = append(out, '0')
	}
	return string(append(out, text...))
}

type phoneForm uint8

const (
	phonePlain    phoneForm = iota // 13800138000, 02079460018
	phoneE164                      // +8613800138000
	phoneDashes                    // 138-0013-8000, 020-7946-0018
	phoneZeros                     // 008613800138000
	phoneSpaces                    // +86 138 0013 8000
	phoneBrackets                  // (86) 13800138000
)

type dateForm uint8

const (
	dateISO     dateForm = iota // 1980-02-03
	dateDay                     // 03/02/1980
	dateMonth                   // 02/03/1980
	dateCompact                 // 19800203
	dateHan                     // 1980年2月3日; 3 Feb 1980 in the West
	datePoints                  // 1980.2.3
)

type countryForm uint8

const (
	countryCode countryForm = iota // CN
	countryLong                    // CHN
	countryName                    // China
	countryOwn                     // 中国
)

// systems are the sources by their number: the first is what a company has
// first. fill is by the order of the columns.
var systems = []system{
	{
		name: "erp", weight: 26, prefix: "C", width: 8, fill: fills(990, 0, 900, 500, 420, 780, 560, 860, 900, 880, 800),
		phones: phonePlain, dates: dateCompact, countries: countryCode, short: true, slips: 14, placeholders: 70,
	},
	{
		name: "shop", weight: 24, prefix: "", width: 1, fill: fills(970, 990, 150, 250, 300, 860, 980, 820, 850, 780, 700),
		split: true, phones: phoneE164, dates: dateISO, countries: countryCode, slips: 26, nicknames: 90, initials: 15, placeholders: 10,
	},
	{
		name: "crm", weight: 18, prefix: "0015g00000", width: 8, fill: fills(990, 960, 420, 400, 350, 800, 720, 520, 600, 400, 560),
		split: true, phones: phoneDashes, dates: dateDay, countries: countryName, slips: 18, nicknames: 60, initials: 30, placeholders: 25,
	},
	{
		name: "service", weight: 14, prefix: "T-", width: 7, fill: fills(980, 0, 200, 0, 120, 880, 620, 160, 300, 120, 200),
		phones: phoneSpaces, dates: dateHan, countries: countryOwn, slips: 40, nicknames: 140, initials: 20, placeholders: 20,
	},
	{
		name: "logistics", weight: 12, prefix: "LG", width: 9, fill: fills(990, 0, 260, 0, 0, 920, 120, 980, 940, 860, 900),
		comma: true, latin: true, upper: true, phones: phoneZeros, dates: dateMonth, countries: countryLong, oneLine: true, short: true, initials: 120, slips: 30, placeholders: 15,
	},
	{
		name: "legacy", weight: 10, prefix: "K", width: 6, fill: fills(960, 0, 340, 620, 640, 700, 200, 760, 800, 640, 300),
		comma: true, traditional: true, phones: phoneBrackets, dates: datePoints, countries: countryOwn, slips: 45, initials: 60, placeholders: 110,
	},
	{
		name: "loyalty", weight: 9, prefix: "M", width: 10, fill: fills(960, 960, 20, 900, 820, 900, 760, 200, 500, 480, 300),
		split: true, phones: phonePlain, dates: dateISO, countries: countryCode, slips: 22, nicknames: 120, placeholders: 60,
	},
	{
		name: "pos", weight: 8, prefix: "P", width: 9, fill: fills(820, 0, 80, 120, 100, 900, 160, 60, 200, 140, 60),
		phones: phonePlain, dates: dateCompact, countries: countryCode, slips: 50, nicknames: 100, initials: 90, placeholders: 90,
	},
	{
		name: "billing", weight: 8, prefix: "INV", width: 8, fill: fills(990, 0, 700, 0, 0, 400, 700, 960, 940, 930, 930),
		upper: true, phones: phoneE164, dates: dateISO, countries: countryName, oneLine: true, slips: 12, initials: 40, placeholders: 8,
	},
	{
		name: "app", weight: 7, prefix: "u", width: 12, fill: fills(700, 0, 10, 300, 400, 960, 800, 40, 260, 40, 500),
		latin: true, phones: phoneE164, dates: dateISO, countries: countryCode, slips: 20, nicknames: 260, placeholders: 30,
	},
	{
		name: "partner", weight: 6, prefix: "X", width: 7, fill: fills(950, 950, 500, 200, 150, 600, 640, 500, 700, 500, 800),
		split: true, traditional: true, phones: phoneSpaces, dates: dateMonth, countries: countryName, short: true, slips: 34, initials: 60, placeholders: 30,
	},
	{
		name: "newsletter", weight: 5, prefix: "S", width: 7, fill: fills(640, 600, 60, 60, 30, 40, 1000, 10, 120, 20, 300),
		split: true, phones: phonePlain, dates: dateDay, countries: countryCode, slips: 28, nicknames: 180, placeholders: 15,
	},
}

// fills lists how often columns are filled: names, names in two columns,
// organisation, gender, birth date, phone, email, street, city, postcode, country.
func fills(name, parts, org, sex, birth, tel, mail, line, town, post, land int) [columns]int {
	return [columns]int{
		fullName: name, givenName: parts, familyName: parts, organisation: org, gender: sex, birthDate: birth,
		phone: tel, email: mail, street: line, cityColumn: town, postcode: post, country: land,
	}
}
