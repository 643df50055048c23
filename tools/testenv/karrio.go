package main

import (
	"context"
	"os"
	"path/filepath"
)

// karrioKey lets in whom seed.py makes an administrator.
const karrioKey = "key_karrio_4711"

// startKarrio starts Karrio on SQLite, without the worker that calls webhooks.
// Making its database takes more than a minute, so it is kept in the cache.
// The address is http://key@host:port.
func startKarrio(ctx context.Context, e *environment) (string, string, error) {
	dir, err := e.cached("karrio", func(part string) error {
		if err := virtualenv(ctx, part); err != nil {
			return err
		}
		data := filepath.Join(part, "data")
		if err := os.Mkdir(data, 0o700); err != nil {
			return err
		}
		if err := karrio(ctx, part, data, "-m", "karrio.server", "migrate").quiet(); err != nil {
			return err
		}
		seed, err := os.Open(filepath.Join(part, "seed.py"))
		if err != nil {
			return err
		}
		defer seed.Close()
		shell := karrio(ctx, part, data, "-m", "karrio.server", "shell")
		shell.cmd.Stdin = seed
		return shell.quiet()
	})
	if err != nil {
		return "", "", err
	}
	data, err := e.folder("karrio", "")
	if err != nil {
		return "", "", err
	}
	if err := copyFile(filepath.Join(dir, "data", "karrio.db.sqlite3"), filepath.Join(data, "karrio.db.sqlite3")); err != nil {
		return "", "", err
	}
	port, err := freePort()
	if err != nil {
		return "", "", err
	}
	p := karrio(context.WithoutCancel(ctx), dir, data, "-m", "uvicorn", "karrio.server.asgi:application", "--host", "127.0.0.1", "--port", port)
	if err := e.serve(p, os.Interrupt); err != nil {
		return "", "", err
	}
	return "http://" + karrioKey + "@127.0.0.1:" + port, "Karrio " + pip(dir, "karrio_server"), wait(ctx, dials(port))
}

// karrio is Karrio's Python with its settings; data is where its database stands.
func karrio(ctx context.Context, dir, data string, args ...string) process {
	p := as(ctx, "", filepath.Join(dir, "venv", "bin", "python"), args...)
	p.cmd.Dir = data
	p.cmd.Env = append(os.Environ(), "DATABASE_ENGINE=sqlite3", "DATABASE_NAME="+filepath.Join(data, "karrio.db"), "WORK_DIR="+data, "LOG_DIR="+data,
		"SECRET_KEY=karrio-4711", "DEBUG_MODE=True", "DETACHED_WORKER=True", "ENABLE_ALL_PLUGINS_BY_DEFAULT=True")
	return p
}
