package mdmtest

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"strings"
	"time"

	"crmhub/record"
)

// Population makes records of few people with few values, so that they meet in every
// way. Populations of different marks have nothing in common.
type Population struct {
	Random *rand.Rand
	// Mark is from 0 to 999.
	Mark int
}

// Pick returns one of some texts.
func (p Population) Pick(of ...string) string { return of[p.Random.IntN(len(of))] }

// han is a family name of the population's own.
func (p Population) han(usual string) string {
	if p.Mark == 0 {
		return usual
	}
	return string(rune(0x5000 + 7*p.Mark))
}

// latin is han in Latin letters.
func (p Population) latin(usual string) string {
	if p.Mark == 0 {
		return usual
	}
	const consonants, vowels = "bcdfghklmnprstvwxz", "aeiou"
	m := p.Mark * 7919 % 729_000
	word := usual[:1]
	for range 4 {
		word += string(vowels[m%5]) + string(consonants[m/5%18])
		m /= 9
	}
	return word
}

// Record returns a version of the record of that key; refs depend on mark and key alone.
func (p Population) Record(key int) record.Record {
	f := record.Fields{}
	put := func(name, value string) {
		if p.Random.IntN(5) > 0 {
			f[name] = value
		}
	}
	if p.Random.IntN(2) == 0 {
		zhang, wang, li := p.han("张"), p.han("王"), p.han("李")
		latin := p.latin("Zhang")
		traditional := zhang
		if p.Mark == 0 {
			traditional = "張"
		}
		put("full_name", p.Pick(zhang+"伟", traditional+"偉", wang+"芳", wang+"方", latin+" Wei", "Wei "+latin, li+"娜"))
	} else {
		smith, mary, brown := p.latin("Smith"), p.latin("Featherstonehaugh"), p.latin("Brown")
		other := mary
		if p.Mark == 0 {
			other = "Fetherstonehaugh"
		}
		put("full_name", p.Pick("John "+smith, "Jon "+smith, smith+" John", "Mary "+mary, "Mary "+other, "William "+brown, "Bill "+brown))
	}
	year := 1980 - p.Mark%60
	put("birth_date", p.Pick(fmt.Sprintf("%d-02-03", year), fmt.Sprintf("%d-03-02", year), fmt.Sprintf("%d-02-13", year), fmt.Sprintf("%d-06-07", year-5)))
	mark := ""
	if p.Mark > 0 {
		mark = fmt.Sprint(p.Mark)
	}
	if p.Random.IntN(2) == 0 {
		f["emails"] = []any{p.Pick("jsmith80"+mark+"@example.com", "mary.f"+mark+"@example.org", "zhangwei"+mark+"@example.cn", "info@example"+mark+".com")}
	}
	if p.Random.IntN(2) == 0 {
		f["phones"] = []any{p.Pick(fmt.Sprintf("+86139%03d12222", (111+p.Mark)%1000), fmt.Sprintf("+86139%03d12223", (111+p.Mark)%1000), fmt.Sprintf("+44207%03d0018", (946+p.Mark)%1000), fmt.Sprintf("+8610655%03d88", (299+p.Mark)%1000))}
	}
	if p.Random.IntN(2) == 0 {
		f["addresses"] = []any{map[string]any{"city": p.Pick("上海市", "London", "Leeds"), "street": p.Pick("文三路"+mark+"12号", "12"+mark+" Baker Street"), "postcode": p.Pick("NW"+mark+"1 6XE", fmt.Sprintf("%06d", 310000+p.Mark))}}
	}
	if p.Random.IntN(12) == 0 {
		f["national_id"] = p.Pick("110105194912310"+mark+"02X", "4405241880010100"+mark+"14")
		if p.Mark == 0 {
			f["national_id"] = p.Pick("11010519491231002X", "440524188001010014")
		}
	}
	if p.Random.IntN(8) == 0 {
		f["consents"] = []any{map[string]any{"purpose": "marketing", "status": p.Pick("granted", "withdrawn")}}
	}
	r := record.Record{Ref: p.Ref(key), Fields: f}
	if p.Random.IntN(3) > 0 {
		r.UpdatedAt = time.Unix(int64(p.Random.IntN(5)), 0).UTC()
	}
	return r
}

// Noted returns a version of a record that differs in nothing that is compared, two years later where it is dated.
func (p Population) Noted(r record.Record) record.Record {
	r.Fields = maps.Clone(r.Fields)
	r.Fields["owner"] = p.Pick("ann", "ben", "cem", "dora")
	if name, ok := r.Fields["full_name"].(string); ok && p.Random.IntN(4) == 0 {
		r.Fields["full_name"] = strings.ToUpper(name)
	}
	if !r.UpdatedAt.IsZero() {
		r.UpdatedAt = r.UpdatedAt.AddDate(2, 0, 0)
	}
	return r
}

// Ref names the record of a key.
func (p Population) Ref(key int) record.Ref {
	name := fmt.Sprint(key)
	if p.Mark > 0 {
		name = fmt.Sprintf("%d.%d", p.Mark, key)
	}
	return record.Ref{Source: [...]string{"shop", "erp", "crm"}[key%3], Stream: "s", Type: record.Customer, Key: name}
}
