"""Reads a shop by ShopifyAPI: customers page by page, orders by a bulk operation. client.py URL TOKEN."""

import json
import sys
import time
import urllib.parse
import urllib.request

import shopify

url, token = sys.argv[1:]
address = urllib.parse.urlsplit(url)
# The client puts the shop's name before a domain: 127 and 0.0.1.
shop, _, domain = address.hostname.partition(".")
shopify.Session.setup(protocol=address.scheme, myshopify_domain=domain, port=address.port)
shopify.ShopifyResource.activate_session(shopify.Session(shop, "2026-07", token))


def ask(query, variables=None):
    answer = json.loads(shopify.GraphQL().execute(query, variables))
    assert "errors" not in answer, answer
    return answer["data"]


pages, after = [], None
while True:
    found = ask(
        "query($first: Int!, $after: String) { customers(first: $first, after: $after, sortKey: UPDATED_AT)"
        " { nodes { id updatedAt } pageInfo { hasNextPage endCursor } } }",
        {"first": 2, "after": after},
    )["customers"]
    pages += found["nodes"]
    if not found["pageInfo"]["hasNextPage"]:
        break
    after = found["pageInfo"]["endCursor"]

started = ask(
    "mutation($query: String!) { bulkOperationRunQuery(query: $query, groupObjects: true)"
    " { bulkOperation { id } userErrors { message } } }",
    {"query": "{ orders { edges { node { id updatedAt lineItems { edges { node { id sku } } } } } } }"},
)["bulkOperationRunQuery"]["bulkOperation"]
while True:
    state = ask("query($id: ID!) { node(id: $id) { ... on BulkOperation { id status url } } }", {"id": started["id"]})["node"]
    if state["status"] == "COMPLETED":
        break
    time.sleep(0.05)
bulk, known = [], {}
for line in urllib.request.urlopen(state["url"]).read().decode().splitlines():
    node = json.loads(line)
    if "__parentId" in node:
        known[node["__parentId"]]["lines"].append(node)
    else:
        node["lines"] = []
        known[node["id"]] = node
        bulk.append(node)
print(json.dumps({"pages": pages, "bulk": bulk}))
