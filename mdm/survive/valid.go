package survive

import (
	"strings"
	"time"

	"crmhub/mdm/standardize"
)

// Fault says in one word why a value is not believed.
type Fault string

// The faults of values.
const (
	// Checksum: the number's own check character says that it is wrong.
	Checksum Fault = "checksum"
	// Format: no such value can be.
	Format Fault = "format"
	// Placeholder: what people write who must write something.
	Placeholder Fault = "placeholder"
)

// fillers are words that stand for no value, folded.
var fillers = map[string]bool{
	"n a": true, "na": true, "none": true, "null": true, "nil": true, "unknown": true, "test": true, "x": true, "xx": true, "xxx": true,
	"无": true, "不详": true, "未知": true, "暂无": true, "没有": true, "测试": true, "空": true,
}

// check returns what is wrong with a value of an attribute, or "". It looks at
// what is certain only: what it doesn't know is right.
func check(attribute string, v any) Fault {
	s, ok := v.(string)
	if !ok {
		return ""
	}
	switch attribute {
	case "national_id":
		return nationalID(s)
	case "tax_id":
		return taxID(s)
	case "birth_date":
		return birthDate(s)
	case "emails", "email":
		return mailbox(s)
	case "phones", "phone":
		return number(s)
	case "gender":
		if s == "unknown" {
			return Placeholder
		}
	case "full_name", "given_name", "family_name", "organisation", "status", "owner":
		if f := standardize.Fold(s); f == "" || fillers[f] {
			return Placeholder
		}
	}
	return ""
}

// nationalID judges what looks like a Chinese resident id; other countries'
// numbers are not known here.
func nationalID(s string) Fault {
	if len(s) != 18 || strings.Trim(s[:17], "0123456789") != "" {
		return same(s)
	}
	if _, _, ok := standardize.ResidentBirth(s); !ok {
		return Checksum
	}
	return ""
}

func taxID(s string) Fault {
	if len(s) != 18 {
		return same(s)
	}
	if _, ok := standardize.CreditCode(s); !ok {
		return Checksum
	}
	return ""
}

// same finds numbers of one figure only: 0000000, 11111111.
func same(s string) Fault {
	if s != "" && strings.Trim(s, s[:1]) == "" {
		return Placeholder
	}
	return ""
}

func birthDate(s string) Fault {
	t, err := time.Parse(time.DateOnly, s)
	switch {
	case err != nil:
		return Format
	case t.Year() <= 1900 || s == "1970-01-01" || s == "9999-12-31":
		return Placeholder
	}
	return ""
}

// boxes are mailboxes that nobody reads.
var boxes = map[string]bool{"noreply": true, "no-reply": true, "none": true, "test": true, "unknown": true, "null": true}

func mailbox(s string) Fault {
	box, host, ok := strings.Cut(s, "@")
	switch {
	case !ok || box == "" || !strings.Contains(host, ".") || strings.ContainsAny(s, " \t"):
		return Format
	case boxes[strings.ToLower(box)]:
		return Placeholder
	}
	return ""
}

func number(s string) Fault {
	digits := strings.Map(func(r rune) rune {
		if r < '0' || r > '9' {
			return -1
		}
		return r
	}, s)
	tail := digits[max(0, len(digits)-8):]
	switch {
	case len(digits) < 5 || len(digits) > 20:
		return Format
	case len(digits) >= 8 && same(tail) != "":
		return Placeholder
	}
	return ""
}
