package compare_test

import (
	"testing"

	"crmhub/mdm/compare"
)

func TestSoundex(t *testing.T) {
	pack := func(s string) uint32 {
		return uint32(s[0])<<24 | uint32(s[1])<<16 | uint32(s[2])<<8 | uint32(s[3])
	}
	for _, tt := range []struct{ in, want string }{
		{"robert", "r163"}, {"rupert", "r163"}, {"ashcraft", "a261"}, {"tymczak", "t522"}, {"pfister", "p236"}, {"honeyman", "h555"}, {"li", "l000"},
	} {
		if got := compare.Soundex(tt.in); got != pack(tt.want) {
			t.Errorf("Soundex(%q) = %x, want %s", tt.in, got, tt.want)
		}
	}
	if got := compare.Soundex("张"); got != 0 {
		t.Errorf("Soundex(张) = %x, want 0", got)
	}
}

func TestEmptyKnowsTheWordsForNothing(t *testing.T) {
	for _, tt := range []struct {
		in   string
		want bool
	}{
		{"", true},
		{"N/A", true},
		{"No Name", true},
		{"无", true},
		{"無", true},
		{" 未知 ", true},
		{"（暂无）", true},
		{"匿名", true},
		{"Nancy", false},
		{"王伟", false},
		{"测", false},
		{"无锡", false},
		{"上海", false},
	} {
		if got := compare.Empty(tt.in); got != tt.want {
			t.Errorf("Empty(%q) = %v, want %v", tt.in, got, tt.want)
		}
	}
}
