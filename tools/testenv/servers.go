package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"sort"
	"strings"
)

// server is one kind of server that tests talk to.
type server struct {
	name     string
	variable string // the tests find the address here
	start    func(ctx context.Context, e *environment) (addr, version string, err error)
}

var servers = []server{
	{"PostgreSQL", "CRMHUB_TEST_POSTGRES", startPostgres},
	{"MariaDB", "CRMHUB_TEST_MYSQL", startMariaDB},
	{"FerretDB", "CRMHUB_TEST_MONGODB", startFerretDB},
	{"versitygw", "CRMHUB_TEST_S3", startVersitygw},
	{"Dovecot", "CRMHUB_TEST_IMAP", startDovecot},
	{"Postfix", "CRMHUB_TEST_SMTP", startPostfix},
	{"Tryton", "CRMHUB_TEST_TRYTON", startTryton},
	{"Tryton 8", "CRMHUB_TEST_TRYTON8", startTryton8},
	{"SAP CAP", "CRMHUB_TEST_CAP", startCAP},
	{"Vendure", "CRMHUB_TEST_VENDURE", startVendure},
	{"stripe-mock", "CRMHUB_TEST_STRIPE", startStripe},
	{"Prism", "CRMHUB_TEST_PRISM", startPrism},
	{"Karrio", "CRMHUB_TEST_KARRIO", startKarrio},
	{"toxiproxy", "CRMHUB_TEST_TOXIPROXY", startToxiproxy},
	{"clients", "CRMHUB_TEST_CLIENTS", startClients},
}

func startPostgres(ctx context.Context, e *environment) (string, string, error) {
	bin, err := debian(ctx, "/usr/lib/postgresql/*/bin/initdb", "postgresql")
	if err != nil {
		return "", "", err
	}
	bin = filepath.Dir(bin)
	dir, err := e.folder("postgres", "postgres")
	if err != nil {
		return "", "", err
	}
	data := filepath.Join(dir, "data")
	if err := as(ctx, "postgres", filepath.Join(bin, "initdb"), "-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync").quiet(); err != nil {
		return "", "", err
	}
	port, err := freePort()
	if err != nil {
		return "", "", err
	}
	// What a test writes need not survive a power cut: fsync off halves the time.
	err = e.serve(as(context.WithoutCancel(ctx), "postgres", filepath.Join(bin, "postgres"), "-D", data, "-p", port, "-k", dir,
		"-c", "listen_addresses=127.0.0.1", "-c", "fsync=off", "-c", "full_page_writes=off", "-c", "max_connections=200"), os.Interrupt)
	if err != nil {
		return "", "", err
	}
	ready := func(ctx context.Context) error {
		return exec.CommandContext(ctx, filepath.Join(bin, "pg_isready"), "-q", "-h", "127.0.0.1", "-p", port).Run()
	}
	if err := wait(ctx, ready); err != nil {
		return "", "", err
	}
	version, err := exec.CommandContext(ctx, filepath.Join(bin, "postgres"), "--version").Output()
	return fmt.Sprintf("postgres://postgres@127.0.0.1:%s/postgres?sslmode=disable", port), string(version), err
}

func startMariaDB(ctx context.Context, e *environment) (string, string, error) {
	mariadbd, err := debian(ctx, "/usr/sbin/mariadbd", "mariadb-server")
	if err != nil {
		return "", "", err
	}
	dir, err := e.folder("mariadb", "mysql")
	if err != nil {
		return "", "", err
	}
	data := filepath.Join(dir, "data")
	install := []string{"--no-defaults", "--datadir=" + data, "--auth-root-authentication-method=normal", "--skip-test-db"}
	if err := as(ctx, "mysql", "/usr/bin/mariadb-install-db", install...).quiet(); err != nil {
		return "", "", err
	}
	port, err := freePort()
	if err != nil {
		return "", "", err
	}
	err = e.serve(as(context.WithoutCancel(ctx), "mysql", mariadbd, "--no-defaults", "--datadir="+data, "--socket="+filepath.Join(dir, "s.sock"), "--pid-file="+filepath.Join(dir, "pid"),
		"--bind-address=127.0.0.1", "--port="+port, "--character-set-server=utf8mb4", "--innodb-flush-log-at-trx-commit=2", "--innodb-buffer-pool-size=64M"), os.Interrupt)
	if err != nil {
		return "", "", err
	}
	ready := func(ctx context.Context) error {
		return exec.CommandContext(ctx, "/usr/bin/mariadb-admin", "--no-defaults", "-h127.0.0.1", "-P"+port, "-uroot", "ping").Run()
	}
	if err := wait(ctx, ready); err != nil {
		return "", "", err
	}
	version, err := exec.CommandContext(ctx, mariadbd, "--version").Output()
	return "mysql://root@127.0.0.1:" + port + "/", string(version), err
}

func startFerretDB(ctx context.Context, e *environment) (string, string, error) {
	bin, err := e.goServer(ctx, "ferretdb", "./ferretdb")
	if err != nil {
		return "", "", err
	}
	dir, err := e.folder("ferretdb", "")
	if err != nil {
		return "", "", err
	}
	port, err := freePort()
	if err != nil {
		return "", "", err
	}
	if err := e.serve(as(context.WithoutCancel(ctx), "", bin, "-listen", "127.0.0.1:"+port, "-dir", dir), os.Interrupt); err != nil {
		return "", "", err
	}
	return "mongodb://127.0.0.1:" + port + "/", "FerretDB " + pinned("github.com/FerretDB/FerretDB"), wait(ctx, dials(port))
}

func startVersitygw(ctx context.Context, e *environment) (string, string, error) {
	bin, err := e.goServer(ctx, "versitygw", "github.com/versity/versitygw/cmd/versitygw")
	if err != nil {
		return "", "", err
	}
	dir, err := e.folder("versitygw", "")
	if err != nil {
		return "", "", err
	}
	data, versions := filepath.Join(dir, "data"), filepath.Join(dir, "versions")
	for _, d := range []string{data, versions} {
		if err := os.Mkdir(d, 0o700); err != nil {
			return "", "", err
		}
	}
	port, err := freePort()
	if err != nil {
		return "", "", err
	}
	const access, secret = "user", "secretsecret"
	p := as(context.WithoutCancel(ctx), "", bin, "--port", "127.0.0.1:"+port, "posix", "--versioning-dir", versions, data)
	p.cmd.Env = append(os.Environ(), "ROOT_ACCESS_KEY="+access, "ROOT_SECRET_KEY="+secret)
	if err := e.serve(p, os.Interrupt); err != nil {
		return "", "", err
	}
	return fmt.Sprintf("http://%s:%s@127.0.0.1:%s", access, secret, port), "versitygw " + pinned("github.com/versity/versitygw"), wait(ctx, dials(port))
}

// debian returns the newest file that a pattern names, after installing the
// Debian package that brings it where there is none yet.
func debian(ctx context.Context, pattern, pkg string) (string, error) {
	if f := newest(pattern); f != "" {
		return f, nil
	}
	for _, args := range [][]string{{"update", "-qq"}, {"install", "-y", "-qq", "--no-install-recommends", pkg}} {
		apt := append([]string{"apt-get", "-o", "DPkg::Lock::Timeout=600"}, args...)
		if os.Geteuid() != 0 {
			apt = append([]string{"sudo", "-n"}, apt...)
		}
		cmd := exec.CommandContext(ctx, apt[0], apt[1:]...)
		cmd.Env = append(os.Environ(), "DEBIAN_FRONTEND=noninteractive")
		if out, err := cmd.CombinedOutput(); err != nil {
			return "", fmt.Errorf("%s: %w\n%s", strings.Join(apt, " "), err, tail(out))
		}
	}
	if f := newest(pattern); f != "" {
		return f, nil
	}
	return "", fmt.Errorf("package %s brings no %s", pkg, pattern)
}

func newest(pattern string) string {
	found, _ := filepath.Glob(pattern) // the pattern is a constant of ours: it is well formed
	if len(found) == 0 {
		return ""
	}
	sort.Strings(found)
	return found[len(found)-1]
}
