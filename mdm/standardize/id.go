package standardize

import (
	"strings"

	"golang.org/x/text/unicode/norm"
)

// compact returns s in upper case without spaces, hyphens and points.
func compact(s string) string {
	s = Text(s)
	clean := true
	for i := 0; i < len(s); i++ {
		if c := s[i]; c == ' ' || c == '-' || c == '.' || c >= 'a' && c <= 'z' || c >= 0x80 {
			clean = false
		}
	}
	if clean {
		return s
	}
	s = strings.NewReplacer(" ", "", "-", "", ".", "", "–", "", "—", "").Replace(s)
	return strings.ToUpper(norm.NFC.String(s)) // what stood apart may join now
}

var residentWeights = [17]int{7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2}

// NationalID returns an identity number in upper case without separators; a
// Chinese one of 15 digits is brought to 18 (GB 11643). ok is always true:
// what is no Chinese number may be another country's.
func NationalID(s string) (id string, ok bool) {
	s = compact(s)
	if len(s) == 15 && digitsOnly(s) {
		if eighteen := s[:6] + "19" + s[6:]; residentBirth(eighteen) {
			return eighteen + string(residentCheck(eighteen)), true
		}
	}
	return s, true
}

// ValidResidentID reports whether id is an 18-digit Chinese resident id with
// a real birth date and the right check digit.
func ValidResidentID(id string) bool {
	return len(id) == 18 && digitsOnly(id[:17]) && residentBirth(id) && residentCheck(id) == id[17]
}

// ResidentBirth returns the birth date (YYYY-MM-DD) and gender that a valid
// resident id tells.
func ResidentBirth(id string) (date, gender string, ok bool) {
	if !ValidResidentID(id) {
		return "", "", false
	}
	gender = "female"
	if (id[16]-'0')%2 == 1 {
		gender = "male"
	}
	return id[6:10] + "-" + id[10:12] + "-" + id[12:14], gender, true
}

func residentBirth(id string) bool {
	y := number(id[6:10])
	return id[0] >= '1' && id[0] <= '9' && y >= 1850 && y <= 2100 && exists(y, number(id[10:12]), number(id[12:14]))
}

func residentCheck(id string) byte {
	sum := 0
	for i, w := range residentWeights {
		sum += int(id[i]-'0') * w
	}
	return "10X98765432"[sum%11]
}

const creditLetters = "0123456789ABCDEFGHJKLMNPQRTUWXY"

// CreditCode returns a unified social credit code (GB 32100) in upper case
// without separators; ok is false where its check character is wrong.
func CreditCode(s string) (code string, ok bool) {
	code = compact(s)
	return code, ValidCreditCode(code)
}

// ValidCreditCode reports whether code is 18 characters of the code's
// alphabet with the right check character.
func ValidCreditCode(code string) bool {
	if len(code) != 18 {
		return false
	}
	sum, weight := 0, 1
	for i := 0; i < 17; i++ {
		v := strings.IndexByte(creditLetters, code[i])
		if v < 0 {
			return false
		}
		sum += v * weight
		weight = weight * 3 % 31
	}
	return code[17] == creditLetters[(31-sum%31)%31]
}

// TaxID returns a tax number in upper case without separators.
func TaxID(s string) (id string, ok bool) { return compact(s), true }
