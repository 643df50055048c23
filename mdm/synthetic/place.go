package synthetic

import (
	"strconv"
	"strings"
)

// home makes an address.
func (v *vocabulary) home(s *stream, o origin) home {
	var h home
	if o.chinese() {
		h.city = &v.citiesZH[s.early(len(v.citiesZH))]
		h.region = h.city.region
		h.district = s.pick(v.districtsZH)
		h.road = v.han(s, 2)
		h.kind = [2]string{"路", "路"}
		switch s.upTo(10) {
		case 0, 1:
			h.kind = [2]string{"街", "街"}
		case 2:
			h.kind = [2]string{"大道", "大道"}
		case 3:
			h.kind = [2]string{"东路", "东路"}
		}
		h.number = 1 + s.early(900)
		if s.chance(550) {
			h.estate = v.han(s, 2) + [...]string{"花园", "小区", "苑", "公寓", "新村"}[s.upTo(5)]
			h.building = 1 + s.upTo(30)
		}
		if s.chance(800) {
			h.flat = (1+s.upTo(28))*100 + 1 + s.upTo(6)
		}
		h.post = post(s, h.city.post)
		return h
	}
	for {
		h.city = &v.citiesEN[s.early(len(v.citiesEN))]
		if (h.city.country == "GB") == (o == britain) {
			break
		}
	}
	if s.chance(450) {
		stems, ends := v.stemsEN, v.townEnds
		n := s.early(len(stems) * len(ends))
		h.composed = stems[n%len(stems)] + ends[n/len(stems)]
	}
	h.road = s.pickEarly(v.roadsEN)
	if s.chance(500) {
		stems, ends := v.stemsEN, v.endsEN
		n := s.early(len(stems) * len(ends))
		h.road = stems[n%len(stems)] + ends[n/len(stems)]
	}
	h.kind = v.roads[s.early(len(v.roads))]
	h.number = 1 + s.early(400)
	if s.chance(180) {
		h.flat = 1 + s.upTo(60)
	}
	if o == britain {
		b := append([]byte(h.city.post), strconv.Itoa(1+s.upTo(40))...)
		b = append(b, ' ', byte('0'+s.upTo(10)), "ABDEFGHJLNPQRSTUWXYZ"[s.upTo(20)], "ABDEFGHJLNPQRSTUWXYZ"[s.upTo(20)])
		h.post = string(b)
	} else {
		h.post = post(s, h.city.post)
	}
	return h
}

func post(s *stream, area string) string {
	var b [8]byte
	return string(digits(append(b[:0], area...), s, 2))
}

// han returns a made-up word of n characters.
func (v *vocabulary) han(s *stream, n int) string {
	first, last := v.firstZH, v.lastZH
	if n == 1 {
		return s.rune(first)
	}
	i := s.early(len(first) / 3 * (len(last) / 3))
	a, b := i%(len(first)/3)*3, i/(len(first)/3)*3
	w := first[a:a+3] + last[b:b+3]
	if n > 2 {
		w += s.rune(first)
	}
	return w
}

// digits appends n figures.
func digits(b []byte, s *stream, n int) []byte {
	x := s.next()
	for range n {
		b = append(b, byte('0'+x%10))
		x /= 10
	}
	return b
}

// number is a first figure of some, then n figures.
func number(s *stream, prefix, first string, n int) string {
	var b [24]byte
	return string(digits(append(append(b[:0], prefix...), first[s.upTo(len(first))]), s, n))
}

var mobiles = [...]string{"130", "131", "132", "135", "136", "137", "138", "139", "150", "151", "152", "158", "159", "177", "178", "180", "182", "186", "187", "188", "189", "198"}

// mobile returns a mobile number in national digits, without a leading 0.
func (v *vocabulary) mobile(s *stream, o origin) string {
	switch o {
	case hongkong:
		return number(s, "", "569", 7)
	case taiwan:
		return number(s, "", "9", 8)
	case britain:
		return number(s, "7", "34579", 8)
	case america:
		var b [3]byte
		return number(s, string(digits(append(b[:0], "2346789"[s.upTo(7)]), s, 2)), "23456789", 6)
	}
	return number(s, mobiles[s.early(len(mobiles))], "0123456789", 7)
}

// landline returns a number of a place, with the area code, without its 0.
func (v *vocabulary) landline(s *stream, h *home) string {
	area := strings.TrimPrefix(h.city.area, "0")
	switch {
	case h.city.country == "CN" && len(area) == 2:
		return number(s, area, "5678", 7)
	case h.city.country == "CN":
		return number(s, area, "2345678", 6)
	case h.city.country == "US":
		return number(s, area, "23456789", 6)
	}
	return number(s, area, "23456789", 9-len(area))
}

// mailbox makes an e-mail address of one of the patterns that people use;
// names are in Latin letters. host is the employer's, or "".
func (v *vocabulary) mailbox(s *stream, o origin, surname, given string, year int, host string) string {
	if host == "" {
		if o.chinese() {
			host = s.pickEarly(v.mailHostsZH)
		} else {
			host = s.pickEarly(v.mailHosts)
		}
	}
	f, g := letters(surname), letters(given)
	if f == "" || g == "" {
		f, g = s.pick(v.handles), "box"
	}
	b := make([]byte, 0, 40)
	switch s.upTo(10) {
	case 0, 1, 2:
		b = append(append(append(b, g...), '.'), f...)
	case 3:
		b = append(append(b, g[0]), f...)
	case 4:
		b = append(append(b, f...), g...)
	case 5:
		b = append(append(append(b, g...), '_'), f...)
	case 6:
		b = strconv.AppendInt(append(b, g...), int64(year%100), 10)
	case 7:
		b = digits(append(b, f...), s, 4)
	case 8:
		b = append(append(b, s.pick(v.handles)...), s.pick(v.handles)...)
		b = digits(b, s, 3)
	default:
		b = append(append(b, f...), g[0])
		b = strconv.AppendInt(b, int64(year), 10)
	}
	if s.chance(450) {
		b = strconv.AppendInt(b, int64(s.early(4000)), 10)
	}
	return string(append(append(b, '@'), host...))
}

// letters keeps the letters a to z of a name, small.
func letters(s string) string {
	b := make([]byte, 0, len(s))
	for i := range len(s) {
		if c := s[i] | 0x20; c >= 'a' && c <= 'z' {
			b = append(b, c)
		}
	}
	return string(b)
}

// atHost is the part of an address from its @.
func atHost(mail string) string { return mail[strings.IndexByte(mail, '@'):] }

// firm makes an organisation; in is its city, or "" for a made-up one without.
func (v *vocabulary) firm(s *stream, o origin, in string) firm {
	var f firm
	if o.chinese() {
		f.region, _ = strings.CutSuffix(in, "市")
		f.brand = v.han(s, 2+s.upTo(2))
		f.trade = s.pickEarly(v.tradesZH)
		f.form = s.pickEarly(v.formsZH)
		f.host = strings.ToLower(v.reading(f.brand)) + ".example"
		return f
	}
	f.brand = v.surname(s, false)
	switch s.upTo(6) {
	case 0:
		f.brand += " & Sons"
	case 1:
		f.brand += " " + v.surname(s, false)
	case 2:
		f.brand = s.pick(v.stemsEN) + s.pick(v.givenFemale)
	}
	f.trade = s.pickEarly(v.tradesEN)
	f.form = s.pickEarly(v.formsEN)
	f.host = letters(f.brand) + ".example"
	return f
}

// name writes an organisation's whole name.
func (f *firm) name(o origin) string {
	if o.chinese() {
		return f.region + f.brand + f.trade + f.form + f.branch
	}
	if f.branch != "" {
		return f.brand + " " + f.trade + " " + f.form + " (" + f.branch + ")"
	}
	return f.brand + " " + f.trade + " " + f.form
}

var boxes = [...]string{"info@", "info@", "sales@", "office@", "contact@"}

// business makes a company, or a branch of it: its own address and phones,
// the name and the mail host of all.
func (g *Generator) business(house *stream, p *place, c *customer, head home, landline string) *customer {
	v := g.words
	f := v.firm(house, c.origin, head.cityName())
	s := newStream(g.seed, uint64(p.block), uint64(p.household), uint64(p.member), 6)
	at := head
	if p.member > 0 {
		at = v.home(&s, c.origin)
		if c.origin.chinese() {
			f.branch = strings.TrimSuffix(at.cityName(), "市") + "分公司"
		} else {
			f.branch = at.cityName()
		}
		if !s.chance(200) { // some branches are reached through the head office's switchboard
			landline = v.landline(&s, &at)
		}
	}
	c.company = &f
	c.family, c.given, c.male = v.surname(&s, c.origin.chinese()), v.given(&s, c.origin.chinese(), true), true
	c.home = [2]home{at, at}
	if s.chance(90) {
		c.home[0] = v.home(&s, c.origin)
	}
	c.landline = landline
	c.mobile = [2]string{v.mobile(&s, c.origin), v.mobile(&s, c.origin)}
	box := s.pick(boxes[:])
	c.mail = [2]string{box + f.host, box + f.host}
	if s.chance(300) {
		c.mail[1] = v.mailbox(&s, c.origin, v.latin(c.family), v.latin(c.given), 1980, f.host)
	}
	return c
}
