package mdm_test

import (
	"reflect"
	"testing"
	"time"

	"crmhub/mdm"
	"crmhub/mdm/entity"
	"crmhub/mdm/survive"
	"crmhub/record"
)

// A store computes the golden record of a record alone whenever it is read,
// whatever the model was when it was resolved.
func TestARecordAloneDependsOnNoRule(t *testing.T) {
	address := map[string]any{"street": "1 High Street", "city": "Leeds"}
	members := []entity.Member{
		{ID: 3, Ref: record.Ref{Source: "shop", Key: "1"}, UpdatedAt: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC), Fields: record.Fields{
			"full_name": "王伟", "family_name": "王", "given_name": "伟", "emails": []any{"a@x.cn", "b@x.cn", "A@x.cn"}, "phones": []any{"+8613800138000"},
			"addresses": []any{address, map[string]any{"city": "Leeds"}}, "birth_date": "1980-02-03", "unheard_of": "x",
			"consents": []any{map[string]any{"purpose": "news", "channel": "email", "status": "granted"}, map[string]any{"purpose": "news", "channel": "email", "status": "withdrawn"}},
		}},
		{ID: 9, Ref: record.Ref{Source: "erp", Key: "2"}, Fields: record.Fields{"organisation": "Acme", "given_name": "Ann"}},
		{ID: 11, Fields: record.Fields{}},
	}
	groups := []survive.Group{
		{Attributes: []string{"full_name", "given_name", "family_name"}, Strategy: survive.SourceTrust},
		{Attributes: []string{"organisation", "tax_id"}, Strategy: survive.MostComplete},
	}
	for _, strategy := range survive.Strategy("").Words() {
		for _, rules := range []survive.Rules{
			{Default: survive.Strategy(strategy)},
			{Default: survive.Strategy(strategy), Sources: []string{"erp", "shop"}, Groups: groups},
			{Attributes: map[string]survive.Strategy{"birth_date": survive.Strategy(strategy)}, Groups: groups[1:]},
		} {
			for _, m := range members {
				if got, want := mdm.Alone(m), rules.Golden([]entity.Member{m}); !reflect.DeepEqual(got, want) {
					t.Errorf("by %s: Alone = %+v, survivorship by rules gives %+v", strategy, got, want)
				}
			}
		}
	}
}
