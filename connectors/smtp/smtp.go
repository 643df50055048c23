// Package smtp sends notices to people through a mail server: it reads nothing.
package smtp

import (
	"context"
	"crypto/tls"
	"net"
	"net/mail"
	"strings"
	"time"

	"crmhub/connectors"
	"crmhub/fault"
)

// Connector makes connections to mail servers that take messages.
type Connector struct{}

var _ connectors.Connector = Connector{}

// The ways of securing a connection.
const (
	tlsImplicit = "implicit"
	tlsStart    = "starttls"
	tlsNone     = "none"
)

// Spec returns what the connector tells of itself.
func (Connector) Spec() connectors.Spec {
	return connectors.Spec{
		Name:     "smtp",
		Title:    fault.Text{"Notices by e-mail (SMTP)", "邮件通知（SMTP）"},
		Category: connectors.Email,
		Doc: fault.Text{
			"Sends the notices of hub.yaml's notify: which runs failed, where rows wait in quarantine or pairs for review, with names of pipelines, counts and codes, and no value of any record. It is no source: pipelines read mailboxes through the connector email. `crmhub check` connects and logs in, and sends nothing.",
			"发送 hub.yaml 中 notify 的通知：哪些运行失败、哪里有隔离的行或待复核的记录，只含管道名称、数量和代码，不含任何记录的值。它不是数据源：读取邮箱请用 email 连接器。`crmhub check` 会连接并登录，但不发送邮件。",
		},
		Params: []connectors.Param{
			{Name: "host", Type: connectors.String, Required: true, Doc: fault.Text{
				"The server, with :port where it is not 465 (tls: implicit), 587 (starttls) or 25 (none).", "服务器；端口不是 465（tls: implicit）、587（starttls）或 25（none）时加 :端口。",
			}},
			{Name: "from", Type: connectors.String, Required: true, Doc: fault.Text{
				"The sender: crm@example.cn, or Customer hub <crm@example.cn>.", "发件人：crm@example.cn，或 客户中心 <crm@example.cn>。",
			}},
			{Name: "user", Type: connectors.String, Doc: fault.Text{
				"The account, where the server wants one.", "账号（服务器要求时填写）。",
			}},
			{Name: "password", Type: connectors.Secret, Doc: fault.Text{
				"The password, or the provider's code for client programs; a reference such as ${env:SMTP_PASSWORD}.", "密码或服务商的客户端授权码；请使用引用，例如 ${env:SMTP_PASSWORD}。",
			}},
			{Name: "tls", Type: connectors.String, Default: tlsImplicit, Enum: []string{tlsImplicit, tlsStart, tlsNone}, Doc: fault.Text{
				"How the connection is secured: from its first byte, by STARTTLS, or not at all (the password is then sent in the clear, unless the server knows CRAM-MD5).", "连接的加密方式：从第一个字节起加密、使用 STARTTLS，或不加密（除非服务器支持 CRAM-MD5，否则密码将明文发送）。",
			}},
			{Name: "ca_file", Type: connectors.String, Doc: fault.Text{
				"The certificates (PEM) of an authority of your own; relative to the folder of hub.yaml.", "自有证书机构的证书（PEM）；相对于 hub.yaml 所在文件夹。",
			}},
			{Name: "timeout", Type: connectors.Duration, Default: 30 * time.Second, Doc: fault.Text{
				"How long one message may take in all.", "发送一封邮件的最长时间。",
			}},
		},
		Tested: []connectors.Note{{"Postfix 3.7 with Dovecot's log-in", "Postfix 3.7（由 Dovecot 登录）"}},
		Limits: fault.Text{
			"A message that the server took may still not arrive: what it sends back goes to the sender's mailbox. A notice that can't be sent is told by a warning of the run, is not sent later, and changes nothing else.",
			"服务器接收后邮件仍可能无法送达：退信会发到发件人邮箱。无法发送的通知会在运行中给出警告，之后不再补发，也不影响其他内容。",
		},
	}
}

// Open checks the configuration; it connects to nothing.
func (Connector) Open(cfg connectors.Config) (connectors.Source, error) {
	p := cfg.Params
	wrong := func(name, want string) error {
		return fault.New("E2003", cfg.Name, "connector", "smtp", "name", name, "want", want)
	}
	way := p.Text("tls")
	host, port, err := net.SplitHostPort(p.Text("host"))
	if err != nil {
		host, port = strings.Trim(p.Text("host"), "[]"), map[string]string{tlsImplicit: "465", tlsStart: "587", tlsNone: "25"}[way]
	}
	if host == "" || strings.ContainsAny(host, "/@ ") {
		return nil, wrong("host", "smtp.example.cn or smtp.example.cn:465")
	}
	from, err := mail.ParseAddress(p.Text("from"))
	if err != nil {
		return nil, wrong("from", "an address such as crm@example.cn")
	}
	if p.Text("user") != "" && p.Text("password") == "" {
		return nil, fault.New("E2002", cfg.Name, "connector", "smtp", "name", "password")
	}
	if p.Span("timeout") <= 0 {
		return nil, wrong("timeout", "more than 0, such as 30s")
	}
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	s := &server{cfg: cfg, from: from, host: host, address: net.JoinHostPort(host, port), way: way}
	if s.tls, err = connectors.TLS(cfg, "smtp", host, p.Text("ca_file")); err != nil {
		return nil, err
	}
	return s, nil
}

// server is one mail server. It holds a connection only while a method runs.
type server struct {
	cfg     connectors.Config
	from    *mail.Address
	host    string
	address string // host:port
	way     string
	tls     *tls.Config
}

var _ connectors.Notifier = (*server)(nil)

// Check connects, secures the line and logs in.
func (s *server) Check(ctx context.Context) error {
	return s.talk(ctx, func(*line) error { return nil })
}

// Discover lists nothing: there are no streams.
func (*server) Discover(context.Context) ([]connectors.Stream, error) { return nil, nil }

// Read refuses: there is nothing to read.
func (s *server) Read(context.Context, connectors.Request, connectors.Emit) error {
	return fault.New("E2425", s.cfg.Name)
}

// Close does nothing: no method leaves a connection open.
func (*server) Close() error { return nil }
