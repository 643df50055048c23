package pipelines

import (
	"errors"
	"math"
	"strconv"
	"strings"
	"time"
)

// Amount is a share of something, or a number of it: 2% or 200.
type Amount struct {
	// Fraction is the share, 0.02; it counts where Counted is false.
	Fraction float64
	// Count is the number; it counts where Counted is true.
	Count   int64
	Counted bool
	// AtLeast is a number up to which a share is never passed, so that one
	// bad row of ten does not pass a limit that nobody set.
	AtLeast int64
}

var errAmount = errors.New("not an amount")

// UnmarshalText reads 2%, 0.5% or 200.
func (a *Amount) UnmarshalText(text []byte) error {
	s := strings.TrimSpace(string(text))
	if share, ok := strings.CutSuffix(s, "%"); ok {
		f, err := strconv.ParseFloat(strings.TrimSpace(share), 64)
		if err != nil || math.IsNaN(f) || f < 0 || f > 100 {
			return errAmount
		}
		*a = Amount{Fraction: f / 100}
		return nil
	}
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil || n < 0 {
		return errAmount
	}
	*a = Amount{Count: n, Counted: true}
	return nil
}

// Want says what an amount looks like.
func (*Amount) Want() string { return "a percentage such as 2%, or a number of rows" }

// String returns the amount as it is written.
func (a Amount) String() string {
	if a.Counted {
		return strconv.FormatInt(a.Count, 10)
	}
	return strconv.FormatFloat(a.Fraction*100, 'f', -1, 64) + "%"
}

// Passed reports whether n of total is more than the amount.
func (a Amount) Passed(n, total int64) bool {
	if a.Counted {
		return n > a.Count
	}
	return n > a.AtLeast && float64(n) > a.Fraction*float64(total)
}

// Rate is how many requests (batches that the source hands over), or rows,
// are taken in a span of time: 5/s, 300/m, 2000 rows/s. Its zero value is no limit.
type Rate struct {
	N    int64
	Per  time.Duration
	Rows bool
}

var errRate = errors.New("not a rate")

// UnmarshalText reads 5/s, 300/m, 1000/h, 2000 rows/s or 5 requests/s.
func (r *Rate) UnmarshalText(text []byte) error {
	number, span, ok := strings.Cut(strings.TrimSpace(string(text)), "/")
	if !ok {
		return errRate
	}
	number, unit, _ := strings.Cut(strings.TrimSpace(number), " ")
	n, err := strconv.ParseInt(number, 10, 64)
	per := map[string]time.Duration{"s": time.Second, "m": time.Minute, "h": time.Hour}[strings.TrimSpace(span)]
	unit = strings.TrimSpace(unit)
	if err != nil || n <= 0 || per == 0 || unit != "" && unit != "rows" && unit != "requests" {
		return errRate
	}
	*r = Rate{N: n, Per: per, Rows: unit == "rows"}
	return nil
}

// Want says what a rate looks like.
func (*Rate) Want() string { return "a rate such as 5/s (requests), 300/m or 2000 rows/s" }

// Interval returns the least time that n requests, or rows, take.
func (r Rate) Interval(n int64) time.Duration {
	if r.N == 0 {
		return 0
	}
	return time.Duration(float64(r.Per) * float64(n) / float64(r.N))
}
