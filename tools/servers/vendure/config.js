const path = require('path')
const { DefaultLogger, LogLevel, dummyPaymentHandler } = require('@vendure/core')

module.exports.config = {
  apiOptions: { hostname: '127.0.0.1', port: Number(process.env.PORT || 58005), adminApiPath: 'admin-api', shopApiPath: 'shop-api' },
  authOptions: {
    tokenMethod: ['bearer'], requireVerification: false,
    superadminCredentials: { identifier: 'superadmin', password: 'superadmin' },
    cookieOptions: { secret: 'test' },
  },
  dbConnectionOptions: {
    type: 'sqljs', autoSave: true, location: path.join(process.env.DATA || __dirname, 'shop.sqlite'),
    synchronize: process.env.SYNCHRONIZE === 'yes', logging: false,
  },
  paymentOptions: { paymentMethodHandlers: [dummyPaymentHandler] },
  logger: new DefaultLogger({ level: LogLevel.Warn }),
  plugins: []
}
