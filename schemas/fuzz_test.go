package schemas_test

import (
	"encoding/json"
	"strings"
	"testing"

	"crmhub/record"
)

func FuzzValidate(f *testing.F) {
	set := load(f)
	for _, of := range record.Types {
		f.Add(string(of), good[of])
	}
	f.Add("customer", `{"emails":["nobody",1],"addresses":[{"country":"Germany"},{}],"full_name":null}`)
	f.Add("order", `{"total":1e999999999,"lines":[[{}]]}`)
	f.Add("interaction", `{"channel":"email","attachments":[{"size":-0.0},{"size":"1e2"}]}`)
	f.Fuzz(func(t *testing.T, of, text string) {
		s, ok := set.Schema(record.Type(of))
		d := json.NewDecoder(strings.NewReader(text))
		d.UseNumber()
		var fields record.Fields
		if !ok || d.Decode(&fields) != nil {
			return
		}
		r := record.Record{Fields: fields}
		if err := s.Validate(&r); err != nil {
			return
		}
		if err := s.Judged(r.Fields); err != nil {
			t.Errorf("Validate lets %s go as %v: %v", text, r.Fields, err)
		}
		again := record.Record{Fields: r.Fields}
		if err := s.Validate(&again); err != nil || len(again.Invalid) > 0 {
			t.Errorf("%s: a second Validate finds %v, %v", text, err, again.Invalid)
		}
	})
}
