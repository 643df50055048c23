package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// virtualenv makes a virtual environment of Debian's Python in dir/venv and
// installs the requirements.txt of dir into it, held to its constraints.txt
// where there is one. It may be moved afterwards, so that programs of it are
// called as `venv/bin/python -m`.
func virtualenv(ctx context.Context, dir string) error {
	if _, err := debian(ctx, "/usr/lib/python3*/ensurepip/__init__.py", "python3-venv"); err != nil {
		return err
	}
	venv := filepath.Join(dir, "venv")
	if out, err := exec.CommandContext(ctx, python, "-m", "venv", venv).CombinedOutput(); err != nil {
		return fmt.Errorf("python3 -m venv: %w\n%s", err, tail(out))
	}
	args := []string{"-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-input", "-r", "requirements.txt"}
	if _, err := os.Stat(filepath.Join(dir, "constraints.txt")); err == nil {
		args = append(args, "-c", "constraints.txt")
	} else if !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	cmd := exec.CommandContext(ctx, filepath.Join(venv, "bin", "python"), args...)
	cmd.Dir = dir
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("pip install for %s: %w\n%s", filepath.Base(dir), err, tail(out))
	}
	return nil
}

// startClients installs clients of other systems that we did not write: tests
// have them read our stand-ins too. The address is a folder with
// venv/bin/python and node_modules.
func startClients(ctx context.Context, e *environment) (string, string, error) {
	dir, err := e.cached("clients", func(part string) error {
		if err := npmInstall(ctx, part); err != nil {
			return err
		}
		return virtualenv(ctx, part)
	})
	if err != nil {
		return "", "", err
	}
	list, err := os.ReadFile(filepath.Join(dir, "requirements.txt"))
	return dir, fmt.Sprintf("%d for Python", strings.Count(string(list), "==")), err
}

// pip is the version of a package that the requirements of a folder pin.
func pip(dir, name string) string {
	list, err := os.ReadFile(filepath.Join(dir, "requirements.txt"))
	if err != nil {
		return "of unknown version"
	}
	for line := range strings.Lines(string(list)) {
		if version, ok := strings.CutPrefix(strings.TrimSpace(line), name+"=="); ok {
			return version
		}
	}
	return "of unknown version"
}
