// The framework listens on all interfaces whatever it is told, so listen is
// made to take 127.0.0.1 only.
const cds = require('@sap/cds')
const v2 = require('@cap-js-community/odata-v2-adapter')

cds.on('bootstrap', app => {
  const listen = app.listen
  app.listen = (port, ...rest) => listen.call(app, port, '127.0.0.1', ...rest.filter(x => typeof x === 'function'))
  app.use(v2({ path: 'odata/v2' }))
})

module.exports = cds.server
