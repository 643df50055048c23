package compare_test

import (
	"testing"

	"crmhub/mdm/compare"
	"crmhub/record"
)

type flat struct{}

func (flat) Rarity(space, value string, han bool) int32 { return 8000 }

func levels(a, b record.Fields) compare.Vector {
	d := compare.NewDictionary(flat{})
	var v, w compare.Vector
	compare.Compare(d.New(a), d.New(b), &v)
	compare.Compare(d.New(b), d.New(a), &w)
	if v != w {
		panic("Compare is not symmetric")
	}
	return v
}

func TestNames(t *testing.T) {
	type name = record.Fields
	full := func(s string) name { return name{"full_name": s} }
	for _, tt := range []struct {
		name          string
		a, b          name
		family, given string
	}{
		{"equal", full("John Smith"), full("JOHN  SMITH"), "exact", "exact"},
		{"titles", full("Dr. John Smith, Jr."), full("John Smith PhD"), "exact", "exact"},
		{"comma", full("Smith, John"), full("John Smith"), "exact", "exact"},
		{"slip", full("John Smiht"), full("Jhon Smith"), "near", "near"},
		{"nickname", full("Bill Smith"), full("William Smith"), "exact", "nickname"},
		{"initial", full("J. Smith"), full("John Smith"), "exact", "initial"},
		{"hyphen", full("Mary Smith-Jones"), full("Mary Jones"), "exact", "exact"},
		{"double name", name{"given_name": "Mary", "family_name": "Smith-Jones"}, full("Mary Smith"), "part", "exact"},
		{"particle", full("Ludwig van Beethoven"), name{"given_name": "Ludwig", "family_name": "van Beethoven"}, "exact", "exact"},
		{"diacritics", full("José Núñez"), full("Jose Nunez"), "exact", "exact"},
		{"swapped", full("Featherstone Mary"), full("Mary Featherstone"), "exact", "exact"},
		{"parts and full", name{"given_name": "John", "family_name": "Smith", "full_name": "John Adam Smith"}, full("John Smith"), "exact", "exact"},
		{"middle first", full("Adam Featherstone"), full("John Adam Featherstone"), "exact", "middle"},
		{"two people", full("John Smith"), full("Mary Jones"), "different", "different"},
		{"traditional", full("劉德華"), full("刘德华"), "exact", "exact"},
		{"same sound", full("张伟"), full("章伟"), "sound", "exact"},
		{"one character", full("张晓明"), full("张晓红"), "exact", "character"},
		{"same sound given", full("张晓明"), full("张小明"), "exact", "sound"},
		{"compound surname", full("欧阳娜娜"), name{"family_name": "欧阳", "given_name": "娜娜"}, "exact", "exact"},
		{"swapped characters", name{"family_name": "小明", "given_name": "李"}, name{"family_name": "李", "given_name": "小明"}, "exact", "exact"},
		{"pinyin", full("Zhang Xiaoming"), full("张晓明"), "sound", "sound"},
		{"pinyin, given first", full("Xiaoming Zhang"), full("张晓明"), "sound", "sound"},
		{"pinyin in three", full("Zhang Xiao Ming"), full("Xiaoming Zhang"), "exact", "exact"},
		{"Hong Kong", full("Chan Siu Ming"), full("陈小明"), "sound", "different"},
		{"pinyin initials", full("Zhang X. M."), full("张晓明"), "sound", "initial"},
		{"masked", full("张*"), full("张伟"), "exact", "missing"},
		{"honorific alone", full("王先生"), full("王芳"), "exact", "missing"},
		{"nobody", full("n/a"), full("John Smith"), "missing", "missing"},
		{"Korean", full("김철수"), full("김철수"), "exact", "missing"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			v := levels(tt.a, tt.b)
			family, given := compare.FamilyName.LevelName(v.Level[compare.FamilyName]), compare.GivenName.LevelName(v.Level[compare.GivenName])
			if family != tt.family || given != tt.given {
				t.Errorf("family %s, given %s; want %s, %s", family, given, tt.family, tt.given)
			}
		})
	}
}

func TestLevels(t *testing.T) {
	one := func(name, v string) record.Fields { return record.Fields{name: v} }
	list := func(name string, vs ...any) record.Fields { return record.Fields{name: vs} }
	place := func(kv ...string) record.Fields {
		m := map[string]any{}
		for i := 0; i < len(kv); i += 2 {
			m[kv[i]] = kv[i+1]
		}
		return record.Fields{"addresses": []any{m}}
	}
	for _, tt := range []struct {
		name string
		of   compare.Comparison
		a, b record.Fields
		want string
	}{
		{"date", compare.BirthDate, one("birth_date", "1980-05-06"), one("birth_date", "1980-05-06"), "exact"},
		{"new year", compare.BirthDate, one("birth_date", "1980-01-01"), one("birth_date", "1980-01-01"), "new_year"},
		{"day and month", compare.BirthDate, one("birth_date", "1980-05-06"), one("birth_date", "1980-06-05"), "swapped"},
		{"one digit", compare.BirthDate, one("birth_date", "1980-05-06"), one("birth_date", "1970-05-06"), "digit"},
		{"digits swapped", compare.BirthDate, one("birth_date", "1982-05-26"), one("birth_date", "1928-05-26"), "digit"},
		{"year", compare.BirthDate, one("birth_date", "1980-05-06"), one("birth_date", "1980-11-23"), "year"},
		{"placeholder", compare.BirthDate, one("birth_date", "1900-01-01"), one("birth_date", "1900-01-01"), "missing"},
		{"id", compare.NationalID, one("national_id", "11010519491231002X"), one("national_id", "11010519491231002X"), "exact"},
		{"foreign id", compare.NationalID, one("national_id", "AB123456"), one("national_id", "AB123456"), "unchecked"},
		{"id with a slip", compare.NationalID, one("national_id", "11010519491231002X"), one("national_id", "11010519491321002X"), "near"},
		{"other id", compare.NationalID, one("national_id", "11010519491231002X"), one("national_id", "440524188001010014"), "different"},
		{"e-mail", compare.Email, list("emails", "a@x.cn", "li.wei@example.cn"), list("emails", "LI.WEI@example.cn"), "exact"},
		{"tagged e-mail", compare.Email, list("emails", "li.wei+news@example.cn"), list("emails", "li.wei@example.cn"), "exact"},
		{"shared mailbox", compare.Email, list("emails", "info@example.cn"), list("emails", "info@example.cn"), "shared"},
		{"mailbox", compare.Email, list("emails", "dragon8848@example.cn"), list("emails", "dragon8848@example.org"), "mailbox"},
		{"slip in the domain", compare.Email, list("emails", "dragon@example.com"), list("emails", "dragon@exmaple.com"), "near"},
		{"lost @", compare.Email, list("emails", "dragon8848example.cn"), list("emails", "dragon8848@example.cn"), "near"},
		{"no reply", compare.Email, list("emails", "noreply@example.cn"), list("emails", "noreply@example.cn"), "missing"},
		{"mobile", compare.Phone, list("phones", "+8613912345670"), list("phones", "+8675526770000", "+8613912345670"), "exact"},
		{"landline", compare.Phone, list("phones", "+8675526770001"), list("phones", "+8675526770001"), "landline"},
		{"without area code", compare.Phone, list("phones", "26770001"), list("phones", "+8675526770001"), "tail"},
		{"one digit", compare.Phone, list("phones", "+8613912345670"), list("phones", "+8613912345770"), "near"},
		{"digits swapped", compare.Phone, list("phones", "+8613912345670"), list("phones", "+8613912354670"), "near"},
		{"placeholder", compare.Phone, list("phones", "13800138000"), list("phones", "13800138000"), "missing"},
		{"premises", compare.Address, place("street", "12 Baker Street", "city", "London"), place("street", "12 Baker St.", "city", "London"), "premises"},
		{"premises, slips", compare.Address, place("street", "12 Baker Street", "city", "London"), place("street", "12 Bakre St", "city", "London"), "near"},
		{"Chinese premises", compare.Address, place("street", "文三路十二号", "city", "杭州市"), place("street", "文三路12号", "city", "杭州"), "premises"},
		{"same street elsewhere", compare.Address, place("street", "12 High Street", "city", "London"), place("street", "12 High Street", "city", "Leeds"), "different"},
		{"next door", compare.Address, place("street", "12 High Street", "city", "Leeds"), place("street", "14 High Street", "city", "Leeds"), "neighbour"},
		{"unit", compare.Address, place("postcode", "NW1 6XE"), place("postcode", "nw16xe"), "unit"},
		{"area", compare.Address, place("postcode", "310000", "city", "杭州"), place("postcode", "310000", "city", "杭州市"), "area"},
		{"district", compare.Address, place("city", "杭州", "district", "西湖区"), place("city", "杭州市", "district", "西湖"), "district"},
		{"city", compare.Address, place("city", "Leeds", "postcode", "LS1 1AA"), place("city", "Leeds"), "city"},
		{"slip in the city", compare.Address, place("city", "Birmingham"), place("city", "Birmingam"), "slip"},
		{"best of many", compare.Address, record.Fields{"addresses": []any{map[string]any{"city": "Leeds"}, map[string]any{"city": "York"}}}, place("city", "York"), "city"},
		{"country alone", compare.Address, place("country", "CN"), place("country", "CN"), "missing"},
		{"company", compare.Organisation, one("organisation", "Acme Ltd"), one("organisation", "ACME Ltd."), "exact"},
		{"legal form", compare.Organisation, one("organisation", "Acme Ltd"), one("organisation", "Acme Limited"), "same"},
		{"branch", compare.Organisation, one("organisation", "华为技术有限公司"), one("organisation", "华为技术有限公司北京分公司"), "branch"},
		{"colleagues", compare.Organisation, record.Fields{"organisation": "Acme Ltd", "full_name": "Ann Lee"}, record.Fields{"organisation": "ACME Ltd.", "full_name": "Bob Ray"}, "employer"},
		{"words", compare.Organisation, one("organisation", "Acme Trading"), one("organisation", "Acme Trading Shanghai"), "overlap"},
		{"other company", compare.Organisation, one("organisation", "Acme Trading"), one("organisation", "Zenith Motors"), "different"},
		{"person and company", compare.Kind, one("full_name", "John Smith"), one("organisation", "Acme"), "different"},
		{"two persons", compare.Kind, one("full_name", "John Smith"), record.Fields{"full_name": "John Smith", "organisation": "Acme"}, "missing"},
		{"openid", compare.SocialID, list("social_ids", map[string]any{"kind": "openid", "id": "o1"}), list("social_ids", map[string]any{"kind": "openid", "id": "o1"}), "exact"},
		{"gender", compare.Gender, one("gender", "male"), one("gender", "female"), "different"},
		{"unknown gender", compare.Gender, one("gender", "unknown"), one("gender", "female"), "missing"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			v := levels(tt.a, tt.b)
			if got := tt.of.LevelName(v.Level[tt.of]); got != tt.want {
				t.Errorf("%s is %s, want %s", tt.of, got, tt.want)
			}
		})
	}
}

func FuzzCompare(f *testing.F) {
	f.Add("张伟", "John Smith", "a@b.cn", "+8613912345670", "1980-01-02", "文三路12号")
	f.Add("*", " , ", "@", "0", "0000-00-00", "一十百号")
	f.Add("·", "o'", "a@", "99999999999999999999", "9999-99-99", "")
	f.Fuzz(func(t *testing.T, full, other, mail, phone, date, street string) {
		a := record.Fields{"full_name": full, "emails": []any{mail}, "phones": []any{phone}, "birth_date": date, "organisation": other, "addresses": []any{map[string]any{"street": street, "city": other}}}
		b := record.Fields{"full_name": other, "given_name": full, "emails": []any{phone}, "phones": []any{mail}, "birth_date": date, "national_id": street, "addresses": []any{map[string]any{"street": other, "postcode": street}}}
		levels(a, b)
		levels(a, a)
		levels(b, b)
	})
}
