"""Reads the shipments and labels of a stand-in with Shippo's own client and prints them."""
import json
import os

import shippo
from shippo.models import operations

client = shippo.Shippo(api_key_header=os.environ["KEY"], shippo_api_version="2018-02-08", server_url=os.environ["URL"])
out = {"shipments": [], "transactions": []}
page = 1
while True:
    listed = client.shipments.list(operations.ListShipmentsRequest(page=page, results=2))
    out["shipments"] += [[s.object_id, s.address_to.email, s.object_created.isoformat()] for s in listed.results]
    if not listed.next:
        break
    page += 1
page = 1
while True:
    listed = client.transactions.list(operations.ListTransactionsRequest(page=page, results=2))
    out["transactions"] += [[t.object_id, t.tracking_number, t.tracking_status.value] for t in listed.results]
    if not listed.next:
        break
    page += 1
print(json.dumps(out))
