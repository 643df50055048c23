// Reads the trades of a stand-in with topsdk, a client that others wrote, and prints them.
import { createRequire } from 'node:module'

const TopClient = createRequire(process.env.CRMHUB_TEST_CLIENTS + '/')('topsdk')
const { URL: url, APP_KEY, APP_SECRET, SESSION, START, END } = process.env
const client = new TopClient(APP_KEY, APP_SECRET, url, { useValidators: false })
const trades = []
for (let page_no = 1; ; page_no++) {
  const list = await client.execute('taobao.trades.sold.increment.get', {
    session: SESSION, fields: 'tid,status,modified', start_modified: START, end_modified: END, page_no, page_size: 2 })
  for (const { tid } of list.trades?.trade ?? []) {
    const whole = await client.execute('taobao.trade.fullinfo.get', { session: SESSION, fields: 'tid,status,modified,payment,buyer_open_uid,orders', tid })
    trades.push(whole.trade)
  }
  if (page_no * 2 >= list.total_results) break
}
console.log(JSON.stringify(trades))
process.exit(0) // its agent keeps connections
