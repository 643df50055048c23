package main_test

import (
	"context"
	"database/sql"
	"encoding/csv"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	_ "github.com/go-sql-driver/mysql"

	"crmhub/record"
)

// The vtiger database of these tests: every sixth contact is also a lead,
// every twentieth row is deleted, every fifteenth birthday is a zero date.
const (
	vtigerAccounts = 30
	vtigerContacts = 120
	vtigerLeads    = 20
)

// vtiger is a database of one test, with rows, and its address.
func vtiger(t *testing.T) (db *sql.DB, address string) {
	t.Helper()
	raw := os.Getenv("CRMHUB_TEST_MYSQL")
	if raw == "" {
		t.Fatal("CRMHUB_TEST_MYSQL is not set: run make test, or give an address")
	}
	u, err := url.Parse(raw)
	if err != nil {
		t.Fatal(err)
	}
	user := u.User.Username()
	if p, ok := u.User.Password(); ok {
		user += ":" + p
	}
	u.Path = fmt.Sprintf("/crmhub_vtiger_%d", os.Getpid())
	name := u.Path[1:]
	// Zero dates come from servers that were not strict.
	dsn := user + "@tcp(" + u.Host + ")/%s?charset=utf8mb4&multiStatements=true&sql_mode=''"
	admin, err := sql.Open("mysql", fmt.Sprintf(dsn, ""))
	if err != nil {
		t.Fatal(err)
	}
	if db, err = sql.Open("mysql", fmt.Sprintf(dsn, name)); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if _, err := admin.ExecContext(context.Background(), "DROP DATABASE "+name); err != nil {
			t.Error(err)
		}
		for _, c := range []*sql.DB{db, admin} {
			if err := c.Close(); err != nil {
				t.Error(err)
			}
		}
	})
	change(t, admin, "DROP DATABASE IF EXISTS "+name+"; CREATE DATABASE "+name+" CHARACTER SET utf8mb4")
	schema, err := os.ReadFile(filepath.Join("..", "..", "connectors", "vtiger", "testdata", "schema.sql"))
	if err != nil {
		t.Fatal(err)
	}
	change(t, db, string(schema))
	change(t, db, vtigerRows())
	change(t, db, vtigerBoxes)
	return db, u.String()
}

// vtigerBoxes are the columns of PO boxes; one contact has a box in place of a street.
const vtigerBoxes = `ALTER TABLE vtiger_contactaddress ADD mailingpobox VARCHAR(30), ADD otherpobox VARCHAR(30);
ALTER TABLE vtiger_accountbillads ADD bill_pobox VARCHAR(30);
ALTER TABLE vtiger_accountshipads ADD ship_pobox VARCHAR(30);
ALTER TABLE vtiger_leadaddress ADD pobox VARCHAR(30);
UPDATE vtiger_contactaddress SET mailingstreet = '', mailingpobox = '4711' WHERE contactaddressid = 2003;`

func change(t *testing.T, db *sql.DB, statements string) {
	t.Helper()
	if _, err := db.ExecContext(t.Context(), statements); err != nil {
		t.Fatalf("%v\n%.300s", err, statements)
	}
}

// vtigerRows are the statements that fill the database. Accounts have the ids
// from 1001, contacts from 2001, leads from 3001.
func vtigerRows() string {
	family := []string{"王", "李", "张", "刘", "陈", "杨", "赵", "黄", "周", "吴"}
	given := []string{"伟明", "丽娜", "敏", "静怡", "志强", "磊"}
	surnames := []string{"Smith", "O'Brien", "Müller", "García", "Okafor", "Łukaszewicz", "Nguyen", "Åkesson", "Papadopoulos", "Dubois"}
	first := []string{"James", "Mary", "Robert", "Annika", "José", "Zoë"}
	var b strings.Builder
	put := func(table string, values ...string) {
		fmt.Fprintf(&b, "INSERT INTO %s VALUES (%s);\n", table, strings.Join(values, ","))
	}
	quote := func(s string) string { return "'" + strings.ReplaceAll(s, "'", "''") + "'" }
	// Old clients wrote UTF-8 into latin1 columns.
	raw := func(s string) string {
		return "CONVERT(x'" + hex.EncodeToString([]byte(s)) + "' USING binary)"
	}
	entity := func(id, i int, kind string) string {
		deleted := "0"
		if i%20 == 19 {
			deleted = "1"
		}
		put("vtiger_crmentity", fmt.Sprint(id), quote(kind), "1", "NULL", "'2020-01-01 00:00:00'",
			quote(fmt.Sprintf("2024-%02d-%02d 09:%02d:00", 1+i%12, 1+i%28, i%60)), deleted)
		return fmt.Sprint(id)
	}
	for i := range vtigerAccounts {
		id := entity(1001+i, i, "Accounts")
		name := "上海" + family[i/5] + "氏" + []string{"茶叶", "机械", "软件", "物流", "食品"}[i%5] + "有限公司"
		put("vtiger_account", id, quote("ACC"+id), quote(name), "'Customer'", "'Tea'", "0",
			quote(fmt.Sprintf("021-6%07d", i*91)), "''", quote(fmt.Sprintf("office%d@tea%d.example.com", i, i)), "''")
		put("vtiger_accountbillads", id, raw("上海"), raw(fmt.Sprintf("2%05d", i)), raw("China"), raw(""), raw(fmt.Sprintf("南京路%d号", i+1)))
		put("vtiger_accountshipads", id, "''", "''", "''", "''", "''")
	}
	for i := range vtigerContacts {
		id := entity(2001+i, i, "Contacts")
		f, l, who := i/2%6, i/12, "Ms."
		name, surname, street := first[f], surnames[l], fmt.Sprintf("%d Rue de l'Église %s", i, surnames[l])
		if i%2 == 0 {
			name, surname, street = given[f], family[l], fmt.Sprintf("%s家路%d号", family[l], i)
		}
		if i%15 == 1 {
			surname += " 😀"
		}
		if i%4 == 0 {
			who = "--None--"
		}
		birthday := fmt.Sprintf("%d-%02d-%02d", 1950+i%50, 1+i%12, 1+i%28)
		if i%15 == 0 {
			birthday = "0000-00-00"
		}
		put("vtiger_contactdetails", id, quote("CON"+id), fmt.Sprint(1001+i%29), quote(who), quote(name), quote(surname),
			quote(mailbox(i)+"@example.com"), "''", quote(mobile(i)), "''", "''", "''", "'0'", quote(fmt.Sprint(i%2)))
		put("vtiger_contactsubdetails", id, "''", "''", quote(birthday), "NULL")
		put("vtiger_contactaddress", id, raw("上海"), raw(street), raw("China"), "''", raw(fmt.Sprintf("2%05d", i*37)), "''", "''", "''", "''", "''")
	}
	for i := range vtigerLeads {
		id, who := entity(3001+i, i, "Leads"), 6*i // the same person as contact 2001+6i, who is Chinese
		converted := "0"
		if i%10 == 4 {
			converted = "1"
		}
		put("vtiger_leaddetails", id, quote("LEA"+id), quote(strings.ToUpper(mailbox(who))+"@Example.com"), quote(given[who/2%6]), "''",
			quote(family[who/12]), "''", "'Cold'", "'Web Site'", converted, "''")
		put("vtiger_leadaddress", id, "'上海'", "''", "''", "''", "''", quote("+86 "+mobile(who)), "''")
	}
	return b.String()
}

// mailbox and mobile are what no two people share, nor nearly.
func mailbox(i int) string { return fmt.Sprintf("u%08x", uint32(i+1)*2654435761) }
func mobile(i int) string  { return fmt.Sprintf("138%08d", (i+1)*7654321%100000000) }

// vtigerProject is a project of the shipped pipelines and mappings.
func vtigerProject(t *testing.T, address string) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "crm")
	must(t, "init", dir)
	write(t, filepath.Join(dir, "hub.yaml"), "connections:\n  legacy: {connector: sqldb, url: \""+address+"\", country: CN, zone: Asia/Shanghai}\n")
	must(t, "-C", dir, "pipeline", "add", "vtiger_account", "vtiger_contact", "vtiger_lead", "--connection", "legacy")
	return dir
}

// counted is what the last line of run -o json says of each pipeline.
func counted(t *testing.T, dir string) map[string]record.Counts {
	t.Helper()
	lines := strings.Split(strings.TrimSpace(must(t, "-C", dir, "run", "--all", "-o", "json")), "\n")
	var done struct {
		Pipelines []struct {
			Pipeline string `json:"pipeline"`
			record.Counts
			Unexplained int64 `json:"unexplained"`
		} `json:"pipelines"`
	}
	if err := json.Unmarshal([]byte(lines[len(lines)-1]), &done); err != nil {
		t.Fatal(err)
	}
	out := map[string]record.Counts{}
	for _, p := range done.Pipelines {
		if p.Unexplained != 0 {
			t.Errorf("%s: %d rows are unexplained", p.Pipeline, p.Unexplained)
		}
		out[p.Pipeline] = p.Counts
	}
	return out
}

// entities is who is whom: the members of each golden record as stream/key,
// and the golden record of each member.
func entities(t *testing.T, dir string) (sets []string, of map[string]string) {
	t.Helper()
	rows, err := csv.NewReader(strings.NewReader(must(t, "-C", dir, "golden", "export", "--format", "csv", "--members"))).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	of = map[string]string{}
	groups := map[string][]string{}
	for _, r := range rows[1:] {
		member := r[2] + "/" + r[3]
		of[member] = r[0]
		groups[r[0]] = append(groups[r[0]], member)
	}
	for _, g := range groups {
		slices.Sort(g)
		sets = append(sets, strings.Join(g, " "))
	}
	slices.Sort(sets)
	return sets, of
}

// fields are a golden record's values in clear.
func fields(t *testing.T, dir, id string) map[string]any {
	t.Helper()
	var g struct {
		Fields map[string]any `json:"fields"`
	}
	if err := json.Unmarshal([]byte(must(t, "-C", dir, "golden", "get", id, "--reveal", "--reason", "test", "-o", "json")), &g); err != nil {
		t.Fatal(err)
	}
	return g.Fields
}

func wantCounts(t *testing.T, got, want map[string]record.Counts) {
	t.Helper()
	for name, w := range want {
		if g := got[name]; g.Read != w.Read || g.Created != w.Created || g.Updated != w.Updated || g.Unchanged != w.Unchanged || g.Deleted != w.Deleted || g.Quarantined != w.Quarantined || g.Filtered != w.Filtered {
			t.Errorf("%s: %+v, want %+v", name, g, w)
		}
	}
}

// TestVtiger reads a MariaDB with vtiger's tables into golden records, by the
// pipelines and the shipped mappings alone, and follows what changes there.
func TestVtiger(t *testing.T) {
	db, address := vtiger(t)
	dir := vtigerProject(t, address)
	must(t, "-C", dir, "check")
	wantCounts(t, counted(t, dir), map[string]record.Counts{
		"vtiger_account": {Read: 30, Created: 29, Unchanged: 1},
		"vtiger_contact": {Read: 120, Created: 114, Unchanged: 6},
		"vtiger_lead":    {Read: 20, Created: 17, Unchanged: 3}, // two are converted
	})
	sets, of := entities(t, dir)
	if len(of) != 29+114+17 || len(sets) != 29+114 {
		t.Errorf("%d members in %d entities, want %d in %d: each lead is a contact", len(of), len(sets), 29+114+17, 29+114)
	}
	for i := range vtigerLeads {
		lead, contact := fmt.Sprintf("leads/%d", 3001+i), fmt.Sprintf("contacts/%d", 2001+6*i)
		if of[lead] != "" && of[contact] != "" && of[lead] != of[contact] {
			t.Errorf("%s is not with %s", lead, contact)
		}
	}
	for i := range vtigerContacts {
		if id, gone := of[fmt.Sprintf("contacts/%d", 2001+i)], i%20 == 19; (id == "") != gone {
			t.Errorf("contact %d: golden record %q, deleted %v", 2001+i, id, gone)
		}
	}

	f := fields(t, dir, of["contacts/2001"])
	if got, want := fmt.Sprint(f["full_name"], " ", f["birth_date"], " ", f["emails"], " ", f["phones"]), "王伟明 <nil> ["+mailbox(0)+"@example.com] [+86"+mobile(0)+"]"; got != want {
		t.Errorf("contact 2001 is %s, want %s", got, want)
	}
	if got := fmt.Sprint(f["addresses"]); !strings.Contains(got, "王家路0号") {
		t.Errorf("a latin1 table that holds UTF-8: %s, want 王家路0号", got)
	}
	if got := fields(t, dir, of["contacts/2002"])["family_name"]; !strings.HasPrefix(fmt.Sprint(got), "Smith") {
		t.Errorf("a name with an emoji: family name %v, want Smith", got)
	}

	// The second run reads what the overlap asks for and writes nothing.
	before := must(t, "-C", dir, "store", "digest")
	for name, c := range counted(t, dir) {
		if c.Read > 5 || c.Unchanged != c.Read {
			t.Errorf("second run of %s: %+v, want at most 5 rows, all unchanged", name, c)
		}
	}
	if got := must(t, "-C", dir, "store", "digest"); got != before {
		t.Error("a run without changes changed the digest")
	}

	change(t, db, `UPDATE vtiger_contactdetails SET mobile = '13999999999' WHERE contactid = 2001;
		UPDATE vtiger_crmentity SET modifiedtime = '2025-06-01 10:00:00' WHERE crmid = 2001`)
	if c := counted(t, dir)["vtiger_contact"]; c.Updated != 1 || c.Created != 0 || c.Deleted != 0 || c.Read > 5 {
		t.Errorf("one row changed: %+v, want one update", c)
	}
	if got := must(t, "-C", dir, "golden", "search", "13999999999"); !strings.Contains(got, of["contacts/2001"][:18]) {
		t.Errorf("the new number does not lead to its owner: %s", got)
	}

	change(t, db, `UPDATE vtiger_leaddetails SET converted = 1 WHERE leadid = 3002;
		UPDATE vtiger_crmentity SET modifiedtime = '2025-06-02 10:00:00' WHERE crmid IN (2003, 3001, 3002);
		UPDATE vtiger_crmentity SET deleted = 1 WHERE crmid IN (2003, 3001)`)
	got := counted(t, dir)
	if got["vtiger_contact"].Deleted != 1 || got["vtiger_lead"].Deleted != 2 {
		t.Errorf("a contact and a lead were deleted, a lead was converted: %+v", got)
	}
	if _, of := entities(t, dir); of["contacts/2003"] != "" || of["leads/3001"] != "" || of["leads/3002"] != "" || of["contacts/2001"] == "" {
		t.Errorf("deleted rows are still members, or their companions went with them: %v", of)
	}

	// A project that begins now ends in the same place.
	late := vtigerProject(t, address)
	counted(t, late)
	a, _ := entities(t, dir)
	if b, _ := entities(t, late); !slices.Equal(a, b) {
		t.Errorf("%d entities, want the %d of a project that began later", len(a), len(b))
	}
	if a, b := must(t, "-C", dir, "store", "digest"), must(t, "-C", late, "store", "digest"); a != b {
		t.Errorf("digest\n%s\nof a project that began later\n%s", a, b)
	}
	for _, d := range []string{dir, late} {
		if got := must(t, "-C", d, "golden", "verify", "-o", "json"); !strings.Contains(got, `"ok":true`) {
			t.Errorf("golden verify: %s", got)
		}
	}
}

// TestVtigerTableWithoutQuery reads a table by its name alone: its primary key
// is the key.
func TestVtigerTableWithoutQuery(t *testing.T) {
	_, address := vtiger(t)
	dir := filepath.Join(t.TempDir(), "crm")
	must(t, "init", dir)
	write(t, filepath.Join(dir, "hub.yaml"), "connections:\n  legacy: {connector: sqldb, url: \""+address+"\", country: CN}\n")
	write(t, filepath.Join(dir, "pipelines", "people.yaml"), "source:  {connection: legacy, stream: vtiger_contactdetails}\nmapping: vtiger_contact\ntype:    customer\n")
	for _, want := range []record.Counts{{Read: 120, Created: 120}, {Read: 120, Unchanged: 120}} {
		wantCounts(t, counted(t, dir), map[string]record.Counts{"people": want})
	}
	if _, of := entities(t, dir); of["vtiger_contactdetails/2001"] == "" {
		t.Errorf("no record has the key of its primary key: %v", of)
	}
}
