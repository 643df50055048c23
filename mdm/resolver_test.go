package mdm_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"crmhub/fault"
	"crmhub/mdm"
	"crmhub/mdm/cluster"
	"crmhub/mdm/entity"
	"crmhub/mdm/mdmtest"
	"crmhub/record"
)

func customer(key string, fields record.Fields) record.Record {
	return record.Record{Ref: record.Ref{Source: "shop", Stream: "customers", Type: record.Customer, Key: key}, Fields: fields}
}

func li(key string, more ...string) record.Record {
	f := record.Fields{"full_name": "李小明", "phones": []any{"+8613912345670"}}
	for i := 0; i+1 < len(more); i += 2 {
		f[more[i]] = more[i+1]
	}
	return customer(key, f)
}

// scene is a store with named records that are resolved after every change.
type scene struct {
	*testing.T
	s *mdmtest.Store
	m *mdm.Model
}

func newScene(t *testing.T) *scene {
	m := mdm.DefaultModel()
	return &scene{t, mdmtest.New(m.Blocks), m}
}

func (x *scene) land(all ...record.Record) {
	x.Helper()
	for _, r := range all {
		x.s.Land(r)
	}
	resolve(x.T, x.s, x.m, oneByOne)
}

func (x *scene) gone(key string) {
	x.Helper()
	r := customer(key, nil)
	r.Op = record.Delete
	x.land(r)
}

func (x *scene) id(key string) entity.RecordID {
	return x.s.ID(customer(key, nil).Ref)
}

func (x *scene) entity(key string) entity.ID { return x.s.EntityOf(x.id(key)) }

func TestTheOldestIDSurvivesAMerge(t *testing.T) {
	x := newScene(t)
	x.land(li("a"))
	x.land(customer("b", record.Fields{"full_name": "李小明", "emails": []any{"lxm88@example.cn"}}))
	a, b := x.entity("a"), x.entity("b")
	if a == b {
		t.Fatal("two records with nothing but a name in common are one customer")
	}
	x.land(customer("c", record.Fields{"full_name": "李小明", "phones": []any{"+8613912345670"}, "emails": []any{"lxm88@example.cn"}}))
	if x.entity("b") != a || x.entity("c") != a {
		t.Errorf("the entity is %x, want the oldest, %x", x.entity("b"), a)
	}
	if g, ok := x.s.Get(b); !ok || g.ID != a {
		t.Errorf("the loser's id answers with %x, want %x", g.ID, a)
	}

	x.gone("c") // nothing joins a and b any more
	if x.entity("a") != a || x.entity("b") != b {
		t.Errorf("after the split: %x and %x, want %x and %x", x.entity("a"), x.entity("b"), a, b)
	}
	if g, ok := x.s.Get(b); !ok || g.ID != b {
		t.Errorf("the id that came back answers with %x", g.ID)
	}
}

func TestADeletedFounderLeavesItsID(t *testing.T) {
	x := newScene(t)
	x.land(li("a"), li("b"), li("c"))
	a, b := x.entity("a"), x.s.Own(x.id("b"))
	x.gone("a")
	if x.entity("b") != a || x.entity("c") != a {
		t.Fatalf("the entity is %x, want the founder's id, %x", x.entity("b"), a)
	}
	if g, ok := x.s.Get(b); !ok || g.ID != a {
		t.Errorf("the heir's former id answers with %x, want %x", g.ID, a)
	}
	x.land(li("a")) // it returns to where it was
	if x.entity("a") != a || x.entity("b") != a {
		t.Errorf("after the return the entity is %x, want %x", x.entity("a"), a)
	}
	x.gone("a")
	x.land(customer("a", record.Fields{"full_name": "Mary Featherstonehaugh", "emails": []any{"maryf77@example.com"}}))
	if x.entity("a") == a || x.entity("a").Zero() {
		t.Errorf("a record that returned elsewhere is %x", x.entity("a"))
	}
	for _, key := range []string{"a", "b", "c"} {
		x.gone(key)
	}
	if n := len(x.s.All()); n != 0 {
		t.Errorf("%d golden records without members", n)
	}
	x.land(li("b"))
	if len(x.s.All()) != 1 {
		t.Error("a record that returned has no golden record")
	}
}

func TestStewardsDecide(t *testing.T) {
	x := newScene(t)
	x.land(li("a"), li("b"), customer("z", record.Fields{"full_name": "Zoe Quartermain", "emails": []any{"zoe.q@example.com"}}))
	for _, j := range mdm.Merge([]entity.RecordID{x.id("a"), x.id("z")}, "steward", time.Unix(1, 0), "married") {
		x.s.Judge(j)
	}
	resolve(t, x.s, x.m, oneByOne)
	if x.entity("a") != x.entity("z") {
		t.Error("records that a steward linked are apart")
	}
	g, _ := x.s.Get(x.entity("a"))
	js, err := mdm.Unmerge(g, []entity.RecordID{x.id("z")}, "steward", time.Unix(2, 0), "a mistake")
	if err != nil {
		t.Fatal(err)
	}
	for _, j := range js {
		x.s.Judge(j)
	}
	resolve(t, x.s, x.m, oneByOne)
	if x.entity("a") == x.entity("z") || x.entity("z") != x.s.Own(x.id("z")) {
		t.Error("the later judgement did not undo the merge")
	}
	for _, take := range [][]entity.RecordID{nil, {99}, g.Members} {
		if _, err := mdm.Unmerge(g, take, "", time.Time{}, ""); !errors.Is(err, fault.New("E6101", "")) {
			t.Errorf("Unmerge(%v): %v, want E6101", take, err)
		}
	}
}

func TestExactNumbersDecideAlone(t *testing.T) {
	x := newScene(t)
	x.land(
		customer("a", record.Fields{"full_name": "王芳", "national_id": "11010519491231002X", "birth_date": "1949-12-31"}),
		customer("b", record.Fields{"full_name": "Fang Wong", "national_id": "11010519491231002X"}),
		customer("c", record.Fields{"organisation": "Acme Ltd", "tax_id": "91350100M000100Y43"}),
		customer("d", record.Fields{"organisation": "艾克米有限公司", "tax_id": "91350100M000100Y43"}),
	)
	if x.entity("a") != x.entity("b") || x.entity("c") != x.entity("d") {
		t.Error("records with one valid number are apart")
	}
}

func TestFamiliesStayApart(t *testing.T) {
	home := []any{map[string]any{"street": "12 Baker Street", "city": "London", "postcode": "NW1 6XE"}}
	people := []record.Record{
		customer("john", record.Fields{"full_name": "John Quartermain", "addresses": home, "phones": []any{"+442079460018"}, "birth_date": "1980-04-05"}),
		customer("jane", record.Fields{"full_name": "Jane Quartermain", "addresses": home, "phones": []any{"+442079460018"}, "birth_date": "1980-04-05"}), // twins
		customer("son", record.Fields{"full_name": "Peter Quartermain", "addresses": home, "phones": []any{"+442079460018"}}),
		customer("张伟", record.Fields{"full_name": "张伟", "phones": []any{"+8613912345670"}, "addresses": []any{map[string]any{"street": "文三路12号", "city": "杭州市"}}}),
		customer("张丽", record.Fields{"full_name": "张丽", "phones": []any{"+8613912345670"}, "addresses": []any{map[string]any{"street": "文三路12号", "city": "杭州市"}}}),
		customer("firm", record.Fields{"organisation": "Quartermain Ltd", "addresses": home, "phones": []any{"+442079460018"}}),
		customer("info1", record.Fields{"full_name": "Ada Byron", "emails": []any{"info@example.com"}}),
		customer("info2", record.Fields{"full_name": "Max Born", "emails": []any{"info@example.com"}}),
		customer("none1", record.Fields{"full_name": "赵云", "phones": []any{"13800138000"}, "birth_date": "1900-01-01", "national_id": "无"}),
		customer("none2", record.Fields{"full_name": "赵雲", "phones": []any{"13800138000"}, "birth_date": "1900-01-01", "national_id": "无"}),
	}
	x := newScene(t)
	x.land(people...)
	if n := len(x.s.All()); n != len(people) {
		for _, g := range x.s.All() {
			if len(g.Members) > 1 {
				t.Errorf("one customer: %v", g.Fields)
			}
		}
	}
}

func TestOnePersonInManySpellings(t *testing.T) {
	for _, tt := range []struct {
		name string
		a, b record.Fields
	}{
		{"traditional", record.Fields{"full_name": "張偉", "phones": []any{"+8613912345670"}}, record.Fields{"full_name": "张伟", "phones": []any{"+8613912345670"}}},
		{"pinyin", record.Fields{"full_name": "Zhang Xiaoming", "emails": []any{"xm.zhang@example.cn"}}, record.Fields{"full_name": "张晓明", "emails": []any{"xm.zhang@example.cn"}}},
		{"swapped", record.Fields{"full_name": "Xiaoming Zhang", "birth_date": "1980-03-04", "emails": []any{"xmz@example.cn"}}, record.Fields{"full_name": "Zhang Xiao Ming", "birth_date": "1980-03-04"}},
		{"masked name", record.Fields{"full_name": "张*", "phones": []any{"+8613912345670"}}, record.Fields{"full_name": "张伟", "phones": []any{"+8613912345670"}}},
		{"nickname", record.Fields{"full_name": "Bill Featherstone", "birth_date": "1980-03-04"}, record.Fields{"full_name": "William Featherstone", "birth_date": "1980-03-04"}},
		{"fields swapped", record.Fields{"given_name": "Featherstone", "family_name": "William", "birth_date": "1980-03-04"}, record.Fields{"full_name": "William Featherstone", "birth_date": "1980-03-04"}},
		{"parts and whole", record.Fields{"given_name": "William", "family_name": "Featherstone", "birth_date": "1980-03-04"}, record.Fields{"full_name": "Featherstone, William", "birth_date": "1980-03-04"}},
		{"slips", record.Fields{"full_name": "William Featherstnoe", "birth_date": "1980-03-04", "emails": []any{"wfeather@example.com"}}, record.Fields{"full_name": "Willam Featherstone", "birth_date": "1980-03-14", "emails": []any{"wfeather@exmaple.com"}}},
		{"mobile alone", record.Fields{"phones": []any{"+8613912345670"}}, record.Fields{"full_name": "张伟", "phones": []any{"+8613912345670"}}},
		{"e-mail alone", record.Fields{"emails": []any{"Will@Example.com"}}, record.Fields{"full_name": "William Brown", "emails": []any{"will@example.com"}}},
		{"company", record.Fields{"organisation": "深圳市腾讯计算机系统有限公司", "addresses": []any{map[string]any{"city": "深圳市"}}}, record.Fields{"organisation": "深圳腾讯计算机系统有限公司", "addresses": []any{map[string]any{"city": "深圳"}}}},
		{"company in English", record.Fields{"organisation": "Acme Trading Co., Ltd.", "phones": []any{"+442079460018"}}, record.Fields{"organisation": "ACME TRADING LIMITED", "phones": []any{"+442079460018"}}},
		{"address in words", record.Fields{"full_name": "李小明", "addresses": []any{map[string]any{"city": "杭州市", "street": "文三路十二号三单元"}}}, record.Fields{"full_name": "李小明", "addresses": []any{map[string]any{"city": "杭州", "street": "文三路12号3单元"}}}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			x := newScene(t)
			x.land(customer("a", tt.a), customer("b", tt.b))
			if x.entity("a") != x.entity("b") {
				w := x.m.Explain(entity.Member{Fields: tt.a}, entity.Member{Fields: tt.b})
				t.Errorf("two customers: score %d, %d keys, %v", w.Score, w.Blocks, w.Steps)
			}
		})
	}
}

func TestCancelledResolveIsContinued(t *testing.T) {
	x := newScene(t)
	for i := range 50 {
		x.s.Land(li(fmt.Sprint(i)))
	}
	ctx, cancel := context.WithCancel(context.Background())
	_, err := mdm.NewResolver(x.s, x.m, mdm.Options{Chunk: 1}).Resolve(ctx, func(mdm.Progress) { cancel() })
	if !errors.Is(err, context.Canceled) {
		t.Fatalf("Resolve: %v, want %v", err, context.Canceled)
	}
	resolve(t, x.s, x.m, mdm.Options{})
	if n := len(x.s.All()); n != 1 {
		t.Errorf("%d entities, want 1", n)
	}
}

// More records than are scored all against all: ever so many rows of few customers,
// half of them with a name and the others with but a phone more, which is the next customer's.
// Two and two of them are one on average; no chain of all.
func TestALargeComponentIsParted(t *testing.T) {
	m := mdm.DefaultModel()
	const each, customers = 40, 40
	land := func(s *mdmtest.Store, from, to int) {
		given := []rune("伟芳娜敏静丽强磊军洋勇艳杰娟涛明超霞平刚辉玲红鹏波英斌飞燕华丹浩琳健亮俊峰梅凯雪")
		phone := func(k int) string { return fmt.Sprintf("+86139%08d", 20450670+977*k) }
		for i := from; i < to; i++ {
			k := i / each
			f := record.Fields{"phones": []any{phone(k), phone(k + 1)}}
			if i%2 == 0 {
				f = record.Fields{"phones": []any{phone(k)}, "full_name": "李" + string(given[k])}
			}
			s.Land(customer(fmt.Sprint(i), f))
		}
	}
	bulk, later := mdmtest.New(m.Blocks), mdmtest.New(m.Blocks)
	land(bulk, 0, each*customers)
	resolve(t, bulk, m, mdm.Options{})
	last, err := bulk.Members(context.Background(), []entity.RecordID{each * customers})
	if err != nil || last[0].Component != 1 || each*customers <= cluster.Limit {
		t.Fatalf("the last record is of component %d, %v; want all in one that is large", last[0].Component, err)
	}
	all := bulk.All()
	for _, g := range all {
		if len(g.Members) != 2*each {
			t.Errorf("an entity of %d members, want %d", len(g.Members), 2*each)
		}
	}
	if len(all) != customers/2 {
		t.Errorf("%d entities, want %d", len(all), customers/2)
	}

	land(later, 0, each*customers-10)
	resolve(t, later, m, mdm.Options{})
	land(later, each*customers-10, each*customers)
	resolve(t, later, m, mdm.Options{Bulk: 2})
	differ(t, "the last ten by themselves", picture(t, later), picture(t, bulk))
}

func TestVerifyFindsWhatIsWrong(t *testing.T) {
	x := newScene(t)
	x.land(li("a"), li("b", "gender", "male"), customer("z", record.Fields{"full_name": "Zoe Quartermain"}))
	r := mdm.NewResolver(x.s, x.m, mdm.Options{})
	v, err := r.Verify(context.Background())
	if err != nil || !v.OK() || v.Checked != 2 {
		t.Fatalf("Verify = %+v, %v", v, err)
	}
	x.s.Tamper(x.entity("a"), func(g *entity.Golden) { g.Fields["gender"] = "female" })
	v, err = r.Verify(context.Background())
	if err != nil || v.Different != 1 || !slices.Equal(v.Entities, []entity.ID{x.entity("a")}) {
		t.Errorf("Verify = %+v, %v, want one different", v, err)
	}
}
