package storetest

import (
	"context"
	"fmt"
	"testing"
	"time"

	"crmhub/fault"
	"crmhub/record"
	"crmhub/store"
	"crmhub/store/canon"
	"crmhub/store/golden"
)

// hub is a store under test, and what the suite does with it.
type hub struct {
	testing.TB
	db *store.DB
	g  *golden.Store
	// resolved counts how often resolve was called.
	resolved int
}

func newHub(t testing.TB, open Open) *hub {
	t.Helper()
	db := open(t)
	return &hub{TB: t, db: db, g: Golden(t, db)}
}

// spec is a snapshot pipeline of one stream of the shop.
func spec(stream string) record.RunSpec {
	return record.RunSpec{Pipeline: "shop_" + stream, Source: "shop", Stream: stream, Type: record.Customer, MaxDeleted: 1}
}

// ref names a record of the shop.
func ref(stream string, t record.Type, key string) record.Ref {
	return record.Ref{Source: "shop", Stream: stream, Type: t, Key: key}
}

// day is an instant of the source, undated for 0.
func day(n int) time.Time {
	if n == 0 {
		return time.Time{}
	}
	return time.Date(2026, 1, n, 12, 0, 0, 0, time.UTC)
}

// customer is the landing of a row that becomes one customer.
func customer(stream, key string, dated int, name string, emails ...string) record.Landing {
	f := record.Fields{"full_name": name}
	if len(emails) > 0 {
		list := make([]any, len(emails))
		for i, e := range emails {
			list[i] = e
		}
		f["emails"] = list
	}
	return row(stream, key, record.Record{Ref: ref(stream, record.Customer, key), Fields: f, UpdatedAt: day(dated)})
}

// row is the landing of a row that becomes these records.
func row(stream, key string, records ...record.Record) record.Landing {
	for i := range records {
		records[i].Observed = time.Date(2026, 2, 1, 0, 0, 0, 0, time.UTC)
	}
	raw := map[string]any{"key": key}
	for _, r := range records {
		raw[string(r.Ref.Type)+r.Ref.Key] = map[string]any(r.Fields)
		raw["at"] = r.UpdatedAt.String()
	}
	return record.Landing{Place: record.Place{Name: stream + ".csv", Line: 7}, Key: key, Records: records, Raw: func() []byte { return canon.Append(nil, raw) }}
}

// refused is the landing of a row that a stage refused.
func refused(stream, key, raw string) record.Landing {
	return record.Landing{
		Place: record.Place{Name: stream + ".csv", Line: 9}, Key: key,
		Refusal: &record.Refusal{Stage: record.StageValidate, Fault: fault.New("E3402", stream+".csv:9", "type", "customer"), Row: []byte(raw)},
	}
}

func (h *hub) begin(s record.RunSpec) record.Run {
	h.Helper()
	r, err := h.g.Begin(context.Background(), s)
	if err != nil {
		h.Fatalf("Begin: %v", err)
	}
	return r
}

func (h *hub) commit(id record.RunID, from, to string, rows ...record.Landing) record.Counts {
	h.Helper()
	c, err := h.tryCommit(context.Background(), id, from, to, rows...)
	if err != nil {
		h.Fatalf("Commit: %v", err)
	}
	return c
}

func (h *hub) tryCommit(ctx context.Context, id record.RunID, from, to string, rows ...record.Landing) (record.Counts, error) {
	h.Helper()
	p, err := h.g.Prepare(ctx, id, rows)
	if err != nil {
		return record.Counts{}, err
	}
	return h.g.Commit(ctx, id, []any{p}, record.Position(from), record.Position(to))
}

func (h *hub) end(id record.RunID) record.Run {
	h.Helper()
	r, err := h.g.End(context.Background(), id, record.Done, nil)
	if err != nil {
		h.Fatalf("End: %v", err)
	}
	return r
}

// run lands rows in one run, each batch a commit of its own.
func (h *hub) run(s record.RunSpec, batches ...[]record.Landing) record.Counts {
	h.Helper()
	r := h.begin(s)
	from := string(r.Position)
	for i, b := range batches {
		to := fmt.Sprintf(`{"at":%d}`, i+1)
		h.commit(r.ID, from, to, b...)
		from = to
	}
	return h.end(r.ID).Counts
}

// land lands rows in one run and one commit.
func (h *hub) land(stream string, rows ...record.Landing) record.Counts {
	h.Helper()
	return h.run(spec(stream), rows)
}

func (h *hub) digest() string {
	h.Helper()
	d, err := h.g.Digest(context.Background())
	if err != nil {
		h.Fatalf("Digest: %v", err)
	}
	return d.Digest
}

// count returns an integer of the store's tables.
func (h *hub) count(sql string, args ...any) int64 {
	h.Helper()
	var n int64
	err := h.db.View(context.Background(), func(tx *store.Tx) (err error) {
		n, err = tx.Int(context.Background(), sql, args...)
		return err
	})
	if err != nil {
		h.Fatalf("%s: %v", sql, err)
	}
	return n
}

// want compares the six counters of rows: read, created, updated, unchanged,
// deleted, filtered, quarantined.
func (h *hub) want(got record.Counts, want ...int64) {
	h.Helper()
	have := []int64{got.Read, got.Created, got.Updated, got.Unchanged, got.Deleted, got.Filtered, got.Quarantined}
	if fmt.Sprint(have) != fmt.Sprint(want) {
		h.Errorf("read created updated unchanged deleted filtered quarantined = %v, want %v", have, want)
	}
	if u := got.Unexplained(); u != 0 {
		h.Errorf("%d rows are unexplained", u)
	}
}

func (h *hub) wantCode(err error, code fault.Code) {
	h.Helper()
	if f := fault.Of(err); f == nil || f.Code != code {
		h.Errorf("error = %v, want %s", err, code)
	}
}
