package main

import (
	"context"
	"os"
)

// startStripe starts Stripe's own mock, which answers by Stripe's public
// description of its API.
func startStripe(ctx context.Context, e *environment) (string, string, error) {
	bin, err := e.goServerOf(ctx, serversDir+"/stripe", "stripe-mock", "github.com/stripe/stripe-mock")
	if err != nil {
		return "", "", err
	}
	port, err := freePort()
	if err != nil {
		return "", "", err
	}
	if err := e.serve(as(context.WithoutCancel(ctx), "", bin, "-http-addr", "127.0.0.1:"+port), os.Interrupt); err != nil {
		return "", "", err
	}
	return "http://127.0.0.1:" + port, "stripe-mock 0.203", wait(ctx, dials(port))
}
