package column

import (
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"crmhub/fault"
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
func (p *shape) form() (k Kind, share float64, what fault.Text) {
	for _, f := range []struct {
		kind Kind
		n    int
		what fault.Text
	}{{Email, p.emails, fault.Text{"e-mail addresses", "邮箱地址"}}, {URL, p.urls, fault.Text{"web addresses", "网址"}}, {NationalID, p.residents, fault.Text{"resident ids with valid check digits", "校验位有效的居民身份证号"}}, {TaxID, p.credits, fault.Text{"credit codes with valid check characters", "校验位有效的统一社会信用代码"}}, {Date, p.dates, fault.Text{"dates", "日期"}}, {Phone, p.phones, fault.Text{"phone numbers", "电话号码"}}, {Gender, p.genders, fault.Text{"genders", "性别"}}} {
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

// refutes says why the values can't be of a kind; it is empty where they can.
func (p *shape) refutes(k Kind) fault.Text {
	no := func(is bool, en, zh string) fault.Text {
		if is {
			return fault.Text{en, zh}
		}
		return fault.Text{}
	}
	words := float64(p.words) / float64(max(p.n, 1))
	switch k {
	case Email:
		return no(p.share(p.emails) < 0.3, "few values have the form of an e-mail address", "很少有值具有邮箱地址的形式")
	case URL:
		return no(p.share(p.urls) < 0.3, "few values have the form of a web address", "很少有值具有网址的形式")
	case Phone:
		return no(p.share(p.digits) < 0.5, "few values have digits", "很少有值含数字")
	case Date:
		return no(p.share(p.dates+p.years) < 0.3 && p.share(p.digits) < 0.8, "few values are dates", "很少有值是日期")
	case Year, Number, HouseNumber:
		return no(p.share(p.digits) < 0.4, "few values have digits", "很少有值含数字")
	case Postcode:
		return no(p.share(p.digits) < 0.5 || words > 3, "few values have the form of a postal code", "很少有值具有邮编的形式")
	case GivenName, FamilyName, MiddleName, FullName, Names:
		return no(p.share(p.digits) > 0.5, "most values have digits", "多数值含数字")
	case Country, Region, City, District, Place, Organisation, Title, Text, Street, Address, Category:
		return no(p.share(p.numbers) > 0.9, "nearly all values are numbers", "几乎所有值都是数字")
	case NationalID, TaxID, Identifier:
		return no(words > 3.5, "its values are texts of several words", "各值是由多个词组成的文本")
	case Gender:
		return no(p.share(p.genders) < 0.3 && p.n > 12, "few values are genders", "很少有值是性别")
	}
	return fault.Text{}
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
	why := says(phrase)
	switch {
	case p.share(p.legal) >= 0.15:
		return Guess{Organisation, confidence, and(why, ", and many values have the legal form of a company", "，且许多值带有公司的组织形式")}
	case p.share(p.surnames) >= 0.5, p.share(p.givens) >= 0.2:
		return Guess{FullName, confidence, and(why, ", and many values have the names of people", "，且许多值是人的姓名")}
	case generalName[phrase] && p.share(p.people) < 0.6:
		return Guess{Title, 0.6, and(why, ", but few values have the form of a person's name", "，但很少有值具有人名的形式")}
	}
	return Guess{FullName, confidence - 0.2, why}
}

// generalName are headers that people, companies and things have alike.
var generalName = map[string]bool{"name": true, "names": true, "名称": true, "display name": true, "customer name": true, "客户名称": true, "client name": true, "客户": true}

// guess recognises a column by its values alone.
func (p *shape) guess(s Sample) Guess {
	words, repeats := float64(p.words)/float64(max(p.n, 1)), float64(s.Filled)/float64(max(s.Distinct, 1))
	why := func(k Kind, c float64, en, zh string) Guess {
		return Guess{k, c, fault.Text{"by its values: " + en, "依其值：" + zh}}
	}
	switch {
	case p.n == 0:
		return Guess{Ignored, 1, fault.Text{"all its values are words for none", "所有值都表示“无”"}}
	case p.share(p.legal) >= 0.3:
		return why(Organisation, 0.8, "many have the legal form of a company", "许多值带有公司的组织形式")
	case p.share(p.surnames) >= 0.7:
		return why(FullName, 0.8, "Chinese names of two to four characters", "二至四字的中文姓名")
	case p.share(p.addresses) >= 0.6:
		return why(Address, 0.8, "numbers, streets and places", "门牌、街道与地名")
	case p.share(p.years) >= 0.9:
		return why(Year, 0.7, "years", "年份")
	case p.share(p.postcodes) >= 0.9 && p.share(p.integers) < 0.5:
		return why(Postcode, 0.6, "the form of a postal code", "邮编的形式")
	case p.share(p.countries) >= 0.8:
		return why(Country, 0.7, "countries", "国家")
	case s.Distinct <= 50 && repeats >= 5:
		return why(Category, 0.6, "a few words that come again and again", "少数反复出现的词")
	case p.share(p.numbers) >= 0.9 && repeats > 1.05 && p.runes >= 7*p.n && p.share(p.integers) >= 0.9:
		return why(Identifier, 0.5, "long whole numbers", "较长的整数")
	case p.share(p.numbers) >= 0.9:
		return why(Number, 0.5, "numbers", "数字")
	case p.share(p.givens) >= 0.4 && words >= 1.8 && words < 3.5:
		return why(FullName, 0.6, "names of people", "人的姓名")
	case p.share(p.givens) >= 0.4 && words < 1.8:
		return why(GivenName, 0.5, "given names", "名")
	case p.share(p.lists) >= 0.5 && p.share(p.digits) < 0.2:
		return why(Names, 0.4, "lists of names", "姓名列表")
	case words > 6 || p.runes > 40*p.n:
		return why(Text, 0.6, "running text", "成段的文字")
	case p.share(p.digits) >= 0.8 && p.share(p.single) >= 0.8:
		return why(Identifier, 0.5, "codes of letters and digits", "字母与数字组成的编码")
	}
	return why(Title, 0.4, "short texts", "短文本")
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
