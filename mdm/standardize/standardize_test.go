package standardize_test

import (
	"encoding/json"
	"maps"
	"reflect"
	"slices"
	"testing"
	"time"

	"crmhub/mdm/standardize"
)

var china = standardize.Locale{Country: "CN", Zone: time.FixedZone("CST", 8*3600)}

var cases = []struct {
	name   string
	locale standardize.Locale
	kind   string
	in     any
	want   any
}{
	{"full width", china, "name", " Ｊｏｈｎ　Ｓｍｉｔｈ ", "John Smith"},
	{"diacritics stay", china, "person_name", "José  Núñez", "José Núñez"},
	{"decomposed", china, "name", "Jose\u0301", "José"},
	{"invisible", china, "name", "\uFEFF李\u200B雷", "李雷"},
	{"spaced Chinese name", china, "person_name", "张　伟", "张伟"},
	{"honorific", china, "person_name", "张伟 先生", "张伟"},
	{"surname and honorific alone", china, "person_name", "王先生", "王先生"},
	{"compound surname and honorific alone", china, "person_name", "欧阳女士", "欧阳女士"},
	{"dotted", china, "person_name", "迈克尔 • 乔丹", "迈克尔·乔丹"},
	{"Mr", china, "person_name", "Mr. John Smith", "John Smith"},
	{"traditional stays", china, "person_name", "劉德華", "劉德華"},
	{"mobile", china, "phone", "138 0013 8000", "+8613800138000"},
	{"mobile 0086", china, "phone", "0086-13800138000", "+8613800138000"},
	{"mobile 86", china, "phone", "8613800138000", "+8613800138000"},
	{"mobile +86", standardize.Locale{}, "phone", "+86 138-0013-8000", "+8613800138000"},
	{"mobile, no country known", standardize.Locale{}, "phone", "13800138000", "+8613800138000"},
	{"mobile with trunk 0", china, "phone", "013800138000", "+8613800138000"},
	{"full-width mobile", china, "phone", "１３８００１３８０００", "+8613800138000"},
	{"landline", china, "phone", "(010) 6552-9988", "+861065529988"},
	{"landline extension", china, "phone", "0755-26770000转8012", "+8675526770000"},
	{"landline fenji", china, "phone", "021-62881234 分机 801", "+862162881234"},
	{"label", china, "phone", "手机:13800138000", "+8613800138000"},
	{"mobile as number", china, "phone", json.Number("13800138000"), "+8613800138000"},
	{"mobile as float", china, "phone", json.Number("1.3800138E10"), "+8613800138000"},
	{"no area code", china, "phone", "6552998", "6552998"},
	{"London", standardize.Locale{Country: "GB"}, "phone", "020 7946 0018", "+442079460018"},
	{"London (0)", standardize.Locale{}, "phone", "+44 (0)20 7946 0018 ext. 12", "+442079460018"},
	{"US", standardize.Locale{Country: "US"}, "phone", "(212) 555-0123", "+12125550123"},
	{"words", china, "phone", "call me", "call me"},
	{"email", china, "email", " <Li.Wei@Example.COM> ", "li.wei@example.com"},
	{"email full width", china, "email", "ｌｉ＠ｅｘａｍｐｌｅ．ｃｏｍ", "li@example.com"},
	{"email display name", china, "email", "Li Wei <li@example.cn>", "li@example.cn"},
	{"two emails", china, "email", "a@b.cn, c@d.cn", "a@b.cn, c@d.cn"},
	{"no email", china, "email", "无", "无"},
	{"date slashes", china, "date", "1990/1/2", "1990-01-02"},
	{"date points", china, "date", "1990.01.02", "1990-01-02"},
	{"date compact", china, "date", "19900102", "1990-01-02"},
	{"date Chinese", china, "date", "1990年1月2日", "1990-01-02"},
	{"date with time", china, "date", "1990-01-02 00:00:00", "1990-01-02"},
	{"date English", china, "date", "2 Jan 1990", "1990-01-02"},
	{"date English, American", china, "date", "January 2, 1990", "1990-01-02"},
	{"date ambiguous", china, "date", "01/02/1990", "01/02/1990"},
	{"date dmy", standardize.Locale{Dates: "dmy"}, "date", "01/02/1990", "1990-02-01"},
	{"date mdy", standardize.Locale{Dates: "mdy"}, "date", "01/02/1990", "1990-01-02"},
	{"date one reading", china, "date", "25/12/1990", "1990-12-25"},
	{"impossible", china, "date", "1990-02-30", "1990-02-30"},
	{"impossible leap day", china, "date", "1900/02/29", "1900/02/29"},
	{"serial typed", china, "date", json.Number("32875"), "1990-01-02"},
	{"serial as text", china, "date", "32875", "32875"},
	{"compact typed", china, "date", json.Number("19900102"), "1990-01-02"},
	{"instant", china, "instant", "2024-03-01 08:00:00", "2024-03-01T00:00:00Z"},
	{"instant zone", china, "instant", "2024-03-01T08:00:00.120+09:00", "2024-02-29T23:00:00.12Z"},
	{"instant date", china, "instant", "2024/3/1", "2024-02-29T16:00:00Z"},
	{"instant Chinese", china, "instant", "2024年3月1日 8时05分", "2024-03-01T00:05:00Z"},
	{"instant compact", china, "instant", "20240301080000", "2024-03-01T00:00:00Z"},
	{"instant epoch", china, "instant", json.Number("1709251200"), "2024-03-01T00:00:00Z"},
	{"instant epoch ms", china, "instant", json.Number("1709251200000"), "2024-03-01T00:00:00Z"},
	{"instant words", china, "instant", "yesterday", "yesterday"},
	{"company", china, "company", "深圳市腾讯计算机系统有限公司（总部）", "深圳市腾讯计算机系统有限公司(总部)"},
	{"resident id 15", china, "national_id", "110105491231002", "11010519491231002X"},
	{"resident id x", china, "national_id", "11010519491231002x", "11010519491231002X"},
	{"foreign id", china, "national_id", "AB 12 34", "AB1234"},
	{"credit code", china, "credit_code", "91350100m000100y43", "91350100M000100Y43"},
	{"wrong credit code", china, "credit_code", "91350100M000100Y44", "91350100M000100Y44"},
	{"gender", china, "gender", "男", "male"},
	{"gender unknown word", china, "gender", "?", "?"},
	{"country zh", china, "country", "中国", "CN"},
	{"country en", china, "country", "United Kingdom", "GB"},
	{"country alias", china, "country", "USA", "US"},
	{"country three letters", china, "country", "chn", "CN"},
	{"country unknown", china, "country", "Atlantis", "Atlantis"},
	{"language", china, "language", "zh-cn", "zh-CN"},
	{"language name", china, "language", "English", "en"},
	{"currency", china, "currency", "cny", "CNY"},
	{"currency sign", china, "currency", "￥", "CNY"},
	{"money", china, "money", "￥1,234.50元", "1234.50"},
	{"money exact", china, "money", json.Number("1234567890123456.78"), "1234567890123456.78"},
	{"money exponent", china, "money", json.Number("1.5e3"), "1500"},
	{"money thousands", china, "money", "1,234", "1234"},
	{"money decimal comma", china, "money", "1.234,56", "1234.56"},
	{"money bracketed", china, "money", "(12.00)", "-12.00"},
	{"money words", china, "money", "12 or 13", "12 or 13"},
	{"list", china, "phone", []any{"13800138000", "x"}, []any{"+8613800138000", "x"}},
	{"address line", china, "address", map[string]any{"street": "广东省深圳市南山区科技园路1号"}, map[string]any{"region": "广东省", "city": "深圳市", "district": "南山区", "street": "科技园路1号"}},
	{"address short", china, "address", map[string]any{"street": "深圳南山区科技园路1号", "country": "中国"}, map[string]any{"region": "广东省", "city": "深圳市", "district": "南山区", "street": "科技园路1号", "country": "CN"}},
	{"address municipality", china, "address", map[string]any{"street": "上海市浦东新区世纪大道100号"}, map[string]any{"region": "上海市", "city": "上海市", "district": "浦东新区", "street": "世纪大道100号"}},
	{"address repeated part", china, "address", map[string]any{"city": "杭州", "street": "杭州市西湖区文三路 12 号"}, map[string]any{"region": "浙江省", "city": "杭州市", "district": "西湖区", "street": "文三路12号"}},
	{"a street named like a province", china, "address", map[string]any{"city": "青岛", "street": "上海路8号"}, map[string]any{"city": "青岛市", "street": "上海路8号"}},
	{"address conflict stays", china, "address", map[string]any{"city": "北京", "street": "上海市静安区南京西路1号"}, map[string]any{"city": "北京市", "street": "上海市静安区南京西路1号"}},
	{"address English", china, "address", map[string]any{"street": "221B  Baker Street", "city": "London", "postcode": "nw1 6xe", "country": "UK"}, map[string]any{"street": "221B Baker Street", "city": "London", "postcode": "NW1 6XE", "country": "GB"}},
	{"address as text", china, "address", "北京市朝阳区建国路88号", map[string]any{"region": "北京市", "city": "北京市", "district": "朝阳区", "street": "建国路88号"}},
	{"unknown kind", china, "colour", " x ", " x "},
	{"bool", china, "phone", true, true},
	{"nothing", china, "phone", nil, nil},
}

func TestValue(t *testing.T) {
	for _, tt := range cases {
		t.Run(tt.name, func(t *testing.T) {
			got := tt.locale.Value(tt.kind, tt.in)
			if !reflect.DeepEqual(got, tt.want) {
				t.Errorf("Value(%s, %v) = %v, want %v", tt.kind, tt.in, got, tt.want)
			}
			if again := tt.locale.Value(tt.kind, got); !reflect.DeepEqual(again, got) {
				t.Errorf("Value(%s, %v) = %v the second time, want %v", tt.kind, got, again, got)
			}
		})
	}
}

func TestValueLeavesItsArgumentAlone(t *testing.T) {
	in := map[string]any{"street": "广东省深圳市南山区科技园路1号"}
	was := maps.Clone(in)
	china.Value("address", in)
	if !maps.Equal(in, was) {
		t.Errorf("Value changed its argument to %v", in)
	}
	list := []any{" a@B.cn "}
	china.Value("email", list)
	if !slices.Equal(list, []any{" a@B.cn "}) {
		t.Errorf("Value changed its argument to %v", list)
	}
}

var kinds = []string{"name", "person_name", "phone", "email", "address", "street", "city", "region", "postcode", "country", "date", "instant", "company", "national_id", "credit_code", "tax_id", "gender", "language", "currency", "money", "text", "tag"}

func FuzzValueIsIdempotent(f *testing.F) {
	for _, tt := range cases {
		if s, ok := tt.in.(string); ok {
			f.Add(s)
		}
	}
	for _, s := range []string{"", " ", "\xff", "吉林省吉林市", "广东省广东省", "Mr Mr. ", "先生先生先生", "· 李 ·", "1-", "--1", "(-1)", "1e9", "00 86", "市市市市", "a\u0300\u0301", "ﾊﾟ", "\u3000", "Ⅷ", "ß", "İ"} {
		f.Add(s)
	}
	locales := []standardize.Locale{{}, china, {Country: "GB", Dates: "dmy"}, {Country: "US", Dates: "mdy"}}
	f.Fuzz(func(t *testing.T, s string) {
		for _, l := range locales {
			for _, kind := range kinds {
				once := l.Value(kind, s)
				if twice := l.Value(kind, once); !reflect.DeepEqual(once, twice) {
					t.Errorf("%s in %s: %q, then %q", kind, l.Country, once, twice)
				}
			}
		}
		once := standardize.Fold(s)
		if twice := standardize.Fold(once); once != twice {
			t.Errorf("Fold: %q, then %q", once, twice)
		}
	})
}

func TestFold(t *testing.T) {
	for _, tt := range []struct{ in, want string }{
		{"O'Brien-Smith", "obrien smith"},
		{"José Núñez", "jose nunez"},
		{"Straße", "strasse"},
		{"Łódź", "lodz"},
		{"劉德華", "刘德华"},
		{"ＡＢＣ", "abc"},
		{" a.  b ", "a b"},
		{"パ", "パ"},
		{"한국", "한국"},
		{"हिन्दी", "हिन्दी"},
		{"ﬁne", "fine"},
		{"Øre", "ore"},
	} {
		if got := standardize.Fold(tt.in); got != tt.want {
			t.Errorf("Fold(%q) = %q, want %q", tt.in, got, tt.want)
		}
	}
}

func TestPinyin(t *testing.T) {
	for _, tt := range []struct{ in, want string }{
		{"张伟", "zhang wei"}, {"張偉", "zhang wei"}, {"单雄信", "shan xiongxin"}, {"欧阳娜娜", "ouyang nana"}, {"吕布", "lv bu"}, {"曾国藩", "zeng guofan"}, {"尉迟恭", "yuchi gong"}, {"John", ""},
	} {
		if got := standardize.NamePinyin(tt.in); got != tt.want {
			t.Errorf("NamePinyin(%q) = %q, want %q", tt.in, got, tt.want)
		}
	}
}

func TestFoldCompany(t *testing.T) {
	for _, tt := range []struct {
		in, want string
		branch   bool
	}{
		{"Acme Trading Co., Ltd.", "acme trading", false},
		{"ACME TRADING LIMITED", "acme trading", false},
		{"Müller GmbH & Co. KG", "muller", false},
		{"深圳市腾讯计算机系统有限公司", "腾讯计算机系统", false},
		{"华为技术有限公司北京分公司", "华为技术北京分公司", true},
		{"The Co", "the co", false},
	} {
		got, branch := standardize.FoldCompany(tt.in)
		if got != tt.want || branch != tt.branch {
			t.Errorf("FoldCompany(%q) = %q, %v, want %q, %v", tt.in, got, branch, tt.want, tt.branch)
		}
	}
}

func TestFoldStreet(t *testing.T) {
	for _, tt := range []struct{ in, want string }{
		{"文三路十二号三单元一〇三室", "文三路12号3单元103室"}, {"12 Baker Street", "12 baker st"}, {"一百零三号", "103号"}, {"三里屯", "三里屯"},
	} {
		if got := standardize.FoldStreet(tt.in); got != tt.want {
			t.Errorf("FoldStreet(%q) = %q, want %q", tt.in, got, tt.want)
		}
	}
}

func TestResidentID(t *testing.T) {
	date, gender, ok := standardize.ResidentBirth("11010519491231002X")
	if !ok || date != "1949-12-31" || gender != "female" {
		t.Errorf("ResidentBirth = %s, %s, %v", date, gender, ok)
	}
	for _, bad := range []string{"110105194912310021", "11010519491331002X", "", "1101051949123100"} {
		if standardize.ValidResidentID(bad) {
			t.Errorf("ValidResidentID(%q) = true", bad)
		}
	}
}
