// Makes the database: schema, zones, taxes, shipping, payment and two products.
process.env.SYNCHRONIZE = 'yes'
const { bootstrap, LanguageCode } = require('@vendure/core')
const { populate } = require('@vendure/core/cli')
const { config } = require('./config')

const data = {
  defaultLanguage: LanguageCode.en, defaultZone: 'Asia',
  taxRates: [{ name: 'Standard', percentage: 13 }],
  shippingMethods: [{ name: 'Express', price: 1000 }],
  paymentMethods: [{ name: 'dummy', handler: { code: 'dummy-payment-handler', arguments: [{ name: 'automaticSettle', value: 'true' }] } }],
  countries: [{ name: 'China', code: 'CN', zone: 'Asia' }, { name: 'United Kingdom', code: 'GB', zone: 'Europe' }],
  collections: [],
}
populate(() => bootstrap(config), data, require('path').join(__dirname, 'products.csv'))
  .then(app => app.close())
  .then(() => process.exit(0), err => { console.error(err); process.exit(1) })
