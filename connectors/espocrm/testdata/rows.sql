INSERT INTO user VALUES ('u1', 'lina', 0);
INSERT INTO account (id, name, website, type, industry, billing_address_street, billing_address_city, billing_address_country, created_at, modified_at, assigned_user_id, deleted) VALUES
  ('a1', '青禾茶业有限公司', 'http://qinghe.example.com', 'Customer', 'Retail', '建国路 88 号', '北京', '中国', '2024-01-05 08:00:00', '2026-02-01 10:00:00', 'u1', 0),
  ('a2', 'Old Mill Ltd', NULL, NULL, NULL, NULL, NULL, NULL, '2020-01-05 08:00:00', '2026-02-03 10:00:00', NULL, 1);
INSERT INTO contact (id, deleted, salutation_name, first_name, last_name, do_not_call, address_street, address_city, address_country, created_at, modified_at, account_id, assigned_user_id, c_wechat) VALUES
  ('c1', 0, 'Ms.', '娜', '李', 1, '朝阳门外大街 1 号', '北京', '中国', '2024-02-01 01:00:00', '2026-02-01 10:00:00', 'a1', 'u1', 'lina_tea'),
  ('c2', 0, 'Mr.', 'John', 'Smith', 0, '1 High Street', 'London', 'United Kingdom', '2024-02-02 01:00:00', '2026-02-02 10:00:00', NULL, NULL, NULL),
  ('c3', 1, NULL, 'Gone', 'Away', 0, NULL, NULL, NULL, '2024-02-03 01:00:00', '2026-02-02 10:00:00', NULL, NULL, NULL);
INSERT INTO `lead` (id, first_name, last_name, status, source, account_name, created_at, modified_at, created_contact_id) VALUES
  ('l1', '伟', '王', 'New', 'Web Site', '海川贸易', '2026-01-10 02:00:00', '2026-01-11 02:00:00', NULL),
  ('l2', '娜', '李', 'Converted', 'Call', NULL, '2026-01-10 02:00:00', '2026-01-12 02:00:00', 'c1');
INSERT INTO opportunity (id, name, amount, stage, probability, close_date, created_at, modified_at, amount_currency, account_id, contact_id, assigned_user_id) VALUES
  ('o1', '2026 春茶', 12800.5, 'Negotiation', 80, '2026-03-31', '2026-01-20 03:00:00', '2026-02-20 03:00:00', 'CNY', 'a1', NULL, 'u1'),
  ('o2', 'Sample boxes', 300, 'Closed Lost', 0, '2026-03-31', '2026-01-21 03:00:00', '2026-02-21 03:00:00', 'GBP', NULL, NULL, NULL);
INSERT INTO contact_opportunity (contact_id, opportunity_id, role) VALUES ('c2', 'o2', 'Decision Maker');
INSERT INTO `call` (id, name, status, date_start, direction, description, created_at, modified_at, parent_id, parent_type, account_id) VALUES
  ('k1', '询价', 'Held', '2026-02-01 02:30:00', 'Inbound', '要 200 斤明前龙井的报价', '2026-02-01 02:00:00', '2026-02-01 03:00:00', 'a1', 'Account', 'a1'),
  ('k2', 'Follow up', 'Planned', '2026-02-02 02:30:00', 'Outbound', NULL, '2026-02-02 02:00:00', '2026-02-02 03:00:00', 'l1', 'Lead', NULL);
INSERT INTO call_contact (call_id, contact_id) VALUES ('k1', 'c1');
INSERT INTO meeting (id, name, status, date_start, created_at, modified_at, parent_id, parent_type) VALUES
  ('m1', '参观茶园', 'Planned', '2026-03-01 01:00:00', '2026-02-05 02:00:00', '2026-02-05 03:00:00', 'c2', 'Contact');
INSERT INTO email (id, name, from_string, message_id, body_plain, status, date_sent, created_at, modified_at, parent_id, parent_type) VALUES
  ('e1', 'Re: 报价', '李娜 <lina@qinghe.example.com>', '<77@qinghe.example.com>', '价格可以接受。', 'Archived', '2026-02-07 01:55:00', '2026-02-07 02:00:00', '2026-02-07 03:00:00', 'c1', 'Contact');
INSERT INTO email_address (id, name, lower, invalid, opt_out) VALUES
  ('x1', 'Lina@qinghe.example.com', 'lina@qinghe.example.com', 0, 1), ('x2', 'bad@qinghe.example.com', 'bad@qinghe.example.com', 1, 0),
  ('x3', 'a.lina@example.com', 'a.lina@example.com', 0, 0), ('x4', 'sales@hub.example', 'sales@hub.example', 0, 0);
INSERT INTO entity_email_address (entity_id, email_address_id, entity_type, `primary`, deleted) VALUES
  ('c1', 'x1', 'Contact', 1, 0), ('c1', 'x2', 'Contact', 0, 0), ('c1', 'x3', 'Contact', 0, 0), ('a1', 'x3', 'Account', 1, 0), ('l1', 'x3', 'Lead', 1, 0);
INSERT INTO email_email_address (email_id, email_address_id, address_type) VALUES ('e1', 'x1', 'from'), ('e1', 'x4', 'to');
INSERT INTO phone_number (id, name, type, `numeric`) VALUES ('p1', '+8613800138000', 'Mobile', '8613800138000'), ('p2', '010-6588 0002', 'Office', '01065880002'), ('p3', '+442079460018', 'Mobile', '442079460018');
INSERT INTO entity_phone_number (entity_id, phone_number_id, entity_type, `primary`) VALUES ('c1', 'p1', 'Contact', 1), ('c1', 'p2', 'Contact', 0), ('c2', 'p3', 'Contact', 1), ('a1', 'p2', 'Account', 1), ('l1', 'p3', 'Lead', 1);
