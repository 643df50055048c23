package standardize_test

import (
	"testing"

	"crmhub/mdm/standardize"
)

func TestTextDoesWhatValueDoes(t *testing.T) {
	kinds := []string{
		"name", "text", "tag", "person_name", "company", "street", "city", "region", "postcode", "email", "country", "national_id", "credit_code",
		"tax_id", "gender", "language", "currency", "money", "phone", "date", "instant", "address", "no such kind",
	}
	values := []string{
		"", " ", "王 先生", "Ｆｕｌｌ  width", "0086 138-0013-8000", "13800138000", "3/4/2020", "2020年3月4日", "2026-01-02 03:04", "LI@Example.CN", "中国", "uk",
		"男", "zh_cn", "rmb", "￥1,234.50", "11010519491231002x", "上海", "北京 市朝阳区 1 号", "sw1a  1aa", "n/a",
	}
	for _, l := range []standardize.Locale{{}, {Country: "CN", Dates: "dmy"}} {
		for _, kind := range kinds {
			f := l.Text(kind)
			for _, v := range values {
				want, isText := l.Value(kind, v).(string)
				if f == nil {
					if isText && want != v {
						t.Errorf("Text(%q) leaves %q alone, Value makes %q of it", kind, v, want)
					}
					continue
				}
				if got := f(v); !isText || got != want {
					t.Errorf("Text(%q) makes %q of %q, Value %q", kind, got, v, want)
				}
			}
		}
	}
}
