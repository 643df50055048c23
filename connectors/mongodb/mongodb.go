// Package mongodb reads collections of MongoDB and of servers that speak its protocol, whole or by what changed.
//
// Values. Documents become maps and arrays lists. 32- and 64-bit integers and
// Decimal128 keep every digit; a Decimal128 that is no number is the text NaN
// or Infinity. An ObjectId is its 24 hex digits, a date RFC 3339 in UTC with
// milliseconds where it has them, a timestamp its second. A UUID is its usual
// text, also of the old binary kind 3, whose bytes are taken in the order in
// which they stand; other binary is base64. A regular expression is
// /pattern/options; code and symbols are their text; null, undefined and a
// missing field are the same; MinKey and MaxKey are their names.
package mongodb

import (
	"context"
	"errors"
	"net/url"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"go.mongodb.org/mongo-driver/bson"
	"go.mongodb.org/mongo-driver/mongo"
	"go.mongodb.org/mongo-driver/mongo/options"

	"crmhub/connectors"
	"crmhub/fault"
)

// Connector makes sources that are MongoDB databases.
type Connector struct{}

var _ connectors.Connector = Connector{}

// Spec returns what the connector tells of itself.
func (Connector) Spec() connectors.Spec {
	return connectors.Spec{
		Name:     "mongodb",
		Title:    fault.Text{"MongoDB", "MongoDB"},
		Category: connectors.Database,
		Doc: fault.Text{
			"Reads collections in the order of _id. Incremental reads go by a field that grows with each change (updatedAt). Deleted documents are seen through a soft-delete field, or by a sweep after a full read.",
			"按 _id 顺序读取集合。增量读取依据随每次修改而递增的字段（updatedAt）。已删除的文档通过软删除字段识别，或在全量读取之后清扫得知。",
		},
		Params: []connectors.Param{
			{Name: "url", Type: connectors.String, Required: true, Doc: fault.Text{
				"mongodb://user@host:27017/database or mongodb+srv://…, with the driver's options behind the question mark.",
				"mongodb://用户@主机:27017/数据库 或 mongodb+srv://…，问号之后可带驱动选项。",
			}},
			{Name: "password", Type: connectors.Secret, Doc: fault.Text{
				"The user's password; a reference such as ${env:MONGO_PASSWORD}.", "该用户的密码；请使用引用，例如 ${env:MONGO_PASSWORD}。",
			}},
			{Name: "database", Type: connectors.String, Doc: fault.Text{
				"The database, where it is not that of the url (which then names the one to log in to).",
				"数据库名称；当它与 url 中的数据库（用于登录验证）不同时填写。",
			}},
			{Name: "collections", Type: connectors.Strings, Doc: fault.Text{
				"Patterns of collection names that are discovered (crm_*). Default: all.", "要发现的集合名通配符（如 crm_*）。默认全部。",
			}},
			{Name: "timeout", Type: connectors.Duration, Default: 15 * time.Second, Doc: fault.Text{
				"How long connecting may take.", "建立连接的最长时间。",
			}},
		},
		Modes:  []connectors.Mode{connectors.Full, connectors.Incremental},
		Tested: []connectors.Note{{"FerretDB 1.24"}},
		Limits: fault.Text{
			"A change that does not move the cursor field, and a document that was removed, are seen by a full read with a sweep alone. Change streams are not used. There is no snapshot: a document that changes during a read is read in either state, and again by the next read.",
			"未推动游标字段的修改以及被移除的文档，只有带清扫的全量读取才能发现。不使用变更流。没有快照：读取期间修改的文档可能读到任一状态，下一次会再次读取。",
		},
	}
}

// Open checks the configuration; it connects to nothing.
func (Connector) Open(cfg connectors.Config) (connectors.Source, error) {
	raw := cfg.Params.Text("url")
	if raw == "" {
		return nil, fault.New("E2002", cfg.Name, "connector", "mongodb", "name", "url")
	}
	for _, pattern := range cfg.Params.List("collections") {
		if _, err := path.Match(pattern, ""); err != nil {
			return nil, fault.New("E2003", cfg.Name, "connector", "mongodb", "name", "collections", "want", "patterns such as crm_*")
		}
	}
	a, err := parse(cfg, raw)
	if err != nil {
		return nil, err
	}
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	s := &source{cfg: cfg, at: a, timeout: cfg.Params.Span("timeout")}
	if s.timeout <= 0 {
		s.timeout = 15 * time.Second
	}
	if !a.srv { // whose options may come from DNS
		if _, err := s.options(); err != nil {
			return nil, err
		}
	}
	return s, nil
}

// address is a url in parts.
type address struct {
	uri      string // with the password
	hosts    string // for messages
	database string
	srv      bool
}

// parse takes the url apart by hand: net/url knows no list of hosts.
func parse(cfg connectors.Config, raw string) (address, error) {
	scheme, rest, ok := strings.Cut(raw, "://")
	if !ok {
		return address{}, wrongURL(cfg, "it has no scheme", "它没有协议部分")
	}
	if scheme != "mongodb" && scheme != "mongodb+srv" {
		near := fault.Nearest(scheme, []string{"mongodb", "mongodb+srv"})
		if near == "" {
			near = "mongodb"
		}
		return address{}, fault.New("E2222", cfg.Name, "scheme", scheme, "nearest", near)
	}
	end := strings.IndexAny(rest, "/?")
	if end < 0 {
		end = len(rest)
	}
	authority, tail := rest[:end], rest[end:]
	a := address{hosts: authority, srv: scheme == "mongodb+srv"}
	if at := strings.LastIndex(authority, "@"); at >= 0 {
		user, password, has := strings.Cut(authority[:at], ":")
		a.hosts = authority[at+1:]
		name, err := url.PathUnescape(user)
		if err != nil {
			return address{}, wrongURL(cfg, "it is not spelt like a URL", "它不是合法的 URL")
		}
		if given := cfg.Params.Text("password"); given != "" {
			authority = url.UserPassword(name, given).String() + "@" + a.hosts
		} else if has {
			authority = user + ":" + password + "@" + a.hosts
		}
	}
	db, _, _ := strings.Cut(strings.TrimPrefix(tail, "/"), "?")
	db, err := url.PathUnescape(db)
	if err != nil || a.hosts == "" {
		return address{}, wrongURL(cfg, "it is not spelt like a URL", "它不是合法的 URL")
	}
	if a.database = cfg.Params.Text("database"); a.database == "" {
		a.database = db
	}
	if a.database == "" {
		return address{}, wrongURL(cfg, "it names no database", "它没有指定数据库")
	}
	a.uri = scheme + "://" + authority + rooted(cfg.Dir, tail)
	return a, nil
}

// fileOptions name files of certificates.
var fileOptions = []string{
	"tlsCAFile", "tlsCertificateKeyFile", "tlsCertificateFile", "tlsPrivateKeyFile", "sslCertificateAuthorityFile", "sslClientCertificateKeyFile",
}

// rooted starts the files that the options name where the project is: the
// driver would start them where the program was called.
func rooted(dir, tail string) string {
	before, query, ok := strings.Cut(tail, "?")
	if !ok || dir == "" {
		return tail
	}
	pairs := strings.Split(query, "&")
	for i, pair := range pairs {
		name, value, _ := strings.Cut(pair, "=")
		file, err := url.QueryUnescape(value)
		if err != nil || file == "" || filepath.IsAbs(file) {
			continue
		}
		if slices.ContainsFunc(fileOptions, func(o string) bool { return strings.EqualFold(o, name) }) {
			pairs[i] = name + "=" + url.QueryEscape(filepath.Join(dir, file))
		}
	}
	return before + "?" + strings.Join(pairs, "&")
}

// wrongURL is the fault of a url; reasons are in the order of fault.Text.
func wrongURL(cfg connectors.Config, english, chinese string) *fault.Error {
	return fault.New("E2201", cfg.Name, "reason", english, "reason_zh", chinese)
}

// source is one database. It holds a connection only while a method runs.
type source struct {
	cfg     connectors.Config
	at      address
	timeout time.Duration
}

func (s *source) options() (*options.ClientOptions, error) {
	o := options.Client().ApplyURI(s.at.uri)
	if err := o.Validate(); err != nil {
		if _, ok := trouble(err); ok {
			return nil, s.explain(context.Background(), err, s.cfg.Name)
		}
		// The error's text may hold the url; only that it is wrong goes on.
		return nil, wrongURL(s.cfg, "an option has a wrong value", "某个选项的值不正确")
	}
	o.SetAppName("crmhub").SetServerSelectionTimeout(s.timeout).SetConnectTimeout(s.timeout).SetMaxPoolSize(2)
	return o, nil
}

// connect returns the database; its client must be disconnected.
func (s *source) connect(ctx context.Context) (*mongo.Database, func() error, error) {
	if err := ctx.Err(); err != nil {
		return nil, nil, err
	}
	o, err := s.options()
	if err != nil {
		return nil, nil, err
	}
	c, err := mongo.Connect(ctx, o)
	if err != nil {
		return nil, nil, s.explain(ctx, err, s.cfg.Name)
	}
	closed := func() error {
		bye, cancel := context.WithTimeout(context.WithoutCancel(ctx), 2*time.Second)
		defer cancel()
		return c.Disconnect(bye)
	}
	if err := c.Ping(ctx, nil); err != nil {
		return nil, nil, errors.Join(s.explain(ctx, err, s.cfg.Name), closed())
	}
	return c.Database(s.at.database), closed, nil
}

// Check connects and looks for a collection that may be read.
func (s *source) Check(ctx context.Context) (err error) {
	db, closed, err := s.connect(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, closed()) }()
	names, err := db.ListCollectionNames(ctx, bson.D{})
	if err != nil {
		return s.explain(ctx, err, s.cfg.Name)
	}
	if len(names) == 0 {
		return fault.New("E2221", s.cfg.Name, "schema", s.at.database)
	}
	if err := db.Collection(names[0]).FindOne(ctx, bson.D{}).Err(); err != nil && !errors.Is(err, mongo.ErrNoDocuments) {
		return s.explain(ctx, err, s.place(names[0]))
	}
	return nil
}

// Close does nothing: no method leaves a connection open.
func (s *source) Close() error { return nil }

func (s *source) place(stream string) string { return s.cfg.Name + "/" + stream }
