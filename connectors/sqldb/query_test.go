package sqldb_test

import (
	"testing"
	"time"

	"crmhub/connectors"
)

// A legacy CRM keeps a contact in several tables; key, cursor and delete flag
// are columns of the pipeline's query.
func TestAQueryOverTheTablesOfALegacyCRM(t *testing.T) {
	everywhere(t, func(t *testing.T, d database) {
		stamp := map[string]string{"mysql": "DATETIME", "postgres": "timestamp", "sqlite": "DATETIME"}[d.kind]
		d.exec(t,
			"CREATE TABLE crm_entity (crmid INT NOT NULL PRIMARY KEY, modifiedtime "+stamp+" NOT NULL, deleted INT NOT NULL DEFAULT 0)",
			"CREATE TABLE crm_contact (contactid INT NOT NULL PRIMARY KEY, lastname VARCHAR(80), email VARCHAR(80))",
			"CREATE TABLE crm_address (addressid INT NOT NULL PRIMARY KEY, city VARCHAR(40))",
			"INSERT INTO crm_entity VALUES (1, '2026-01-01 00:00:00', 0), (2, '2026-01-03 00:00:00', 1), (3, '2026-01-02 00:00:00', 0), (4, '2026-01-09 00:00:00', 0)",
			"INSERT INTO crm_contact VALUES (1, '张', 'a@example.cn'), (2, '李', NULL), (3, 'Ruiz', 'c@example.cn')",
			"INSERT INTO crm_address VALUES (1, '上海'), (3, 'Sevilla')")
		s := open(t, d, nil, location(t, "Asia/Shanghai"))
		r := connectors.Request{
			Stream: "contacts", Key: []string{"contactid"}, Cursor: "modifiedtime", Deleted: "deleted", Mode: connectors.Incremental, Overlap: time.Hour,
			Query: `SELECT c.contactid, c.lastname, c.email, a.city, e.modifiedtime, e.deleted
				FROM crm_contact c JOIN crm_entity e ON e.crmid = c.contactid
				LEFT JOIN crm_address a ON a.addressid = c.contactid ;`,
		}
		rows, at := read(t, s, r)
		if got, want := keys(rows), "1 2 3"; got != want {
			t.Fatalf("keys %q, want %q", got, want)
		}
		compared(t, rows[1].Data, map[string]any{
			"contactid": num("2"), "lastname": "李", "email": nil, "city": nil, "modifiedtime": "2026-01-03T00:00:00+08:00", "deleted": num("1"),
		})
		if !rows[1].Deleted || rows[0].Deleted {
			t.Error("the delete flag is not taken from the query")
		}
		if got, want := rows[1].Place.String(), "contacts"; got != want {
			t.Errorf("place %q, want %q", got, want)
		}
		d.exec(t, "UPDATE crm_entity SET modifiedtime = '2026-02-01 00:00:00' WHERE crmid = 1")
		r.From = at
		rows, _ = read(t, s, r)
		if got, want := keys(rows), "2 1"; got != want {
			t.Errorf("after a change: keys %q, want %q", got, want)
		}
	})
}

// MyISAM tables have no snapshots; they are read all the same.
func TestTablesWithoutSnapshots(t *testing.T) {
	d := mysqlDB(t)
	d.exec(t, "CREATE TABLE people (id INT PRIMARY KEY, name VARCHAR(10), updated_at DATETIME) ENGINE=MyISAM",
		"INSERT INTO people VALUES (1, 'a', '2026-01-01'), (2, 'b', '2026-01-02')")
	s := open(t, d, nil, nil)
	rows, at := read(t, s, incremental(nil))
	if got, want := keys(rows), "1 2"; got != want {
		t.Errorf("keys %q, want %q", got, want)
	}
	rows, _ = read(t, s, incremental(at))
	if got, want := keys(rows), "2"; got != want {
		t.Errorf("quiet: keys %q, want %q", got, want)
	}
	rows, _ = read(t, s, connectors.Request{Stream: "q", Query: "SELECT * FROM people", Key: []string{"id"}})
	if got, want := keys(rows), "1 2"; got != want {
		t.Errorf("query: keys %q, want %q", got, want)
	}
}

// What marks a row as deleted, and what does not.
func TestSoftDeletes(t *testing.T) {
	d := sqliteDB(t)
	d.exec(t, "CREATE TABLE t (id INTEGER PRIMARY KEY, gone)", `INSERT INTO t VALUES
		(1, 1), (2, 0), (3, NULL), (4, '2024-01-01 00:00:00'), (5, ''), (6, 'true'), (7, 'N'), (8, 'Y'), (9, '0'), (10, 0.0), (11, -1), (12, '否')`)
	rows, _ := read(t, open(t, d, nil, nil), connectors.Request{Stream: "t", Deleted: "gone"})
	for _, r := range rows {
		want := map[string]bool{"1": true, "4": true, "6": true, "8": true, "11": true}[r.Key]
		if r.Deleted != want {
			t.Errorf("row %s: Deleted = %v, want %v", r.Key, r.Deleted, want)
		}
	}
}
