package block_test

import (
	"slices"
	"strings"
	"testing"

	"crmhub/mdm/block"
	"crmhub/mdm/compare"
	"crmhub/record"
)

func keys(f record.Fields, rule ...string) []string {
	out := block.New([][]string{rule}).Keys(compare.NewTransient().New(f))
	for i, k := range out {
		_, k, _ = strings.Cut(k, "\x1f")
		out[i] = strings.ReplaceAll(k, "\x1f", "|")
	}
	return out
}

func TestKeys(t *testing.T) {
	name := func(s string) record.Fields { return record.Fields{"full_name": s, "birth_date": "1980-03-04"} }
	for _, tt := range []struct {
		name string
		of   record.Fields
		rule []string
		want []string
	}{
		{"Latin name in order of letters", name("Mary Smith"), []string{"name"}, []string{"mary smith"}},
		{"swapped", name("Smith Mary"), []string{"name"}, []string{"mary smith"}},
		{"Chinese name", name("张小明"), []string{"name"}, []string{"xiaoming zhang"}},
		{"its pinyin", name("Zhang Xiaoming"), []string{"name"}, []string{"xiaoming zhang"}},
		{"its pinyin in three", name("Xiao Ming Zhang"), []string{"name"}, []string{"xiao zhang", "xiaoming zhang"}},
		{"sound", name("Rupert Smyth"), []string{"name_sound", "birth_year"}, []string{"r163 s530|1980"}},
		{"nickname", name("Bob Smith"), []string{"name_sound", "birth_year"}, []string{"r163 s530|1980"}},
		{"any word", name("Robert Adam Smith"), []string{"word_sound", "birth_year"}, []string{"a350|1980", "r163|1980", "s530|1980"}},
		{"no date", record.Fields{"full_name": "Mary Smith"}, []string{"name", "birth_date"}, []string{}},
		{"long mailbox", record.Fields{"emails": []any{"dragon@example.cn"}}, []string{"email"}, []string{"dragon"}},
		{"short mailbox", record.Fields{"emails": []any{"li@example.cn"}}, []string{"email"}, []string{"li@example.cn"}},
		{"shared mailbox", record.Fields{"emails": []any{"service@example.cn"}}, []string{"email"}, []string{"service@example.cn"}},
		{"phone by its tail", record.Fields{"phones": []any{"+8675526770000"}}, []string{"phone"}, []string{"26770000"}},
		{"company", record.Fields{"organisation": "Acme Trading Co., Ltd."}, []string{"organisation"}, []string{"acme trading"}},
		{"product", record.Fields{"full_name": "Mary Smith", "addresses": []any{map[string]any{"city": "York"}, map[string]any{"city": "Leeds"}}}, []string{"family_sound", "city"}, []string{"s530|leeds", "s530|york"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := keys(tt.of, tt.rule...); !slices.Equal(got, tt.want) {
				t.Errorf("keys = %q, want %q", got, tt.want)
			}
		})
	}
}

func TestKeysAreFewAndDistinct(t *testing.T) {
	f := record.Fields{"full_name": "Mary Smith"}
	var phones, places []any
	for i := range 100 {
		phones = append(phones, "+861391234"+string([]byte{byte('0' + i/10), byte('0' + i%10)})+"77")
		places = append(places, map[string]any{"city": "town" + string(rune('a'+i%26)), "postcode": "AB1 2C" + string(rune('A'+i%26))})
	}
	f["phones"], f["addresses"] = phones, places
	rules := block.New([][]string{{"phone"}, {"family_sound", "city"}, {"family_sound", "city", "postcode"}})
	all := rules.Keys(compare.NewTransient().New(f))
	if len(all) > 24 {
		t.Errorf("%d keys of one record", len(all))
	}
	slices.Sort(all)
	if len(slices.Compact(slices.Clone(all))) != len(all) {
		t.Error("a key stands twice")
	}
}

func TestEveryElementHasBits(t *testing.T) {
	for _, e := range block.Elements() {
		if b, ok := block.Bits(e); !ok || b < 1 || b > 40 {
			t.Errorf("Bits(%s) = %d, %v", e, b, ok)
		}
	}
	if _, ok := block.Bits("colour"); ok {
		t.Error("Bits knows colour")
	}
}
