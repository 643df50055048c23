package main

import (
	"context"
	"os"
)

// startToxiproxy starts the proxy through which tests break connections. The
// address is that of its HTTP API; a test makes proxies of its own there.
func startToxiproxy(ctx context.Context, e *environment) (string, string, error) {
	bin, err := e.goServerOf(ctx, serversDir+"/toxiproxy", "toxiproxy", "github.com/Shopify/toxiproxy/v2/cmd/server")
	if err != nil {
		return "", "", err
	}
	port, err := freePort()
	if err != nil {
		return "", "", err
	}
	if err := e.serve(as(context.WithoutCancel(ctx), "", bin, "-host", "127.0.0.1", "-port", port), os.Interrupt); err != nil {
		return "", "", err
	}
	return "http://127.0.0.1:" + port, "toxiproxy 2.5", wait(ctx, dials(port))
}
