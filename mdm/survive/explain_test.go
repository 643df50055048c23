package survive_test

import (
	"fmt"
	"math/rand/v2"
	"reflect"
	"testing"
	"time"

	"crmhub/mdm/entity"
	"crmhub/mdm/survive"
	"crmhub/record"
)

func on(day int) time.Time { return time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC).AddDate(0, 0, day) }

func dated(id int, source string, day int, name, value string) entity.Member {
	m := member(id, source, 0, record.Fields{name: value})
	if day > 0 {
		m.UpdatedAt = on(day)
	}
	return m
}

// Trust fades from the newest record's own date on: the clock has no say.
func TestTrustFades(t *testing.T) {
	r := survive.Rules{Default: survive.SourceTrust, Trust: map[string]survive.Trust{"erp": {Score: 90, HalfLifeDays: 100}, "shop": {Score: 50}}}
	for _, tt := range []struct {
		name     string
		erp      int
		newest   int
		from     entity.RecordID
		shopDate int
	}{
		{"fresh", 400, 400, 1, 10},
		{"eighty days old: 54", 320, 400, 1, 400},
		{"a hundred days old: 45", 300, 400, 2, 400},
		{"undated", 0, 400, 2, 10},
	} {
		t.Run(tt.name, func(t *testing.T) {
			g := r.Golden([]entity.Member{dated(1, "erp", tt.erp, "status", "a"), dated(2, "shop", tt.shopDate, "status", "b"), dated(3, "nobody", tt.newest, "status", "c")})
			if got := g.Provenance["status"].From; got != tt.from {
				t.Errorf("from record %d, want %d", got, tt.from)
			}
		})
	}
}

func TestFaultyValuesLose(t *testing.T) {
	for _, tt := range []struct{ attribute, faulty, sound string }{
		{"national_id", "11010519491231002Y", "11010519491231002X"},
		{"tax_id", "91350100M000100Y44", "91350100M000100Y43"},
		{"birth_date", "1900-01-01", "1980-02-03"},
		{"birth_date", "1980-13-01", "1980-01-13"},
		{"full_name", "不详", "张伟"},
		{"full_name", "N/A", "Li Na"},
		{"gender", "unknown", "female"},
	} {
		t.Run(tt.attribute+" "+tt.faulty, func(t *testing.T) {
			members := []entity.Member{dated(1, "a", 9, tt.attribute, tt.faulty), dated(2, "b", 8, tt.attribute, tt.faulty), dated(3, "c", 1, tt.attribute, tt.sound)}
			for _, s := range []survive.Strategy{"", survive.MostRecent, survive.SourceTrust, survive.MostFrequent, survive.MostComplete, survive.Longest} {
				r := survive.Rules{Default: s, Sources: []string{"a", "b", "c"}}
				if got := r.Golden(members).Fields[tt.attribute]; got != tt.sound {
					t.Errorf("%s: %v, want %s", s, got, tt.sound)
				}
			}
			// Where nothing better is there the faulty one lives.
			if got := (&survive.Rules{}).Golden(members[:2]).Fields[tt.attribute]; got != tt.faulty {
				t.Errorf("alone: %v, want %s", got, tt.faulty)
			}
		})
	}
	lists := []entity.Member{
		member(1, "a", 2, record.Fields{"phones": []any{"+8613800000000"}, "emails": []any{"noreply@example.com"}}),
		member(2, "b", 1, record.Fields{"phones": []any{"+8613912345670"}, "emails": []any{"a.b@example.com"}}),
	}
	g := (&survive.Rules{}).Golden(lists)
	if want := []any{"+8613912345670"}; !reflect.DeepEqual(g.Fields["phones"], want) {
		t.Errorf("phones %v, want %v", g.Fields["phones"], want)
	}
	if want := []any{"a.b@example.com"}; !reflect.DeepEqual(g.Fields["emails"], want) {
		t.Errorf("emails %v, want %v", g.Fields["emails"], want)
	}
}

func TestOverrides(t *testing.T) {
	r := survive.Rules{}
	members := []entity.Member{
		member(1, "a", 1, record.Fields{"full_name": "张伟", "status": "open", "phones": []any{"+8613912345670"}}),
		member(2, "b", 2, record.Fields{"full_name": "章伟", "status": "closed"}),
	}
	overrides := []entity.Override{
		{Record: 1, Attribute: "full_name", Value: "张玮", At: on(5)},
		{Record: 2, Attribute: "full_name", Value: "章玮", At: on(4)},
		{Record: 2, Attribute: "status", At: on(4)},
	}
	for range 2 {
		g := r.Golden(members, overrides...)
		want := record.Fields{"full_name": "张玮", "name_pinyin": "zhang wei", "phones": []any{"+8613912345670"}}
		if !reflect.DeepEqual(g.Fields, want) {
			t.Errorf("fields %v, want %v", g.Fields, want)
		}
		if p, want := g.Provenance["full_name"], (entity.Provenance{From: 1, Rule: survive.Overridden}); !reflect.DeepEqual(p, want) {
			t.Errorf("provenance %v, want %v", p, want)
		}
		if _, ok := g.Provenance["status"]; ok {
			t.Error("a value that was taken away has a provenance")
		}
		overrides[0], overrides[1] = overrides[1], overrides[0]
		members[0], members[1] = members[1], members[0]
	}
}

// Whatever there is to choose from: Golden and Explain don't know the order of
// members and overrides, and say the same.
func TestExplainSaysWhatGoldenDid(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	values := map[string][]string{
		"status": {"open", "Open", "closed for good", "N/A"}, "birth_date": {"1980-02-03", "1900-01-01", "1980-03-02"},
		"full_name": {"Li Na", "Na Li", "李娜", "无"}, "given_name": {"Na", "娜"}, "gender": {"female", "unknown"},
	}
	strategies := []survive.Strategy{"", survive.MostRecent, survive.SourceTrust, survive.MostFrequent, survive.MostComplete, survive.Longest}
	outcomes := map[survive.Outcome]int{}
	for round := range 2000 {
		r := survive.Rules{Default: strategies[rng.IntN(6)], Attributes: map[string]survive.Strategy{"status": strategies[rng.IntN(6)]}, Sources: []string{"s0", "s1"}}
		if rng.IntN(2) == 0 {
			r.Trust = map[string]survive.Trust{"s0": {Score: 90, HalfLifeDays: 1 + rng.IntN(20)}, "s1": {Score: 50}}
		}
		if rng.IntN(3) == 0 {
			r.Groups = []survive.Group{{Attributes: []string{"full_name", "given_name"}, Strategy: strategies[rng.IntN(6)]}}
		}
		var members []entity.Member
		var overrides []entity.Override
		for id := range 1 + rng.IntN(5) {
			f := record.Fields{"emails": []any{fmt.Sprintf("u%d@example.com", rng.IntN(3)), "none@example.com"}}
			if f["addresses"] = []any{map[string]any{"city": "上海市"}}; rng.IntN(2) == 0 {
				f["addresses"] = []any{map[string]any{"city": "上海市", "street": "南京西路1号"}}
			}
			for name, list := range values {
				if rng.IntN(4) > 0 {
					f[name] = list[rng.IntN(len(list))]
				}
			}
			m := member(id+1, fmt.Sprintf("s%d", rng.IntN(3)), 0, f)
			if rng.IntN(4) > 0 {
				m.UpdatedAt = on(rng.IntN(60))
			}
			members = append(members, m)
			if rng.IntN(8) == 0 {
				overrides = append(overrides, entity.Override{Record: m.ID, Attribute: "status", Value: values["status"][rng.IntN(3)], At: on(rng.IntN(3))})
			}
		}
		want := r.Golden(members, overrides...)
		decisions := map[string]survive.Decision{}
		for name := range want.Fields {
			decisions[name] = r.Explain(name, members, overrides...)
		}
		rng.Shuffle(len(members), func(i, j int) { members[i], members[j] = members[j], members[i] })
		rng.Shuffle(len(overrides), func(i, j int) { overrides[i], overrides[j] = overrides[j], overrides[i] })
		if got := r.Golden(members, overrides...); !reflect.DeepEqual(got, want) {
			t.Fatalf("round %d: %v\nwant %v", round, got, want)
		}
		for name, d := range decisions {
			if !reflect.DeepEqual(d.Value, want.Fields[name]) || d.Rule != want.Provenance[name].Rule {
				t.Fatalf("%s: explained as %v by %s, is %v by %s", name, d.Value, d.Rule, want.Fields[name], want.Provenance[name].Rule)
			}
			chosen := 0
			for _, c := range d.Candidates {
				outcomes[c.Outcome]++
				if c.Outcome == survive.Chosen {
					chosen++
					if c.Record != want.Provenance[name].From {
						t.Fatalf("%s: record %d is said to be chosen, it was %d", name, c.Record, want.Provenance[name].From)
					}
				}
			}
			if d.Override == nil && name != "emails" && name != "addresses" && name != "name_pinyin" && chosen != 1 {
				t.Fatalf("%s: %d candidates were chosen: %+v", name, chosen, d)
			}
			if again := r.Explain(name, members, overrides...); !reflect.DeepEqual(again, d) {
				t.Fatalf("%s: the order of members changes the explanation\n%+v\n%+v", name, again, d)
			}
		}
	}
	for _, o := range []survive.Outcome{survive.Chosen, survive.Contributed, survive.Repeats, survive.Faulty, survive.LessTrusted, survive.LessCommon, survive.LessFull, survive.Shorter, survive.Older, survive.ByName, survive.SetAside} {
		if outcomes[o] == 0 {
			t.Errorf("no candidate was ever %s", o)
		}
	}
}

func TestGrade(t *testing.T) {
	full := record.Fields{"full_name": "Li Na", "phones": []any{"+8613912345670"}, "emails": []any{"a@example.com"}, "addresses": []any{map[string]any{"city": "上海市"}}, "birth_date": "1980-02-03", "status": "open"}
	bare := record.Fields{"full_name": "Na Li", "birth_date": "1900-01-01", "status": "Open"}
	r := survive.Rules{}
	for _, tt := range []struct {
		name    string
		members []entity.Member
		aside   int
		now     time.Time
		want    survive.Quality
	}{
		{"full and fresh", []entity.Member{member(1, "s", 1, full)}, 0, on(0), survive.Quality{Completeness: 100, Validity: 100, Agreement: 100, Freshness: 100, Score: 100}},
		{"two years old", []entity.Member{member(1, "s", 1, full)}, 0, on(730), survive.Quality{Completeness: 100, Validity: 100, Agreement: 100, Freshness: 50, Score: 95}},
		{"little and faulty", []entity.Member{member(2, "s", 0, bare)}, 1, on(0), survive.Quality{Completeness: 40, Validity: 50, Agreement: 100, Score: 51}},
		{"they don't agree", []entity.Member{member(1, "s", 1, full), member(2, "s", 0, bare)}, 0, on(0), survive.Quality{Completeness: 100, Validity: 88, Agreement: 66, Freshness: 100, Score: 90}},
		{"nothing", []entity.Member{member(3, "s", 0, record.Fields{})}, 0, on(0), survive.Quality{Validity: 100, Agreement: 100, Score: 50}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := survive.Grade(r.Golden(tt.members), tt.members, tt.aside, tt.now); got != tt.want {
				t.Errorf("%+v, want %+v", got, tt.want)
			}
		})
	}
}
