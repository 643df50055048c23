package column_test

import (
	"fmt"
	"testing"

	"crmhub/mdm/column"
)

// sample returns a column of a table of a hundred rows with those values.
func sample(header string, values ...string) column.Sample {
	return column.Sample{Header: header, Values: values, Rows: 100, Filled: 90, Distinct: len(values)}
}

func TestClassify(t *testing.T) {
	for _, tt := range []struct {
		in   column.Sample
		want column.Kind
	}{
		{sample("fname", "John", "Mary", "Wei"), column.GivenName},
		{sample("dob", "1980-01-02", "1975-12-31"), column.Date},
		{sample("postcode_fake", "ol6 8ug", "dn22 8ey"), column.Postcode},
		{sample("soc_sec_id", "1052176", "5269403"), column.NationalID},
		{sample("birth_place", "mayfield", "babworth"), column.Place},
		{sample("姓名", "张伟", "欧阳娜娜"), column.FullName},
		{sample("手机号", "13912345678", "13712345679"), column.Phone},
		{sample("出生日期", "1980年1月2日", "1975/12/31"), column.Date},
		{sample("单位名称", "北京百度网讯科技有限公司", "海尔集团"), column.Organisation},
		{sample("统一社会信用代码", "91350100M000100Y43", "91110000600037341L"), column.TaxID},
		{sample("客户联系地址", "北京市海淀区中关村大街1号", "上海市浦东新区张江路5号"), column.Address},
		{sample("注册邮编", "100080", "200120"), column.Postcode},
		{sample("Purple binder service type", "info@a.org", "b@c.com"), column.Email},
		{sample("Email Address", "08/01/2016", "01/31/2013"), column.Date},
		{sample("record_id", "a", "b"), column.Identifier},
		{sample("备注", "老客户,常来", "要发票"), column.Text},
		{sample("artist", "The Beatles", "Radiohead"), column.Title},
	} {
		t.Run(fmt.Sprint(tt.in.Header), func(t *testing.T) {
			if got := column.Classify(tt.in); got.Kind != tt.want {
				t.Errorf("Classify(%q) = %v (%s), want %v", tt.in.Header, got.Kind, got.Why, tt.want)
			}
		})
	}
}

func TestClassifyAll(t *testing.T) {
	restaurants := []string{"Arnie Morton's of Chicago", "Art's Delicatessen", "Campanile", "Chinois on Main", "Granita", "Hotel Bel-Air"}
	people := []string{"Joao Pereira", "Ngozi Okafor", "Piotr Kowalski", "Aiko Tanaka", "Rahul Sharma"}
	for _, tt := range []struct {
		name string
		in   []column.Sample
		want string
	}{
		{"restaurants", []column.Sample{sample("name", restaurants...), sample("addr", "435 S. La Cienega Blv.", "12224 Ventura Blvd."), sample("phone", "310-246-1501", "818-762-1221"), sample("type", "American", "French")}, "[organisation address phone category]"},
		{"people", []column.Sample{sample("name", people...), sample("dob", "1980-01-02", "1975-12-31")}, "[full_name date]"},
		{"music", []column.Sample{sample("title", "Yesterday", "Help!"), sample("artist", "The Beatles", "Radiohead"), sample("album", "Help!", "Kid A"), sample("length", "2m 5sec", "219453"), sample("year", "1965", "'66"), sample("number", "1", "Track 2"), sample("language", "English", "Eng.")}, "[title title title number year number category]"},
		{"papers", []column.Sample{sample("title", "A Theory of Joins", "Views and Queries"), sample("authors", "A. Gupta, I. Mumick", "J. Ullman"), sample("venue", "SIGMOD", "VLDB Journal"), sample("year", "1999", "2001"), sample("pages", "12-24", "1-17")}, "[title names place year number]"},
		{"salutation", []column.Sample{sample("title", "Mr", "Mrs", "Dr"), sample("first name", "John", "Mary"), sample("last name", "Smith", "Jones")}, "[category given_name family_name]"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var got []column.Kind
			for _, g := range column.ClassifyAll(tt.in) {
				got = append(got, g.Kind)
			}
			if fmt.Sprint(got) != tt.want {
				t.Errorf("ClassifyAll = %v, want %s", got, tt.want)
			}
		})
	}
}
