package column_test

import (
	"math/rand/v2"
	"strconv"
	"strings"
	"testing"

	"crmhub/mdm/column"
)

var (
	briefGiven   = strings.Fields("william bill wiliam anna maria jean-paul j jp xiao ming 小明 晓明 明 建国 建军 志偉 josé jose kristofer christopher lorissa melia katie catherine wei 伟 强 欧阳 li")
	briefFamily  = strings.Fields("smith smyth smith-jones jones garcia garcía lópez wang wong 王 汪 陈 chan chen o'brien obrien berg schmidt schmitt 欧阳 s robinson robinsons norbrook pamar larerez hendersen hendrson")
	briefStreets = strings.Split("north blvd|north boulevard|kings road|king road|king's rd|the avenue|high street|st james street|saint james st|昌合路108号平府花園22幢1503|昌合路108号22-1503|科技园路5号|南山科技园路5号|broadway|west broadway|rue de la paix|5|po box 12|kaiserstrasse|kaiserstr", "|")
	briefCities  = strings.Split("midville|midvile|new midville|leeds|leeds west yorkshire|北京|北京市|北京市海淀区|上海|st albans|saint albans|krafield||", "|")
	briefCodes   = strings.Split("77013|77013-1234|77031|pl394sq|pl39 4sq|pl39|sw1a1aa|100059|100060||", "|")
)

// bounded are comparers with briefs, and how a value of each is made up.
func bounded() []struct {
	name  string
	c     column.Comparer
	value func(r *rand.Rand) []string
} {
	pick := func(r *rand.Rand, list []string) string {
		s := list[r.IntN(len(list))]
		switch n := len(s); {
		case n < 2 || r.IntN(4) > 0:
		case s[0] > 'z':
		case r.IntN(2) == 0:
			i := 1 + r.IntN(n-1)
			s = s[:i] + s[i:][1:]
		default:
			i := r.IntN(n)
			s = s[:i] + string(rune('a'+r.IntN(26))) + s[i:]
		}
		return strings.ToValidUTF8(s, "")
	}
	names, _ := column.NewComposite(column.FullName, []column.Kind{column.GivenName, column.FamilyName})
	places, _ := column.NewComposite(column.Address, []column.Kind{column.Street, column.City, column.Postcode, column.District, column.Region})
	return []struct {
		name  string
		c     column.Comparer
		value func(r *rand.Rand) []string
	}{
		{"names in parts", names, func(r *rand.Rand) []string {
			given := pick(r, briefGiven)
			if r.IntN(4) == 0 {
				given += " " + pick(r, briefGiven)
			}
			if r.IntN(8) == 0 {
				return []string{pick(r, briefFamily), pick(r, briefGiven)}
			}
			return []string{given, pick(r, briefFamily)}
		}},
		{"whole names", column.New(column.FullName, column.Options{}), func(r *rand.Rand) []string {
			return []string{pick(r, briefGiven) + " " + pick(r, briefFamily)}
		}},
		{"addresses in parts", places, func(r *rand.Rand) []string {
			street := pick(r, briefStreets)
			if r.IntN(2) == 0 {
				street = strconv.Itoa(r.IntN(3)+11) + " " + street
			}
			if r.IntN(6) == 0 {
				street = ""
			}
			return []string{street, pick(r, briefCities), pick(r, briefCodes), pick(r, briefCities), pick(r, briefCities)}
		}},
		{"phones", column.New(column.Phone, column.Options{Country: "CN"}), func(r *rand.Rand) []string {
			list := []string{"13051831183", "13051831138", "+86 130 5183 1183", "010-62345678", "01062345687", "62345678", "62345679", "6234567", "+14066250701", "4066250701", "0044 7506502372", "07506502372", "075065023721", "12345678901234567"}
			s := []byte(list[r.IntN(len(list))])
			for range r.IntN(3) {
				s[r.IntN(len(s))] = byte('0' + r.IntN(10))
			}
			return []string{string(s)}
		}},
		{"dates", column.New(column.Date, column.Options{}), func(r *rand.Rand) []string {
			list := []string{"1974", "1974-04", strconv.Itoa(1970+r.IntN(15)) + "-0" + strconv.Itoa(1+r.IntN(3)) + "-1" + strconv.Itoa(r.IntN(4)), "1980-01-01"}
			return []string{list[r.IntN(len(list))]}
		}},
	}
}

// TestBriefsBoundLevels holds that briefs promise nothing that values don't keep.
func TestBriefsBoundLevels(t *testing.T) {
	for _, tt := range bounded() {
		t.Run(tt.name, func(t *testing.T) {
			c := tt.c.(column.Briefer)
			rng := rand.New(rand.NewPCG(3, 9))
			tight, n := 0, 0
			for range 40_000 {
				x, y := tt.value(rng), tt.value(rng)
				a, b := packedTuple(tt.c, x), packedTuple(tt.c, y)
				if a == "" || b == "" || a == b {
					continue
				}
				p, q := make([]uint64, c.BriefWords()), make([]uint64, c.BriefWords())
				c.Brief(p, a)
				c.Brief(q, b)
				bound, sure := c.Bound(p, q)
				level := c.Level(a, b)
				if back := c.Level(b, a); back != level {
					t.Fatalf("%q and %q are of level %d, the other way round of %d", x, y, level, back)
				}
				n++
				if bound == level {
					tight++
				}
				if bound != column.Missing && (level == column.Missing || level < bound) || sure && level != bound {
					t.Fatalf("%q and %q are of level %d, their briefs say %d, sure %v", x, y, level, bound, sure)
				}
			}
			if tight*10 < n {
				t.Errorf("briefs bound %d of %d pairs by their level, want a tenth at least", tight, n)
			}
		})
	}
}

func packedTuple(c column.Comparer, texts []string) column.Packed {
	if m, ok := c.(column.Composite); ok && len(texts) > 1 {
		return column.Packed(m.Combine(nil, texts))
	}
	return pack(c, texts[0])
}
