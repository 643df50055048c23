// Package email reads mailboxes over IMAP: every message once, whatever folder it lies in, whole or by what came and changed.
package email

import (
	"crypto/tls"
	"net"
	"path"
	"path/filepath"
	"strings"
	"time"

	"crmhub/connectors"
	"crmhub/fault"
)

// Connector makes sources that are mailboxes.
type Connector struct{}

var _ connectors.Connector = Connector{}

// The ways of securing a connection.
const (
	tlsImplicit = "implicit"
	tlsStart    = "starttls"
	tlsNone     = "none"
)

// all is the stream of every folder.
const all = "messages"

// Spec returns what the connector tells of itself.
func (Connector) Spec() connectors.Spec {
	return connectors.Spec{
		Name:     "email",
		Title:    fault.Text{"Mailbox (IMAP)", "邮箱（IMAP）"},
		Category: connectors.Email,
		Doc: fault.Text{
			"Reads the messages of a mailbox without marking them as read. The stream messages is all folders, and each folder is a stream of its own. A message is one row whatever folder it lies in: its key is its Message-ID, or a hash of its bytes where it has none. An incremental read takes what came since the last (UIDVALIDITY, UID) and, from servers with CONDSTORE, what got or lost a flag; where a folder was rebuilt it is read anew and nothing is doubled. The row is that of a mail file (file connector), with folder, flags, deleted, outbound, received_at and size. A dropped connection is taken up again.",
			"读取邮箱中的邮件，不会将其标记为已读。数据流 messages 为全部文件夹，每个文件夹也是单独的数据流。一封邮件无论在哪个文件夹都只是一行：键为其 Message-ID，没有时为其字节的哈希。增量读取取得上次（UIDVALIDITY、UID）之后新到的邮件，服务器支持 CONDSTORE 时还包括标记有变化的邮件；文件夹被重建时重新读取，不会重复。行与邮件文件（file 连接器）相同，另有 folder、flags、deleted、outbound、received_at 和 size。连接中断后自动续读。",
		},
		Params: params,
		Modes:  []connectors.Mode{connectors.Full, connectors.Incremental},
		Streams: []connectors.StreamSpec{
			{Name: all, Key: []string{"message_id"}, Cursor: "UIDVALIDITY, UID, MODSEQ", Mapping: "mail_message.blobl", Doc: fault.Text{"All folders but junk, trash and drafts.", "除垃圾邮件、已删除和草稿之外的全部文件夹。"}},
			{Name: "FOLDER", Key: []string{"message_id"}, Cursor: "UIDVALIDITY, UID, MODSEQ", Mapping: "mail_message.blobl", Doc: fault.Text{"One folder by its name, such as INBOX or Archive/2025.", "按名称指定的一个文件夹，如 INBOX 或 Archive/2025。"}},
		},
		Tested: []connectors.Note{
			{"Dovecot 2.3"},
			{"go-imap 2 server (XOAUTH2, STARTTLS, server without CONDSTORE and ESEARCH)", "go-imap 2 服务器（XOAUTH2、STARTTLS、不支持 CONDSTORE 与 ESEARCH 的服务器）"},
		},
		Limits: fault.Text{
			"A message that was expunged: the server keeps nothing of it, and it may live on in another folder. `deletes: sweep` finds it, by reading everything again. A message that is marked as deleted but not expunged has deleted: true; name it as source.deleted to take it as gone. Flags that change on a server without CONDSTORE. Messages over 128 MB (quarantined unread). The content of encrypted messages (S/MIME, PGP). New mail is seen at the next run; one that waits (IDLE) sees it at once, in one folder.",
			"已彻底清除的邮件：服务器不保留任何信息，且它可能仍在其他文件夹中；`deletes: sweep` 会重新读取全部来发现它。已标记删除但未清除的邮件 deleted 为 true；用 source.deleted 指定该列即可视为已删除。不支持 CONDSTORE 的服务器上的标记变化。超过 128 MB 的邮件（不读取，进入隔离区）。加密邮件（S/MIME、PGP）的内容。新邮件在下一次运行时才能看到；设置 wait（IDLE）时可立即看到，但只监听一个文件夹。",
		},
	}
}

var params = []connectors.Param{
	{Name: "host", Type: connectors.String, Required: true, Doc: fault.Text{
		"The server, with :port where it is not 993 (tls: implicit) or 143.", "服务器；端口不是 993（tls: implicit）或 143 时加 :端口。",
	}},
	{Name: "user", Type: connectors.String, Required: true, Doc: fault.Text{
		"The account, usually the whole address.", "账号，通常为完整邮箱地址。",
	}},
	{Name: "password", Type: connectors.Secret, Doc: fault.Text{
		"The password, or the provider's code for client programs; a reference such as ${env:MAIL_PASSWORD}.", "密码或服务商的客户端授权码；请使用引用，例如 ${env:MAIL_PASSWORD}。",
	}},
	{Name: "token", Type: connectors.Secret, Doc: fault.Text{
		"An OAuth2 access token in place of the password (XOAUTH2: Gmail, Microsoft 365). It is used as it is: fetch a fresh one before each run.", "代替密码的 OAuth2 访问令牌（XOAUTH2:Gmail、Microsoft 365）。按原样使用：请在每次运行前获取新令牌。",
	}},
	{Name: "tls", Type: connectors.String, Default: tlsImplicit, Enum: []string{tlsImplicit, tlsStart, tlsNone}, Doc: fault.Text{
		"How the connection is secured: from its first byte, by STARTTLS, or not at all (the password is then sent in the clear).", "连接的加密方式：从第一个字节起加密、使用 STARTTLS，或不加密（密码将明文发送）。",
	}},
	{Name: "ca_file", Type: connectors.String, Doc: fault.Text{
		"The certificates (PEM) of an authority of your own; relative to the folder of hub.yaml.", "自有证书机构的证书（PEM）；相对于 hub.yaml 所在文件夹。",
	}},
	{Name: "folders", Type: connectors.Strings, Doc: fault.Text{
		"The folders to read, by name or pattern (INBOX, Archive/*). Default: all but junk, trash and drafts; those are read where they are named in full.", "要读取的文件夹，按名称或通配符（INBOX、Archive/*）。默认除垃圾邮件、已删除和草稿之外的全部；写出全名时也会读取它们。",
	}},
	{Name: "exclude", Type: connectors.Strings, Doc: fault.Text{
		"Folders not to read, by name or pattern.", "不读取的文件夹，按名称或通配符。",
	}},
	{Name: "flag_changes", Type: connectors.Bool, Default: true, Doc: fault.Text{
		"Whether an incremental read takes messages again whose flags changed (read, answered, flagged, deleted).", "增量读取是否重新读取标记（已读、已回复、加星、已删除）有变化的邮件。",
	}},
	{Name: "attachments", Type: connectors.String, Doc: fault.Text{
		"A folder that takes the content of attachments, each once under its SHA-256, in the clear. Default: only name, type, size and SHA-256 are kept, in the row.", "存放附件内容的文件夹，每个附件按其 SHA-256 只存一次，不加密。默认只在行中保留名称、类型、大小和 SHA-256。",
	}},
	{Name: "wait", Type: connectors.Duration, Default: time.Duration(0), Doc: fault.Text{
		"How long an incremental read that finds nothing new waits for mail to come (IDLE), as in wait: 10m; what comes ends the wait and is read at once. INBOX is watched, or the stream's own folder. Default: not at all.", "增量读取没有发现新邮件时，等待新邮件到来的最长时间（IDLE），例如 wait: 10m；新邮件一到即结束等待并立刻读取。监听 INBOX，或数据流指定的文件夹。默认不等待。",
	}},
	{Name: "timeout", Type: connectors.Duration, Default: 60 * time.Second, Doc: fault.Text{
		"How long the server may be silent while it is asked.", "服务器应答时允许的最长沉默时间。",
	}},
	{Name: "retries", Type: connectors.Int, Default: int64(5), Doc: fault.Text{
		"How many times in a row a dropped connection is taken up again without a single message in between.", "连接中断后连续重连的次数上限（期间没有读到任何邮件）。",
	}},
}

// Open checks the configuration; it connects to nothing.
func (Connector) Open(cfg connectors.Config) (connectors.Source, error) {
	p := cfg.Params
	wrong := func(name, want string) error {
		return fault.New("E2003", cfg.Name, "connector", "email", "name", name, "want", want)
	}
	host, port, err := net.SplitHostPort(p.Text("host"))
	if err != nil {
		host, port = strings.Trim(p.Text("host"), "[]"), "993"
		if p.Text("tls") != tlsImplicit {
			port = "143"
		}
	}
	if host == "" || strings.ContainsAny(host, "/@ ") {
		return nil, wrong("host", "imap.example.cn or imap.example.cn:993")
	}
	if p.Text("password") == "" && p.Text("token") == "" {
		return nil, fault.New("E2002", cfg.Name, "connector", "email", "name", "password")
	}
	for _, name := range []string{"folders", "exclude"} {
		for _, pattern := range p.List(name) {
			if _, err := path.Match(pattern, ""); err != nil {
				return nil, wrong(name, "patterns such as Archive/*")
			}
		}
	}
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	s := &source{cfg: cfg, host: host, address: net.JoinHostPort(host, port), timeout: p.Span("timeout"), retries: int(p.Number("retries"))}
	if p.Span("wait") < 0 {
		return nil, wrong("wait", "nothing below 0")
	}
	if s.timeout <= 0 {
		s.timeout = time.Minute
	}
	if s.tls, err = connectors.TLS(cfg, "email", host, p.Text("ca_file")); err != nil {
		return nil, err
	}
	if dir := p.Text("attachments"); dir != "" {
		if !filepath.IsAbs(dir) {
			dir = filepath.Join(cfg.Dir, dir)
		}
		s.vault = &vault{dir: dir, place: cfg.Name}
	}
	return s, nil
}

// source is one mailbox. It holds a connection only while a method runs.
type source struct {
	cfg     connectors.Config
	host    string
	address string // host:port
	tls     *tls.Config
	timeout time.Duration
	retries int
	vault   *vault // nil where attachments are not kept
}

// Close does nothing: no method leaves a connection open.
func (s *source) Close() error { return nil }

func (s *source) place(stream string) string { return s.cfg.Name + "/" + stream }
