package connectortest

import (
	"bytes"
	"context"
	"encoding/json"
	"math/big"
	"reflect"
	"strings"
	"testing"
	"time"

	"crmhub/connectors"
	"crmhub/fault"
	"crmhub/record"
)

// Open opens a source of c with the parameters that hub.yaml would give and
// closes it when the test ends. cfg says the rest; without a name it is called
// test, without a Dir it gets a fresh folder, without a Now the machine's clock.
// What is refused fails the test.
func Open(t testing.TB, c connectors.Connector, params map[string]any, cfg connectors.Config) connectors.Source {
	t.Helper()
	decoded, err := c.Spec().Decode("hub.yaml:5", params)
	if err != nil {
		t.Fatalf("Decode: %v", err)
	}
	cfg.Params = decoded
	if cfg.Name == "" {
		cfg.Name = "test"
	}
	if cfg.Dir == "" {
		cfg.Dir = t.TempDir()
	}
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	src, err := c.Open(cfg)
	if err != nil {
		t.Fatalf("Open: %v", err)
	}
	t.Cleanup(func() {
		if err := src.Close(); err != nil {
			t.Errorf("Close: %v", err)
		}
	})
	return src
}

// Read reads what r asks for and returns the rows and the position after the
// last of them, which is r.From if none came. An error fails the test.
func Read(t testing.TB, src connectors.Source, r connectors.Request) ([]record.Row, record.Position) {
	t.Helper()
	rows, at, err := TryRead(t, src, r)
	if err != nil {
		t.Fatalf("read %s: %v", r.Stream, err)
	}
	return rows, at
}

// TryRead is Read for a read that may fail: it returns what came before the
// error, and the error.
func TryRead(t testing.TB, src connectors.Source, r connectors.Request) ([]record.Row, record.Position, error) {
	t.Helper()
	var rows []record.Row
	at := r.From
	err := src.Read(t.Context(), r, func(_ context.Context, b connectors.Batch) error {
		rows, at = append(rows, b.Rows...), b.Position
		return nil
	})
	return rows, at, err
}

// Keys returns the keys of rows in their order with spaces between them: "-"
// stands before the key of a deleted row, and a row with a fault shows the
// fault's code in place of its key.
func Keys(rows []record.Row) string {
	var all []string
	for _, r := range rows {
		key := r.Key
		if f := fault.Of(r.Fault); f != nil {
			key = string(f.Code)
		}
		if r.Deleted {
			key = "-" + key
		}
		all = append(all, key)
	}
	return strings.Join(all, " ")
}

// AsRead returns a row of a stand-in as a client gets it through JSON, with
// numbers as they are written.
func AsRead(t testing.TB, row map[string]any) map[string]any {
	t.Helper()
	text, err := json.Marshal(row)
	if err != nil {
		t.Fatal(err)
	}
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	var out map[string]any
	if err := d.Decode(&out); err != nil {
		t.Fatal(err)
	}
	return out
}

// Equal tells whether two values of JSON are the same. Numbers are compared by
// their value: 20 and 20.0 are one.
func Equal(a, b any) bool {
	x, isNumber := a.(json.Number)
	y, too := b.(json.Number)
	if isNumber && too {
		p, okP := new(big.Rat).SetString(x.String())
		q, okQ := new(big.Rat).SetString(y.String())
		return okP && okQ && p.Cmp(q) == 0
	}
	return reflect.DeepEqual(a, b)
}
