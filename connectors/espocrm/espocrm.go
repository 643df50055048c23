// Package espocrm reads the database of EspoCRM: people, organisations, leads, opportunities, calls, meetings and e-mails, without any SQL to write.
package espocrm

import (
	"crmhub/connectors"
	"crmhub/connectors/sqldb"
	"crmhub/fault"
)

// Connector returns the connector. It is a preset of the connector sqldb.
func Connector() connectors.Connector {
	return sqldb.Preset{
		UTC: true,
		About: connectors.Spec{
			Name:     "espocrm",
			Title:    fault.Text{"EspoCRM database", "EspoCRM 数据库"},
			Category: connectors.CRM,
			Doc: fault.Text{
				"Reads the MySQL or MariaDB database of EspoCRM 5 and later, with custom fields and all e-mail addresses and phone numbers of a person, the primary one first. Each stream knows its key, its cursor (modified_at) and its deleted rows; a converted lead is a contact from then on, and gone.",
				"读取 EspoCRM 5 及以上版本的 MySQL 或 MariaDB 数据库，包括自定义字段以及每人的全部邮箱地址和电话号码（主要的在前）。每个数据流都自带键、游标（modified_at）并识别已删除的行；已转换的线索即成为联系人，视为已删除。",
			},
			Tested: []connectors.Note{{"MariaDB 10.11 with tables laid out as in EspoCRM 7", "MariaDB 10.11，表结构同 EspoCRM 7"}},
			Limits: fault.Text{
				"A row that the clean-up job removed is seen by a sweep alone. A change in a related table (a number that is marked as invalid, an account's name) is seen when the record itself is saved. Attachments lie outside the database. Installations on PostgreSQL are read by the connector sqldb.",
				"被清理任务移除的行只能通过清扫发现。关联表中的变化（号码被标记为无效、客户改名）在记录本身保存时才能看到。附件不在数据库中。PostgreSQL 上的安装请使用 sqldb 连接器。",
			},
		},
		Views: views,
	}
}

func stream(name string, doc fault.Text, mapping string) connectors.StreamSpec {
	return connectors.StreamSpec{Name: name, Doc: doc, Key: []string{"id"}, Cursor: "modified_at", Mapping: mapping}
}

// owner is the user that a record is assigned to.
var owner = sqldb.Join{Table: "user", As: "u", On: "u.id = d.assigned_user_id", Columns: []string{"user_name owner_name"}, Optional: true}

var account = sqldb.Join{Table: "account", As: "acc", On: "acc.id = d.account_id", Columns: []string{"name account_name"}, Optional: true}

// reached are the e-mail addresses and phone numbers of a record, one a line,
// the primary one first, and whether its owner wants no mail.
func reached(entity string) []sqldb.Added {
	mail := " FROM entity_email_address AS r JOIN email_address AS a ON a.id = r.email_address_id AND a.deleted = 0" +
		" WHERE r.entity_id = d.id AND r.entity_type = '" + entity + "' AND r.deleted = 0"
	phone := " FROM entity_phone_number AS r JOIN phone_number AS a ON a.id = r.phone_number_id AND a.deleted = 0" +
		" WHERE r.entity_id = d.id AND r.entity_type = '" + entity + "' AND r.deleted = 0 AND COALESCE(a.invalid, 0) = 0"
	mails := []string{"entity_email_address", "email_address"}
	return []sqldb.Added{
		{Name: "email_addresses", Needs: mails, SQL: "(SELECT GROUP_CONCAT(a.name ORDER BY r.`primary` DESC, a.name SEPARATOR '\\n')" + mail + " AND COALESCE(a.invalid, 0) = 0)"},
		{Name: "email_opt_out", Needs: mails, SQL: "(SELECT MAX(COALESCE(a.opt_out, 0))" + mail + ")"},
		{
			Name: "phone_numbers", Needs: []string{"entity_phone_number", "phone_number"},
			SQL: "(SELECT GROUP_CONCAT(a.name ORDER BY r.`primary` DESC, a.name SEPARATOR '\\n')" + phone + ")",
		},
	}
}

// addressed are the addresses of an e-mail in one role (from, to, cc), one a line.
func addressed(role string) sqldb.Added {
	return sqldb.Added{
		Name: role + "_addresses", Needs: []string{"email_email_address", "email_address"},
		SQL: "(SELECT GROUP_CONCAT(a.name ORDER BY a.name SEPARATOR '\\n') FROM email_email_address AS r JOIN email_address AS a ON a.id = r.email_address_id" +
			" WHERE r.email_id = d.id AND r.address_type = '" + role + "' AND r.deleted = 0)",
	}
}

// first is the contact that an activity or opportunity is linked to: the
// smallest id, so that reading twice gives the same.
func first(table, own string) sqldb.Added {
	return sqldb.Added{Name: "linked_contact", Needs: []string{table}, SQL: "(SELECT MIN(r.contact_id) FROM " + table + " AS r WHERE r." + own + " = d.id AND r.deleted = 0)"}
}

var views = []sqldb.View{
	{
		StreamSpec: stream("contacts", fault.Text{"People.", "联系人。"}, "espocrm_contact.blobl"),
		Table:      "contact", Deleted: "deleted", Joins: []sqldb.Join{account, owner}, Added: reached("Contact"),
	},
	{
		StreamSpec: stream("accounts", fault.Text{"Organisations.", "客户（组织）。"}, "espocrm_account.blobl"),
		Table:      "account", Deleted: "deleted", Joins: []sqldb.Join{owner}, Added: reached("Account"),
	},
	{
		StreamSpec: stream("leads", fault.Text{"Leads; a converted one is a contact from then on, and gone here.", "线索；转换后即成为联系人，在此视为已删除。"}, "espocrm_lead.blobl"),
		Table:      "lead", Deleted: "gone", Joins: []sqldb.Join{owner},
		Added: append(reached("Lead"), sqldb.Added{Name: "gone", SQL: "GREATEST(COALESCE(d.deleted, 0), d.status <=> 'Converted')"}),
	},
	{
		StreamSpec: stream("opportunities", fault.Text{"Opportunities.", "商机。"}, "espocrm_opportunity.blobl"),
		Table:      "opportunity", Deleted: "deleted", Joins: []sqldb.Join{account, owner},
		Added: []sqldb.Added{first("contact_opportunity", "opportunity_id")},
	},
	{
		StreamSpec: stream("calls", fault.Text{"Calls.", "通话。"}, "espocrm_activity.blobl"),
		Table:      "call", Deleted: "deleted", Joins: []sqldb.Join{owner},
		Added: []sqldb.Added{{Name: "channel", SQL: "'call'"}, first("call_contact", "call_id")},
	},
	{
		StreamSpec: stream("meetings", fault.Text{"Meetings.", "会议。"}, "espocrm_activity.blobl"),
		Table:      "meeting", Deleted: "deleted", Joins: []sqldb.Join{owner},
		Added: []sqldb.Added{{Name: "channel", SQL: "'visit'"}, first("contact_meeting", "meeting_id")},
	},
	{
		StreamSpec: stream("emails", fault.Text{"E-mails that are filed in the CRM.", "归档在 CRM 中的邮件。"}, "espocrm_email.blobl"),
		Table:      "email", Deleted: "deleted", Joins: []sqldb.Join{owner},
		Added: []sqldb.Added{addressed("from"), addressed("to"), addressed("cc")},
	},
}
