package demo_test

import (
	"fmt"
	"strings"
	"time"
)

// dirt is how people and programs spoil what they write.

// mobile writes a mobile number in one of the ways people do.
func (w *world) mobile(s string) string {
	if strings.HasPrefix(s, "+44") {
		return pick(w, []string{s, strings.ReplaceAll(s, " ", ""), "0" + s[4:], "(0)" + s[4:], "0044 " + s[4:]})
	}
	switch w.IntN(8) {
	case 0:
		return s[:3] + " " + s[3:7] + " " + s[7:]
	case 1:
		return s[:3] + "-" + s[3:7] + "-" + s[7:]
	case 2:
		return "+86 " + s
	case 3:
		return "0086-" + s
	case 4:
		return fullwidth(s)
	}
	return s
}

// slip spoils a number by two digits changed places, rarely.
func (w *world) slip(s string) string {
	if len(s) < 8 || !w.chance(2) {
		return s
	}
	b := []byte(s)
	i := len(b) - 2
	b[i], b[i+1] = b[i+1], b[i]
	return string(b)
}

func fullwidth(s string) string {
	return strings.Map(func(r rune) rune {
		if r > ' ' && r <= '~' {
			return r + 0xfee0
		}
		return r
	}, s)
}

// mail writes an e-mail address, sometimes badly.
func (w *world) mail(s string) string {
	switch w.IntN(40) {
	case 0:
		return strings.ToUpper(s)
	case 1:
		return " " + s + " "
	case 2:
		return strings.Replace(s, "@", "＠", 1)
	case 3:
		return strings.Replace(s, "@", "@@", 1) // set aside
	case 4:
		return pick(w, []string{"无", "N/A", "none", "-"})
	case 5:
		return strings.Replace(s, ".com", ".con", 1)
	}
	return s
}

// called writes a person's name as one system has it. latin is how often of a
// hundred Chinese names stand in Latin letters, old how often in traditional
// characters.
func (w *world) called(p *person, latinly, old int) string {
	n := p.name()
	switch {
	case !p.chinese:
		switch w.IntN(12) {
		case 0:
			return p.family + ", " + p.given
		case 1:
			return strings.ToUpper(n)
		case 2:
			return p.given[:1] + ". " + p.family
		case 3:
			return map[bool]string{true: "Mr ", false: "Ms "}[p.male] + p.family
		}
		return n
	case w.chance(latinly):
		if w.chance(30) {
			given, family := strings.Fields(p.latin)[1], strings.Fields(p.latin)[0]
			return given + " " + family
		}
		return p.latin
	case w.chance(old):
		return traditional(n)
	case w.chance(4):
		return p.family + " " + p.given
	case w.chance(2):
		return n + pick(w, []string{"先生", "女士", "(VIP)"})
	}
	return n
}

// day writes a date in one of the ways programs do.
func (w *world) day(t time.Time, wrong int) string {
	if w.chance(wrong) {
		return pick(w, []string{"1985-02-30", "1979-13-01", "2001-00-00", "1890-02-31"})
	}
	switch w.IntN(5) {
	case 0:
		return t.Format("2006/1/2")
	case 1:
		return t.Format("20060102")
	case 2:
		return t.Format("2006年1月2日")
	}
	return t.Format("2006-01-02")
}

// street writes a street a little differently.
func (w *world) street(h home) string {
	switch w.IntN(6) {
	case 0:
		return strings.NewReplacer("幢", "栋").Replace(h.street)
	case 1:
		return fullwidth(h.street)
	case 2:
		return strings.Replace(h.street, "号", "号 ", 1)
	}
	return h.street
}

// during is an instant within a range of days of 2026's first half.
func (w *world) during(from, to int) time.Time {
	return time.Date(2026, 1, 1, 8, 0, 0, 0, time.UTC).AddDate(0, 0, from+w.IntN(to-from)).Add(time.Duration(w.IntN(14*3600)) * time.Second)
}

func yuan(cents int) string { return fmt.Sprintf("%d.%02d", cents/100, cents%100) }
