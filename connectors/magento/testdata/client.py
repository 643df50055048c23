"""Reads a Magento shop by clients that are not ours, or signs as one of them does.

The environment gives DO (pymagento, oauth or sign), URL, TOKEN, CONSUMER_KEY,
CONSUMER_SECRET and TOKEN_SECRET; METHOD too where DO is sign.
"""

import json
import os
import urllib.parse

do, url, token, key, secret, token_secret = (
    os.environ[name] for name in ("DO", "URL", "TOKEN", "CONSUMER_KEY", "CONSUMER_SECRET", "TOKEN_SECRET")
)


def by_pymagento():
    from magento import Magento

    shop = Magento(token=token, base_url=url, batch_page_size=2)
    return {
        "customers": list(shop.get_customers()),
        "orders": list(shop.get_orders()),
        "invoices": list(shop.get_invoices()),
        "shipments": list(shop.get_shipments()),
    }


def by_oauth():
    from requests_oauthlib import OAuth1Session

    shop = OAuth1Session(
        key,
        client_secret=secret,
        resource_owner_key=token,
        resource_owner_secret=token_secret,
        signature_method="HMAC-SHA256",
    )

    def everything(path):
        found, page = [], 1
        while True:
            query = {"searchCriteria[pageSize]": 2, "searchCriteria[currentPage]": page}
            answer = shop.get(f"{url}/rest/all/V1/{path}", params=query)
            answer.raise_for_status()
            found += answer.json()["items"]
            if len(found) >= answer.json()["total_count"]:
                return found
            page += 1

    return {
        "customers": everything("customers/search"),
        "orders": everything("orders"),
        "invoices": everything("invoices"),
        "shipments": everything("shipments"),
    }


def by_oauthlib():
    from oauthlib.oauth1 import Client

    client = Client(
        key,
        client_secret=secret,
        resource_owner_key=token,
        resource_owner_secret=token_secret,
        signature_method=os.environ["METHOD"],
        timestamp="1772352000",
        nonce="a nonce+/=",
    )
    _, headers, _ = client.sign(url)
    pairs = headers["Authorization"].removeprefix("OAuth ").split(", ")
    return {
        name: urllib.parse.unquote(value.strip('"'))
        for name, _, value in (pair.partition("=") for pair in pairs)
    }


read = {"pymagento": by_pymagento, "oauth": by_oauth, "sign": by_oauthlib}[do]
print(json.dumps(read()))
