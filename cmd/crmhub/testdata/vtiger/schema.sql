-- The tables of vtiger CRM 7 that hold people and organisations, each with the columns that the shipped mappings read
-- and a few that they do not. Addresses are latin1, as in installations that began before 2010.
CREATE TABLE vtiger_crmentity (
  crmid INT NOT NULL, setype VARCHAR(30) NOT NULL, description TEXT, createdtime DATETIME NOT NULL,
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
