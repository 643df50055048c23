package fault_test

import (
	"regexp"
	"testing"

	"crmhub/fault"
)

func TestCount(t *testing.T) {
	for _, tt := range []struct {
		n    int64
		want string
	}{{0, "0 rows"}, {1, "1 row"}, {2, "2 rows"}, {1000, "1,000 rows"}, {1234567, "1,234,567 rows"}, {-1234, "-1,234 rows"}} {
		if got := fault.Count(tt.n, "row"); got != tt.want {
			t.Errorf("Count(%d) = %q, want %q", tt.n, got, tt.want)
		}
	}
}

// TestCatalogueCounts fills each text with 1, then with 2: things are one or
// several as the number says.
func TestCatalogueCounts(t *testing.T) {
	argument := regexp.MustCompile(`\{(\w+)\}`)
	several := regexp.MustCompile(`\b1 ([a-z-]+ )?(rows|records|cells|columns|values|names|runs|lines|characters|pipelines|streams|members|times|bytes|faults|checks|pairs|files)\b`)
	numbers := map[string]bool{"count": true, "got": true, "want": true, "read": true, "sampled": true, "checked": true, "of": true, "rows": true, "times": true, "current": true, "limit": true}
	one := regexp.MustCompile(`\b2 (row|record|cell|column|value|name|run|character|pipeline|stream|member|time)\b`)
	for _, e := range fault.Catalogue() {
		for n, wrong := range map[string]*regexp.Regexp{"1": several, "2": one} {
			args := []any{}
			for _, text := range []fault.Text{e.Message, e.Cause, e.Fix, e.Kept} {
				for _, found := range argument.FindAllStringSubmatch(text[fault.English], -1) {
					value := "x"
					if numbers[found[1]] {
						value = n
					}
					args = append(args, found[1], value)
				}
			}
			f := fault.New(e.Code, "", args...)
			for _, text := range []string{f.Message(fault.English), f.Cause(fault.English), f.Fix(fault.English), f.Kept(fault.English)} {
				if got := wrong.FindString(text); got != "" {
					t.Errorf("%s: %q says %q", e.Code, text, got)
				}
			}
		}
	}
}
