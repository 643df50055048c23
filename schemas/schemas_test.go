package schemas_test

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"
	"testing/fstest"

	"crmhub/fault"
	"crmhub/record"
	"crmhub/schemas"
)

func load(t testing.TB) *schemas.Set {
	t.Helper()
	s, err := schemas.Load(nil)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func schema(t testing.TB, name record.Type) *schemas.Schema {
	t.Helper()
	s, ok := load(t).Schema(name)
	if !ok {
		t.Fatalf("no schema of %s", name)
	}
	return s
}

// fields decodes a record as the pipeline hands it over.
func fields(t testing.TB, text string) record.Fields {
	t.Helper()
	d := json.NewDecoder(strings.NewReader(text))
	d.UseNumber()
	var f record.Fields
	if err := d.Decode(&f); err != nil {
		t.Fatal(err)
	}
	return f
}

func TestWrongOptionalValuesAreSetAside(t *testing.T) {
	for _, tt := range []struct {
		name, in, want string
		invalid        []string
	}{
		{"nothing wrong", `{"full_name":"李雷","emails":["li@example.cn"]}`, `{"full_name":"李雷","emails":["li@example.cn"]}`, nil},
		{"a day that never was", `{"full_name":"Li","birth_date":"2023-02-29"}`, `{"full_name":"Li"}`, []string{"/birth_date format E3305"}},
		{"one bad e-mail of two", `{"emails":["li@example.cn","nobody"]}`, `{"emails":["li@example.cn"]}`, []string{"/emails/1 format E3305"}},
		{
			"two bad of four, by their first positions", `{"full_name":"Li","phones":["1","+8613800138000","2","+8613800138001"]}`,
			`{"full_name":"Li","phones":["+8613800138000","+8613800138001"]}`,
			[]string{"/phones/0 format E3305", "/phones/2 format E3305"},
		},
		{"the last of a list takes the list", `{"full_name":"Li","emails":["nobody"]}`, `{"full_name":"Li"}`, []string{"/emails/0 format E3305"}},
		{
			"a part of an address", `{"full_name":"Li","addresses":[{"city":"Köln","country":"Germany"}]}`, `{"full_name":"Li","addresses":[{"city":"Köln"}]}`,
			[]string{"/addresses/0/country format E3305"},
		},
		{
			"the last part of an address takes the address", `{"full_name":"Li","addresses":[{"country":"Germany"},{"country":"DE"},{"country":"France"}]}`,
			`{"full_name":"Li","addresses":[{"country":"DE"}]}`,
			[]string{"/addresses/0/country format E3305", "/addresses/2/country format E3305"},
		},
		{
			"a part that its object needs takes the object", `{"full_name":"Li","social_ids":[{"kind":"openid"},{"kind":"openid","id":"o1"}]}`,
			`{"full_name":"Li","social_ids":[{"kind":"openid","id":"o1"}]}`,
			[]string{"/social_ids/0 required E3303"},
		},
		{"a word that is not allowed", `{"full_name":"Li","gender":"M"}`, `{"full_name":"Li"}`, []string{"/gender enum E3306"}},
		{
			"a wrong check character", `{"full_name":"Li","national_id":"11010519491231002Y","tax_id":"91350100M000100Y44"}`, `{"full_name":"Li","national_id":"11010519491231002Y"}`,
			[]string{"/tax_id format E3305"},
		},
		{"a name of a thousand", `{"organisation":"A","full_name":"` + strings.Repeat("x", 501) + `"}`, `{"organisation":"A"}`, []string{"/full_name maxLength E3307"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := record.Record{Fields: fields(t, tt.in)}
			if err := schema(t, record.Customer).Validate(&r); err != nil {
				t.Fatalf("Validate = %v, want nil", err)
			}
			if want := fields(t, tt.want); !reflect.DeepEqual(r.Fields, want) {
				t.Errorf("Fields = %v, want %v", r.Fields, want)
			}
			var got []string
			for _, i := range r.Invalid {
				got = append(got, i.Path+" "+i.Rule+" "+i.Code)
			}
			if !reflect.DeepEqual(got, tt.invalid) {
				t.Errorf("Invalid = %v, want %v", got, tt.invalid)
			}
		})
	}
}

func TestFaultsOfStructureQuarantineTheRow(t *testing.T) {
	for _, tt := range []struct {
		name     string
		of       record.Type
		in, want string
	}{
		{"unknown field", record.Customer, `{"full_name":"Li","fullname":"Li"}`, "E3302 customer has no field fullname (nearest: full_name)"},
		{"unknown field inside", record.Customer, `{"full_name":"Li","addresses":[{"town":"Ely"}]}`, "E3302 customer has no field addresses[0].town"},
		{"a name out of the data is not told", record.Customer, `{"full_name":"Li","li@example.cn":"x"}`, "E3302 customer has no field ?"},
		{"a text for a list", record.Customer, `{"emails":"li@example.cn"}`, "E3301 customer: emails has the wrong type; want array"},
		{"a list for a text", record.Customer, `{"full_name":["Li"]}`, "E3301 customer: full_name has the wrong type; want string"},
		{"nothing names it", record.Customer, `{"gender":"male"}`, "E3304 nothing identifies the customer; want one of full_name, given_name, family_name, organisation, emails, phones, national_id, tax_id, social_ids"},
		{"nothing is left that names it", record.Customer, `{"emails":["nobody"]}`, "E3304 nothing identifies the customer; want one of full_name, given_name, family_name, organisation, emails, phones, national_id, tax_id, social_ids"},
		{"an amount without its currency", record.Order, `{"total":"1.20"}`, "E3303 order: currency is missing; total needs it"},
		{"a currency that is none", record.Order, `{"total":"1.20","currency":"RMB"}`, "E3303 order: currency is missing; total needs it"},
		{"a ref without its key", record.Payment, `{"number":"1","order_ref":{"stream":"orders"}}`, ""},
		{"a required word that is wrong", record.Interaction, `{"channel":"telepathy"}`, "E3306 interaction: channel is not one of the words allowed"},
		{"a required field that is missing", record.Interaction, `{"subject":"Hello"}`, "E3303 interaction: channel is missing; interaction needs it"},
		{"a number too great to be judged", record.Interaction, `{"channel":"note","attachments":[{"size":1e999999999}]}`, "E3310 interaction: attachments[0].size cannot be judged"},
		{"an empty order", record.Order, `{}`, "E3307 order: / is too long, too short or has too many parts (minProperties)"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := record.Record{Fields: fields(t, tt.in)}
			err := schema(t, tt.of).Validate(&r)
			got := ""
			if err != nil {
				got = err.Error()
			}
			if got != tt.want {
				t.Errorf("Validate = %q, want %q", got, tt.want)
			}
		})
	}
}

func TestMoneyAndGreatNumbersKeepEveryDigit(t *testing.T) {
	f := fields(t, `{"number":9007199254740993,"total":1234567890123456.78,"subtotal":1e3,"tax":0.30,"currency":"CNY","lines":[{"quantity":2,"unit_price":0.1},{"total":1.5E-3}]}`)
	s := schema(t, record.Order)
	r := record.Record{Fields: f}
	if err := s.Validate(&r); err != nil || len(r.Invalid) > 0 {
		t.Fatalf("Validate = %v, %d set aside", err, len(r.Invalid))
	}
	want := fields(t, `{"number":"9007199254740993","total":"1234567890123456.78","subtotal":"1000","tax":"0.30","currency":"CNY","lines":[{"quantity":"2","unit_price":"0.1"},{"total":"0.0015"}]}`)
	if !reflect.DeepEqual(r.Fields, want) {
		t.Errorf("Fields = %v, want %v", r.Fields, want)
	}
}

func TestTextBecomesANumberWhereOneIsWanted(t *testing.T) {
	s := schema(t, record.Interaction)
	r := record.Record{Fields: fields(t, `{"channel":"email","attachments":[{"size":"1024"}]}`)}
	if err := s.Validate(&r); err != nil {
		t.Fatal(err)
	}
	if want := fields(t, `{"channel":"email","attachments":[{"size":1024}]}`); !reflect.DeepEqual(r.Fields, want) {
		t.Errorf("Fields = %v, want %v", r.Fields, want)
	}
	r = record.Record{Fields: fields(t, `{"channel":"email","attachments":[{"size":"many"}]}`)}
	if err := s.Validate(&r); fault.Of(err) == nil || fault.Of(err).Code != "E3301" {
		t.Errorf("Validate = %v, want E3301", err)
	}
}

func TestAProjectsSchemaTakesThePlaceOfOurs(t *testing.T) {
	user := fstest.MapFS{
		"customer.schema.json": {Data: []byte(`{
		"$schema": "https://json-schema.org/draft/2020-12/schema", "type": "object", "additionalProperties": false,
		"properties": {
			"vat": {"$ref": "local.schema.json#/$defs/vat", "x-on-invalid": "quarantine"},
			"age": {"type": "integer", "x-on-invalid": "set-aside", "x-class": "none", "x-seal": false},
			"hobby": {"type": "string", "x-seal": false}
		}}`)},
		"local.schema.json": {Data: []byte(`{"$defs": {"vat": {"type": "string", "pattern": "^GB[0-9]{9}$", "x-class": "direct_identifier", "x-index": true}}}`)},
	}
	set, err := schemas.Load(user)
	if err != nil {
		t.Fatal(err)
	}
	s, _ := set.Schema(record.Customer)
	want := []schemas.Property{
		{Name: "vat", Class: "direct_identifier", Mask: "full", Seal: true, Index: true, OnInvalid: "quarantine", Types: []string{"string"}},
		{Name: "age", Class: "none", OnInvalid: "set-aside", Types: []string{"integer"}},
		{Name: "hobby", Class: "unclassified", Mask: "full", Seal: true, Types: []string{"string"}},
	}
	if got := s.Properties(); !reflect.DeepEqual(got, want) {
		t.Errorf("Properties = %+v, want %+v", got, want)
	}
	r := record.Record{Fields: fields(t, `{"age":"old"}`)}
	if err := s.Validate(&r); err != nil || len(r.Invalid) != 1 || len(r.Fields) != 0 {
		t.Errorf("a wrong type with x-on-invalid set-aside: %v, %v", err, r.Invalid)
	}
	r = record.Record{Fields: fields(t, `{"vat":"DE1"}`)}
	if got, want := fault.Of(s.Validate(&r)), "E3309 customer: vat breaks the rule pattern of its schema"; got == nil || got.Error() != want {
		t.Errorf("Validate = %v, want %s", got, want)
	}
	if o, ok := set.Schema(record.Order); !ok || len(o.Properties()) == 0 {
		t.Error("the other types are lost")
	}
}

func TestBrokenSchemasAreNamedWithTheirPlace(t *testing.T) {
	for _, tt := range []struct{ name, file, text, want string }{
		{"cut short", "customer.schema.json", "{\n \"type\": ", "E3320 customer.schema.json:2:10: the schema is not a JSON object"},
		{"a comma too many", "customer.schema.json", "{\n \"type\": \"object\",\n}", "E3320 customer.schema.json:3:1: the schema is not a JSON object"},
		{"a list", "customer.schema.json", "[]", "E3320 customer.schema.json:1:1: the schema is not a JSON object"},
		{"keyword", "order.schema.json", "{\n \"properties\": {\n  \"a\": {\"x-clas\": \"none\"}}}", "E3321 order.schema.json:3:9: unknown keyword \"x-clas\" (nearest: x-class)"},
		{"format", "order.schema.json", "{\"properties\": {\"a\": {\"format\": \"e146\"}}}", "E3322 order.schema.json:1:23: unknown format \"e146\" (nearest: e164)"},
		{"class", "order.schema.json", "{\"properties\": {\"a\": {\"x-class\": \"secret\"}}}", "E3323 order.schema.json:1:23: the schema cannot be used: /properties/a/x-class breaks the rule enum"},
		{"type", "order.schema.json", "{\"type\": \"objekt\"}", "E3323 order.schema.json:1:2: the schema cannot be used: /type breaks the rule enum"},
		{"reference", "order.schema.json", "{\"$ref\": \"nowhere.schema.json\"}", "E3323 order.schema.json: the schema cannot be used: / breaks the rule $ref"},
		{"the net", "order.schema.json", "{\"$ref\": \"https://example.com/x.json\"}", "E3323 order.schema.json: the schema cannot be used: / breaks the rule $ref"},
		{"misnamed", "custmer.schema.json", "{}", "E3324 custmer.schema.json: the file replaces no schema (nearest: customer.schema.json)"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, err := schemas.Load(fstest.MapFS{tt.file: {Data: []byte(tt.text)}})
			if err == nil || err.Error() != tt.want {
				t.Errorf("Load = %v, want %s", err, tt.want)
			}
			if err != nil && fault.ExitCode(err) != fault.ExitUsage {
				t.Errorf("exit code %d, want %d", fault.ExitCode(err), fault.ExitUsage)
			}
		})
	}
}

func TestEveryPropertyIsAnnotated(t *testing.T) {
	set := load(t)
	indexed := map[string]bool{}
	for _, of := range record.Types {
		s, ok := set.Schema(of)
		if !ok {
			t.Fatalf("no schema of %s", of)
		}
		for _, p := range s.Properties() {
			if p.Class == schemas.Unclassified {
				t.Errorf("%s.%s has no x-class", of, p.Name)
			}
			if p.Class != "none" && !p.Seal {
				t.Errorf("%s.%s is %s and not sealed", of, p.Name, p.Class)
			}
			if p.Index {
				indexed[string(of)+"."+p.Name] = true
			}
		}
	}
	for _, want := range []string{
		"customer.full_name", "customer.emails", "customer.phones", "customer.national_id", "customer.tax_id",
		"customer.social_ids", "order.number", "payment.number", "shipment.tracking_number",
	} {
		if !indexed[want] {
			t.Errorf("%s has no x-index", want)
		}
	}
	s, _ := set.Schema(record.Customer)
	if got := s.Property("unheard_of"); got.Class != schemas.Unclassified || !got.Seal || got.Mask != "full" {
		t.Errorf("Property of an unknown name = %+v, want unclassified, sealed, masked", got)
	}
	var steps []string
	for _, x := range s.Standardize() {
		steps = append(steps, x.String())
	}
	want := "full_name: name, given_name: name, family_name: name, name_pinyin: name, organisation: company, emails.*: email, phones.*: phone, " +
		"addresses.*: address, birth_date: date, gender: gender, national_id: national_id, tax_id: tax_id, consents.*.at: instant, tags.*: tag, language: language, owner: name"
	if got := strings.Join(steps, ", "); got != want {
		t.Errorf("Standardize = %s, want %s", got, want)
	}
}
