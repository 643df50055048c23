"""Reads a site of ERPNext by a client that is not ours.

The environment gives URL, KEY and SECRET.
"""

import json
import os

from frappeclient import FrappeClient

url, key, secret = (os.environ[name] for name in ("URL", "KEY", "SECRET"))
site = FrappeClient(url, api_key=key, api_secret=secret)


def everything(doctype, filters=None):
    found = []
    while True:
        page = site.get_list(
            doctype, filters=filters, limit_start=len(found), limit_page_length=2, order_by="name asc"
        )
        if not page:
            return found
        found += page


documents = {
    "customers": everything("Customer"),
    "orders": [site.get_doc("Sales Order", d["name"]) for d in everything("Sales Order")],
    "payments": [
        site.get_doc("Payment Entry", d["name"])
        for d in everything("Payment Entry", [["party_type", "=", "Customer"]])
    ],
}
print(json.dumps(documents))
