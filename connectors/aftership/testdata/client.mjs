// Reads the trackings of a stand-in with AfterShip's own client and prints them.
import { createRequire } from 'node:module'

const { AfterShip } = createRequire(process.env.CRMHUB_TEST_CLIENTS + '/')('@aftership/tracking-sdk')
const client = new AfterShip({ api_key: process.env.KEY, domain: process.env.URL })
const trackings = []
for (let cursor; ;) {
  const { data } = await client.tracking.getTrackings(cursor ? { limit: 2, cursor } : { limit: 2 })
  trackings.push(...data.trackings)
  if (!data.pagination.has_next_page) break
  cursor = data.pagination.next_cursor
}
console.log(JSON.stringify(trackings))
