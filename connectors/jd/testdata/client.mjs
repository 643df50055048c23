// Reads the orders of a stand-in, signing with topsdk's function: a client that others wrote, for the same algorithm.
import { createRequire } from 'node:module'

const util = createRequire(process.env.CRMHUB_TEST_CLIENTS + '/')('topsdk/util')
const { URL: url, APP_KEY, APP_SECRET, ACCESS_TOKEN, START, END } = process.env
const orders = []
for (let page = 1; ; page++) {
  const params = {
    method: 'jingdong.pop.order.search', app_key: APP_KEY, access_token: ACCESS_TOKEN, v: '2.0', timestamp: util.YYYYMMDDHHmmss(),
    '360buy_param_json': JSON.stringify({ start_date: START, end_date: END, order_state: 'FINISHED_L', optional_fields: 'orderId,modified,orderPayment,itemInfoList', page: String(page), page_size: '2', dateType: '0', sortType: '1' }),
  }
  params.sign = util.sign(APP_SECRET, params)
  const answer = await (await fetch(url, { method: 'POST', body: new URLSearchParams(params) })).json()
  const result = answer.jingdong_pop_order_search_responce.searchorderinfo_result
  orders.push(...result.orderInfoList ?? [])
  if (page * 2 >= result.orderTotal) break
}
console.log(JSON.stringify(orders))
