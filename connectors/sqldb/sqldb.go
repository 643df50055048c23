// Package sqldb reads tables, views and queries of MySQL, MariaDB, PostgreSQL and SQLite databases, whole or by what changed.
//
// Values. Whole and decimal numbers keep every digit; unsigned 64-bit numbers
// too. A date is 2006-01-02; a time is RFC 3339, in UTC where the database
// knows the instant (timestamptz, MySQL's TIMESTAMP) and with the connection's
// zone where it does not (DATETIME, timestamp). MySQL's 0000-00-00 is null;
// a partial date (2024-05-00) stays the text that it is. Binary columns are
// text where they hold text and base64 elsewhere; BINARY(n) is always base64.
// MySQL's BIT is a number. JSON columns and PostgreSQL's arrays are decoded;
// intervals are ISO 8601 durations.
//
// Order. A table is read in the order of its primary key, or another unique
// key without NULLs, in one read-only snapshot, and goes on after the last key
// handed over. Without such a key a pipeline's own key gives the order; rows
// that share the last key are then read again when a read is resumed. Without
// any order an unfinished read starts anew.
package sqldb

import (
	"context"
	"net"
	"path"
	"time"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/htmlindex"

	"crmhub/connectors"
	"crmhub/fault"
)

// Connector makes sources that are SQL databases.
type Connector struct{}

var _ connectors.Connector = Connector{}

// Spec returns what the connector tells of itself.
func (Connector) Spec() connectors.Spec {
	return connectors.Spec{
		Name:     "sqldb",
		Title:    fault.Text{"SQL database (MySQL, MariaDB, PostgreSQL, SQLite)", "SQL 数据库（MySQL、MariaDB、PostgreSQL、SQLite）"},
		Category: connectors.Database,
		Doc: fault.Text{
			"Reads tables, views and queries in key order, inside one read-only snapshot, without locks. Incremental reads go by a cursor column (updated_at, modifiedtime, a version). Deleted rows are seen through a soft-delete column, or by a sweep after a full read.",
			"在一个只读快照内按主键顺序读取表、视图和查询，不加锁。增量读取依据游标列（updated_at、modifiedtime 或版本号）。已删除的行通过软删除列识别，或在全量读取之后清扫得知。",
		},
		Params: []connectors.Param{
			{Name: "url", Type: connectors.String, Required: true, Doc: fault.Text{
				"mysql://user@host:3306/database, mariadb://…, postgres://user@host:5432/database or sqlite:path. TLS by sslmode, sslrootcert, sslcert and sslkey behind the question mark, for MySQL as for PostgreSQL.",
				"mysql://用户@主机:3306/数据库、mariadb://…、postgres://用户@主机:5432/数据库 或 sqlite:路径。TLS 通过问号后的 sslmode、sslrootcert、sslcert、sslkey 设置，MySQL 与 PostgreSQL 相同。",
			}},
			{Name: "password", Type: connectors.Secret, Doc: fault.Text{
				"The user's password; a reference such as ${env:CRM_PASSWORD}.",
				"该用户的密码；请使用引用，例如 ${env:CRM_PASSWORD}。",
			}},
			{Name: "schema", Type: connectors.String, Doc: fault.Text{
				"The schema that table names belong to (PostgreSQL; MySQL: another database). Default: the connection's own.",
				"表名所属的模式（PostgreSQL;MySQL 为另一个数据库）。默认为连接自身的模式。",
			}},
			{Name: "tables", Type: connectors.Strings, Doc: fault.Text{
				"Patterns of table names that are discovered (vtiger_*). Default: all.",
				"要发现的表名通配符（如 vtiger_*）。默认全部。",
			}},
			{Name: "charset", Type: connectors.String, Doc: fault.Text{
				"How text is read that is not valid UTF-8 (SQLite files and SQL_ASCII databases): gb18030, big5, windows-1252 … Without it such rows are quarantined.",
				"非 UTF-8 文本的编码（SQLite 文件与 SQL_ASCII 数据库）：gb18030、big5、windows-1252 等。未设置时这些行会被隔离。",
			}},
			{
				Name: "fix_encoding", Type: connectors.String, Default: fixAuto,
				Enum: []string{fixAuto, fixOff, fixUTF8, fixGB18030, fixBig5},
				Doc: fault.Text{
					"Repairs text that was stored through a connection of the wrong character set (å¼ ä¼Ÿ for 张伟). auto finds the columns, discover says which and how sure; latin1-utf8, latin1-gb18030 and latin1-big5 repair every text column.",
					"修复因连接字符集错误而被二次编码的文本（张伟 变成 å¼ ä¼Ÿ）。auto 自动找出这些列，discover 会说明是哪些列以及把握程度；latin1-utf8、latin1-gb18030、latin1-big5 修复所有文本列。",
				},
			},
			{Name: "timeout", Type: connectors.Duration, Default: 15 * time.Second, Doc: fault.Text{
				"How long connecting may take.", "建立连接的最长时间。",
			}},
		},
		Modes:  []connectors.Mode{connectors.Full, connectors.Incremental},
		Query:  true,
		Tested: []connectors.Note{{"MariaDB 10.11"}, {"PostgreSQL 15"}, {"SQLite 3"}},
		Limits: fault.Text{
			"An incremental read sees what its cursor column shows: a change that does not move the cursor, and a row that was deleted outright, are seen by a full read with a sweep alone. A row that commits late behind the cursor needs an overlap.",
			"增量读取只能看到游标列反映的变化：未推动游标的修改以及直接删除的行，只有带清扫的全量读取才能发现。晚于游标提交的行需要设置重叠时间。",
		},
	}
}

// Open checks the configuration; it connects to nothing.
func (c Connector) Open(cfg connectors.Config) (connectors.Source, error) {
	if cfg.Params.Text("url") == "" {
		return nil, fault.New("E2002", cfg.Name, "connector", "sqldb", "name", "url")
	}
	for _, pattern := range cfg.Params.List("tables") {
		if _, err := path.Match(pattern, ""); err != nil {
			return nil, fault.New("E2003", cfg.Name, "connector", "sqldb", "name", "tables", "want", "patterns such as crm_*")
		}
	}
	s := &source{cfg: cfg, fix: cfg.Params.Text("fix_encoding"), timeout: cfg.Params.Span("timeout"), zone: cfg.Zone}
	if s.fix == "" {
		s.fix = fixAuto
	}
	if s.timeout <= 0 {
		s.timeout = 15 * time.Second
	}
	if s.zone == nil {
		s.zone = time.UTC
	}
	if s.cfg.Now == nil {
		s.cfg.Now = time.Now
	}
	if name := cfg.Params.Text("charset"); name != "" {
		e, err := htmlindex.Get(name)
		if err != nil {
			return nil, fault.New("E2003", cfg.Name, "connector", "sqldb", "name", "charset", "want", "gb18030 | big5 | shift_jis | windows-1252 | …")
		}
		s.charset = e
	}
	d, err := dialectOf(cfg)
	if err != nil {
		return nil, err
	}
	s.d = d
	return s, nil
}

// source is one database. It holds a connection only while a method runs.
type source struct {
	cfg     connectors.Config
	d       dialect
	fix     string
	charset encoding.Encoding
	timeout time.Duration
	zone    *time.Location
	preset  *Preset // nil where any table is a stream
}

// leave closes a link. All that was asked was answered by then, so a server
// that is gone is worth a line in the log and no more.
func (s *source) leave(l link) {
	if err := l.close(); err != nil && s.cfg.Log != nil {
		s.cfg.Log.Debug("connection not closed in good order", "connection", s.cfg.Name)
	}
}

// Check connects and looks for a table that may be read.
func (s *source) Check(ctx context.Context) error {
	l, err := s.connect(ctx)
	if err != nil {
		return err
	}
	defer s.leave(l)
	if s.preset != nil {
		return s.checkPreset(ctx, l)
	}
	schema, err := s.schema(ctx, l)
	if err != nil {
		return err
	}
	ts, err := s.d.tables(ctx, l, schema, "")
	if err != nil {
		return s.explain(ctx, err, s.cfg.Name)
	}
	if len(ts) == 0 {
		return fault.New("E2221", s.cfg.Name, "schema", schema)
	}
	return nil
}

// Close does nothing: no method leaves a connection open.
func (s *source) Close() error { return nil }

func (s *source) connect(ctx context.Context) (link, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	dial, cancel := context.WithTimeout(ctx, s.timeout)
	defer cancel()
	l, err := s.d.connect(dial)
	if err == nil {
		return l, nil
	}
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	t := s.d.explain(err)
	if dial.Err() != nil || t.what == lost || (t.what == other && isNetwork(err)) {
		t.what = away
	}
	return nil, s.fault(t, s.cfg.Name).Because(err)
}

func (s *source) schema(ctx context.Context, l link) (string, error) {
	if schema := s.cfg.Params.Text("schema"); schema != "" {
		return schema, nil
	}
	schema, err := s.d.schema(ctx, l)
	if err != nil {
		return "", s.explain(ctx, err, s.cfg.Name)
	}
	return schema, nil
}

func isNetwork(err error) bool {
	_, ok := asError[net.Error](err)
	return ok
}
