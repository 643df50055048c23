package mask_test

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"crmhub/governance/mask"
	"crmhub/record"
)

var table = []struct{ kind, in, want string }{
	{mask.Phone, "13812341234", "138****1234"},
	{mask.Phone, "+8613812341234", "+86138****1234"},
	{mask.Phone, "0086 138 1234 1234", "0086 138 **** 1234"},
	{mask.Phone, "+442079460018", "+44******0018"},
	{mask.Phone, "+12025550143", "+1******0143"},
	{mask.Phone, "010-65529988", "0**-****9988"},
	{mask.Phone, "655299", "***299"},
	{mask.Phone, "120", "***"},
	{mask.Phone, "call Li after six", "***"},
	{mask.Email, "liming@x.com", "li**@x.com"},
	{mask.Email, "li@x.com", "l**@x.com"},
	{mask.Email, "l@x.com", "**@x.com"},
	{mask.Email, "张三丰真人@例子.中国", "张三**@例子.中国"},
	{mask.Email, "Li Ming <li@x.com>", "***"},
	{mask.Email, "not an address", "***"},
	{mask.Email, "@x.com", "***"},
	{mask.Name, "张三", "张*"},
	{mask.Name, "欧阳修文", "欧***"},
	{mask.Name, "张", "***"},
	{mask.Name, "阿不都·热合曼", "阿**·热**"},
	{mask.Name, "John Smith", "J*** S***"},
	{mask.Name, "Mary-Ann O'Neil", "M***-A*** ***'N***"},
	{mask.Name, "J. R. Ng", "***. ***. N***"},
	{mask.Name, "王小明 (Wang Xiaoming)", "王** (W*** X***)"},
	{mask.Name, "山田太郎", "山***"},
	{mask.ID, "110101199003071234", "110***********1234"},
	{mask.ID, "91350100M000100Y43", "913***********0Y43"},
	{mask.ID, "4111 1111 1111 1234", "411* **** **** 1234"},
	{mask.ID, "AB-123456", "**-**3456"},
	{mask.ID, "A1234", "****4"},
	{mask.ID, "A12", "***"},
	{mask.Date, "1990-05-17", "1990-**-**"},
	{mask.Date, "17/05/1990", "**/**/1990"},
	{mask.Date, "19900517", "1990****"},
	{mask.Date, "1990年5月17日", "1990年*月**日"},
	{mask.Date, "2026-11-01T08:00:00Z", "2026-**-**T**:**:**Z"},
	{mask.Date, "1990", "***"},
	{mask.Date, "5/17/90", "***"},
	{mask.Date, "05/17/90", "**/**/**"},
	{mask.Date, "born in May 1990", "***"},
	{mask.Address, "广东省深圳市南山区科技园路1号", "广东省***"},
	{mask.Address, "北京市海淀区中关村大街27号", "北京市***"},
	{mask.Address, "内蒙古自治区呼和浩特市新城区1号", "内蒙古自治区***"},
	{mask.Address, "深圳市1号", "***"},
	{mask.Address, "221B Baker Street, London", "***"},
	{mask.Text, "南山区科技园", "南***"},
	{mask.Text, "abc", "***"},
	{mask.Full, "anything", "***"},
	{"unheard of", "anything", "***"},
	{"", "anything", "***"},
}

func TestHowAHiddenValueLooks(t *testing.T) {
	for _, tt := range table {
		t.Run(tt.kind+" "+tt.in, func(t *testing.T) {
			if got := mask.Value("contact", tt.kind, tt.in); got != tt.want {
				t.Errorf("Value(%q) = %q, want %q", tt.in, got, tt.want)
			}
		})
	}
}

func TestTheClassDecidesWhetherAnythingIsShown(t *testing.T) {
	for _, tt := range []struct{ class, kind, want string }{
		{"none", "full", "13812341234"},
		{"none", "", "13812341234"},
		{"unclassified", "phone", "***"},
		{"", "phone", "***"},
		{"misspelt", "phone", "***"},
		{"contact", "phone", "138****1234"},
		{"contact", "", "***"},
	} {
		if got := mask.Value(tt.class, tt.kind, "13812341234"); got != tt.want {
			t.Errorf("Value(%q, %q) = %q, want %q", tt.class, tt.kind, got, tt.want)
		}
	}
}

func TestListsAndObjectsKeepTheirShape(t *testing.T) {
	in := record.Fields{
		"phones":    []any{"13812341234", json.Number("13900001111"), nil},
		"addresses": []any{map[string]any{"street": "中关村大街27号", "city": "北京", "country": "CN", "kind": "home", "rooms": json.Number("3")}},
		"tags":      []any{"vip"},
		"vip":       true,
		"new_field": map[string]any{"a": []any{"secret"}, "b": false},
	}
	before, err := json.Marshal(in)
	if err != nil {
		t.Fatal(err)
	}
	got := mask.Fields(in, map[string]mask.Rule{
		"phones": {"contact", "phone"}, "addresses": {"contact", "address"}, "tags": {"none", ""}, "vip": {"sensitive", "id"},
	})
	want := record.Fields{
		"phones":    []any{"138****1234", "139****1111", nil},
		"addresses": []any{map[string]any{"street": "***", "city": "***", "country": "CN", "kind": "home", "rooms": "***"}},
		"tags":      []any{"vip"},
		"vip":       "***",
		"new_field": map[string]any{"a": []any{"***"}, "b": "***"},
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("Fields = %v, want %v", got, want)
	}
	after, err := json.Marshal(in)
	if err != nil {
		t.Fatal(err)
	}
	if string(before) != string(after) {
		t.Error("Fields changed its argument")
	}
	if mask.Fields(nil, nil) != nil {
		t.Error("Fields(nil) is not nil")
	}
}

// FuzzValue holds what every kind promises: a value of two and more characters
// is never shown as it is, a short one by no more than half (a domain and a
// year aside), and masking twice is masking once.
func FuzzValue(f *testing.F) {
	for _, tt := range table {
		f.Add(tt.in)
	}
	f.Fuzz(func(t *testing.T, in string) {
		if !utf8.ValidString(in) {
			return
		}
		for _, kind := range []string{mask.Phone, mask.Email, mask.Name, mask.ID, mask.Date, mask.Address, mask.Text, mask.Full} {
			got := mask.Value("contact", kind, in).(string)
			if again := mask.Value("contact", kind, got); again != got {
				t.Errorf("%s: %q gives %q, and that gives %q", kind, in, got, again)
			}
			if strings.ContainsRune(in, '*') {
				continue // a star in the value counts as hidden already
			}
			n := utf8.RuneCountInString(in)
			if n >= 2 && got == in {
				t.Errorf("%s: %q is shown as it is", kind, in)
			}
			if shown := letters(got); n >= 2 && n <= 8 && kind != mask.Email && kind != mask.Date && 2*shown > max(letters(in), 2) {
				t.Errorf("%s: %q shows %d of %d in %q", kind, in, shown, letters(in), got)
			}
		}
	})
}

// letters counts letters, their accents, digits and symbols, those that are not hidden.
func letters(s string) int {
	n := 0
	for _, r := range s {
		if unicode.IsLetter(r) || unicode.IsMark(r) || unicode.IsNumber(r) || unicode.IsSymbol(r) && r != '+' {
			n++
		}
	}
	return n
}
