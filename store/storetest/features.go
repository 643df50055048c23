package storetest

import (
	"context"
	"strings"
	"testing"

	"crmhub/mdm"
	"crmhub/mdm/compare"
	"crmhub/mdm/entity"
	"crmhub/record"
	"crmhub/store/golden"
)

// rare says that every value is.
type rare struct{}

func (rare) Rarity(string, string, bool) int32 { return 20_000 }

// compared returns what comparing asks of each record, "" for one that is not current.
func (h *hub) compared(ids ...entity.RecordID) []string {
	h.Helper()
	all := make([]string, len(ids))
	err := h.g.Features(context.Background(), ids, compare.NewDictionary(rare{}), func(i int, x *compare.Features) { all[i] = x.Fingerprint() })
	if err != nil {
		h.Errorf("Features: %v", err)
	}
	return all
}

// packing makes the store pack features by f from here on.
func (h *hub) packing(f func(dst []byte, fields record.Fields) []byte) {
	h.g = golden.New(h.db, golden.Options{Schemas: Schemas(h), Model: "test 1", Features: func(dst []byte, fields record.Fields, block func([]byte)) []byte {
		Features(nil, fields, block)
		return f(dst, fields)
	}})
}

// testFeatures holds that what comparing asks of a customer is read from what landed beside its
// fields, or else made of these, to the same end.
func testFeatures(t *testing.T, open Open) {
	none := func([]byte) {}
	rows := func() []record.Landing {
		return []record.Landing{
			customer("c", "1", 1, "Dr. Ann Smith", "ann@x.cn"), customer("c", "2", 1, "Broken \xff Text", "two@x.cn"), customer("c", "3", 1, "李伟", "li@x.cn"),
			customer("c", "4", 1, "Somebody whose payload goes on for longer "+strings.Repeat("and longer ", 40), "long@x.cn"),
		}
	}
	want := func(h *hub) []string {
		d, all := compare.NewDictionary(rare{}), make([]string, 4)
		for i, m := range h.current() {
			all[i] = d.New(m.Fields).Fingerprint()
		}
		return all
	}
	digests := map[string]bool{}
	for _, tt := range []struct {
		name string
		pack func(dst []byte, fields record.Fields) []byte
	}{
		{"landed", func(dst []byte, f record.Fields) []byte { return mdm.DefaultModel().Features(dst, f, none) }},
		{"none", func(dst []byte, _ record.Fields) []byte { return dst }},
		{"of another version", func(dst []byte, _ record.Fields) []byte { return append(dst, 0xFF, 1, 2, 3) }},
		{"cut", func(dst []byte, f record.Fields) []byte {
			all := mdm.DefaultModel().Features(dst, f, none)
			return all[:len(all)-1]
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			h := newHub(t, open)
			h.packing(tt.pack)
			h.land("c", rows()...)
			got, want := h.compared(1, 2, 3, 4), want(h)
			for i := range want {
				if got[i] != want[i] || got[i] == "" {
					t.Errorf("record %d: got %q, want %q", i+1, got[i], want[i])
				}
			}
			h.resolve()
			digests[h.digest()] = true
		})
	}
	if len(digests) != 1 {
		t.Errorf("%d digests of one content", len(digests))
	}
	t.Run("nothing else is opened", func(t *testing.T) {
		h := newHub(t, open)
		other := record.Fields{"full_name": "Somebody Else"}
		h.packing(func(dst []byte, _ record.Fields) []byte { return mdm.DefaultModel().Features(dst, other, none) })
		h.land("c", rows()...)
		want := compare.NewDictionary(rare{}).New(other).Fingerprint()
		if got := h.compared(1, 3, 4); got[0] != want || got[1] != want || got[2] != want {
			t.Errorf("got %q, want %q thrice", got, want)
		}
		if got := h.compared(2)[0]; got == want {
			t.Error("what was no text is not made of what was stored")
		}
		if name := h.member("c", "1").Fields["full_name"]; name != "Dr. Ann Smith" {
			t.Errorf("its fields give %v", name)
		}
		h.packing(func(dst []byte, f record.Fields) []byte { return mdm.DefaultModel().Features(dst, f, none) })
		h.land("c", customer("c", "1", 2, "Ann Jones", "ann@x.cn"))
		if got, want := h.compared(1)[0], compare.NewDictionary(rare{}).New(h.member("c", "1").Fields).Fingerprint(); got != want {
			t.Errorf("a new version: got %q, want %q", got, want)
		}
		gone := customer("c", "3", 3, "")
		gone.Records[0].Op = record.Delete
		h.land("c", gone)
		if got := h.compared(1, 3); got[0] == "" || got[1] != "" {
			t.Errorf("got %q, want nothing of what is deleted", got)
		}
	})
}
