// Reads the contacts of a stand-in of Dataverse with DynamicsWebApi: all of
// them, and, after asking for a change, what changed by the delta link.
import { createRequire } from 'node:module'

const { DynamicsWebApi } = createRequire(process.env.CRMHUB_TEST_CLIENTS + '/')('dynamics-web-api')
const client = new DynamicsWebApi({
  serverUrl: process.env.URL,
  dataApi: { version: '9.2' },
  onTokenRefresh: async () => process.env.TOKEN,
})
const read = async (link) => {
  const rows = []
  for (;;) {
    const page = await client.retrieveMultiple({ collection: 'contacts', maxPageSize: 5, trackChanges: true }, link)
    rows.push(...page.value)
    if (!page.oDataNextLink) return { rows, delta: page.oDataDeltaLink }
    link = page.oDataNextLink
  }
}
const all = await read()
await fetch(process.env.CHANGE)
const changed = await read(all.delta)
console.log(JSON.stringify({ all: all.rows, changed: changed.rows }))
