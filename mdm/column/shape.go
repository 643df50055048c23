package column

import (
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"crmhub/mdm/compare"
	"crmhub/mdm/standardize"
)

// shape counts what forms the values of a column have.
type shape struct {
	n, runes, words                                        int
	emails, urls, dates, years, phones, residents, credits int
	genders, uuids, integers, digits, numbers, alphas      int
	legal, surnames, addresses, countries, lists, givens   int
	han, single, people, postcodes                         int
	ints                                                   []int64
}

func profile(values []string) shape {
	var p shape
	for _, v := range values {
		if v = clean(v); v != "" {
			p.add(v)
		}
	}
	return p
}

func (p *shape) add(v string) {
	p.n++
	f := standardize.Fold(v)
	words := strings.Fields(f)
	p.runes += utf8.RuneCountInString(v)
	p.words += len(strings.Fields(v))
	if len(words) == 1 {
		p.single++
	}
	count(&p.han, standardize.HasHan(f))
	figures, letters := 0, 0
	for _, r := range v {
		switch {
		case r >= '0' && r <= '9':
			figures++
		case unicode.IsLetter(r):
			letters++
		}
	}
	count(&p.digits, figures > 0)
	count(&p.alphas, figures == 0 && letters > 0)
	if n, err := strconv.ParseInt(v, 10, 64); err == nil {
		p.integers++
		p.ints = append(p.ints, n)
		count(&p.years, len(v) == 4 && n >= 1500 && n <= 2100)
	}
	count(&p.numbers, letters == 0 && figures > 0 && strings.Trim(v, "0123456789.,-+ $€£¥￥%:()") == "")
	count(&p.uuids, len(v) >= 32 && len(v) <= 38 && strings.Trim(strings.ToLower(v), "0123456789abcdef-{}") == "")
	count(&p.postcodes, postcodeForm(v))
	p.addForms(v, f, words, figures)
}

// addForms counts the forms that tell what a value is.
func (p *shape) addForms(v, f string, words []string, figures int) {
	if _, ok := standardize.Email(v); ok && strings.Count(v, "@") == 1 && !strings.Contains(strings.TrimSpace(v), " ") {
		p.emails++
		return
	}
	if urlForm(v) {
		p.urls++
		return
	}
	compact := strings.ToUpper(strings.ReplaceAll(v, " ", ""))
	switch {
	case standardize.ValidResidentID(compact):
		p.residents++
	case figures < 18 && standardize.ValidCreditCode(compact):
		p.credits++
	case dateForm(v):
		p.dates++
	case phoneForm(v):
		p.phones++
	}
	if g, ok := standardize.Gender(v); ok && g != "unknown" && figures == 0 {
		p.genders++
	}
	count(&p.countries, figures == 0 && country(v))
	count(&p.legal, legalForm(v, f, words))
	count(&p.addresses, addressForm(f, words, figures))
	count(&p.lists, strings.ContainsAny(v, ";；、") || strings.Contains(f, " and ") || strings.Count(v, ",") >= 2)
	if figures == 0 {
		count(&p.surnames, hanName(f))
		count(&p.givens, len(words) > 0 && (givenName(words[0]) || givenName(words[len(words)-1])))
		count(&p.people, len(words) >= 2 && len(words) <= 4 && len(f) <= 40)
	}
}

func count(n *int, is bool) {
	if is {
		*n++
	}
}

// share returns n as a share of the values.
func (p *shape) share(n int) float64 {
	if p.n == 0 {
		return 0
	}
	return float64(n) / float64(p.n)
}

// fine counts the values whose form says that they tell of a person or firm.
func (p *shape) fine() int { return p.emails + p.phones + p.residents + p.credits }

// form returns the kind that leaves no doubt by its form, and the share of
// values that have it.
func (p *shape) form() (k Kind, share float64, what string) {
	for _, f := range []struct {
		kind Kind
		n    int
		what string
	}{{Email, p.emails, "e-mail addresses"}, {URL, p.urls, "web addresses"}, {NationalID, p.residents, "resident ids with valid check digits"}, {TaxID, p.credits, "credit codes with valid check characters"}, {Date, p.dates, "dates"}, {Phone, p.phones, "phone numbers"}, {Gender, p.genders, "genders"}} {
		if s := p.share(f.n); s > share {
			k, share, what = f.kind, s, f.what
		}
	}
	return k, share, what
}

// running reports whether the values are numbers that count up: nearly as
// many as lie between the least and the greatest.
func (p *shape) running(rows int) bool {
	if p.share(p.integers) < 0.99 {
		return false
	}
	least, greatest := slices.Min(p.ints), slices.Max(p.ints)
	return greatest-least < int64(rows)*2
}

// refutes says why the values can't be of a kind, "" where they can.
func (p *shape) refutes(k Kind) string {
	no := func(is bool, why string) string {
		if is {
			return why
		}
		return ""
	}
	words := float64(p.words) / float64(max(p.n, 1))
	switch k {
	case Email:
		return no(p.share(p.emails) < 0.3, "few values have the form of an e-mail address")
	case URL:
		return no(p.share(p.urls) < 0.3, "few values have the form of a web address")
	case Phone:
		return no(p.share(p.digits) < 0.5, "few values have digits")
	case Date:
		return no(p.share(p.dates+p.years) < 0.3 && p.share(p.digits) < 0.8, "few values are dates")
	case Year, Number, HouseNumber:
		return no(p.share(p.digits) < 0.4, "few values have digits")
	case Postcode:
		return no(p.share(p.digits) < 0.5 || words > 3, "few values have the form of a postal code")
	case GivenName, FamilyName, MiddleName, FullName, Names:
		return no(p.share(p.digits) > 0.5, "most values have digits")
	case Country, Region, City, District, Place, Organisation, Title, Text, Street, Address, Category:
		return no(p.share(p.numbers) > 0.9, "nearly all values are numbers")
	case NationalID, TaxID, Identifier:
		return no(words > 3.5, "its values are texts of several words")
	case Gender:
		return no(p.share(p.genders) < 0.3 && p.n > 12, "few values are genders")
	}
	return ""
}

// refine changes the kind that a header tells where the values are a
// neighbouring one.
func (p *shape) refine(k Kind) Kind {
	words := float64(p.words) / float64(max(p.n, 1))
	switch {
	case k == Date && p.share(p.years) >= 0.8:
		return Year
	case k == Category && p.n >= 200 && words > 4:
		return Text
	case k == Street && p.share(p.integers) > 0.7:
		return HouseNumber
	}
	return k
}

// whoseName decides whose names a column called "name" holds.
func (p *shape) whoseName(phrase string, confidence float64) Guess {
	why := "its header says " + strconv.Quote(phrase)
	switch {
	case p.share(p.legal) >= 0.15:
		return Guess{Organisation, confidence, why + ", and many values have the legal form of a company"}
	case p.share(p.surnames) >= 0.5, p.share(p.givens) >= 0.2:
		return Guess{FullName, confidence, why + ", and many values have the names of people"}
	case generalName[phrase] && p.share(p.people) < 0.6:
		return Guess{Title, 0.6, why + ", but few values have the form of a person's name"}
	}
	return Guess{FullName, confidence - 0.2, why}
}

// generalName are headers that people, companies and things have alike.
var generalName = map[string]bool{"name": true, "names": true, "名称": true, "display name": true, "customer name": true, "客户名称": true, "client name": true, "客户": true}

// guess recognises a column by its values alone.
func (p *shape) guess(s Sample) Guess {
	words, repeats := float64(p.words)/float64(max(p.n, 1)), float64(s.Filled)/float64(max(s.Distinct, 1))
	why := func(k Kind, c float64, what string) Guess { return Guess{k, c, "by its values: " + what} }
	switch {
	case p.n == 0:
		return Guess{Ignored, 1, "all its values are words for none"}
	case p.share(p.legal) >= 0.3:
		return why(Organisation, 0.8, "many have the legal form of a company")
	case p.share(p.surnames) >= 0.7:
		return why(FullName, 0.8, "Chinese names of two to four characters")
	case p.share(p.addresses) >= 0.6:
		return why(Address, 0.8, "numbers, streets and places")
	case p.share(p.years) >= 0.9:
		return why(Year, 0.7, "years")
	case p.share(p.postcodes) >= 0.9 && p.share(p.integers) < 0.5:
		return why(Postcode, 0.6, "the form of a postal code")
	case p.share(p.countries) >= 0.8:
		return why(Country, 0.7, "countries")
	case s.Distinct <= 50 && repeats >= 5:
		return why(Category, 0.6, "a few words that come again and again")
	case p.share(p.numbers) >= 0.9 && repeats > 1.05 && p.runes >= 7*p.n && p.share(p.integers) >= 0.9:
		return why(Identifier, 0.5, "long whole numbers")
	case p.share(p.numbers) >= 0.9:
		return why(Number, 0.5, "numbers")
	case p.share(p.givens) >= 0.4 && words >= 1.8 && words < 3.5:
		return why(FullName, 0.6, "names of people")
	case p.share(p.givens) >= 0.4 && words < 1.8:
		return why(GivenName, 0.5, "given names")
	case p.share(p.lists) >= 0.5 && p.share(p.digits) < 0.2:
		return why(Names, 0.4, "lists of names")
	case words > 6 || p.runes > 40*p.n:
		return why(Text, 0.6, "running text")
	case p.share(p.digits) >= 0.8 && p.share(p.single) >= 0.8:
		return why(Identifier, 0.5, "codes of letters and digits")
	}
	return why(Title, 0.4, "short texts")
}

func givenName(w string) bool {
	given, _ := compare.NameClasses(w)
	return len(w) >= 3 && len(given) > 0
}

// hanName reports whether a folded text is a Chinese name: a surname in use
// and one or two characters.
func hanName(f string) bool {
	family, given, ok := standardize.SplitHan(f)
	if !ok || utf8.RuneCountInString(given) > 2 {
		return false
	}
	r, _ := utf8.DecodeRuneInString(family)
	return standardize.CompoundSurname(family) || strings.ContainsRune(surnames, r)
}

// surnames are the Chinese surnames of one character in use, the commonest first.
const surnames = "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林高罗郑梁谢宋唐许韩邓冯曹彭曾肖田董潘袁蔡蒋余于杜叶程魏苏吕丁任卢姚沈钟姜崔谭陆范汪廖石金韦贾夏付方邹熊白孟秦邱侯江尹薛闫段雷龙黎史陶贺毛郝顾龚邵万覃武钱戴严莫孔向常汤康易乔文施洪辛柯庄温牛樊葛邢安齐伍庞颜倪章鲁岳翟殷申耿关焦左柳甘祝包宁符舒阮纪梅童凌毕单裴霍成苗谷曲盛冉翁蓝路游辛靳管柴蒙鲍华喻祁蒲房滕屈饶解牟艾尤时穆农司卓古吉缪简车项连芦麦褚娄窦戚岑景党宫费卜冷晏席卫米柏宗瞿桂全佟应臧闵苟邬边卞姬师和仇栾隋商刁沙荣巫寇桑郎甄丛仲虞敖巩明佘池查麻苑迟邝封谈鞠匡屠佐" // compound ones are looked up apart
