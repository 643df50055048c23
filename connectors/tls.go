package connectors

import (
	"crypto/tls"
	"crypto/x509"
	"os"
	"path/filepath"

	"crmhub/fault"
)

// TLS returns the TLS settings of a connection to host ("" where the client
// fills it in) that trusts the authorities of a PEM file beside the system's;
// file starts where the project is, "" means the system's alone. One that
// can't be used is E2003 of the parameter ca_file.
func TLS(c Config, connector, host, file string) (*tls.Config, error) {
	out := &tls.Config{ServerName: host, MinVersion: tls.VersionTLS12}
	if file == "" {
		return out, nil
	}
	wrong := func(want string) *fault.Error {
		return fault.New("E2003", c.Name, "connector", connector, "name", "ca_file", "want", want)
	}
	if !filepath.IsAbs(file) {
		file = filepath.Join(c.Dir, file)
	}
	pem, err := os.ReadFile(file)
	if err != nil {
		return nil, wrong("a file that can be read").Because(err)
	}
	if out.RootCAs, err = x509.SystemCertPool(); err != nil {
		out.RootCAs = x509.NewCertPool() // some systems have none
	}
	if !out.RootCAs.AppendCertsFromPEM(pem) {
		return nil, wrong("certificates in PEM")
	}
	return out, nil
}
