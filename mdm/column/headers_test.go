package column_test

import (
	"strings"
	"testing"

	"crmhub/mdm/column"
)

func TestHeaders(t *testing.T) {
	for _, tt := range []struct {
		kind    column.Kind
		headers string
		values  []string
	}{
		{column.GivenName, "first_name|FirstName|fname|forename|GIVEN NAME|namefrst|first_nm|givenName|first|Vorname|prénom|名", []string{"john", "mary", "peter", "susan"}},
		{column.FamilyName, "last_name|LastName|lname|surname|sname|namelast|last_nm|familyName|last|Nachname|姓|姓氏", []string{"smith", "jones", "taylor", "brown"}},
		{column.MiddleName, "middle_name|midl_name|mname|middle_initial|MiddleName", []string{"a", "james", "m", "lee"}},
		{column.FullName, "full_name|customer_name|CustomerName|name_of_patient|contact person|insured_name", []string{"john smith", "mary jones", "peter brown", "susan lee"}},
		{column.FullName, "姓名|客户姓名|联系人姓名|患者姓名|户主姓名|name", []string{"张伟", "王小明", "欧阳娜娜", "李强"}},
		{column.Organisation, "company|company_name|CompanyName|org_nm|business_name|employer|Brew_Factory_Name|organization name|legal_name", []string{"Acme Ltd", "Bosch GmbH", "Smith & Sons", "Initech Inc"}},
		{column.Organisation, "单位名称|公司名称|企业名称|供应商|商户名称|客户名称", []string{"海尔集团", "北京百度网讯科技有限公司", "上海某某贸易有限公司"}},
		{column.Phone, "phone|phone_number|full_phone_num|tel|Telephone No.|mobile|cell|contact_no|phone1|home_phone|fax", []string{"2254088", "5344155", "3634733"}},
		{column.Phone, "手机|手机号|手机号码|联系电话|电话|固定电话|移动电话", []string{"13912345679", "0755-88889999"}},
		{column.Email, "email|e-mail|email_address|EmailAddr|mail|邮箱|电子邮箱|邮件地址", []string{"a@b.com", "c@d.org"}},
		{column.Date, "dob|DOB|date_of_birth|birth_date|BirthDate|birthday|born|d_o_b|dateofbirth|Geburtsdatum", []string{"1980-01-02", "1975-12-31", "19640317"}},
		{column.Date, "出生日期|生日|出生年月日|成立日期", []string{"1980年1月2日", "1975/12/31"}},
		{column.Year, "year|birth_year|yob|release_year|pub_year|出生年份|年份|birthyr", []string{"1980", "1975", "1964"}},
		{column.Address, "address|addr|full_address|home address|registered_address|地址|联系地址|家庭住址|注册地址", []string{"1 High St, Leeds", "22 Low Road, York", "3 Main Street"}},
		{column.Street, "street|street_name|address_1|addr1|address_line_1|street address 1|road", []string{"high street", "low road", "main street"}},
		{column.HouseNumber, "street_number|house_no|houseNumber|house_num|门牌号", []string{"1", "22", "3a"}},
		{column.City, "city|town|res_city_desc|City Name|post_town|城市|所在城市", []string{"Leeds", "York", "Hull"}},
		{column.District, "suburb|county|district|区县|行政区", []string{"Richmond", "Fitzroy", "Carlton"}},
		{column.Region, "state|state_cd|province|region|省份|state_province", []string{"nsw", "vic", "qld"}},
		{column.Postcode, "postcode|zip|zip_code|postal_code|res_zip|postcode_fake|邮编|邮政编码|pcode", []string{"2000", "3121", "2450"}},
		{column.Country, "country|country_code|nationality|国家|国籍", []string{"Australia", "China", "France"}},
		{column.Place, "birth_place|birthplace|place_of_birth|bpl|籍贯|出生地|venue", []string{"Leeds", "York", "Hull"}},
		{column.NationalID, "ssn|soc_sec_id|national_id|nhs_number|passport_no|id_card|身份证号|证件号码", []string{"1052176", "5269403", "8996055"}},
		{column.TaxID, "vat_number|tax_id|company_number|ein|税号|纳税人识别号", []string{"1052176", "5269403", "8996055"}},
		{column.Identifier, "isbn|doi|modelno|sku|voter_reg_num|account_number|model|车牌号|会员卡号", []string{"AX1052176", "BX5269403", "CX8996055"}},
		{column.Gender, "gender|sex|sex_code|性别", []string{"male", "female"}},
		{column.Number, "price|length|age|ABV|lat|longitude|number|track|pages|年龄|金额|duration", []string{"12.5", "7.25", "3.75"}},
		{column.Category, "type|genre|style|occupation|race_code|cuisine|category|relate|职业|类别|language", []string{"rock", "jazz", "folk"}},
		{column.Title, "title|song_name|Album_Name|artist|Beer_Name|product_name|书名|歌手|商品名称", []string{"Abbey Road", "Help", "Kid A"}},
		{column.Names, "authors|author|作者|composers", []string{"A. Gupta, I. Mumick", "J. Ullman"}},
		{column.Text, "description|abstract|notes|备注|简介", []string{"a long text of words about it", "another one"}},
		{column.Ignored, "source|created_at|UpdatedAt|数据来源|创建时间|更新时间|filename|timestamp|last_update", []string{"crm", "erp", "shop"}},
		{column.Identifier, "id|rec_id|客户编号|cust_id|person_id", []string{"AX1052176", "BX5269403", "CX8996055"}},
		{column.URL, "url|website|homepage|官网|网址", []string{"http://a.com", "www.b.org"}},
	} {
		for h := range strings.SplitSeq(tt.headers, "|") {
			if got := column.Classify(sample(h, tt.values...)); got.Kind != tt.kind {
				t.Errorf("Classify(%q, like %q) = %v (%s), want %v", h, tt.values[0], got.Kind, got.Why, tt.kind)
			}
		}
	}
}

func TestValuesWin(t *testing.T) {
	sample := func(header string, values ...string) column.Sample {
		return column.Sample{Header: header, Values: values, Rows: len(values) + 1, Filled: len(values), Distinct: len(values)}
	}
	for _, tt := range []struct {
		in   column.Sample
		want column.Kind
	}{
		{sample("name", "a@b.com", "c@d.org"), column.Email},
		{sample("notes", "13912345679", "13712345678"), column.Phone},
		{sample("email", "john smith", "mary jones"), column.FullName},
		{sample("dob", "high street", "low road"), column.Title},
		{sample("col7", "11010519491231002X", "440524188001010014"), column.NationalID},
		{sample("字段1", "张伟", "王小明", "李强"), column.FullName},
		{sample("column_3", "北京市海淀区中关村大街1号", "上海市浦东新区张江路5号"), column.Address},
		{sample("x", "Acme Ltd", "Initech Inc", "Bosch GmbH"), column.Organisation},
		{sample("", "1980-01-02", "1975-12-31"), column.Date},
	} {
		if got := column.Classify(tt.in); got.Kind != tt.want {
			t.Errorf("Classify(%q, like %q) = %v (%s), want %v", tt.in.Header, tt.in.Values[0], got.Kind, got.Why, tt.want)
		}
	}
}

func TestRowNumbersAreNoEvidence(t *testing.T) {
	running := make([]string, 100)
	for i := range running {
		running[i] = string([]byte{'1', byte('0' + i/10), byte('0' + i%10)})
	}
	for _, tt := range []struct {
		in   column.Sample
		want column.Kind
	}{
		{column.Sample{Header: "no", Values: running, Rows: 100, Filled: 100, Distinct: 100}, column.Ignored},
		{column.Sample{Header: "x", Values: running, Rows: 100, Filled: 100, Distinct: 100}, column.Ignored},
		{column.Sample{Header: "id", Values: running, Rows: 200, Filled: 200, Distinct: 100}, column.Ignored},
		{column.Sample{Header: "email", Values: []string{"a@b.com", "b@c.com"}, Rows: 2, Filled: 2, Distinct: 2}, column.Email},
		{column.Sample{Header: "name", Values: []string{"x"}, Rows: 5, Filled: 5, Distinct: 1}, column.Ignored},
		{column.Sample{Header: "name", Rows: 5}, column.Ignored},
	} {
		if got := column.Classify(tt.in); got.Kind != tt.want {
			t.Errorf("Classify(%q) = %v (%s), want %v", tt.in.Header, got.Kind, got.Why, tt.want)
		}
	}
}
