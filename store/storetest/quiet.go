package storetest

import (
	"context"
	"testing"

	"crmhub/mdm/entity"
	"crmhub/record"
)

// quiet reports whether a customer is dirty, and whether nothing that is compared of it changed since it
// was resolved.
func (h *hub) quiet(id entity.RecordID) (dirty, quiet bool) {
	h.Helper()
	keys, err := h.g.KeysOf(context.Background(), []entity.RecordID{id})
	if err != nil || len(keys) != 1 {
		h.Fatalf("KeysOf: %d keys, %v", len(keys), err)
	}
	return keys[0].Dirty, keys[0].Quiet
}

// testQuiet holds that the store tells the customers of which nothing changed that is compared from the
// others, as long as they wait for a resolve.
func testQuiet(t *testing.T, open Open) {
	// ann is a version of a customer, who has this owner.
	ann := func(at int, owner, name, email string) record.Landing {
		r := customer("c", "1", at, name, email)
		r.Records[0].Fields["owner"] = owner
		return r
	}
	gone := customer("c", "1", 4, "")
	gone.Records[0].Op = record.Delete
	first := ann(1, "ben", "Ann Lee", "ann@x.cn")
	for _, tt := range []struct {
		name  string
		after landings // each a run of its own, after the first was resolved
		want  bool
	}{
		{"another owner", landings{ann(2, "cem", "Ann Lee", "ann@x.cn")}, true},
		{"another instant alone", landings{ann(2, "ben", "Ann Lee", "ann@x.cn")}, true},
		{"another name", landings{ann(2, "ben", "Ann Li", "ann@x.cn")}, false},
		{"another address", landings{ann(2, "ben", "Ann Lee", "ann@y.cn")}, false},
		{"the same name in other letters", landings{ann(2, "ben", "ANN LEE", "ann@x.cn")}, true},
		{"two owners after another", landings{ann(2, "cem", "Ann Lee", "ann@x.cn"), ann(3, "dora", "Ann Lee", "ann@x.cn")}, true},
		{"another name and back", landings{ann(2, "ben", "Ann Li", "ann@x.cn"), ann(3, "ben", "Ann Lee", "ann@x.cn")}, false},
		{"another owner, then another name", landings{ann(2, "cem", "Ann Lee", "ann@x.cn"), ann(3, "cem", "Ann Li", "ann@x.cn")}, false},
		{"gone and back", landings{gone, ann(5, "ben", "Ann Lee", "ann@x.cn")}, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			h := newHub(t, open)
			h.land("c", first, customer("c", "2", 1, "Somebody Else", "ann@x.cn"), customer("c", "3", 1, "Nobody", "no@x.cn"))
			if dirty, quiet := h.quiet(1); !dirty || quiet {
				t.Errorf("new: dirty %v, quiet %v, want the first alone", dirty, quiet)
			}
			h.resolve()
			for _, r := range tt.after {
				h.land("c", r)
			}
			if dirty, quiet := h.quiet(1); !dirty || quiet != tt.want {
				t.Errorf("dirty %v, quiet %v, want quiet %v", dirty, quiet, tt.want)
			}
			h.resolve()
			if dirty, quiet := h.quiet(1); dirty || quiet {
				t.Errorf("resolved: dirty %v, quiet %v", dirty, quiet)
			}
		})
	}
	t.Run("of one commit the versions at its ends count", func(t *testing.T) {
		h := newHub(t, open)
		h.land("c", first)
		h.resolve()
		h.land("c", ann(2, "cem", "Ann Lee", "ann@x.cn"), ann(3, "dora", "Ann Lee", "ann@x.cn"))
		if _, quiet := h.quiet(1); !quiet {
			t.Error("two other owners at once are not quiet")
		}
		h.land("c", ann(4, "cem", "Ann Lee", "ann@y.cn"), ann(5, "dora", "Ann Lee", "ann@x.cn"))
		if _, quiet := h.quiet(1); quiet {
			t.Error("another address in between is quiet")
		}
	})
	t.Run("what says more than a version is not quiet", func(t *testing.T) {
		ctx := context.Background()
		for _, what := range []string{"a judgement", "a token that many hold"} {
			h := newHub(t, open)
			h.land("c", first, customer("c", "2", 1, "Somebody Else", "two@x.cn"))
			h.resolve()
			h.land("c", ann(2, "cem", "Ann Lee", "ann@x.cn"))
			if what == "a judgement" {
				if err := h.g.Judge(ctx, entity.Judgement{A: 1, B: 2, Kind: entity.CannotLink, By: "steward", At: day(3)}); err != nil {
					t.Fatal(err)
				}
			} else {
				h.land("c", customer("c", "2", 2, "Somebody Else", "ann@x.cn"))
				h.syncTokens(h.dirty(), 1)
			}
			if dirty, quiet := h.quiet(1); !dirty || quiet {
				t.Errorf("%s: dirty %v, quiet %v, want the first alone", what, dirty, quiet)
			}
		}
	})
	t.Run("many of them are less work than as many others", func(t *testing.T) {
		h := newHub(t, open)
		bob := func(at int, name string) record.Landing { return customer("c", "2", at, name, "bob@x.cn") }
		h.land("c", first, bob(1, "Bob Day"), customer("c", "3", 1, "Somebody Else"), customer("c", "4", 1, "Nobody"))
		h.resolve()
		for _, tt := range []struct {
			rows landings
			want bool
		}{
			{landings{ann(2, "cem", "Ann Lee", "ann@x.cn"), bob(2, "Bob Day")}, false},
			{landings{ann(3, "cem", "Ann Li", "ann@x.cn"), bob(3, "Bob Dey")}, true},
		} {
			h.land("c", tt.rows...)
			if dirty, many, err := h.g.Waiting(context.Background(), 0.5); dirty != 2 || many != tt.want || err != nil {
				t.Errorf("Waiting = %d, %v (%v), want 2, %v", dirty, many, err, tt.want)
			}
		}
	})
	t.Run("what is searched for may change", func(t *testing.T) {
		h := newHub(t, open)
		h.land("c", first)
		h.resolve()
		h.land("c", ann(2, "ben", "Dr. Ann Lee", "ann@x.cn"))
		if _, quiet := h.quiet(1); !quiet {
			t.Error("a title is not quiet")
		}
		h.resolve()
		for name, want := range map[string]int{"Dr. Ann Lee": 1, "Ann Lee": 0} {
			found, err := h.g.Search(context.Background(), "full_name", name, 0)
			if err != nil || len(found) != want {
				t.Errorf("Search(%s) finds %d (%v), want %d", name, len(found), err, want)
			}
		}
	})
}
