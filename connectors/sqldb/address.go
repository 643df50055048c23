package sqldb

import (
	"crypto/tls"
	"crypto/x509"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"crmhub/connectors"
	"crmhub/fault"
)

// dialectOf reads the url.
func dialectOf(cfg connectors.Config) (dialect, error) {
	raw := cfg.Params.Text("url")
	scheme, rest, ok := strings.Cut(raw, ":")
	if !ok {
		return nil, wrongURL(cfg, "it has no scheme", "它没有协议部分")
	}
	if scheme == "sqlite" || scheme == "sqlite3" {
		return sqliteOf(cfg, strings.TrimPrefix(rest, "//"))
	}
	u, err := url.Parse(raw)
	if err != nil {
		// The error quotes the url, which may hold a password: it is dropped.
		return nil, wrongURL(cfg, "it is not spelt like a URL", "它不是合法的 URL")
	}
	switch scheme {
	case "mysql", "mariadb":
		return mysqlOf(cfg, u)
	case "postgres", "postgresql":
		return postgresOf(cfg, u)
	}
	near := fault.Nearest(scheme, []string{"mysql", "mariadb", "postgres", "sqlite"})
	if near == "" {
		near = "mysql, mariadb, postgres, sqlite"
	}
	return nil, fault.New("E2222", cfg.Name, "scheme", scheme, "nearest", near)
}

// wrongURL is the fault of a url; reasons are in the order of fault.Text.
func wrongURL(cfg connectors.Config, english, chinese string) *fault.Error {
	return fault.New("E2201", cfg.Name, "reason", english, "reason_zh", chinese)
}

// options takes the options behind the question mark; unknown ones are refused.
func options(cfg connectors.Config, u *url.URL, known []string) (url.Values, error) {
	q := u.Query()
	for name := range q {
		if !slices.Contains(known, name) {
			return nil, fault.New("E2001", cfg.Name, "connector", "sqldb", "name", "url: "+name, "nearest", fault.Nearest(name, known))
		}
	}
	return q, nil
}

// secured returns the TLS settings that sslmode and its files ask for, as
// PostgreSQL means them: nil for no TLS; fallback where plain text will do.
func secured(cfg connectors.Config, q url.Values, host string) (c *tls.Config, fallback bool, err error) {
	mode := q.Get("sslmode")
	switch mode {
	case "":
		if !q.Has("sslrootcert") {
			return nil, false, nil
		}
		mode = "verify-full"
	case "disable":
		return nil, false, nil
	}
	c = &tls.Config{MinVersion: tls.VersionTLS12, ServerName: host}
	var roots *x509.CertPool
	if file := q.Get("sslrootcert"); file != "" {
		pem, err := os.ReadFile(resolve(cfg.Dir, file))
		if err != nil {
			return nil, false, wrongURL(cfg, "the file of sslrootcert can't be read", "sslrootcert 指定的文件无法读取").Because(err)
		}
		roots = x509.NewCertPool()
		if !roots.AppendCertsFromPEM(pem) {
			return nil, false, wrongURL(cfg, "the file of sslrootcert holds no certificate", "sslrootcert 指定的文件中没有证书")
		}
		c.RootCAs = roots
	}
	if file := q.Get("sslcert"); file != "" {
		pair, err := tls.LoadX509KeyPair(resolve(cfg.Dir, file), resolve(cfg.Dir, q.Get("sslkey")))
		if err != nil {
			return nil, false, wrongURL(cfg, "sslcert and sslkey are not a certificate with its key", "sslcert 与 sslkey 不是一对证书和密钥").Because(err)
		}
		c.Certificates = []tls.Certificate{pair}
	}
	switch mode {
	case "prefer", "allow", "require":
		c.InsecureSkipVerify = true
		if mode == "require" && roots != nil {
			c.VerifyConnection = verifyAuthority(roots)
		}
	case "verify-ca":
		c.InsecureSkipVerify = true
		c.VerifyConnection = verifyAuthority(roots)
	case "verify-full":
	default:
		return nil, false, wrongURL(cfg, "sslmode is none of disable, prefer, require, verify-ca, verify-full", "sslmode 应为 disable、prefer、require、verify-ca、verify-full 之一")
	}
	return c, mode == "prefer" || mode == "allow", nil
}

// verifyAuthority checks who signed the certificate, not the name in it.
func verifyAuthority(roots *x509.CertPool) func(tls.ConnectionState) error {
	return func(state tls.ConnectionState) error {
		between := x509.NewCertPool()
		for _, c := range state.PeerCertificates[1:] {
			between.AddCert(c)
		}
		_, err := state.PeerCertificates[0].Verify(x509.VerifyOptions{Roots: roots, Intermediates: between})
		return err
	}
}

func resolve(dir, file string) string {
	if file == "" || filepath.IsAbs(file) {
		return file
	}
	return filepath.Join(dir, file)
}

// hostPort returns where a server listens.
func hostPort(u *url.URL, port string) string {
	host := u.Hostname()
	if host == "" {
		host = "127.0.0.1"
	}
	if p := u.Port(); p != "" {
		port = p
	}
	return net.JoinHostPort(host, port)
}
