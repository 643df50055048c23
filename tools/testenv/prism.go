package main

import (
	"context"
	"os"
	"path/filepath"
)

// startPrism serves the public description of Shippo's API: it checks requests
// against it and answers with its examples.
func startPrism(ctx context.Context, e *environment) (string, string, error) {
	dir, err := e.npmServer(ctx, "prism")
	if err != nil {
		return "", "", err
	}
	port, err := freePort()
	if err != nil {
		return "", "", err
	}
	p := as(context.WithoutCancel(ctx), "", filepath.Join(dir, "node_modules", ".bin", "prism"), "mock", "-h", "127.0.0.1", "-p", port, filepath.Join(dir, "shippo.yaml"))
	p.cmd.Dir = dir
	if err := e.serve(p, os.Interrupt); err != nil {
		return "", "", err
	}
	return "http://127.0.0.1:" + port, "Prism " + npmVersion(dir, "@stoplight/prism-cli"), wait(ctx, dials(port))
}
