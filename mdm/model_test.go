package mdm_test

import (
	"encoding/csv"
	"flag"
	"os"
	"strconv"
	"strings"
	"testing"

	"crmhub/fault"
	"crmhub/mdm"
	"crmhub/mdm/fellegisunter"
)

var update = flag.Bool("update", false, "rewrite the shipped model's frequencies from testdata/frequencies.csv")

const marker = "# Shares of people by value"

// frequencies writes the model's last section from the table of public
// knowledge in testdata.
func frequencies(t *testing.T) string {
	t.Helper()
	f, err := os.Open("testdata/frequencies.csv")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	defaults := map[string][2]string{"family_name": {"0.00008", "0.0001"}, "given_name": {"0.0005", "0.0003"}, "city": {"0.004", "0.004"}}
	var b strings.Builder
	b.WriteString(marker + ": what an exact agreement on a common value is worth less. A value is kept\n# as a hash (the first 16 digits of SHA-256 over salt, NUL, table, NUL, value); default is the share of one not listed.\nfrequencies:\n")
	last := ""
	for _, r := range rows[1:] {
		if r[0] != last {
			last = r[0]
			b.WriteString("  " + last + ":\n    default: " + defaults[last][0] + "\n    default_han: " + defaults[last][1] + "\n    values:\n")
		}
		b.WriteString("      \"" + fellegisunter.Hash("crmhub customer model 1", r[0], r[1]) + "\": " + r[2] + "\n")
	}
	return b.String()
}

func TestShippedFrequenciesAreThoseOfTheTable(t *testing.T) {
	data, err := os.ReadFile("customer.yaml")
	if err != nil {
		t.Fatal(err)
	}
	head, tail, _ := strings.Cut(string(data), marker)
	want := frequencies(t)
	if *update {
		if err := os.WriteFile("customer.yaml", []byte(head+want), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if marker+tail != want {
		t.Error("customer.yaml differs from testdata/frequencies.csv; run go test ./mdm -update")
	}
}

func TestModelFaultsNameThePlace(t *testing.T) {
	data, err := os.ReadFile("customer.yaml")
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(string(data), "\n")
	place := func(part string) string {
		for i, l := range lines {
			if strings.Contains(l, part) {
				return "m.yaml:" + strconv.Itoa(i+1) + ":"
			}
		}
		return "?"
	}
	for _, tt := range []struct {
		name, from, to string
		code           fault.Code
	}{
		{"element", "[family_sound, street]", "[famly_sound, street]", "E6001"},
		{"entropy", "[family_sound, street]", "[city, birth_year]", "E6003"},
		{"comparison", "  gender:", "  gendre:", "E6001"},
		{"level", "    nickname: ", "    nicknam: ", "E6001"},
		{"m", "    nickname:  {m: 0.08", "    nickname:  {m: 8", "E6002"},
		{"exact", "exact: [national_id", "exact: [natinal_id", "E6001"},
		{"thresholds", "  review: -4", "  review: 40", "E6002"},
		{"no blocks", "max_block: 100", "", "E6004"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, err := mdm.ParseModel("m.yaml", []byte(strings.Replace(string(data), tt.from, tt.to, 1)))
			f := fault.Of(err)
			if f == nil || f.Code != tt.code {
				t.Fatalf("ParseModel: %v, want %s", err, tt.code)
			}
			if tt.to != "" && !strings.HasPrefix(f.Place, place(tt.from)) {
				t.Errorf("place %s, want %s…", f.Place, place(tt.from))
			}
		})
	}
}
