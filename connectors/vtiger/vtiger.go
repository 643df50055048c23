// Package vtiger reads the database of vtiger CRM 5 and later: people, organisations, leads, opportunities, orders, tickets and activities, without any SQL to write.
package vtiger

import (
	"crmhub/connectors"
	"crmhub/connectors/sqldb"
	"crmhub/fault"
)

// Connector returns the connector. It is a preset of the connector sqldb.
func Connector() connectors.Connector {
	return sqldb.Preset{
		About: connectors.Spec{
			Name:     "vtiger",
			Title:    fault.Text{"vtiger CRM database", "vtiger CRM 数据库"},
			Category: connectors.CRM,
			Doc: fault.Text{
				"Reads the MySQL or MariaDB database of vtiger CRM 5 and later, with the custom fields (cf_…) of each module. Each stream knows its key, its cursor (modifiedtime) and which rows are in the recycle bin or were converted: those are gone.",
				"读取 vtiger CRM 5 及以上版本的 MySQL 或 MariaDB 数据库，包括各模块的自定义字段（cf_…）。每个数据流都自带键、游标（modifiedtime），并知道哪些行在回收站中或已被转换：它们视为已删除。",
			},
			Tested: []connectors.Note{{"MariaDB 10.11 with tables laid out as in vtiger CRM 5 to 7", "MariaDB 10.11，表结构同 vtiger CRM 5 至 7"}},
			Limits: fault.Text{
				"A row that was removed from the recycle bin is seen by a sweep alone. A change of an organisation's name does not reach its contacts until they change. Files of documents and e-mails lie outside the database. vtiger 5 keeps times in its server's zone: give the connection that zone.",
				"从回收站彻底清除的行只能通过清扫发现。组织改名在联系人自身变更之前不会传到联系人。文档与邮件的附件文件不在数据库中。vtiger 5 按服务器时区存储时间：请为连接设置该时区。",
			},
		},
		Views: views,
	}
}

// entity is the row that every record has: when it changed, whether it is gone.
func entity(key string) sqldb.Join {
	return sqldb.Join{Table: "vtiger_crmentity", As: "e", On: "e.crmid = d." + key, Columns: []string{"createdtime", "modifiedtime", "deleted", "description", "smownerid"}}
}

func custom(table, key string) sqldb.Join {
	return sqldb.Join{Table: table, As: "cf", On: "cf." + key + " = d." + key, Optional: true}
}

func stream(name string, doc fault.Text, key, mapping string) connectors.StreamSpec {
	return connectors.StreamSpec{Name: name, Doc: doc, Key: []string{key}, Cursor: "modifiedtime", Mapping: mapping}
}

// owner is the user that a record is assigned to.
var owner = sqldb.Join{Table: "vtiger_users", As: "u", On: "u.id = e.smownerid", Columns: []string{"user_name owner_name"}, Optional: true}

// currency is the code of the currency that an inventory record is in.
var currency = sqldb.Join{Table: "vtiger_currency_info", As: "cur", On: "cur.id = d.currency_id", Columns: []string{"currency_code"}, Optional: true}

// kept is the condition of rows that are those of a module: an id is an
// entity of one module only, and rows without their entity are debris.
const kept = "e.crmid IS NOT NULL"

var views = []sqldb.View{
	{
		StreamSpec: stream("contacts", fault.Text{"People.", "联系人。"}, "contactid", "vtiger_contact.blobl"),
		Table:      "vtiger_contactdetails", Deleted: "deleted", Where: kept,
		Joins: []sqldb.Join{
			entity("contactid"),
			{Table: "vtiger_contactsubdetails", As: "s", On: "s.contactsubscriptionid = d.contactid", Columns: []string{"birthday", "homephone", "otherphone", "leadsource"}},
			{Table: "vtiger_contactaddress", As: "a", On: "a.contactaddressid = d.contactid"},
			{Table: "vtiger_account", As: "acc", On: "acc.accountid = d.accountid", Columns: []string{"accountname"}},
			custom("vtiger_contactscf", "contactid"), owner,
		},
	},
	{
		StreamSpec: stream("accounts", fault.Text{"Organisations.", "组织。"}, "accountid", "vtiger_account.blobl"),
		Table:      "vtiger_account", Deleted: "deleted", Where: kept,
		Joins: []sqldb.Join{
			entity("accountid"),
			{Table: "vtiger_accountbillads", As: "b", On: "b.accountaddressid = d.accountid"},
			{Table: "vtiger_accountshipads", As: "s", On: "s.accountaddressid = d.accountid"},
			custom("vtiger_accountscf", "accountid"), owner,
		},
	},
	{
		StreamSpec: stream("leads", fault.Text{"Leads; a converted one is a contact from then on, and gone here.", "线索；转换后即成为联系人，在此视为已删除。"}, "leadid", "vtiger_lead.blobl"),
		Table:      "vtiger_leaddetails", Deleted: "gone", Where: kept,
		Joins: []sqldb.Join{
			entity("leadid"),
			{Table: "vtiger_leadaddress", As: "a", On: "a.leadaddressid = d.leadid"},
			{Table: "vtiger_leadsubdetails", As: "s", On: "s.leadsubscriptionid = d.leadid", Columns: []string{"website"}, Optional: true},
			custom("vtiger_leadscf", "leadid"), owner,
		},
		Added: []sqldb.Added{{Name: "gone", SQL: "GREATEST(e.deleted, COALESCE(d.converted, 0))"}},
	},
	{
		StreamSpec: stream("opportunities", fault.Text{"Opportunities (potentials).", "商机。"}, "potentialid", "vtiger_opportunity.blobl"),
		Table:      "vtiger_potential", Deleted: "deleted", Where: kept,
		Joins: []sqldb.Join{entity("potentialid"), custom("vtiger_potentialscf", "potentialid"), owner},
		Added: []sqldb.Added{
			// Opportunities are in the currency that vtiger counts in, its first.
			{Name: "currency_code", Needs: []string{"vtiger_currency_info"}, SQL: "(SELECT MIN(c.currency_code) FROM vtiger_currency_info AS c WHERE c.id = 1)"},
			{
				Name: "related_module", Needs: []string{"vtiger_potential.related_to"},
				SQL: "(SELECT r.setype FROM vtiger_crmentity AS r WHERE r.crmid = d.related_to)",
			},
			{
				Name: "linked_contact", Needs: []string{"vtiger_contpotentialrel"},
				SQL: "(SELECT MIN(r.contactid) FROM vtiger_contpotentialrel AS r WHERE r.potentialid = d.potentialid)",
			},
		},
	},
	{
		StreamSpec: stream("orders", fault.Text{"Sales orders, with their addresses.", "销售订单及其地址。"}, "salesorderid", "vtiger_order.blobl"),
		Table:      "vtiger_salesorder", Deleted: "deleted", Where: kept,
		Joins: []sqldb.Join{
			entity("salesorderid"), currency,
			{Table: "vtiger_sobillads", As: "b", On: "b.sobilladdressid = d.salesorderid"},
			{Table: "vtiger_soshipads", As: "s", On: "s.soshipaddressid = d.salesorderid"},
			custom("vtiger_salesordercf", "salesorderid"), owner,
		},
	},
	{
		StreamSpec: stream("invoices", fault.Text{"Invoices, with their addresses.", "发票及其地址。"}, "invoiceid", "vtiger_order.blobl"),
		Table:      "vtiger_invoice", Deleted: "deleted", Where: kept,
		Joins: []sqldb.Join{
			entity("invoiceid"), currency,
			{Table: "vtiger_invoicebillads", As: "b", On: "b.invoicebilladdressid = d.invoiceid"},
			{Table: "vtiger_invoiceshipads", As: "s", On: "s.invoiceshipaddressid = d.invoiceid"},
			custom("vtiger_invoicecf", "invoiceid"), owner,
		},
	},
	{
		StreamSpec: stream("tickets", fault.Text{"Tickets of the help desk.", "服务工单。"}, "ticketid", "vtiger_ticket.blobl"),
		Table:      "vtiger_troubletickets", Deleted: "deleted", Where: kept,
		Joins: []sqldb.Join{entity("ticketid"), custom("vtiger_ticketcf", "ticketid"), owner},
		Added: []sqldb.Added{
			{
				Name: "related_module", Needs: []string{"vtiger_troubletickets.parent_id"},
				SQL: "(SELECT r.setype FROM vtiger_crmentity AS r WHERE r.crmid = d.parent_id)",
			},
		},
	},
	{
		StreamSpec: stream("activities", fault.Text{"Calls, meetings and e-mails of the calendar.", "日程中的电话、会议和邮件。"}, "activityid", "vtiger_activity.blobl"),
		Table:      "vtiger_activity", Deleted: "deleted", Where: kept + " AND d.activitytype <> 'Task'",
		Joins: []sqldb.Join{
			entity("activityid"), owner,
			{
				Table: "vtiger_emaildetails", As: "m", On: "m.emailid = d.activityid", Optional: true,
				Columns: []string{"from_email", "to_email", "cc_email", "email_flag"},
			},
		},
		Added: []sqldb.Added{
			{
				Name: "contactid", Needs: []string{"vtiger_cntactivityrel"},
				SQL: "(SELECT MIN(r.contactid) FROM vtiger_cntactivityrel AS r WHERE r.activityid = d.activityid)",
			},
			{
				Name: "related_to", Needs: []string{"vtiger_seactivityrel"},
				SQL: "(SELECT MIN(r.crmid) FROM vtiger_seactivityrel AS r WHERE r.activityid = d.activityid)",
			},
			{
				Name: "related_module", Needs: []string{"vtiger_seactivityrel"},
				SQL: "(SELECT x.setype FROM vtiger_crmentity AS x WHERE x.crmid = (SELECT MIN(r.crmid) FROM vtiger_seactivityrel AS r WHERE r.activityid = d.activityid))",
			},
		},
	},
}
