package stream_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"crmhub/fault"
	"crmhub/mdm/standardize"
	"crmhub/record"
)

func TestRecordsAreStandardisedAndRefsCompleted(t *testing.T) {
	all := customers(1)
	all[0].Data["phone"] = "0086-138 1234 5678"
	all[0].Data["order"] = json.Number("9007199254740993")
	r, sink := runner(t, rows(all, 10), "")
	r.Locale = standardize.Locale{Country: "CN", Zone: time.FixedZone("CST", 8*3600)}
	r.Mapper = blobl(t, `root = [
  {"full_name": this.name, "phones": [this.phone], "emails": [this.mail.uppercase()], "_updated_at": "2024-05-01 10:00:00"},
  {"_type": "order", "_key": "o1", "number": this.order, "customer_ref": {"key": this.id}},
  {"_type": "payment", "number": this.order, "order_ref": {"stream": "orders", "key": "o1"}, "refund_of": {"key": "p0"}, "customer_ref": {"key": this.id, "source": "erp", "type": "customer", "stream": "x"}},
]`)
	run := mustRun(t, r)
	wantCounts(t, run.Counts, record.Counts{Read: 1, Created: 1})
	want := map[string]string{
		"customer 1": `{"emails":["a1@example.com"],"full_name":"张三1","phones":["+8613812345678"]}`,
		"order o1":   `{"customer_ref":{"key":"1","source":"shop","stream":"customers","type":"customer"},"number":"9007199254740993"}`,
		"payment 1": `{"customer_ref":{"key":"1","source":"erp","stream":"x","type":"customer"},"number":"9007199254740993",` +
			`"order_ref":{"key":"o1","source":"shop","stream":"orders","type":"order"},"refund_of":{"key":"p0","source":"shop","stream":"customers","type":"payment"}}`,
	}
	if len(sink.records) != len(want) {
		t.Errorf("%d records, want %d", len(sink.records), len(want))
	}
	for ref, got := range sink.records {
		if ref.Source != "shop" || ref.Stream != "customers" {
			t.Errorf("ref %v", ref)
		}
		if w := want[string(ref.Type)+" "+ref.Key]; got != w {
			t.Errorf("%s %s\n got %s\nwant %s", ref.Type, ref.Key, got, w)
		}
	}
	dated := sink.landed[0].Records[0].UpdatedAt
	if want := time.Date(2024, 5, 1, 2, 0, 0, 0, time.UTC); !dated.Equal(want) || dated.Location() != time.UTC {
		t.Errorf("UpdatedAt = %v, want %v", dated, want)
	}
}

func TestRowsAreRefusedWithTheirPlace(t *testing.T) {
	for _, tt := range []struct{ name, mapping, want string }{
		{"wrong type of one cell", `root.full_name = this.name
root.emails = this.mail`, "validate E3301 shop.csv:2:3"},
		{"nothing identifies", `root.status = "active"`, "validate E3304 shop.csv:2"},
		{"unknown field", `root.full_name = this.name
root.fulname = this.name`, "validate E3302 shop.csv:2"},
		{"two of one key", `root = [{"full_name": this.name}, {"full_name": "x"}]`, "map E3255 shop.csv:2"},
		{"mapping fails", `root.full_name = this.name.number()`, "map E3202 shop.csv:2"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r, sink := runner(t, rows(customers(1), 10), "")
			r.Mapper = blobl(t, tt.mapping)
			mustRun(t, r)
			if len(sink.refused) != 1 {
				t.Fatalf("%d rows refused", len(sink.refused))
			}
			x := sink.refused[0].Refusal
			f := fault.Of(x.Fault)
			if got := fmt.Sprint(x.Stage, " ", f.Code, " ", f.Place); !strings.HasPrefix(got, tt.want) {
				t.Errorf("refused as %s (%v), want %s", got, f, tt.want)
			}
		})
	}
}

func TestUnreadableTimeIsSetAside(t *testing.T) {
	r, sink := runner(t, rows(customers(1), 10), "")
	r.Mapper = blobl(t, `root.full_name = this.name
root._updated_at = "last summer"`)
	mustRun(t, r)
	rec := sink.landed[0].Records[0]
	want := record.Invalid{Path: "/_updated_at", Rule: "format", Code: "E3257", Value: "last summer"}
	if !rec.UpdatedAt.IsZero() || len(rec.Invalid) != 1 || rec.Invalid[0] != want {
		t.Errorf("UpdatedAt %v, Invalid %+v, want undated and %+v", rec.UpdatedAt, rec.Invalid, want)
	}
}

func TestKeys(t *testing.T) {
	for _, tt := range []struct {
		name, key string
		row       map[string]any
		own       string
		want      string // empty: refused
	}{
		{"one", "id", map[string]any{"id": "a|b"}, "", "a|b"},
		{"number", "id", map[string]any{"id": json.Number("9007199254740993")}, "", "9007199254740993"},
		{"two", "[a, b]", map[string]any{"a": `x|\`, "b": json.Number("2")}, "", `x\|\\|2`},
		{"the source's own", "id", map[string]any{"id": "a"}, "k", "k"},
		{"missing", "id", map[string]any{"x": "a"}, "", ""},
		{"half", "[a, b]", map[string]any{"a": "x", "b": nil}, "", ""},
		{"object", "id", map[string]any{"id": map[string]any{}}, "", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r, sink := runner(t, rows([]record.Row{{Key: tt.own, Data: tt.row}}, 1), "")
			r.Pipeline = pipeline(t, "source: {connection: c, stream: s, key: "+tt.key+"}\nmapping: m\ntype: customer\n")
			r.Mapper = blobl(t, `root.full_name = "x"`)
			mustRun(t, r)
			if got := sink.landed[0].Key; got != tt.want {
				t.Errorf("key %q, want %q", got, tt.want)
			}
			if refused := sink.landed[0].Refusal != nil; refused != (tt.want == "") {
				t.Errorf("refused: %v", refused)
			}
		})
	}
}

func TestDeletedRowsOfAPipelineWithoutDeletes(t *testing.T) {
	all := customers(2)
	all[0].Deleted = true
	r, _ := runner(t, rows(all, 2), "")
	r.Pipeline = pipeline(t, "source: {connection: c, stream: s, key: id, deletes: none}\nmapping: m\ntype: customer\n")
	run := mustRun(t, r)
	wantCounts(t, run.Counts, record.Counts{Read: 2, Created: 2})
}

func TestPreviewShowsEveryStageAndWritesNothing(t *testing.T) {
	all := customers(50)
	all[1].Data["name"] = "drop"
	all[2].Data["id"] = nil
	r, sink := runner(t, rows(all, 10), "processors:\n  - mapping: 'root = if this.name == \"drop\" { deleted() } else { this.assign({\"mail\": this.mail.uppercase()}) }'\n")
	r.Sink = nil
	got, err := r.Preview(t.Context(), 4)
	if err != nil {
		t.Fatal(err)
	}
	if len(got) != 4 || sink.runs != 0 {
		t.Fatalf("%d samples, %d runs", len(got), sink.runs)
	}
	first := got[0]
	if first.Place.Line != 2 || first.Key != "1" || first.Row["mail"] != "a1@example.com" {
		t.Errorf("source: %+v", first)
	}
	if len(first.Processed) != 1 || first.Processed[0]["mail"] != "A1@EXAMPLE.COM" {
		t.Errorf("processed: %v", first.Processed)
	}
	if len(first.Mapped) != 1 || fmt.Sprint(first.Mapped[0].Fields["emails"]) != "[A1@EXAMPLE.COM]" ||
		len(first.Records) != 1 || fmt.Sprint(first.Records[0].Fields["emails"]) != "[a1@example.com]" {
		t.Errorf("mapped %+v, records %+v", first.Mapped, first.Records)
	}
	if !got[1].Filtered || got[2].Refusal == nil {
		t.Errorf("second filtered %v, third refused %v", got[1].Filtered, got[2].Refusal)
	}
}
