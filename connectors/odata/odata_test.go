package odata_test

import (
	"fmt"
	"reflect"
	"testing"

	"crmhub/connectors/odata"
)

const s4 = `<edmx:Edmx Version="1.0" xmlns:edmx="http://schemas.microsoft.com/ado/2007/06/edmx"><edmx:DataServices m:DataServiceVersion="2.0" xmlns:m="m">
<Schema Namespace="API" xmlns="http://schemas.microsoft.com/ado/2008/09/edm">
<EntityType Name="A_SalesOrderItemType"><Key><PropertyRef Name="SalesOrder"/><PropertyRef Name="SalesOrderItem"/></Key>
<Property Name="SalesOrder" Type="Edm.String"/><Property Name="SalesOrderItem" Type="Edm.String"/><Property Name="LastChangeDateTime" Type="Edm.DateTimeOffset"/></EntityType>
</Schema>
<Schema Namespace="API.Entities"><EntityContainer Name="C"><EntitySet Name="A_SalesOrderItem" EntityType="API.A_SalesOrderItemType"/></EntityContainer></Schema>
</edmx:DataServices></edmx:Edmx>`

func TestMetadata(t *testing.T) {
	version, keys, cursors, err := odata.Sets([]byte(s4))
	if err != nil {
		t.Fatal(err)
	}
	if want := []string{"SalesOrder", "SalesOrderItem"}; version != 2 || !reflect.DeepEqual(keys["A_SalesOrderItem"], want) || cursors["A_SalesOrderItem"] != "LastChangeDateTime" {
		t.Errorf("version %d, keys %v, cursors %v", version, keys, cursors)
	}
	version, keys, _, err = odata.Sets([]byte(dataverseMetadata))
	if err != nil || version != 4 || !reflect.DeepEqual(keys["contacts"], []string{"contactid"}) {
		t.Errorf("version %d, keys %v, %v; want those that a base type's child has", version, keys, err)
	}
	for _, bad := range []string{"", "<html><body>Log in</body></html>", "{}", `<edmx:Edmx Version="4.0" xmlns:edmx="x"/>`, `<?xml version="1.0" encoding="utf-16"?><a/>`} {
		if _, _, _, err := odata.Sets([]byte(bad)); err == nil {
			t.Errorf("%q was taken for a service document", bad)
		}
	}
}

func FuzzMetadata(f *testing.F) {
	f.Add([]byte(s4))
	f.Add([]byte(dataverseMetadata))
	f.Fuzz(func(t *testing.T, text []byte) {
		if version, keys, _, err := odata.Sets(text); err == nil && (len(keys) == 0 || version != 2 && version != 4) {
			t.Errorf("version %d with %d collections and no error", version, len(keys))
		}
	})
}

func TestValues(t *testing.T) {
	for in, want := range map[string]string{
		"/Date(1767225660000+0000)/": "2026-01-01T00:01:00Z",
		"/Date(1767225660123)/":      "2026-01-01T00:01:00.123",
		"/Date(-1000)/":              "1969-12-31T23:59:59",
		"PT11H05M00S":                "11:05:00",
		"PT5M":                       "00:05:00",
		"PT":                         "PT",
		"/Date(x)/":                  "/Date(x)/",
		"PTA Ltd":                    "PTA Ltd",
	} {
		if got := odata.Plain(in); got != want {
			t.Errorf("%s is %v, want %s", in, got, want)
		}
	}
	got := odata.Plain(map[string]any{
		"__metadata": map[string]any{"uri": "u"}, "a": map[string]any{"results": []any{map[string]any{"b": "x", "__metadata": 1}}},
		"c": map[string]any{"__deferred": map[string]any{"uri": "u"}}, "d@odata.bind": 1, "e": nil,
	})
	if want := (map[string]any{"a": []any{map[string]any{"b": "x"}}, "e": nil}); !reflect.DeepEqual(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
}

func TestKeysOfWhatIsGone(t *testing.T) {
	for id, want := range map[string]string{
		"2e451703-c6b4-e911-a967-000d3a3403f5":                                             "2e451703-c6b4-e911-a967-000d3a3403f5",
		"https://org.example/api/data/v9.2/contacts(2e451703-c6b4-e911-a967-000d3a3403f5)": "2e451703-c6b4-e911-a967-000d3a3403f5",
		"Partners('O%27%27Brien')":                                                         "O'Brien",
		"contacts(contactid=7)":                                                            "7",
	} {
		if got := odata.Key([]string{"contactid"}, id); got != want {
			t.Errorf("%s: key %q, want %q", id, got, want)
		}
	}
	if got, want := odata.Key([]string{"Order", "Item"}, "Items(Item=20,Order='5|1')"), `5\|1|20`; got != want {
		t.Errorf("key %q, want %q", got, want)
	}
}

func TestExpand(t *testing.T) {
	got := odata.Expand("to_Address/to_Email", "to_Item", "to_Address/to_Phone")
	if want := "to_Address($expand=to_Email,to_Phone),to_Item"; got != want {
		t.Errorf("%s, want %s", got, want)
	}
	if got := fmt.Sprint(odata.Expand("a/b/c")); got != "a($expand=b($expand=c))" {
		t.Error(got)
	}
}
