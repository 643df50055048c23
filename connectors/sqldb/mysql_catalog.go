package sqldb

import (
	"context"
	"strings"

	"crmhub/connectors"
)

const (
	mysqlTables = `SELECT table_name AS name, table_type AS kind, engine AS engine, table_rows AS estimate
FROM information_schema.tables WHERE table_schema = ?`
	mysqlColumns = `SELECT table_name AS tab, column_name AS name, column_type AS typ, is_nullable AS nullable, character_set_name AS charset
FROM information_schema.columns WHERE table_schema = ?`
	mysqlKeys = `SELECT table_name AS tab, index_name AS idx, column_name AS name, sub_part AS part, nullable AS nullable
FROM information_schema.statistics WHERE non_unique = 0 AND table_schema = ?`
	// MariaDB's JSON is LONGTEXT with a check, which the wire does not tell.
	mysqlJSON = `SELECT table_name AS tab, check_clause AS clause
FROM information_schema.check_constraints WHERE check_clause LIKE 'json_valid(%' AND constraint_schema = ?`
)

func (d *mysqlDialect) tables(ctx context.Context, l link, schema, name string) ([]table, error) {
	args := []value{textValue(schema)}
	one := ""
	if name != "" {
		one = " AND table_name = ?"
		args = append(args, textValue(name))
	}
	found, err := list(ctx, l, mysqlTables+one+" ORDER BY table_name", args...)
	if err != nil {
		return nil, err
	}
	var out []table
	at := map[string]int{}
	for _, r := range found {
		t := table{schema: schema, name: text(r, "name"), view: strings.Contains(text(r, "kind"), "VIEW"), estimate: -1}
		if n, ok := number(r, "estimate"); ok && !t.view {
			t.estimate = n
		}
		switch strings.ToLower(text(r, "engine")) {
		case "myisam", "aria", "memory", "merge", "mrg_myisam", "csv", "archive":
			t.locking = true
			engine := text(r, "engine")
			t.notes = append(t.notes, connectors.Note{"the engine " + engine + " has no snapshots: rows changed during a read may be read in either state", "引擎 " + engine + " 不支持快照：读取期间被改动的行可能读到改动前或改动后的内容"})
		}
		at[t.name] = len(out)
		out = append(out, t)
	}
	cols, err := list(ctx, l, mysqlColumns+one+" ORDER BY table_name, ordinal_position", args...)
	if err != nil {
		return nil, err
	}
	for _, r := range cols {
		if i, ok := at[text(r, "tab")]; ok {
			out[i].columns = append(out[i].columns, column{
				name: text(r, "name"), typ: text(r, "typ"), null: text(r, "nullable") == "YES", charset: text(r, "charset"),
			})
		}
	}
	keys, err := list(ctx, l, mysqlKeys+one+" ORDER BY table_name, index_name = 'PRIMARY' DESC, index_name, seq_in_index", args...)
	if err != nil {
		return nil, err
	}
	for i := range out {
		d.keys(&out[i], keys)
	}
	d.markJSON(ctx, l, out, at, one, args)
	return out, nil
}

// keys takes a table's unique indexes; those over prefixes or columns that may
// be NULL tell no two rows apart.
func (d *mysqlDialect) keys(t *table, keys []map[string]any) {
	byName := map[string][]string{}
	bad := map[string]bool{}
	var order []string
	for _, r := range keys {
		if text(r, "tab") != t.name {
			continue
		}
		idx := text(r, "idx")
		if _, seen := byName[idx]; !seen {
			order = append(order, idx)
		}
		byName[idx] = append(byName[idx], text(r, "name"))
		_, prefix := number(r, "part")
		bad[idx] = bad[idx] || prefix || text(r, "name") == "" || text(r, "nullable") == "YES"
	}
	for _, idx := range order {
		switch {
		case bad[idx]:
		case idx == "PRIMARY":
			t.primary = byName[idx]
		default:
			t.unique = append(t.unique, byName[idx])
		}
	}
}

// markJSON marks MariaDB's JSON columns. Servers that have no such view of
// checks have no such columns either, so an error is none.
func (d *mysqlDialect) markJSON(ctx context.Context, l link, out []table, at map[string]int, one string, args []value) {
	checks, err := list(ctx, l, mysqlJSON+one, args...)
	if err != nil {
		return
	}
	for _, r := range checks {
		i, ok := at[text(r, "tab")]
		if !ok {
			continue
		}
		name := strings.TrimSuffix(strings.TrimPrefix(text(r, "clause"), "json_valid("), ")")
		name = strings.ReplaceAll(strings.Trim(name, "`"), "``", "`")
		for j := range out[i].columns {
			if out[i].columns[j].name == name {
				out[i].columns[j].kind, out[i].columns[j].typ = kindJSON, "json"
			}
		}
	}
}

// describe has nothing to add: MySQL's wire tells the types.
func (d *mysqlDialect) describe(context.Context, link, []column) error { return nil }
