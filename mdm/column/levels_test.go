package column_test

import (
	"fmt"
	"slices"
	"testing"

	"crmhub/mdm/column"
)

// levels are pairs of values and the level that an expert would give them.
var levels = []struct {
	kind       column.Kind
	a, b, want string
}{
	{column.GivenName, "John", "john", "exact"},
	{column.GivenName, "Xiao Ming", "Xiaoming", "exact"},
	{column.GivenName, "Mr. John", "John", "exact"},
	{column.GivenName, "José", "jose", "exact"},
	{column.GivenName, "志偉", "志伟", "exact"},
	{column.GivenName, "Алексей", "алексеи", "exact"},
	{column.GivenName, "Bill", "William", "nickname"},
	{column.GivenName, "Katie", "Catherine", "nickname"},
	{column.GivenName, "Micheal", "Michael", "near"},
	{column.GivenName, "Charlote", "Charlotte", "near"},
	{column.GivenName, "伟", "wei", "sound"},
	{column.GivenName, "小明", "晓明", "sound"},
	{column.GivenName, "小明", "Xiao-Ming", "sound"},
	{column.GivenName, "涓茹", "Junru", "close"},
	{column.GivenName, "Anna Maria", "Anna", "part"},
	{column.GivenName, "Jean-Paul", "Jean", "part"},
	{column.GivenName, "J", "John", "initial"},
	{column.GivenName, "J.P.", "Jean Paul", "initial"},
	{column.GivenName, "小明", "XM", "initial"},
	{column.GivenName, "Kristofer", "Christopher", "similar"},
	{column.GivenName, "Shirlene", "Shirleen", "near"},
	{column.GivenName, "建国", "建军", "similar"},
	{column.GivenName, "John", "Mary", "different"},
	{column.GivenName, "伟", "强", "different"},
	{column.GivenName, "伟", "Qiang", "different"},
	{column.GivenName, "n/a", "John", "missing"},
	{column.GivenName, "Mr.", "John", "missing"},
	{column.GivenName, "Earl", "John", "different"},
	{column.GivenName, "无", "伟", "missing"},

	{column.FamilyName, "O'Brien", "OBrien", "exact"},
	{column.FamilyName, "Müller", "Muller", "exact"},
	{column.FamilyName, "陳", "陈", "exact"},
	{column.FamilyName, "Thomson", "Thompson", "near"},
	{column.FamilyName, "Chan", "Chen", "near"},
	{column.FamilyName, "Wong", "Wang", "near"},
	{column.FamilyName, "Tsui", "Hsu", "sound"},
	{column.FamilyName, "陈", "Chan", "sound"},
	{column.FamilyName, "单", "Shan", "sound"},
	{column.FamilyName, "Smith", "Smith-Jones", "part"},
	{column.FamilyName, "van den Berg", "Berg", "part"},
	{column.FamilyName, "MacDonald", "McDonald", "near"},
	{column.FamilyName, "Robinson", "Robinsons", "near"},
	{column.FamilyName, "Schmidt", "Schmitt", "near"},
	{column.FamilyName, "Hendersen", "Hendrson", "close"},
	{column.FamilyName, "Smyth", "Smith", "near"},
	{column.FamilyName, "Reid", "Read", "near"},
	{column.FamilyName, "Bayley", "Baillie", "similar"},
	{column.FamilyName, "S", "Smith", "initial"},
	{column.FamilyName, "Smith", "Taylor", "different"},
	{column.FamilyName, "张", "李", "different"},
	{column.FamilyName, "Unknown", "Smith", "missing"},

	{column.FullName, "John Smith", "JOHN SMITH", "exact"},
	{column.FullName, "Dr. John Smith", "John Smith", "exact"},
	{column.FullName, "Smith, John", "John Smith", "exact"},
	{column.FullName, "Smith John", "John Smith", "reordered"},
	{column.FullName, "John Michael Smith", "John Smith", "middle"},
	{column.FullName, "John M. Smith", "John Michael Smith", "middle"},
	{column.FullName, "Bill Gates", "William Gates", "nickname"},
	{column.FullName, "Jonh Smith", "John Smith", "near"},
	{column.FullName, "张伟", "張偉", "exact"},
	{column.FullName, "张伟", "Zhang Wei", "sound"},
	{column.FullName, "王小明", "Xiaoming Wang", "sound"},
	{column.FullName, "欧阳娜娜", "Ouyang Nana", "sound"},
	{column.FullName, "王小明", "王晓明", "sound"},
	{column.FullName, "伟 张", "张伟", "reordered"},
	{column.FullName, "J Smith", "John Smith", "initial"},
	{column.FullName, "Jane Smith", "Jane Smith-Jones", "part"},
	{column.FullName, "María García", "María García López", "part"},
	{column.FullName, "Jonathn Smiht", "Jonathan Smith", "near"},
	{column.FullName, "Madonna", "Madonna Ciccone", "word"},
	{column.FullName, "Stewart", "Willie Steward", "word"},
	{column.FullName, "Mrs", "Willie Steward", "missing"},
	{column.FullName, "John Smith", "Mary Smith", "family"},
	{column.FullName, "王小明", "王大伟", "family"},
	{column.FullName, "Mary Smith", "Mary Taylor", "given"},
	{column.FullName, "王小明", "王小红", "close"},
	{column.FullName, "John Smith", "Peter Taylor", "different"},
	{column.FullName, "张伟", "李强", "different"},
	{column.FullName, "匿名用户", "张伟", "missing"},

	{column.Organisation, "Acme Ltd", "ACME LTD.", "exact"},
	{column.Organisation, "Acme Ltd", "Acme Limited", "same"},
	{column.Organisation, "Smith & Sons GmbH", "Smith and Sons", "same"},
	{column.Organisation, "Art's Delicatessen", "Arts Delicatessan", "near"},
	{column.Organisation, "北京百度网讯科技有限公司", "百度网讯科技", "same"},
	{column.Organisation, "阿里巴巴（中国）网络技术有限公司", "阿里巴巴", "part"},
	{column.Organisation, "达中旺星建筑工程（广州）有限责任公司", "达中旺星建筑工程有限责任公司", "same"},
	{column.Organisation, "武汉诚宏（集团）有限公司", "诚宏有限公司", "same"},
	{column.Organisation, "Starbucks", "Starbucks Coffee", "part"},
	{column.Organisation, "International Business Machines", "IBM", "acronym"},
	{column.Organisation, "华为技术有限公司", "Huawei Technologies", "acronym"},
	{column.Organisation, "招商银行股份有限公司上海分行", "招商银行股份有限公司", "branch"},
	{column.Organisation, "Northern Trust Bank", "Acme Foods", "different"},
	{column.Organisation, "Primary School No 3", "Primary School No 4", "medium"},
	{column.Organisation, "海尔集团", "格力电器", "different"},

	{column.Phone, "+86 139-1234-5679", "13912345679", "exact"},
	{column.Phone, "(708) 225-4088", "7082254088", "exact"},
	{column.Phone, "+1 708 225 4088", "708-225-4088 x12", "exact"},
	{column.Phone, "(44)02073595270", "020 7359 5270", "exact"},
	{column.Phone, "(1)8154672537", "815-467-2537", "exact"},
	{column.Phone, "225-4088", "(708) 225-4088", "tail"},
	{column.Phone, "13912345678", "13912345687", "near"},
	{column.Phone, "13912345678", "13912345698", "near"},
	{column.Phone, "5344155", "5344188", "two_digits"},
	{column.Phone, "13912345678", "13699887766", "different"},
	{column.Phone, "13800138000", "13912345678", "missing"},
	{column.Phone, "000-0000", "225-4088", "missing"},

	{column.Email, "John.Smith@Example.org", "john.smith@example.org", "exact"},
	{column.Email, "John.Smith@acme.com", "john.smith@ACME.com", "exact"},
	{column.Email, "john.smith+news@gmail.com", "johnsmith@googlemail.com", "tagged"},
	{column.Email, "jsmith@gmail.com", "jsmith@gmail.con", "domain_slip"},
	{column.Email, "jsmith@acme.de", "jsmith@acme.com", "domain_slip"},
	{column.Email, "jsmith@acme.com", "jsmith@gmail.com", "mailbox"},
	{column.Email, "jsmith@qq.com", "jsmith@163.com", "mailbox"},
	{column.Email, "jsmiht@acme.com", "jsmith@acme.com", "near"},
	{column.Email, "john.smith@acme.com", "johnsmith@other.org", "close"},
	{column.Email, "info@acme.com", "info@acme.com", "shared"},
	{column.Email, "info@acme.com", "info@other.com", "different"},
	{column.Email, "jsmith84@gmail.com", "jsmith1@gmail.com", "digits"},
	{column.Email, "mary@acme.com", "peter@acme.com", "domain"},
	{column.Email, "mary@gmail.com", "peter@gmail.com", "different"},
	{column.Email, "noreply@acme.com", "mary@acme.com", "missing"},

	{column.Date, "1980-05-12", "12/05/1980", "exact"},
	{column.Date, "1980年5月12日", "19800512", "exact"},
	{column.Date, "12 May 1980", "May 12, 1980", "exact"},
	{column.Date, "1980-01-01", "1980-01-01", "new_year"},
	{column.Date, "1980-05-12", "1980-12-05", "swapped"},
	{column.Date, "1980-05-12", "1980-05-13", "digit"},
	{column.Date, "1980-05-12", "1970-05-12", "digit"},
	{column.Date, "1980-05-12", "1908-05-12", "digit"},
	{column.Date, "1980-05-12", "1980", "year_only"},
	{column.Date, "1980-05-12", "1980-01-01", "year_only"},
	{column.Date, "1980-05-12", "1980-05-27", "month"},
	{column.Date, "1980-05-12", "1980-05-30", "month"},
	{column.Date, "1980-05-12", "1981-05-13", "two_digits"},
	{column.Date, "1980-05-12", "1980-11-30", "year"},
	{column.Date, "1980-05-12", "1935-05-12", "two_digits"},
	{column.Date, "1980-05-12", "1981-11-30", "near"},
	{column.Date, "1980-05-12", "1988-11-30", "decade"},
	{column.Date, "1980-05-12", "1933-11-30", "different"},
	{column.Date, "1900-01-01", "1980-05-12", "missing"},
	{column.Date, "1980-13-12", "1980-12-12", "digit"},

	{column.Year, "1997", "1997", "exact"},
	{column.Year, "'97", "1997-05-01", "exact"},
	{column.Year, "1997", "1998", "next"},
	{column.Year, "1997", "1979", "digit"},
	{column.Year, "1997", "2000", "near"},
	{column.Year, "1997", "2005", "decade"},
	{column.Year, "1997", "1881", "different"},
	{column.Year, "0", "1881", "missing"},

	{column.NationalID, "11010519491231002x", "110105 19491231 002X", "exact"},
	{column.NationalID, "1052176", "1052176", "unchecked"},
	{column.NationalID, "1052176", "1052716", "near"},
	{column.NationalID, "1052176", "1152177", "two_slips"},
	{column.NationalID, "1052176", "9988123", "different"},
	{column.TaxID, "91350100M000100Y43", "91110000600037341L", "apart"},
	{column.TaxID, "GB 123 4567 82", "123456782", "part"},
	{column.Identifier, "0-306-40615-2", "0306406152", "exact"},
	{column.NationalID, "000000", "1052716", "missing"},

	{column.Number, "1,234.50", "1234.5", "exact"},
	{column.Number, "$12.00", "12", "exact"},
	{column.Number, "12.4", "12", "rounded"},
	{column.Number, "1000", "1010", "two_percent"},
	{column.Number, "1234", "1324", "digit"},
	{column.Number, "100", "104.5", "five_percent"},
	{column.Number, "60", "65", "ten_percent"},
	{column.Number, "60", "75", "quarter"},
	{column.Number, "10", "75", "different"},

	{column.Gender, "M", "male", "same"},
	{column.Gender, "男", "1", "same"},
	{column.Gender, "男", "女", "different"},
	{column.Gender, "未知", "女", "missing"},

	{column.Category, "politician", "Politician", "exact"},
	{column.Category, "politican", "politician", "near"},
	{column.Category, "politician", "politician, writer", "part"},
	{column.Category, "jazz", "rock", "different"},

	{column.City, "广州市", "广州", "exact"},
	{column.City, "St. Albans", "Saint Albans", "exact"},
	{column.City, "Liverpol", "Liverpool", "near"},
	{column.Place, "Leeds", "Leeds, West Yorkshire", "part"},
	{column.District, "浦东新区", "浦东", "exact"},
	{column.City, "Bristol", "Glasgow", "different"},
	{column.Region, "California", "CA", "exact"},
	{column.Region, "New South Wales", "nsw", "exact"},
	{column.Region, "广西", "广西壮族自治区", "exact"},
	{column.Country, "United Kingdom", "UK", "exact"},
	{column.Country, "中国", "China", "exact"},

	{column.Postcode, "OL6 8UG", "ol68ug", "exact"},
	{column.Postcode, "60647-1234", "60647", "base"},
	{column.Postcode, "dn22 8ey", "dn22 8ez", "sector"},
	{column.Postcode, "dn22 8ey", "nd22 8ey", "near"},
	{column.Postcode, "60647", "60674", "near"},
	{column.Postcode, "dn22 8ey", "dn22 1ab", "area"},
	{column.Postcode, "60647", "60123", "region"},
	{column.Postcode, "60647", "90210", "different"},
	{column.Postcode, "000000", "90210", "missing"},

	{column.HouseNumber, "012", "12", "exact"},
	{column.HouseNumber, "12", "12a", "part"},
	{column.HouseNumber, "12-14", "12", "part"},
	{column.HouseNumber, "186", "168", "near"},
	{column.HouseNumber, "186", "20", "different"},

	{column.URL, "http://www.Acme.com/", "https://acme.com", "exact"},
	{column.URL, "acme.com/contact", "www.acme.com", "site"},
	{column.URL, "acme.co.uk", "acme.com", "name"},
	{column.URL, "facebook.com/a", "facebook.com/b", "different"},

	{column.Street, "3701 W Ogden Ave", "3701 West Ogden Avenue", "exact"},
	{column.Street, "3701 Ogden", "3701 W Ogden Ave", "same"},
	{column.Street, "blackman crescent", "blackman place", "same"},
	{column.Street, "dolling crescent", "doling crescent", "near"},
	{column.Street, "12 High Street", "12a High St", "unit"},
	{column.Street, "High Street", "12 High St", "unnumbered"},
	{column.Street, "12 High Street", "47 High Street", "neighbour"},
	{column.Street, "中关村大街1号", "中关村大街一号", "exact"},
	{column.Street, "中关村大街1号", "中关村大街59号", "neighbour"},
	{column.Street, "12 High Street", "88 Low Road", "different"},

	{column.Address, "123 Main St., Springfield, IL 62701", "123 Main Street Springfield IL 62701", "exact"},
	{column.Address, "123 Main Street", "123 Main St, Springfield, IL 62701", "same"},
	{column.Address, "123 Main St Apt 4, Springfield", "123 Main St, Springfield", "unit"},
	{column.Address, "125 Main St, Springfield", "123 Main St, Springfield", "neighbour"},
	{column.Address, "北京市海淀区中关村大街1号", "海淀区中关村大街1号", "same"},
	{column.Address, "广东省深圳市南山区科技园路1号2栋301室", "深圳南山科技园路1号2栋301", "same"},
	{column.Address, "上海市浦东新区张江路5号", "上海市浦东新区世纪大道100号", "district"},
	{column.Address, "上海市浦东新区张江路5号", "上海市徐汇区漕溪路9号", "city"},
	{column.Address, "上海市浦东新区张江路5号", "北京市海淀区中关村大街1号", "different"},
	{column.Address, "12 High Street, Leeds", "88 Low Road, York", "different"},

	{column.Title, "Abbey Road", "abbey road", "exact"},
	{column.Title, "The Beatles", "Beatles, The", "same"},
	{column.Title, "Yesterday (Remastered)", "Yesterday", "brackets"},
	{column.Title, "Yellow Submarin", "Yellow Submarine", "near"},
	{column.Title, "Canon PowerShot A590 IS", "Canon PowerShot A590", "part"},
	{column.Title, "iPhone 12 Pro", "iPhone 13 Pro", "number"},
	{column.Title, "logitech BX6186 keyboard", "Logitech CB2610 keyboard", "number"},
	{column.Title, "Symphony", "Yesterday", "different"},
	{column.Text, "a survey of record linkage", "survey of record linkage methods", "part"},
}

func TestLevels(t *testing.T) {
	for _, tt := range levels {
		t.Run(fmt.Sprintf("%v/%s/%s", tt.kind, tt.a, tt.b), func(t *testing.T) {
			c := column.New(tt.kind, column.Options{})
			a, b := pack(c, tt.a), pack(c, tt.b)
			if got := name(c, c.Level(a, b)); got != tt.want {
				t.Errorf("%v: %q, %q are %s, want %s", tt.kind, tt.a, tt.b, got, tt.want)
			}
			if there, back := c.Level(a, b), c.Level(b, a); there != back {
				t.Errorf("Level is %s there, %s back", name(c, there), name(c, back))
			}
		})
	}
}

func name(c column.Comparer, level uint8) string {
	if level == column.Missing {
		return "missing"
	}
	return c.Levels()[level-1]
}

func TestComparersKeepTheirWord(t *testing.T) {
	for k := column.Ignored; ; k++ {
		if k.String() == "unknown" {
			break
		}
		if got, ok := column.ParseKind(k.String()); got != k || !ok {
			t.Errorf("ParseKind(%q) = %v, want %v", k.String(), got, k)
		}
		c := column.New(k, column.Options{})
		if c.Kind() != k {
			t.Errorf("New(%v) is of kind %v", k, c.Kind())
		}
		if n := len(c.Levels()); n > 15 || n < 2 {
			t.Errorf("%v has %d levels, want 2 to 15", k, n)
		}
		var values []column.Packed
		for _, tt := range levels {
			values = append(values, pack(c, tt.a), pack(c, tt.b))
		}
		for i := range values {
			a := values[i]
			var keys []column.Key
			keys = c.Keys(keys, a, ^uint32(0))
			for _, key := range keys {
				if int(key.Predicate) >= len(c.Predicates()) {
					t.Errorf("%v: a key of predicate %d, of %d", k, key.Predicate, len(c.Predicates()))
				}
			}
			slices.SortFunc(keys, func(a, b column.Key) int { return int(a.Hash>>1) - int(b.Hash>>1) })
			if n := len(keys); n != len(slices.Compact(keys)) {
				t.Errorf("%v: a value has a key twice", k)
			}
			if got := c.Level(a, a); !a.Missing() && got != 1 && name(c, got) != "unchecked" && name(c, got) != "new_year" && name(c, got) != "year_only" && name(c, got) != "shared" && name(c, got) != "landline" {
				t.Fatalf("%v: %q is %s to itself", k, c.AppendText(nil, a), name(c, got))
			}
			for j := max(0, i-60); j < i; j++ {
				there, back := c.Level(a, values[j]), c.Level(values[j], a)
				if there != back || int(there) > len(c.Levels()) {
					t.Fatalf("%v: %q to %q is level %d there, %d back", k, c.AppendText(nil, a), c.AppendText(nil, values[j]), there, back)
				}
			}
		}
	}
}

func TestNames(t *testing.T) {
	for _, tt := range []struct{ a, b, want string }{
		{"Ashish Gupta, Inderpal Singh Mumick", "ashish gupta, inderpal singh mumick", "exact"},
		{"Ashish Gupta, Inderpal Mumick", "Gupta, A.; Mumick, I.", "same"},
		{"A. Gupta and I. Mumick", "Gupta, A., Mumick, I.", "same"},
		{"I. Mumick, A. Gupta", "Ashish Gupta, Inderpal Mumick", "same"},
		{"A. Gupta et al.", "Ashish Gupta, Inderpal Mumick", "part"},
		{"A. Gupta, B. Jones", "Ashish Gupta, Inderpal Mumick", "first"},
		{"B. Jones, I. Mumick", "Ashish Gupta, Inderpal Mumick", "half"},
		{"张三、李四", "李四，张三", "same"},
		{"A. Gupta", "B. Jones", "different"},
	} {
		c := column.New(column.Names, column.Options{})
		a, b := pack(c, tt.a), pack(c, tt.b)
		if got := name(c, c.Level(a, b)); got != tt.want {
			t.Errorf("%q, %q are %s, want %s", tt.a, tt.b, got, tt.want)
		}
	}
}

func TestComposites(t *testing.T) {
	person := []column.Kind{column.GivenName, column.MiddleName, column.FamilyName, column.FullName}
	postal := []column.Kind{column.HouseNumber, column.Street, column.District, column.City, column.Region, column.Postcode}
	for _, tt := range []struct {
		kind  column.Kind
		parts []column.Kind
		a, b  []string
		want  string
	}{
		{column.FullName, person, []string{"John", "", "Smith", ""}, []string{"", "", "", "Smith, John"}, "exact"},
		{column.FullName, person, []string{"Smith", "", "John", ""}, []string{"John", "", "Smith", ""}, "reordered"},
		{column.FullName, person, []string{"John", "Michael", "Smith", ""}, []string{"John", "", "Smith", "John Smith"}, "middle"},
		{column.FullName, person, []string{"伟", "", "张", ""}, []string{"", "", "", "张伟"}, "exact"},
		{column.FullName, person, []string{"", "", "张", "张伟"}, []string{"Wei", "", "Zhang", ""}, "sound"},
		{column.FullName, person, []string{"Smiht", "", "Jonh", ""}, []string{"John", "", "Smith", ""}, "swapped"},
		{column.FullName, person, []string{"Emiily", "", "", ""}, []string{"emiily", "", "", ""}, "word"},
		{column.FullName, person, []string{"", "", "", "无"}, []string{"John", "", "Smith", ""}, "missing"},
		{column.Address, postal, []string{"186", "dolling crescent", "tarana", "", "nsw", "3121"}, []string{"186", "Dolling Cres", "tarana", "", "NSW", "3121"}, "exact"},
		{column.Address, postal, []string{"186", "dolling crescent", "tarana", "", "nsw", "3121"}, []string{"186", "doling crescent", "tarana", "", "NSW", "3112"}, "near"},
		{column.Address, postal, []string{"186", "dolling crescent", "tarana", "", "nsw", "3121"}, []string{"12", "dolling crescent", "tarana", "", "NSW", ""}, "neighbour"},
		{column.Address, postal, []string{"", "1 High St", "", "Leeds", "", "LS1 4AB"}, []string{"", "", "", "Leeds", "", "LS1 4AB"}, "unit_code"},
		{column.Address, postal, []string{"", "1 High St", "", "Leeds", "", ""}, []string{"", "1 High Street", "", "York", "", ""}, "elsewhere"},
		{column.Address, postal, []string{"", "广东省深圳市南山区科技园路1号", "", "", "", ""}, []string{"", "科技园路1号", "南山区", "深圳", "广东", ""}, "exact"},
		{column.Address, postal, []string{"", "", "", "Leeds", "", ""}, []string{"", "", "", "York", "", ""}, "different"},
	} {
		c, ok := column.NewComposite(tt.kind, tt.parts)
		if !ok {
			t.Fatalf("no composite of %v", tt.kind)
		}
		a, b := column.Packed(c.Combine(nil, tt.a)), column.Packed(c.Combine(nil, tt.b))
		if got := name(c, c.Level(a, b)); got != tt.want {
			t.Errorf("%q, %q are %s, want %s", tt.a, tt.b, got, tt.want)
		}
		if there, back := c.Level(a, b), c.Level(b, a); there != back {
			t.Errorf("%q, %q: Level is %s there, %s back", tt.a, tt.b, name(c, there), name(c, back))
		}
	}
}

func TestTogether(t *testing.T) {
	headers := []string{"given_name", "surname", "billing_street", "billing_city", "shipping_street", "shipping_city", "dob"}
	kinds := []column.Kind{column.GivenName, column.FamilyName, column.Street, column.City, column.Street, column.City, column.Date}
	guesses := make([]column.Guess, len(kinds))
	for i, k := range kinds {
		guesses[i].Kind = k
	}
	got := fmt.Sprint(column.Together(headers, guesses))
	if want := "[{full_name [0 1]} {address [2 3]} {address [4 5]}]"; got != want {
		t.Errorf("Together = %s, want %s", got, want)
	}
}

// TestTogetherTakesAnAddressForAStreet holds that a column called address goes
// with the places beside it, unless streets stand there or it is one of two.
func TestTogetherTakesAnAddressForAStreet(t *testing.T) {
	for _, tt := range []struct {
		kinds []column.Kind
		want  string
	}{
		{[]column.Kind{column.Address, column.City, column.Postcode}, "[{address [0 1 2]}]"},
		{[]column.Kind{column.Address, column.Street, column.City}, "[{address [1 2]}]"},
		{[]column.Kind{column.Address, column.Address, column.City}, "[]"},
		{[]column.Kind{column.City, column.Postcode}, "[]"},
	} {
		headers, guesses := make([]string, len(tt.kinds)), make([]column.Guess, len(tt.kinds))
		for i, k := range tt.kinds {
			headers[i], guesses[i] = k.String(), column.Guess{Kind: k}
		}
		if got := fmt.Sprint(column.Together(headers, guesses)); got != tt.want {
			t.Errorf("Together(%v) = %s, want %s", tt.kinds, got, tt.want)
		}
	}
}
