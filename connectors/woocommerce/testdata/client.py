"""Reads the orders of a stand-in with WooCommerce's own client and prints them."""
import json
import os
import warnings

warnings.simplefilter("ignore")  # the stand-in's certificate is its own

from woocommerce import API  # noqa: E402

client = API(url=os.environ["URL"], consumer_key=os.environ["KEY"], consumer_secret=os.environ["SECRET"], version="wc/v3", verify_ssl=False)
orders, offset = [], 0
while True:
    answer = client.get("orders", params={"per_page": 2, "offset": offset, "orderby": "modified", "order": "asc", "status": "any", "modified_after": "2000-01-01T00:00:00", "dates_are_gmt": True})
    answer.raise_for_status()
    orders += [[o["id"], o["status"], o["total"], o["date_modified_gmt"]] for o in answer.json()]
    offset += len(answer.json())
    if offset >= int(answer.headers["X-WP-Total"]):
        break
print(json.dumps(orders))
