package demo_test

import (
	"database/sql"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	_ "modernc.org/sqlite" // the legacy CRM's database
)

// legacySchema is how MySQL's tables look where SQLite holds them.
const legacySchema = `
CREATE TABLE crm_account (accountid INTEGER PRIMARY KEY, accountname VARCHAR(200) NOT NULL, tax_no VARCHAR(50), phone VARCHAR(50), fax VARCHAR(50), email1 VARCHAR(100),
  bill_street TEXT, bill_city VARCHAR(80), bill_state VARCHAR(80), bill_code VARCHAR(30), bill_country VARCHAR(80), createdtime DATETIME, modifiedtime DATETIME, deleted TINYINT NOT NULL DEFAULT 0);
CREATE TABLE crm_contact (contactid INTEGER PRIMARY KEY, contact_no VARCHAR(20), accountid INTEGER, salutation VARCHAR(20), lastname VARCHAR(200), firstname VARCHAR(100), birthday DATE,
  mobile VARCHAR(50), phone VARCHAR(50), email VARCHAR(100), mailing_street TEXT, mailing_city VARCHAR(80), mailing_state VARCHAR(80), mailing_code VARCHAR(30), mailing_country VARCHAR(80),
  openid VARCHAR(64), donotcall TINYINT, createdtime DATETIME, modifiedtime DATETIME, deleted TINYINT NOT NULL DEFAULT 0);
`

// legacy is the CRM of ten years ago: soft deletes, zero dates, and a column of
// names that went through a latin1 connection into a utf8 table.
func (b *bundle) legacy(w *world) {
	path := filepath.Join(b.t.TempDir(), "crm.db")
	db, err := sql.Open("sqlite", path)
	if err != nil {
		b.t.Fatal(err)
	}
	exec := func(statement string, args ...any) {
		if _, err := db.Exec(statement, args...); err != nil {
			b.t.Fatalf("%s: %v", statement, err)
		}
	}
	exec("PRAGMA journal_mode=OFF")
	exec("BEGIN")
	exec(legacySchema)
	for i, f := range w.firms {
		if i%3 == 2 {
			continue
		}
		gone := 0
		if w.chance(5) {
			gone = 1
		} else {
			b.is("legacy", "crm_account", fmt.Sprint(501+i), f.id)
		}
		name, tax := f.name, any(f.credit)
		if w.chance(30) {
			name = strings.NewReplacer("有限责任公司", "", "股份有限公司", "", "有限公司", "").Replace(name)
		}
		if w.chance(30) {
			tax = nil
		}
		changed := w.during(-900, 0).Format("2006-01-02 15:04:05")
		exec("INSERT INTO crm_account VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?)", 501+i, name, tax, f.phone, "", f.email, f.at.street, f.at.city, f.at.region, f.at.post, "中国", changed, changed, gone)
	}
	for i, p := range w.people {
		if i%4 == 1 && p != w.heroine {
			continue
		}
		gone := 0
		if w.chance(6) && p != w.heroine {
			gone = 1
		} else {
			b.is("legacy", "crm_contact", fmt.Sprint(20001+i), p.id)
		}
		last, first := p.name(), ""
		if !p.chinese {
			last, first = p.family, p.given
		} else if w.chance(8) {
			last = p.latin
		}
		birthday := p.born.Format("2006-01-02")
		if w.chance(20) {
			birthday = "0000-00-00"
		} else if w.chance(3) {
			birthday = "1985-02-30" // set aside
		}
		mail := any(w.mail(p.oldEmail))
		if w.chance(30) {
			mail = nil
		}
		country := map[string]string{"CN": "中国", "GB": "United Kingdom"}[p.before.country]
		account := any(nil)
		if p.firm != nil {
			account = p.firm.id
		}
		openid := any(nil)
		if w.chance(15) && p.openid != "" {
			openid = p.openid
		}
		changed := w.during(-900, 0).Format("2006-01-02 15:04:05")
		exec("INSERT INTO crm_contact VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)", 20001+i, fmt.Sprintf("CON%d", 1+i), account, map[bool]string{true: "Mr.", false: "Ms."}[p.male],
			twice(last), first, birthday, w.slip(w.mobile(p.oldMobile)), p.landline, mail, w.street(p.before), p.before.city, p.before.region, p.before.post, country, openid, w.IntN(2), changed, changed, gone)
	}
	exec("INSERT INTO crm_contact (contactid, contact_no, lastname, birthday, modifiedtime) VALUES (29999, 'CON9999', '', '0000-00-00', '2020-01-01 00:00:00')")
	exec("COMMIT")
	exec("VACUUM")
	if err := db.Close(); err != nil {
		b.t.Fatal(err)
	}
	data, err := os.ReadFile(path)
	if err != nil {
		b.t.Fatal(err)
	}
	b.put("data/legacy/crm.db", data)
}

// twice encodes text in UTF-8 as if its bytes were Windows-1252, as MySQL does
// behind a latin1 connection.
func twice(s string) string {
	high := []rune("€\u0081‚ƒ„…†‡ˆ‰Š‹Œ\u008dŽ\u008f\u0090‘’“”•–—˜™š›œ\u009džŸ")
	var b strings.Builder
	for i := range len(s) {
		switch c := s[i]; {
		case c >= 0x80 && c < 0xa0:
			b.WriteRune(high[c-0x80])
		default:
			b.WriteRune(rune(c))
		}
	}
	return b.String()
}
