package workbook

import (
	"math"
	"strconv"
	"time"
)

// Date returns the date that a spreadsheet's day count means, as ISO
// text: 2006-01-02, or with the time where there is one. base1904 counts from
// 1904, as old Macs do; else from 1900 with the 29th of February that 1900
// never had. withDate is false for a cell that shows hours and minutes only.
// It returns false where the number means no day.
func Date(number string, base1904, withDate bool) (string, bool) {
	f, err := strconv.ParseFloat(number, 64)
	if err != nil || !(f >= 0 && f < 2958466) { // the end of the year 9999; nor NaN
		return "", false
	}
	if withDate && !base1904 && f < 1 {
		return "", false // hours without a day
	}
	days := math.Floor(f)
	// Spreadsheets keep milliseconds at best; rounding takes off what binary
	// fractions add.
	ms := math.Round((f - days) * 86400e3)
	if ms >= 86400e3 {
		days, ms = days+1, 0
	}
	clock := time.Duration(ms) * time.Millisecond
	if !withDate {
		return clockText(clock + time.Duration(days)*24*time.Hour), true
	}
	if !base1904 && days == 60 {
		return "", false // the day that never was
	}
	first := time.Date(1899, 12, 30, 0, 0, 0, 0, time.UTC)
	switch {
	case base1904:
		first = time.Date(1904, 1, 1, 0, 0, 0, 0, time.UTC)
	case days < 60:
		first = time.Date(1899, 12, 31, 0, 0, 0, 0, time.UTC)
	}
	t := first.AddDate(0, 0, int(days)).Add(clock)
	if clock == 0 {
		return t.Format("2006-01-02"), true
	}
	return t.Format("2006-01-02T15:04:05.999"), true
}

func clockText(d time.Duration) string {
	h, rest := d/time.Hour, d%time.Hour
	s := strconv.Itoa(int(h))
	if h < 10 {
		s = "0" + s
	}
	return s + time.Time{}.Add(rest).Format(":04:05.999")
}
