package mdm_test

import (
	"fmt"
	"math/rand/v2"
	"reflect"
	"testing"

	"crmhub/mdm"
	"crmhub/mdm/entity"
	"crmhub/mdm/mdmtest"
)

func TestExplainIsSymmetricAndAddsUp(t *testing.T) {
	m := mdm.DefaultModel()
	p := mdmtest.Population{Random: rand.New(rand.NewPCG(1, 5))}
	for i := range 1000 {
		a, b := entity.Member{Fields: p.Record(i).Fields}, entity.Member{Fields: p.Record(i + 1).Fields}
		ab, ba := m.Explain(a, b), m.Explain(b, a)
		if !reflect.DeepEqual(ab, ba) {
			t.Fatalf("Explain differs by order:\n%v\n%v\n%v\n%v", a.Fields, b.Fields, ab, ba)
		}
		sum := ab.Prior
		for _, s := range ab.Steps {
			sum += s.Bits
		}
		if !ab.Exact && sum != ab.Score {
			t.Fatalf("the steps add up to %d, the score is %d: %s", sum, ab.Score, fmt.Sprint(ab))
		}
	}
}
