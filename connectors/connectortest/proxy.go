package connectortest

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"testing"
	"time"
)

// Proxy is a proxy of a toxiproxy server in front of one address. Its methods
// may be called by several goroutines.
type Proxy struct {
	// Address is where it listens: host:port.
	Address string
	api     string
}

// NewProxy makes a proxy in front of a server's host:port. It is gone when the
// test ends. Without CRMHUB_TEST_TOXIPROXY the test fails.
func NewProxy(t testing.TB, upstream string) *Proxy {
	t.Helper()
	base := os.Getenv("CRMHUB_TEST_TOXIPROXY")
	if base == "" {
		t.Fatal("CRMHUB_TEST_TOXIPROXY is not set: run make test, or give an address")
	}
	name := fmt.Sprintf("p%d", time.Now().UnixNano())
	p := &Proxy{api: base + "/proxies/" + name}
	var made struct {
		Listen string `json:"listen"`
	}
	if err := call(t.Context(), http.MethodPost, base+"/proxies", map[string]any{"name": name, "listen": "127.0.0.1:0", "upstream": upstream, "enabled": true}, &made); err != nil {
		t.Fatal(err)
	}
	p.Address = made.Listen
	t.Cleanup(func() {
		if err := call(context.Background(), http.MethodDelete, p.api, nil, nil); err != nil {
			t.Error(err)
		}
	})
	return p
}

// Up says whether the server can be reached; going down cuts what is open.
func (p *Proxy) Up(up bool) error {
	return call(context.Background(), http.MethodPost, p.api, map[string]any{"enabled": up}, nil)
}

// Poison lays a toxic of toxiproxy on what the server says: "latency",
// "timeout", "reset_peer", "limit_data", "bandwidth", "slow_close", "slicer".
func (p *Proxy) Poison(kind string, attributes map[string]any) error {
	return call(context.Background(), http.MethodPost, p.api+"/toxics", map[string]any{"name": "toxic", "type": kind, "stream": "downstream", "attributes": attributes}, nil)
}

// Cure takes the toxic away.
func (p *Proxy) Cure() error {
	return call(context.Background(), http.MethodDelete, p.api+"/toxics/toxic", nil, nil)
}

// call asks toxiproxy's API; answer may be nil.
func call(ctx context.Context, method, url string, body, answer any) error {
	text, err := json.Marshal(body)
	if err != nil {
		return err
	}
	r, err := http.NewRequestWithContext(ctx, method, url, bytes.NewReader(text))
	if err != nil {
		return err
	}
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if resp.StatusCode >= 300 {
		return fmt.Errorf("toxiproxy: %s %s: %s", method, url, resp.Status)
	}
	if answer == nil {
		return nil
	}
	return json.NewDecoder(resp.Body).Decode(answer)
}
