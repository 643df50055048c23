"""Reads the contacts of a stand-in with HubSpot's own client, by list, by search and from the archive, and prints them."""
import json
import os

from hubspot import HubSpot
from hubspot.crm.contacts import PublicObjectSearchRequest

client = HubSpot(access_token=os.environ["TOKEN"], host=os.environ["URL"])
show = lambda c: [c.id, c.properties.get("email"), c.updated_at.isoformat(timespec="milliseconds")]
out = {"list": [], "search": [], "archived": []}
for kind in ("list", "archived"):
    after = None
    while True:
        page = client.crm.contacts.basic_api.get_page(limit=2, after=after, properties=["email"] if kind == "list" else [], archived=kind == "archived")
        out[kind] += [show(c) for c in page.results]
        if page.paging is None:
            break
        after = page.paging.next.after
after = None
while True:
    page = client.crm.contacts.search_api.do_search(public_object_search_request=PublicObjectSearchRequest(
        filter_groups=[{"filters": [{"propertyName": "lastmodifieddate", "operator": "GTE", "value": "0"}]}],
        sorts=[{"propertyName": "lastmodifieddate", "direction": "ASCENDING"}], properties=["email"], limit=2, after=after))
    out["search"] += [show(c) for c in page.results]
    if page.paging is None:
        break
    after = page.paging.next.after
print(json.dumps(out))
