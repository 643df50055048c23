INSERT INTO vtiger_users VALUES (1, 'admin');
INSERT INTO vtiger_currency_info VALUES (1, 'China, Yuan Renminbi', 'CNY');
INSERT INTO vtiger_crmentity (crmid, setype, smownerid, description, createdtime, modifiedtime, deleted) VALUES
  (2, 'Accounts', 1, NULL, '2015-03-01 09:00:00', '2026-02-01 10:00:00', 0), (3, 'Contacts', 1, '老客户', '2015-03-02 09:00:00', '2026-02-01 10:00:00', 0),
  (4, 'Contacts', 1, NULL, '2015-03-03 09:00:00', '2026-02-02 10:00:00', 1), (5, 'Leads', 1, NULL, '2016-03-03 09:00:00', '2026-02-02 10:00:00', 0),
  (6, 'Leads', 1, NULL, '2016-03-03 09:00:00', '2026-02-03 10:00:00', 0), (7, 'Potentials', 1, NULL, '2026-01-03 09:00:00', '2026-02-03 10:00:00', 0),
  (8, 'Potentials', 1, NULL, '2026-01-04 09:00:00', '2026-02-04 10:00:00', 0), (9, 'SalesOrder', 1, NULL, '2026-01-05 09:00:00', '2026-02-05 10:00:00', 0),
  (10, 'HelpDesk', 1, '茶叶受潮', '2026-01-06 09:00:00', '2026-02-06 10:00:00', 0), (11, 'Calendar', 1, '报价 200 斤', '2026-01-07 09:00:00', '2026-02-07 10:00:00', 0),
  (12, 'Emails', 1, '您好', '2026-01-08 09:00:00', '2026-02-08 10:00:00', 0), (13, 'Calendar', 1, NULL, '2026-01-08 09:00:00', '2026-02-08 10:00:00', 0),
  (14, 'Invoice', 1, NULL, '2026-01-09 09:00:00', '2026-02-09 10:00:00', 0), (15, 'Invoice', 1, NULL, '2026-01-09 09:00:00', '2026-02-10 10:00:00', 1);
INSERT INTO vtiger_account (accountid, account_no, accountname, account_type, phone, email1) VALUES (2, 'ACC1', '青禾茶业有限公司', 'Customer', '010-6588 0001', 'office@qinghe.example.com');
INSERT INTO vtiger_accountbillads (accountaddressid, bill_city, bill_country, bill_street) VALUES (2, 'Beijing', 'China', '88 Jianguo Road');
INSERT INTO vtiger_contactdetails (contactid, contact_no, accountid, salutation, firstname, lastname, email, mobile, donotcall) VALUES
  (3, 'CON1', 2, 'Ms.', '娜', '李', 'lina@qinghe.example.com', '138 0013 8000', '1'), (4, 'CON2', 0, NULL, NULL, 'Away', NULL, NULL, '0');
INSERT INTO vtiger_contactsubdetails (contactsubscriptionid, birthday) VALUES (3, '1990-05-17'), (4, '0000-00-00');
INSERT INTO vtiger_contactscf VALUES (3, 'gold'), (4, NULL);
INSERT INTO vtiger_leaddetails (leadid, lead_no, email, firstname, lastname, company, leadstatus, converted) VALUES
  (5, 'LEA1', 'wang@example.cn', '伟', '王', '海川贸易', 'Warm', 0), (6, 'LEA2', 'lina@qinghe.example.com', '娜', '李', '青禾茶业有限公司', 'Hot', 1);
INSERT INTO vtiger_leadaddress (leadaddressid, city, mobile) VALUES (5, '宁波', '139-0000-1111');
INSERT INTO vtiger_potential (potentialid, potential_no, related_to, potentialname, amount, closingdate, sales_stage) VALUES
  (7, 'POT1', 2, '2026 春茶', 12800.50, '2026-03-31', 'Negotiation or Review'), (8, 'POT2', 0, 'Sample boxes', 300, '2026-03-31', 'Closed Lost');
INSERT INTO vtiger_contpotentialrel VALUES (3, 8);
INSERT INTO vtiger_salesorder (salesorderid, subject, salesorder_no, contactid, accountid, total, subtotal, s_h_amount, sostatus) VALUES (9, '春茶', 'SO1', 3, 2, 12900.500, 12800.500, 100.000, 'Approved');
INSERT INTO vtiger_soshipads (soshipaddressid, ship_city, ship_country, ship_street) VALUES (9, '北京', '中国', '朝阳门外大街 1 号');
INSERT INTO vtiger_invoice (invoiceid, subject, contactid, invoicedate, subtotal, total, s_h_amount, accountid, invoicestatus, invoice_no) VALUES
  (14, '春茶', 3, '2026-01-10', 12800.500, 12900.500, 100.000, 2, 'Paid', 'INV1'), (15, 'Sample boxes', 0, NULL, 300, 300, 0, 2, 'Cancel', 'INV2');
INSERT INTO vtiger_invoicebillads (invoicebilladdressid, bill_city, bill_country, bill_street) VALUES (14, 'Beijing', 'China', '88 Jianguo Road');
INSERT INTO vtiger_invoiceshipads (invoiceshipaddressid, ship_city, ship_country, ship_street) VALUES (14, '北京', '中国', '朝阳门外大街 1 号');
INSERT INTO vtiger_troubletickets (ticketid, ticket_no, parent_id, contact_id, priority, status, title) VALUES (10, 'TT1', '2', 3, 'High', 'Open', '包装破损');
INSERT INTO vtiger_activity (activityid, subject, activitytype, date_start, time_start) VALUES
  (11, '询价', 'Call', '2026-01-07', '02:30:00'), (12, 'Re: 报价', 'Emails', '2026-01-08', ''), (13, 'buy stamps', 'Task', '2026-01-08', '');
INSERT INTO vtiger_cntactivityrel VALUES (3, 11);
INSERT INTO vtiger_seactivityrel VALUES (2, 11), (5, 12);
INSERT INTO vtiger_emaildetails (emailid, from_email, to_email, cc_email, email_flag) VALUES (12, 'sales@example.com', '["wang@example.cn"]', '', 'SENT');
