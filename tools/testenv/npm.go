package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
)

// npmServer returns a folder of the cache that holds a server's sources and
// its packages, installed once for each state of the sources. Packages bring
// no programs of their own to run: install scripts stay off.
func (e *environment) npmServer(ctx context.Context, name string) (string, error) {
	from := filepath.Join(serversDir, name)
	sum := sha256.New()
	err := filepath.WalkDir(from, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		b, err := os.ReadFile(path)
		fmt.Fprintln(sum, path, len(b))
		sum.Write(b)
		return err
	})
	if err != nil {
		return "", err
	}
	dir := filepath.Join(e.cache, name+"-"+hex.EncodeToString(sum.Sum(nil))[:12])
	if _, err := os.Stat(dir); err == nil {
		return dir, nil
	}
	npm, err := exec.LookPath("npm")
	if err != nil {
		if npm, err = debian(ctx, "/usr/bin/npm", "npm"); err != nil {
			return "", err
		}
	}
	fmt.Printf("testenv: installing %s into the cache\n", name)
	part := dir + ".part" + strconv.Itoa(os.Getpid())
	defer os.RemoveAll(part)
	if err := os.CopyFS(part, os.DirFS(from)); err != nil {
		return "", err
	}
	cmd := exec.CommandContext(ctx, npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund")
	cmd.Dir = part
	if out, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("npm ci of %s: %w\n%s", name, err, tail(out))
	}
	if _, err := os.Stat(filepath.Join(part, "populate.js")); err == nil {
		cmd := exec.CommandContext(ctx, "node", "populate.js")
		cmd.Dir, cmd.Env = part, append(os.Environ(), "VENDURE_DISABLE_TELEMETRY=true")
		if out, err := cmd.CombinedOutput(); err != nil {
			return "", fmt.Errorf("populating %s: %w\n%s", name, err, tail(out))
		}
	}
	return dir, os.Rename(part, dir)
}

func startVendure(ctx context.Context, e *environment) (string, string, error) {
	dir, err := e.npmServer(ctx, "vendure")
	if err != nil {
		return "", "", err
	}
	data, err := e.folder("vendure", "")
	if err != nil {
		return "", "", err
	}
	shop, err := os.ReadFile(filepath.Join(dir, "shop.sqlite"))
	if err != nil {
		return "", "", err
	}
	if err := os.WriteFile(filepath.Join(data, "shop.sqlite"), shop, 0o600); err != nil {
		return "", "", err
	}
	port, err := freePort()
	if err != nil {
		return "", "", err
	}
	node, err := exec.LookPath("node")
	if err != nil {
		return "", "", err
	}
	p := as(context.WithoutCancel(ctx), "", node, "index.js")
	p.cmd.Dir, p.cmd.Env = dir, append(os.Environ(), "PORT="+port, "DATA="+data, "VENDURE_DISABLE_TELEMETRY=true")
	if err := e.serve(p, os.Interrupt); err != nil {
		return "", "", err
	}
	return "http://superadmin:superadmin@127.0.0.1:" + port, "Vendure " + npmVersion(dir, "@vendure/core"), wait(ctx, dials(port))
}

func startCAP(ctx context.Context, e *environment) (string, string, error) {
	dir, err := e.npmServer(ctx, "cap")
	if err != nil {
		return "", "", err
	}
	port, err := freePort()
	if err != nil {
		return "", "", err
	}
	p := as(context.WithoutCancel(ctx), "", filepath.Join(dir, "node_modules", ".bin", "cds-serve"), "all")
	p.cmd.Dir, p.cmd.Env = dir, append(os.Environ(), "PORT="+port)
	if err := e.serve(p, os.Interrupt); err != nil {
		return "", "", err
	}
	return "http://hub:secret@127.0.0.1:" + port, "SAP CAP " + npmVersion(dir, "@sap/cds"), wait(ctx, dials(port))
}

// npmVersion is the version of an installed package.
func npmVersion(dir, pkg string) string {
	out, err := exec.Command("node", "-p", "require(process.argv[1]).version", filepath.Join(dir, "node_modules", pkg, "package.json")).Output()
	if err != nil {
		return "of unknown version"
	}
	return string(out)
}
