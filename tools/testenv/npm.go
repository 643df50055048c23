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

// cached returns a folder of the cache that holds a server's sources and what
// install made beside them, once for each state of the sources.
func (e *environment) cached(name string, install func(dir string) error) (string, error) {
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
	fmt.Printf("testenv: installing %s into the cache; this takes some minutes the first time\n", name)
	part := dir + ".part" + strconv.Itoa(os.Getpid())
	defer os.RemoveAll(part)
	if err := os.CopyFS(part, os.DirFS(from)); err != nil {
		return "", err
	}
	if err := install(part); err != nil {
		return "", err
	}
	if err := os.Rename(part, dir); err != nil {
		if _, held := os.Stat(dir); held == nil {
			return dir, nil // another run was quicker
		}
		return "", err
	}
	return dir, nil
}

// npmInstall installs the packages of a folder's lock file. Packages bring no
// programs of their own to run: install scripts stay off.
func npmInstall(ctx context.Context, dir string) error {
	npm, err := exec.LookPath("npm")
	if err != nil {
		if npm, err = debian(ctx, "/usr/bin/npm", "npm"); err != nil {
			return err
		}
	}
	cmd := exec.CommandContext(ctx, npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund")
	cmd.Dir = dir
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("npm ci of %s: %w\n%s", filepath.Base(dir), err, tail(out))
	}
	return nil
}

// npmServer is a server of npm packages, which populate.js fills where there is one.
func (e *environment) npmServer(ctx context.Context, name string) (string, error) {
	return e.cached(name, func(dir string) error {
		if err := npmInstall(ctx, dir); err != nil {
			return err
		}
		if _, err := os.Stat(filepath.Join(dir, "populate.js")); err != nil {
			return nil // nothing to fill it with
		}
		cmd := exec.CommandContext(ctx, "node", "populate.js")
		cmd.Dir, cmd.Env = dir, append(os.Environ(), "VENDURE_DISABLE_TELEMETRY=true")
		if out, err := cmd.CombinedOutput(); err != nil {
			return fmt.Errorf("populating %s: %w\n%s", name, err, tail(out))
		}
		return nil
	})
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
