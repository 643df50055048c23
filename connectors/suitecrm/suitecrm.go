// Package suitecrm reads the database of SuiteCRM and of SugarCRM Community Edition: people, organisations, leads, opportunities, calls, meetings, notes and e-mails, without any SQL to write.
package suitecrm

import (
	"crmhub/connectors"
	"crmhub/connectors/sqldb"
	"crmhub/fault"
)

// Connector returns the connector. It is a preset of the connector sqldb.
func Connector() connectors.Connector {
	return sqldb.Preset{
		UTC: true, OwnCurrency: true,
		About: connectors.Spec{
			Name:     "suitecrm",
			Title:    fault.Text{"SuiteCRM and SugarCRM database", "SuiteCRM 与 SugarCRM 数据库"},
			Category: connectors.CRM,
			Doc: fault.Text{
				"Reads the MySQL or MariaDB database of SuiteCRM 7 and 8 and of SugarCRM Community Edition, with the custom fields of each module (_cstm tables) and all e-mail addresses of a person, the primary one first. Each stream knows its key, its cursor (date_modified) and its deleted rows; a converted lead is a contact from then on, and gone.",
				"读取 SuiteCRM 7、8 以及 SugarCRM 社区版的 MySQL 或 MariaDB 数据库，包括各模块的自定义字段（_cstm 表）以及每人的全部邮箱地址（主邮箱在前）。每个数据流都自带键、游标（date_modified）并识别已删除的行；已转换的线索即成为联系人，视为已删除。",
			},
			Tested: []connectors.Note{{"MariaDB 10.11 with tables laid out as in SuiteCRM 7", "MariaDB 10.11，表结构同 SuiteCRM 7"}},
			Limits: fault.Text{
				"A row that the job Prune Database removed is seen by a sweep alone. A change in a related table (an address that is marked as invalid, an account's name) is seen when the record itself is saved. Labels of dropdown fields live in PHP files: the key of a choice is what is read. Files of notes lie outside the database. SugarCRM Professional and Enterprise (teams) are not tested.",
				"被 Prune Database 任务清除的行只能通过清扫发现。关联表中的变化（邮箱被标记为无效、客户改名）在记录本身保存时才能看到。下拉字段的显示文字在 PHP 文件中：读取的是选项的键。备注的附件文件不在数据库中。SugarCRM 专业版和企业版（团队）未测试。",
			},
		},
		Views: views,
	}
}

func stream(name string, doc fault.Text, mapping string) connectors.StreamSpec {
	return connectors.StreamSpec{Name: name, Doc: doc, Key: []string{"id"}, Cursor: "date_modified", Mapping: mapping}
}

func custom(table string) sqldb.Join {
	return sqldb.Join{Table: table, As: "x", On: "x.id_c = d.id", Optional: true}
}

// owner is the user that a record is assigned to.
var owner = sqldb.Join{Table: "users", As: "u", On: "u.id = d.assigned_user_id", Columns: []string{"user_name owner_name"}, Optional: true}

// addresses are the e-mail addresses of a record, one a line, the primary one
// first, and whether its owner wants no mail.
func addresses(module string) []sqldb.Added {
	from := " FROM email_addr_bean_rel AS r JOIN email_addresses AS a ON a.id = r.email_address_id AND a.deleted = 0" +
		" WHERE r.bean_id = d.id AND r.bean_module = '" + module + "' AND r.deleted = 0"
	needs := []string{"email_addr_bean_rel", "email_addresses"}
	return []sqldb.Added{
		{Name: "email_addresses", Needs: needs, SQL: `(SELECT GROUP_CONCAT(a.email_address ORDER BY r.primary_address DESC, a.email_address SEPARATOR '\n')` + from + " AND COALESCE(a.invalid_email, 0) = 0)"},
		{Name: "email_opt_out", Needs: needs, SQL: "(SELECT MAX(COALESCE(a.opt_out, 0))" + from + ")"},
	}
}

// first is the id on the other side of a join table: the smallest, so that
// reading twice gives the same.
func first(name, table, column, own string) sqldb.Added {
	return sqldb.Added{Name: name, Needs: []string{table}, SQL: "(SELECT MIN(r." + column + ") FROM " + table + " AS r WHERE r." + own + " = d.id AND r.deleted = 0)"}
}

// accountName is the name of the account that a contact belongs to.
var accountName = sqldb.Added{
	Name: "account_name", Needs: []string{"accounts_contacts", "accounts"},
	SQL: "(SELECT MIN(o.name) FROM accounts_contacts AS r JOIN accounts AS o ON o.id = r.account_id AND o.deleted = 0 WHERE r.contact_id = d.id AND r.deleted = 0)",
}

var views = []sqldb.View{
	{
		StreamSpec: stream("contacts", fault.Text{"People.", "联系人。"}, "suitecrm_contact.blobl"),
		Table:      "contacts", Deleted: "deleted", Joins: []sqldb.Join{custom("contacts_cstm"), owner},
		Added: append(addresses("Contacts"), first("account_id", "accounts_contacts", "account_id", "contact_id"), accountName),
	},
	{
		StreamSpec: stream("accounts", fault.Text{"Organisations.", "客户（组织）。"}, "suitecrm_account.blobl"),
		Table:      "accounts", Deleted: "deleted", Joins: []sqldb.Join{custom("accounts_cstm"), owner}, Added: addresses("Accounts"),
	},
	{
		StreamSpec: stream("leads", fault.Text{"Leads; a converted one is a contact from then on, and gone here.", "潜在客户；转换后即成为联系人，在此视为已删除。"}, "suitecrm_lead.blobl"),
		Table:      "leads", Deleted: "gone", Joins: []sqldb.Join{custom("leads_cstm"), owner},
		Added: append(addresses("Leads"), sqldb.Added{Name: "gone", SQL: "GREATEST(COALESCE(d.deleted, 0), COALESCE(d.converted, 0))"}),
	},
	{
		StreamSpec: stream("opportunities", fault.Text{"Opportunities.", "商业机会。"}, "suitecrm_opportunity.blobl"),
		Table:      "opportunities", Deleted: "deleted",
		Joins: []sqldb.Join{
			custom("opportunities_cstm"), owner,
			{Table: "currencies", As: "cur", On: "cur.id = d.currency_id", Columns: []string{"iso4217"}, Optional: true},
		},
		Added: []sqldb.Added{
			first("account_id", "accounts_opportunities", "account_id", "opportunity_id"),
			first("contact_id", "opportunities_contacts", "contact_id", "opportunity_id"),
		},
	},
	{
		StreamSpec: stream("calls", fault.Text{"Calls.", "通话。"}, "suitecrm_activity.blobl"),
		Table:      "calls", Deleted: "deleted", Joins: []sqldb.Join{custom("calls_cstm"), owner},
		Added: []sqldb.Added{{Name: "channel", SQL: "'call'"}, first("contact_id", "calls_contacts", "contact_id", "call_id")},
	},
	{
		StreamSpec: stream("meetings", fault.Text{"Meetings.", "会议。"}, "suitecrm_activity.blobl"),
		Table:      "meetings", Deleted: "deleted", Joins: []sqldb.Join{custom("meetings_cstm"), owner},
		Added: []sqldb.Added{{Name: "channel", SQL: "'visit'"}, first("contact_id", "meetings_contacts", "contact_id", "meeting_id")},
	},
	{
		StreamSpec: stream("notes", fault.Text{"Notes.", "备注。"}, "suitecrm_activity.blobl"),
		Table:      "notes", Deleted: "deleted", Joins: []sqldb.Join{custom("notes_cstm"), owner},
		Added: []sqldb.Added{{Name: "channel", SQL: "'note'"}},
	},
	{
		StreamSpec: stream("emails", fault.Text{"E-mails that are filed in the CRM.", "归档在 CRM 中的邮件。"}, "suitecrm_email.blobl"),
		Table:      "emails", Deleted: "deleted",
		Joins: []sqldb.Join{{Table: "emails_text", As: "t", On: "t.email_id = d.id", Columns: []string{"from_addr", "to_addrs", "cc_addrs", "description", "description_html"}}, owner},
	},
}
