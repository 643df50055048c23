package mongodb_test

import (
	"encoding/json"
	"math"
	"reflect"
	"strings"
	"sync/atomic"
	"testing"

	"go.mongodb.org/mongo-driver/bson"
	"go.mongodb.org/mongo-driver/bson/primitive"

	"crmhub/connectors"
	"crmhub/fault"
)

func decimal(t *testing.T, s string) primitive.Decimal128 {
	t.Helper()
	d, err := primitive.ParseDecimal128(s)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// serving answers find with the documents given.
func serving(t *testing.T, docs ...any) connectors.Source {
	w := newWire(t, func(command string, _ bson.Raw) (bson.D, bool) {
		if command == "find" {
			return found("crm.people", docs...), false
		}
		return nil, false
	})
	return open(t, params{"url": w.url()})
}

func TestValuesOfEveryType(t *testing.T) {
	n := func(s string) any { return json.Number(s) }
	long := "1234567890123456789012345678901234"
	for _, tt := range []struct {
		name string
		in   any
		want any
	}{
		{"decimal", decimal(t, "1234567890123456789012345678.901234"), n("1234567890123456789012345678.901234")},
		{"34 digits", decimal(t, long), n(long)},
		{"zeros behind", decimal(t, "-12.3400"), n("-12.3400")},
		{"small", decimal(t, "0.001"), n("0.001")},
		{"zero with cents", decimal(t, "-0.00"), n("-0.00")},
		{"exponent", decimal(t, "1.5E+3"), n("1500")},
		{"far exponent", decimal(t, "1E+6000"), n("1E6000")},
		{"not a number", decimal(t, "NaN"), "NaN"},
		{"infinite", decimal(t, "-Infinity"), "-Infinity"},
		{"int64", int64(math.MinInt64), n("-9223372036854775808")},
		{"int32", int32(-7), n("-7")},
		{"double", 0.1, n("0.1")},
		{"whole double", float64(5), n("5")},
		{"great double", 1e300, n("1e+300")},
		{"NaN", math.NaN(), "NaN"},
		{"text", "张伟 😀\x00", "张伟 😀\x00"},
		{"date", primitive.DateTime(1717245045120), "2024-06-01T12:30:45.12Z"},
		{"before 1970", primitive.DateTime(-1), "1969-12-31T23:59:59.999Z"},
		{"timestamp", primitive.Timestamp{T: 1717245045, I: 3}, "2024-06-01T12:30:45Z"},
		{"object id", primitive.ObjectID{0xff, 11: 0x01}, "ff0000000000000000000001"},
		{"uuid", primitive.Binary{Subtype: 4, Data: []byte("0123456789abcdef")}, "30313233-3435-3637-3839-616263646566"},
		{"binary", primitive.Binary{Data: []byte{0xff, 0}}, "/wA="},
		{"bool", true, true},
		{"null", nil, nil},
		{"undefined", primitive.Undefined{}, nil},
		{"regex", primitive.Regex{Pattern: "^a", Options: "i"}, "/^a/i"},
		{"code", primitive.JavaScript("f()"), "f()"},
		{"code with scope", primitive.CodeWithScope{Code: "g()", Scope: bson.D{}}, "g()"},
		{"symbol", primitive.Symbol("s"), "s"},
		{"pointer", primitive.DBPointer{DB: "crm.x", Pointer: primitive.ObjectID{1}}, map[string]any{"$ref": "crm.x", "$id": "010000000000000000000000"}},
		{"min key", primitive.MinKey{}, "MinKey"},
		{"max key", primitive.MaxKey{}, "MaxKey"},
		{"nested", doc("a", primitive.A{doc("b", decimal(t, "1.10")), primitive.A{}}), map[string]any{"a": []any{map[string]any{"b": n("1.10")}, []any{}}}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			rows, _ := read(t, serving(t, doc("_id", 1, "v", tt.in)), connectors.Request{Stream: "people"})
			if got := rows[0].Data["v"]; !reflect.DeepEqual(got, tt.want) {
				t.Errorf("got %#v, want %#v", got, tt.want)
			}
		})
	}
}

// An _id of any type is a key; a composite one is JSON.
func TestKeysOfEveryType(t *testing.T) {
	s := serving(t, doc("_id", decimal(t, "1.50")), doc("_id", doc("b", 1, "a", "x")), doc("_id", true), doc("_id", primitive.ObjectID{1}))
	rows, _ := read(t, s, connectors.Request{Stream: "people"})
	if got, want := keys(rows), `1.50 {"a":"x","b":1} true 010000000000000000000000`; got != want {
		t.Errorf("keys %q, want %q", got, want)
	}
}

// A document that is not UTF-8, or nests without end, is quarantined with its
// bytes; the others go on.
func TestADocumentThatCannotBeDecoded(t *testing.T) {
	deep := bson.D{}
	for range 200 {
		deep = doc("d", deep)
	}
	s := serving(t, doc("_id", 1), doc("_id", 2, "name", "\xff\xfe"), doc("_id", 3, "deep", deep), doc("_id", 4))
	rows, _ := read(t, s, connectors.Request{Stream: "people"})
	if len(rows) != 4 {
		t.Fatalf("%d rows, want 4", len(rows))
	}
	for i, r := range rows {
		bad := i == 1 || i == 2
		if f := fault.Of(r.Fault); (f != nil) != bad || (bad && (f.Code != "E2223" || len(r.Raw) == 0)) {
			t.Errorf("row %d: fault %v with %d bytes", i, r.Fault, len(r.Raw))
		}
	}
}

// A server that dropped the cursor while a batch landed is asked for the rest.
func TestACursorThatVanished(t *testing.T) {
	var finds atomic.Int64
	w := newWire(t, func(command string, body bson.Raw) (bson.D, bool) {
		switch command {
		case "getMore":
			return failed(43, "CursorNotFound"), false
		case "find":
			if sample, err := body.LookupErr("limit"); err == nil && sample.AsInt64() == 100 {
				return found("crm.people", doc("_id", 1)), false
			}
			if finds.Add(1) == 1 {
				return foundMore(77, "crm.people", doc("_id", int32(1)), doc("_id", int32(2))), false
			}
			if !strings.Contains(body.Lookup("filter").String(), `"2"`) {
				t.Errorf("the second find does not go on after 2: %s", body.Lookup("filter"))
			}
			return found("crm.people", doc("_id", int32(3))), false
		}
		return nil, false
	})
	rows, _ := read(t, open(t, params{"url": w.url()}), connectors.Request{Stream: "people"})
	if got, want := keys(rows), "1 2 3"; got != want {
		t.Errorf("keys %q, want %q", got, want)
	}
}

// What the server says is told by code, never in its own words.
func TestServerErrors(t *testing.T) {
	for _, tt := range []struct {
		name string
		say  answer
		url  string
		code fault.Code
		exit int
	}{
		{"wrong password", func(c string, _ bson.Raw) (bson.D, bool) {
			if c == "saslStart" {
				return failed(18, "AuthenticationFailed"), false
			}
			return nil, false
		}, "app@", "E2203", fault.ExitPermission},
		{"no right", func(c string, _ bson.Raw) (bson.D, bool) {
			if c == "find" {
				return failed(13, "Unauthorized"), false
			}
			return nil, false
		}, "", "E2207", fault.ExitPermission},
		{"shutdown", func(c string, _ bson.Raw) (bson.D, bool) { return nil, c == "find" }, "", "E2208", fault.ExitTemporary},
		{"took too long", func(c string, _ bson.Raw) (bson.D, bool) {
			if c == "find" {
				return failed(50, "MaxTimeMSExpired"), false
			}
			return nil, false
		}, "", "E2219", fault.ExitTemporary},
		{"something new", func(c string, _ bson.Raw) (bson.D, bool) {
			if c == "find" {
				return failed(9999, "News"), false
			}
			return nil, false
		}, "", "E2220", fault.ExitFailed},
	} {
		w := newWire(t, tt.say)
		raw := params{"url": strings.Replace(w.url(), "://", "://"+tt.url, 1), "timeout": "2s"}
		if tt.url != "" {
			raw["password"] = "p@ss canary-secret"
		}
		err := try(t, raw, connectors.Request{Stream: "people"})
		wantFault(t, tt.name, err, tt.code, tt.exit)
		if err != nil && strings.Contains(err.Error(), "canary-secret") {
			t.Errorf("%s: a secret is in the error", tt.name)
		}
	}
}
