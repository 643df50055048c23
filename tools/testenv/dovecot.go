package main

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"fmt"
	"math/big"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"time"
)

// startDovecot starts an IMAP server that lets in any user whose password is
// imap-4711, each into a mailbox of his own. The address is
// imap://imap-4711@host:port?imaps=PORT&ca=FILE.
func startDovecot(ctx context.Context, e *environment) (string, string, error) {
	bin, err := debian(ctx, "/usr/sbin/dovecot", "dovecot-imapd")
	if err != nil {
		return "", "", err
	}
	const account = "dovecot"
	dir, err := e.folder("dovecot", account)
	if err != nil {
		return "", "", err
	}
	user, group := account, account
	if os.Geteuid() != 0 {
		out, err := exec.CommandContext(ctx, "id", "-un").Output()
		if err != nil {
			return "", "", err
		}
		user = string(out[:len(out)-1])
		if out, err = exec.CommandContext(ctx, "id", "-gn").Output(); err != nil {
			return "", "", err
		}
		group = string(out[:len(out)-1])
	}
	plain, err := freePort()
	if err != nil {
		return "", "", err
	}
	secure, err := freePort()
	if err != nil {
		return "", "", err
	}
	ca := filepath.Join(dir, "server.pem")
	if err := certificate(ca, filepath.Join(dir, "key.pem")); err != nil {
		return "", "", err
	}
	conf := filepath.Join(dir, "dovecot.conf")
	if err := os.WriteFile(conf, fmt.Appendf(nil, dovecotConf, dir, user, group, plain, secure), 0o600); err != nil {
		return "", "", err
	}
	for _, f := range []string{ca, filepath.Join(dir, "key.pem"), conf} {
		if err := own(f, account); err != nil {
			return "", "", err
		}
	}
	mail := filepath.Join(dir, "mail")
	if err := errors.Join(os.Mkdir(mail, 0o700), own(mail, account)); err != nil {
		return "", "", err
	}
	e.dovecot = dir
	// The tests read the certificate.
	if err := os.Chmod(dir, 0o711); err != nil {
		return "", "", err
	}
	if err := e.serve(as(context.WithoutCancel(ctx), account, bin, "-F", "-c", conf), syscall.SIGTERM); err != nil {
		return "", "", err
	}
	if err := wait(ctx, dials(plain)); err != nil {
		return "", "", err
	}
	version, err := exec.CommandContext(ctx, bin, "--version").Output()
	return fmt.Sprintf("imap://imap-4711@127.0.0.1:%s?imaps=%s&ca=%s", plain, secure, ca), "Dovecot " + string(version), err
}

// dovecotConf runs the whole server as one ordinary user. What a test writes
// need not survive a power cut.
const dovecotConf = `base_dir = %[1]s/run
state_dir = %[1]s/state
log_path = %[1]s/dovecot.log
protocols = imap
default_internal_user = %[2]s
default_login_user = %[2]s
default_internal_group = %[3]s
mail_uid = %[2]s
mail_gid = %[3]s
first_valid_uid = 1
mail_location = maildir:%[1]s/mail/%%u
mail_fsync = never
mail_max_userip_connections = 50
disable_plaintext_auth = no
auth_mechanisms = plain login
ssl = yes
ssl_cert = <%[1]s/server.pem
ssl_key = <%[1]s/key.pem
ssl_dh =
service imap-login {
  chroot =
  inet_listener imap {
    address = 127.0.0.1
    port = %[4]s
  }
  inet_listener imaps {
    address = 127.0.0.1
    port = %[5]s
    ssl = yes
  }
}
service anvil {
  chroot =
}
service stats {
  chroot =
}
service auth {
  user = %[2]s
  unix_listener auth-client {
    mode = 0666
  }
}
service auth-worker {
  user = %[2]s
}
passdb {
  driver = static
  args = password=imap-4711
}
userdb {
  driver = static
  args = uid=%[2]s gid=%[3]s home=%[1]s/mail/%%u
}
namespace inbox {
  inbox = yes
  separator = /
  mailbox Sent {
    special_use = \Sent
  }
  mailbox Junk {
    special_use = \Junk
  }
  mailbox Trash {
    special_use = \Trash
  }
}
`

// certificate writes a certificate for 127.0.0.1 that is its own authority.
func certificate(certFile, keyFile string) error {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return err
	}
	t := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "crmhub test"},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(240 * time.Hour),
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, DNSNames: []string{"localhost"},
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign,
	}
	der, err := x509.CreateCertificate(rand.Reader, t, t, &key.PublicKey, key)
	if err != nil {
		return err
	}
	private, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return err
	}
	if err := os.WriteFile(certFile, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), 0o644); err != nil {
		return err
	}
	return os.WriteFile(keyFile, pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: private}), 0o600)
}
