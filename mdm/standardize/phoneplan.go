package standardize

// plan is what can be said of a country's numbers without its tables: of
// these lengths and first digits, a number with its country code is a possible
// one and reads as itself, whatever the digits after the first.
type plan struct {
	code    string
	lengths uint16 // bit n: n digits behind the country code
	first   uint16 // bit n: they may begin with n
}

// plans are the countries most numbers come from. What is not among them, and
// each number without its country code, is left to the library's tables.
var plans = [...]plan{
	{"1", 1 << 10, from2},
	{"7", 1 << 10, 1<<3 | 1<<4 | 1<<7 | 1<<9},
	{"27", 1 << 9, from1},
	{"31", 1 << 9, from1},
	{"32", 1<<8 | 1<<9, from1},
	{"33", 1 << 9, from1},
	{"34", 1 << 9, from1},
	{"36", 1<<8 | 1<<9, from1},
	{"39", 1<<9 | 1<<10, from0},
	{"40", 1 << 9, from1},
	{"41", 1 << 9, from1},
	{"43", 1<<9 | 1<<10 | 1<<11, from1},
	{"44", 1<<9 | 1<<10, from1},
	{"45", 1 << 8, from1},
	{"46", 1<<8 | 1<<9, from1},
	{"47", 1 << 8, from1},
	{"48", 1 << 9, from1},
	{"49", 1<<8 | 1<<9 | 1<<10 | 1<<11, from1},
	{"52", 1 << 10, from1},
	{"55", 1<<10 | 1<<11, from1 &^ (1 << 9)},
	{"60", 1<<8 | 1<<9 | 1<<10, from1},
	{"61", 1 << 9, from2},
	{"62", 1<<9 | 1<<10 | 1<<11, from1},
	{"63", 1 << 10, from1},
	{"64", 1<<8 | 1<<9 | 1<<10, from1},
	{"65", 1 << 8, from1},
	{"66", 1<<8 | 1<<9, from1},
	{"81", 1<<9 | 1<<10, from1},
	{"82", 1<<8 | 1<<9 | 1<<10, from1},
	{"84", 1<<9 | 1<<10, from1},
	{"90", 1 << 10, from1},
	{"91", 1 << 10, from1},
	{"351", 1 << 9, from1},
	{"353", 1<<8 | 1<<9, from1},
	{"358", 1<<8 | 1<<9 | 1<<10, from1},
	{"420", 1 << 9, from1},
	{"852", 1 << 8, from1},
	{"853", 1 << 8, from1},
	{"886", 1<<8 | 1<<9, from1},
	{"966", 1 << 9, from1},
	{"971", 1<<8 | 1<<9, from1},
}

// The first digits from 0, 1 and 2 on.
const (
	from0 = 1<<10 - 1
	from1 = from0 &^ 1
	from2 = from1 &^ 2
)

// planned reports whether digits are a country code and a number of its plan.
func planned(digits string) bool {
	for i := range plans {
		p := &plans[i]
		n := len(p.code)
		if len(digits) > n+4 && digits[0] == p.code[0] && digits[:n] == p.code {
			return len(digits)-n < 16 && p.lengths>>(len(digits)-n)&1 == 1 && p.first>>(digits[n]-'0')&1 == 1
		}
	}
	return false
}
