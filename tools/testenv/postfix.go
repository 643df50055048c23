package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
)

// startPostfix starts a mail server that lets in whom Dovecot lets in, takes
// mail for example.cn from nobody else, and lays all of it into the mailbox of
// all@example.cn, which Dovecot serves; nobody@example.cn is refused. It runs as
// root, as Postfix does everywhere. The address is
// smtp://imap-4711@host:port?smtps=PORT&ca=FILE.
func startPostfix(ctx context.Context, e *environment) (string, string, error) {
	if e.dovecot == "" {
		return "", "", errors.New("it delivers to the Dovecot that is started here: leave CRMHUB_TEST_IMAP empty")
	}
	bin, err := debian(ctx, "/usr/sbin/postfix", "postfix")
	if err != nil {
		return "", "", err
	}
	dir, err := e.folder("postfix", "")
	if err != nil {
		return "", "", err
	}
	if err := os.Chmod(dir, 0o755); err != nil {
		return "", "", err
	}
	etc, data := filepath.Join(dir, "etc"), filepath.Join(dir, "data")
	for _, d := range []string{etc, data, filepath.Join(dir, "spool")} {
		if err := os.Mkdir(d, 0o755); err != nil {
			return "", "", err
		}
	}
	if err := own(data, "postfix"); err != nil {
		return "", "", err
	}
	open, err := freePort()
	if err != nil {
		return "", "", err
	}
	secure, err := freePort()
	if err != nil {
		return "", "", err
	}
	box, err := os.Stat(filepath.Join(e.dovecot, "mail"))
	if err != nil {
		return "", "", err
	}
	owner := box.Sys().(*syscall.Stat_t)
	for name, text := range map[string]string{
		"main.cf":   fmt.Sprintf(postfixMain, dir, e.dovecot, owner.Uid, owner.Gid),
		"master.cf": fmt.Sprintf(postfixMaster, open, secure),
	} {
		if err := os.WriteFile(filepath.Join(etc, name), []byte(text), 0o644); err != nil {
			return "", "", err
		}
	}
	control := func(verb string) process {
		args := []string{bin, "-c", etc, verb}
		if os.Geteuid() != 0 {
			args = append([]string{"/usr/bin/sudo", "-n"}, args...)
		}
		return as(context.WithoutCancel(ctx), "", args[0], args[1:]...)
	}
	if err := e.serve(control("start-fg"), syscall.SIGTERM); err != nil {
		return "", "", err
	}
	// The server is not the process that was started: it is told to stop.
	e.stops = append(e.stops, func() {
		if err := control("abort").quiet(); err != nil {
			fmt.Fprintln(os.Stderr, "testenv:", err)
		}
	})
	version, err := as(ctx, "", "/usr/sbin/postconf", "-c", etc, "-h", "mail_version").cmd.Output()
	if err != nil {
		return "", "", err
	}
	address := fmt.Sprintf("smtp://imap-4711@127.0.0.1:%s?smtps=%s&ca=%s", open, secure, filepath.Join(e.dovecot, "server.pem"))
	return address, "Postfix " + strings.TrimSpace(string(version)), wait(ctx, dials(open))
}

const postfixMain = `compatibility_level = 3.6
queue_directory = %[1]s/spool
data_directory = %[1]s/data
maillog_file = /dev/stdout
myhostname = mail.example.cn
mydestination =
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
mynetworks = 127.0.0.2/32
alias_maps =
smtpd_recipient_restrictions = check_recipient_access inline:{{nobody@example.cn = REJECT}}, permit_sasl_authenticated, reject
smtpd_sasl_auth_enable = yes
smtpd_sasl_type = dovecot
smtpd_sasl_path = %[2]s/run/auth-client
smtpd_tls_cert_file = %[2]s/server.pem
smtpd_tls_key_file = %[2]s/key.pem
smtpd_tls_security_level = may
virtual_mailbox_domains = example.cn
virtual_mailbox_base = %[2]s/mail
virtual_mailbox_maps = static:all@example.cn/
virtual_uid_maps = static:%[3]d
virtual_gid_maps = static:%[4]d
virtual_minimum_uid = 1
`

const postfixMaster = `127.0.0.1:%[1]s inet n - n - - smtpd
127.0.0.1:%[2]s inet n - n - - smtpd -o smtpd_tls_wrappermode=yes
pickup    unix n - n 60 1 pickup
cleanup   unix n - n - 0 cleanup
qmgr      unix n - n 300 1 qmgr
tlsmgr    unix - - n 1000? 1 tlsmgr
rewrite   unix - - n - - trivial-rewrite
bounce    unix - - n - 0 bounce
defer     unix - - n - 0 bounce
trace     unix - - n - 0 bounce
verify    unix - - n - 1 verify
flush     unix n - n 1000? 0 flush
proxymap  unix - - n - - proxymap
smtp      unix - - n - - smtp
error     unix - - n - - error
retry     unix - - n - - error
discard   unix - - n - - discard
virtual   unix - n n - - virtual
anvil     unix - - n - 1 anvil
scache    unix - - n - 1 scache
postlog   unix-dgram n - n - 1 postlogd
`
