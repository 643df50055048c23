// Package all is the list of connectors that the program ships with.
package all

import (
	"crmhub/connectors"
	"crmhub/connectors/aftership"
	"crmhub/connectors/alipay"
	"crmhub/connectors/email"
	"crmhub/connectors/erpnext"
	"crmhub/connectors/espocrm"
	"crmhub/connectors/file"
	"crmhub/connectors/hubspot"
	"crmhub/connectors/jd"
	"crmhub/connectors/karrio"
	"crmhub/connectors/magento"
	"crmhub/connectors/mongodb"
	"crmhub/connectors/odata"
	"crmhub/connectors/odoo"
	"crmhub/connectors/paypal"
	"crmhub/connectors/rest"
	"crmhub/connectors/salesforce"
	"crmhub/connectors/sfexpress"
	"crmhub/connectors/shippo"
	"crmhub/connectors/shopify"
	"crmhub/connectors/smtp"
	"crmhub/connectors/sqldb"
	"crmhub/connectors/stripe"
	"crmhub/connectors/suitecrm"
	"crmhub/connectors/taobao"
	"crmhub/connectors/tryton"
	"crmhub/connectors/vendure"
	"crmhub/connectors/vtiger"
	"crmhub/connectors/wechatpay"
	"crmhub/connectors/woocommerce"
)

// Registry returns the connectors, by name. The map is the caller's own.
func Registry() connectors.Registry {
	r := connectors.Registry{}
	for _, c := range []connectors.Connector{
		aftership.Connector{},
		alipay.Connector{},
		email.Connector{},
		erpnext.Connector{},
		espocrm.Connector(),
		file.Connector{},
		hubspot.Connector{},
		jd.Connector{},
		karrio.Connector{},
		magento.Connector{},
		mongodb.Connector{},
		odata.Connector{},
		odoo.Connector{},
		paypal.Connector{},
		rest.Connector{},
		salesforce.Connector{},
		sfexpress.Connector{},
		shippo.Connector{},
		shopify.Connector{},
		smtp.Connector{},
		sqldb.Connector{},
		stripe.Connector{},
		suitecrm.Connector(),
		taobao.Connector{},
		tryton.Connector{},
		vendure.Connector{},
		vtiger.Connector(),
		wechatpay.Connector{},
		woocommerce.Connector{},
	} {
		r[c.Spec().Name] = c
	}
	return r
}
