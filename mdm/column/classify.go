package column

import (
	"fmt"
	"slices"
	"strings"

	"crmhub/fault"
	"crmhub/mdm/standardize"
)

// Sample is what a column is recognised by.
type Sample struct {
	Header string
	// Values are distinct values that aren't empty, all of them or a choice
	// that does not hang on the order of rows.
	Values []string
	// Rows counts the rows of the table, Filled those with a value, Distinct
	// the different values.
	Rows, Filled, Distinct int
}

// Guess is what a column was taken for.
type Guess struct {
	Kind Kind
	// Confidence is in [0, 1].
	Confidence float64
	// Why is a sentence for the user, without a full stop.
	Why fault.Text
}

// sampled is how many values are looked at.
const sampled = 1000

// Classify recognises what a column holds by its header and its values.
// Values win where their form leaves no doubt, else the header does.
func Classify(s Sample) Guess {
	if s.Filled == 0 {
		return Guess{Ignored, 1, fault.Text{"no row has a value", "所有行都没有值"}}
	}
	if s.Distinct == 1 {
		return Guess{Ignored, 1, fault.Text{"every row has the same value", "每一行的值都相同"}}
	}
	p := profile(choose(s.Values))
	header, phrase, whole, known := named(s.Header)
	if g, ok := serial(s, &p, header, phrase, known); ok {
		return g
	}
	if k, share, what := p.form(); share >= 0.8 && !(known && agrees(header, k)) {
		return Guess{k, share, fault.Text{fmt.Sprintf("%.0f %% of its values are %s", share*100, what[fault.English]), fmt.Sprintf("%.0f %% 的值是%s", share*100, what[fault.Chinese])}}
	}
	if known && p.refutes(header) == (fault.Text{}) {
		c := 0.9
		if !whole {
			c = 0.75
		}
		if header == FullName {
			return p.whoseName(phrase, c)
		}
		return Guess{p.refine(header), c, says(phrase)}
	}
	g := p.guess(s)
	if known {
		but, no := says(phrase), p.refutes(header)
		g.Why = and(g.Why, " ("+but[fault.English]+", but "+no[fault.English]+")", "（"+but[fault.Chinese]+"，但"+no[fault.Chinese]+"）")
	}
	return g
}

// says tells what a header was understood as.
func says(phrase string) fault.Text {
	return fault.Text{fmt.Sprintf("its header says %q", phrase), "表头为“" + phrase + "”"}
}

// and returns a sentence with more added to it.
func and(t fault.Text, en, zh string) fault.Text {
	return fault.Text{t[fault.English] + en, t[fault.Chinese] + zh}
}

// ClassifyAll recognises the columns of a table, each in the light of the others.
func ClassifyAll(samples []Sample) []Guess {
	out := make([]Guess, len(samples))
	for i, s := range samples {
		out[i] = Classify(s)
	}
	Reconsider(samples, out)
	return out
}

// Reconsider changes what Classify took the columns of a table for, each in the
// light of the others: a name beside a birth date is a person's, beside a phone
// number and an address, where few words are names of people, a business's.
func Reconsider(samples []Sample, out []Guess) {
	var has [kinds]bool
	birth := false
	for i, s := range samples {
		has[out[i].Kind] = true
		_, phrase, _, _ := named(s.Header)
		birth = birth || out[i].Kind == Date && births[phrase]
	}
	person := birth || has[Gender] || has[GivenName] || has[FamilyName] || has[NationalID]
	business := has[Phone] || has[Address] || has[Street] || has[URL] || has[TaxID]
	for i := range out {
		g := &out[i]
		_, phrase, _, known := named(samples[i].Header)
		unsure := known && generalName[phrase] && (g.Kind == FullName && g.Confidence < 0.8 || g.Kind == Title)
		switch {
		case unsure && person:
			*g = Guess{FullName, 0.8, and(g.Why, ", and other columns tell of a person", "，且其他列描述的是人")}
		case unsure && business:
			*g = Guess{Organisation, 0.6, and(g.Why, ", and other columns tell of a business", "，且其他列描述的是企业")}
		case unsure && g.Kind == FullName && (has[Title] || has[Number] || has[Names]):
			*g = Guess{Title, 0.6, and(g.Why, ", and other columns tell of a work or a product", "，且其他列描述的是作品或产品")}
		case g.Kind == Title && phrase == "title" && (has[GivenName] || has[FamilyName]) && samples[i].Distinct <= 50:
			*g = Guess{Category, 0.7, and(g.Why, ", and other columns tell of a person", "，且其他列描述的是人")}
		}
	}
}

// births are headers of dates that people have.
var births = map[string]bool{"dob": true, "d o b": true, "birth date": true, "birthdate": true, "date of birth": true, "dateofbirth": true, "birthday": true, "bday": true, "born": true, "born on": true, "出生日期": true, "出生年月": true, "出生年月日": true, "生日": true, "出生": true, "生年月日": true}

// choose returns at most sampled of the values, by their hashes, so that the
// order of rows is nothing.
func choose(values []string) []string { return chooseAtMost(values, sampled) }

func chooseAtMost(values []string, most int) []string {
	if len(values) <= most {
		return values
	}
	type hashed struct {
		hash uint64
		text string
	}
	all := make([]hashed, len(values))
	for i, v := range values {
		all[i] = hashed{hash(0, v), v}
	}
	slices.SortFunc(all, func(a, b hashed) int {
		switch {
		case a.hash < b.hash:
			return -1
		case a.hash > b.hash:
			return 1
		}
		return 0
	})
	out := make([]string, most)
	for i := range out {
		out[i] = all[i].text
	}
	return out
}

// serial recognises what numbers the rows.
func serial(s Sample, p *shape, header Kind, phrase string, known bool) (Guess, bool) {
	unique := s.Distinct == s.Filled && s.Filled == s.Rows && s.Rows > 1
	id := known && header == Ignored && identifies(phrase)
	switch {
	case id && !unique && p.share(p.integers) >= 0.99 && p.running(s.Distinct):
		return Guess{Ignored, 0.7, fault.Text{"its header says that it numbers the rows, and its numbers count up, once in each source", "表头表明它是行编号，且其数字在各来源内依次递增"}}, true
	case id && !unique && p.share(p.fine()) < 0.8:
		return Guess{Identifier, 0.6, and(says(phrase), ", and rows share its values", "，且多行共用同一值")}, true
	case known && header == Ignored && !unique && p.share(p.fine()) < 0.8:
		return Guess{Ignored, 0.9, fault.Text{"its header says that it tells of the row, not of the thing", "表头表明它描述的是该行，而非所记对象"}}, true
	case unique && known && header == Ignored:
		return Guess{Ignored, 1, fault.Text{"its header says that it numbers the rows, and every value is different", "表头表明它是行编号，且各值互不相同"}}, true
	case unique && p.share(p.uuids) >= 0.9:
		return Guess{Ignored, 1, fault.Text{"every row has another random identifier", "每一行都有不同的随机标识"}}, true
	case unique && s.Rows >= 10 && p.running(s.Rows):
		return Guess{Ignored, 0.95, fault.Text{"every row has another number, and together they count up", "每一行都有不同的数字，且合起来依次递增"}}, true
	}
	return Guess{}, false
}

// identifies reports whether a header that says nothing of the thing is that of an
// identifier, and not of a source or a moment.
func identifies(phrase string) bool {
	for _, tail := range []string{"id", "编号", "key", "no", "number", "序号", "记录号", "行号"} {
		if strings.HasSuffix(phrase, tail) && phrase != "sync id" && phrase != "batch id" && phrase != "source id" {
			return true
		}
	}
	return false
}

// agrees reports whether a header's kind is a finer word for what the values'
// form tells.
func agrees(header, form Kind) bool {
	switch form {
	case Date:
		return header == Date
	case Year:
		return header == Year || header == Date || header == Identifier || header == Postcode || header == Number || header == HouseNumber
	case Phone:
		return header == NationalID || header == TaxID || header == Identifier || header == Number
	case Number:
		return header != Text && header != FullName && header != GivenName && header != FamilyName && header != Organisation
	case FullName:
		return header == GivenName || header == Names || header == Title || header == Organisation || header == Place || header == City || header == Category || header == Street || header == Region || header == District
	case Organisation:
		return header == Title || header == Address || header == Text
	case Address:
		return header == Street || header == Text || header == Organisation || header == Place
	}
	return header == form
}

// country reports whether a value is a country's name or code.
func country(s string) bool {
	_, ok := standardize.Country(s)
	return ok
}
