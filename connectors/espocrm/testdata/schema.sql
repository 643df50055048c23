-- Tables of EspoCRM 7, cut down to the columns that matter here; ids are of 17 characters, times are UTC.
CREATE TABLE user (id VARCHAR(17) NOT NULL, user_name VARCHAR(50), deleted TINYINT(1) DEFAULT 0, PRIMARY KEY (id));
CREATE TABLE account (
  id VARCHAR(17) NOT NULL, name VARCHAR(249), deleted TINYINT(1) DEFAULT 0, website VARCHAR(255), type VARCHAR(255), industry VARCHAR(255),
  billing_address_street VARCHAR(255), billing_address_city VARCHAR(100), billing_address_state VARCHAR(100), billing_address_country VARCHAR(100),
  billing_address_postal_code VARCHAR(40), shipping_address_street VARCHAR(255), shipping_address_city VARCHAR(100), shipping_address_state VARCHAR(100),
  shipping_address_country VARCHAR(100), shipping_address_postal_code VARCHAR(40), description MEDIUMTEXT, created_at DATETIME, modified_at DATETIME,
  assigned_user_id VARCHAR(17), PRIMARY KEY (id));
CREATE TABLE contact (
  id VARCHAR(17) NOT NULL, deleted TINYINT(1) DEFAULT 0, salutation_name VARCHAR(255), first_name VARCHAR(100), last_name VARCHAR(100), description MEDIUMTEXT,
  do_not_call TINYINT(1) DEFAULT 0, address_street VARCHAR(255), address_city VARCHAR(100), address_state VARCHAR(100), address_country VARCHAR(100),
  address_postal_code VARCHAR(40), created_at DATETIME, modified_at DATETIME, account_id VARCHAR(17), assigned_user_id VARCHAR(17), c_wechat VARCHAR(100), PRIMARY KEY (id));
CREATE TABLE `lead` (
  id VARCHAR(17) NOT NULL, deleted TINYINT(1) DEFAULT 0, salutation_name VARCHAR(255), first_name VARCHAR(100), last_name VARCHAR(100), status VARCHAR(255),
  source VARCHAR(255), address_city VARCHAR(100), do_not_call TINYINT(1) DEFAULT 0, account_name VARCHAR(255), created_at DATETIME, modified_at DATETIME,
  assigned_user_id VARCHAR(17), created_contact_id VARCHAR(17), PRIMARY KEY (id));
CREATE TABLE opportunity (
  id VARCHAR(17) NOT NULL, name VARCHAR(255), deleted TINYINT(1) DEFAULT 0, amount DOUBLE, stage VARCHAR(255), probability INT, close_date DATE,
  created_at DATETIME, modified_at DATETIME, amount_currency VARCHAR(3), account_id VARCHAR(17), contact_id VARCHAR(17), assigned_user_id VARCHAR(17), PRIMARY KEY (id));
CREATE TABLE contact_opportunity (id BIGINT AUTO_INCREMENT, contact_id VARCHAR(17), opportunity_id VARCHAR(17), role VARCHAR(50), deleted TINYINT(1) DEFAULT 0, PRIMARY KEY (id));
CREATE TABLE `call` (
  id VARCHAR(17) NOT NULL, name VARCHAR(255), deleted TINYINT(1) DEFAULT 0, status VARCHAR(255), date_start DATETIME, date_end DATETIME, direction VARCHAR(255),
  description MEDIUMTEXT, created_at DATETIME, modified_at DATETIME, parent_id VARCHAR(17), parent_type VARCHAR(100), account_id VARCHAR(17), assigned_user_id VARCHAR(17), PRIMARY KEY (id));
CREATE TABLE call_contact (id BIGINT AUTO_INCREMENT, call_id VARCHAR(17), contact_id VARCHAR(17), status VARCHAR(36), deleted TINYINT(1) DEFAULT 0, PRIMARY KEY (id));
CREATE TABLE meeting (
  id VARCHAR(17) NOT NULL, name VARCHAR(255), deleted TINYINT(1) DEFAULT 0, status VARCHAR(255), date_start DATETIME, date_end DATETIME,
  description MEDIUMTEXT, created_at DATETIME, modified_at DATETIME, parent_id VARCHAR(17), parent_type VARCHAR(100), account_id VARCHAR(17), assigned_user_id VARCHAR(17), PRIMARY KEY (id));
CREATE TABLE contact_meeting (id BIGINT AUTO_INCREMENT, contact_id VARCHAR(17), meeting_id VARCHAR(17), status VARCHAR(36), deleted TINYINT(1) DEFAULT 0, PRIMARY KEY (id));
CREATE TABLE email (
  id VARCHAR(17) NOT NULL, name VARCHAR(255), deleted TINYINT(1) DEFAULT 0, from_string VARCHAR(255), message_id VARCHAR(255), body_plain LONGTEXT, body LONGTEXT,
  is_html TINYINT(1) DEFAULT 1, status VARCHAR(255), date_sent DATETIME, created_at DATETIME, modified_at DATETIME, parent_id VARCHAR(17), parent_type VARCHAR(100),
  account_id VARCHAR(17), assigned_user_id VARCHAR(17), PRIMARY KEY (id));
CREATE TABLE email_email_address (id BIGINT AUTO_INCREMENT, email_id VARCHAR(17), email_address_id VARCHAR(17), address_type VARCHAR(4), deleted TINYINT(1) DEFAULT 0, PRIMARY KEY (id));
CREATE TABLE email_address (id VARCHAR(17) NOT NULL, name VARCHAR(255), deleted TINYINT(1) DEFAULT 0, lower VARCHAR(255), invalid TINYINT(1) DEFAULT 0, opt_out TINYINT(1) DEFAULT 0, PRIMARY KEY (id));
CREATE TABLE entity_email_address (
  id BIGINT AUTO_INCREMENT, entity_id VARCHAR(17), email_address_id VARCHAR(17), entity_type VARCHAR(100), `primary` TINYINT(1) DEFAULT 0, deleted TINYINT(1) DEFAULT 0, PRIMARY KEY (id));
CREATE TABLE phone_number (
  id VARCHAR(17) NOT NULL, name VARCHAR(36), deleted TINYINT(1) DEFAULT 0, type VARCHAR(255), `numeric` VARCHAR(36), invalid TINYINT(1) DEFAULT 0, opt_out TINYINT(1) DEFAULT 0, PRIMARY KEY (id));
CREATE TABLE entity_phone_number (
  id BIGINT AUTO_INCREMENT, entity_id VARCHAR(17), phone_number_id VARCHAR(17), entity_type VARCHAR(100), `primary` TINYINT(1) DEFAULT 0, deleted TINYINT(1) DEFAULT 0, PRIMARY KEY (id));
