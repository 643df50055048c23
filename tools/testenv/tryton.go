package main

import (
	"context"
	"crypto/sha256"
	_ "embed" // the seed
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
)

// trytonSeed is a program for proteus, Tryton's own library: people, companies
// and what they ordered.
//
//go:embed tryton_seed.py
var trytonSeed []byte

// passlib has Tryton hash passwords quickly: the tests log in very often, and
// guard nothing.
const passlib = "[passlib]\nschemes = pbkdf2_sha256\npbkdf2_sha256__default_rounds = 10\n"

const (
	python         = "/usr/bin/python3"
	trytonPassword = "tryton-4711"
)

// startTryton starts Debian's Tryton.
func startTryton(ctx context.Context, e *environment) (string, string, error) {
	for _, need := range [][2]string{
		{"/usr/bin/trytond", "tryton-server"},
		{"/usr/lib/python3/dist-packages/trytond/modules/sale/sale.py", "tryton-modules-sale"},
		{"/usr/lib/python3/dist-packages/proteus/config.py", "tryton-proteus"},
	} {
		if _, err := debian(ctx, need[0], need[1]); err != nil {
			return "", "", err
		}
	}
	return tryton{"tryton", python, "/usr/bin", 0}.start(ctx, e)
}

// startTryton8 starts the Tryton of tools/servers/tryton8, whose addresses are others.
func startTryton8(ctx context.Context, e *environment) (string, string, error) {
	dir, err := e.cached("tryton8", func(part string) error { return virtualenv(ctx, part) })
	if err != nil {
		return "", "", err
	}
	bin := filepath.Join(dir, "venv", "bin")
	return tryton{"tryton8", filepath.Join(bin, "python"), bin, 4}.start(ctx, e)
}

// tryton is an installed Tryton.
type tryton struct {
	name, python string
	bin          string // the folder of trytond and trytond-admin
	// spares is how many copies of the database, spare1 and on, are served from
	// the start. Tryton 6 takes up a database that a test lays beside the
	// others; later ones know those alone that they were started with.
	spares int
}

// start starts Tryton on SQLite. Its database takes minutes to build, so it is
// kept in the cache, for each version and seed. A test copies it beside itself,
// under a name of its own, which is then a database too. The address is
// http://admin:password@host:port/erp?dir=FOLDER.
func (y tryton) start(ctx context.Context, e *environment) (string, string, error) {
	out, err := exec.CommandContext(ctx, y.python, "-W", "ignore", "-c", "import trytond; print(trytond.__version__)").Output()
	if err != nil {
		return "", "", err
	}
	version := strings.TrimSpace(string(out))
	dir, err := e.folder(y.name, "")
	if err != nil {
		return "", "", err
	}
	port, err := freePort()
	if err != nil {
		return "", "", err
	}
	conf, hashes := filepath.Join(dir, "trytond.conf"), filepath.Join(dir, "passlib.ini")
	text := fmt.Sprintf("[web]\nlisten = 127.0.0.1:%s\n[database]\nuri = sqlite://\npath = %s\n[session]\nauthentications = password\n[password]\npasslib = %s\n", port, dir, hashes)
	if err := errors.Join(os.WriteFile(conf, []byte(text), 0o600), os.WriteFile(hashes, []byte(passlib), 0o600)); err != nil {
		return "", "", err
	}
	sum := sha256.Sum256(append([]byte(version+passlib), trytonSeed...))
	kept := filepath.Join(e.cache, "tryton-"+hex.EncodeToString(sum[:6])+".sqlite")
	database := filepath.Join(dir, "erp.sqlite")
	if _, err := os.Stat(kept); errors.Is(err, os.ErrNotExist) {
		fmt.Printf("testenv: building the database of Tryton %s into the cache; this takes some minutes the first time\n", version)
		if err := y.build(ctx, dir, conf, database); err != nil {
			return "", "", err
		}
		if err := copyFile(database, kept); err != nil {
			return "", "", err
		}
	} else if err := copyFile(kept, database); err != nil {
		return "", "", err
	}
	args := []string{"-W", "ignore", filepath.Join(y.bin, "trytond"), "-c", conf, "-d", "erp"}
	for n := range y.spares {
		name := fmt.Sprintf("spare%d", n+1)
		if err := copyFile(database, filepath.Join(dir, name+".sqlite")); err != nil {
			return "", "", err
		}
		args = append(args, name)
	}
	if err := e.serve(as(context.WithoutCancel(ctx), "", y.python, args...), syscall.SIGTERM); err != nil {
		return "", "", err
	}
	address := fmt.Sprintf("http://admin:%s@127.0.0.1:%s/erp?dir=%s", trytonPassword, port, dir)
	return address, "Tryton " + version, wait(ctx, dials(port))
}

// build makes the database with its modules and fills it.
func (y tryton) build(ctx context.Context, dir, conf, database string) error {
	password, seed := filepath.Join(dir, "password"), filepath.Join(dir, "seed.py")
	for path, text := range map[string][]byte{password: []byte(trytonPassword + "\n"), seed: trytonSeed, database: nil} {
		if err := os.WriteFile(path, text, 0o600); err != nil {
			return err
		}
	}
	make := as(ctx, "", y.python, "-W", "ignore", filepath.Join(y.bin, "trytond-admin"), "-c", conf, "-d", "erp", "--email", "admin@example.cn", "-l", "en", "-u", "party", "sale", "--activate-dependencies")
	make.cmd.Env = append(os.Environ(), "TRYTONPASSFILE="+password)
	if err := make.quiet(); err != nil {
		return err
	}
	return as(ctx, "", y.python, "-W", "ignore", seed, conf, "erp").quiet()
}

// copyFile copies a file whole or not at all.
func copyFile(from, to string) error {
	text, err := os.ReadFile(from)
	if err != nil {
		return err
	}
	part := fmt.Sprintf("%s.part%d", to, os.Getpid())
	if err := os.WriteFile(part, text, 0o600); err != nil {
		return err
	}
	return os.Rename(part, to)
}
