"""Reads the customers and events of a stand-in with Stripe's own client and prints them."""
import json
import os

import stripe

client = stripe.StripeClient(os.environ["KEY"], base_addresses={"api": os.environ["URL"]}, max_network_retries=2)
print(json.dumps({
    "customers": [[c.id, c.name] for c in client.v1.customers.list({"limit": 2}).auto_paging_iter()],
    "changed": sorted({e.data.object.id for e in client.v1.events.list({"limit": 2, "types": ["customer.created", "customer.updated", "customer.deleted"]}).auto_paging_iter()}),
}))
