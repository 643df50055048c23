package connectors_test

import (
	"reflect"
	"strings"
	"testing"
	"time"

	"crmhub/connectors"
	"crmhub/fault"
)

var spec = connectors.Spec{Name: "shop", Params: []connectors.Param{
	{Name: "url", Type: connectors.String, Required: true},
	{Name: "token", Type: connectors.Secret},
	{Name: "mode", Type: connectors.String, Default: "auto", Enum: []string{"auto", "fast"}},
	{Name: "pages", Type: connectors.Int, Default: int64(3)},
	{Name: "verify", Type: connectors.Bool},
	{Name: "wait", Type: connectors.Duration},
	{Name: "scopes", Type: connectors.Strings},
}}

func TestDecodeTypesAndDefaults(t *testing.T) {
	got, err := spec.Decode("hub.yaml:5", map[string]any{
		"url": "http://shop", "token": uint64(12345), "pages": uint64(7), "verify": true, "wait": "90s", "scopes": []any{"a", "b"},
	})
	if err != nil {
		t.Fatal(err)
	}
	want := connectors.Params{
		"url": "http://shop", "token": "12345", "mode": "auto", "pages": int64(7), "verify": true,
		"wait": 90 * time.Second, "scopes": []string{"a", "b"},
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("Decode = %v, want %v", got, want)
	}
	if got.Text("url") != "http://shop" || got.Number("pages") != 7 || !got.Flag("verify") || got.Span("wait") != 90*time.Second || len(got.List("scopes")) != 2 {
		t.Errorf("the typed readers do not give what was decoded: %v", got)
	}
	if got.Text("nothing") != "" || got.Number("url") != 0 {
		t.Error("a missing or other-typed parameter is not the zero value")
	}
}

func TestDecodeOneWordIsAListOfOne(t *testing.T) {
	got, err := spec.Decode("hub.yaml:5", map[string]any{"url": "x", "scopes": "read"})
	if err != nil {
		t.Fatal(err)
	}
	if want := []string{"read"}; !reflect.DeepEqual(got.List("scopes"), want) {
		t.Errorf("scopes = %v, want %v", got.List("scopes"), want)
	}
}

func TestDecodeRefuses(t *testing.T) {
	const secret = "hunter2-canary"
	for _, tt := range []struct {
		name string
		raw  map[string]any
		code fault.Code
		arg  string
	}{
		{"unknown", map[string]any{"url": "x", "tokn": secret}, "E2001", "tokn"},
		{"missing", map[string]any{"token": secret}, "E2002", "url"},
		{"empty is missing", map[string]any{"url": ""}, "E2002", "url"},
		{"null is missing", map[string]any{"url": nil}, "E2002", "url"},
		{"no such word", map[string]any{"url": "x", "mode": secret}, "E2003", "mode"},
		{"text for a number", map[string]any{"url": "x", "pages": secret}, "E2003", "pages"},
		{"text for a flag", map[string]any{"url": "x", "verify": "yes"}, "E2003", "verify"},
		{"no duration", map[string]any{"url": "x", "wait": secret}, "E2003", "wait"},
		{"map for a text", map[string]any{"url": map[string]any{}}, "E2003", "url"},
		{"number in a list", map[string]any{"url": "x", "scopes": []any{uint64(1)}}, "E2003", "scopes"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, err := spec.Decode("hub.yaml:5", tt.raw)
			f := fault.Of(err)
			if f == nil || f.Code != tt.code || f.Args["name"] != tt.arg {
				t.Fatalf("Decode: %v, want %s naming %s", err, tt.code, tt.arg)
			}
			if f.Place != "hub.yaml:5" {
				t.Errorf("place = %q, want hub.yaml:5", f.Place)
			}
			if strings.Contains(f.Error(), secret) {
				t.Error("the value stands in the error")
			}
		})
	}
}
