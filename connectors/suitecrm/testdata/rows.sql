INSERT INTO users VALUES ('u1', 'lina', 0);
INSERT INTO accounts (id, name, date_entered, date_modified, deleted, assigned_user_id, account_type, industry, billing_address_street, billing_address_city, billing_address_country, phone_office, website) VALUES
  ('a1', '青禾茶业有限公司', '2024-01-05 08:00:00', '2026-02-01 10:00:00', 0, 'u1', 'Customer', 'Retail', '建国路 88 号', '北京', 'CN', '010-6588 0001', 'http://qinghe.example.com'),
  ('a2', 'Old Mill Ltd', '2020-01-05 08:00:00', '2026-02-03 10:00:00', 1, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO contacts (id, date_entered, date_modified, deleted, assigned_user_id, salutation, first_name, last_name, do_not_call, phone_mobile, phone_work, primary_address_street, primary_address_city, primary_address_country, birthdate) VALUES
  ('c1', '2024-02-01 01:00:00', '2026-02-01 10:00:00', 0, 'u1', 'Ms.', '娜', '李', 1, '138 0013 8000', '010-6588 0002', '朝阳门外大街 1 号', '北京', 'CN', '1990-05-17'),
  ('c2', '2024-02-02 01:00:00', '2026-02-02 10:00:00', 0, NULL, 'Mr.', 'John', 'Smith', 0, '+44 20 7946 0018', NULL, '1 High Street', 'London', 'GB', NULL),
  ('c3', '2024-02-03 01:00:00', '2026-02-02 10:00:00', 1, NULL, NULL, 'Gone', 'Away', 0, NULL, NULL, NULL, NULL, NULL, '0000-00-00');
INSERT INTO contacts_cstm VALUES ('c1', 'lina_tea', 'gold');
INSERT INTO accounts_contacts VALUES ('r1', 'c1', 'a1', '2026-01-01 00:00:00', 0), ('r2', 'c2', 'a1', '2026-01-01 00:00:00', 1);
INSERT INTO leads (id, date_entered, date_modified, deleted, first_name, last_name, phone_mobile, converted, lead_source, status, account_name) VALUES
  ('l1', '2026-01-10 02:00:00', '2026-01-11 02:00:00', 0, '伟', '王', '139-0000-1111', 0, 'Trade Show', 'New', '海川贸易'),
  ('l2', '2026-01-10 02:00:00', '2026-01-12 02:00:00', 0, '娜', '李', '138 0013 8000', 1, 'Web Site', 'Converted', NULL);
INSERT INTO currencies VALUES ('cny', 'Renminbi', 'CNY', 0);
INSERT INTO opportunities (id, name, date_entered, date_modified, deleted, assigned_user_id, amount, currency_id, date_closed, sales_stage, probability) VALUES
  ('o1', '2026 春茶', '2026-01-20 03:00:00', '2026-02-20 03:00:00', 0, 'u1', 12800.5, 'cny', '2026-03-31', 'Negotiation/Review', 80),
  ('o2', 'Sample boxes', '2026-01-21 03:00:00', '2026-02-21 03:00:00', 0, NULL, 300, '-99', '2026-03-31', 'Closed Lost', 0);
INSERT INTO accounts_opportunities VALUES ('ao1', 'o1', 'a1', '2026-01-20 03:00:00', 0);
INSERT INTO opportunities_contacts VALUES ('oc1', 'c2', 'o2', 'Primary Decision Maker', '2026-01-20 03:00:00', 0);
INSERT INTO calls (id, name, date_entered, date_modified, description, deleted, date_start, parent_type, status, direction, parent_id) VALUES
  ('k1', '询价', '2026-02-01 02:00:00', '2026-02-01 03:00:00', '要 200 斤明前龙井的报价', 0, '2026-02-01 02:30:00', 'Accounts', 'Held', 'Inbound', 'a1'),
  ('k2', 'Follow up', '2026-02-02 02:00:00', '2026-02-02 03:00:00', NULL, 0, '2026-02-02 02:30:00', 'Leads', 'Planned', 'Outbound', 'l1');
INSERT INTO calls_contacts VALUES ('kc1', 'k1', 'c1', '2026-02-01 03:00:00', 0);
INSERT INTO meetings (id, name, date_entered, date_modified, deleted, date_start, parent_type, status, parent_id) VALUES
  ('m1', '参观茶园', '2026-02-05 02:00:00', '2026-02-05 03:00:00', 0, '2026-03-01 01:00:00', 'Contacts', 'Planned', 'c2');
INSERT INTO notes (id, name, date_entered, date_modified, parent_type, parent_id, contact_id, description, deleted) VALUES
  ('n1', '合同扫描件', '2026-02-06 02:00:00', '2026-02-06 03:00:00', 'Accounts', 'a1', NULL, '已盖章', 0);
INSERT INTO emails (id, name, date_entered, date_modified, deleted, date_sent_received, message_id, type, status, parent_type, parent_id) VALUES
  ('e1', 'Re: 报价', '2026-02-07 02:00:00', '2026-02-07 03:00:00', 0, '2026-02-07 01:55:00', '<77@qinghe.example.com>', 'inbound', 'read', 'Contacts', 'c1');
INSERT INTO emails_text VALUES ('e1', '李娜 <lina@qinghe.example.com>', 'sales@hub.example, John Smith <john@example.co.uk>', NULL, '价格可以接受。', NULL, 0);
INSERT INTO email_addresses (id, email_address, email_address_caps, invalid_email, opt_out, date_modified, deleted) VALUES
  ('x1', 'lina@qinghe.example.com', 'LINA@QINGHE.EXAMPLE.COM', 0, 1, '2026-01-01 00:00:00', 0),
  ('x2', 'bad@qinghe.example.com', 'BAD@QINGHE.EXAMPLE.COM', 1, 0, '2026-01-01 00:00:00', 0),
  ('x3', 'a.lina@example.com', 'A.LINA@EXAMPLE.COM', 0, 0, '2026-01-01 00:00:00', 0),
  ('x4', 'office@qinghe.example.com', 'OFFICE@QINGHE.EXAMPLE.COM', 0, 0, '2026-01-01 00:00:00', 0);
INSERT INTO email_addr_bean_rel (id, email_address_id, bean_id, bean_module, primary_address, date_modified, deleted) VALUES
  ('b1', 'x1', 'c1', 'Contacts', 1, '2026-01-01 00:00:00', 0), ('b2', 'x2', 'c1', 'Contacts', 0, '2026-01-01 00:00:00', 0),
  ('b3', 'x3', 'c1', 'Contacts', 0, '2026-01-01 00:00:00', 0), ('b4', 'x4', 'c1', 'Contacts', 0, '2026-01-01 00:00:00', 1),
  ('b5', 'x4', 'a1', 'Accounts', 1, '2026-01-01 00:00:00', 0), ('b6', 'x3', 'l1', 'Leads', 1, '2026-01-01 00:00:00', 0);
