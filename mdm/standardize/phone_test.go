package standardize_test

import (
	"fmt"
	"math/rand/v2"
	"strconv"
	"strings"
	"testing"

	"github.com/nyaruka/phonenumbers"

	"crmhub/mdm/standardize"
)

// TestPhonesWithoutTables holds that a number with its country code, which is
// mostly recognised without the library's tables, is what the tables make of it.
func TestPhonesWithoutTables(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 5))
	taken := 0
	for _, code := range []string{
		"1", "7", "20", "27", "30", "31", "32", "33", "34", "36", "39", "40", "41", "43", "44", "45", "46", "47", "48", "49", "51", "52", "54", "55", "56", "57",
		"60", "61", "62", "63", "64", "65", "66", "81", "82", "84", "86", "90", "91", "351", "352", "353", "358", "420", "421", "852", "853", "886", "966", "971", "999",
	} {
		for length := 6; length <= 12; length++ {
			for first := range 100 {
				digits := fmt.Sprintf("%s%02d", code, first)
				for len(digits) < len(code)+length {
					digits += string(rune('0' + r.IntN(10)))
				}
				got, ok := standardize.Locale{}.Phone("+" + digits)
				want, wantOK := byTables("+" + digits)
				if ok != wantOK || ok && got != want {
					t.Errorf("Phone(+%s) = %q, %v, want %q, %v", digits, got, ok, want, wantOK)
				}
				if ok {
					taken++
				}
			}
		}
	}
	if taken < 10_000 {
		t.Errorf("%d numbers were taken, want 10,000 at least", taken)
	}
}

// TestLocalPhonesWithoutTables holds the same of numbers as they are dialled at
// home.
func TestLocalPhonesWithoutTables(t *testing.T) {
	r := rand.New(rand.NewPCG(7, 5))
	for _, country := range []string{"US", "CA", "GB", "DE", "FR", "JP", "HK", "TW", "SG", "AU", "NL", "ES", "KR", "IN", "CH", "AT", "NZ", "IE", "BE", "SE", "IT", "GG"} {
		l, taken := standardize.Locale{Country: country}, 0
		for i := range 300 {
			digits := strconv.Itoa(r.IntN(1000))
			if example := phonenumbers.GetExampleNumberForType(country, []phonenumbers.PhoneNumberType{phonenumbers.FIXED_LINE, phonenumbers.MOBILE}[i%2]); example != nil && i%3 > 0 {
				digits = strconv.FormatUint(example.GetNationalNumber(), 10)
				digits = digits[:1+r.IntN(len(digits)-1)]
			}
			for n := 7 + r.IntN(6); len(digits) < n; {
				digits += string(rune('0' + r.IntN(10)))
			}
			digits = []string{"", "0", "0", "1", "00", "08", "44"}[r.IntN(7)] + digits
			got, ok := l.Phone(digits)
			want, wantOK := "", false
			if n, err := phonenumbers.Parse(digits, country); err == nil && phonenumbers.IsPossibleNumber(n) && phonenumbers.IsValidNumber(n) {
				want, wantOK = phonenumbers.Format(n, phonenumbers.E164), true
			}
			if strings.HasPrefix(digits, "00") && len(digits) > 8 {
				continue // read as a number with its country code
			}
			if ok != wantOK || ok && got != want {
				t.Errorf("%s: Phone(%s) = %q, %v, want %q, %v", country, digits, got, ok, want, wantOK)
			}
			if ok {
				taken++
			}
		}
		if taken == 0 {
			t.Errorf("%s: no number was taken", country)
		}
	}
}

// byTables reads a number with its country code by the library alone.
func byTables(s string) (string, bool) {
	n, err := phonenumbers.Parse(s, "ZZ")
	if err != nil || !phonenumbers.IsPossibleNumber(n) {
		return "", false
	}
	e164 := phonenumbers.Format(n, phonenumbers.E164)
	if phonenumbers.IsValidNumber(n) {
		return e164, true
	}
	again, err := phonenumbers.Parse(e164, "ZZ")
	return e164, err == nil && phonenumbers.Format(again, phonenumbers.E164) == e164
}
