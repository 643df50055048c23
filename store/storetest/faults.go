package storetest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"crmhub/fault"
	"crmhub/record"
	"crmhub/store"
	"crmhub/store/golden"
	"crmhub/store/journal"
)

func testFaults(t *testing.T, open Open) {
	ctx := context.Background()
	for _, tt := range []struct {
		name string
		f    func(h *hub)
	}{
		{"a second writer is refused and told who holds the store", func(h *hub) {
			free, err := h.db.Lock(ctx, "run shop_c")
			if err != nil {
				h.Fatal(err)
			}
			_, err = h.db.Lock(ctx, "run shop_o")
			h.wantCode(err, "E5005")
			if f := fault.Of(err); f != nil && (f.Args["what"] != "run shop_c" || f.Args["pid"] != fmt.Sprint(os.Getpid()) || f.Args["since"] == "?") {
				h.Errorf("the holder is said to be %v", f.Args)
			}
			if got := fault.ExitCode(err); got != fault.ExitLocked {
				h.Errorf("exit code %d, want %d", got, fault.ExitLocked)
			}
			for range 2 {
				if err := free(); err != nil {
					h.Errorf("release: %v", err)
				}
			}
			again, err := h.db.Lock(ctx, "run shop_o")
			if err != nil {
				h.Fatalf("after the release: %v", err)
			}
			if err := again(); err != nil {
				h.Error(err)
			}
		}},
		{"a store of a newer program is refused", func(h *hub) {
			if err := h.db.Update(ctx, func(tx *store.Tx) error { return tx.SetMeta(ctx, "version", []byte("99")) }); err != nil {
				h.Fatal(err)
			}
			_, err := store.Open(ctx, store.Config{URL: h.db.URL(), Ring: h.db.Ring()})
			h.wantCode(err, "E5003")
		}},
		{"another key ring is refused, a rotated one opens", func(h *hub) {
			h.land("c", customer("c", "1", 1, "a"))
			before := h.digest()
			_, err := store.Open(ctx, store.Config{URL: h.db.URL(), Ring: Ring(h)})
			h.wantCode(err, "E5004")
			if got := fault.ExitCode(err); got != fault.ExitKey {
				h.Errorf("exit code %d, want %d", got, fault.ExitKey)
			}
			ring := h.db.Ring()
			if err := ring.Rotate(day(3)); err != nil {
				h.Fatal(err)
			}
			h.land("c", customer("c", "2", 1, "b"))
			again, err := store.Open(ctx, store.Config{URL: h.db.URL(), Ring: ring})
			if err != nil {
				h.Fatal(err)
			}
			g := Golden(h, again)
			d, err := g.Digest(ctx)
			if err != nil || d.Digest == before || d.Digest != h.digest() {
				h.Errorf("digest after rotating = %v, %v", d, err)
			}
			if err := again.Close(); err != nil {
				h.Error(err)
			}
		}},
		{"a panic rolls back", func(h *hub) {
			func() {
				defer func() {
					if recover() == nil {
						h.Error("the panic was swallowed")
					}
				}()
				err := h.db.Update(ctx, func(tx *store.Tx) error {
					if err := tx.SetMeta(ctx, "x", []byte("y")); err != nil {
						return err
					}
					panic("stop")
				})
				h.Errorf("Update returned %v", err)
			}()
			if got := h.count("SELECT count(*) FROM meta WHERE name = 'x'"); got != 0 {
				h.Error("what was written before the panic stands")
			}
		}},
		{"no personal value stands in clear", testCanaries},
		{"values that were moved or changed in the database do not open", func(h *hub) {
			h.land("c", customer("c", "1", 1, "a", "a@x.cn"), customer("c", "2", 1, "b", "b@x.cn"), customer("c", "3", 1, "a", "a@x.cn"), customer("c", "4", 1, "b", "b@x.cn"))
			h.resolve()
			for _, sql := range []string{
				"UPDATE record SET payload = (SELECT payload FROM record WHERE id = 2), wrapped = (SELECT wrapped FROM record WHERE id = 2) WHERE id = 1",
				"UPDATE golden SET payload = (SELECT max(payload) FROM golden), wrapped = (SELECT wrapped FROM golden WHERE payload = (SELECT max(payload) FROM golden))",
				"UPDATE record SET payload = (SELECT payload FROM record WHERE id = 2) WHERE id = 1",
			} {
				if h.db.Kind() == store.Postgres && strings.Contains(sql, "max(") {
					continue // bytea has no max
				}
				undo := errors.New("undo")
				err := h.db.Update(ctx, func(tx *store.Tx) error {
					if _, err := tx.Exec(ctx, sql); err != nil {
						return err
					}
					_, err := h.g.DigestTx(ctx, tx)
					return errors.Join(err, undo)
				})
				if f := fault.Of(err); f == nil || f.Code != "E7005" && f.Code != "E7004" {
					h.Errorf("after %.60s… the digest gives %v, want E7005 or E7004", sql, err)
				}
			}
		}},
		{"the tables are what Tables says", func(h *hub) {
			for _, tab := range store.Tables() {
				n := h.count("SELECT count(*) FROM (SELECT " + strings.Join(tab.Names(), ", ") + " FROM " + tab.Name + ") AS x")
				sql := "SELECT count(*) FROM pragma_table_info('" + tab.Name + "')"
				if h.db.Kind() == store.Postgres {
					sql = "SELECT count(*) FROM information_schema.columns WHERE table_schema = current_schema() AND table_name = '" + tab.Name + "'"
				}
				if got := h.count(sql); n < 0 || got != int64(len(tab.Columns)) {
					h.Errorf("%s has %d columns, Tables says %d", tab.Name, got, len(tab.Columns))
				}
			}
			sql := "SELECT count(*) FROM sqlite_schema WHERE type = 'table'"
			if h.db.Kind() == store.Postgres {
				sql = "SELECT count(*) FROM information_schema.tables WHERE table_schema = current_schema()"
			}
			if got := h.count(sql); got != int64(len(store.Tables())) {
				h.Errorf("%d tables, Tables says %d", got, len(store.Tables()))
			}
		}},
		{"a crash at any step of a commit, and running on, gives the same content", func(h *hub) { testCrash(h, open) }},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			tt.f(newHub(t, open))
		})
	}
}

// canaries stand in every kind of value that may be personal.
var canaries = []string{"Zhang-canary-San", "canary@leak.example", "+8613800138000", "key-canary-17", "raw-canary", "fixed-canary", "reason-canary", "position-canary", "extra-canary", "invalid-canary", "张金丝雀"}

func testCanaries(h *hub) {
	ctx := context.Background()
	c := customer("c", "key-canary-17", 1, "Zhang-canary-San", "canary@leak.example")
	c.Records[0].Fields["phones"] = []any{"+8613800138000"}
	c.Records[0].Fields["given_name"] = "张金丝雀"
	c.Records[0].Fields["extra-canary"] = map[string]any{"deep": "extra-canary"}
	c.Records[0].Invalid = []record.Invalid{{Path: "/birth_date", Rule: "format", Code: "E3301", Value: "invalid-canary"}}
	other := customer("c", "2", 1, "Zhang-canary-San", "canary@leak.example")
	r := h.begin(spec("c"))
	h.commit(r.ID, "", `{"after":"position-canary"}`, c, other, refused("c", "key-canary-17b", `{"x":"raw-canary"}`))
	h.end(r.ID)
	h.resolve()
	h.land("c", customer("c", "key-canary-17", 2, "Zhang-canary-San 2", "canary@leak.example"))
	h.resolve()
	all := h.current()
	if err := h.g.Judge(ctx, judgement(all[0].ID, all[1].ID, "reason-canary")); err != nil {
		h.Error(err)
	}
	j := journal.New(h.db)
	if err := j.Correct(ctx, "1", []byte(`"fixed-canary"`)); err != nil {
		h.Error(err)
	}
	if v := h.get(all[0].Entity); len(v.Members) != 2 || v.Members[0].Invalid != nil {
		h.Errorf("Get = %+v", v)
	}
	var dump bytes.Buffer
	for _, tab := range store.Tables() {
		err := h.db.View(ctx, func(tx *store.Tx) error {
			return tx.Each(ctx, func(r store.Row) error {
				for i, c := range tab.Columns {
					switch c.Kind {
					case store.BytesKind:
						dump.Write(r.Bytes(i))
					case store.TextKind:
						dump.WriteString(r.Text(i))
					}
				}
				return nil
			}, "SELECT "+strings.Join(tab.Names(), ", ")+" FROM "+tab.Name)
		})
		if err != nil {
			h.Fatal(err)
		}
	}
	places := map[string][]byte{"tables": dump.Bytes()}
	if h.db.Kind() == store.SQLite {
		files, err := filepath.Glob(h.db.Path() + "*")
		if err != nil || len(files) < 2 {
			h.Fatalf("files of the store: %v, %v", files, err)
		}
		for _, f := range files {
			if places[f], err = os.ReadFile(f); err != nil {
				h.Fatal(err)
			}
			if fi, err := os.Stat(f); err != nil || fi.Mode().Perm()&0o077 != 0 {
				h.Errorf("%s may be read by others (%v)", filepath.Base(f), err)
			}
		}
	}
	for where, b := range places {
		for _, c := range canaries {
			if bytes.Contains(b, []byte(c)) {
				h.Errorf("%q stands in clear in %s", c, filepath.Base(where))
			}
		}
	}
	if !bytes.Contains(dump.Bytes(), []byte("shop")) {
		h.Error("the search finds nothing at all")
	}
}

// fuse is a context that ends when it has been looked at often enough.
type fuse struct {
	context.Context
	left atomic.Int64
}

func (f *fuse) Err() error {
	if f.left.Add(-1) < 0 {
		return context.Canceled
	}
	return f.Context.Err()
}

// testCrash cuts commits, resolves and ends short at each place that looks at
// its context, opens the store anew as a process after a crash does, and goes on.
func testCrash(h *hub, open Open) {
	rows := landings{
		customer("c", "1", 1, "a", "a@x.cn"), customer("c", "2", 1, "b", "b@x.cn"), customer("c", "1", 2, "a2", "b@x.cn"),
		refused("c", "3", `{"key":3}`), customer("c", "4", 0, "d"), customer("c", "5", 1, "e"),
	}
	s := spec("c")
	s.Sweep = true
	play := func(h *hub, ctx context.Context) error {
		r, err := h.g.Begin(ctx, s)
		if err != nil {
			return err
		}
		for i, from := 0, string(r.Position); i < 3; i++ {
			to := fmt.Sprintf(`{"at":%d}`, i+1)
			if from >= to {
				continue
			}
			if _, err := h.tryCommit(ctx, r.ID, from, to, rows[2*i:2*i+2]...); err != nil {
				return err
			}
			from = to
		}
		_, err = h.g.End(ctx, r.ID, record.Done, nil)
		return err
	}
	if err := play(h, context.Background()); err != nil {
		h.Fatal(err)
	}
	h.resolve()
	want := h.digest()
	crashes := 0
	for step := int64(0); ; step += 3 {
		broken := newHub(h.TB, open)
		f := &fuse{Context: context.Background()}
		f.left.Store(step)
		err := play(broken, f)
		if err == nil {
			break
		}
		if !errors.Is(err, context.Canceled) {
			h.Fatalf("step %d: %v", step, err)
		}
		crashes++
		// What a crash leaves is what the database holds: a new process knows no more.
		broken.g = golden.New(broken.db, golden.Options{Schemas: Schemas(h), Features: Features, Model: "test 1"})
		if err := play(broken, context.Background()); err != nil {
			h.Fatalf("step %d, running on: %v", step, err)
		}
		broken.resolve()
		if got := broken.digest(); got != want {
			h.Errorf("step %d: digest %s, unbroken %s", step, got, want)
		}
		if got := broken.count("SELECT CAST(sum(count) AS BIGINT) FROM quarantine"); got != 1 {
			h.Errorf("step %d: quarantine counts %d, want 1", step, got)
		}
	}
	if crashes < 3 {
		h.Errorf("only %d crashes", crashes)
	}
}
