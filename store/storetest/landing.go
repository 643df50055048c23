package storetest

import (
	"testing"

	"crmhub/record"
)

type landings = []record.Landing

func testLanding(t *testing.T, open Open) {
	for _, tt := range []struct {
		name string
		f    func(*hub)
	}{
		{"a new row is created, the same again writes nothing", func(h *hub) {
			rows := landings{customer("c", "1", 1, "Li Wei", "li@x.cn"), customer("c", "2", 0, "Ann Lee")}
			h.want(h.land("c", rows...), 2, 2, 0, 0, 0, 0, 0)
			before := h.count("SELECT CAST(sum(version + run + observed) AS BIGINT) FROM record")
			outbox := h.count("SELECT count(*) FROM outbox")
			h.want(h.land("c", rows...), 2, 0, 0, 2, 0, 0, 0)
			if got := h.count("SELECT CAST(sum(version + run + observed) AS BIGINT) FROM record"); got != before {
				h.Error("a repeat wrote records")
			}
			if got := h.count("SELECT count(*) FROM outbox"); got != outbox {
				h.Error("a repeat wrote to the outbox")
			}
			if got := h.count("SELECT count(*) FROM record_history"); got != 0 {
				h.Errorf("%d versions in history, want 0", got)
			}
		}},
		{"one run lands a record in several commits", func(h *hub) {
			h.want(h.run(spec("c"), landings{customer("c", "1", 1, "one")}, landings{customer("c", "1", 2, "uno")}, landings{customer("c", "1", 2, "uno"), customer("c", "2", 1, "two")}), 4, 2, 1, 1, 0, 0, 0)
			if got := h.count("SELECT count(*) FROM record"); got != 2 {
				h.Errorf("%d records, want 2", got)
			}
		}},
		{"the later version wins, whatever comes first", func(h *hub) {
			h.want(h.land("c", customer("c", "1", 2, "new")), 1, 1, 0, 0, 0, 0, 0)
			h.want(h.land("c", customer("c", "1", 1, "old")), 1, 0, 0, 1, 0, 0, 0)
			h.want(h.land("c", customer("c", "1", 3, "newer")), 1, 0, 1, 0, 0, 0, 0)
			h.want(h.land("c", customer("c", "1", 0, "undated")), 1, 0, 0, 1, 0, 0, 0)
			if got := h.count("SELECT count(*) FROM record_history"); got != 1 {
				h.Errorf("%d versions in history, want 1", got)
			}
		}},
		{"dated beats undated", func(h *hub) {
			h.land("c", customer("c", "1", 0, "undated"))
			h.want(h.land("c", customer("c", "1", 1, "dated")), 1, 0, 1, 0, 0, 0, 0)
		}},
		{"undated: the last read wins across runs", func(h *hub) {
			h.land("c", customer("c", "1", 0, "first"))
			h.want(h.land("c", customer("c", "1", 0, "second")), 1, 0, 1, 0, 0, 0, 0)
			h.want(h.land("c", customer("c", "1", 0, "first")), 1, 0, 1, 0, 0, 0, 0)
		}},
		{"undated twins in one run: the second goes to quarantine", func(h *hub) {
			h.want(h.land("c", customer("c", "1", 0, "a"), customer("c", "1", 0, "a"), customer("c", "1", 0, "b")), 3, 1, 0, 1, 0, 0, 1)
			// The same in commits of their own, and again: one item, counted twice.
			h.want(h.run(spec("c"), landings{customer("c", "1", 0, "a")}, landings{customer("c", "1", 0, "b")}), 2, 0, 0, 1, 0, 0, 1)
			if got := h.count("SELECT CAST(sum(count) AS BIGINT) FROM quarantine WHERE open = 1 AND code = 'E3401'"); got != 2 {
				h.Errorf("the item counts %d, want 2", got)
			}
			if got := h.count("SELECT count(*) FROM quarantine"); got != 1 {
				h.Errorf("%d items, want 1", got)
			}
		}},
		{"of two versions of one instant the greater plaintext wins", func(h *hub) {
			h.land("c", customer("c", "1", 1, "a"))
			h.want(h.land("c", customer("c", "1", 1, "b")), 1, 0, 1, 0, 0, 0, 0)
			h.want(h.land("c", customer("c", "1", 1, "a")), 1, 0, 0, 1, 0, 0, 0)
			s := spec("c")
			s.Rules = "another mapping"
			h.want(h.run(s, landings{customer("c", "1", 1, "a")}), 1, 0, 1, 0, 0, 0, 0)
		}},
		{"doubles inside one commit land as if one by one", func(h *hub) {
			rows := landings{customer("c", "1", 1, "a"), customer("c", "2", 1, "x"), customer("c", "1", 3, "c"), customer("c", "1", 2, "b"), customer("c", "1", 3, "c")}
			h.want(h.land("c", rows...), 5, 2, 1, 2, 0, 0, 0)
			one := newHub(h, open)
			var each []landings
			for _, r := range rows {
				each = append(each, landings{r})
			}
			one.want(one.run(spec("c"), each...), 5, 2, 1, 2, 0, 0, 0)
			if got, want := h.digest(), one.digest(); got != want {
				h.Errorf("digest %s, one by one %s", got, want)
			}
			for _, sql := range []string{"SELECT count(*) FROM record_history", "SELECT CAST(sum(version) AS BIGINT) FROM record", "SELECT CAST(sum(id * version) AS BIGINT) FROM record_history"} {
				if got, want := h.count(sql), one.count(sql); got != want {
					h.Errorf("%s = %d, one by one %d", sql, got, want)
				}
			}
		}},
		{"_op delete tombstones, and an older version stays dead", func(h *hub) {
			del := func(dated int) record.Landing {
				return row("c", "1", record.Record{Ref: ref("c", record.Customer, "1"), Op: record.Delete, UpdatedAt: day(dated)})
			}
			h.land("c", customer("c", "1", 1, "a"))
			h.want(h.land("c", del(2)), 1, 0, 0, 0, 1, 0, 0)
			h.want(h.land("c", del(2)), 1, 0, 0, 1, 0, 0, 0)
			h.want(h.land("c", customer("c", "1", 1, "a")), 1, 0, 0, 1, 0, 0, 0)
			h.want(h.land("c", customer("c", "1", 3, "a")), 1, 0, 1, 0, 0, 0, 0)
			h.want(h.land("c", del(0)), 1, 0, 0, 0, 1, 0, 0)
			h.want(h.land("c", customer("c", "1", 3, "a")), 1, 0, 1, 0, 0, 0, 0)
			// A delete that comes before what it deletes.
			h.want(h.land("c", row("c", "9", record.Record{Ref: ref("c", record.Customer, "9"), Op: record.Delete, UpdatedAt: day(5)})), 1, 0, 0, 1, 0, 0, 0)
			h.want(h.land("c", customer("c", "9", 4, "z")), 1, 0, 0, 1, 0, 0, 0)
			if got := h.count("SELECT count(*) FROM record WHERE deleted = 0"); got != 1 {
				h.Errorf("%d current records, want 1", got)
			}
		}},
		{"a row reported as gone takes what it became with it", func(h *hub) {
			h.land("c", customer("c", "1", 1, "a"), customer("c", "2", 1, "b"))
			h.want(h.land("c", record.Landing{Key: "1", Deleted: true}, record.Landing{Key: "8", Deleted: true}), 2, 0, 0, 1, 1, 0, 0)
			h.want(h.land("c", customer("c", "1", 1, "a")), 1, 0, 1, 0, 0, 0, 0)
		}},
		{"records that a row no longer emits are tombstoned", func(h *hub) {
			order := func(dated int, guests ...string) record.Landing {
				all := []record.Record{{Ref: ref("o", record.Order, "1"), Fields: record.Fields{"number": "1"}, UpdatedAt: day(dated)}}
				for _, g := range guests {
					all = append(all, record.Record{Ref: ref("o", record.Customer, g), Fields: record.Fields{"full_name": g}, UpdatedAt: day(dated)})
				}
				return row("o", "1", all...)
			}
			c := h.land("o", order(1, "ann", "bob"))
			h.want(c, 1, 1, 0, 0, 0, 0, 0)
			if c.Records[record.Customer] != 2 || c.Records[record.Order] != 1 {
				h.Errorf("records by type = %v", c.Records)
			}
			h.want(h.land("o", order(2, "ann")), 1, 0, 1, 0, 0, 0, 0)
			if got := h.count("SELECT count(*) FROM record WHERE deleted = 1"); got != 1 {
				h.Errorf("%d tombstones, want 1", got)
			}
			h.want(h.land("o", order(1, "ann", "bob")), 1, 0, 0, 1, 0, 0, 0)
			h.want(h.land("o", order(3, "bob")), 1, 0, 1, 0, 0, 0, 0)
			if got := h.count("SELECT count(*) FROM record WHERE deleted = 0"); got != 2 {
				h.Errorf("%d current records, want 2", got)
			}
			h.want(h.land("o", record.Landing{Key: "1"}), 1, 0, 0, 0, 1, 0, 0)
			h.want(h.land("o", record.Landing{Key: "1"}), 1, 0, 0, 0, 0, 1, 0)
			h.want(h.land("o", order(3, "bob")), 1, 0, 1, 0, 0, 0, 0)
		}},
		{"a record that two rows emit goes with the last of them", func(h *hub) {
			order := func(key string, guests ...string) record.Landing {
				all := []record.Record{{Ref: ref("o", record.Order, key), Fields: record.Fields{"number": key}, UpdatedAt: day(1)}}
				for _, g := range guests {
					all = append(all, record.Record{Ref: ref("o", record.Customer, g), Fields: record.Fields{"full_name": g}, UpdatedAt: day(1)})
				}
				return row("o", key, all...)
			}
			h.want(h.land("o", order("1", "ann"), order("2", "ann")), 2, 2, 0, 0, 0, 0, 0)
			h.want(h.land("o", record.Landing{Key: "1", Deleted: true}), 1, 0, 0, 0, 1, 0, 0)
			if got := h.count("SELECT count(*) FROM record WHERE deleted = 0"); got != 2 {
				h.Errorf("%d current records, want 2 (ann and order 2)", got)
			}
			h.want(h.land("o", order("2")), 1, 0, 0, 0, 1, 0, 0)
			if got := h.count("SELECT count(*) FROM record WHERE deleted = 0"); got != 1 {
				h.Errorf("%d current records, want 1", got)
			}
			// Dropped by one row and taken up by another in one commit.
			h.land("o", order("2", "cy"))
			h.land("o", order("2"), order("3", "cy"))
			if got := h.count("SELECT count(*) FROM record WHERE deleted = 0"); got != 3 {
				h.Errorf("%d current records, want 3", got)
			}
		}},
		{"a filtered row is counted, and misfits are quarantined whole", func(h *hub) {
			two := row("c", "5", record.Record{Ref: ref("c", record.Customer, "5"), Fields: record.Fields{"full_name": "x"}}, record.Record{Ref: ref("c", record.Customer, "5"), Fields: record.Fields{"full_name": "y"}})
			nokey := row("c", "6", record.Record{Ref: ref("c", record.Customer, ""), Fields: record.Fields{"full_name": "x"}})
			other := row("c", "7", record.Record{Ref: ref("elsewhere", record.Customer, "7"), Fields: record.Fields{"full_name": "x"}})
			h.want(h.land("c", record.Landing{Key: "4"}, two, nokey, other), 4, 0, 0, 0, 0, 1, 3)
			for _, code := range []string{"E3402", "E3403", "E3404"} {
				if got := h.count("SELECT count(*) FROM quarantine WHERE code = $1", code); got != 1 {
					h.Errorf("%d items %s, want 1", got, code)
				}
			}
			if got := h.count("SELECT count(*) FROM record"); got != 0 {
				h.Errorf("%d records, want 0", got)
			}
		}},
		{"quarantine counts a row read again, and a good row closes it", func(h *hub) {
			bad := refused("c", "1", `{"id":"1","mail":"not an address"}`)
			h.want(h.land("c", bad), 1, 0, 0, 0, 0, 0, 1)
			h.want(h.land("c", bad, refused("c", "2", `{"id":"2"}`)), 2, 0, 0, 0, 0, 0, 2)
			if got := h.count("SELECT count FROM quarantine WHERE id = 1"); got != 2 {
				h.Errorf("the item counts %d, want 2", got)
			}
			h.want(h.land("c", customer("c", "1", 1, "good")), 1, 1, 0, 0, 0, 0, 0)
			if got := h.count("SELECT count(*) FROM quarantine WHERE open = 1"); got != 1 {
				h.Errorf("%d open items, want 1", got)
			}
			h.land("c", bad)
			if got := h.count("SELECT count(*) FROM quarantine WHERE open = 1"); got != 2 {
				h.Errorf("%d open items, want 2: the row came back", got)
			}
			h.land("c", bad, customer("c", "1", 2, "good"))
			if got := h.count("SELECT count(*) FROM quarantine WHERE open = 1"); got != 1 {
				h.Errorf("%d open items, want 1: closed in the same commit", got)
			}
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			tt.f(newHub(t, open))
		})
	}
}
