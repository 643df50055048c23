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
