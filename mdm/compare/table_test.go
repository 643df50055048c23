package compare_test

import (
	"fmt"
	"strings"
	"sync"
	"testing"

	"crmhub/mdm/compare"
	"crmhub/record"
)

type evenly struct{}

func (evenly) Rarity(string, string, bool) int32 { return 10_000 }

// TestEqualValuesAreOneToken holds that a dictionary keeps each value once,
// whatever it grows to and however many ask it at once, and keeps its text.
func TestEqualValuesAreOneToken(t *testing.T) {
	const values, readers = 30_000, 4
	d := compare.NewDictionary(evenly{})
	mailbox := func(i int) string {
		if i%1000 == 0 {
			return fmt.Sprintf("%s%d", strings.Repeat("long", 6000), i) // longer than a piece of text
		}
		return fmt.Sprintf("mailbox%d", i)
	}
	var found [readers][]*compare.Token
	var wg sync.WaitGroup
	for r := range readers {
		found[r] = make([]*compare.Token, values)
		wg.Go(func() {
			for k := range values {
				i := (k*(2*r+1) + r) % values // each in an order of its own
				f := d.New(record.Fields{"emails": []any{mailbox(i) + "@example.com"}})
				found[r][i] = f.Emails[0].Mailbox
			}
		})
	}
	wg.Wait()
	seen := map[*compare.Token]bool{}
	for i := range values {
		token := found[0][i]
		if token == nil || token.Text != mailbox(i) {
			t.Fatalf("value %d has the wrong token", i)
		}
		if seen[token] {
			t.Fatalf("two values share the token of %d", i)
		}
		seen[token] = true
		for r := range readers {
			if found[r][i] != nil && found[r][i] != token {
				t.Fatalf("value %d has two tokens", i)
			}
		}
	}
}
