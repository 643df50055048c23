package connectors_test

import (
	"testing"

	"crmhub/connectors"
	"crmhub/fault"
)

func TestAsked(t *testing.T) {
	spec := connectors.Spec{Name: "odoo", Streams: []connectors.StreamSpec{{Name: "partners"}, {Name: "orders"}}}
	for _, tt := range []struct {
		name          string
		query         bool
		request       connectors.Request
		want          fault.Code
		place, nearby string
	}{
		{"a stream", false, connectors.Request{Stream: "orders"}, "", "", ""},
		{"a query", false, connectors.Request{Stream: "orders", Query: "x"}, "E2227", "erp/orders", ""},
		{"a query that is understood", true, connectors.Request{Stream: "orders", Query: "x"}, "", "", ""},
		{"misspelt", false, connectors.Request{Stream: "order"}, "E2320", "erp", "orders"},
		{"unknown", false, connectors.Request{Stream: "weather"}, "E2320", "erp", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			spec.Query = tt.query
			err := connectors.Asked(connectors.Config{Name: "erp"}, spec, tt.request)
			f := fault.Of(err)
			if tt.want == "" || f == nil {
				if tt.want != "" || err != nil {
					t.Fatalf("got %v, want %q", err, tt.want)
				}
				return
			}
			if f.Code != tt.want || f.Place != tt.place {
				t.Errorf("got %s at %s, want %s at %s", f.Code, f.Place, tt.want, tt.place)
			}
			if f.Code == "E2320" && (f.Args["nearest"] != tt.nearby || f.Args["known"] != "partners, orders") {
				t.Errorf("nearest %q, known %q, want %q of partners, orders", f.Args["nearest"], f.Args["known"], tt.nearby)
			}
		})
	}
}
