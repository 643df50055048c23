package mdm_test

import (
	"context"
	"encoding/csv"
	"fmt"
	"math/rand/v2"
	"os"
	"strconv"
	"strings"
	"testing"

	"crmhub/mdm"
	"crmhub/mdm/compare"
	"crmhub/mdm/entity"
	"crmhub/mdm/mdmtest"
	"crmhub/record"
)

// synthetic makes customers as a company has them: half Chinese and half
// English, families under one roof, several records of some of them with
// fields missing and slips of the keys.
type synthetic struct {
	rng      *rand.Rand
	zhFamily []weighted
	enFamily []weighted
	enGiven  []weighted
	cities   []weighted
}

type weighted struct {
	value string
	upTo  float64
}

func newSynthetic(t testing.TB, seed uint64) *synthetic {
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
	s := &synthetic{rng: rand.New(rand.NewPCG(seed, 99))}
	for _, r := range rows[1:] {
		share, err := strconv.ParseFloat(r[2], 64)
		if err != nil {
			t.Fatal(err)
		}
		han := r[1][0] >= 0x80
		switch {
		case r[0] == "family_name" && han:
			s.zhFamily = add(s.zhFamily, r[1], share)
		case r[0] == "family_name":
			s.enFamily = add(s.enFamily, r[1], share)
		case r[0] == "given_name" && !han:
			s.enGiven = add(s.enGiven, r[1], share)
		case r[0] == "city":
			s.cities = add(s.cities, r[1], share)
		}
	}
	return s
}

func add(list []weighted, v string, share float64) []weighted {
	total := 0.0
	if len(list) > 0 {
		total = list[len(list)-1].upTo
	}
	return append(list, weighted{v, total + share})
}

// pick returns a listed value by its share, or "" for one of the tail.
func (s *synthetic) pick(list []weighted) string {
	x := s.rng.Float64()
	for _, w := range list {
		if x < w.upTo {
			return w.value
		}
	}
	return ""
}

// word makes a name of the tail: few people have each.
func (s *synthetic) word(kinds int) string {
	n := int(float64(kinds) * s.rng.Float64() * s.rng.Float64())
	const consonants, vowels = "bcdfghklmnprstvw", "aeiou"
	var b strings.Builder
	for x := n + 17; x > 0; x /= 80 {
		b.WriteByte(consonants[x%16])
		b.WriteByte(vowels[x/16%5])
	}
	return b.String() + [...]string{"r", "n", "ll", "s", "tt"}[n%5]
}

const zhGiven = "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超霞平刚辉玲红鹏波英斌飞燕华丹浩琳健亮俊峰梅凯雪倩洁婷宇鑫帅龙云林慧建国志文春海晓东小子梓轩涵欣怡佳雨思诗博宏永庆德成长学家世宝福玉秀兰桂珍凤淑美爱金银翠莲花香月清秋冬夏天立正义仁信智才贵富荣昌兴盛达远光耀祖宗源泉江河山川石松柏竹菊芝蓉薇琪瑶琼珊瑾瑜璐璇晨曦昊天翔翰墨书画琴棋睿哲彦韬略"

// person is somebody's values.
type person struct {
	zh                   bool
	family, given        string
	birth, phone, mail   string
	city, street, postal string
	landline             string
}

func (s *synthetic) person(household *person) person {
	p := person{zh: s.rng.IntN(2) == 0}
	if household != nil {
		p = *household
	} else {
		p.city = s.pick(s.cities)
		if p.city == "" {
			p.city = s.word(4000) + "ton"
		}
		p.postal = fmt.Sprintf("%c%d %d%c%c", 'A'+s.rng.IntN(26), s.rng.IntN(99), s.rng.IntN(10), 'A'+s.rng.IntN(26), 'A'+s.rng.IntN(26))
		if p.zh {
			p.family = s.pick(s.zhFamily)
			p.street = []string{"文三路", "人民路", "解放路", "中山路", "建设路", "和平街"}[s.rng.IntN(6)] + strconv.Itoa(1+s.rng.IntN(900)) + "号"
			p.postal = ""
		} else {
			p.family = s.pick(s.enFamily)
			p.street = strconv.Itoa(1+s.rng.IntN(200)) + " " + s.word(3000) + " Street"
		}
		if p.family == "" && p.zh {
			rare := []rune("佴呼墨哈谯笪年爱阳佟琴言福续岳帅缑亢况有商牟伯赏宫乜后钦")
			p.family = string(rare[s.rng.IntN(len(rare))])
		} else if p.family == "" {
			p.family = s.word(60000)
		}
		p.landline = fmt.Sprintf("+86755%08d", 20000000+s.rng.IntN(70000000))
	}
	if p.zh {
		rs := []rune(zhGiven)
		p.given = string(rs[int(float64(len(rs))*s.rng.Float64()*s.rng.Float64())])
		if s.rng.IntN(5) > 0 {
			p.given += string(rs[s.rng.IntN(len(rs))])
		}
	} else if p.given = s.pick(s.enGiven); p.given == "" {
		p.given = s.word(3000)
	}
	p.birth = fmt.Sprintf("%d-%02d-%02d", 1940+s.rng.IntN(65), 1+s.rng.IntN(12), 1+s.rng.IntN(28))
	p.phone = fmt.Sprintf("+861%d%09d", 3+s.rng.IntN(7), s.rng.IntN(1e9))
	p.mail = fmt.Sprintf("%s%d@%s", s.word(60000), s.rng.IntN(9999), []string{"example.com", "example.org", "example.cn"}[s.rng.IntN(3)])
	return p
}

// slip is a slip of the keys in one text out of twelve.
func (s *synthetic) slip(v string) string {
	rs := []rune(v)
	if s.rng.IntN(12) > 0 || len(rs) < 4 {
		return v
	}
	i := 1 + s.rng.IntN(len(rs)-2)
	switch s.rng.IntN(3) {
	case 0:
		rs[i], rs[i+1] = rs[i+1], rs[i]
	case 1:
		rs = append(rs[:i], rs[i+1:]...)
	default:
		rs[i] = rs[s.rng.IntN(len(rs))]
	}
	return string(rs)
}

func (s *synthetic) fields(p *person) record.Fields {
	f := record.Fields{}
	if p.zh {
		f["full_name"] = p.family + p.given
	} else {
		f["full_name"] = s.slip(p.given) + " " + s.slip(p.family)
	}
	if s.rng.IntN(10) < 6 {
		f["birth_date"] = p.birth
	}
	if s.rng.IntN(10) < 6 {
		f["emails"] = []any{s.slip(p.mail)}
	}
	if s.rng.IntN(10) < 6 {
		phone := p.phone
		if s.rng.IntN(6) == 0 {
			phone = p.landline
		}
		f["phones"] = []any{phone}
	}
	if s.rng.IntN(10) < 7 {
		a := map[string]any{"city": s.slip(p.city)}
		if s.rng.IntN(4) > 0 {
			a["street"] = s.slip(p.street)
		}
		if p.postal != "" && s.rng.IntN(4) > 0 {
			a["postcode"] = p.postal
		}
		f["addresses"] = []any{a}
	}
	return f
}

// make returns n records and the customer of each.
func (s *synthetic) make(n int) ([]record.Fields, []int) {
	var out []record.Fields
	var truth []int
	var last *person
	for customer := 0; len(out) < n; customer++ {
		var p person
		if last != nil && s.rng.IntN(5) == 0 {
			p = s.person(last)
		} else {
			p = s.person(nil)
		}
		last = &p
		for more := true; more && len(out) < n; more = s.rng.IntN(10) < 4 {
			out = append(out, s.fields(&p))
			truth = append(truth, customer)
		}
	}
	return out, truth
}

// fixed is a store of records that all are dirty once: a bulk resolve and
// nothing else.
type fixed struct {
	members  []entity.Member
	entities []entity.ID
	left     int
}

func newFixed(m *mdm.Model, all []record.Fields) *fixed {
	s := &fixed{left: len(all)}
	for i, f := range all {
		var tokens []entity.Token
		for _, k := range m.Blocks(f) {
			tokens = append(tokens, mdmtest.Token(k))
		}
		id := entity.RecordID(i + 1)
		s.members = append(s.members, entity.Member{ID: id, Ref: record.Ref{Source: "s", Stream: "c", Type: record.Customer, Key: strconv.Itoa(i)}, Fields: f, Own: entity.ID{15: byte(i), 14: byte(i >> 8), 13: byte(i >> 16), 0: 1}, Blocks: tokens})
	}
	s.entities = make([]entity.ID, len(all))
	return s
}

func (s *fixed) Stat(context.Context) (int64, int64, error) {
	return int64(s.left), int64(len(s.members)), nil
}

func (s *fixed) Waiting(context.Context, float64) (int64, bool, error) {
	return int64(s.left), true, nil
}

func (s *fixed) KeysOf(context.Context, []entity.RecordID) ([]mdm.Key, error) { return nil, nil }

func (s *fixed) BeginPass(context.Context) error { return nil }

func (s *fixed) Last(context.Context) (entity.RecordID, error) {
	return entity.RecordID(len(s.members)), nil
}

func (s *fixed) Keys(_ context.Context, first, last entity.RecordID) ([]mdm.Key, error) {
	out := make([]mdm.Key, 0, last-first+1)
	for _, m := range s.members[first-1 : last] {
		k := mdm.Key{ID: m.ID}
		for _, t := range m.Blocks {
			k.Blocks = append(k.Blocks, t[:]...)
		}
		out = append(out, k)
	}
	return out, nil
}

func (s *fixed) Features(_ context.Context, ids []entity.RecordID, d *compare.Dictionary, f func(int, *compare.Features)) error {
	for i, id := range ids {
		f(i, d.New(s.members[id-1].Fields))
	}
	return nil
}

func (s *fixed) Dirty(context.Context, entity.RecordID, int) ([]entity.RecordID, error) {
	return nil, nil
}

func (s *fixed) Members(_ context.Context, ids []entity.RecordID) ([]entity.Member, error) {
	out := make([]entity.Member, len(ids))
	for i, id := range ids {
		out[i] = s.members[id-1]
	}
	return out, nil
}

func (s *fixed) InComponents(context.Context, []entity.RecordID) ([]entity.RecordID, error) {
	return nil, nil
}

func (s *fixed) Holders(context.Context, []entity.Token, int) (map[entity.Token][]entity.RecordID, error) {
	return nil, nil
}

func (s *fixed) SyncTokens(context.Context, []entity.RecordID, int) ([]entity.RecordID, error) {
	return nil, nil
}

func (s *fixed) ReplaceTokens(context.Context, mdm.Part, []entity.RecordID, int) error { return nil }

func (s *fixed) Judgements(context.Context, []entity.RecordID) ([]entity.Judgement, error) {
	return nil, nil
}

func (s *fixed) Goldens(context.Context, []entity.ID) ([]entity.Golden, error) { return nil, nil }

func (s *fixed) Apply(_ context.Context, r entity.Resolution) error {
	for _, c := range r.Components {
		for _, g := range c.Entities {
			for _, id := range g.Members {
				s.entities[id-1] = g.ID
				s.left--
			}
		}
	}
	return nil
}
