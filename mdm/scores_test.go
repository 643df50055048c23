package mdm_test

import (
	"fmt"
	"math/rand/v2"
	"reflect"
	"testing"

	"crmhub/mdm"
	"crmhub/mdm/entity"
	"crmhub/record"
)

// TestScoresAreSymmetric holds that no comparison depends on which record
// comes first: entities would depend on the order of arrival.
func TestScoresAreSymmetric(t *testing.T) {
	m := mdm.DefaultModel()
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
	member := func() entity.Member {
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
		return entity.Member{Fields: f}
	}
	for range 20_000 {
		a, b := member(), member()
		if x, y := m.Explain(a, b), m.Explain(b, a); !reflect.DeepEqual(x, y) {
			t.Fatalf("%v and %v:\n%+v\n%+v", a.Fields, b.Fields, x, y)
		}
	}
}
