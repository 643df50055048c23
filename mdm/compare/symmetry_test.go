package compare_test

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"crmhub/mdm/compare"
	"crmhub/record"
)

// byLength says that a value is the rarer the longer it is.
type byLength struct{}

func (byLength) Rarity(_, value string, _ bool) int32 { return int32(1000 * len(value)) }

// TestVectorsAreSymmetric holds that no comparison depends on which record
// comes first: entities would depend on the order of arrival.
func TestVectorsAreSymmetric(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	words := []string{"baker", "becker", "jamie", "jimmie", "lennie", "annie", "willson", "steere", "steer", "betsy", "elizabeth", "li", "na", "lina", "wang", "xiaoming", "van", "o'neil", "smith-jones", "伟", "张", "張", "娜", "欧阳", "司马"}
	word := func() string {
		w := []rune(words[r.IntN(len(words))])
		if len(w) > 3 && r.IntN(3) == 0 {
			i := r.IntN(len(w) - 1)
			switch r.IntN(3) {
			case 0:
				w[i], w[i+1] = w[i+1], w[i]
			case 1:
				w = append(w[:i], w[i+1:]...)
			default:
				w[i] = 'a' + rune(r.IntN(26))
			}
		}
		return string(w)
	}
	fields := func() record.Fields {
		f := record.Fields{"family_name": word(), "given_name": word(), "birth_date": fmt.Sprintf("19%02d-0%d-1%d", 50+r.IntN(3), 1+r.IntN(3), r.IntN(3))}
		switch r.IntN(4) {
		case 0:
			delete(f, "family_name")
		case 1:
			f["given_name"] = word() + " " + word()
		case 2:
			f = record.Fields{"full_name": word() + " " + word(), "emails": []any{word() + "@example.com"}}
		}
		f["addresses"] = []any{map[string]any{"city": word(), "street": fmt.Sprintf("%s road %d", word(), r.IntN(3))}}
		return f
	}
	d := compare.NewDictionary(byLength{})
	people, features := make([]record.Fields, 4000), make([]*compare.Features, 4000)
	for i := range people {
		people[i] = fields()
		features[i] = d.New(people[i])
	}
	for range 50_000 {
		a, b := r.IntN(len(people)), r.IntN(len(people))
		var ab, ba compare.Vector
		compare.Compare(features[a], features[b], &ab)
		compare.Compare(features[b], features[a], &ba)
		if ab != ba {
			t.Fatalf("%v and %v:\n got %+v\nwant %+v", people[a], people[b], ba, ab)
		}
	}
}
