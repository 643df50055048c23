package sqldb

import (
	"context"
	"slices"
	"strings"

	"crmhub/connectors"
)

const (
	sqliteTables = `SELECT l.name AS name, l.type AS type, l.wr AS worowid FROM pragma_table_list AS l
WHERE l.schema = 'main' AND l.type IN ('table', 'view', 'virtual') AND l.name NOT LIKE 'sqlite\_%' ESCAPE '\' ORDER BY l.name`
	sqliteColumns = `SELECT name AS name, type AS typ, "notnull" AS filled, pk AS pk FROM pragma_table_xinfo(?) WHERE hidden <> 1 ORDER BY cid`
	sqliteIndexes = `SELECT l.name AS idx, i.name AS name, l.partial AS partial FROM pragma_index_list(?) AS l, pragma_index_info(l.name) AS i
WHERE l."unique" = 1 AND l.origin <> 'pk' ORDER BY l.name, i.seqno`
)

func (d *sqliteDialect) tables(ctx context.Context, l link, schema, name string) ([]table, error) {
	if schema != "main" {
		return nil, nil
	}
	found, err := list(ctx, l, sqliteTables)
	if err != nil {
		return nil, err
	}
	version, err := list(ctx, l, "PRAGMA schema_version")
	if err != nil {
		return nil, err
	}
	var out []table
	for _, r := range found {
		t := table{schema: schema, name: text(r, "name"), view: text(r, "type") == "view", estimate: -1}
		if name != "" && t.name != name {
			continue
		}
		for _, v := range version {
			t.schemaVersion = text(v, "schema_version")
		}
		if err := d.columns(ctx, l, &t, !flag(r, "worowid") && text(r, "type") == "table"); err != nil {
			return nil, err
		}
		if !l.snapshot() {
			t.notes = append(t.notes, connectors.Note{
				"the file has no write-ahead log: rows are read in short steps, so that its writers never wait, and rows changed meanwhile may be read in either state",
				"该文件没有预写日志：分小段读取，写入方无需等待；其间被改动的行可能读到改动前或改动后的内容",
			})
		}
		out = append(out, t)
	}
	return out, nil
}

func (d *sqliteDialect) columns(ctx context.Context, l link, t *table, rowid bool) error {
	cols, err := list(ctx, l, sqliteColumns, textValue(t.name))
	if err != nil {
		return err
	}
	var primary []string
	filled := true
	for _, r := range cols {
		c := column{name: text(r, "name"), typ: text(r, "typ"), null: !flag(r, "filled")}
		c.kind = sqliteKind(c.typ)
		t.columns = append(t.columns, c)
	}
	for at := int64(1); ; at++ {
		i := slices.IndexFunc(cols, func(r map[string]any) bool { n, _ := number(r, "pk"); return n == at })
		if i < 0 {
			break
		}
		primary = append(primary, t.columns[i].name)
		// INTEGER PRIMARY KEY is the rowid, which is never NULL; other keys may be.
		alias := strings.EqualFold(t.columns[i].typ, "integer") && rowid
		filled = filled && (!t.columns[i].null || alias || !rowid)
	}
	t.primary = primary
	if len(primary) == 0 || !filled {
		if err := d.unique(ctx, l, t); err != nil {
			return err
		}
	}
	if !rowid || (len(primary) > 0 && filled) {
		return nil
	}
	for _, name := range []string{"rowid", "_rowid_", "oid"} {
		if !slices.ContainsFunc(t.columns, func(c column) bool { return strings.EqualFold(c.name, name) }) {
			t.rowid = name
			return nil
		}
	}
	return nil
}

// unique takes the unique indexes over columns that are never NULL.
func (d *sqliteDialect) unique(ctx context.Context, l link, t *table) error {
	found, err := list(ctx, l, sqliteIndexes, textValue(t.name))
	if err != nil {
		return err
	}
	byName := map[string][]string{}
	bad := map[string]bool{}
	var order []string
	for _, r := range found {
		idx, name := text(r, "idx"), text(r, "name")
		if _, seen := byName[idx]; !seen {
			order = append(order, idx)
		}
		byName[idx] = append(byName[idx], name)
		i := slices.IndexFunc(t.columns, func(c column) bool { return c.name == name })
		bad[idx] = bad[idx] || flag(r, "partial") || i < 0 || t.columns[i].null
	}
	for _, idx := range order {
		if !bad[idx] {
			t.unique = append(t.unique, byName[idx])
		}
	}
	return nil
}

// sqliteKind says how text in a column of a declared type is read. Declared
// types bind nobody in SQLite, so numbers and blobs go by what they are.
func sqliteKind(typ string) kind {
	word, _, _ := strings.Cut(strings.ToUpper(strings.TrimSpace(typ)), "(")
	switch word {
	case "DATE":
		return kindDate
	case "DATETIME", "TIMESTAMP":
		return kindDateTime
	case "JSON", "JSONB":
		return kindJSON
	case "DECIMAL", "NUMERIC":
		return kindNumber
	}
	return kindText
}

// describe has nothing to add: a query's columns go by what they hold.
func (d *sqliteDialect) describe(context.Context, link, []column) error { return nil }
