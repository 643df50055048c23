-- Tables of SuiteCRM 7, cut down to the columns that matter here; ids are char(36), times are UTC.
CREATE TABLE users (id CHAR(36) NOT NULL, user_name VARCHAR(60), deleted TINYINT(1), PRIMARY KEY (id));
CREATE TABLE accounts (
  id CHAR(36) NOT NULL, name VARCHAR(150), date_entered DATETIME, date_modified DATETIME, description TEXT, deleted TINYINT(1) DEFAULT '0',
  assigned_user_id CHAR(36), account_type VARCHAR(50), industry VARCHAR(50), annual_revenue VARCHAR(100),
  billing_address_street VARCHAR(150), billing_address_city VARCHAR(100), billing_address_state VARCHAR(100),
  billing_address_postalcode VARCHAR(20), billing_address_country VARCHAR(255), phone_office VARCHAR(100), phone_alternate VARCHAR(100),
  website VARCHAR(255), shipping_address_street VARCHAR(150), shipping_address_city VARCHAR(100), shipping_address_state VARCHAR(100),
  shipping_address_postalcode VARCHAR(20), shipping_address_country VARCHAR(255), PRIMARY KEY (id));
CREATE TABLE contacts (
  id CHAR(36) NOT NULL, date_entered DATETIME, date_modified DATETIME, description TEXT, deleted TINYINT(1) DEFAULT '0', assigned_user_id CHAR(36),
  salutation VARCHAR(255), first_name VARCHAR(100), last_name VARCHAR(100), title VARCHAR(100), department VARCHAR(255), do_not_call TINYINT(1) DEFAULT '0',
  phone_home VARCHAR(100), phone_mobile VARCHAR(100), phone_work VARCHAR(100), phone_other VARCHAR(100),
  primary_address_street VARCHAR(150), primary_address_city VARCHAR(100), primary_address_state VARCHAR(100),
  primary_address_postalcode VARCHAR(20), primary_address_country VARCHAR(255), alt_address_street VARCHAR(150), alt_address_city VARCHAR(100),
  alt_address_state VARCHAR(100), alt_address_postalcode VARCHAR(20), alt_address_country VARCHAR(255), birthdate DATE, PRIMARY KEY (id));
CREATE TABLE contacts_cstm (id_c CHAR(36) NOT NULL, wechat_c VARCHAR(255), tier_c VARCHAR(100), PRIMARY KEY (id_c));
CREATE TABLE leads (
  id CHAR(36) NOT NULL, date_entered DATETIME, date_modified DATETIME, deleted TINYINT(1) DEFAULT '0', assigned_user_id CHAR(36),
  salutation VARCHAR(255), first_name VARCHAR(100), last_name VARCHAR(100), do_not_call TINYINT(1) DEFAULT '0', phone_home VARCHAR(100),
  phone_mobile VARCHAR(100), phone_work VARCHAR(100), phone_other VARCHAR(100), primary_address_city VARCHAR(100), birthdate DATE,
  converted TINYINT(1) DEFAULT '0', lead_source VARCHAR(100), status VARCHAR(100), account_name VARCHAR(255), PRIMARY KEY (id));
CREATE TABLE opportunities (
  id CHAR(36) NOT NULL, name VARCHAR(50), date_entered DATETIME, date_modified DATETIME, deleted TINYINT(1) DEFAULT '0', assigned_user_id CHAR(36),
  amount DOUBLE, currency_id CHAR(36), date_closed DATE, sales_stage VARCHAR(255), probability DOUBLE, PRIMARY KEY (id));
CREATE TABLE currencies (id CHAR(36) NOT NULL, name VARCHAR(36), iso4217 VARCHAR(3), deleted TINYINT(1), PRIMARY KEY (id));
CREATE TABLE accounts_contacts (id VARCHAR(36) NOT NULL, contact_id VARCHAR(36), account_id VARCHAR(36), date_modified DATETIME, deleted TINYINT(1) DEFAULT '0', PRIMARY KEY (id));
CREATE TABLE accounts_opportunities (id VARCHAR(36) NOT NULL, opportunity_id VARCHAR(36), account_id VARCHAR(36), date_modified DATETIME, deleted TINYINT(1) DEFAULT '0', PRIMARY KEY (id));
CREATE TABLE opportunities_contacts (id VARCHAR(36) NOT NULL, contact_id VARCHAR(36), opportunity_id VARCHAR(36), contact_role VARCHAR(50), date_modified DATETIME, deleted TINYINT(1) DEFAULT '0', PRIMARY KEY (id));
CREATE TABLE calls (
  id CHAR(36) NOT NULL, name VARCHAR(50), date_entered DATETIME, date_modified DATETIME, description TEXT, deleted TINYINT(1) DEFAULT '0', assigned_user_id CHAR(36),
  date_start DATETIME, parent_type VARCHAR(255), status VARCHAR(100), direction VARCHAR(100), parent_id CHAR(36), PRIMARY KEY (id));
CREATE TABLE calls_contacts (id VARCHAR(36) NOT NULL, call_id VARCHAR(36), contact_id VARCHAR(36), date_modified DATETIME, deleted TINYINT(1) DEFAULT '0', PRIMARY KEY (id));
CREATE TABLE meetings (
  id CHAR(36) NOT NULL, name VARCHAR(50), date_entered DATETIME, date_modified DATETIME, description TEXT, deleted TINYINT(1) DEFAULT '0', assigned_user_id CHAR(36),
  date_start DATETIME, parent_type VARCHAR(100), status VARCHAR(100), parent_id CHAR(36), PRIMARY KEY (id));
CREATE TABLE meetings_contacts (id VARCHAR(36) NOT NULL, meeting_id VARCHAR(36), contact_id VARCHAR(36), date_modified DATETIME, deleted TINYINT(1) DEFAULT '0', PRIMARY KEY (id));
CREATE TABLE notes (
  id CHAR(36) NOT NULL, assigned_user_id CHAR(36), name VARCHAR(255), date_entered DATETIME, date_modified DATETIME, filename VARCHAR(255), parent_type VARCHAR(255),
  parent_id CHAR(36), contact_id CHAR(36), description TEXT, deleted TINYINT(1) DEFAULT '0', PRIMARY KEY (id));
CREATE TABLE emails (
  id CHAR(36) NOT NULL, name VARCHAR(255), date_entered DATETIME, date_modified DATETIME, deleted TINYINT(1) DEFAULT '0', assigned_user_id CHAR(36),
  date_sent_received DATETIME, message_id VARCHAR(255), type VARCHAR(100), status VARCHAR(100), parent_type VARCHAR(100), parent_id CHAR(36), PRIMARY KEY (id));
CREATE TABLE emails_text (
  email_id VARCHAR(36) NOT NULL, from_addr VARCHAR(255), to_addrs TEXT, cc_addrs TEXT, description LONGTEXT, description_html LONGTEXT,
  deleted TINYINT(1) DEFAULT '0', PRIMARY KEY (email_id));
CREATE TABLE email_addresses (
  id CHAR(36) NOT NULL, email_address VARCHAR(255), email_address_caps VARCHAR(255), invalid_email TINYINT(1) DEFAULT '0', opt_out TINYINT(1) DEFAULT '0',
  date_modified DATETIME, deleted TINYINT(1) DEFAULT '0', PRIMARY KEY (id));
CREATE TABLE email_addr_bean_rel (
  id CHAR(36) NOT NULL, email_address_id CHAR(36) NOT NULL, bean_id CHAR(36) NOT NULL, bean_module VARCHAR(100), primary_address TINYINT(1) DEFAULT '0',
  date_modified DATETIME, deleted TINYINT(1) DEFAULT '0', PRIMARY KEY (id));
