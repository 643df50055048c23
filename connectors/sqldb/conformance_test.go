package sqldb_test

import (
	"encoding/json"
	"testing"
	"time"

	"crmhub/connectors"
	"crmhub/connectors/connectortest"
	"crmhub/connectors/sqldb"
)

const canary = "canary-7f3a@example.cn"

func customers(t testing.TB, d database) {
	auto, text := "INT NOT NULL", "VARCHAR(80)"
	if d.kind == "mysql" {
		text = "VARCHAR(80) CHARACTER SET utf8mb4"
	}
	stamp := map[string]string{"mysql": "DATETIME", "postgres": "TIMESTAMP", "sqlite": "DATETIME"}[d.kind]
	d.exec(t,
		"CREATE TABLE customers (id "+auto+" PRIMARY KEY, name "+text+", email "+text+", balance DECIMAL(20,2), updated_at "+stamp+" NULL, deleted INT NOT NULL DEFAULT 0)",
		`INSERT INTO customers VALUES
		(1, '张伟', '`+canary+`', 12345678901234567.89, '2026-01-01 10:00:00', 0),
		(2, 'José 😀', NULL, -0.10, '2026-01-02 10:00:00', 0),
		(3, '', 'c@example.cn', NULL, '2026-01-02 10:00:00', 1),
		(4, 'Zoë', 'd@example.cn', 0, NULL, 0),
		(5, '李四', 'e@example.cn', 1.50, '2026-01-04 10:00:00', 0)`)
}

func wantCustomers(d database) []connectortest.Row {
	n := func(s string) any { return json.Number(s) }
	zero := map[string]string{"mysql": "0.00", "postgres": "0.00", "sqlite": "0"}[d.kind]
	row := func(key, name string, email, balance, at any, gone bool) connectortest.Row {
		flag := "0"
		if gone {
			flag = "1"
		}
		return connectortest.Row{Key: key, Place: "customers", Deleted: gone, Data: map[string]any{
			"id": n(key), "name": name, "email": email, "balance": balance, "updated_at": at, "deleted": n(flag),
		}}
	}
	rows := []connectortest.Row{
		row("1", "张伟", canary, n("12345678901234567.89"), "2026-01-01T10:00:00+08:00", false),
		row("2", "José 😀", nil, n("-0.10"), "2026-01-02T10:00:00+08:00", false),
		row("3", "", "c@example.cn", nil, "2026-01-02T10:00:00+08:00", true),
		row("4", "Zoë", "d@example.cn", n(zero), nil, false),
		row("5", "李四", "e@example.cn", n("1.50"), "2026-01-04T10:00:00+08:00", false),
	}
	if d.kind == "sqlite" { // SQLite itself keeps decimals as floats
		rows[0].Data["balance"], rows[1].Data["balance"], rows[4].Data["balance"] = n("12345678901234568"), n("-0.1"), n("1.5")
	}
	return rows
}

func TestConformance(t *testing.T) {
	china := time.FixedZone("", 8*3600)
	everywhere(t, func(t *testing.T, d database) {
		customers(t, d)
		c := connectortest.Case{
			Connector: sqldb.Connector{},
			Params:    params{"url": d.url, "password": "", "timeout": "5s"},
			Zone:      china,
			Request:   connectors.Request{Stream: "customers", Deleted: "deleted"},
			Want:      wantCustomers(d),
			Streams:   []string{"customers"},
			Broken:    []map[string]any{{"url": "mysql://127.0.0.1:1/none"}, {"url": "sqlite:nowhere.db"}, {"url": "oracle://x/y"}, {"url": "postgres://127.0.0.1:1/none"}},
			Secrets:   []string{canary, "12345678901234567.89"},
		}
		t.Run("table", func(t *testing.T) {
			c := c
			c.Faults = d.kind != "sqlite"
			connectortest.Run(t, c)
		})
		t.Run("query", func(t *testing.T) {
			c := c
			c.Request.Query = "SELECT * FROM customers -- all of them;"
			c.Request.Key = []string{"id"}
			c.Streams = nil
			c.Request.Overlap = 1 // a key of a query may repeat: boundaries are read again
			connectortest.Run(t, c)
		})
		t.Run("incremental", func(t *testing.T) {
			c := c
			c.Request.Mode, c.Request.Cursor, c.Request.Overlap = connectors.Incremental, "updated_at", time.Minute
			connectortest.Run(t, c)
		})
	})
}
