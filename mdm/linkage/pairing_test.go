package linkage_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"crmhub/fault/yamlfile"
	"crmhub/mdm/linkage"
)

// TestEachProposedPairIsComparedOnce holds that the pairs which are compared are
// those that share a key of a rule, each once, and that each counts for the
// first rule which proposes it.
func TestEachProposedPairIsComparedOnce(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 9))
	const rows = 1500
	var list []string
	cells := make([][]string, rows)
	for i := range rows {
		cells[i] = []string{
			fmt.Sprintf("AB-%d", 1000+rng.IntN(400)), fmt.Sprintf("QX%03d7", rng.IntN(300)), fmt.Sprintf("%d", 70000+rng.IntN(200)),
		}
		for k := range cells[i] {
			if rng.IntN(6) == 0 {
				cells[i][k] = ""
			}
		}
		list = append(list, strings.Join(cells[i], "|"))
	}
	headers := "customer_code|account_code|member_code"
	tab := func() *linkage.Table { return table(headers, list...) }
	model := dedupe(t, tab(), linkage.Options{}).Model
	names := strings.Split(headers, "|")
	rules := [][]int{{0}, {1, 2}, {2}, {0, 1}}
	model.Rules = nil
	for _, r := range rules {
		var keys yamlfile.Strings
		for _, k := range r {
			keys = append(keys, names[k]+" exact")
		}
		model.Rules = append(model.Rules, keys)
	}
	got, err := linkage.Blocks(context.Background(), tab(), linkage.Options{Model: model}, nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	compared, fresh, pairs := int64(0), make([]int64, len(rules)), make([]int64, len(rules))
	for i := range rows {
		for j := range i {
			first := -1
			for r, keys := range rules {
				same := true
				for _, k := range keys {
					same = same && cells[i][k] != "" && cells[i][k] == cells[j][k]
				}
				if same {
					pairs[r]++
					if first < 0 {
						first = r
					}
				}
			}
			if first >= 0 {
				fresh[first]++
				compared++
			}
		}
	}
	if got.Compared != compared {
		t.Errorf("%d pairs compared, want %d", got.Compared, compared)
	}
	for r, b := range got.Rules {
		if b.Pairs != pairs[r] || b.New != fresh[r] {
			t.Errorf("rule %v: %d pairs, %d new, want %d and %d", b.Rule, b.Pairs, b.New, pairs[r], fresh[r])
		}
	}
}
