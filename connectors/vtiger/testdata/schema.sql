-- Tables of vtiger CRM 7, cut down to the columns that matter here. Addresses are latin1, as in installations that began before 2010.
CREATE TABLE vtiger_crmentity (
  crmid INT NOT NULL, setype VARCHAR(30) NOT NULL, smownerid INT NOT NULL DEFAULT '0', description TEXT, createdtime DATETIME NOT NULL,
  modifiedtime DATETIME NOT NULL, deleted INT NOT NULL DEFAULT '0', PRIMARY KEY (crmid)) DEFAULT CHARSET=utf8mb4;
CREATE TABLE vtiger_account (
  accountid INT NOT NULL DEFAULT '0', account_no VARCHAR(100) NOT NULL, accountname VARCHAR(100) NOT NULL,
  account_type VARCHAR(200), industry VARCHAR(200), annualrevenue INT DEFAULT '0', phone VARCHAR(30),
  otherphone VARCHAR(30), email1 VARCHAR(100), email2 VARCHAR(100), PRIMARY KEY (accountid)) DEFAULT CHARSET=utf8mb4;
CREATE TABLE vtiger_accountbillads (
  accountaddressid INT NOT NULL DEFAULT '0', bill_city VARCHAR(30), bill_code VARCHAR(30), bill_country VARCHAR(30),
  bill_state VARCHAR(30), bill_street VARCHAR(250), PRIMARY KEY (accountaddressid)) DEFAULT CHARSET=latin1;
CREATE TABLE vtiger_accountshipads (
  accountaddressid INT NOT NULL DEFAULT '0', ship_city VARCHAR(30), ship_code VARCHAR(30), ship_country VARCHAR(30),
  ship_state VARCHAR(30), ship_street VARCHAR(250), PRIMARY KEY (accountaddressid)) DEFAULT CHARSET=latin1;
CREATE TABLE vtiger_contactdetails (
  contactid INT NOT NULL DEFAULT '0', contact_no VARCHAR(100) NOT NULL, accountid INT, salutation VARCHAR(200),
  firstname VARCHAR(40), lastname VARCHAR(80) NOT NULL, email VARCHAR(100), phone VARCHAR(50), mobile VARCHAR(50),
  title VARCHAR(50), otheremail VARCHAR(100), secondaryemail VARCHAR(100), donotcall VARCHAR(3),
  emailoptout VARCHAR(3) DEFAULT '0', PRIMARY KEY (contactid)) DEFAULT CHARSET=utf8mb4;
CREATE TABLE vtiger_contactsubdetails (
  contactsubscriptionid INT NOT NULL DEFAULT '0', homephone VARCHAR(50), otherphone VARCHAR(50), birthday DATE,
  leadsource VARCHAR(200), PRIMARY KEY (contactsubscriptionid)) DEFAULT CHARSET=utf8mb4;
CREATE TABLE vtiger_contactaddress (
  contactaddressid INT NOT NULL DEFAULT '0', mailingcity VARCHAR(40), mailingstreet VARCHAR(250),
  mailingcountry VARCHAR(40), mailingstate VARCHAR(30), mailingzip VARCHAR(30), othercity VARCHAR(40),
  otherstreet VARCHAR(250), othercountry VARCHAR(30), otherstate VARCHAR(50), otherzip VARCHAR(30),
  PRIMARY KEY (contactaddressid)) DEFAULT CHARSET=latin1;
CREATE TABLE vtiger_leaddetails (
  leadid INT NOT NULL, lead_no VARCHAR(100) NOT NULL, email VARCHAR(100), firstname VARCHAR(40), salutation VARCHAR(200),
  lastname VARCHAR(80) NOT NULL, company VARCHAR(100) NOT NULL, leadstatus VARCHAR(50), leadsource VARCHAR(200),
  converted INT DEFAULT '0', secondaryemail VARCHAR(100), PRIMARY KEY (leadid)) DEFAULT CHARSET=utf8mb4;
CREATE TABLE vtiger_leadaddress (
  leadaddressid INT NOT NULL DEFAULT '0', city VARCHAR(30), code VARCHAR(30), state VARCHAR(30), country VARCHAR(30),
  phone VARCHAR(50), mobile VARCHAR(50), lane VARCHAR(250), PRIMARY KEY (leadaddressid)) DEFAULT CHARSET=utf8mb4;
CREATE TABLE vtiger_contactscf (contactid INT NOT NULL, cf_751 VARCHAR(100), PRIMARY KEY (contactid)) DEFAULT CHARSET=utf8mb4;
CREATE TABLE vtiger_users (id INT NOT NULL, user_name VARCHAR(255), PRIMARY KEY (id)) DEFAULT CHARSET=utf8mb4;
CREATE TABLE vtiger_currency_info (id INT NOT NULL, currency_name VARCHAR(100), currency_code VARCHAR(100), PRIMARY KEY (id)) DEFAULT CHARSET=utf8mb4;
CREATE TABLE vtiger_potential (
  potentialid INT NOT NULL DEFAULT '0', potential_no VARCHAR(100) NOT NULL, related_to INT, potentialname VARCHAR(120) NOT NULL,
  amount DECIMAL(14,2) DEFAULT '0', closingdate DATE, sales_stage VARCHAR(200), PRIMARY KEY (potentialid)) DEFAULT CHARSET=utf8mb4;
CREATE TABLE vtiger_contpotentialrel (contactid INT NOT NULL, potentialid INT NOT NULL, PRIMARY KEY (contactid, potentialid)) DEFAULT CHARSET=utf8mb4;
CREATE TABLE vtiger_salesorder (
  salesorderid INT NOT NULL DEFAULT '0', subject VARCHAR(100), salesorder_no VARCHAR(100), contactid INT, accountid INT, total DECIMAL(25,3),
  subtotal DECIMAL(25,3), s_h_amount DECIMAL(25,3), sostatus VARCHAR(200), currency_id INT NOT NULL DEFAULT '1', PRIMARY KEY (salesorderid)) DEFAULT CHARSET=utf8mb4;
CREATE TABLE vtiger_sobillads (
  sobilladdressid INT NOT NULL DEFAULT '0', bill_city VARCHAR(30), bill_code VARCHAR(30), bill_country VARCHAR(30), bill_state VARCHAR(30),
  bill_street VARCHAR(250), PRIMARY KEY (sobilladdressid)) DEFAULT CHARSET=utf8mb4;
CREATE TABLE vtiger_soshipads (
  soshipaddressid INT NOT NULL DEFAULT '0', ship_city VARCHAR(30), ship_code VARCHAR(30), ship_country VARCHAR(30), ship_state VARCHAR(30),
  ship_street VARCHAR(250), PRIMARY KEY (soshipaddressid)) DEFAULT CHARSET=utf8mb4;
CREATE TABLE vtiger_invoice (
  invoiceid INT NOT NULL DEFAULT '0', subject VARCHAR(100), contactid INT, invoicedate DATE, subtotal DECIMAL(25,3), total DECIMAL(25,3),
  s_h_amount DECIMAL(25,3), accountid INT, invoicestatus VARCHAR(200), invoice_no VARCHAR(100), currency_id INT NOT NULL DEFAULT '1',
  PRIMARY KEY (invoiceid)) DEFAULT CHARSET=utf8mb4;
CREATE TABLE vtiger_invoicebillads (
  invoicebilladdressid INT NOT NULL DEFAULT '0', bill_city VARCHAR(30), bill_code VARCHAR(30), bill_country VARCHAR(30), bill_state VARCHAR(30),
  bill_street VARCHAR(250), PRIMARY KEY (invoicebilladdressid)) DEFAULT CHARSET=utf8mb4;
CREATE TABLE vtiger_invoiceshipads (
  invoiceshipaddressid INT NOT NULL DEFAULT '0', ship_city VARCHAR(30), ship_code VARCHAR(30), ship_country VARCHAR(30), ship_state VARCHAR(30),
  ship_street VARCHAR(250), PRIMARY KEY (invoiceshipaddressid)) DEFAULT CHARSET=utf8mb4;
CREATE TABLE vtiger_troubletickets (
  ticketid INT NOT NULL, ticket_no VARCHAR(100) NOT NULL, parent_id VARCHAR(100), contact_id INT, priority VARCHAR(200), status VARCHAR(200),
  category VARCHAR(200), title VARCHAR(255) NOT NULL, PRIMARY KEY (ticketid)) DEFAULT CHARSET=utf8mb4;
CREATE TABLE vtiger_activity (
  activityid INT NOT NULL DEFAULT '0', subject VARCHAR(100) NOT NULL, activitytype VARCHAR(200) NOT NULL, date_start DATE NOT NULL, time_start VARCHAR(50),
  eventstatus VARCHAR(200), PRIMARY KEY (activityid)) DEFAULT CHARSET=utf8mb4;
CREATE TABLE vtiger_cntactivityrel (contactid INT NOT NULL DEFAULT '0', activityid INT NOT NULL DEFAULT '0', PRIMARY KEY (contactid, activityid)) DEFAULT CHARSET=utf8mb4;
CREATE TABLE vtiger_seactivityrel (crmid INT NOT NULL, activityid INT NOT NULL, PRIMARY KEY (crmid, activityid)) DEFAULT CHARSET=utf8mb4;
CREATE TABLE vtiger_emaildetails (
  emailid INT NOT NULL, from_email VARCHAR(50) NOT NULL DEFAULT '', to_email TEXT, cc_email TEXT, bcc_email TEXT, email_flag VARCHAR(50) NOT NULL DEFAULT '',
  PRIMARY KEY (emailid)) DEFAULT CHARSET=utf8mb4;
