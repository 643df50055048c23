package compare

import (
	"bytes"
	"strconv"
	"strings"
	"unicode/utf8"

	"crmhub/mdm/standardize"
	"crmhub/record"
)

// Features are what comparisons need of one record: compact, with values
// shared through a Dictionary. They hold personal data and stay in memory.
type Features struct {
	Name      Name
	Birth     Date
	Gender    byte // m, f, or 0
	Emails    []Mail
	Phones    []Number
	Addresses []Place
	*Rare
}

// Rare are the features that most records lack.
type Rare struct {
	Organisation *Company
	NationalID   ID
	TaxID        ID
	SocialIDs    []*Token
}

// none is what records without rare features share; it is never changed.
var none = &Rare{}

func (r *Rare) empty() bool {
	return r.Organisation == nil && r.NationalID.Token == nil && r.TaxID.Token == nil && len(r.SocialIDs) == 0
}

// organisational reports whether a record is an organisation's: it names one
// and no person, or says so.
func (f *Features) organisational() bool {
	return f.Organisation != nil && f.Name.empty()
}

// Attributes returns the names of the fields that features are made of.
func Attributes() []string {
	return []string{"full_name", "given_name", "family_name", "organisation", "kind", "birth_date", "gender", "national_id", "tax_id", "emails", "phones", "addresses", "social_ids"}
}

// New returns the features of a record's standardised fields. Values that
// stand for none (n/a, 无, 13800138000, 1900-01-01) are left out.
func (d *Dictionary) New(f record.Fields) *Features {
	x := &roomy{}
	x.Emails, x.Phones, x.Addresses = x.emails[:0], x.phones[:0], x.addresses[:0]
	d.Fill(&x.Features, f)
	return &x.Features
}

// roomy is features with room for one value of each list, which most records have: as
// one piece of memory they are made, and looked through for garbage, at less cost.
type roomy struct {
	Features
	emails    [1]Mail
	phones    [1]Number
	addresses [1]Place
}

// Fill is New into x, whose lists are used again.
func (d *Dictionary) Fill(x *Features, f record.Fields) {
	if d.short != nil {
		*d.short = (*d.short)[:0]
	}
	own := x.Rare
	*x = Features{Emails: x.Emails[:0], Phones: x.Phones[:0], Addresses: x.Addresses[:0]}
	x.Name = d.name(text(f, "full_name"), text(f, "given_name"), text(f, "family_name"))
	rare := Rare{Organisation: d.company(text(f, "organisation"))}
	if text(f, "kind") == "organisation" {
		if rare.Organisation == nil {
			rare.Organisation = d.company(text(f, "full_name"))
		}
		x.Name = Name{}
	}
	x.Birth = ParseDate(text(f, "birth_date"))
	switch text(f, "gender") {
	case "male":
		x.Gender = 'm'
	case "female":
		x.Gender = 'f'
	}
	rare.NationalID = d.id(text(f, "national_id"))
	rare.TaxID = d.id(text(f, "tax_id"))
	for s := range each(f, "emails") {
		if m, ok := d.mail(s, &x.Name); ok {
			x.Emails = append(x.Emails, m)
		}
	}
	for s := range each(f, "phones") {
		if n, ok := number(s); ok {
			x.Phones = append(x.Phones, n)
		}
	}
	addresses, _ := f["addresses"].([]any)
	for _, a := range addresses {
		if m, ok := a.(map[string]any); ok {
			if p := d.place(m); p != (Place{}) && len(x.Addresses) < maxList {
				x.Addresses = append(x.Addresses, p)
			}
		}
	}
	rare.SocialIDs = d.socialIDs(f)
	switch {
	case rare.empty():
		x.Rare = none
	case d.short != nil && own != nil && own != none:
		*own = rare
		x.Rare = own
	default:
		x.Rare = &Rare{rare.Organisation, rare.NationalID, rare.TaxID, rare.SocialIDs}
	}
}

func (d *Dictionary) socialIDs(f record.Fields) (all []*Token) {
	ids, _ := f["social_ids"].([]any)
	for _, a := range ids {
		m, ok := a.(map[string]any)
		if !ok || len(all) >= maxList {
			continue
		}
		if kind, id := text(m, "kind"), text(m, "id"); id != "" {
			all = append(all, d.token(words, kind+"\x00"+id))
		}
	}
	return all
}

// maxList bounds what is compared of one list: a record with a thousand
// phones is a switchboard or a mistake.
const maxList = 16

func text(m map[string]any, name string) string {
	s, _ := m[name].(string)
	if s == "" || s[0] > '9' && Empty(s) {
		return ""
	}
	return s
}

// each yields the texts of a list, at most maxList.
func each(m map[string]any, name string) func(func(string) bool) {
	return func(yield func(string) bool) {
		list, _ := m[name].([]any)
		for i, v := range list {
			if s, ok := v.(string); ok && s != "" && !yield(s) || i+1 >= maxList {
				return
			}
		}
	}
}

// emptyWords stand in files for a value that nobody knew.
var emptyWords = map[string]bool{
	"na": true, "n a": true, "none": true, "null": true, "nil": true, "nan": true, "unknown": true, "not available": true, "not applicable": true, "not known": true, "not provided": true, "tbd": true, "tba": true, "test": true, "xxx": true, "xxxx": true, "no name": true, "noname": true, "anonymous": true, "guest": true, "undefined": true, "missing": true, "do not use": true,
	"无": true, "无名": true, "未知": true, "不详": true, "暂无": true, "没有": true, "匿名": true, "空": true, "测试": true, "待补": true, "待定": true, "未填写": true, "未填": true, "游客": true, "匿名用户": true, "微信用户": true, "散客": true, "佚名": true, "客户": true, "个人": true,
}

// emptyLetters are the letters a to z that emptyWords begin with.
var emptyLetters = func() (letters [26]bool) {
	for w := range emptyWords {
		if w[0] >= 'a' && w[0] <= 'z' {
			letters[w[0]-'a'] = true
		}
	}
	return letters
}()

// emptyHan are the characters that emptyWords begin with.
var emptyHan = func() map[rune]bool {
	first := map[rune]bool{}
	for w := range emptyWords {
		if r, _ := utf8.DecodeRuneInString(w); r >= 0x4E00 {
			first[r] = true
		}
	}
	return first
}()

// Empty reports whether a text is a word for no value, or holds nothing to
// compare.
func Empty(s string) bool {
	if s == "" {
		return true
	}
	if len(s) > 24 {
		return false
	}
	if c := s[0] | 0x20; c >= 'a' && c <= 'z' && !emptyLetters[c-'a'] {
		return false
	}
	if r, _ := utf8.DecodeRuneInString(s); r >= 0x4E00 && r <= 0x9FFF && !emptyHan[standardize.SimplifiedRune(r)] {
		return false
	}
	var buffer [64]byte
	return EmptyFolded(standardize.AppendFold(buffer[:0], s))
}

// emptyLengths tells how long the emptyWords are that begin with a byte: bit n
// is set for n bytes.
var emptyLengths = func() (lengths [256]uint32) {
	for w := range emptyWords {
		lengths[w[0]] |= 1 << len(w)
	}
	return lengths
}()

// EmptyFolded is Empty of a text that is folded.
func EmptyFolded(f []byte) bool {
	if len(f) == 0 {
		return true
	}
	lengths := emptyLengths[f[0]]
	if lengths == 0 {
		return false
	}
	if lengths>>len(f)&1 == 1 && emptyWords[string(f)] {
		return true
	}
	n := len(f) - bytes.Count(f, []byte(" "))
	return n < len(f) && n < 32 && lengths>>n&1 == 1 && emptyWords[string(bytes.ReplaceAll(f, []byte(" "), nil))]
}

// ID is an identity or tax number.
type ID struct {
	*Token
	// Checked says that its check digit was verified.
	Checked bool
}

func (d *Dictionary) id(s string) ID {
	if len(s) < 4 || sameLetter(s) {
		return ID{}
	}
	return ID{d.token(words, strings.ToUpper(s)), standardize.ValidResidentID(s) || standardize.ValidCreditCode(s)}
}

func sameLetter(s string) bool { return strings.Count(s, s[:1]) == len(s) }

// Fingerprint returns a text that is equal for features that compare alike
// with everything. It holds personal data.
func (f *Features) Fingerprint() string {
	var b strings.Builder
	token := func(t *Token) {
		if t != nil {
			b.WriteString(t.Text)
		}
		b.WriteByte(0x1F)
	}
	number := func(n uint64) {
		b.WriteString(strconv.FormatUint(n, 36))
		b.WriteByte(0x1F)
	}
	token(f.Name.Family)
	for _, t := range f.Name.Given {
		token(t)
	}
	token(f.Name.Whole)
	if f.Organisation != nil {
		token(f.Organisation.Full)
	}
	b.WriteByte(0x1E)
	number(uint64(f.Birth))
	number(uint64(f.Gender))
	token(f.NationalID.Token)
	token(f.TaxID.Token)
	for i := range f.Emails {
		token(f.Emails[i].Mailbox)
		token(f.Emails[i].Domain)
	}
	b.WriteByte(0x1E)
	for _, n := range f.Phones {
		number(uint64(n))
	}
	b.WriteByte(0x1E)
	for i := range f.Addresses {
		p := &f.Addresses[i]
		for _, t := range [...]*Token{p.Street, p.House, p.District, p.City, p.Region, p.Postcode} {
			token(t)
		}
	}
	b.WriteByte(0x1E)
	for _, t := range f.SocialIDs {
		token(t)
	}
	return b.String()
}
