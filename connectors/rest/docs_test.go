package rest_test

import (
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"crmhub/connectors/restapi"
)

// The reference names every key and every word of a description.
func TestReferenceIsComplete(t *testing.T) {
	page, err := os.ReadFile(filepath.Join("..", "..", "docs", "reference", "rest.md"))
	if err != nil {
		t.Fatal(err)
	}
	seen := map[reflect.Type]bool{}
	var walk func(x reflect.Type)
	walk = func(x reflect.Type) {
		for x.Kind() == reflect.Pointer || x.Kind() == reflect.Slice || x.Kind() == reflect.Map {
			x = x.Elem()
		}
		if seen[x] {
			return
		}
		seen[x] = true
		if w, ok := reflect.New(x).Elem().Interface().(interface{ Words() []string }); ok {
			for _, word := range w.Words() {
				if !strings.Contains(string(page), "`"+word+"`") {
					t.Errorf("the word %q of %s is not in docs/reference/rest.md", word, x)
				}
			}
			return
		}
		if x.Kind() != reflect.Struct {
			return
		}
		for i := range x.NumField() {
			f := x.Field(i)
			name := f.Tag.Get("yaml")
			if !f.IsExported() || name == "" {
				continue
			}
			if !strings.Contains(string(page), "`"+name+"`") {
				t.Errorf("the key %q of %s is not in docs/reference/rest.md", name, x)
			}
			walk(f.Type)
		}
	}
	walk(reflect.TypeFor[restapi.API]())
}
