package column

import (
	"strings"

	"crmhub/mdm/standardize"
)

// day is a calendar date packed as year<<9 | month<<5 | day; a month or day
// that isn't known is 0, and so is no date at all.
type day int32

func (d day) year() int  { return int(d >> 9) }
func (d day) month() int { return int(d >> 5 & 15) }
func (d day) day() int   { return int(d & 31) }

func newDay(y, m, d int) day { return day(y<<9 | m<<5 | d) }

// parseDate reads a date in any of the forms in use; order (dmy, mdy or ymd)
// decides what could be read in two ways. ok is false where the text is no
// date; a text that has but a year or a year and month gives those.
func parseDate(s, order string) (d day, ok bool) {
	s = strings.TrimSpace(s)
	if iso, ok := (standardize.Locale{Dates: order}).Date(s); ok {
		return newDay(atoi(iso[:4]), atoi(iso[5:7]), atoi(iso[8:])), true
	}
	return 0, false
}

// atoi reads digits; anything else ends the number.
func atoi(s string) int {
	n := 0
	for i := 0; i < len(s) && s[i] >= '0' && s[i] <= '9' && n < 1<<30; i++ {
		n = n*10 + int(s[i]-'0')
	}
	return n
}
