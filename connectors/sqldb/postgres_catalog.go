package sqldb

import (
	"context"
	"strconv"
	"strings"
)

const (
	postgresTables = `SELECT c.relname::text AS name, c.relkind::text AS kind, c.reltuples::int8 AS estimate
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND NOT c.relispartition AND has_table_privilege(c.oid, 'SELECT') AND n.nspname = $1`
	postgresColumns = `SELECT c.relname::text AS tab, a.attname::text AS name, format_type(a.atttypid, a.atttypmod) AS typ, a.attnotnull AS filled
FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE a.attnum > 0 AND NOT a.attisdropped AND c.relkind IN ('r', 'p', 'v', 'm', 'f') AND n.nspname = $1`
	postgresKeys = `SELECT c.relname::text AS tab, x.relname::text AS idx, i.indisprimary AS prim, a.attname::text AS name, a.attnotnull AS filled
FROM pg_index i JOIN pg_class c ON c.oid = i.indrelid JOIN pg_class x ON x.oid = i.indexrelid
JOIN pg_namespace n ON n.oid = c.relnamespace
CROSS JOIN LATERAL unnest(i.indkey::int2[]) WITH ORDINALITY AS k(attnum, ord)
JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = k.attnum
WHERE i.indisunique AND i.indisvalid AND i.indpred IS NULL AND i.indexprs IS NULL AND k.ord <= i.indnkeyatts AND n.nspname = $1`
	postgresTypes = `SELECT t.oid::int8 AS oid, format_type(t.oid, NULL) AS typ, t.typcategory::text AS category, t.typelem::int8 AS elem
FROM pg_type t WHERE t.oid = ANY($1::text::oid[])`
)

// The numbers of PostgreSQL's own types, which never change.
const (
	oidBool, oidBytea, oidChar, oidInt8, oidInt2, oidInt4, oidText, oidOID = 16, 17, 18, 20, 21, 23, 25, 26
	oidJSON, oidFloat4, oidFloat8, oidMoney, oidBpchar                     = 114, 700, 701, 790, 1042
	oidDate, oidTimestamp, oidTimestamptz, oidBit, oidNumeric, oidJSONB    = 1082, 1114, 1184, 1560, 1700, 3802
)

// postgresArrays are the array types of the common types.
var postgresArrays = map[uint32]uint32{
	1000: oidBool, 1001: oidBytea, 1016: oidInt8, 1005: oidInt2, 1007: oidInt4, 1009: oidText, 1015: oidText, 1014: oidText,
	199: oidJSON, 1021: oidFloat4, 1022: oidFloat8, 1182: oidDate, 1115: oidTimestamp, 1185: oidTimestamptz, 1231: oidNumeric, 3807: oidJSONB,
}

// postgresKind says how a type is read, and the elements of an array.
func postgresKind(oid uint32) (kind, kind) {
	switch oid {
	case oidBool:
		return kindBool, 0
	case oidInt2, oidInt4, oidInt8, oidOID, oidFloat4, oidFloat8, oidNumeric:
		return kindNumber, 0
	case oidMoney:
		return kindMoney, 0
	case oidBytea:
		return kindBytes, 0
	case oidJSON, oidJSONB:
		return kindJSON, 0
	case oidDate:
		return kindDate, 0
	case oidTimestamp:
		return kindDateTime, 0
	case oidTimestamptz:
		return kindInstant, 0
	}
	if elem, ok := postgresArrays[oid]; ok {
		k, _ := postgresKind(elem)
		return kindArray, k
	}
	return kindText, 0
}

func (d *postgresDialect) tables(ctx context.Context, l link, schema, name string) ([]table, error) {
	args := []value{textValue(schema)}
	one := ""
	if name != "" {
		one = " AND c.relname = $2"
		args = append(args, textValue(name))
	}
	found, err := list(ctx, l, postgresTables+one+" ORDER BY c.relname", args...)
	if err != nil {
		return nil, err
	}
	var out []table
	at := map[string]int{}
	for _, r := range found {
		kind := text(r, "kind")
		t := table{schema: schema, name: text(r, "name"), view: kind == "v" || kind == "m", estimate: -1}
		if n, ok := number(r, "estimate"); ok && kind == "r" {
			t.estimate = n
		}
		at[t.name] = len(out)
		out = append(out, t)
	}
	cols, err := list(ctx, l, postgresColumns+one+" ORDER BY c.relname, a.attnum", args...)
	if err != nil {
		return nil, err
	}
	for _, r := range cols {
		if i, ok := at[text(r, "tab")]; ok {
			out[i].columns = append(out[i].columns, column{name: text(r, "name"), typ: text(r, "typ"), null: !flag(r, "filled")})
		}
	}
	keys, err := list(ctx, l, postgresKeys+one+" ORDER BY c.relname, i.indisprimary DESC, x.relname, k.ord", args...)
	if err != nil {
		return nil, err
	}
	for i := range out {
		d.keys(&out[i], keys)
	}
	return out, nil
}

func (d *postgresDialect) keys(t *table, keys []map[string]any) {
	var idx string
	var cols []string
	whole, primary := true, false
	take := func() {
		switch {
		case len(cols) == 0 || !whole:
		case primary:
			t.primary = cols
		default:
			t.unique = append(t.unique, cols)
		}
	}
	for _, r := range keys {
		if text(r, "tab") != t.name {
			continue
		}
		if text(r, "idx") != idx {
			take()
			idx, cols, whole, primary = text(r, "idx"), nil, true, flag(r, "prim")
		}
		cols = append(cols, text(r, "name"))
		whole = whole && flag(r, "filled")
	}
	take()
}

// describe names the types of a result, and finds the elements of arrays that
// are not among the common ones.
func (d *postgresDialect) describe(ctx context.Context, l link, cols []column) error {
	var oids []string
	for _, c := range cols {
		oids = append(oids, strconv.FormatUint(uint64(c.oid), 10))
	}
	found, err := list(ctx, l, postgresTypes, textValue("{"+strings.Join(oids, ",")+"}"))
	if err != nil {
		return err
	}
	for _, r := range found {
		oid, _ := number(r, "oid")
		for i := range cols {
			c := &cols[i]
			if int64(c.oid) != oid {
				continue
			}
			// Cast to them, these two would cut to one character.
			switch c.typ = text(r, "typ"); c.oid {
			case oidBpchar:
				c.typ = "bpchar"
			case oidBit:
				c.typ = `"bit"`
			case oidChar:
				c.typ = `"char"`
			}
			if text(r, "category") == "A" && c.kind != kindArray {
				elem, _ := number(r, "elem")
				c.kind = kindArray
				c.elem, _ = postgresKind(uint32(elem))
			}
		}
	}
	return nil
}
