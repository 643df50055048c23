package survive_test

import (
	"math/rand/v2"
	"reflect"
	"strconv"
	"testing"
	"time"

	"crmhub/mdm/entity"
	"crmhub/mdm/survive"
	"crmhub/record"
)

func member(id int, source string, day int, f record.Fields) entity.Member {
	m := entity.Member{ID: entity.RecordID(id), Ref: record.Ref{Source: source, Stream: "s", Type: record.Customer, Key: strconv.Itoa(id)}, Fields: f}
	if day > 0 {
		m.UpdatedAt = time.Date(2024, 1, day, 0, 0, 0, 0, time.UTC)
	}
	return m
}

func TestStrategies(t *testing.T) {
	members := []entity.Member{
		member(1, "erp", 3, record.Fields{"status": "open"}),
		member(2, "shop", 9, record.Fields{"status": "closed now"}),
		member(3, "shop", 5, record.Fields{"status": "OPEN"}),
		member(4, "old", 0, record.Fields{"status": "under long review"}),
	}
	for _, tt := range []struct {
		strategy survive.Strategy
		value    string
		from     entity.RecordID
	}{
		{survive.MostRecent, "closed now", 2},
		{survive.SourceTrust, "open", 1},
		{survive.MostFrequent, "OPEN", 3},
		{survive.MostComplete, "under long review", 4},
		{survive.Longest, "under long review", 4},
	} {
		t.Run(string(tt.strategy), func(t *testing.T) {
			r := survive.Rules{Default: tt.strategy, Sources: []string{"erp", "shop"}}
			g := r.Golden(members)
			want := entity.Provenance{From: tt.from, Rule: string(tt.strategy)}
			if g.Fields["status"] != tt.value || !reflect.DeepEqual(g.Provenance["status"], want) {
				t.Errorf("%v by %v, want %q by %v", g.Fields["status"], g.Provenance["status"], tt.value, want)
			}
		})
	}
}

// TestOneValue holds that a value which all say alike is the newest record's, whatever
// is wrong with it, or the most trusted one's.
func TestOneValue(t *testing.T) {
	for _, status := range []string{"open", "n/a"} {
		members := []entity.Member{
			member(1, "erp", 3, record.Fields{"status": status}), member(2, "shop", 9, record.Fields{"status": status}), member(3, "shop", 5, record.Fields{"status": status}),
		}
		for strategy, want := range map[survive.Strategy]entity.RecordID{
			survive.MostRecent: 2, survive.SourceTrust: 1, survive.MostFrequent: 2, survive.MostComplete: 2, survive.Longest: 2,
		} {
			g := (&survive.Rules{Default: strategy, Sources: []string{"erp", "shop"}}).Golden(members)
			if got := g.Provenance["status"]; got.From != want || got.Rule != string(strategy) || g.Fields["status"] != status {
				t.Errorf("%q by %s: %v of %v, want it of %d", status, strategy, g.Fields["status"], got, want)
			}
		}
	}
}

func TestGolden(t *testing.T) {
	r := survive.Rules{Attributes: map[string]survive.Strategy{"full_name": survive.MostFrequent}, Groups: []survive.Group{{Attributes: []string{"full_name", "given_name", "family_name"}, Strategy: survive.MostFrequent}}}
	members := []entity.Member{
		member(1, "a", 1, record.Fields{
			"full_name": "张伟", "phones": []any{"+8613912345670"}, "addresses": []any{map[string]any{"city": "上海市"}},
			"consents": []any{map[string]any{"purpose": "marketing", "status": "granted", "at": "2024-05-01T00:00:00Z"}},
		}),
		member(2, "b", 2, record.Fields{
			"full_name": "張偉", "given_name": "偉", "family_name": "張", "phones": []any{"+8613912345670", "+862162881234"}, "addresses": []any{map[string]any{"city": "上海市", "street": "南京西路1号"}},
			"consents": []any{map[string]any{"purpose": "marketing", "status": "withdrawn", "at": "2023-05-01T00:00:00Z"}},
		}),
		member(3, "c", 9, record.Fields{"full_name": "章伟", "birth_date": "1980-02-03"}),
	}
	g := r.Golden(members)
	want := record.Fields{
		"full_name": "張偉", "given_name": "偉", "family_name": "張", "name_pinyin": "zhang wei", "birth_date": "1980-02-03",
		"phones":    []any{"+8613912345670", "+862162881234"},
		"addresses": []any{map[string]any{"city": "上海市", "street": "南京西路1号"}},
		"consents":  []any{map[string]any{"purpose": "marketing", "status": "withdrawn", "at": "2023-05-01T00:00:00Z"}},
	}
	if !reflect.DeepEqual(g.Fields, want) {
		t.Errorf("fields %v\nwant   %v", g.Fields, want)
	}
	for name, want := range map[string]entity.Provenance{
		"full_name":   {From: 2, Rule: "most_frequent"},
		"name_pinyin": {From: 2, Rule: "derived"},
		"birth_date":  {From: 3, Rule: "only"},
		"phones":      {All: []entity.RecordID{1, 2}, Rule: "union"},
		"consents":    {All: []entity.RecordID{1, 2}, Rule: "most_restrictive"},
	} {
		if !reflect.DeepEqual(g.Provenance[name], want) {
			t.Errorf("provenance of %s: %v, want %v", name, g.Provenance[name], want)
		}
	}
	if len(g.Provenance) != len(g.Fields) {
		t.Errorf("%d provenances of %d fields", len(g.Provenance), len(g.Fields))
	}
}

func TestGoldenDoesNotKnowTheOrder(t *testing.T) {
	rng := rand.New(rand.NewPCG(7, 8))
	r := survive.Rules{Attributes: map[string]survive.Strategy{"status": survive.Longest, "owner": survive.MostFrequent}}
	words := []string{"a", "bb", "A", "cc"}
	for range 500 {
		var members []entity.Member
		for id := range 1 + rng.IntN(6) {
			f := record.Fields{}
			for _, name := range []string{"status", "owner", "language"} {
				if rng.IntN(3) > 0 {
					f[name] = words[rng.IntN(len(words))]
				}
			}
			f["tags"] = []any{words[rng.IntN(len(words))], words[rng.IntN(len(words))]}
			members = append(members, member(id+1, words[rng.IntN(len(words))], rng.IntN(3), f))
		}
		want := r.Golden(members)
		rng.Shuffle(len(members), func(i, j int) { members[i], members[j] = members[j], members[i] })
		if got := r.Golden(members); !reflect.DeepEqual(got, want) {
			t.Fatalf("Golden = %v\nwant     %v", got, want)
		}
	}
}

func BenchmarkGolden(b *testing.B) {
	r := survive.Rules{}
	one := []entity.Member{member(1, "a", 1, record.Fields{"full_name": "张伟", "birth_date": "1980-02-03", "phones": []any{"+8613912345670"}, "emails": []any{"a@b.cn"}, "addresses": []any{map[string]any{"city": "上海市"}}})}
	for b.Loop() {
		r.Golden(one)
	}
}

func TestANameInPartsIsMadeWhole(t *testing.T) {
	for _, tt := range []struct {
		name      string
		fields    record.Fields
		overrides []entity.Override
		want      any
	}{
		{"Latin", record.Fields{"given_name": "Anna", "family_name": "Kowalska"}, nil, "Anna Kowalska"},
		{"Chinese", record.Fields{"given_name": "伟", "family_name": "张"}, nil, "张伟"},
		{"Korean", record.Fields{"given_name": "지훈", "family_name": "김"}, nil, "김지훈"},
		{"a half", record.Fields{"family_name": "Kowalska"}, nil, nil},
		{"whole already", record.Fields{"full_name": "Ania K.", "given_name": "Anna", "family_name": "Kowalska"}, nil, "Ania K."},
		{"the contact of a company", record.Fields{"kind": "organisation", "given_name": "Anna", "family_name": "Kowalska"}, nil, nil},
		{
			"taken away by a steward",
			record.Fields{"full_name": "x", "given_name": "Anna", "family_name": "Kowalska"},
			[]entity.Override{{Record: 1, Attribute: "full_name", At: on(4)}},
			nil,
		},
	} {
		g := (&survive.Rules{}).Golden([]entity.Member{member(1, "a", 1, tt.fields)}, tt.overrides...)
		if got := g.Fields["full_name"]; got != tt.want {
			t.Errorf("%s: full_name %v, want %v", tt.name, got, tt.want)
		}
		if _, held := tt.fields["full_name"]; tt.want != nil && !held && !reflect.DeepEqual(g.Provenance["full_name"], entity.Provenance{From: 1, Rule: survive.Derived}) {
			t.Errorf("%s: provenance %v", tt.name, g.Provenance["full_name"])
		}
	}
}
