package schemas_test

import (
	"testing"
	"testing/fstest"

	"crmhub/record"
	"crmhub/schemas"
)

// judge returns what says whether a value has a format.
func judge(t testing.TB, format string) func(value string) bool {
	t.Helper()
	set, err := schemas.Load(fstest.MapFS{"order.schema.json": {Data: []byte(`{"properties": {"v": {"type": "string", "format": "` + format + `"}}}`)}})
	if err != nil {
		t.Fatal(err)
	}
	s, _ := set.Schema(record.Order)
	return func(value string) bool { return s.Passes(record.Fields{"v": value}) }
}

func TestFormats(t *testing.T) {
	for _, tt := range []struct {
		format    string
		good, bad []string
	}{
		{
			"email",
			[]string{"a@x.cn", "A.B+c@mail.example.co.uk", "李@例子.中国", "a..b.@docomo.ne.jp", "o'neil@x.ie"},
			[]string{"", "a", "a@", "@x.cn", "a@x", "a b@x.cn", "a@x..cn", "a@-x.cn", "a@x-.cn", "a@x.c", "a@1.2.3.4", "a@x.cn;b@x.cn", "a,b@x.cn", "a＠x.cn", "<a@x.cn>"},
		},
		{"e164", []string{"+8613800138000", "+442079460018", "+861062345678;ext=801", "+1234567"}, []string{"", "13800138000", "+0123456789", "+86 138", "+1", "+1234567890123456", "+861062345678;ext="}},
		{"phone", []string{"+8613800138000", "020 7946 0018", "(010) 6234-5678", "5344155"}, []string{"", "12345", "call me", "138****8000", "1234567890123456"}},
		{"date", []string{"2024-02-29", "0001-01-01", "9999-12-31"}, []string{"", "2023-02-29", "1900-02-29", "2024-13-01", "2024-00-10", "2024-04-31", "0000-00-00", "2024-2-9", "20240209", "2024-02-29T00:00:00Z"}},
		{
			"instant",
			[]string{"2026-03-01T02:00:00Z", "2026-03-01T02:00:00.123456789Z", "2026-03-01T10:00:00+08:00", "2026-03-01T02:00:00Z[Asia/Shanghai]", "2026-03-01T02:00:00Z[+08:00]"},
			[]string{"", "2026-03-01", "2026-03-01 02:00:00", "2026-03-01T02:00:00", "2026-02-30T02:00:00Z", "2026-03-01T24:00:00Z", "2026-03-01T02:60:00Z", "2026-03-01T02:00:00Z[]", "2026-03-01T02:00:00Z[a b]", "2026-03-01T02:00:00Z[a]x"},
		},
		{"iso3166-1-alpha-2", []string{"CN", "GB", "AD", "ZW", "TW", "XK"}, []string{"", "cn", "UK", "XX", "CHN", "86"}},
		{"iso4217", []string{"CNY", "AED", "ZWL", "EUR", "DEM", "HKD"}, []string{"", "RMB", "cny", "NTD", "¥"}},
		{"bcp47", []string{"zh", "zh-CN", "zh-Hans-CN", "en-GB", "pt-BR"}, []string{"", "z", "zh_CN", "chinese", "xx-yyyyyyyyyy", "中文"}},
		{"decimal", []string{"0", "-1", "0.10", "1234567890123456.78", "9007199254740993"}, []string{"", "-", "01", ".5", "5.", "1e3", "+1", "1,000", "１"}},
		{"postcode", []string{"100080", "SW1A 1AA", "D-50667", "0450"}, []string{"", "1", "无", "100080\n", " 10", "abcdef", "1234567890123"}},
		{"cn-resident-id", []string{"11010519491231002X", "440524188001010014"}, []string{"110105194912310021", "11010519491331002X", "00010519491231002X", "11010519491231002x", "110105491231002"}},
		{"national-id", []string{"11010519491231002X", "110105491231002", "AB123456C", "078-05-1120", "1052176"}, []string{"110105194912310021", "11010519491231002x", "", "abc", "00000000", "无", "A B"}},
		{"cn-credit-code", []string{"91350100M000100Y43"}, []string{"91350100M000100Y44", "91350100I000100Y43", "91350100m000100y43", "9135"}},
		{"tax-id", []string{"91350100M000100Y43", "11010519491231002X", "GB123456789", "DE 123 456 789", "110108000000000"}, []string{"91350100M000100Y44", "91350100I000100Y43", "", "none", "11111111"}},
	} {
		fits := judge(t, tt.format)
		for _, v := range tt.good {
			if !fits(v) {
				t.Errorf("%s refuses %q", tt.format, v)
			}
		}
		for _, v := range tt.bad {
			if fits(v) {
				t.Errorf("%s accepts %q", tt.format, v)
			}
		}
	}
}
