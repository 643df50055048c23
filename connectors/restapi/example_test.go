package restapi_test

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"crmhub/connectors"
	"crmhub/connectors/restapi"
)

const signed = `
streams:
  trades:
    key: tid
    list: {path: /router, query: {method: trades.get}, records: trades, paging: {type: page, param: page_no, more: has_next}}
`

// sign signs the sorted parameters of a request, as many shops in China want it.
func sign(r *http.Request, _ []byte, now time.Time) error {
	q := r.URL.Query()
	q.Del("sign")
	q.Set("timestamp", now.UTC().Format(time.DateTime))
	mac := hmac.New(sha256.New, []byte("secret"))
	mac.Write([]byte(q.Encode())) // which sorts
	q.Set("sign", hex.EncodeToString(mac.Sum(nil)))
	r.URL.RawQuery = q.Encode()
	return nil
}

// guarded answers requests that are signed right.
func guarded(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	given := q.Get("sign")
	q.Del("sign")
	mac := hmac.New(sha256.New, []byte("secret"))
	mac.Write([]byte(q.Encode()))
	switch {
	case given != hex.EncodeToString(mac.Sum(nil)):
		w.WriteHeader(http.StatusUnauthorized)
	case q.Get("page_no") == "1":
		fmt.Fprint(w, `{"trades": [{"tid": 190000000000000001, "payment": "9.90"}], "has_next": true}`)
	default:
		fmt.Fprint(w, `{"trades": [{"tid": 190000000000000002, "payment": "0.10"}], "has_next": false}`)
	}
}

// A connector brings a description of its API, and signs each request in Go.
func Example() {
	srv := httptest.NewServer(http.HandlerFunc(guarded))
	defer srv.Close()
	api, err := restapi.Parse("trades.yaml", []byte(signed))
	if err != nil {
		fmt.Println(err)
		return
	}
	cfg := connectors.Config{Name: "shop", Now: func() time.Time { return time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC) }}
	src, err := restapi.Open(cfg, api, restapi.Options{URL: srv.URL, Hooks: restapi.Hooks{Sign: sign}})
	if err != nil {
		fmt.Println(err)
		return
	}
	err = src.Read(context.Background(), connectors.Request{Stream: "trades"}, func(_ context.Context, b connectors.Batch) error {
		for _, r := range b.Rows {
			fmt.Println(r.Key, r.Data["payment"])
		}
		return nil
	})
	fmt.Println(err, src.Close())
	// Output:
	// 190000000000000001 9.90
	// 190000000000000002 0.10
	// <nil> <nil>
}

// Each try is signed anew: a signature holds for its moment only.
func TestEachTryIsSignedAnew(t *testing.T) {
	tries := 0
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if tries++; tries == 1 {
			w.WriteHeader(http.StatusBadGateway)
			return
		}
		guarded(w, r)
	}))
	defer srv.Close()
	api, err := restapi.Parse("trades.yaml", []byte(signed))
	if err != nil {
		t.Fatal(err)
	}
	clock := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	var moments []string
	hook := func(r *http.Request, body []byte, now time.Time) error {
		err := sign(r, body, now)
		moments = append(moments, r.URL.Query().Get("timestamp"))
		return err
	}
	cfg := connectors.Config{Name: "shop", Now: func() time.Time { clock = clock.Add(time.Second); return clock }}
	src, err := restapi.Open(cfg, api, restapi.Options{URL: srv.URL, RetryWait: time.Millisecond, Hooks: restapi.Hooks{Sign: hook}})
	if err != nil {
		t.Fatal(err)
	}
	rows := 0
	err = src.Read(t.Context(), connectors.Request{Stream: "trades"}, func(_ context.Context, b connectors.Batch) error {
		rows += len(b.Rows)
		return nil
	})
	if err != nil || rows != 2 || len(moments) != 3 || moments[0] == moments[1] {
		t.Errorf("%d rows, signed at %v: %v", rows, moments, err)
	}
	if err := src.Close(); err != nil {
		t.Error(err)
	}
}
